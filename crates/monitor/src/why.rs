//! Why a group was what it was at a past minute: the same evaluation, run again from stored data, in words.
//!
//! The state before it comes of a replay that begins a safe distance earlier, from what was recorded there.

use crate::evaluate::{MonitorState, held};
use crate::measured::{GroupMeasure, Measured};
use crate::notice::Window;
use crate::outage::{Outage, clock};
use crate::replay::Replay;
use crate::rule::{Comparator, Rule, Target};
use crate::runtime::Recorded;
use crate::schedule::Cadence;
use crate::status::{GroupState, Status, Transition};
use crate::watch::World;
use crate::{Error, Result};
use oriel_model::{OrgId, TimeMs, TimeRange};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Evaluations before the one that is asked for: what a state depends on beside what is recorded is over by then.
const BEFORE: i64 = 60;
/// Groups that a monitor without a named one is searched for.
const GROUP_ALL: &str = "*";
/// The step of an empty window.
const MISSING: &str = "missing data";
/// The outcome of a step that lets nothing happen.
const HELD: &str = "held back";

/// One step of the state machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WhyStep {
    pub rule: &'static str,
    pub text: String,
    pub outcome: String,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Why {
    pub at_ms: TimeMs,
    pub group: Arc<str>,
    pub window: Window,
    pub value: Option<f64>,
    /// `812.3 > 800`.
    pub comparison: String,
    pub before: Status,
    pub after: Status,
    pub transition: Option<Transition>,
    pub steps: Vec<WhyStep>,
    pub recorded: Option<Recorded>,
    /// Whether what was recorded is what comes out now.
    pub agrees: bool,
}

/// What is asked.
pub struct Question<'a> {
    pub org: OrgId,
    pub rule: &'a Rule,
    pub at_ms: TimeMs,
    /// When the monitor was made: whatever was there before, nothing was evaluated.
    pub born_ms: TimeMs,
    /// The worst one when none is named.
    pub group: Option<&'a str>,
    /// The newest transition of each group before [`Question::start_ms`], and those from then to the moment, by time.
    pub recorded: &'a [Recorded],
}

