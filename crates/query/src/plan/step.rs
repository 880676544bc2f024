//! Which step an expression has: its rollups' own, the request's, or the default rule.
//!
//! An expression has one grid: the coarsest step that one of its parts asks for. Only a further rollup layer reads its input
//! on a finer one.

use super::grid::{POINTS_MAX, STEPS_S};
use super::node::{Function, Node, Plan};
use crate::Display;

/// Buckets of the finer grid under a rollup layer; with eight bytes a bucket and group, 100 groups take 16 MiB.
const INNER_POINTS_MAX: i64 = 20_000;

/// What the rule needs to know, and what it tells beside the step.
pub(crate) struct StepRule {
    span_ms: i64,
    display: Display,
    asked_ms: Option<i64>,
    pub(crate) notes: Vec<String>,
}

impl StepRule {
    pub(crate) fn new(plan: &Plan) -> Self {
        Self {
            span_ms: plan.range.len_ms(),
            display: plan.display,
            asked_ms: plan.step_ms.map(|ms| (ms / 1000).max(1) * 1000),
            notes: Vec::new(),
        }
    }

    /// Whether the metrics' intervals are needed to decide.
    pub(crate) fn needs_interval(&self, node: &Node) -> bool {
        self.asked_ms.is_none() && explicit_s(node).is_none()
    }

    /// The step of an expression whose metrics send every `interval_s`.
    pub(crate) fn step_ms(&mut self, node: &Node, interval_s: u32) -> i64 {
        let wanted = match (explicit_s(node), self.asked_ms) {
            (Some(seconds), _) => i64::from(seconds) * 1000,
            (None, Some(asked)) => asked,
            (None, None) => return self.default_ms(interval_s),
        };
        let step = coarsened(wanted, self.span_ms, POINTS_MAX);
        if step != wanted {
            self.notes.push(format!(
                "a step of {} s would give more than {POINTS_MAX} points; {} s is used",
                wanted / 1000,
                step / 1000
            ));
        }
        step
    }

    /// The smallest step of the ladder that is at least the interval and gives at most 300 points (bars: 120).
    fn default_ms(&self, interval_s: u32) -> i64 {
        let points = match self.display {
            Display::Lines => 300,
            Display::Bars => 120,
        };
        let fits = |s: &&i64| **s >= i64::from(interval_s) && self.span_ms <= **s * 1000 * points;
        let day = STEPS_S[STEPS_S.len() - 1];
        let beyond = || {
            let days = (self.span_ms + day * 1000 * points - 1) / (day * 1000 * points);
            day * days.max((i64::from(interval_s) + day - 1) / day).max(1)
        };
        STEPS_S.iter().find(fits).copied().unwrap_or_else(beyond) * 1000
    }

    /// The step of a rollup layer's input: its own, else the finest of the ladder that divides the outer one and stays
    /// within the bound.
    pub(crate) fn inner_ms(&mut self, input: &Node, outer_ms: i64, interval_s: u32) -> i64 {
        let fits = |ms: i64| ms <= outer_ms && outer_ms % ms == 0 && self.span_ms / ms <= INNER_POINTS_MAX;
        let wanted = match explicit_s(input) {
            Some(seconds) => i64::from(seconds) * 1000,
            None => self.default_ms(interval_s).min(outer_ms),
        };
        if fits(wanted) {
            return wanted;
        }
        let steps = STEPS_S.iter().map(|s| s * 1000);
        let step = steps.filter(|ms| *ms >= wanted && fits(*ms)).min().unwrap_or(outer_ms);
        self.notes.push(format!(
            "the inner rollup of {} s does not fit into {} s; {} s is used",
            wanted / 1000,
            outer_ms / 1000,
            step / 1000
        ));
        step
    }
}

/// The coarsest step that the parts ask for; a rollup layer hides what is below it.
fn explicit_s(node: &Node) -> Option<u32> {
    match node {
        Node::Number(_) => None,
        Node::Leaf(leaf) => leaf.seconds,
        Node::Rows(query) => {
            query.interval_ms.map(|ms| u32::try_from((ms / 1000).max(1)).unwrap_or(u32::MAX))
        }
        Node::Apply { function: Function::Anomalies(anomalies), input } => {
            explicit_s(input).max(anomalies.interval_s)
        }
        Node::Apply { input, .. } | Node::Shift { input, .. } | Node::Negative(input) => explicit_s(input),
        Node::Binary(binary) => explicit_s(&binary.left).max(explicit_s(&binary.right)),
        Node::Rollup(layer) => layer.seconds,
        Node::Group(layer) => explicit_s(&layer.input),
    }
}

/// The smallest step from `wanted` on that gives at most `points`: a multiple of it on the ladder, else the next multiple.
fn coarsened(wanted: i64, span_ms: i64, points: i64) -> i64 {
    let fits = |step: i64| span_ms <= step.saturating_mul(points);
    if fits(wanted) {
        return wanted;
    }
    let on_ladder = STEPS_S.iter().map(|s| s * 1000).find(|s| s % wanted == 0 && fits(*s));
    let multiple = wanted * ((span_ms + wanted * points - 1) / (wanted * points));
    on_ladder.unwrap_or(multiple)
}
