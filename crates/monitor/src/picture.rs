//! What the chart of a monitor shows, for mails, pages, previews and widgets alike.
//!
//! The one idea: a chart beside thresholds shows what is compared with them, or it explains nothing. Where that is the query's
//! own line it is that line; where it is worked out of it (a change, a count of the window, arithmetic over windows, a burn
//! rate) it is worked out at each moment of the chart; and where states are judged rather than numbers (composites, checks) it
//! is those states as bands.
//!
//! Never here: pixels, HTTP.

mod evaluated;
mod facts;
mod series;
mod slo;
mod states;
mod words;

pub use facts::PictureFacts;
pub use states::StateRow;

use crate::Result;
use crate::rule::{Reduction, Rule, SloRule, Target};
use crate::source::Source;
use crate::watch::Stop;
use oriel_model::{OrgId, TimeMs, TimeRange};
use oriel_query::Outcome;

/// A chart shows at least half an hour, so that a window of a minute has a before.
const RANGE_MS_MIN: i64 = 30 * 60_000;
/// States go on a little after the moment that they are judged at.
const SEEN_MS: i64 = 2 * 60_000;
const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// See the module's head. Either lines or states.
#[derive(Debug, Default)]
pub struct Picture {
    /// What the lines are, where they are not the query's own: `change of the average over 5 min, against 1 h before`.
    pub caption: String,
    /// As the query road answers them.
    pub lines: Vec<Outcome>,
    /// Whether the monitor's thresholds are lines of this chart.
    pub compared: bool,
    /// Whether the values are percent.
    pub percent: bool,
    /// What the lines were worked out of.
    pub raw: Vec<Outcome>,
    pub states: Vec<StateRow>,
}

/// What is drawn, and when.
pub struct Scene<'a> {
    pub source: &'a dyn Source,
    pub facts: &'a PictureFacts,
    pub stop: &'a Stop,
    pub org: OrgId,
    pub rule: &'a Rule,
    pub range: TimeRange,
    /// The newest moment of the chart.
    pub at_ms: TimeMs,
    /// The moment whose verdict is shown, where it is another one.
    pub judged_ms: Option<TimeMs>,
    /// Whether nothing that came later is looked at.
    pub frozen: bool,
    /// Only this one.
    pub group: Option<&'a str>,
}

impl Scene<'_> {
    pub fn picture(&self) -> Result<Picture> {
        match &self.rule.target {
            Target::Series(rule) => self.series(rule),
            Target::Slo(rule) => self.slo(rule),
            Target::Checks(rule) => self.checks(rule),
            Target::Composite(rule) => Ok(self.composite(rule)),
        }
    }

    /// The points of the query, from which a picture is made; none for rules that are not of series.
    pub fn points(&self) -> Result<Vec<Outcome>> {
        match &self.rule.target {
            Target::Series(rule) => self.own_lines(rule),
            _ => Ok(Vec::new()),
        }
    }

    /// Whether a group is asked for and it is another one.
    fn hides(&self, key: &str) -> bool {
        self.group.is_some_and(|group| group != "*" && group != key)
    }
}

/// What the chart of a notice covers: enough of the time before to see what changed.
pub fn range(rule: &Rule, at_ms: TimeMs) -> TimeRange {
    let window = rule.window(at_ms);
    let back = |ms: i64| TimeRange::new(window.end - ms, window.end);
    let twice = (2 * window.len_ms()).max(RANGE_MS_MIN);
    match &rule.target {
        Target::Series(series) => match &series.reduction {
            Reduction::Forecast { .. } => TimeRange::new(at_ms - window.len_ms(), window.end),
            Reduction::Change { inner, .. } => back(twice.max(inner.shift_ms.min(DAY))),
            _ => back(twice),
        },
        // What changed at the moment itself is seen, too.
        Target::Checks(_) => TimeRange::new(window.end - twice, window.end + SEEN_MS),
        Target::Composite(_) => TimeRange::new(window.end - HOUR, window.end + SEEN_MS),
        Target::Slo(SloRule::BurnRate { long_ms, .. }) => back((2 * long_ms).clamp(HOUR, 2 * DAY)),
        Target::Slo(SloRule::ErrorBudget { over_ms, .. }) => back((over_ms / 7).clamp(HOUR, 7 * DAY)),
    }
}

#[cfg(test)]
mod tests;
