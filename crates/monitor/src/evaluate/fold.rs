//! `notify_by`: groups are evaluated each for itself, and told by fewer keys: a told group is as its worst member.

use super::{Change, Entry, MonitorState, Next, Round, TOLD};
use crate::measured;
use crate::rule::Rule;
use crate::status::{GroupState, Status};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The keys that are told by, when they are fewer than the groups'.
pub(super) fn keys(rule: &Rule) -> Option<&[String]> {
    let by = rule.options.notify_by.as_deref()?;
    let groups = rule.group_by();
    (!groups.is_empty() && !groups.iter().all(|key| by.contains(key))).then_some(by)
}

/// The key of the told group that a group is in.
pub(super) fn told_key(group: &str, group_by: &[String], notify_by: &[String]) -> Arc<str> {
    let mut pairs = measured::pairs(group, group_by);
    pairs.retain(|(key, _)| notify_by.contains(key));
    measured::key(&pairs)
}

/// Of a told group's members.
#[derive(Default)]
struct Worst {
    status: Status,
    value: Option<f64>,
    /// Nothing was concluded of it: it is not told again.
    held: bool,
}

impl Round<'_> {
    /// Evaluates the told groups after their members.
    pub(super) fn fold(&mut self, state: &mut MonitorState, by: &[String], group_by: &[String]) {
        let mut now: BTreeMap<Arc<str>, Worst> = BTreeMap::new();
        let mut worst: BTreeMap<Arc<str>, (u8, i64)> = BTreeMap::new();
        for member in &state.entries {
            let key = told_key(&member.key, group_by, by);
            // Of equals the one that changed last: a recovery tells the value that made it.
            let rank = (member.state.status.severity(), member.state.since_ms);
            if worst.get(&key).is_none_or(|most| rank > *most) {
                worst.insert(key.clone(), rank);
                let held = self.held.binary_search(&member.key).is_ok();
                now.insert(key, Worst { status: member.state.status, value: member.state.value, held });
            }
        }
        let forgotten: Vec<Arc<str>> = self.forgotten.iter().map(|key| told_key(key, group_by, by)).collect();
        for mut entry in std::mem::take(&mut state.told) {
            let found = now.remove(&entry.key);
            if found.is_none() && entry.state.status == Status::Ok {
                let key = format!("{TOLD}{}", entry.key).into();
                self.changed.push(Change { key, state: None });
                continue;
            }
            let Worst { status: to, value, held } = found.unwrap_or_default();
            if held && to == entry.state.status {
                state.told.push(entry);
                continue;
            }
            // Members that only went away are no recovery.
            let tells = self.judge.tells(to) && (to != Status::Ok || !forgotten.contains(&entry.key));
            entry.state.value = value.or(entry.state.value);
            self.step(&mut entry, Next { to, value, tells }, TOLD);
            state.told.push(entry);
        }
        now.retain(|_, worst| worst.status != Status::Ok);
        for (key, Worst { status: to, value, .. }) in now {
            let mut entry = Entry { key, state: GroupState { value, ..GroupState::default() } };
            let tells = self.judge.tells(to);
            self.step(&mut entry, Next { to, value, tells }, TOLD);
            state.told.push(entry);
        }
        state.told.sort_unstable_by(|a, b| a.key.cmp(&b.key));
    }
}
