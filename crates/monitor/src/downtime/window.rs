//! When a downtime is under way: once, from a moment to another or for good; or again and again by recurrences.

use crate::recurrence::Recurrence;
use oriel_model::{TimeMs, TimeRange};
use parking_lot::Mutex;

/// One time of being under way: `[start, end)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub start_ms: TimeMs,
    /// None: until somebody ends it.
    pub end_ms: Option<TimeMs>,
}

/// See the module's head.
#[derive(Debug)]
pub enum Schedule {
    Once(Span),
    Recurring(Recurring),
}

/// Up to five recurrences, each with its duration.
#[derive(Debug)]
pub struct Recurring {
    pub recurrences: Vec<(Recurrence, i64)>,
    pub timezone: String,
    /// The spans of a stretch of time, so that a rule is not run for every question. One lock, held for the look-up or one run
    /// of the rules.
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    from: TimeMs,
    to: TimeMs,
    spans: Vec<Span>,
}

/// How far ahead spans are kept.
const KNOWN_MS: i64 = 86_400_000;

impl Recurring {
    pub fn new(recurrences: Vec<(Recurrence, i64)>, timezone: String) -> Self {
        Self { recurrences, timezone, known: Mutex::default() }
    }

    /// Spans that touch a range, by start.
    pub fn spans(&self, range: TimeRange) -> Vec<Span> {
        let mut all = Vec::new();
        for (rule, duration) in &self.recurrences {
            for start in rule.starts(TimeRange::new(range.start.saturating_sub(*duration) + 1, range.end)) {
                all.push(Span { start_ms: start, end_ms: Some(start + duration) });
            }
        }
        all.sort_by_key(|s| (s.start_ms, s.end_ms));
        all
    }

    fn at(&self, at_ms: TimeMs) -> Option<Span> {
        let mut known = self.known.lock();
        if at_ms < known.from || at_ms >= known.to {
            let range = TimeRange::new(at_ms, at_ms + KNOWN_MS);
            *known = Known { from: range.start, to: range.end, spans: self.spans(range) };
        }
        let holds = |s: &&Span| s.start_ms <= at_ms && s.end_ms.is_none_or(|e| at_ms < e);
        known.spans.iter().filter(holds).max_by_key(|s| s.end_ms).copied()
    }
}

impl Schedule {
    /// The span that holds a moment: the one that lasts longest.
    pub fn at(&self, at_ms: TimeMs) -> Option<Span> {
        match self {
            Self::Once(span) => {
                (span.start_ms <= at_ms && span.end_ms.is_none_or(|e| at_ms < e)).then_some(*span)
            }
            Self::Recurring(rules) => rules.at(at_ms),
        }
    }

    /// Spans that touch a range.
    pub fn spans(&self, range: TimeRange) -> Vec<Span> {
        match self {
            Self::Once(span) => {
                let touches = span.start_ms < range.end && span.end_ms.is_none_or(|e| e > range.start);
                if touches { vec![*span] } else { Vec::new() }
            }
            Self::Recurring(rules) => rules.spans(range),
        }
    }

    /// Ends that lie in a range and after which nothing of this schedule is under way.
    pub fn ends(&self, range: TimeRange) -> Vec<TimeMs> {
        let touching = TimeRange::new(range.start.saturating_sub(1), range.end);
        let mut ends: Vec<TimeMs> = self.spans(touching).iter().filter_map(|s| s.end_ms).collect();
        ends.retain(|end| range.contains(*end) && self.at(*end).is_none());
        ends.sort_unstable();
        ends.dedup();
        ends
    }
}
