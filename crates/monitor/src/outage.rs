//! Stretches in which Oriel itself took nothing in: what is missing from them, and from the time right after, is no news about
//! those who send.
//!
//! The one idea: in the grace after an outage nothing is concluded from what is missing. Outages come to the evaluation as data
//! (`Measured::outage`), from one list that live, replay and "why did it fire" share.

use crate::rule::{Rule, Target};
use oriel_model::{TimeMs, TimeRange};
use serde::Serialize;
use std::sync::Arc;

/// A stretch counts once it is longer; a restart takes less, and senders' own buffers bridge it.
pub const OUTAGE_MS: i64 = 60_000;
/// The longest grace. Senders resend within some minutes, and who is silent for longer is news.
pub const GRACE_MAX_MS: i64 = 600_000;
/// Also the no-data window of service checks, as `options.no_data_timeframe` has it where it says nothing.
const DAY_MS: i64 = 86_400_000;

/// Why nothing was taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The process did not run. Nothing was evaluated either.
    Down,
    /// It ran and could store nothing, as on a full disk.
    Refused,
}

impl Reason {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Down => "down",
            Self::Refused => "refused",
        }
    }

    pub fn parse(word: &str) -> Self {
        if word == Self::Refused.as_str() { Self::Refused } else { Self::Down }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Outage {
    pub from_ms: TimeMs,
    /// Of one that lasts, the present.
    pub to_ms: TimeMs,
    pub reason: Reason,
}

impl Outage {
    /// `Oriel was down 02:10–02:22 UTC`; with the days when it is not all in one.
    pub fn words(&self) -> String {
        let what = match self.reason {
            Reason::Down => "was down",
            Reason::Refused => "could take nothing in",
        };
        let is_of_a_day = self.from_ms.div_euclid(DAY_MS) == self.to_ms.div_euclid(DAY_MS);
        let format = if is_of_a_day { "%H:%M" } else { "%b %-d %H:%M" };
        format!("Oriel {what} {}–{} UTC", written(self.from_ms, format), written(self.to_ms, format))
    }

    /// Until when a rule concludes nothing from what is missing.
    pub fn grace_end_ms(&self, rule: &Rule) -> TimeMs {
        self.to_ms + rule.options.evaluation_delay_ms + grace_ms(rule)
    }

    /// The same of any rule that is measured with this delay.
    pub(crate) fn last_grace_end_ms(&self, delay_ms: i64) -> TimeMs {
        self.to_ms + delay_ms + GRACE_MAX_MS
    }
}

/// `02:10`, in UTC.
pub(crate) fn clock(at_ms: TimeMs) -> String {
    written(at_ms, "%H:%M")
}

fn written(at_ms: TimeMs, format: &str) -> String {
    let at = jiff::Timestamp::from_millisecond(at_ms);
    at.map_or_else(|_| at_ms.to_string(), |at| at.strftime(format).to_string())
}

/// The time after which silence means something to a rule, at most [`GRACE_MAX_MS`].
fn grace_ms(rule: &Rule) -> i64 {
    let window_ms = match &rule.target {
        Target::Series(series) => 2 * series.window.len_ms(),
        _ => DAY_MS,
    };
    rule.options.no_data_after_ms.unwrap_or(window_ms).min(GRACE_MAX_MS)
}

/// All that are known, by time. Cheap to clone.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outages(Arc<[Outage]>);

impl FromIterator<Outage> for Outages {
    fn from_iter<I: IntoIterator<Item = Outage>>(outages: I) -> Self {
        let mut all: Vec<Outage> = outages.into_iter().collect();
        all.sort_by_key(|o| o.from_ms);
        Self(all.into())
    }
}

impl Outages {
    /// The newest that was one by a moment. Its grace ends after those of all before it.
    pub fn at(&self, at_ms: TimeMs) -> Option<Outage> {
        let n = self.0.partition_point(|o| o.from_ms + OUTAGE_MS <= at_ms);
        n.checked_sub(1).map(|n| self.0[n])
    }

    pub fn iter(&self) -> impl Iterator<Item = &Outage> {
        self.0.iter()
    }

    /// Those that touch a range.
    pub fn within(&self, range: TimeRange) -> impl Iterator<Item = &Outage> {
        self.0.iter().filter(move |o| o.from_ms < range.end && o.to_ms > range.start)
    }

    /// Whether nobody made the evaluation of a moment, with `due_ms` when the one after it was due: a start makes the newest
    /// that is, and those before it are not made up for.
    pub fn skips(&self, at_ms: TimeMs, due_ms: TimeMs) -> bool {
        let n = self.0.partition_point(|o| o.from_ms < at_ms);
        n.checked_sub(1).map(|n| self.0[n]).is_some_and(|o| o.reason == Reason::Down && due_ms <= o.to_ms)
    }
}

#[cfg(test)]
mod tests;
