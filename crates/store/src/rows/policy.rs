//! What takes rows away besides a query's own filter: deletions, retention by filter, thinning (STORE 28, 29).
//!
//! Reads apply it at once, as masks over the pieces that it has not been applied to; compaction applies it for good and says
//! so in [`WideMeta`](crate::parts::WideMeta).

use super::{NsRange, TailSampling};
use crate::parts::FileMeta;
use oriel_model::{Columns, Filter, OrgId, Signal, TimeMs};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

/// Rules of retention of an org and signal, at most (STORE 28).
pub(crate) const RULES_MAX: usize = 8;

/// A deletion: rows of files up to a sequence that a filter wants.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tombstone {
    /// Rising.
    pub(crate) id: u64,
    pub(crate) org: OrgId,
    pub(crate) signal: Signal,
    pub(crate) range: NsRange,
    /// As written.
    pub(crate) query: String,
    pub(crate) filter: Filter,
    /// Files with a higher `begin_seq` are not touched by it.
    pub(crate) sequence: u64,
    pub(crate) created_ms: TimeMs,
    /// Rows that it took when it was made.
    pub(crate) rows: u64,
}

impl Tombstone {
    /// Whether rows of the file may still have to go.
    pub(crate) fn is_pending_on(&self, meta: &FileMeta) -> bool {
        meta.content.signal() == Some(self.signal)
            && meta.has_org(self.org)
            && meta.begin_seq <= self.sequence
            && meta.wide.tombstone < self.id
            && meta.overlaps_ns(self.range)
    }
}

/// How long rows of one org and signal are kept: the first rule that matches counts, else the signal's own span.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct KeepRules {
    /// Rises with each change; a file's class is of the version that it names.
    pub(crate) version: u32,
    pub(crate) rules: Vec<(Filter, i64)>,
    pub(crate) default_ms: i64,
}

impl KeepRules {
    /// The class of rows that no rule matches is the number of rules.
    pub(crate) fn classes(&self) -> usize {
        self.rules.len() + 1
    }

    pub(crate) fn keep_ms(&self, class: u8) -> i64 {
        self.rules.get(usize::from(class)).map_or(self.default_ms, |(_, keep_ms)| *keep_ms)
    }

    /// The longest span of any class.
    pub(crate) fn longest_ms(&self) -> i64 {
        self.rules.iter().map(|(_, keep_ms)| *keep_ms).fold(self.default_ms, i64::max)
    }

    /// The shortest span of any class.
    pub(crate) fn shortest_ms(&self) -> i64 {
        self.rules.iter().map(|(_, keep_ms)| *keep_ms).fold(self.default_ms, i64::min)
    }

    /// The class of each row of a block.
    pub(crate) fn classes_of(&self, block: &dyn Columns) -> Vec<u8> {
        let none = u8::try_from(self.rules.len()).unwrap_or(u8::MAX);
        let mut classes = vec![none; block.rows()];
        for (class, (filter, _)) in self.rules.iter().enumerate().rev() {
            let class = u8::try_from(class).unwrap_or(u8::MAX);
            for row in filter.select(block).values().set_indices() {
                classes[row] = class;
            }
        }
        classes
    }

    /// The span that every row of a file is kept for, when the file is of one class of these rules.
    pub(crate) fn keep_of(&self, meta: &FileMeta) -> Option<i64> {
        if self.rules.is_empty() {
            return Some(self.default_ms);
        }
        (meta.wide.rules == self.version).then(|| self.keep_ms(meta.wide.class))
    }
}

/// Thinning of an org's spans.
#[derive(Clone, Debug)]
pub(crate) struct Thinning {
    pub(crate) rule: TailSampling,
    /// Traces that somebody looked at.
    pub(crate) viewed: Arc<HashSet<u128>>,
}

/// All of it at one moment: what reads mask by and what a compaction applies.
#[derive(Clone, Debug, Default)]
pub(crate) struct RowPolicy {
    /// Oldest first.
    pub(crate) tombstones: Vec<Arc<Tombstone>>,
    /// Of orgs that made rules; others have the signal's span alone.
    pub(crate) keep: BTreeMap<(OrgId, Signal), Arc<KeepRules>>,
    /// The span of a signal where an org has no rules.
    pub(crate) default_ms: BTreeMap<Signal, i64>,
    pub(crate) thinning: BTreeMap<OrgId, Thinning>,
}

impl RowPolicy {
    pub(crate) fn keep(&self, org: OrgId, signal: Signal) -> Arc<KeepRules> {
        if let Some(rules) = self.keep.get(&(org, signal)) {
            return Arc::clone(rules);
        }
        let default_ms = self.default_ms.get(&signal).copied().unwrap_or(i64::MAX);
        Arc::new(KeepRules { version: 0, rules: Vec::new(), default_ms })
    }

    /// Deletions that are still to be applied to a file.
    pub(crate) fn pending_on(&self, meta: &FileMeta) -> Vec<Arc<Tombstone>> {
        self.tombstones.iter().filter(|t| t.is_pending_on(meta)).cloned().collect()
    }

    /// The newest deletion: what a compaction that applied all of them writes into its outputs.
    pub(crate) fn newest_tombstone(&self) -> u64 {
        self.tombstones.last().map_or(0, |t| t.id)
    }
}
