//! What the runtime says of itself: `oriel.monitor.*` of the server's own report.

use super::Runtime;
use super::round::Ended;
use super::unit::Unit;
use oriel_model::TimeMs;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

/// Totals since the start; each is written by the loop alone.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    evaluations: AtomicU64,
    errors: AtomicU64,
    took_us: AtomicU64,
    /// Of the newest round.
    lag_ms: AtomicI64,
}

impl Counters {
    pub(super) fn evaluated(&self, ended: &Ended, now_ms: TimeMs) {
        self.evaluations.fetch_add(ended.evaluated as u64, Ordering::Relaxed);
        self.errors.fetch_add(u64::from(ended.error.is_some()), Ordering::Relaxed);
        let took_us = u64::try_from(ended.took.as_micros()).unwrap_or(u64::MAX);
        self.took_us.fetch_add(took_us, Ordering::Relaxed);
        let tried_ms = ended.unit.evaluation.lock().tried_ms;
        self.lag_ms.store(ended.lag_ms(tried_ms, now_ms), Ordering::Relaxed);
    }

    pub(crate) fn error(&self) {
        self.errors.fetch_add(1, Ordering::Relaxed);
    }
}

/// See the module's head. Names are `oriel.monitor.` and the field's; times in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figures {
    /// From the moment of an evaluation to its being durable: of the newest round, or of what is overdue, the larger.
    pub lag: f64,
    /// Evaluations of monitors, errors of units, and the time that reading and evaluating took: totals since the start.
    pub evaluations: u64,
    pub errors: u64,
    pub took: f64,
    pub monitors: usize,
    /// Distinct queries.
    pub watches: usize,
    /// Groups that they measure, once a watch.
    pub groups: usize,
}

impl Runtime {
    pub fn figures(&self) -> Figures {
        let inner = &self.inner;
        let table = inner.table.read();
        let counters = &inner.figures;
        let now_ms = inner.now_ms();
        let mut late_ms = counters.lag_ms.load(Ordering::Relaxed);
        let mut groups = 0;
        for unit in table.units() {
            late_ms = late_ms.max(overdue_ms(unit, now_ms));
            groups += unit.newest.read().as_ref().map_or(0, |m| m.groups.len());
        }
        Figures {
            lag: late_ms.max(0) as f64 / 1000.0,
            evaluations: counters.evaluations.load(Ordering::Relaxed),
            errors: counters.errors.load(Ordering::Relaxed),
            took: counters.took_us.load(Ordering::Relaxed) as f64 / 1e6,
            monitors: table.len(),
            watches: table.units().len(),
            groups,
        }
    }
}

/// How long the oldest moment that is not evaluated has passed.
fn overdue_ms(unit: &Unit, now_ms: TimeMs) -> i64 {
    let tried = unit.evaluation.lock().tried_ms;
    tried.map_or(0, |tried| now_ms - unit.cadence.after(tried))
}
