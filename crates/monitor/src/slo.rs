//! SLOs: how much of what happened was good, how much of the error budget is left, and how fast it burns.
//!
//! The one idea: each kind of SLO (a ratio of counts, the uptime of monitors, slices of time that meet a condition) becomes the
//! same [`Evidence`]: buckets of time with how much was good and how much there was. Everything else is a sum over buckets, so
//! the list, the page, the API's history and an alert can't disagree. Corrections take time out before it is counted.
//!
//! Never here: stores and tables. Queries go through a [`crate::source::Source`]; histories of monitors come with the call.

mod correction;
mod course;
mod document;
mod evidence;
mod memo;
mod report;
mod tiles;
mod uptime;

pub use correction::{Correction, merge as merge_correction};
pub use course::{Course, CourseGroup, course};
pub use document::{Kind, Objective, Queries, Slice, merge, validate};
pub use evidence::{Bucket, Evidence, Facts, GroupBuckets, evidence};
pub use memo::{Memo, MemoKey};
pub use report::{BURN_WINDOWS, Report, SloStatus, WindowReport, report};
pub use uptime::{Histories, History};

use crate::rule::{SloMeasure, SloRule};
use crate::source::Source;
use crate::{Error, Result};
use oriel_model::{OrgId, TimeMs, TimeRange};
use serde_json::Value;
use std::sync::Arc;

/// An SLO that was read and checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Slo {
    pub id: Arc<str>,
    pub name: String,
    pub tags: Vec<String>,
    pub kind: Kind,
    /// At least one; the first is the one that lists show, unless `timeframe` says another.
    pub objectives: Vec<Objective>,
}

/// Good and all of a stretch of time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sum {
    pub good: f64,
    pub total: f64,
}

impl Sum {
    pub fn of(buckets: &[Bucket]) -> Self {
        buckets
            .iter()
            .fold(Self::default(), |sum, b| Self { good: sum.good + b.good, total: sum.total + b.total })
    }

    /// Percent; NaN when nothing happened.
    pub fn sli(self) -> f64 {
        // More good than all comes of counts that arrive apart; it is not better than everything.
        if self.total > 0.0 { (self.good / self.total * 100.0).clamp(0.0, 100.0) } else { f64::NAN }
    }

    /// How many times faster than the target allows the budget burns. Nothing happened: nothing burns.
    pub fn burn_rate(self, target: f64) -> f64 {
        let allowed = 100.0 - target;
        let sli = self.sli();
        if sli.is_nan() { 0.0 } else { (100.0 - sli) / allowed }
    }

    /// Percent of the error budget that is consumed; over 100 when the objective is missed. NaN when nothing happened.
    pub fn consumed(self, target: f64) -> f64 {
        (100.0 - self.sli()) / (100.0 - target) * 100.0
    }
}

impl Slo {
    /// Of a document's body.
    pub fn read(id: &str, body: &Value) -> Result<Self> {
        document::read(id, body)
    }

    /// The objective of a time frame, and the first when it has none for that one.
    pub fn objective(&self, over_ms: i64) -> Option<&Objective> {
        self.objectives.iter().find(|o| o.span_ms == over_ms).or_else(|| self.objectives.first())
    }

    /// Monitors whose histories [`Facts`] must hold.
    pub fn monitors(&self) -> &[i64] {
        match &self.kind {
            Kind::Monitors { ids, .. } => ids,
            _ => &[],
        }
    }
}

/// What an SLO alert compares with its thresholds, of each group of the SLO, or of `*` when it has none.
///
/// An error budget is in percent consumed over the time frame. A burn rate comes for the long and the short window, and only
/// when both are over a threshold is it passed. Histories must reach back over [`span`].
pub fn measure(
    source: &dyn Source,
    org: OrgId,
    slo: &Slo,
    facts: &Facts<'_>,
    (rule, at_ms): (&SloRule, TimeMs),
) -> Result<Vec<SloMeasure>> {
    let over_ms = match rule {
        SloRule::ErrorBudget { over_ms, .. } | SloRule::BurnRate { over_ms, .. } => *over_ms,
    };
    let target =
        slo.objective(over_ms).map(|o| o.target).ok_or_else(|| Error::invalid("the SLO has no target"))?;
    match rule {
        SloRule::ErrorBudget { over_ms, .. } => {
            let found = evidence(source, org, slo, facts, back(at_ms, *over_ms))?;
            Ok(each(&found, |buckets| {
                let consumed = Sum::of(buckets).consumed(target);
                (consumed, consumed)
            }))
        }
        SloRule::BurnRate { long_ms, short_ms, .. } => {
            let long = evidence(source, org, slo, facts, back(at_ms, *long_ms))?;
            let since = minute(at_ms) - short_ms;
            Ok(each(&long, |buckets| {
                let first = buckets.partition_point(|b| b.start_ms < since);
                (Sum::of(buckets).burn_rate(target), Sum::of(&buckets[first..]).burn_rate(target))
            }))
        }
    }
}

/// What [`measure`] looks at.
pub fn span(rule: &SloRule, at_ms: TimeMs) -> TimeRange {
    back(at_ms, rule.span_ms())
}

/// The range that ends with the last whole minute.
fn back(at_ms: TimeMs, ms: i64) -> TimeRange {
    let end = minute(at_ms);
    TimeRange::new(end - ms, end)
}

fn minute(at_ms: TimeMs) -> TimeMs {
    at_ms.div_euclid(tiles::MINUTE_MS) * tiles::MINUTE_MS
}

fn each(found: &Evidence, figures: impl Fn(&[Bucket]) -> (f64, f64)) -> Vec<SloMeasure> {
    let one = |key: &Arc<str>, buckets: &[Bucket]| {
        let (long, short) = figures(buckets);
        SloMeasure { key: key.clone(), long, short }
    };
    if found.groups.is_empty() {
        return vec![one(&"*".into(), &found.overall)];
    }
    found.groups.iter().map(|g| one(&g.key, &g.buckets)).collect()
}

#[cfg(test)]
mod tests;
