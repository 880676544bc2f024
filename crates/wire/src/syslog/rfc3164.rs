//! RFC 3164 and what passes for it: `Nov 20 18:23:10 host app[42]: message`, with parts missing or in other orders. A time
//! without a year is the one nearest to now; one without a zone is the listener's, unless that would be ahead of now.

use super::Received;
use super::header::Header;
use crate::logs::iso;
use jiff::civil::{Date, DateTime, Time};

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const SECOND_NS: i64 = 1_000_000_000;
/// Clocks differ by this much without being in another zone.
const AHEAD_NS: i64 = 300 * SECOND_NS;
/// Zones lie on quarters of an hour, at most 14 h from UTC and so at most 26 h from each other.
const ZONE_STEP_NS: i64 = 900 * SECOND_NS;
const ZONES_NS: i64 = 26 * 3600 * SECOND_NS;
/// RFC 3164 allows 32; container names are longer.
const APP_BYTES_MAX: usize = 128;
/// Words before a colon that are no program.
const LEVELS: [&str; 13] = [
    "emergency",
    "alert",
    "critical",
    "crit",
    "fatal",
    "error",
    "err",
    "warning",
    "warn",
    "notice",
    "info",
    "debug",
    "exception",
];

/// The header behind the priority.
pub(super) fn header<'a>(text: &'a str, received: &Received<'_>) -> Header<'a> {
    let mut header = Header { message: text, ..Header::default() };
    let rest = without_sequence(text.trim_start());
    match time(rest, received) {
        Some((time_ns, used)) => {
            header.time_ns = Some(time_ns);
            let rest = rest[used..].trim_start_matches([':', ' ']);
            host_and_app(rest, &mut header);
        }
        None => {
            if let Some((app, process, rest)) = app(rest, false) {
                (header.app, header.process, header.message) = (app, process, rest);
                // A formatter that writes a whole header of its own, behind the one of its library.
                if let Some((time_ns, used)) = time(rest, received) {
                    header.time_ns = Some(time_ns);
                    host_and_app(rest[used..].trim_start(), &mut header);
                }
            }
        }
    }
    header
}

/// Cisco counts messages, and marks clocks that are not set: `29: *Nov 20 …`.
fn without_sequence(text: &str) -> &str {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let behind = match text[digits..].strip_prefix(": ") {
        Some(behind) if digits > 0 => behind,
        _ => text,
    };
    match behind.strip_prefix(['*', '.']) {
        Some(marked) if marked.starts_with(|c: char| c.is_ascii_alphabetic()) => marked,
        _ => behind,
    }
}

fn host_and_app<'a>(text: &'a str, header: &mut Header<'a>) {
    header.message = text;
    // A program may stand where the host should.
    if let Some((name, process, rest)) = app(text, true) {
        (header.app, header.process, header.message) = (name, process, rest);
        return;
    }
    let Some((host, rest)) = text.split_once(' ') else { return };
    if !host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b':')) {
        return;
    }
    header.host = host.trim_end_matches(':');
    header.message = rest.trim_start();
    if let Some((name, process, rest)) = app(header.message, true) {
        (header.app, header.process, header.message) = (name, process, rest);
    }
}

/// `app[42]: `, `app: ` or, behind a time, `app[42] `. Without a time a word and a colon may be anything's start, so that
/// levels are none.
fn app(text: &str, behind_time: bool) -> Option<(&str, &str, &str)> {
    let plain =
        |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'/' | b'@' | b'%' | b'+');
    let end = text.bytes().take_while(plain).count();
    let (name, rest) = text.split_at(end);
    if name.is_empty() || name.len() > APP_BYTES_MAX {
        return None;
    }
    let (process, rest) = match rest.strip_prefix('[').and_then(|r| r.split_once(']')) {
        Some((process, behind)) if process.len() <= 32 => (process, behind),
        _ => ("", rest),
    };
    let behind = match rest.strip_prefix(':') {
        Some(behind) if behind.is_empty() || behind.starts_with([' ', '\t', '\n']) => behind,
        None if behind_time && !process.is_empty() && rest.starts_with(' ') => rest,
        _ => return None,
    };
    let is_level = LEVELS.iter().any(|level| level.eq_ignore_ascii_case(name));
    if process.is_empty() && !behind_time && (is_level || name.bytes().all(|b| b.is_ascii_digit())) {
        return None;
    }
    Some((name, process, behind.strip_prefix(' ').unwrap_or(behind)))
}

/// A time at the start of a text, in UTC, and how many bytes it took.
pub(crate) fn time_of_3164(text: &str, now_ns: i64) -> Option<(i64, usize)> {
    time(text, &Received { now_ns, host: "", offset_s: 0 })
}

