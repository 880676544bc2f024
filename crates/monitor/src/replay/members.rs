//! Members of composites as they were: told from what was recorded of them.

use crate::measured::pairs;
use crate::rule::Member;
use crate::slo::History;
use crate::status::{Status, Transition};
use oriel_model::TimeMs;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A member's past: the keys of its groups, and what became of them.
#[derive(Clone, Debug, Default)]
pub struct PastMember {
    pub by: Vec<String>,
    pub history: History,
}

/// Goes along a member's past.
pub(super) struct Course {
    by: Vec<String>,
    keys: BTreeSet<Arc<str>>,
    statuses: BTreeMap<Arc<str>, Status>,
    rest: std::iter::Peekable<std::vec::IntoIter<Transition>>,
}

impl Course {
    pub(super) fn new(past: PastMember) -> Self {
        let PastMember { by, history } = past;
        // Told groups of a `notify_by` are no groups of the query.
        let is_group = |key: &str| pairs(key, &by).len() == by.len();
        let keys = history.groups.into_iter().filter(|key| is_group(key)).collect();
        let changes: Vec<Transition> =
            history.transitions.into_iter().filter(|t| t.from != t.to && is_group(&t.group)).collect();
        Self { keys, statuses: BTreeMap::new(), rest: changes.into_iter().peekable(), by }
    }

    /// As it was after its evaluation at a moment; moments come in order.
    pub(super) fn at(&mut self, at_ms: TimeMs) -> Member {
        while let Some(change) = self.rest.next_if(|t| t.at_ms <= at_ms) {
            self.keys.insert(change.group.clone());
            self.statuses.insert(change.group, change.to);
        }
        let groups: Vec<(Arc<str>, Status)> = self
            .statuses
            .iter()
            .filter(|(_, status)| **status != Status::Ok)
            .map(|(key, status)| (key.clone(), *status))
            .collect();
        let status = groups.iter().map(|(_, s)| *s).max_by_key(|s| s.severity()).unwrap_or_default();
        Member { status, by: self.by.clone(), groups, keys: self.keys.iter().cloned().collect() }
    }
}
