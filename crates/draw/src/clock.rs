//! The time axis: round times of the reader's zone.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use oriel_model::{TimeMs, TimeRange};

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

static STEPS: [i64; 22] = [
    SECOND,
    5 * SECOND,
    10 * SECOND,
    15 * SECOND,
    30 * SECOND,
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    7 * DAY,
    28 * DAY,
    91 * DAY,
    364 * DAY,
];

/// Labels that fit under the plot.
const TICKS_MAX: i64 = 8;

pub(crate) struct Zone {
    zone: TimeZone,
    name: String,
}

/// A label under the plot.
pub(crate) struct TimeTick {
    pub(crate) at_ms: TimeMs,
    pub(crate) text: String,
}

impl Zone {
    pub(crate) fn new(name: &str) -> Self {
        match TimeZone::get(name) {
            Ok(zone) => Self { zone, name: name.to_owned() },
            Err(_) => Self { zone: TimeZone::UTC, name: "UTC".to_owned() },
        }
    }

    fn offset_ms(&self, at: TimeMs) -> i64 {
        Timestamp::from_millisecond(at).map_or(0, |t| i64::from(self.zone.to_offset(t).seconds()) * 1000)
    }

    fn text(&self, at: TimeMs, format: &str) -> String {
        let Ok(timestamp) = Timestamp::from_millisecond(at) else { return String::new() };
        timestamp.to_zoned(self.zone.clone()).strftime(format).to_string()
    }

    /// `Nov 21, 13:05 – 14:05 UTC`.
    pub(crate) fn range(&self, range: TimeRange) -> String {
        let clock = if range.len_ms() < 5 * MINUTE { "%H:%M:%S" } else { "%H:%M" };
        let (day, last) = (self.text(range.start, "%b %-d"), self.text(range.end, "%b %-d"));
        let (from, to) = (self.text(range.start, clock), self.text(range.end, clock));
        let until = if day == last { to } else { format!("{last}, {to}") };
        format!("{day}, {from} – {until} {}", self.name)
    }

    pub(crate) fn ticks(&self, range: TimeRange) -> Vec<TimeTick> {
        let span = range.len_ms();
        let years = 364 * DAY * (span / (364 * DAY * TICKS_MAX) + 1);
        let step = STEPS.iter().copied().find(|s| span / s <= TICKS_MAX).unwrap_or(years);
        let mut ticks = Vec::new();
        // In local time, so that ticks fall on round times of the zone; the offset is looked up at each, for summer time.
        let first = range.start + self.offset_ms(range.start);
        let mut local = first.div_euclid(step) * step;
        while ticks.len() <= 2 * TICKS_MAX as usize {
            let guess = local - self.offset_ms(local - self.offset_ms(range.start));
            local += step;
            if guess < range.start {
                continue;
            }
            if guess >= range.end {
                break;
            }
            ticks.push(TimeTick { at_ms: guess, text: self.label(guess, step) });
        }
        ticks
    }

    fn label(&self, at: TimeMs, step: i64) -> String {
        let clock = self.text(at, "%H:%M:%S");
        if step >= 364 * DAY {
            return self.text(at, "%b %Y");
        }
        if step >= DAY || clock == "00:00:00" {
            return self.text(at, "%b %-d");
        }
        if step < MINUTE { clock } else { clock[..5.min(clock.len())].to_owned() }
    }
}
