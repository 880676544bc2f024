//! How an SLO stands: each time frame against its target, and the burn rates of now.

use super::{Bucket, Evidence, Facts, Objective, Slo, Sum, back, evidence};
use crate::Result;
use crate::source::Source;
use oriel_model::{OrgId, TimeMs};

/// Windows whose burn rates are shown: those of the usual alerts.
pub const BURN_WINDOWS: [(&str, i64); 4] =
    [("5m", 300_000), ("1h", 3_600_000), ("6h", 21_600_000), ("1d", 86_400_000)];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SloStatus {
    Ok,
    Warning,
    Breached,
    NoData,
}

impl SloStatus {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Breached => "breached",
            Self::NoData => "no_data",
        }
    }

    pub fn of(sli: f64, objective: &Objective) -> Self {
        if sli.is_nan() {
            Self::NoData
        } else if sli < objective.target {
            Self::Breached
        } else if objective.warning.is_some_and(|w| sli < w) {
            Self::Warning
        } else {
            Self::Ok
        }
    }
}

/// One time frame.
#[derive(Clone, Debug)]
pub struct WindowReport {
    pub objective: Objective,
    pub sum: Sum,
    pub status: SloStatus,
    pub evidence: Evidence,
}

impl WindowReport {
    /// Percent of the budget that is left; negative when the objective is missed.
    pub fn remaining(&self) -> f64 {
        100.0 - self.sum.consumed(self.objective.target)
    }

    /// The SLI and the budget left after each bucket, both from the start of the time frame on.
    pub fn history(&self) -> Vec<(TimeMs, f64, f64)> {
        let whole = self.sum.total;
        let mut so_far = Sum::default();
        let mut step = |b: &Bucket| {
            so_far.good += b.good;
            so_far.total += b.total;
            // The budget is that of the whole time frame: what was spent until here, of all that may be.
            let allowed = whole * (100.0 - self.objective.target) / 100.0;
            let spent = (so_far.total - so_far.good).max(0.0);
            (b.end_ms, so_far.sli(), 100.0 - spent / allowed * 100.0)
        };
        self.evidence.overall.iter().map(&mut step).collect()
    }
}

/// See the module's head.
#[derive(Clone, Debug)]
pub struct Report {
    pub at_ms: TimeMs,
    /// In the order of the SLO's objectives.
    pub windows: Vec<WindowReport>,
    /// Against the first objective's target, by [`BURN_WINDOWS`].
    pub burn: Vec<(&'static str, f64)>,
}

/// Works out a report of the moment.
pub fn report(
    source: &dyn Source,
    org: OrgId,
    slo: &Slo,
    facts: &Facts<'_>,
    at_ms: TimeMs,
) -> Result<Report> {
    let mut windows = Vec::new();
    for objective in &slo.objectives {
        let found = evidence(source, org, slo, facts, back(at_ms, objective.span_ms))?;
        let sum = Sum::of(&found.overall);
        let status = SloStatus::of(sum.sli(), objective);
        windows.push(WindowReport { objective: objective.clone(), sum, status, evidence: found });
    }
    let mut burn = Vec::new();
    let target = slo.objectives.first().map_or(100.0, |o| o.target);
    for (name, ms) in BURN_WINDOWS {
        let found = evidence(source, org, slo, facts, back(at_ms, ms))?;
        burn.push((name, Sum::of(&found.overall).burn_rate(target)));
    }
    Ok(Report { at_ms, windows, burn })
}
