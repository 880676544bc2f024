//! A log's time as senders write it: ISO 8601 in its variants, seconds to nanoseconds since the epoch, and syslog's.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};

/// Nanoseconds from a number whose unit is told by its size: seconds, ms, µs or ns since the epoch.
pub(crate) fn time_of_number(n: i64) -> Option<i64> {
    match n.unsigned_abs() {
        // A small number is a duration or a counter: 10^8 s are in 1973.
        ..100_000_000 => None,
        // Seconds until the year 5138, ms until then, and so on.
        100_000_000..=99_999_999_999 => n.checked_mul(1_000_000_000),
        100_000_000_000..=99_999_999_999_999 => n.checked_mul(1_000_000),
        100_000_000_000_000..=99_999_999_999_999_999 => n.checked_mul(1_000),
        _ => Some(n),
    }
}

/// The same for a number with a fraction.
pub(crate) fn time_of_float(x: f64) -> Option<i64> {
    let scale = match x.abs() {
        a if a < 1e8 => return None,
        a if a < 1e11 => 1e9,
        a if a < 1e14 => 1e6,
        a if a < 1e17 => 1e3,
        _ => 1.0,
    };
    // A float of seconds is exact to about 200 ns these years; microseconds are what its writer meant.
    let ns = if scale == 1e9 { (x * 1e6).round() * 1e3 } else { (x * scale).round() };
    (ns.is_finite() && ns.abs() < 9.2e18).then_some(ns as i64)
}

/// Nanoseconds from a text. A date without a zone is UTC.
pub(crate) fn time_of_text(text: &str, now_ns: i64) -> Option<i64> {
    let text = text.trim();
    let bytes = text.as_bytes();
    if bytes.len() > 10 && bytes[4] == b'-' && bytes[7] == b'-' {
        return iso(bytes);
    }
    if bytes.first().is_some_and(u8::is_ascii_alphabetic) {
        return crate::syslog::time_of_3164(text, now_ns).map(|(ns, _)| ns).or_else(|| rfc2822(text));
    }
    match text.parse::<i64>() {
        Ok(n) => time_of_number(n),
        Err(_) => fast_float2::parse(text).ok().and_then(time_of_float),
    }
}

fn rfc2822(text: &str) -> Option<i64> {
    let parsed = jiff::fmt::rfc2822::parse(text).ok()?;
    i64::try_from(parsed.timestamp().as_nanosecond()).ok()
}

/// `YYYY-MM-DD`, `T` or a space, `HH:MM[:SS[.,fraction]]`, a zone or none.
pub(crate) fn iso(text: &[u8]) -> Option<i64> {
    let date = Date::new(
        i16::try_from(digits(text.get(..4)?)?).ok()?,
        i8::try_from(digits(text.get(5..7)?)?).ok()?,
        i8::try_from(digits(text.get(8..10)?)?).ok()?,
    )
    .ok()?;
    if !matches!(text.get(10)?, b'T' | b't' | b' ') || text.get(13)? != &b':' {
        return None;
    }
    let (hour, minute) = (digits(text.get(11..13)?)?, digits(text.get(14..16)?)?);
    let mut rest = &text[16..];
    let mut second = 0;
    if let Some(with_seconds) = rest.strip_prefix(b":") {
        second = digits(with_seconds.get(..2)?)?;
        rest = &with_seconds[2..];
    }
    let (nanos, rest) = fraction(rest)?;
    let offset_s = zone(rest)?;
    // A leap second is the last one's end.
    let time = Time::new(i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, second.min(59) as i8, nanos);
    let at = DateTime::from_parts(date, time.ok()?);
    let utc: Timestamp = jiff::tz::Offset::UTC.to_timestamp(at).ok()?;
    i64::try_from(utc.as_nanosecond()).ok()?.checked_sub(offset_s * 1_000_000_000)
}

fn digits(text: &[u8]) -> Option<i64> {
    text.iter().try_fold(0, |n, b| b.is_ascii_digit().then(|| n * 10 + i64::from(b - b'0')))
}

/// Nanoseconds of `.123456`, and what stands behind. Digits past the ninth go.
fn fraction(text: &[u8]) -> Option<(i32, &[u8])> {
    let Some(rest) = text.strip_prefix(b".").or_else(|| text.strip_prefix(b",")) else {
        return Some((0, text));
    };
    let len = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    if len == 0 {
        return None;
    }
    let kept = len.min(9);
    let nanos = digits(&rest[..kept])? * 10_i64.pow(9 - kept as u32);
    Some((i32::try_from(nanos).ok()?, &rest[len..]))
}

/// Seconds east of UTC.
fn zone(text: &[u8]) -> Option<i64> {
    let text = text.trim_ascii();
    let (sign, rest) = match text.split_first() {
        None => return Some(0),
        Some((b'Z' | b'z', [])) => return Some(0),
        Some((b'+', rest)) => (1, rest),
        Some((b'-', rest)) => (-1, rest),
        Some(_) => return matches!(text, b"UTC" | b"GMT" | b"utc" | b"gmt").then_some(0),
    };
    let minutes = match rest {
        [h1, h2] => digits(&[*h1, *h2])? * 60,
        [h1, h2, b':', m1, m2] | [h1, h2, m1, m2] => digits(&[*h1, *h2])? * 60 + digits(&[*m1, *m2])?,
        _ => return None,
    };
    Some(sign * minutes * 60)
}
