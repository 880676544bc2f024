//! The state machine: rule, state and what was measured at a moment give the changes of that moment. Pure.
//!
//! The one idea: only groups that are not quietly OK have an entry, and measured groups and entries are both sorted by key, so
//! that an evaluation is one merge over two lists and a quiet group costs one comparison of numbers. Mutes are not known here:
//! they decide whether a transition that tells becomes a notice, never what a group is.

mod fold;
mod judge;
mod resolve;

use crate::measured::{GroupMeasure, Measured};
use crate::rule::Rule;
use crate::status::{GroupState, Status, Transition, TransitionKind};
use judge::{Judge, Verdict};
use oriel_model::TimeMs;
use std::sync::Arc;

/// A monitor between two evaluations.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MonitorState {
    /// Groups that are or were other than OK, sorted by key.
    entries: Vec<Entry>,
    /// With a `notify_by`: the groups that are told, sorted by key.
    told: Vec<Entry>,
    changed: Vec<Change>,
    groups_total: usize,
}

#[derive(Clone, Debug, PartialEq)]
struct Entry {
    key: Arc<str>,
    state: GroupState,
}

/// A row that is to be stored, for [`MonitorState::load`]; without a state it is to be deleted.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The group's key; that of a told group of a `notify_by` has [`TOLD`] before it.
    pub key: Arc<str>,
    pub state: Option<GroupState>,
}

/// Before the key of a told group in a stored row. Keys of tags hold no blanks, so that no group's key begins like this.
pub const TOLD: &str = "notify_by ";

/// How many groups a monitor has in each status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    pub alert: usize,
    pub warn: usize,
    pub no_data: usize,
    pub unknown: usize,
    pub ok: usize,
    pub total: usize,
}

impl MonitorState {
    /// From stored rows.
    pub fn load(rows: impl IntoIterator<Item = (Arc<str>, GroupState)>) -> Self {
        let mut state = Self::default();
        for (key, group) in rows {
            match key.strip_prefix(TOLD) {
                Some(told) => state.told.push(Entry { key: Arc::from(told), state: group }),
                None => state.entries.push(Entry { key, state: group }),
            }
        }
        for entries in [&mut state.entries, &mut state.told] {
            entries.sort_unstable_by(|a, b| a.key.cmp(&b.key));
            entries.dedup_by(|a, b| a.key == b.key);
        }
        state.groups_total = state.entries.len();
        state
    }

    /// Groups that are or were other than OK, sorted by key.
    pub fn groups(&self) -> impl ExactSizeIterator<Item = (&Arc<str>, &GroupState)> {
        self.entries.iter().map(|e| (&e.key, &e.state))
    }

    /// Every row as it is stored, for [`MonitorState::load`].
    pub fn rows(&self) -> impl Iterator<Item = (Arc<str>, &GroupState)> {
        let told = self.told.iter().map(|e| (Arc::from(format!("{TOLD}{}", e.key)), &e.state));
        self.entries.iter().map(|e| (e.key.clone(), &e.state)).chain(told)
    }

    /// A group's state, or that of a told group of a `notify_by`; none of one that was never anything but OK.
    pub fn group(&self, key: &str) -> Option<&GroupState> {
        find(&self.entries, key).or_else(|| find(&self.told, key))
    }

    /// The worst of its groups; OK when there are groups and none of them is anything else; none before the first was seen.
    pub fn status(&self) -> Option<Status> {
        let worst = self.entries.iter().map(|e| e.state.status).max_by_key(|s| s.severity());
        worst.or((self.groups_total > 0).then_some(Status::Ok))
    }

    pub fn counts(&self) -> Counts {
        let mut counts = Counts { total: self.groups_total.max(self.entries.len()), ..Counts::default() };
        for entry in &self.entries {
            match entry.state.status {
                Status::Alert => counts.alert += 1,
                Status::Warn => counts.warn += 1,
                Status::NoData => counts.no_data += 1,
                Status::Unknown => counts.unknown += 1,
                Status::Ok | Status::Ignored | Status::Skipped => {}
            }
        }
        counts.ok = counts.total - counts.alert - counts.warn - counts.no_data - counts.unknown;
        counts
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

fn find<'a>(entries: &'a [Entry], key: &str) -> Option<&'a GroupState> {
    let at = entries.binary_search_by(|e| (*e.key).cmp(key)).ok()?;
    entries.get(at).map(|e| &e.state)
}

/// The key of the group that is told for this one: its own without a `notify_by`.
pub fn told_group(rule: &Rule, group: &Arc<str>) -> Arc<str> {
    fold::keys(rule).map_or_else(|| group.clone(), |by| fold::told_key(group, rule.group_by(), by))
}

/// One evaluation. `state` is afterwards what it is at `measured.at_ms`; the transitions are in the order of keys, those of told
/// groups last. Rows to store are in [`MonitorState::take_changes`].
pub fn evaluate(rule: &Rule, state: &mut MonitorState, measured: &Measured) -> Vec<Transition> {
    let judge = Judge::new(rule, measured);
    let mut round = Round {
        judge,
        transitions: Vec::new(),
        changed: Vec::new(),
        forgotten: Vec::new(),
        held: Vec::new(),
    };
    let mut before = std::mem::take(&mut state.entries).into_iter().peekable();
    let mut groups_total = 0;
    // Nothing found is a count too, also before anything ever was.
    let nothing = (measured.groups.is_empty() && round.judge.counts_nothing())
        .then(|| GroupMeasure::absent(Arc::from("*"), 0, 0));
    for group in measured.groups.iter().chain(&nothing) {
        while let Some(gone) = before.next_if(|e| e.key < group.key) {
            round.forget(gone);
        }
        let entry = before.next_if(|e| e.key == group.key);
        let verdict = round.judge.verdict(entry.as_ref().map_or(Status::Ok, |e| e.state.status), group);
        if verdict != Verdict::Forget {
            groups_total += 1;
        }
        state.entries.extend(round.settle(entry, group, verdict));
    }
    before.for_each(|gone| round.forget(gone));
    state.groups_total = groups_total;
    if let Some(by) = fold::keys(rule) {
        round.fold(state, by, rule.group_by());
    }
    state.changed.append(&mut round.changed);
    round.transitions
}

