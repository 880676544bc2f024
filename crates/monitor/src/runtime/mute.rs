//! Who is not told: downtimes and muted hosts, read once a round, and what their ends owe.

use super::Inner;
use super::change::MonitorChange;
use super::scope::with_fixed;
use super::unit::Live;
use crate::downtime::{Downtimes, Ended, Muting, Subject};
use crate::evaluate::told_group;
use crate::measured::pairs;
use crate::status::Transition;
use oriel_model::{OrgId, TimeMs, TimeRange};
use oriel_state::DocumentKind;
use parking_lot::Mutex;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Ends that a start looks back for: what was owed is told once, whatever was told before, by its key.
const LOOK_BACK_MS: i64 = 3_600_000;

/// Of each org, as it was last read.
#[derive(Default)]
pub(crate) struct Mutes(Mutex<BTreeMap<OrgId, Kept>>);

#[derive(Clone, Default)]
struct Kept {
    /// Ids and times of the last changes, to see whether anything is new.
    versions: Vec<(String, TimeMs)>,
    hosts: Vec<(String, Option<TimeMs>)>,
    downtimes: Arc<Downtimes>,
    /// Ends up to here were looked at.
    ends_ms: Option<TimeMs>,
}

impl Mutes {
    /// An org's downtimes as they are; muted hosts are read only when they are needed.
    pub(crate) async fn of(&self, inner: &Inner, org: OrgId, hosts: bool) -> Arc<Downtimes> {
        let kept = self.0.lock().get(&org).cloned().unwrap_or_default();
        match Self::read(inner, org, hosts, &kept).await {
            Ok(Some(new)) => {
                let downtimes = new.downtimes.clone();
                self.0.lock().insert(org, new);
                downtimes
            }
            Ok(None) => kept.downtimes,
            Err(e) => {
                tracing::error!(error = %e, "downtimes were not read; those known before count");
                kept.downtimes
            }
        }
    }

    async fn read(inner: &Inner, org: OrgId, hosts: bool, kept: &Kept) -> oriel_state::Result<Option<Kept>> {
        let state = &inner.parts.state;
        let documents = state.documents(org, DocumentKind::Downtime).await?;
        let versions: Vec<(String, TimeMs)> =
            documents.iter().map(|d| (d.id.clone(), d.modified_ms)).collect();
        let hosts = match hosts {
            true => state
                .hosts(org)
                .await?
                .into_iter()
                .filter_map(|h| Some((h.name, h.mute?.end_s.map(|s| s.saturating_mul(1000)))))
                .collect(),
            false => kept.hosts.clone(),
        };
        if versions == kept.versions && hosts == kept.hosts {
            return Ok(None);
        }
        let (downtimes, problems) =
            Downtimes::read(documents.iter().map(|d| (d.id.as_str(), &d.body)), hosts.clone());
        for problem in problems {
            tracing::warn!("{problem}; it mutes nobody");
        }
        Ok(Some(Kept { versions, hosts, downtimes: Arc::new(downtimes), ends_ms: kept.ends_ms }))
    }

    /// Notices that are owed because a downtime has ended and groups are still in trouble.
    pub(crate) fn owed(&self, inner: &Inner, org: OrgId, downtimes: &Downtimes) -> Vec<MonitorChange> {
        let now_ms = inner.now_ms();
        let since = {
            let mut all = self.0.lock();
            let kept = all.entry(org).or_default();
            kept.ends_ms.replace(now_ms).unwrap_or(now_ms - LOOK_BACK_MS)
        };
        if since >= now_ms {
            return Vec::new();
        }
        let ends = downtimes.ended(TimeRange::new(since, now_ms));
        if ends.is_empty() {
            return Vec::new();
        }
        let units: Vec<_> = inner.table.read().units().filter(|u| u.org == org).cloned().collect();
        let mut owed = Vec::new();
        for unit in units {
            for live in unit.live.read().iter() {
                ends.iter().for_each(|ended| of_monitor(live, ended, downtimes, &mut owed));
            }
        }
        owed
    }
}

/// What one end owes of one monitor: a notice for each group, or told group, that was in trouble then and is now.
fn of_monitor(live: &Live, ended: &Ended, downtimes: &Downtimes, owed: &mut Vec<MonitorChange>) {
    let subject = subject(live.id, &live.rule.tags, &live.body);
    let mut told = BTreeSet::new();
    for (key, group) in live.state.groups() {
        if !group.status.is_triggered() || group.since_ms > ended.at_ms {
            continue;
        }
        let tags = with_fixed(pairs(key, live.rule.group_by()), &live.fixed);
        let Some(kind) = ended.owes(downtimes, &subject, &tags, group.status) else { continue };
        let by = told_group(&live.rule, key);
        if told.insert(by.clone()) {
            let (from, to) = (group.status, group.status);
            let (at_ms, value) = (ended.at_ms, group.value);
            let transition = Transition { at_ms, group: by, from, to, kind, value, tells: true };
            owed.push(MonitorChange::owed(live, transition));
        }
    }
}

fn subject<'a>(id: i64, tags: &'a [String], body: &'a serde_json::Value) -> Subject<'a> {
    Subject { id, tags, silenced: body.pointer("/options/silenced") }
}

/// What mutes a monitor at a moment.
pub(crate) fn muting<'d>(downtimes: &'d Downtimes, change: &MonitorChange, at_ms: TimeMs) -> Muting<'d> {
    downtimes.at(at_ms).of_monitor(&subject(change.monitor, &change.rule.tags, &change.body))
}
