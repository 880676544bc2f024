//! Monitors as they run: a table of units (a watch with its monitors), a loop that starts what is due, and one transaction a
//! round.
//!
//! An evaluation ends in memory first and is then committed: states, transitions, who was seen, and notices together. A process
//! that is killed between the two evaluates again. A round that can't be written is tried until it can, and nothing is evaluated
//! meanwhile; so memory is never ahead of the file by more than one round.

pub mod change;
mod figures;
mod known;
mod mute;
mod overview;
mod pulse;
mod resolve;
mod round;
pub mod scope;
mod table;
mod unit;

pub use change::{Committed, Recorded};
pub use figures::Figures;
pub use overview::{GroupView, Overview, Summary, muted};
pub(crate) use round::SETTLE_MS;
pub use unit::Evaluation;

use crate::evaluate::MonitorState;
use crate::outage::Outage;
use crate::source::Source;
use crate::status::GroupState;
use crate::watch::{Known, Seen, Stop, World};
use crate::{Error, Result};
use hashbrown::HashMap;
use mute::Mutes;
use oriel_model::{Clock, OrgId, TimeMs, TimeRange};
use oriel_state::State;
use parking_lot::{Mutex, RwLock};
use pulse::Pulse;
use std::sync::Arc;
use table::{Past, Table};
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;

/// Who follows what became durable: the notifier, and what makes events of transitions. Called on the loop: it must not block.
pub trait Follower: Send + Sync {
    fn committed(&self, org: OrgId, transitions: &[Committed]);
}

/// What a runtime is made of.
pub struct Parts {
    pub source: Arc<dyn Source>,
    pub state: Arc<State>,
    pub clock: Arc<dyn Clock>,
    pub followers: Vec<Arc<dyn Follower>>,
    /// Reads at once.
    pub threads: usize,
}

/// See the module's head.
pub struct Runtime {
    inner: Arc<Inner>,
    stop: watch::Sender<bool>,
    task: Mutex<Option<JoinHandle<()>>>,
}

/// What the loop and its jobs share.
pub(crate) struct Inner {
    pub(crate) parts: Parts,
    pub(crate) table: RwLock<Table>,
    pub(crate) mutes: Mutes,
    /// When data was taken in.
    pub(crate) pulse: RwLock<Pulse>,
    pub(crate) figures: figures::Counters,
    /// What people resolved and the loop has not taken yet.
    resolves: Mutex<Vec<resolve::Resolve>>,
    pub(crate) runtime: Handle,
    /// Places for reads, and for those that were slow before.
    fast: Arc<Semaphore>,
    slow: Arc<Semaphore>,
    /// Bounds what replays and previews read at once beside.
    pub(crate) trials: Arc<Semaphore>,
}

/// Replays that run at once: they are long, and people wait for them one by one.
const TRIALS: usize = 2;

impl Runtime {
    /// Loads what is stored and starts to evaluate. Inside a tokio runtime.
    pub async fn start(parts: Parts) -> Result<Self> {
        let threads = parts.threads.max(1);
        let inner = Arc::new(Inner {
            parts,
            table: RwLock::default(),
            mutes: Mutes::default(),
            pulse: RwLock::default(),
            figures: figures::Counters::default(),
            resolves: Mutex::default(),
            runtime: Handle::current(),
            fast: Arc::new(Semaphore::new(threads)),
            slow: Arc::new(Semaphore::new(1)),
            trials: Arc::new(Semaphore::new(TRIALS)),
        });
        inner.load().await?;
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(round::run(inner.clone(), stopped));
        Ok(Self { inner, stop, task: Mutex::new(Some(task)) })
    }

    /// Ends after what runs is finished and committed.
    pub async fn stop(&self) {
        self.stop.send_replace(true);
        let task = self.task.lock().take();
        if let Some(task) = task
            && let Err(e) = task.await
        {
            tracing::error!("the loop of monitors ended badly: {e}");
        }
    }

    /// What to measure with, for replays and previews.
    pub fn world(&self, stop: Stop) -> World<'_> {
        World { source: &*self.inner.parts.source, known: &*self.inner, stop }
    }

    /// When Oriel itself took nothing in, in a range.
    pub fn outages(&self, range: TimeRange) -> Vec<Outage> {
        self.inner.outages().within(range).copied().collect()
    }

    /// A place among the replays that run at once.
    pub fn trials(&self) -> Arc<Semaphore> {
        self.inner.trials.clone()
    }
}

impl Inner {
    fn now_ms(&self) -> TimeMs {
        self.parts.clock.now_ms()
    }

    /// Every monitor with its states, at a start.
    async fn load(&self) -> Result<()> {
        let state = &self.parts.state;
        // Changes from here on come again; what came before is in the tables.
        state.take_changed_monitors();
        *self.pulse.write() = Pulse::load(state.intake_runs().await?, self.now_ms());
        self.beat().await;
        for org in state.monitor_orgs().await? {
            let mut groups = groups_by_monitor(state.monitor_groups(org).await?);
            let mut seen: HashMap<String, Seen> = state
                .monitor_seen(org)
                .await?
                .into_iter()
                .filter_map(|(watch, body)| Some((watch, Seen::read(&body)?)))
                .collect();
            let monitors = state.monitors(org).await?;
            let now_ms = self.now_ms();
            let mut table = self.table.write();
            for monitor in monitors {
                let state = MonitorState::load(groups.remove(&monitor.id).unwrap_or_default());
                let past = |key: &str| Past { state, seen: seen.remove(key) };
                table.put(org, monitor, past, now_ms);
            }
        }
        Ok(())
    }

    /// Takes in what was changed since.
    async fn reload(&self) {
        for (org, id) in self.parts.state.take_changed_monitors() {
            if let Err(e) = self.reload_one(org, id).await {
                tracing::error!(monitor = id, error = %e, "a changed monitor was not taken in; the next change is");
            }
        }
    }

    async fn reload_one(&self, org: OrgId, id: i64) -> Result<()> {
        let state = &self.parts.state;
        let monitor = match state.monitor(org, id).await {
            Ok(monitor) => monitor,
            Err(oriel_state::Error::NotFound { .. }) => {
                self.table.write().remove(org, id);
                return Ok(());
            }
            Err(e) => return Err(Error::State(e)),
        };
        let live = self.table.read().is_live(org, id);
        let rows = match live {
            true => Vec::new(),
            false => state.groups_of_monitor(org, id).await?,
        };
        let groups = rows.into_iter().filter_map(|(group, body)| stored(&group, &body));
        let past = Past { state: MonitorState::load(groups), seen: None };
        let now_ms = self.now_ms();
        self.table.write().put(org, monitor, |_| past, now_ms);
        Ok(())
    }
}

type Groups = Vec<(Arc<str>, GroupState)>;

fn groups_by_monitor(rows: Vec<(i64, String, String)>) -> HashMap<i64, Groups> {
    let mut groups: HashMap<i64, Groups> = HashMap::new();
    for (monitor, group, body) in rows {
        groups.entry(monitor).or_default().extend(stored(&group, &body));
    }
    groups
}

fn stored(group: &str, body: &str) -> Option<(Arc<str>, GroupState)> {
    match serde_json::from_str(body) {
        Ok(state) => Some((Arc::from(group), state)),
        Err(e) => {
            tracing::error!(group, error = %e, "the state of a group is damaged; it begins anew");
            None
        }
    }
}

#[cfg(test)]
mod tests;
