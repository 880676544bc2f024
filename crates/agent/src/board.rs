//! The one place where the state of every check instance is kept for people to see.
//!
//! Locks are held for a map look-up only and never across an await.

use crate::check::Run;
use crate::status::{CheckRow, CheckRunStatus, PythonStatus};
use oriel_model::{CheckStatus, TimeMs};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

/// Which row: the check's name and what tells its instances apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct RowKey {
    pub(crate) name: String,
    pub(crate) instance: String,
}

#[derive(Default)]
pub(crate) struct Board {
    rows: Mutex<BTreeMap<RowKey, CheckRow>>,
    python: Mutex<PythonStatus>,
    /// Moves when a row appears, goes, or changes its status or message.
    changes: AtomicU64,
    pub(crate) dropped: AtomicU64,
}

impl Board {
    /// Shows a row before its first run, keeping what an earlier version of the same instance did.
    pub(crate) fn open(&self, key: &RowKey, interval_s: f64) {
        let mut rows = self.rows.lock();
        let row = rows.entry(key.clone()).or_default();
        row.name.clone_from(&key.name);
        row.instance.clone_from(&key.instance);
        row.interval_s = interval_s;
        self.changes.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn remove(&self, key: &RowKey) {
        self.rows.lock().remove(key);
        self.changes.fetch_add(1, Ordering::Relaxed);
    }

    /// Notes what a run gave; `metrics` is how many samples it had.
    pub(crate) fn ran(&self, key: &RowKey, run: &Run, at: (TimeMs, TimeMs), metrics: u64) {
        let mut rows = self.rows.lock();
        let Some(row) = rows.get_mut(key) else { return };
        let before = (row.status, row.message.clone(), row.line);
        describe(row, run);
        row.last_run_ms = Some(at.0);
        row.next_run_ms = Some(at.1);
        row.metrics = metrics;
        row.runs += 1;
        if before != (row.status, row.message.clone(), row.line) {
            self.changes.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Notes that a check could not run yet.
    pub(crate) fn waits(&self, key: &RowKey, run: &Run, next_ms: TimeMs) {
        let mut rows = self.rows.lock();
        let Some(row) = rows.get_mut(key) else { return };
        let message = row.message.clone();
        describe(row, run);
        row.next_run_ms = Some(next_ms);
        if row.message != message {
            self.changes.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn rows(&self) -> Vec<CheckRow> {
        self.rows.lock().values().cloned().collect()
    }

    /// The worst state among a check's instances, and what it says.
    pub(crate) fn worst(&self, name: &str) -> (CheckStatus, String) {
        let rows = self.rows.lock();
        let mut worst = (CheckStatus::Ok, String::new());
        for row in rows.values().filter(|r| r.name == name) {
            let status = match row.status {
                CheckRunStatus::Ok | CheckRunStatus::Pending => CheckStatus::Ok,
                CheckRunStatus::Warning => CheckStatus::Warning,
                CheckRunStatus::Error => CheckStatus::Critical,
            };
            if status > worst.0 {
                worst = (status, row.message.clone());
            }
        }
        worst
    }

    pub(crate) fn changes(&self) -> u64 {
        self.changes.load(Ordering::Relaxed)
    }

    pub(crate) fn python(&self) -> PythonStatus {
        self.python.lock().clone()
    }

    pub(crate) fn set_python(&self, change: impl FnOnce(&mut PythonStatus)) {
        change(&mut self.python.lock());
        self.changes.fetch_add(1, Ordering::Relaxed);
    }
}

/// Longest message kept of a run: a traceback's worth.
const MESSAGE_BYTES_MAX: usize = 4096;

fn describe(row: &mut CheckRow, run: &Run) {
    let (status, mut message) = match &run.failure {
        Some(f) if f.pending => (CheckRunStatus::Pending, f.message.clone()),
        Some(f) => (CheckRunStatus::Error, f.message.clone()),
        None if run.warnings.is_empty() => (CheckRunStatus::Ok, String::new()),
        None => (CheckRunStatus::Warning, run.warnings.join("\n")),
    };
    if message.len() > MESSAGE_BYTES_MAX {
        message.truncate(message.floor_char_boundary(MESSAGE_BYTES_MAX));
    }
    row.status = status;
    row.message = message;
    row.file = run.failure.as_ref().and_then(|f| f.file.clone());
    row.line = run.failure.as_ref().and_then(|f| f.line);
    row.hint = run.failure.as_ref().and_then(|f| f.hint.clone());
}
