//! SLO alerts: `error_budget("id").over("7d") > 75`, `burn_rate("id").over("30d").long_window("1h").short_window("5m") > 14.4`.

use super::Found;
use std::sync::Arc;

/// A figure of an SLO.
#[derive(Clone, Debug, PartialEq)]
pub enum SloRule {
    /// Percent of the error budget that is consumed over the time frame.
    ErrorBudget { slo: String, over_ms: i64 },
    /// How many times faster than allowed the budget burns, in both windows.
    BurnRate { slo: String, over_ms: i64, long_ms: i64, short_ms: i64 },
}

/// What the SLO says of one group at the moment.
#[derive(Clone, Debug, PartialEq)]
pub struct SloMeasure {
    pub key: Arc<str>,
    /// Of an error budget: percent consumed. Of a burn rate: that of the long window.
    pub long: f64,
    /// The burn rate of the short window; the same as `long` for an error budget.
    pub short: f64,
}

impl SloRule {
    pub fn slo(&self) -> &str {
        match self {
            Self::ErrorBudget { slo, .. } | Self::BurnRate { slo, .. } => slo,
        }
    }

    /// The range of data that the newest value speaks of.
    pub fn span_ms(&self) -> i64 {
        match self {
            Self::ErrorBudget { over_ms, .. } => *over_ms,
            Self::BurnRate { long_ms, .. } => *long_ms,
        }
    }
}

pub(super) fn parse(_query: &str) -> Result<Found, String> {
    Err("slo alerts can't be read".to_owned())
}
