//! One org's rows of one signal at one moment: heads and files as one, without what is expired or deleted.

use super::list;
use super::run::{Ask, At, Direction, Turns, run};
use super::view::{Piece, RowsView};
use super::{Block, FieldInfo, ListRequest, NsRange, RowId, RowPage, ScanRequest, ScanStats};
use crate::budget::Budget;
use crate::view::View;
use crate::{Cancel, Reservation, Result};
use oriel_model::{Column, Field, Filter, OrgId, Row, Signal, TimeMs};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What a decoded field of a block takes: 8,192 rows of 16 bytes. Messages take more, and most other fields less.
const FIELD_BYTES: usize = 128 << 10;

/// See the module's head and that of `rows`.
pub struct RowSnapshot {
    view: RowsView,
    budget: Arc<Budget>,
}

impl RowSnapshot {
    pub(crate) fn new(
        (org, signal): (OrgId, Signal),
        view: &View,
        shared: (&Arc<Turns>, &Arc<Budget>),
        now_ms: TimeMs,
    ) -> Self {
        Self::of((org, signal), (view, false), shared, now_ms)
    }

    /// Without the heads: what a deletion can take.
    pub(crate) fn of_files(
        (org, signal): (OrgId, Signal),
        view: &View,
        shared: (&Arc<Turns>, &Arc<Budget>),
        now_ms: TimeMs,
    ) -> Self {
        Self::of((org, signal), (view, true), shared, now_ms)
    }

    fn of(
        (org, signal): (OrgId, Signal),
        (view, files_only): (&View, bool),
        (turns, budget): (&Arc<Turns>, &Arc<Budget>),
        now_ms: TimeMs,
    ) -> Self {
        let policy = &view.policy;
        let keep = policy.keep(org, signal);
        let dataset = crate::parts::Dataset::of(signal);
        let mut pieces = Vec::new();
        let heads = if files_only { &[] } else { view.row_heads.as_slice() };
        for head in heads.iter().filter(|head| head.dataset == dataset) {
            pieces.extend(head.pieces(org).into_iter().map(|rows| Piece::memory(rows, &keep, now_ms)));
        }
        for file in
            view.files.iter().filter(|f| f.meta.content.signal() == Some(signal) && f.meta.has_org(org))
        {
            let tombstones = policy.pending_on(&file.meta);
            pieces.push(Piece::file(Arc::clone(file), &keep, tombstones, now_ms));
        }
        let view = RowsView { org, signal, pieces, turns: Arc::clone(turns) };
        Self { view, budget: Arc::clone(budget) }
    }

    pub(super) fn view(&self) -> &RowsView {
        &self.view
    }

    pub fn org(&self) -> OrgId {
        self.view.org
    }

    pub fn signal(&self) -> Signal {
        self.view.signal
    }

