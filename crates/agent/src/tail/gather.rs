//! Lines to logs: each line by itself, or the lines that follow a log's first line with it.
//!
//! A log that may go on is held back until its next one begins or nothing has come for a second.

use super::lines::LINE_BYTES_MAX;
use regex::Regex;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

/// A log's lines come in one go; a second without any means that it is whole.
const IDLE_MAX: Duration = Duration::from_secs(1);
/// Lines looked at to find out whether they begin with times.
const SAMPLE_LINES: usize = 500;
const SAMPLE_MAX: Duration = Duration::from_secs(30);
/// The part of the sample that must begin with a time, as the Datadog agent has it.
const SAMPLE_PART: f64 = 0.48;

/// How logs commonly begin: ISO dates, syslog's, Java's, Apache's, Go's, and levels before any of them.
static TIMESTAMP: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let times = [
        r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}[ T]\d{1,2}:\d{2}(?::\d{2})?",
        r"\d{1,2}[-/ ](?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*[-/ ]\d{4}[: ]\d{1,2}:\d{2}:\d{2}",
        r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)?,? ?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* +\d{1,2},?(?: \d{4})? +\d{1,2}:\d{2}:\d{2}",
        r"\d{1,2}/\d{1,2}/\d{2,4}[ T]\d{1,2}:\d{2}:\d{2}",
        r"\d{2}:\d{2}:\d{2}[.,]\d{3}",
    ];
    Regex::new(&format!(r"^\W{{0,3}}(?:[A-Z]+\W{{1,3}})?(?:{})", times.join("|"))).ok()
});

/// A line on its way to become a log, or part of one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Piece {
    pub(crate) text: String,
    /// Where the next piece begins.
    pub(crate) end: u64,
    /// What the line's envelope says of time and severity.
    pub(crate) time_ns: Option<i64>,
    pub(crate) status: Option<&'static str>,
    /// The next line goes on with this one's text.
    pub(crate) goes_on: bool,
}

pub(crate) struct Gather {
    begins: Begins,
    held: Option<Held>,
}

enum Begins {
    /// Every line is a log.
    Each,
    At(Regex),
    /// Not decided yet.
    Sampling {
        lines: usize,
        matching: usize,
        since: Instant,
    },
}

struct Held {
    piece: Piece,
    since: Instant,
}

impl Gather {
    pub(crate) fn new(begin: Option<Regex>, auto: bool, now: Instant) -> Self {
        let begins = match begin {
            Some(regex) => Begins::At(regex),
            None if auto => Begins::Sampling { lines: 0, matching: 0, since: now },
            None => Begins::Each,
        };
        Self { begins, held: None }
    }

    /// Takes a line; gives the logs that are whole by now.
    pub(crate) fn take(&mut self, piece: Piece, now: Instant, out: &mut Vec<Piece>) {
        self.sample(&piece.text, now);
        let begins = match &self.begins {
            Begins::At(regex) => regex.is_match(&piece.text),
            Begins::Each | Begins::Sampling { .. } => true,
        };
        match self.held.take() {
            Some(held) if held.piece.goes_on => self.join(held.piece, piece, "", (now, out)),
            Some(held) if !begins => self.join(held.piece, piece, "\n", (now, out)),
            held => {
                out.extend(held.map(|h| h.piece));
                self.hold(piece, now, out);
            }
        }
    }

    /// The log that is held back, once it is whole; at once when nothing more can come.
    pub(crate) fn flush(&mut self, now: Instant, is_last: bool, out: &mut Vec<Piece>) {
        let is_due = |h: &Held| is_last || now.duration_since(h.since) >= IDLE_MAX;
        if self.held.as_ref().is_some_and(is_due) {
            out.extend(self.held.take().map(|h| h.piece));
        }
    }

    fn join(&mut self, mut first: Piece, next: Piece, between: &str, (now, out): (Instant, &mut Vec<Piece>)) {
        if first.text.len() + between.len() + next.text.len() > LINE_BYTES_MAX {
            out.push(first);
            self.hold(next, now, out);
            return;
        }
        first.text.push_str(between);
        first.text.push_str(&next.text);
        (first.end, first.goes_on) = (next.end, next.goes_on);
        self.hold(first, now, out);
    }

    fn hold(&mut self, piece: Piece, now: Instant, out: &mut Vec<Piece>) {
        let may_go_on = piece.goes_on || matches!(self.begins, Begins::At(_));
        if may_go_on {
            self.held = Some(Held { piece, since: now });
        } else {
            out.push(piece);
        }
    }

    fn sample(&mut self, text: &str, now: Instant) {
        let Begins::Sampling { lines, matching, since } = &mut self.begins else { return };
        let Some(timestamp) = TIMESTAMP.as_ref() else { return };
        *lines += 1;
        *matching += usize::from(timestamp.is_match(text));
        if *lines < SAMPLE_LINES && now.duration_since(*since) < SAMPLE_MAX {
            return;
        }
        let is_stamped = *matching as f64 >= *lines as f64 * SAMPLE_PART;
        self.begins = if is_stamped { Begins::At(timestamp.clone()) } else { Begins::Each };
    }
}
