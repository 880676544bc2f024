//! Where rows come from: the store's snapshot, or a test's memory.

use super::request::{AggregateRequest, Aggregated};
use oriel_model::{Filter, OrgId, Signal};
use oriel_store::{
    Block, Cancel, FieldInfo, ListRequest, NsRange, Reservation, Result, RowPage, RowSnapshot, ScanRequest,
    ScanStats, Store,
};
use std::sync::Arc;
use std::time::Instant;

/// One signal's rows at one moment, as [`RowSnapshot`] gives them.
pub trait Rows: Send + Sync {
    fn signal(&self) -> Signal;

    /// See [`RowSnapshot::scan`].
    fn scan<A: Send>(
        &self,
        request: &ScanRequest,
        cancel: &Cancel,
        make: impl Fn() -> A + Sync,
        fold: impl Fn(&mut A, &Block) -> Result<()> + Sync,
    ) -> Result<(Vec<A>, ScanStats)>;

    /// See [`RowSnapshot::scan_counted`]; a source without an index folds every block.
    fn scan_counted<A: Send>(
        &self,
        request: &ScanRequest,
        cancel: &Cancel,
        make: impl Fn() -> A + Sync,
        (fold, _count): (
            impl Fn(&mut A, &Block) -> Result<()> + Sync,
            impl Fn(&mut A, (usize, &str), u32) -> Result<()> + Sync,
        ),
    ) -> Result<(Vec<A>, ScanStats)> {
        self.scan(request, cancel, make, fold)
    }

    fn list(&self, request: &ListRequest, cancel: &Cancel) -> Result<RowPage>;

    fn count(&self, range: NsRange, filter: &Filter, cancel: &Cancel) -> Result<f64>;

    fn fields(&self, range: NsRange) -> Result<Vec<FieldInfo>>;

    /// Bytes of the query pool, or the refusal that says how many were needed.
    fn reserve(&self, bytes: usize) -> Result<Reservation>;
}

impl Rows for RowSnapshot {
    fn signal(&self) -> Signal {
        self.signal()
    }

    fn scan<A: Send>(
        &self,
        request: &ScanRequest,
        cancel: &Cancel,
        make: impl Fn() -> A + Sync,
        fold: impl Fn(&mut A, &Block) -> Result<()> + Sync,
    ) -> Result<(Vec<A>, ScanStats)> {
        self.scan(request, cancel, make, fold)
    }

    fn scan_counted<A: Send>(
        &self,
        request: &ScanRequest,
        cancel: &Cancel,
        make: impl Fn() -> A + Sync,
        ways: (
            impl Fn(&mut A, &Block) -> Result<()> + Sync,
            impl Fn(&mut A, (usize, &str), u32) -> Result<()> + Sync,
        ),
    ) -> Result<(Vec<A>, ScanStats)> {
        self.scan_counted(request, cancel, make, ways)
    }

    fn list(&self, request: &ListRequest, cancel: &Cancel) -> Result<RowPage> {
        self.list(request, cancel)
    }

    fn count(&self, range: NsRange, filter: &Filter, cancel: &Cancel) -> Result<f64> {
        self.count(range, filter, cancel)
    }

    fn fields(&self, range: NsRange) -> Result<Vec<FieldInfo>> {
        self.fields(range)
    }

    fn reserve(&self, bytes: usize) -> Result<Reservation> {
        self.reserve_bytes(bytes)
    }
}

/// Some of a snapshot's rows: what every question begins with.
#[derive(Clone, Debug)]
pub struct RowsOf {
    pub range: NsRange,
    pub filter: Filter,
}

/// What formulas need of rows, whatever the signal.
pub trait RowAggregator: Send + Sync {
    fn aggregate(
        &self,
        signal: Signal,
        request: &AggregateRequest,
        stop: (&Cancel, Option<Instant>),
    ) -> crate::Result<Aggregated>;
}

/// One org's rows in the store, at the moment of each question.
pub struct StoreRows {
    pub store: Arc<Store>,
    pub org: OrgId,
}

impl RowAggregator for StoreRows {
    fn aggregate(
        &self,
        signal: Signal,
        request: &AggregateRequest,
        (cancel, deadline): (&Cancel, Option<Instant>),
    ) -> crate::Result<Aggregated> {
        let snapshot = self.store.rows(self.org, signal);
        super::aggregate(&Timed { rows: &*snapshot, deadline }, request, cancel)
    }
}

/// Rows whose scans end at a deadline.
pub struct Timed<'r, R> {
    pub rows: &'r R,
    pub deadline: Option<Instant>,
}

impl<R: Rows> Rows for Timed<'_, R> {
    fn signal(&self) -> Signal {
        self.rows.signal()
    }

    fn scan<A: Send>(
        &self,
        request: &ScanRequest,
        cancel: &Cancel,
        make: impl Fn() -> A + Sync,
        fold: impl Fn(&mut A, &Block) -> Result<()> + Sync,
    ) -> Result<(Vec<A>, ScanStats)> {
        self.rows.scan(request, cancel, make, |accumulator, block| {
            if self.deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                return Err(oriel_store::Error::Cancelled);
            }
            fold(accumulator, block)
        })
    }

    fn list(&self, request: &ListRequest, cancel: &Cancel) -> Result<RowPage> {
        self.rows.list(request, cancel)
    }

    fn count(&self, range: NsRange, filter: &Filter, cancel: &Cancel) -> Result<f64> {
        self.rows.count(range, filter, cancel)
    }

    fn fields(&self, range: NsRange) -> Result<Vec<FieldInfo>> {
        self.rows.fields(range)
    }

    fn reserve(&self, bytes: usize) -> Result<Reservation> {
        self.rows.reserve(bytes)
    }
}
