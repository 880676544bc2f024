//! Groups that somebody resolves by hand. The loop does it, between two evaluations of the monitor, and writes it with its round:
//! what was evaluated before can't come after it.

use super::change::MonitorChange;
use super::{Inner, Runtime};
use crate::{Error, Result};
use oriel_model::OrgId;
use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use tokio::sync::oneshot;

/// Requests that wait for the loop, which takes them several times a second.
const WAITING_MAX: usize = 10_000;

/// One request.
pub(super) struct Resolve {
    org: OrgId,
    monitor: i64,
    /// None: all.
    group: Option<String>,
    done: oneshot::Sender<usize>,
}

impl Runtime {
    /// Makes a triggered group of a monitor OK, or all of them, until the next evaluation; says how many there were. Returns
    /// when the loop has taken it in, which is written with its round.
    pub async fn resolve(&self, org: OrgId, monitor: i64, group: Option<&str>) -> Result<usize> {
        let (done, resolved) = oneshot::channel();
        {
            let mut waiting = self.inner.resolves.lock();
            if waiting.len() >= WAITING_MAX {
                return Err(Error::Source(format!("{WAITING_MAX} groups wait to be resolved; try again")));
            }
            waiting.push(Resolve { org, monitor, group: group.map(str::to_owned), done });
        }
        resolved.await.map_err(|_| Error::Source("monitors are being stopped".to_owned()))
    }
}

impl Inner {
    /// Does what waits, but for monitors that are being evaluated.
    pub(super) fn resolve_waiting(&self, changes: &mut BTreeMap<OrgId, Vec<MonitorChange>>) {
        let waiting = std::mem::take(&mut *self.resolves.lock());
        let mut left = Vec::new();
        for asked in waiting {
            match self.resolve_one(&asked) {
                None => left.push(asked),
                Some((n, change)) => {
                    changes.entry(asked.org).or_default().extend(change);
                    // Who asked may have gone.
                    let _ = asked.done.send(n);
                }
            }
        }
        self.resolves.lock().extend(left);
    }

    fn resolve_one(&self, asked: &Resolve) -> Option<(usize, Option<MonitorChange>)> {
        let slot = self.table.read().get(asked.org, asked.monitor).cloned();
        let Some((_, unit)) = slot.and_then(|s| s.place.ok()) else { return Some((0, None)) };
        if unit.busy.load(Ordering::Acquire) {
            return None;
        }
        let now_ms = self.now_ms();
        let mut all = unit.live.write();
        let Some(live) = all.iter_mut().find(|live| live.id == asked.monitor) else { return Some((0, None)) };
        let transitions = live.state.resolve(asked.group.as_deref(), now_ms);
        let rows = live.state.take_changes();
        let n = transitions.len();
        Some((n, (n > 0).then(|| MonitorChange::new(live, transitions, rows))))
    }
}
