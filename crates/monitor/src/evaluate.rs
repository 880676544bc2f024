//! The state machine: rule, state and what was measured at a moment give the changes of that moment. Pure.
//!
//! The one idea: only groups that are not quietly OK have an entry, and measured groups and entries are both sorted by key, so
//! that an evaluation is one merge over two lists and a quiet group costs one comparison of numbers.

use crate::measured::{GroupMeasure, Measured};
use crate::rule::Rule;
use crate::status::{GroupState, Status, Transition};
use oriel_model::TimeMs;
use std::sync::Arc;

/// A monitor between two evaluations.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MonitorState {
    /// Groups that are not quietly OK, sorted by key. With a `notify_by`, also the groups that are told.
    entries: Vec<Entry>,
    changed: Vec<Change>,
    groups_total: usize,
}

#[derive(Clone, Debug, PartialEq)]
struct Entry {
    key: Arc<str>,
    state: GroupState,
}

/// A row that is to be stored: none deletes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    pub key: Arc<str>,
    pub state: Option<GroupState>,
}

impl MonitorState {
    /// From stored rows.
    pub fn load(rows: impl IntoIterator<Item = (Arc<str>, GroupState)>) -> Self {
        let mut entries: Vec<Entry> = rows.into_iter().map(|(key, state)| Entry { key, state }).collect();
        entries.sort_unstable_by(|a, b| a.key.cmp(&b.key));
        entries.dedup_by(|a, b| a.key == b.key);
        let groups_total = entries.len();
        Self { entries, changed: Vec::new(), groups_total }
    }

    /// Groups that are or were other than OK, sorted by key.
    pub fn groups(&self) -> impl ExactSizeIterator<Item = (&Arc<str>, &GroupState)> {
        self.entries.iter().map(|e| (&e.key, &e.state))
    }

    /// A group's state; none of one that is quietly OK (or unknown).
    pub fn group(&self, key: &str) -> Option<&GroupState> {
        let at = self.entries.binary_search_by(|e| (*e.key).cmp(key)).ok()?;
        self.entries.get(at).map(|e| &e.state)
    }

    /// The worst of its groups; OK for a monitor that has groups and none of them is anything else; none before the first
    /// group is seen.
    pub fn status(&self) -> Option<Status> {
        let worst = self.entries.iter().map(|e| e.state.status).max_by_key(|s| s.severity());
        worst.or((self.groups_total > 0).then_some(Status::Ok))
    }

    /// Groups that the newest evaluation knew.
    pub fn groups_total(&self) -> usize {
        self.groups_total
    }

    /// Rows that the evaluations since the last call changed. A state whose value alone is new is not a change.
    pub fn take_changes(&mut self) -> Vec<Change> {
        std::mem::take(&mut self.changed)
    }
}

/// One evaluation. `state` is afterwards what it is at `measured.at_ms`; the transitions are in the order of keys.
pub fn evaluate(rule: &Rule, state: &mut MonitorState, measured: &Measured) -> Vec<Transition> {
    let mut transitions = Vec::new();
    let _ = (rule, &mut *state, measured, &mut transitions);
    state.groups_total = measured.groups.len();
    transitions
}
