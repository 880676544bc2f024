//! What is owed once a downtime ends: whoever is still in trouble is told again.

use super::{Downtime, Downtimes, Subject};
use crate::status::{Status, TransitionKind};
use oriel_model::{TimeMs, TimeRange};
use std::sync::Arc;

/// How a downtime ended. `notify_end_types`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndKind {
    Expired,
    Canceled,
}

/// One end.
#[derive(Clone, Debug)]
pub struct Ended {
    pub downtime: Arc<Downtime>,
    pub at_ms: TimeMs,
    pub kind: EndKind,
}

/// The ends of one downtime that lie in a range.
pub(super) fn ends(downtime: &Arc<Downtime>, range: TimeRange) -> Vec<Ended> {
    let ended = |at_ms, kind| Ended { downtime: downtime.clone(), at_ms, kind };
    let canceled = downtime.canceled_ms;
    let mut found: Vec<Ended> = downtime
        .schedule
        .ends(range)
        .into_iter()
        .filter(|end| canceled.is_none_or(|c| *end <= c))
        .map(|end| ended(end, EndKind::Expired))
        .collect();
    if let Some(at) = canceled.filter(|at| range.contains(*at))
        && downtime.schedule.at(at - 1).is_some_and(|span| span.end_ms.is_none_or(|end| at < end))
    {
        found.push(ended(at, EndKind::Canceled));
    }
    found
}

impl Ended {
    /// What a group of this status is owed: none when the downtime was not about it, did not want this status or this kind of
    /// end told, or when something else still mutes the group.
    pub fn owes(
        &self,
        all: &Downtimes,
        monitor: &Subject<'_>,
        group: &[(String, String)],
        status: Status,
    ) -> Option<TransitionKind> {
        let downtime = &self.downtime;
        let meant = downtime.end_kinds.contains(&self.kind)
            && downtime.end_states.contains(&status)
            && downtime.monitor.names(monitor)
            && downtime.scope.matches(group);
        if !meant || all.muted(monitor, group, self.at_ms).is_some() {
            return None;
        }
        match status {
            Status::Alert => Some(TransitionKind::Alert),
            Status::Warn => Some(TransitionKind::Warning),
            Status::NoData => Some(TransitionKind::NoData),
            _ => None,
        }
    }
}
