//! What container runtimes wrap lines into: Docker's JSON, and the lines of the container runtime interface.

use super::gather::Piece;
use super::lines::Line;
use serde::Deserialize;

/// How the lines of a file are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Envelope {
    #[default]
    None,
    DockerJson,
    Cri,
}

#[derive(Deserialize)]
struct DockerLine {
    log: String,
    #[serde(default)]
    stream: String,
    #[serde(default)]
    time: String,
}

impl Envelope {
    /// A line that is not as it should be is kept as it is.
    pub(crate) fn open(self, line: Line) -> Piece {
        let opened = match self {
            Self::None => None,
            Self::DockerJson => docker(&line),
            Self::Cri => cri(&line),
        };
        opened.unwrap_or(Piece {
            text: line.text,
            end: line.end,
            time_ns: None,
            status: None,
            goes_on: false,
        })
    }
}

fn docker(line: &Line) -> Option<Piece> {
    let parsed: DockerLine = serde_json::from_str(&line.text).ok()?;
    // A text over 16 KiB comes in parts, of which the last has the line's end.
    let (text, goes_on) = match parsed.log.strip_suffix('\n') {
        Some(text) => (text.strip_suffix('\r').unwrap_or(text).to_owned(), false),
        None => (parsed.log, true),
    };
    Some(Piece {
        text,
        end: line.end,
        time_ns: time_ns(&parsed.time),
        status: status(&parsed.stream),
        goes_on,
    })
}

/// `2024-06-05T13:02:11.123456789Z stdout F text`.
fn cri(line: &Line) -> Option<Piece> {
    let mut parts = line.text.splitn(4, ' ');
    let (time, stream, mark) = (parts.next()?, parts.next()?, parts.next()?);
    if !matches!(stream, "stdout" | "stderr") {
        return None;
    }
    let goes_on = mark.split(':').any(|m| m == "P");
    let text = parts.next().unwrap_or_default().to_owned();
    Some(Piece { text, end: line.end, time_ns: time_ns(time), status: status(stream), goes_on })
}

fn status(stream: &str) -> Option<&'static str> {
    match stream {
        "stderr" => Some("error"),
        "stdout" => Some("info"),
        _ => None,
    }
}

/// RFC 3339 with up to nine digits of a fraction.
fn time_ns(text: &str) -> Option<i64> {
    let (date, clock) = text.split_once('T')?;
    let mut ymd = date.split('-').map(|n| n.parse::<i64>().ok());
    let (year, month, day) = (ymd.next()??, ymd.next()??, ymd.next()??);
    let zone_at = clock.find(['Z', '+', '-'])?;
    let (clock, zone) = clock.split_at(zone_at);
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let mut hms = clock.split(':').map(|n| n.parse::<i64>().ok());
    let (hour, minute, second) = (hms.next()??, hms.next()??, hms.next()??);
    let nanoseconds = format!("{fraction:0<9}").get(..9)?.parse::<i64>().ok()?;
    let seconds = days(year, month, day)? * 86_400 + hour * 3600 + minute * 60 + second - zone_s(zone)?;
    seconds.checked_mul(1_000_000_000)?.checked_add(nanoseconds)
}

fn zone_s(zone: &str) -> Option<i64> {
    if zone == "Z" {
        return Some(0);
    }
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let seconds = hours.parse::<i64>().ok()? * 3600 + minutes.parse::<i64>().ok()? * 60;
    Some(if zone.starts_with('-') { -seconds } else { seconds })
}

/// Days since the epoch, by the civil calendar: years begin in March, so that the leap day is their last.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(1970..2262).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year / 400, year % 400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}

#[cfg(test)]
mod tests;
