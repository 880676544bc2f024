//! SLO alerts: `error_budget("id").over("7d") > 75`, `burn_rate("id").over("30d").long_window("1h").short_window("5m") > 14.4`.

use super::chain::Chain;
use super::metric::split_comparison;
use super::window::length_ms;
use super::{Found, Target};
use crate::measured::{GroupMeasure, Measured};
use oriel_model::TimeMs;
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
    /// One value a group: of a burn rate the slower of both windows', so that both are over what it is over.
    pub fn reduce(&self, at_ms: TimeMs, found: &[SloMeasure]) -> Measured {
        let value = |m: &SloMeasure| if m.long <= m.short { m.long } else { m.short };
        let mut groups: Vec<GroupMeasure> = found
            .iter()
            .filter(|m| !m.long.is_nan() && !m.short.is_nan())
            .map(|m| GroupMeasure::new(m.key.clone(), value(m), at_ms))
            .collect();
        groups.sort_unstable_by(|a, b| a.key.cmp(&b.key));
        Measured::new(at_ms, groups)
    }

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

/// `error_budget("id").over("7d") > 75`.
pub(super) fn parse(query: &str) -> Result<Found, String> {
    let (left, comparator, critical) = split_comparison(query)?;
    let (chain, rest) = Chain::read(left)?;
    if !rest.trim().is_empty() {
        return Err(format!("{} is not expected", rest.trim()));
    }
    let wanted = |name: &str| -> Result<i64, String> {
        let text = chain.one(name).ok_or_else(|| format!(".{name}(\"…\") is missing"))?;
        length_ms(text)
    };
    let slo = chain.argument.trim().to_owned();
    if slo.is_empty() {
        return Err("the SLO's id is missing".to_owned());
    }
    if !comparator.is_upward() {
        return Err(format!("an SLO is compared by > or >=, not {}", comparator.as_str()));
    }
    let rule = match chain.head.as_str() {
        "error_budget" => {
            chain.check(&["over"])?;
            SloRule::ErrorBudget { slo, over_ms: wanted("over")? }
        }
        "burn_rate" => {
            chain.check(&["over", "long_window", "short_window"])?;
            let (long_ms, short_ms) = (wanted("long_window")?, wanted("short_window")?);
            if short_ms >= long_ms {
                return Err("short_window must be shorter than long_window".to_owned());
            }
            SloRule::BurnRate { slo, over_ms: wanted("over")?, long_ms, short_ms }
        }
        other => return Err(format!("{other} is not known; error_budget(\"id\") and burn_rate(\"id\") are")),
    };
    Ok(Found { target: Target::Slo(rule), comparator, critical: Some(critical) })
}
