//! Times that come again: iCalendar rules in a time zone, for downtimes and for custom schedules of monitors; and the starts of
//! evaluation windows (the hour, the day, the month).
//!
//! The one idea: a rule runs over the wall clock, where days have 24 hours, and each moment that it gives is then put into the
//! zone: a moment that the clocks skip in spring comes an hour later, one that they repeat in autumn comes at its first time.
//! So 03:00 stays 03:00 the year round.

mod schedule;
mod window;

pub use schedule::CustomSchedule;
pub use window::{EvaluationWindow, WindowUnit};

use crate::{Error, Result};
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp};
use oriel_model::{TimeMs, TimeRange};
use rrule::RRuleSet;
use std::str::FromStr;

/// Moments that one question may give; a rule of each hour gives 720 a month.
pub const STARTS_MAX: usize = 2_000;
/// Moments that are passed over before the first wanted one. A rule with `COUNT` runs from its start, others start shortly
/// before what is asked; so this ends only rules whose moments never come.
const PASSED_MAX: usize = 100_000;
/// What `COUNT` may say.
const COUNT_MAX: u32 = 10_000;
const RULE_BYTES_MAX: usize = 1_024;
const DAY_MS: i64 = 86_400_000;

/// A rule with its first moment and its zone.
#[derive(Clone, Debug)]
pub struct Recurrence {
    /// Without `UNTIL`, which `until` holds.
    rule: String,
    start: DateTime,
    zone: TimeZone,
    until_ms: Option<TimeMs>,
    /// After which the rule is where it was, so that runs may start late; none: always from `start`.
    period: Option<Period>,
}

/// See [`Recurrence::period`].
#[derive(Clone, Copy, Debug)]
enum Period {
    Ms(i64),
    Months(i64),
}

impl Recurrence {
    /// `rule` is an `RRULE` (with or without that word), `start` a wall-clock time of the zone (`2026-01-31T22:00`).
    pub fn parse(rule: &str, start: &str, zone: &str) -> Result<Self> {
        let zone = zone_of(zone)?;
        let start = civil(start, &zone)?;
        let rule = rule.trim();
        let rule = rule.strip_prefix("RRULE:").unwrap_or(rule);
        // The library cuts words at bytes, so that it must not see letters of several.
        if rule.len() > RULE_BYTES_MAX || !rule.bytes().all(|b| b.is_ascii_graphic() || b == b' ') {
            return Err(Error::invalid(format!("rrule: one line of at most {RULE_BYTES_MAX} plain letters")));
        }
        let mut kept = Vec::new();
        let mut until_ms = None;
        for part in rule.split(';').filter(|p| !p.is_empty()) {
            match part.split_once('=') {
                Some((key, value)) if key.eq_ignore_ascii_case("UNTIL") => {
                    until_ms = Some(until_of(value, &zone)?);
                }
                Some((key, _))
                    if ["DTSTART", "DTEND", "DURATION"].iter().any(|k| key.eq_ignore_ascii_case(k)) =>
                {
                    return Err(Error::invalid(format!(
                        "rrule: {key} does not belong there; give `start` and `duration`"
                    )));
                }
                _ => kept.push(part.to_uppercase()),
            }
        }
        let period = period_of(&kept, start)?;
        let rule = kept.join(";");
        let recurrence = Self { rule, start, zone, until_ms, period };
        recurrence.set(start)?;
        Ok(recurrence)
    }

    /// Moments in a range, the earliest first; at most [`STARTS_MAX`].
    pub fn starts(&self, range: TimeRange) -> Vec<TimeMs> {
        let from = self.first_after(range.start);
        let Ok(set) = self.set(from) else { return Vec::new() };
        let end = range.end.min(self.until_ms.map_or(TimeMs::MAX, |u| u.saturating_add(1)));
        let mut found: Vec<TimeMs> = Vec::new();
        for wall in set.into_iter().take(PASSED_MAX) {
            let Some(at) = self.moment(wall.timestamp()) else { continue };
            if at >= end {
                break;
            }
            if at >= range.start && found.last() != Some(&at) {
                found.push(at);
            }
            if found.len() >= STARTS_MAX {
                break;
            }
        }
        found
    }

    /// The first moment after `t`, within four years.
    pub fn next_after(&self, t: TimeMs) -> Option<TimeMs> {
        // Most rules come within days; leap days within four years.
        for days in [1, 8, 32, 367, 4 * 366] {
            let range = TimeRange::new(t + 1, t.saturating_add(days * DAY_MS));
            if let Some(first) = self.starts(range).first() {
                return Some(*first);
            }
        }
        None
    }

    /// Where a run may start so that nothing in or after `t` is missed: whole periods after the rule's start.
    fn first_after(&self, t: TimeMs) -> DateTime {
        let Some(period) = self.period else { return self.start };
        let Ok(start) = self.start.to_zoned(TimeZone::UTC).map(|z| z.timestamp().as_millisecond()) else {
            return self.start;
        };
        // Two days: zones are at most a day apart, and an hour is skipped or repeated.
        let gone_ms = t.saturating_sub(2 * DAY_MS).saturating_sub(start).max(0);
        match period {
            Period::Ms(period) => {
                let whole = gone_ms.div_euclid(period);
                self.start.checked_add(SignedDuration::from_millis(whole * period)).unwrap_or(self.start)
            }
            // By the longest months, so that none is passed over; one period early, for rules of days before the start's.
            Period::Months(period) => {
                let whole = (gone_ms / (31 * DAY_MS)).div_euclid(period).saturating_sub(1).max(0);
                self.months_later(whole * period).unwrap_or(self.start)
            }
        }
    }

