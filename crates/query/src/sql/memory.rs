//! DataFusion's memory, taken from the store's query pool step by step (STORE 35).

use datafusion::common::{DataFusionError, Result};
use datafusion::execution::memory_pool::{MemoryLimit, MemoryPool, MemoryReservation};
use oriel_store::{MetricReader, Reservation};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// Small enough for the smallest pool, large enough that a join takes few steps.
const STEP_BYTES: usize = 4 << 20;

pub(super) struct StorePool {
    /// Every reader reserves from the one pool.
    reader: Arc<dyn MetricReader>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    used: usize,
    held: Vec<Reservation>,
}

impl StorePool {
    pub(super) fn new(reader: Arc<dyn MetricReader>) -> Self {
        Self { reader, state: Mutex::default() }
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl fmt::Debug for StorePool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StorePool({})", self.reserved())
    }
}

impl fmt::Display for StorePool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "query pool of the store ({} bytes used)", self.reserved())
    }
}

impl MemoryPool for StorePool {
    fn name(&self) -> &str {
        "store"
    }

    fn grow(&self, _: &MemoryReservation, additional: usize) {
        self.change(|state| state.used += additional);
    }

    fn shrink(&self, _: &MemoryReservation, shrink: usize) {
        self.change(|state| {
            state.used = state.used.saturating_sub(shrink);
            state.held.truncate(state.used.div_ceil(STEP_BYTES));
        });
    }

    fn try_grow(&self, _: &MemoryReservation, additional: usize) -> Result<()> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        while state.held.len() * STEP_BYTES < state.used + additional {
            let step = self.reader.reserve(STEP_BYTES).map_err(|e| DataFusionError::External(Box::new(e)))?;
            state.held.push(step);
        }
        state.used += additional;
        Ok(())
    }

    fn reserved(&self) -> usize {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).used
    }

    fn memory_limit(&self) -> MemoryLimit {
        MemoryLimit::Unknown
    }
}