impl Question<'_> {
    /// The moment of an evaluation that is asked about: the newest one that had passed.
    pub fn moment(rule: &Rule, at_ms: TimeMs) -> Result<TimeMs> {
        let cadence = Cadence::of(rule)?;
        let back = cadence.every_ms().max(60_000) * 2;
        let range = TimeRange::new(at_ms - back, at_ms + 1);
        let missing = || Error::invalid("the monitor's schedule has no evaluation at that time");
        cadence.moments(range).last().ok_or_else(missing)
    }

    /// Where the replay begins: not before the monitor's second evaluation, since what came of the first is recorded.
    pub fn start_ms(rule: &Rule, at_ms: TimeMs, born_ms: TimeMs) -> Result<TimeMs> {
        let options = &rule.options;
        let waits = options.no_data_after_ms.unwrap_or_default() + options.new_group_delay_ms;
        let second_ms = Cadence::of(rule)?.after(born_ms);
        Ok((at_ms - BEFORE * rule.every_ms() - waits).max(second_ms).min(at_ms))
    }

    /// Works it out. Blocks.
    pub fn answer(&self, world: &World<'_>) -> Result<Why> {
        let at_ms = Self::moment(self.rule, self.at_ms)?;
        let start_ms = Self::start_ms(self.rule, at_ms, self.born_ms)?;
        let mut state = MonitorState::load(self.states_at(start_ms));
        let range = TimeRange::new(start_ms, at_ms + 1);
        let replay = Replay { org: self.org, rule: self.rule, range };
        let skipped = replay.skipped(world, at_ms)?;
        let mut before = state.clone();
        let mut newest: Option<(Measured, MonitorState, Vec<Transition>)> = None;
        replay.run(world, &mut state, &mut |step| {
            if step.done == step.total {
                newest = Some((step.measured.clone(), step.state.clone(), step.transitions));
            } else {
                before = step.state.clone();
            }
            Ok(())
        })?;
        if skipped.is_some() {
            let measured = Measured { outage: skipped, ..Measured::new(at_ms, Vec::new()) };
            let mut why = self.explain(at_ms, &measured, (&state, &state), &[]);
            why.steps = skipped.iter().map(skipped_step).chain([transition_step(&why)]).collect();
            return Ok(why);
        }
        let (measured, after, transitions) =
            newest.ok_or_else(|| Error::invalid("there is no evaluation at that time"))?;
        Ok(self.explain(at_ms, &measured, (&before, &after), &transitions))
    }

    /// States as they were recorded before a moment.
    fn states_at(&self, start_ms: TimeMs) -> Vec<(Arc<str>, GroupState)> {
        let mut states: BTreeMap<Arc<str>, GroupState> = BTreeMap::new();
        for recorded in self.recorded.iter().filter(|r| r.transition.at_ms < start_ms) {
            let transition = &recorded.transition;
            let triggered = transition.to.is_triggered().then_some(transition.at_ms);
            states.insert(
                transition.group.clone(),
                GroupState {
                    status: transition.to,
                    since_ms: transition.at_ms,
                    triggered_ms: triggered,
                    last_triggered_ms: triggered,
                    notified_ms: transition.tells.then_some(transition.at_ms),
                    renotified: 0,
                    value: transition.value,
                },
            );
        }
        states.into_iter().collect()
    }

    fn explain(
        &self,
        at_ms: TimeMs,
        measured: &Measured,
        (before, after): (&MonitorState, &MonitorState),
        transitions: &[Transition],
    ) -> Why {
        let group = self.group.map_or_else(|| worst(measured, after), Arc::from);
        let measure = measured.groups.iter().find(|g| g.key == group);
        let status = |state: &MonitorState| state.group(&group).map_or(Status::Ok, |g| g.status);
        let transition = transitions.iter().find(|t| t.group == group).cloned();
        let recorded = self
            .recorded
            .iter()
            .find(|r| r.transition.at_ms == at_ms && r.transition.group == group)
            .cloned();
        let same = |a: &Transition, b: &Transition| (a.from, a.to, a.kind) == (b.from, b.to, b.kind);
        let agrees = match (&transition, &recorded) {
            (Some(now), Some(then)) => same(now, &then.transition),
            (None, None) => true,
            _ => false,
        };
        let value = measure.map(|m| m.value).filter(|v| !v.is_nan());
        let window = Window::from(self.rule.window(at_ms));
        let mut why = Why {
            at_ms,
            comparison: comparison(self.rule, value),
            window,
            value,
            before: status(before),
            after: status(after),
            transition,
            steps: Vec::new(),
            recorded,
            agrees,
            group,
        };
        why.steps = steps(self.rule, measure, &why);
        if let Some(step) = outage_step(self.rule, measured, measure, why.before) {
            if step.outcome == HELD {
                why.steps.retain(|s| s.rule != MISSING);
            }
            // Right after what was measured: it says how that is taken.
            why.steps.insert(1, step);
        }
        why
    }
}

/// The group that is worst now; the one of the farthest value among those that are alike.
fn worst(measured: &Measured, state: &MonitorState) -> Arc<str> {
    let severity = |key: &str| state.group(key).map_or(0, |g| g.status.severity());
    let found = measured.groups.iter().max_by_key(|g| (severity(&g.key), std::cmp::Reverse(g.key.clone())));
    found.map_or_else(|| Arc::from(GROUP_ALL), |g| g.key.clone())
}

/// `812.3 > 800`: with the threshold that was passed, else with the critical one.
fn comparison(rule: &Rule, value: Option<f64>) -> String {
    let Some(value) = value else { return "no data".to_owned() };
    let thresholds = &rule.thresholds;
    let passed = [thresholds.critical, thresholds.warning]
        .into_iter()
        .flatten()
        .find(|threshold| rule.comparator.holds(value, *threshold));
    match passed.or(thresholds.critical) {
        Some(threshold) => compared(rule.comparator, value, threshold),
        None => number(value),
    }
}

fn compared(comparator: Comparator, value: f64, threshold: f64) -> String {
    format!("{} {} {}", number(value), comparator.as_str(), number(threshold))
}

