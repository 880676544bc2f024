//! What pages and APIs see of monitors as they are now.

use super::Runtime;
use super::table::Slot;
use super::unit::{Evaluation, Unit};
use crate::downtime::{Downtimes, Muted, Subject};
use crate::evaluate::Counts;
use crate::measured::{Measured, pairs};
use crate::rule::Rule;
use crate::status::{GroupState, Status};
use oriel_model::{OrgId, TimeMs};
use serde_json::Value;
use std::sync::Arc;

/// A monitor in a list.
#[derive(Clone, Debug)]
pub struct Summary {
    pub id: i64,
    /// Why it can't be evaluated, or its rule.
    pub rule: Result<Arc<Rule>, String>,
    pub body: Arc<Value>,
    pub modified_ms: TimeMs,
    /// None before the first group is seen.
    pub status: Option<Status>,
    pub counts: Counts,
    pub last_triggered_ms: Option<TimeMs>,
    /// The newest change of any group.
    pub changed_ms: Option<TimeMs>,
    pub evaluation: Evaluation,
    /// When it is evaluated next.
    pub next_ms: Option<TimeMs>,
    pub every_ms: Option<i64>,
}

impl Summary {
    /// Of a monitor that is stored and not evaluated yet.
    pub fn of_document(id: i64, body: Value, modified_ms: TimeMs) -> Self {
        Self {
            id,
            rule: Rule::parse(&body).map(Arc::new).map_err(|e| e.to_string()),
            body: Arc::new(body),
            modified_ms,
            status: None,
            counts: Counts::default(),
            last_triggered_ms: None,
            changed_ms: None,
            evaluation: Evaluation::default(),
            next_ms: None,
            every_ms: None,
        }
    }
}

/// A monitor with its groups.
#[derive(Clone, Debug)]
pub struct Overview {
    pub summary: Summary,
    pub groups: Vec<GroupView>,
    pub groups_total: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub struct GroupView {
    pub key: Arc<str>,
    pub state: GroupState,
    /// At the newest evaluation.
    pub value: Option<f64>,
    pub last_seen_ms: Option<TimeMs>,
}

impl Runtime {
    /// All monitors of an org, by id.
    pub fn summaries(&self, org: OrgId) -> Vec<Summary> {
        let slots: Vec<(i64, Slot)> = {
            let table = self.inner.table.read();
            table.slots().filter(|(o, ..)| *o == org).map(|(_, id, slot)| (id, slot.clone())).collect()
        };
        let mut all: Vec<Summary> = slots.iter().map(|(id, slot)| summary(*id, slot)).collect();
        all.sort_by_key(|s| s.id);
        all
    }

    pub fn summary(&self, org: OrgId, id: i64) -> Option<Summary> {
        let slot = self.inner.table.read().get(org, id)?.clone();
        Some(summary(id, &slot))
    }

    /// With at most `limit` groups, the worst first.
    pub fn overview(&self, org: OrgId, id: i64, limit: usize) -> Option<Overview> {
        let slot = self.inner.table.read().get(org, id)?.clone();
        let summary = summary(id, &slot);
        let mut groups = slot.place.as_ref().map_or_else(|_| Vec::new(), |(_, unit)| groups(unit, id));
        let groups_total = groups.len();
        let severity = |g: &GroupView| std::cmp::Reverse(g.state.status.severity());
        groups.sort_by(|a, b| severity(a).cmp(&severity(b)).then_with(|| a.key.cmp(&b.key)));
        groups.truncate(limit);
        Some(Overview { summary, groups, groups_total })
    }

    /// An org's downtimes and muted hosts, as they are now.
    pub async fn downtimes(&self, org: OrgId) -> Arc<Downtimes> {
        self.inner.mutes.of(&self.inner, org, true).await
    }

    /// What a monitor's newest evaluation measured.
    pub fn newest(&self, org: OrgId, id: i64) -> Option<Arc<Measured>> {
        let (_, unit) = self.inner.table.read().get(org, id)?.place.clone().ok()?;
        Some(unit).and_then(|unit| unit.newest.read().clone())
    }
}

/// Whether a group of a monitor is muted; the whole monitor when no group is given.
pub fn muted(
    downtimes: &Downtimes,
    (id, rule, body): (i64, &Rule, &Value),
    group: Option<&str>,
    at_ms: TimeMs,
) -> Option<Muted> {
    let subject = Subject { id, tags: &rule.tags, silenced: body.pointer("/options/silenced") };
    let own = group.map(|key| pairs(key, rule.group_by())).unwrap_or_default();
    let tags = super::scope::with_fixed(own, &super::scope::fixed(rule));
    downtimes.muted(&subject, &tags, at_ms)
}

fn summary(id: i64, slot: &Slot) -> Summary {
    let mut found = Summary {
        id,
        rule: slot.place.as_ref().map(|(rule, _)| rule.clone()).map_err(Clone::clone),
        body: slot.body.clone(),
        modified_ms: slot.modified_ms,
        status: None,
        counts: Counts::default(),
        last_triggered_ms: None,
        changed_ms: None,
        evaluation: Evaluation::default(),
        next_ms: None,
        every_ms: None,
    };
    match &slot.place {
        Err(error) => found.evaluation.error = Some(error.clone()),
        Ok((_, unit)) => {
            found.evaluation = unit.evaluation.lock().clone();
            found.every_ms = Some(unit.cadence.every_ms());
            found.next_ms = found.evaluation.tried_ms.map(|t| unit.cadence.after(t));
            if let Some(live) = unit.live.read().iter().find(|live| live.id == id) {
                found.status = live.state.status();
                found.counts = live.state.counts();
                found.changed_ms = live.state.groups().map(|(_, g)| g.since_ms).max();
                found.last_triggered_ms = live.state.groups().filter_map(|(_, g)| g.last_triggered_ms).max();
            }
        }
    }
    found
}

/// States of groups, and of those that are quietly OK what was measured.
fn groups(unit: &Unit, id: i64) -> Vec<GroupView> {
    let newest = unit.newest.read().clone();
    let all = unit.live.read();
    let Some(live) = all.iter().find(|live| live.id == id) else { return Vec::new() };
    let mut views: Vec<GroupView> = live
        .state
        .groups()
        .map(|(key, state)| GroupView {
            key: key.clone(),
            state: state.clone(),
            value: state.value,
            last_seen_ms: None,
        })
        .collect();
    let known = views.len();
    for group in newest.iter().flat_map(|m| m.groups.iter()) {
        let value = Some(group.value).filter(|v| !v.is_nan());
        let last_seen_ms = Some(group.last_seen_ms);
        match views[..known].binary_search_by(|v| v.key.cmp(&group.key)) {
            Ok(at) => {
                views[at].value = value.or(views[at].value);
                views[at].last_seen_ms = last_seen_ms;
            }
            Err(_) => views.push(GroupView {
                key: group.key.clone(),
                state: GroupState { value, since_ms: group.first_seen_ms, ..GroupState::default() },
                value,
                last_seen_ms,
            }),
        }
    }
    views
}