/// Whether nothing is concluded of a group that was in this status, since Oriel itself took nothing in a moment ago; `None`
/// outside of the grace.
pub(crate) fn held(
    rule: &Rule,
    was: Status,
    measured: &Measured,
    group: Option<&GroupMeasure>,
) -> Option<bool> {
    let judge = Judge::new(rule, measured);
    let verdict = |group: &GroupMeasure| judge.verdict(was, group) == Verdict::Hold;
    judge.grace.then(|| group.is_none_or(verdict))
}

/// What an evaluation gathers.
struct Round<'a> {
    judge: Judge<'a>,
    transitions: Vec<Transition>,
    changed: Vec<Change>,
    /// Triggered groups that are no more, of rules that fold.
    forgotten: Vec<Arc<str>>,
    /// Groups of which nothing is concluded, of rules that fold; sorted by key.
    held: Vec<Arc<str>>,
}

/// What a group is after the evaluation, and whether it may tell.
struct Next {
    to: Status,
    value: Option<f64>,
    tells: bool,
}

impl Round<'_> {
    /// The group's entry after the verdict; none for one that stays quietly OK or is forgotten.
    fn settle(&mut self, entry: Option<Entry>, group: &GroupMeasure, verdict: Verdict) -> Option<Entry> {
        let to = match verdict {
            Verdict::Keep => entry.as_ref()?.state.status,
            Verdict::Hold => {
                if self.judge.folds {
                    self.held.push(group.key.clone());
                }
                return entry;
            }
            Verdict::Become(Status::Ok) if entry.is_none() => return None,
            Verdict::Become(status) => status,
            Verdict::Forget => {
                entry.into_iter().for_each(|gone| self.forget(gone));
                return None;
            }
        };
        let mut entry =
            entry.unwrap_or_else(|| Entry { key: group.key.clone(), state: GroupState::default() });
        let value = self.judge.value(group);
        if value.is_some() {
            entry.state.value = value;
        }
        let tells = self.judge.tells(to) && !self.judge.folds;
        self.step(&mut entry, Next { to, value, tells }, "");
        Some(entry)
    }

    /// Brings an entry to a status, or tells again. `prefix` is that of its stored row.
    fn step(&mut self, entry: &mut Entry, next: Next, prefix: &str) {
        let Next { to, mut value, tells } = next;
        let at_ms = self.judge.at_ms;
        let from = entry.state.status;
        let (kind, tells) = if from == to {
            if !(tells && self.judge.renotifies(&entry.state)) {
                return;
            }
            entry.state.renotified += 1;
            value = value.or(entry.state.value);
            (TransitionKind::Renotify, true)
        } else {
            // A recovery is told when something was told before it.
            let tells = tells && (to != Status::Ok || entry.state.notified_ms.is_some());
            entry.state.change(to, at_ms);
            (kind_of(from, to), tells)
        };
        if tells {
            entry.state.notified_ms = Some(at_ms);
        }
        let value = value.filter(|_| to != Status::NoData);
        self.transitions.push(Transition { at_ms, group: entry.key.clone(), from, to, kind, value, tells });
        let key = if prefix.is_empty() { entry.key.clone() } else { format!("{prefix}{}", entry.key).into() };
        self.changed.push(Change { key, state: Some(entry.state.clone()) });
    }

    /// The group is no more: its episode ends, and nobody is told.
    fn forget(&mut self, gone: Entry) {
        let from = gone.state.status;
        if from != Status::Ok {
            let (at_ms, group) = (self.judge.at_ms, gone.key.clone());
            let kind = kind_of(from, Status::Ok);
            self.transitions.push(Transition {
                at_ms,
                group,
                from,
                to: Status::Ok,
                kind,
                value: None,
                tells: false,
            });
            if self.judge.folds {
                self.forgotten.push(gone.key.clone());
            }
        }
        self.changed.push(Change { key: gone.key, state: None });
    }
}

impl GroupState {
    /// Another status. What is remembered of an episode stays after it, for the recovery's notice, until the next begins.
    fn change(&mut self, to: Status, at_ms: TimeMs) {
        if self.status == Status::Ok {
            self.triggered_ms = Some(at_ms);
            self.notified_ms = None;
        }
        if to.is_triggered() {
            self.last_triggered_ms = Some(at_ms);
        }
        self.status = to;
        self.since_ms = at_ms;
        self.renotified = 0;
    }
}

/// The transition table (`docs/semantics.md`).
fn kind_of(from: Status, to: Status) -> TransitionKind {
    match (from, to) {
        (Status::Warn, Status::Alert) => TransitionKind::WarningToAlert,
        (_, Status::Alert) => TransitionKind::Alert,
        (Status::Alert, Status::Warn) => TransitionKind::AlertToWarning,
        (_, Status::Warn) => TransitionKind::Warning,
        (_, Status::NoData) => TransitionKind::NoData,
        (_, Status::Unknown) => TransitionKind::Unknown,
        (Status::Warn, _) => TransitionKind::WarningRecovery,
        (Status::NoData, _) => TransitionKind::NoDataRecovery,
        (Status::Unknown, _) => TransitionKind::UnknownRecovery,
        (_, Status::Ok | Status::Ignored | Status::Skipped) => TransitionKind::AlertRecovery,
    }
}

#[cfg(test)]
mod tests;
