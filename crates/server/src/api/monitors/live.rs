//! What monitors are at this moment, for lists and answers: status, groups by status, what mutes them, the newest evaluation.

use super::catalog::Entry;
use crate::answer::Answer;
use crate::app::App;
use oriel_model::{OrgId, TimeMs};
use oriel_monitor::downtime::{Active, Subject};
pub(crate) use oriel_monitor::evaluate::Counts;
use oriel_monitor::runtime::{GroupView, Summary};
use oriel_monitor::status::Status;
use std::collections::HashMap;
use std::sync::Arc;

/// Groups of one monitor in an answer.
const GROUPS_MAX: usize = 100_000;

/// One monitor.
#[derive(Clone, Debug)]
pub(crate) struct Live {
    /// The worst of its groups.
    pub(crate) status: Status,
    /// Since when it has that status.
    pub(crate) changed_ms: Option<TimeMs>,
    pub(crate) groups: Counts,
    pub(crate) muted: Option<Muted>,
    pub(crate) last_triggered_ms: Option<TimeMs>,
    pub(crate) evaluated_ms: Option<TimeMs>,
    pub(crate) error: Option<String>,
}

/// What mutes a whole monitor.
#[derive(Clone, Debug, Default, serde::Serialize)]
pub(crate) struct Muted {
    pub(crate) until_ms: Option<TimeMs>,
    pub(crate) downtime_id: Option<String>,
}

/// One group of one monitor.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) key: Arc<str>,
    pub(crate) status: Status,
    pub(crate) since_ms: Option<TimeMs>,
    pub(crate) last_triggered_ms: Option<TimeMs>,
    pub(crate) notified_ms: Option<TimeMs>,
}

impl Default for Live {
    /// Of a monitor that was not evaluated yet.
    fn default() -> Self {
        Self {
            status: Status::NoData,
            changed_ms: None,
            groups: Counts::default(),
            muted: None,
            last_triggered_ms: None,
            evaluated_ms: None,
            error: None,
        }
    }
}

impl Group {
    fn of(view: GroupView) -> Self {
        let state = view.state;
        Self {
            key: view.key,
            status: state.status,
            since_ms: Some(state.since_ms).filter(|ms| *ms > 0),
            last_triggered_ms: state.last_triggered_ms,
            notified_ms: state.notified_ms,
        }
    }
}

impl Live {
    fn of(summary: Summary) -> Self {
        Self {
            // Before its first group is seen.
            status: summary.status.unwrap_or(Status::NoData),
            changed_ms: summary.changed_ms,
            groups: summary.counts,
            muted: None,
            last_triggered_ms: summary.last_triggered_ms,
            evaluated_ms: summary.evaluation.last_ms,
            error: summary.evaluation.error,
        }
    }

    pub(crate) fn group_statuses(&self) -> impl Iterator<Item = Status> {
        let counts = &self.groups;
        [
            (Status::Alert, counts.alert),
            (Status::Warn, counts.warn),
            (Status::NoData, counts.no_data),
            (Status::Unknown, counts.unknown),
            (Status::Ok, counts.ok),
        ]
        .into_iter()
        .filter(|(_, n)| *n > 0)
        .map(|(status, _)| status)
    }
}

/// What mutes the whole of a monitor.
pub(crate) fn muted(active: &Active<'_>, entry: &Entry) -> Option<Muted> {
    let subject = Subject { id: entry.id, tags: &entry.tags, silenced: entry.silenced.as_ref() };
    let muted = active.of_monitor(&subject).muted(&entry.pairs)?;
    Some(Muted { until_ms: muted.until_ms, downtime_id: muted.downtime.map(|id| id.to_string()) })
}

/// Every monitor of an org that the runtime has taken in.
pub(crate) fn of_org(app: &App, org: OrgId) -> Answer<HashMap<i64, Live>> {
    Ok(app.monitoring.runtime()?.summaries(org).into_iter().map(|s| (s.id, Live::of(s))).collect())
}

/// One monitor; one that was made a moment ago has no data yet.
pub(crate) fn of_one(app: &App, org: OrgId, id: i64) -> Answer<Live> {
    Ok(app.monitoring.runtime()?.summary(org, id).map(Live::of).unwrap_or_default())
}

/// The groups of one monitor, the worst first.
pub(crate) fn groups(app: &App, org: OrgId, id: i64) -> Answer<Vec<Group>> {
    let overview = app.monitoring.runtime()?.overview(org, id, GROUPS_MAX);
    let groups = overview.map(|o| o.groups).unwrap_or_default();
    Ok(groups.into_iter().map(Group::of).collect())
}