fn time(text: &str, received: &Received<'_>) -> Option<(i64, usize)> {
    let bytes = text.as_bytes();
    if bytes.len() > 18 && bytes[4] == b'-' && bytes[0].is_ascii_digit() {
        let len = text.find(' ').unwrap_or(text.len());
        return Some((iso(&bytes[..len])?, len));
    }
    let mut words = Words { text, at: 0 };
    let month = MONTHS.iter().position(|m| m.eq_ignore_ascii_case(words.peek()))? + 1;
    words.next();
    let day: i8 = words.next().parse().ok()?;
    let mut year = year_of(words.peek());
    if year.is_some() {
        words.next();
    }
    let time = clock(words.next())?;
    let mut end = words.at;
    if year.is_none()
        && let Some(behind) = year_of(words.peek())
    {
        words.next();
        (year, end) = (Some(behind), words.at);
    }
    let zone = offset_of(words.peek());
    if zone.is_some() {
        words.next();
        end = words.at;
    }
    let month = i8::try_from(month).ok()?;
    let local = |year: i16| {
        let at = DateTime::from_parts(Date::new(year, month, day).ok()?, time);
        let utc = jiff::tz::Offset::UTC.to_timestamp(at).ok()?;
        i64::try_from(utc.as_nanosecond()).ok()
    };
    let offset_ns = i64::from(zone.unwrap_or(received.offset_s)) * SECOND_NS;
    let time_ns = match year {
        Some(year) => local(year)?.checked_sub(offset_ns)?,
        None => nearest(received.now_ns, |year| local(year)?.checked_sub(offset_ns))?,
    };
    let time_ns = if zone.is_none() { not_ahead(time_ns, received.now_ns) } else { time_ns };
    Some((time_ns, end))
}

/// The year that puts a time nearest to now.
fn nearest(now_ns: i64, of_year: impl Fn(i16) -> Option<i64>) -> Option<i64> {
    let now = jiff::Timestamp::from_nanosecond(i128::from(now_ns)).ok()?;
    let year = jiff::tz::Offset::UTC.to_datetime(now).year();
    [year - 1, year, year + 1].into_iter().filter_map(of_year).min_by_key(|t| t.abs_diff(now_ns))
}

/// What is ahead of now by less than zones differ was written in a zone further east.
fn not_ahead(time_ns: i64, now_ns: i64) -> i64 {
    let ahead = time_ns.saturating_sub(now_ns);
    if ahead <= AHEAD_NS || ahead > ZONES_NS {
        return time_ns;
    }
    let steps = (ahead - AHEAD_NS + ZONE_STEP_NS - 1) / ZONE_STEP_NS;
    time_ns - steps * ZONE_STEP_NS
}

fn year_of(word: &str) -> Option<i16> {
    let year = word.parse().ok()?;
    (word.len() == 4 && (1970..=2200).contains(&year)).then_some(year)
}

/// `18:23:10`, with a fraction or without; a colon behind it is Cisco's.
fn clock(word: &str) -> Option<Time> {
    let word = word.trim_end_matches(':');
    let (clock, fraction) = word.split_once(['.', ',']).unwrap_or((word, ""));
    let mut parts = clock.split(':').map(|p| p.parse::<i8>().ok());
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next()??);
    if parts.next().is_some() || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let digits = &fraction[..fraction.len().min(9)];
    let nanos = digits.parse::<i32>().unwrap_or(0) * 10_i32.pow(9 - digits.len() as u32);
    // A leap second is the last one's end.
    Time::new(hour, minute, second.min(59), if digits.is_empty() { 0 } else { nanos }).ok()
}

/// Seconds east of UTC, of the zones that say it themselves.
fn offset_of(word: &str) -> Option<i32> {
    let word = word.trim_end_matches(':');
    if matches!(word, "UTC" | "GMT" | "Z") {
        return Some(0);
    }
    let (sign, digits) = match word.split_at_checked(1)? {
        ("+", rest) => (1, rest.replace(':', "")),
        ("-", rest) => (-1, rest.replace(':', "")),
        _ => return None,
    };
    if digits.len() != 4 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let number: i32 = digits.parse().ok()?;
    Some(sign * (number / 100 * 3600 + number % 100 * 60))
}

/// Words between spaces.
struct Words<'a> {
    text: &'a str,
    /// Where what has been taken ends.
    at: usize,
}

impl<'a> Words<'a> {
    fn peek(&self) -> &'a str {
        self.text[self.at..].trim_start_matches(' ').split(' ').next().unwrap_or("")
    }

    fn next(&mut self) -> &'a str {
        let rest = &self.text[self.at..];
        let spaces = rest.len() - rest.trim_start_matches(' ').len();
        let word = self.peek();
        self.at += spaces + word.len();
        word
    }
}
