//! What a replay comes to: who was what from when to when, how often, and how noisy that would have been.

use super::{Replay, Step, Tried};
use crate::evaluate::MonitorState;
use crate::status::{Status, Transition};
use crate::watch::World;
use crate::{Error, Result};
use oriel_model::TimeMs;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Groups whose time lines an answer holds, the worst first.
const GROUPS_MAX: usize = 100;
/// Groups that a replay follows.
const FOLLOWED_MAX: usize = 10_000;
/// Notices that an answer lists.
const NOTICES_MAX: usize = 1_000;
/// A group that alerts more often than this a day flaps.
const FLAPS_A_DAY: f64 = 6.0;
const DAY_MS: f64 = 86_400_000.0;

/// A stretch of one status.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Segment {
    pub from_ms: TimeMs,
    pub to_ms: TimeMs,
    pub status: Status,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GroupSum {
    pub group: Arc<str>,
    pub segments: Vec<Segment>,
    pub alerts: usize,
    pub alert_ms: i64,
    pub warn_ms: i64,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Totals {
    pub alerts: usize,
    pub warnings: usize,
    pub no_data: usize,
    pub notices: usize,
    pub alert_ms: i64,
    pub notices_per_day: f64,
    pub flapping_groups: usize,
}

/// See the module's head.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Replayed {
    pub evaluations: usize,
    pub groups: Vec<GroupSum>,
    pub groups_total: usize,
    pub notices: Vec<Transition>,
    pub totals: Totals,
}

/// One group as it is gathered.
#[derive(Default)]
struct Line {
    segments: Vec<Segment>,
    alerts: usize,
}

/// Gathers steps.
#[derive(Default)]
pub(crate) struct Gather {
    lines: BTreeMap<Arc<str>, Line>,
    out: Replayed,
}

impl Gather {
    pub(crate) fn step(
        &mut self,
        measured: impl Iterator<Item = Arc<str>>,
        transitions: &[Transition],
        at_ms: TimeMs,
    ) {
        for key in measured {
            if !self.lines.contains_key(&key) && self.lines.len() < FOLLOWED_MAX {
                let first = Segment { from_ms: at_ms, to_ms: at_ms, status: Status::Ok };
                self.lines.insert(key, Line { segments: vec![first], alerts: 0 });
            }
        }
        for transition in transitions {
            if transition.tells {
                self.out.totals.notices += 1;
                if self.out.notices.len() < NOTICES_MAX {
                    self.out.notices.push(transition.clone());
                }
            }
            if let Some(line) = self.lines.get_mut(&transition.group)
                && transition.from != transition.to
            {
                self.out.totals.change(transition.to);
                line.change(transition);
            }
        }
    }

    pub(crate) fn finish(mut self, evaluations: usize, (from_ms, to_ms): (TimeMs, TimeMs)) -> Replayed {
        let days = ((to_ms - from_ms) as f64 / DAY_MS).max(1.0 / 1440.0);
        let mut groups: Vec<GroupSum> =
            self.lines.into_iter().map(|(group, line)| line.sum(group, to_ms)).collect();
        let totals = &mut self.out.totals;
        totals.alert_ms = groups.iter().map(|g| g.alert_ms).sum();
        totals.notices_per_day = totals.notices as f64 / days;
        let flaps = |g: &&GroupSum| g.alerts as f64 > FLAPS_A_DAY * days.max(1.0);
        totals.flapping_groups = groups.iter().filter(flaps).count();
        groups.sort_by(|a, b| {
            let worse = |g: &GroupSum| std::cmp::Reverse((g.alert_ms, g.alerts, g.warn_ms));
            worse(a).cmp(&worse(b)).then_with(|| a.group.cmp(&b.group))
        });
        self.out.groups_total = groups.len();
        groups.truncate(GROUPS_MAX);
        Replayed { evaluations, groups, ..self.out }
    }
}

impl Totals {
    fn change(&mut self, to: Status) {
        match to {
            Status::Alert => self.alerts += 1,
            Status::Warn => self.warnings += 1,
            Status::NoData => self.no_data += 1,
            _ => {}
        }
    }
}

impl Line {
    fn change(&mut self, transition: &Transition) {
        self.alerts += usize::from(transition.to == Status::Alert);
        if let Some(last) = self.segments.last_mut() {
            last.to_ms = transition.at_ms;
            if last.from_ms == last.to_ms {
                self.segments.pop();
            }
        }
        let at_ms = transition.at_ms;
        self.segments.push(Segment { from_ms: at_ms, to_ms: at_ms, status: transition.to });
    }

    fn sum(mut self, group: Arc<str>, to_ms: TimeMs) -> GroupSum {
        if let Some(last) = self.segments.last_mut() {
            last.to_ms = to_ms.max(last.from_ms);
        }
        let of =
            |status| self.segments.iter().filter(|s| s.status == status).map(|s| s.to_ms - s.from_ms).sum();
        let (alert_ms, warn_ms) = (of(Status::Alert), of(Status::Warn));
        GroupSum { group, segments: self.segments, alerts: self.alerts, alert_ms, warn_ms }
    }
}

impl Replay<'_> {
    /// Runs a draft over the range, beginning with nothing known; `progress` is told now and then, and ends the run by an error.
    pub fn sum(
        &self,
        world: &World<'_>,
        tried: &mut Tried,
        progress: &mut dyn FnMut(usize, usize) -> Result<()>,
    ) -> Result<Replayed> {
        let mut gather = Gather::default();
        let mut state = MonitorState::default();
        let evaluations = self.run(world, &mut state, &mut |step: Step<'_>| {
            let Step { measured, transitions, done, total, .. } = step;
            if world.stop.cancel.is_cancelled() {
                return Err(Error::Source("it was called off".to_owned()));
            }
            tried.add(measured);
            gather.step(measured.groups.iter().map(|g| g.key.clone()), &transitions, measured.at_ms);
            progress(done, total)
        })?;
        Ok(gather.finish(evaluations, (self.range.start, self.range.end)))
    }
}