    fn months_later(&self, months: i64) -> Option<DateTime> {
        let span = jiff::Span::new().try_months(months).ok()?;
        self.start.checked_add(span).ok()
    }

    fn set(&self, start: DateTime) -> Result<RRuleSet> {
        let text = format!("DTSTART:{}Z\nRRULE:{}", start.strftime("%Y%m%dT%H%M%S"), self.rule);
        let set =
            RRuleSet::from_str(&text).map_err(|e| Error::invalid(format!("rrule {:?}: {e}", self.rule)))?;
        Ok(set.limit())
    }

    /// The moment of a wall-clock time, given as if the wall clock were UTC.
    fn moment(&self, wall_s: i64) -> Option<TimeMs> {
        let wall = TimeZone::UTC.to_datetime(Timestamp::from_second(wall_s).ok()?);
        moment(wall, &self.zone)
    }
}

/// A zone by its name of the IANA database.
pub fn zone_of(name: &str) -> Result<TimeZone> {
    let name = if name.is_empty() { "UTC" } else { name };
    TimeZone::get(name)
        .map_err(|_| Error::invalid(format!("timezone {name:?} is not in the time zone database")))
}

/// A wall-clock time in a zone. What the clocks skip comes later by as much; what they repeat, at its first time.
pub(crate) fn moment(wall: DateTime, zone: &TimeZone) -> Option<TimeMs> {
    let ambiguous = zone.to_ambiguous_timestamp(wall);
    let offset = match ambiguous.offset() {
        AmbiguousOffset::Unambiguous { offset } => offset,
        AmbiguousOffset::Gap { before, .. } | AmbiguousOffset::Fold { before, .. } => before,
    };
    offset.to_timestamp(wall).ok().map(|t| t.as_millisecond())
}

/// A wall-clock time as written; one with an offset is put onto the zone's clock.
fn civil(text: &str, zone: &TimeZone) -> Result<DateTime> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(zone.to_datetime(at));
    }
    text.parse::<DateTime>()
        .map_err(|_| Error::invalid(format!("start {text:?}: give it as 2026-01-31T22:00")))
}

/// `20261231T235959Z`, `20261231T235959` of the zone, or `20261231`, the end of that day.
fn until_of(text: &str, zone: &TimeZone) -> Result<TimeMs> {
    let wrong = || Error::invalid(format!("rrule: UNTIL={text} is not a time like 20261231T235959Z"));
    let plain = text.strip_suffix('Z');
    let wall = match jiff::civil::Date::strptime("%Y%m%d", plain.unwrap_or(text)) {
        Ok(day) => day.at(23, 59, 59, 0),
        Err(_) => DateTime::strptime("%Y%m%dT%H%M%S", plain.unwrap_or(text)).map_err(|_| wrong())?,
    };
    let zone = if plain.is_some() { &TimeZone::UTC } else { zone };
    moment(wall, zone).ok_or_else(wrong)
}

/// How long a rule without `COUNT` takes to be where it was; checks frequency and count. Months and years are where they were
/// when they have the start's day; weeks of a year depend on its weekday.
fn period_of(parts: &[String], start: DateTime) -> Result<Option<Period>> {
    let value = |key: &str| parts.iter().find_map(|p| p.strip_prefix(key)?.strip_prefix('='));
    let of_months = |n: i64| (start.day() <= 28 && value("BYWEEKNO").is_none()).then_some(Period::Months(n));
    let interval: i64 = value("INTERVAL")
        .map_or(Some(1), |v| v.parse().ok())
        .filter(|n| (1..=1_000).contains(n))
        .ok_or_else(|| Error::invalid("rrule: INTERVAL is a number from 1 to 1,000"))?;
    if let Some(count) = value("COUNT") {
        if !count.parse::<u32>().is_ok_and(|n| (1..=COUNT_MAX).contains(&n)) {
            return Err(Error::invalid(format!("rrule: COUNT is a number from 1 to {COUNT_MAX}")));
        }
        return Ok(None);
    }
    match value("FREQ") {
        Some("HOURLY") => Ok(Some(Period::Ms(interval * 3_600_000))),
        Some("DAILY") => Ok(Some(Period::Ms(interval * DAY_MS))),
        Some("WEEKLY") => Ok(Some(Period::Ms(interval * 7 * DAY_MS))),
        Some("MONTHLY") => Ok(of_months(interval)),
        Some("YEARLY") => Ok(of_months(12 * interval)),
        Some(other) => Err(Error::invalid(format!(
            "rrule: FREQ={other} is not supported; use HOURLY, DAILY, WEEKLY, MONTHLY or YEARLY"
        ))),
        None => Err(Error::invalid("rrule: FREQ is missing, as in FREQ=DAILY;INTERVAL=1")),
    }
}

#[cfg(test)]
mod tests;
