//! Dates as logs bear them: ISO 8601, Unix time, RFC 3164.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use oriel_model::Value;

/// A date in nanoseconds. `near_ns` is a moment close to it, for dates without a year.
pub fn parse_date(value: &Value, near_ns: i64) -> Option<i64> {
    match value {
        Value::Int(_) | Value::Uint(_) | Value::Float(_) => unix(value.number()?, value),
        Value::Text(text) => {
            let text = text.trim();
            if text.len() > 64 {
                return None;
            }
            iso(text).or_else(|| unix(text.parse().ok()?, value)).or_else(|| syslog(text, near_ns))
        }
        Value::Null | Value::Bool(_) | Value::List(_) => None,
    }
}

/// Seconds, milliseconds, microseconds or nanoseconds, told apart by their size: each range lies within 1973 to 5138.
fn unix(x: f64, value: &Value) -> Option<i64> {
    let unit = match x.abs() {
        a if a < 1e8 => return None,
        a if a < 1e11 => 1e9,
        a if a < 1e14 => 1e6,
        a if a < 1e17 => 1e3,
        _ => 1.0,
    };
    // Integers stay exact: 2^53 ns are four months.
    if let (Value::Int(n), true) = (value, unit <= 1e6) {
        return n.checked_mul(unit as i64);
    }
    let ns = x * unit;
    (ns.abs() < 9.2e18).then_some(ns as i64)
}

fn iso(text: &str) -> Option<i64> {
    if !text.starts_with(|c: char| c.is_ascii_digit()) || !text.contains('-') {
        return None;
    }
    // Some loggers write a comma before the fraction.
    let text = text.replacen(',', ".", 1);
    if let Ok(timestamp) = text.parse::<Timestamp>() {
        return nanoseconds(timestamp);
    }
    // Without a zone it is UTC, as the product people know takes it.
    let civil: DateTime = text.parse().ok()?;
    nanoseconds(civil.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

/// `Jun 5 13:02:11`, the year being the one that brings it closest before `near_ns`.
fn syslog(text: &str, near_ns: i64) -> Option<i64> {
    let mut parts = text.split_ascii_whitespace();
    let (month, day, clock) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let month = month_of(month)?;
    let day: i8 = day.parse().ok()?;
    let mut numbers = clock.splitn(3, ':').map(|n| n.parse::<i8>().ok());
    let time = Time::new(numbers.next()??, numbers.next()??, numbers.next()??, 0).ok()?;
    near_year(month, day, time, near_ns)
}

/// The civil time in UTC in the year that makes it at most a day later than `near_ns`.
pub(crate) fn near_year(month: i8, day: i8, time: Time, near_ns: i64) -> Option<i64> {
    const DAY_NS: i64 = 86_400_000_000_000;
    let near = Timestamp::from_nanosecond(i128::from(near_ns)).ok()?.to_zoned(TimeZone::UTC);
    let at = |year: i16| {
        let date = Date::new(year, month, day).ok()?;
        nanoseconds(DateTime::from_parts(date, time).to_zoned(TimeZone::UTC).ok()?.timestamp())
    };
    let soon = near_ns.saturating_add(DAY_NS);
    [near.year() + 1, near.year(), near.year() - 1].into_iter().filter_map(at).find(|&ns| ns <= soon)
}

/// A month by its English name or the first three letters of it.
pub(crate) fn month_of(name: &str) -> Option<i8> {
    const NAMES: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let lower = name.trim_end_matches('.').to_ascii_lowercase();
    if lower.len() < 3 {
        return None;
    }
    let at = NAMES.iter().position(|n| n.starts_with(&lower) || (lower == "sept" && *n == "september"))?;
    i8::try_from(at + 1).ok()
}

pub(crate) fn nanoseconds(timestamp: Timestamp) -> Option<i64> {
    i64::try_from(timestamp.as_nanosecond()).ok()
}