    /// Folds every wanted row into accumulators, one for each worker thread. Blocks the caller; call it off the I/O runtime. `fold`
    /// itself asks the store for nothing: it runs in a turn that others wait for.
    pub fn scan<A: Send>(
        &self,
        request: &ScanRequest,
        cancel: &Cancel,
        make: impl Fn() -> A + Sync,
        fold: impl Fn(&mut A, &Block) -> Result<()> + Sync,
    ) -> Result<(Vec<A>, ScanStats)> {
        let _room = self.reserve(request.fields.len() + request.filter.fields().len())?;
        let ask = Ask { range: request.range, filter: &request.filter, direction: Direction::Newest };
        let read = |accumulator: &mut A, at: &At<'_>, stats: &mut ScanStats| {
            let Some(block) = wanted(request, at)? else { return Ok(()) };
            stats.rows_matched += block.rows() as u64;
            fold(accumulator, &block)
        };
        run(&self.view, (&ask, cancel), make, read, |_| false)
    }

    /// The first rows in an order. Slices of time are opened newest (or oldest) first, and the other columns are fetched
    /// for the winners alone (STORE 32).
    pub fn list(&self, request: &ListRequest, cancel: &Cancel) -> Result<RowPage> {
        let _room = self.reserve(1 + request.filter.fields().len())?;
        list::list(&self.view, request, cancel)
    }

    /// How many rows a filter wants, by weight; from postings where they are exact (STORE 33).
    pub fn count(&self, range: NsRange, filter: &Filter, cancel: &Cancel) -> Result<f64> {
        let _room = self.reserve(filter.fields().len())?;
        let ask = Ask { range, filter, direction: Direction::Newest };
        let read = |sum: &mut f64, at: &At<'_>, _: &mut ScanStats| {
            *sum += count(range, filter, at)?;
            Ok(())
        };
        let (sums, _) = run(&self.view, (&ask, cancel), || 0.0, read, |_| false)?;
        Ok(sums.into_iter().sum())
    }

    /// The row of an id.
    pub fn row(&self, id: RowId, cancel: &Cancel) -> Result<Option<Row>> {
        let _room = self.reserve(0)?;
        let range = NsRange { start: id.time_ns, end: id.time_ns.saturating_add(1) };
        let (found, is_found) = (Mutex::new(None), AtomicBool::new(false));
        let ask = Ask { range, filter: &Filter::All, direction: Direction::Newest };
        let read = |(): &mut (), at: &At<'_>, _: &mut ScanStats| {
            let source = at.piece.source()?;
            let open = source.open(&at.block)?;
            let selected = at.piece.select((&at.block, &*open), range, &Filter::All)?;
            let rows = open.whole(&super::places(selected.as_ref(), at.block.rows))?;
            if let Some(row) = rows.into_iter().find(|row| row.identity() == id.hash) {
                *found.lock() = Some(row);
                is_found.store(true, Ordering::Relaxed);
            }
            Ok(())
        };
        run(&self.view, (&ask, cancel), || (), read, |_| is_found.load(Ordering::Relaxed))?;
        Ok(found.into_inner())
    }

    /// Attributes and tags that occur in the range, the most frequent first; counted over whole files and batches.
    pub fn fields(&self, range: NsRange) -> Result<Vec<FieldInfo>> {
        let mut sums: BTreeMap<Field, FieldInfo> = BTreeMap::new();
        for piece in &self.view.pieces {
            let range = piece.clamped(range);
            if piece.first_ns >= range.end || piece.last_ns < range.start {
                continue;
            }
            piece.source()?.fields(self.view.org, &mut |info| match sums.get_mut(&info.field) {
                Some(sum) => sum.add(&info),
                None => {
                    sums.insert(info.field.clone(), info);
                }
            })?;
        }
        let mut fields: Vec<FieldInfo> = sums.into_values().collect();
        fields.sort_by_key(|info| std::cmp::Reverse(info.rows()));
        Ok(fields)
    }

    /// Room in the query pool for what a question gathers, until it is dropped (STORE 35).
    pub fn reserve_bytes(&self, bytes: usize) -> Result<Reservation> {
        self.budget.reserve_query(bytes)
    }

    /// Room for the blocks that are read at once, of so many fields each (STORE 35).
    pub(super) fn reserve(&self, fields: usize) -> Result<Reservation> {
        self.budget.reserve_query(self.view.turns.workers * (fields + 1) * FIELD_BYTES)
    }
}

impl FieldInfo {
    fn rows(&self) -> u64 {
        self.numbers + self.texts + self.bools + self.lists
    }

    fn add(&mut self, other: &Self) {
        self.numbers += other.numbers;
        self.texts += other.texts;
        self.bools += other.bools;
        self.lists += other.lists;
    }
}

/// The wanted rows of a block; `None` when there are none.
pub(super) fn wanted(request: &ScanRequest, at: &At<'_>) -> Result<Option<Block>> {
    let source = at.piece.source()?;
    let rows = source.open(&at.block)?;
    let selected = at.piece.select((&at.block, &*rows), request.range, &request.filter)?;
    let some = match &selected {
        Some(bits) if bits.count_set_bits() < bits.len() => Some(super::places(selected.as_ref(), 0)),
        _ => None,
    };
    if some.as_ref().is_some_and(Vec::is_empty) {
        return Ok(None);
    }
    let (times, weights) = (rows.times()?, rows.weights()?);
    let column = |field: &Field| -> Column {
        match &some {
            Some(some) => rows.column_at(field, some),
            None => rows.column(field),
        }
    };
    let columns = request.fields.iter().map(column).collect();
    rows.check()?;
    Ok(Some(Block {
        time_ns: gather(&times, some.as_deref()),
        columns,
        weights: weights.map(|weights| gather(&weights, some.as_deref())).unwrap_or_default(),
    }))
}

fn gather<T: Copy>(values: &[T], some: Option<&[u32]>) -> Vec<T> {
    match some {
        Some(rows) => rows.iter().map(|&row| values[row as usize]).collect(),
        None => values.to_vec(),
    }
}

/// The wanted rows of a block by weight.
fn count(range: NsRange, filter: &Filter, at: &At<'_>) -> Result<f64> {
    if let (Some(exact), true) = (at.block.exact, at.piece.is_plain(&at.block, range)) {
        return Ok(f64::from(exact));
    }
    let source = at.piece.source()?;
    let rows = source.open(&at.block)?;
    let selected = at.piece.select((&at.block, &*rows), range, filter)?;
    if let Some(weights) = rows.weights()? {
        let wanted = super::places(selected.as_ref(), at.block.rows);
        return Ok(wanted.into_iter().map(|row| f64::from(weights[row as usize])).sum());
    }
    Ok(selected.map_or(f64::from(at.block.rows), |bits| bits.count_set_bits() as f64))
}
