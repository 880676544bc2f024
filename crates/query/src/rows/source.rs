//! Where rows come from: the store's snapshot, or a test's memory.

use oriel_model::{Filter, Signal};
use oriel_store::{
    Block, Cancel, FieldInfo, ListRequest, NsRange, Reservation, Result, RowPage, RowSnapshot, ScanRequest,
    ScanStats,
};

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