/// As a person would write it: six digits.
fn number(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return value.to_string();
    }
    let digits = (5 - value.abs().log10().floor() as i64).clamp(0, 12) as usize;
    let text = format!("{value:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

fn steps(rule: &Rule, measure: Option<&GroupMeasure>, why: &Why) -> Vec<WhyStep> {
    let mut steps = vec![measured_step(rule, measure, why)];
    if let Some(value) = why.value
        && matches!(rule.target, Target::Series(_) | Target::Slo(_))
    {
        steps.extend(threshold_steps(rule, value, why.before));
    }
    if measure.is_none_or(|m| m.value.is_nan() && m.status.is_none()) {
        steps.push(missing_step(rule, why));
    }
    if let Some(measure) = measure
        && rule.options.new_group_delay_ms > 0
        && measure.first_seen_ms + rule.options.new_group_delay_ms > why.at_ms
    {
        let seconds = rule.options.new_group_delay_ms / 1000;
        steps.push(step("new group", format!("the group is newer than {seconds} s"), HELD));
    }
    steps.push(transition_step(why));
    steps
}

fn step(rule: &'static str, text: String, outcome: impl Into<String>) -> WhyStep {
    WhyStep { rule, text, outcome: outcome.into() }
}

fn measured_step(rule: &Rule, measure: Option<&GroupMeasure>, why: &Why) -> WhyStep {
    let minutes = (why.window.end_ms - why.window.start_ms) as f64 / 60_000.0;
    let text = format!("{} over the {} min before the evaluation", rule.query, number(minutes));
    let outcome = match (why.value, measure.and_then(|m| m.status)) {
        (_, Some(status)) => status.as_str().to_owned(),
        (Some(value), None) => number(value),
        (None, None) => "no value".to_owned(),
    };
    step("value", text, outcome)
}

/// In the grace after an outage of Oriel itself.
fn outage_step(
    rule: &Rule,
    measured: &Measured,
    measure: Option<&GroupMeasure>,
    before: Status,
) -> Option<WhyStep> {
    let outage = measured.outage?;
    let is_held = held(rule, before, measured, measure)?;
    let until = clock(outage.grace_end_ms(rule));
    let text = if outage.to_ms < measured.at_ms {
        format!("{}; nothing is concluded from missing data until {until}", outage.words())
    } else {
        format!("{}; nothing is concluded from missing data meanwhile", outage.words())
    };
    Some(step("outage", text, if is_held { HELD } else { "no effect" }))
}

fn skipped_step(outage: &Outage) -> WhyStep {
    step("outage", format!("{}; nothing was evaluated", outage.words()), HELD)
}

fn threshold_steps(rule: &Rule, value: f64, before: Status) -> Vec<WhyStep> {
    let thresholds = &rule.thresholds;
    let mut steps = Vec::new();
    for (name, threshold) in [("critical", thresholds.critical), ("warning", thresholds.warning)] {
        let Some(threshold) = threshold else { continue };
        let holds = rule.comparator.holds(value, threshold);
        let outcome = if holds { "yes" } else { "no" };
        steps.push(step(name, compared(rule.comparator, value, threshold), outcome));
    }
    let recoveries = [
        (Status::Alert, "critical recovery", thresholds.critical_recovery),
        (Status::Warn, "warning recovery", thresholds.warning_recovery),
    ];
    for (status, name, threshold) in recoveries {
        let Some(threshold) = threshold.filter(|_| before == status) else { continue };
        let stays = rule.comparator.holds(value, threshold);
        let text = format!("left only once {} does not hold", compared(rule.comparator, value, threshold));
        steps.push(step(name, text, if stays { "stays" } else { "recovered" }));
    }
    steps
}

fn missing_step(rule: &Rule, why: &Why) -> WhyStep {
    let options = &rule.options;
    let text = match (options.on_missing_data, options.no_data_after_ms) {
        (Some(on_missing), _) => format!("the window is empty; on_missing_data is {on_missing:?}"),
        (None, Some(after)) => {
            format!("the window is empty; no data is told after {} minutes", number(after as f64 / 60_000.0))
        }
        (None, None) => "the window is empty; counts are 0 then, other values keep their status".to_owned(),
    };
    step(MISSING, text, why.after.as_str())
}

fn transition_step(why: &Why) -> WhyStep {
    let Some(transition) = &why.transition else {
        return step("transition", format!("{} stays", why.after.as_str()), "nobody is told");
    };
    let text = if transition.from == transition.to {
        format!("{} is still so", transition.to.as_str())
    } else {
        format!("{} becomes {}", transition.from.as_str(), transition.to.as_str())
    };
    let muted = why.recorded.as_ref().and_then(|r| r.muted.clone());
    let outcome = match (transition.tells, muted) {
        (_, Some(reason)) => format!("muted: {reason}"),
        (true, None) => "told".to_owned(),
        (false, None) => "nobody is told".to_owned(),
    };
    step("transition", text, outcome)
}

#[cfg(test)]
mod tests;
