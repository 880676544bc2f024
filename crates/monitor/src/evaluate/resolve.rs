//! Resolving by hand: triggered groups become OK until the next evaluation says otherwise. Nobody is told: somebody did it.

use super::{Change, MonitorState, TOLD, kind_of};
use crate::status::{Status, Transition};
use oriel_model::TimeMs;

impl MonitorState {
    /// One group, or all without a key. A told group of a `notify_by` is resolved with its members.
    pub fn resolve(&mut self, group: Option<&str>, at_ms: TimeMs) -> Vec<Transition> {
        let mut transitions = Vec::new();
        let lists = [(&mut self.entries, ""), (&mut self.told, TOLD)];
        for (entries, prefix) in lists {
            for entry in entries.iter_mut().filter(|e| e.state.status.is_triggered()) {
                if group.is_some_and(|key| key != &*entry.key) {
                    continue;
                }
                let from = entry.state.status;
                entry.state.change(Status::Ok, at_ms);
                entry.state.notified_ms = None;
                transitions.push(Transition {
                    at_ms,
                    group: entry.key.clone(),
                    from,
                    to: Status::Ok,
                    kind: kind_of(from, Status::Ok),
                    value: None,
                    tells: false,
                });
                let key = if prefix.is_empty() {
                    entry.key.clone()
                } else {
                    format!("{prefix}{}", entry.key).into()
                };
                self.changed.push(Change { key, state: Some(entry.state.clone()) });
            }
        }
        transitions
    }
}

#[cfg(test)]
mod tests;
