//! Wide rows that are durable and not yet in files, and for the dataset `events` service checks too.
//!
//! Batches stay as they came. Small ones are joined now and then, so that a scan over a hundred thousand requests of one row
//! opens a few dozen pieces; a row is copied once for each power of [`JOIN`] of its piece's size.

use crate::parts::{Dataset, Generation, Lsn};
use crate::rows::{Join, MemoryRows};
use oriel_model::{OrgId, RowBatch, ServiceCheck, TimeRange};
use parking_lot::{Mutex, RwLock};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// So many neighbours of about one size are joined.
const JOIN: usize = 8;
/// Pieces of this many rows are left alone: what opening a piece costs is little beside reading them.
const JOIN_ROWS_MAX: usize = 512;

type Pieces = Vec<Arc<MemoryRows>>;

/// One generation of a dataset of wide rows.
pub(crate) struct RowHead {
    pub(crate) generation: Generation,
    pub(crate) dataset: Dataset,
    pieces: RwLock<BTreeMap<OrgId, Pieces>>,
    checks: RwLock<BTreeMap<OrgId, Vec<ServiceCheck>>>,
    /// Held by the one insert that joins.
    joining: Mutex<()>,
    bytes: AtomicUsize,
    rows: AtomicU64,
    lsn_max: AtomicU64,
}

impl RowHead {
    pub(crate) fn new(dataset: Dataset, generation: Generation) -> Self {
        Self {
            generation,
            dataset,
            pieces: RwLock::default(),
            checks: RwLock::default(),
            joining: Mutex::new(()),
            bytes: AtomicUsize::new(0),
            rows: AtomicU64::new(0),
            lsn_max: AtomicU64::new(0),
        }
    }

    /// Takes a batch that is durable under `lsn`; gives it as the piece that it became.
    pub(crate) fn insert(&self, batch: Arc<RowBatch>, lsn: Lsn) -> Arc<MemoryRows> {
        let org = batch.org;
        self.rows.fetch_add(batch.len() as u64, Ordering::Relaxed);
        let piece = Arc::new(MemoryRows::new(batch));
        self.bytes.fetch_add(piece.bytes(), Ordering::Relaxed);
        self.pieces.write().entry(org).or_default().push(Arc::clone(&piece));
        self.lsn_max.fetch_max(lsn, Ordering::AcqRel);
        if piece.batch().len() < JOIN_ROWS_MAX {
            self.join(org);
        }
        piece
    }

    /// Takes service checks that are durable under `lsn`.
    pub(crate) fn insert_checks(&self, org: OrgId, checks: &[ServiceCheck], lsn: Lsn) {
        if !checks.is_empty() {
            self.bytes.fetch_add(checks.iter().map(check_bytes).sum(), Ordering::Relaxed);
            self.checks.write().entry(org).or_default().extend_from_slice(checks);
        }
        self.lsn_max.fetch_max(lsn, Ordering::AcqRel);
    }

    /// Joins the newest pieces where that is due. The copying is done outside of the lock.
    fn join(&self, org: OrgId) {
        let Some(_one) = self.joining.try_lock() else { return };
        loop {
            let due = self.pieces.read().get(&org).and_then(run_to_join);
            let Some(run) = due else { return };
            let mut join = Join::new(org, run[0].batch().signal);
            run.iter().for_each(|piece| join.add(piece.batch(), 0..piece.batch().len()));
            let joined = Arc::new(MemoryRows::new(Arc::new(join.finish())));
            let before: usize = run.iter().map(|piece| piece.bytes()).sum();
            self.bytes.fetch_add(joined.bytes(), Ordering::Relaxed);
            self.bytes.fetch_sub(before, Ordering::Relaxed);
            let mut pieces = self.pieces.write();
            let Some(pieces) = pieces.get_mut(&org) else { return };
            // Others may have come behind it meanwhile; nobody else takes any away.
            if let Some(at) = pieces.iter().rposition(|piece| Arc::ptr_eq(piece, &run[0])) {
                pieces.splice(at..at + run.len(), [joined]);
            }
        }
    }

    /// Bytes held, for the budget.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    pub(crate) fn rows(&self) -> u64 {
        self.rows.load(Ordering::Relaxed)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.bytes() == 0
    }

    /// The highest LSN inserted.
    pub(crate) fn lsn_max(&self) -> Lsn {
        self.lsn_max.load(Ordering::Acquire)
    }

    /// An org's rows at this moment.
    pub(crate) fn pieces(&self, org: OrgId) -> Pieces {
        self.pieces.read().get(&org).cloned().unwrap_or_default()
    }

    /// Every org's batches: what sealing writes.
    pub(crate) fn batches(&self) -> Vec<(OrgId, Vec<Arc<RowBatch>>)> {
        let pieces = self.pieces.read();
        let batches = |pieces: &Pieces| pieces.iter().map(|piece| Arc::clone(piece.batch())).collect();
        pieces.iter().map(|(&org, pieces)| (org, batches(pieces))).collect()
    }

    /// Shows each service check of the range.
    pub(crate) fn visit_checks(&self, org: OrgId, range: TimeRange, visit: &mut dyn FnMut(&ServiceCheck)) {
        if let Some(checks) = self.checks.read().get(&org) {
            checks.iter().filter(|c| range.contains(c.time_ms)).for_each(visit);
        }
    }

    /// Every org's service checks: what sealing writes.
    pub(crate) fn checks(&self) -> Vec<(OrgId, Vec<ServiceCheck>)> {
        self.checks.read().iter().map(|(&org, checks)| (org, checks.clone())).collect()
    }
}

/// The newest pieces that are as many and as equal in size as joining wants them.
fn run_to_join(pieces: &Pieces) -> Option<Pieces> {
    let rows = |piece: &Arc<MemoryRows>| piece.batch().len();
    let mut size = JOIN;
    while size <= JOIN_ROWS_MAX {
        let from = pieces.iter().rposition(|piece| rows(piece) >= size).map_or(0, |at| at + 1);
        let run = &pieces[from..];
        let (sum, largest) = run.iter().map(rows).fold((0, 0), |(sum, max), n| (sum + n, n.max(max)));
        // One large piece among small ones would be copied for little.
        if run.len() >= JOIN && largest * 2 <= sum {
            return Some(run.to_vec());
        }
        size *= JOIN;
    }
    None
}

/// Fixed bytes of a check beside its texts.
const CHECK_BYTES: usize = size_of::<ServiceCheck>();

fn check_bytes(c: &ServiceCheck) -> usize {
    let tags: usize = c.tags.iter().map(|t| t.len() + size_of::<String>()).sum();
    CHECK_BYTES + c.check.len() + c.host.len() + c.message.len() + tags
}

#[cfg(test)]
mod tests;
