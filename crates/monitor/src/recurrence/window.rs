//! `scheduling_options.evaluation_window`: windows that grow from the start of the hour, the day or the month.

use super::{moment, zone_of};
use crate::{Error, Result};
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use oriel_model::TimeMs;
use serde_json::Value;

/// `current_1h`, `current_1d`, `current_1mo`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WindowUnit {
    Hour,
    Day,
    Month,
}

/// Where windows start.
#[derive(Clone, Debug, PartialEq)]
pub struct EvaluationWindow {
    /// Minute of the hour.
    hour_starts: i8,
    day_starts: Time,
    /// Day of the month, 1 to 28.
    month_starts: i8,
    zone: TimeZone,
}

impl Default for EvaluationWindow {
    fn default() -> Self {
        Self { hour_starts: 0, day_starts: Time::midnight(), month_starts: 1, zone: TimeZone::UTC }
    }
}

impl EvaluationWindow {
    /// Of a monitor's `options.scheduling_options`; what is absent is the plain hour, midnight, the first, in UTC.
    pub fn read(options: &Value) -> Result<Self> {
        let given = &options["evaluation_window"];
        let wrong =
            |field: &str, wanted: &str| Error::invalid(format!("evaluation_window.{field}: {wanted}"));
        let number = |field: &str, range: std::ops::RangeInclusive<i64>, otherwise: i8| match &given[field] {
            Value::Null => Ok(otherwise),
            value => {
                value.as_i64().filter(|n| range.contains(n)).and_then(|n| i8::try_from(n).ok()).ok_or_else(
                    || wrong(field, &format!("a whole number from {} to {}", range.start(), range.end())),
                )
            }
        };
        let day_starts = match &given["day_starts"] {
            Value::Null => Time::midnight(),
            value => value
                .as_str()
                .and_then(|text| Time::strptime("%H:%M", text).ok())
                .ok_or_else(|| wrong("day_starts", "a time like 04:00"))?,
        };
        Ok(Self {
            hour_starts: number("hour_starts", 0..=59, 0)?,
            day_starts,
            month_starts: number("month_starts", 1..=28, 1)?,
            zone: zone_of(given["timezone"].as_str().unwrap_or("UTC"))?,
        })
    }

    /// The start of the window that holds `at_ms`.
    pub fn start(&self, unit: WindowUnit, at_ms: TimeMs) -> TimeMs {
        match unit {
            WindowUnit::Hour => {
                // Zones are whole quarters of an hour apart; the minute is that of UTC, as the field says no zone.
                let shift = i64::from(self.hour_starts) * 60_000;
                (at_ms - shift).div_euclid(3_600_000) * 3_600_000 + shift
            }
            WindowUnit::Day => self.latest(at_ms, |today| {
                [today, today.yesterday().unwrap_or(today)].map(|day| day.to_datetime(self.day_starts))
            }),
            WindowUnit::Month => self.latest(at_ms, |today| {
                let this = today.first_of_month();
                let before = this.yesterday().unwrap_or(this).first_of_month();
                [this, before].map(|month| self.of_month(month).to_datetime(self.day_starts))
            }),
        }
    }

    fn of_month(&self, first: Date) -> Date {
        first.with().day(self.month_starts).build().unwrap_or(first)
    }

    /// The later of two candidates that is not after `at_ms`.
    fn latest(&self, at_ms: TimeMs, candidates: impl Fn(Date) -> [jiff::civil::DateTime; 2]) -> TimeMs {
        let Ok(now) = Timestamp::from_millisecond(at_ms) else { return at_ms };
        let today = self.zone.to_datetime(now).date();
        let starts = candidates(today).into_iter().filter_map(|wall| moment(wall, &self.zone));
        starts.filter(|start| *start <= at_ms).max().unwrap_or(at_ms)
    }
}
