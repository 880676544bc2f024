//! Rows in plain vectors: every question goes through [`Filter::matches`], block by block, with two workers.

use oriel_model::{Columns, Filter, Row, Signal, Value};
use oriel_query::rows::Rows;
use oriel_store::{
    Block, Cancel, Error, FieldInfo, ListRequest, ListedRow, NsRange, Order, Reservation, Result, RowId,
    RowPage, ScanRequest, ScanStats,
};
use oriel_testkit::row_cases::RowColumns;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Rows of a block.
const BLOCK: usize = 7;

pub(crate) struct MemoryRows {
    pub(crate) signal: Signal,
    pub(crate) rows: Vec<Row>,
    /// Bytes that questions may reserve.
    pub(crate) budget: AtomicUsize,
}

impl MemoryRows {
    pub(crate) fn new(signal: Signal, rows: Vec<Row>) -> Self {
        Self { signal, rows, budget: AtomicUsize::new(usize::MAX) }
    }

    fn wanted(&self, range: NsRange, filter: &Filter) -> Vec<Row> {
        let inside =
            |row: &&Row| row.time_ns >= range.start && row.time_ns < range.end && filter.matches(row);
        self.rows.iter().filter(inside).cloned().collect()
    }
}

impl Rows for MemoryRows {
    fn signal(&self) -> Signal {
        self.signal
    }

    fn scan<A: Send>(
        &self,
        request: &ScanRequest,
        cancel: &Cancel,
        make: impl Fn() -> A + Sync,
        fold: impl Fn(&mut A, &Block) -> Result<()> + Sync,
    ) -> Result<(Vec<A>, ScanStats)> {
        let wanted = self.wanted(request.range, &request.filter);
        let mut workers = vec![make(), make()];
        for (number, rows) in wanted.chunks(BLOCK).enumerate() {
            if cancel.is_cancelled() {
                return Err(Error::Cancelled);
            }
            let columns = RowColumns(rows);
            let weights: Vec<f32> = rows.iter().map(|row| row.weight).collect();
            let block = Block {
                time_ns: rows.iter().map(|row| row.time_ns).collect(),
                columns: request.fields.iter().map(|field| columns.column(field)).collect(),
                weights: if weights.iter().all(|w| *w == 1.0) { Vec::new() } else { weights },
            };
            fold(&mut workers[number % 2], &block)?;
        }
        Ok((workers, ScanStats { rows_matched: wanted.len() as u64, ..ScanStats::default() }))
    }

    fn list(&self, request: &ListRequest, _: &Cancel) -> Result<RowPage> {
        let mut rows = self.wanted(request.range, &request.filter);
        rows.sort_by_key(|row| if request.order == Order::Oldest { row.time_ns } else { -row.time_ns });
        rows.truncate(request.limit);
        let listed = |row: Row| ListedRow { id: RowId { time_ns: row.time_ns, hash: 0 }, row };
        Ok(RowPage { rows: rows.into_iter().map(listed).collect(), ..RowPage::default() })
    }

    fn count(&self, range: NsRange, filter: &Filter, _: &Cancel) -> Result<f64> {
        Ok(self.wanted(range, filter).iter().map(|row| f64::from(row.weight)).sum())
    }

    fn fields(&self, range: NsRange) -> Result<Vec<FieldInfo>> {
        let mut out: Vec<FieldInfo> = Vec::new();
        for row in self.wanted(range, &Filter::All) {
            for (field, value) in row.attributes {
                let at = out.iter().position(|info| info.field == field).unwrap_or_else(|| {
                    out.push(FieldInfo { field, numbers: 0, texts: 0, bools: 0, lists: 0 });
                    out.len() - 1
                });
                match value {
                    Value::Int(_) | Value::Uint(_) | Value::Float(_) => out[at].numbers += 1,
                    Value::Text(_) => out[at].texts += 1,
                    Value::Bool(_) => out[at].bools += 1,
                    Value::List(_) => out[at].lists += 1,
                    Value::Null => {}
                }
            }
        }
        Ok(out)
    }

    fn reserve(&self, bytes: usize) -> Result<Reservation> {
        let free = self.budget.load(Ordering::Relaxed);
        if bytes > free {
            return Err(Error::QueryMemory { needed: bytes, free });
        }
        self.budget.fetch_sub(bytes, Ordering::Relaxed);
        Ok(Reservation::unbounded())
    }
}
