//! Who a watch has seen: the groups of its query with their first and newest sight, so that a group that stops sending is
//! measured as absent instead of being forgotten.
//!
//! Kept sorted by key, as measurements are, and joined with them in one pass: a quiet minute of 500 groups allocates nothing.

use crate::measured::{GroupMeasure, Measured};
use oriel_model::TimeMs;
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::sync::Arc;

/// Groups that one watch remembers: as many as one query may answer with, and those that left.
const GROUPS_MAX: usize = 200_000;
/// The key of what is not grouped.
const WITHOUT_GROUPS: &str = "*";
/// How often the newest sights are written when nobody came or went.
const FLUSH_MS: i64 = 600_000;

/// See the module's head.
#[derive(Debug, Default)]
pub struct Seen {
    groups: Vec<Sight>,
    /// Whether a measurement was joined before: who the first one finds is not new.
    measured: bool,
    /// Somebody came, left or was forgotten since the last writing.
    changed: bool,
    flushed_ms: TimeMs,
    /// It was read from what was written, and nothing was joined since.
    restored: bool,
}

#[derive(Clone, Debug, PartialEq)]
struct Sight {
    key: Arc<str>,
    first_ms: TimeMs,
    last_ms: TimeMs,
    present: bool,
}

/// As it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    at_ms: TimeMs,
    groups: Vec<(Arc<str>, TimeMs, TimeMs)>,
}

impl Seen {
    /// Of what was written; `None` when it is not of this form.
    pub fn read(text: &str) -> Option<Self> {
        let kept: Kept = serde_json::from_str(text).ok()?;
        let mut groups: Vec<Sight> = kept
            .groups
            .into_iter()
            .map(|(key, first_ms, last_ms)| Sight { key, first_ms, last_ms, present: true })
            .collect();
        groups.sort_by(|a, b| a.key.cmp(&b.key));
        Some(Self { groups, measured: true, changed: false, flushed_ms: kept.at_ms, restored: true })
    }

    /// What is to be written now, if anything: at once when somebody came or went, else every ten minutes.
    pub fn flush(&mut self, at_ms: TimeMs) -> Option<String> {
        if !self.changed && (self.groups.is_empty() || at_ms - self.flushed_ms < FLUSH_MS) {
            return None;
        }
        self.changed = false;
        self.flushed_ms = at_ms;
        let groups = self.groups.iter().map(|s| (s.key.clone(), s.first_ms, s.last_ms)).collect();
        serde_json::to_string(&Kept { at_ms, groups }).ok()
    }

    /// Once after it was read: when that was written.
    pub fn take_restored(&mut self) -> Option<TimeMs> {
        std::mem::take(&mut self.restored).then_some(self.flushed_ms)
    }

    /// Whether somebody who was seen is not in a measurement.
    pub fn misses(&self, measured: &Measured) -> bool {
        let has = |s: &Sight| measured.groups.binary_search_by(|g| g.key.cmp(&s.key)).is_ok();
        !self.groups.iter().all(has)
    }

    pub fn len(&self) -> usize {
        self.groups.len()
    }

    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// Takes up groups that have a state and that nobody saw here: the query was changed, or the sights were lost.
    pub fn adopt(&mut self, keys: impl IntoIterator<Item = Arc<str>>, now_ms: TimeMs) {
        for key in keys {
            if let Err(at) = self.groups.binary_search_by(|s| s.key.cmp(&key)) {
                self.groups.insert(at, Sight { key, first_ms: 0, last_ms: now_ms, present: true });
            }
        }
    }

    /// Newer sights than those that are known, of groups that are: for a start after the newest were not written.
    pub fn refresh(&mut self, measured: &Measured) {
        for group in measured.groups.iter().filter(|g| !g.value.is_nan() || g.status.is_some()) {
            if let Ok(at) = self.groups.binary_search_by(|s| s.key.cmp(&group.key)) {
                let sight = &mut self.groups[at];
                sight.last_ms = sight.last_ms.max(group.last_seen_ms);
            }
        }
    }

    /// Fills in what a measurement of one window can't know: when groups were first seen, and those that were seen within
    /// `retention_ms` and are absent now.
    pub fn join(&mut self, measured: &mut Measured, retention_ms: i64) {
        let at_ms = measured.at_ms;
        let found = std::mem::take(&mut measured.groups);
        let known = std::mem::take(&mut self.groups);
        let (mut found, mut known) = (found.into_iter().peekable(), known.into_iter().peekable());
        loop {
            let order = match (found.peek(), known.peek()) {
                (None, None) => break,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(new), Some(old)) => new.key.cmp(&old.key),
            };
            let new = if order.is_le() { found.next() } else { None };
            let old = if order.is_ge() { known.next() } else { None };
            let new = new.filter(|group| self.groups.len() < GROUPS_MAX || !group.value.is_nan());
            self.one(new, old, (at_ms, retention_ms), &mut measured.groups);
        }
        self.measured = true;
    }

    fn one(
        &mut self,
        new: Option<GroupMeasure>,
        old: Option<Sight>,
        (at_ms, retention_ms): (TimeMs, i64),
        out: &mut Vec<GroupMeasure>,
    ) {
        let new = new.filter(is_present);
        match (new, old) {
            (Some(mut group), Some(mut sight)) => {
                group.key = sight.key.clone();
                group.first_seen_ms = sight.first_ms;
                self.changed |= !sight.present;
                sight.present = true;
                sight.last_ms = sight.last_ms.max(group.last_seen_ms);
                group.last_seen_ms = sight.last_ms;
                self.groups.push(sight);
                out.push(group);
            }
            (Some(mut group), None) => {
                group.first_seen_ms = if self.measured { at_ms } else { 0 };
                self.changed = true;
                self.groups.push(Sight {
                    key: group.key.clone(),
                    first_ms: group.first_seen_ms,
                    last_ms: group.last_seen_ms,
                    present: true,
                });
                out.push(group);
            }
            (None, Some(mut sight)) => {
                // Shown once more when its time is over, so that rules with a retention of their own can forget it.
                self.changed |= sight.present;
                sight.present = false;
                out.push(GroupMeasure::absent(sight.key.clone(), sight.first_ms, sight.last_ms));
                // A monitor without groups waits for its data as long as it takes.
                if at_ms - sight.last_ms <= retention_ms || &*sight.key == WITHOUT_GROUPS {
                    self.groups.push(sight);
                } else {
                    self.changed = true;
                }
            }
            (None, None) => {}
        }
    }
}

fn is_present(group: &GroupMeasure) -> bool {
    !group.value.is_nan() || group.status.is_some()
}

#[cfg(test)]
mod tests;
