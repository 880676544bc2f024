//! A unit of work: one watch with all monitors that share it, evaluated together on one thread.

use super::change::MonitorChange;
use crate::evaluate::{MonitorState, evaluate};
use crate::measured::Measured;
use crate::rule::{Rule, Target};
use crate::schedule::Cadence;
use crate::watch::{Watch, World};
use crate::{Result, runtime::scope};
use oriel_model::{OrgId, TimeMs};
use oriel_state::SeenRow;
use parking_lot::{Mutex, RwLock};
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// A read that took longer is moved to the lane of slow ones, so that it delays nobody.
const SLOW: Duration = Duration::from_secs(2);

/// A monitor that is evaluated.
#[derive(Debug)]
pub(crate) struct Live {
    pub(crate) id: i64,
    pub(crate) rule: Arc<Rule>,
    pub(crate) body: Arc<Value>,
    /// Pairs that the rule's scope fixes.
    pub(crate) fixed: Arc<[(String, String)]>,
    pub(crate) state: MonitorState,
}

impl Live {
    pub(crate) fn new(id: i64, rule: Arc<Rule>, body: Arc<Value>, state: MonitorState) -> Self {
        let fixed = scope::fixed(&rule).into();
        Self { id, rule, body, fixed, state }
    }
}

/// How its evaluations went.
#[derive(Clone, Debug, Default)]
pub struct Evaluation {
    /// The newest moment that was evaluated and is durable.
    pub last_ms: Option<TimeMs>,
    /// The newest moment that was tried.
    pub tried_ms: Option<TimeMs>,
    /// From the moment to its being durable.
    pub lag_ms: i64,
    pub took: Duration,
    pub error: Option<String>,
}

/// See the module's head. Locks are taken in the order of the fields.
pub(crate) struct Unit {
    pub(crate) org: OrgId,
    pub(crate) key: String,
    pub(crate) cadence: Cadence,
    /// Composites look at others, so they come after them.
    pub(crate) second: bool,
    /// Held while it is measured.
    watch: Mutex<Watch>,
    pub(crate) live: RwLock<Vec<Live>>,
    pub(crate) newest: RwLock<Option<Arc<Measured>>>,
    pub(crate) evaluation: Mutex<Evaluation>,
    pub(crate) busy: AtomicBool,
    slow: AtomicBool,
}

/// What one evaluation of a unit brought.
pub(crate) struct Done {
    pub(crate) unit: Arc<Unit>,
    pub(crate) at_ms: TimeMs,
    pub(crate) took: Duration,
    /// It ran in the fast lane.
    pub(crate) fast: bool,
    pub(crate) outcome: Result<Changed>,
}

/// Of all its monitors.
#[derive(Default)]
pub(crate) struct Changed {
    pub(crate) monitors: Vec<MonitorChange>,
    pub(crate) seen: Option<SeenRow>,
    pub(crate) evaluated: usize,
}

impl Unit {
    pub(crate) fn new(org: OrgId, key: String, rule: &Rule, cadence: Cadence, watch: Watch) -> Self {
        Self {
            org,
            key,
            cadence,
            second: matches!(rule.target, Target::Composite(_)),
            watch: Mutex::new(watch),
            live: RwLock::default(),
            newest: RwLock::default(),
            evaluation: Mutex::default(),
            busy: AtomicBool::new(false),
            slow: AtomicBool::new(false),
        }
    }

    pub(crate) fn is_slow(&self) -> bool {
        self.slow.load(Ordering::Relaxed)
    }

    /// The evaluation that is due, unless one runs.
    pub(crate) fn due(&self, now_ms: TimeMs) -> Option<TimeMs> {
        if self.busy.load(Ordering::Acquire) {
            return None;
        }
        let tried = self.evaluation.lock().tried_ms;
        self.cadence.due(tried, now_ms)
    }

    /// Groups that are measured as absent when nobody sends them: those of states whose watch is new.
    pub(crate) fn adopt(&self, keys: impl IntoIterator<Item = Arc<str>>, now_ms: TimeMs) {
        self.watch.lock().seen().adopt(keys, now_ms);
    }

    /// Measures and evaluates. Blocks.
    pub(crate) fn evaluate(self: &Arc<Self>, world: &World<'_>, at_ms: TimeMs) -> Done {
        let begin = Instant::now();
        let outcome = self.changed(world, at_ms);
        let took = begin.elapsed();
        self.slow.store(took > SLOW, Ordering::Relaxed);
        Done { unit: Arc::clone(self), at_ms, took, fast: true, outcome }
    }

    fn changed(&self, world: &World<'_>, at_ms: TimeMs) -> Result<Changed> {
        let retention_ms =
            self.live.read().iter().map(|l| l.rule.options.group_retention_ms).max().unwrap_or_default();
        let mut watch = self.watch.lock();
        let measured = Arc::new(watch.measure(world, at_ms, retention_ms)?);
        let seen = watch.seen().flush(at_ms);
        drop(watch);
        let mut changed = Changed {
            seen: seen.map(|body| SeenRow { watch: self.key.clone(), body: Some(body) }),
            ..Changed::default()
        };
        for live in self.live.write().iter_mut() {
            changed.evaluated += 1;
            let transitions = evaluate(&live.rule, &mut live.state, &measured);
            let rows = live.state.take_changes();
            if !transitions.is_empty() || !rows.is_empty() {
                changed.monitors.push(MonitorChange::new(live, transitions, rows));
            }
        }
        *self.newest.write() = Some(measured);
        Ok(changed)
    }
}
