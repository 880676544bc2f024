//! Thresholds that would have been quieter, or would have told something: taken from the worst values of the days that were
//! replayed, and tried by the same evaluator before they are shown.

use super::sum::Gather;
use crate::evaluate::{MonitorState, evaluate};
use crate::measured::Measured;
use crate::rule::{Comparator, Rule, Target};
use oriel_model::TimeRange;
use serde::Serialize;
use std::collections::BTreeMap;

/// Measurements that are kept for trying: 1 million groups are some 80 MB.
const MEASURES_MAX: usize = 1_000_000;
const DAY_MS: i64 = 86_400_000;
/// How far beyond the worst value a threshold lies that never fires, as a share of the values' span.
const BEYOND: f64 = 0.05;
/// How far below the worst value of a day one lies that fires on it.
const WITHIN: f64 = 0.01;

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Suggestion {
    pub label: String,
    pub critical: f64,
    pub warning: Option<f64>,
    pub alerts: usize,
    pub notices: usize,
    pub alert_ms: i64,
}

/// Measurements of a replay, as far as there is room.
#[derive(Default)]
pub struct Tried {
    kept: Vec<Measured>,
    groups: usize,
    full: bool,
}

impl Tried {
    pub fn add(&mut self, measured: &Measured) {
        self.groups += measured.groups.len();
        self.full |= self.groups > MEASURES_MAX;
        if self.full {
            self.kept = Vec::new();
        } else {
            self.kept.push(measured.clone());
        }
    }
}

/// Thresholds for a rule that compares values; none where it does not, or where there was too much to keep.
pub fn suggestions(rule: &Rule, tried: &Tried, range: TimeRange) -> Vec<Suggestion> {
    let ordered = rule.comparator.is_upward() || rule.comparator.is_downward();
    if !matches!(rule.target, Target::Series(_)) || !ordered || tried.kept.is_empty() {
        return Vec::new();
    }
    let worst = worst_by_day(&tried.kept, rule.comparator);
    let (Some(&last), Some(&first)) = (worst.last(), worst.first()) else { return Vec::new() };
    let quantile = |q: f64| worst[((worst.len() as f64 * q).ceil() as usize).clamp(1, worst.len()) - 1];
    let span = (last - first).abs().max(last.abs() * 0.1).max(f64::MIN_POSITIVE);
    let wanted = [
        ("would not have fired", last + BEYOND * span, true),
        ("the worst tenth of the days", quantile(0.9) - WITHIN * span, false),
        ("every second day", quantile(0.5) - WITHIN * span, false),
    ];
    let sign = if rule.comparator.is_upward() { 1.0 } else { -1.0 };
    let mut found: Vec<Suggestion> = Vec::new();
    for (label, value, away) in wanted {
        let critical = rounded(sign * value, if away { sign } else { -sign });
        if found.iter().all(|s| s.critical != critical) {
            found.push(tried_with(rule, tried, range, (label, critical)));
        }
    }
    found
}

/// The worst value of each group and day, from the best to the worst; values of which less is worse are turned around.
fn worst_by_day(kept: &[Measured], comparator: Comparator) -> Vec<f64> {
    let sign = if comparator.is_upward() { 1.0 } else { -1.0 };
    let mut worst: BTreeMap<(i64, &str), f64> = BTreeMap::new();
    for measured in kept {
        for group in measured.groups.iter().filter(|g| g.value.is_finite()) {
            let day = measured.at_ms.div_euclid(DAY_MS);
            let value = sign * group.value;
            worst.entry((day, &group.key)).and_modify(|w| *w = w.max(value)).or_insert(value);
        }
    }
    let mut values: Vec<f64> = worst.into_values().collect();
    values.sort_by(f64::total_cmp);
    values
}

/// Three digits, up for a positive sign and down for a negative one.
fn rounded(value: f64, sign: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    let unit = 10f64.powf(value.abs().log10().floor() - 2.0);
    let steps = if sign > 0.0 { (value / unit).ceil() } else { (value / unit).floor() };
    let text = format!("{:.12e}", steps * unit);
    // Through its digits, so that 0.30000000000000004 is written 0.3.
    text.parse().unwrap_or(value)
}

fn tried_with(rule: &Rule, tried: &Tried, range: TimeRange, (label, critical): (&str, f64)) -> Suggestion {
    let mut rule = rule.clone();
    let warning = rule.thresholds.warning.filter(|w| !rule.comparator.holds(*w, critical) && *w != critical);
    rule.thresholds.critical = Some(critical);
    rule.thresholds.warning = warning;
    rule.thresholds.critical_recovery = None;
    rule.thresholds.warning_recovery = rule.thresholds.warning_recovery.filter(|_| warning.is_some());
    let mut gather = Gather::default();
    let mut state = MonitorState::default();
    for measured in &tried.kept {
        let transitions = evaluate(&rule, &mut state, measured);
        state.take_changes();
        gather.step(measured.groups.iter().map(|g| g.key.clone()), &transitions, measured.at_ms);
    }
    let totals = gather.finish(tried.kept.len(), (range.start, range.end)).totals;
    Suggestion {
        label: label.to_owned(),
        critical,
        warning,
        alerts: totals.alerts,
        notices: totals.notices,
        alert_ms: totals.alert_ms,
    }
}
