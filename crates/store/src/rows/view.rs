//! The pieces that a snapshot is made of, each with what reads have to leave out of it.

use super::policy::{KeepRules, Tombstone};
use super::run::Turns;
use super::source::{BlockRef, BlockRows, RowSource};
use super::{MemoryRows, NsRange};
use crate::Result;
use crate::parts::NS_PER_MS;
use crate::view::OpenFile;
use arrow_array::BooleanArray;
use arrow_buffer::{BooleanBuffer, BooleanBufferBuilder};
use oriel_model::{Filter, OrgId, Signal, TimeMs};
use std::sync::Arc;

/// Everything that a snapshot reads.
pub(crate) struct RowsView {
    pub(crate) org: OrgId,
    pub(crate) signal: Signal,
    pub(crate) pieces: Vec<Piece>,
    pub(crate) turns: Arc<Turns>,
}

enum Held {
    Memory(Arc<MemoryRows>),
    File(Arc<OpenFile>),
}

/// A batch of a head or a file.
pub(crate) struct Piece {
    held: Held,
    pub(crate) first_ns: i64,
    /// Inclusive.
    pub(crate) last_ns: i64,
    pub(crate) rows: u64,
    /// Rows before this are expired, whatever class they are of.
    kept_from_ns: i64,
    /// Rows from this on are kept, whatever class they are of; between the two the rules decide.
    safe_from_ns: i64,
    keep: Arc<KeepRules>,
    now_ms: TimeMs,
    tombstones: Vec<Arc<Tombstone>>,
}

fn ns(time_ms: TimeMs) -> i64 {
    time_ms.saturating_mul(NS_PER_MS)
}

impl Piece {
    pub(crate) fn memory(rows: Arc<MemoryRows>, keep: &Arc<KeepRules>, now_ms: TimeMs) -> Self {
        let (first_ns, last_ns) = rows.span();
        let count = rows.rows();
        let piece = Self::new(Held::Memory(rows), (first_ns, last_ns), keep, now_ms);
        Self { rows: count, ..piece }
    }

    pub(crate) fn file(
        file: Arc<OpenFile>,
        keep: &Arc<KeepRules>,
        tombstones: Vec<Arc<Tombstone>>,
        now_ms: TimeMs,
    ) -> Self {
        let meta = &file.meta;
        let (rows, known) = (meta.rows, keep.keep_of(meta));
        let span = (ns(meta.first_ms), ns(meta.last_ms).saturating_add(NS_PER_MS - 1));
        let mut piece = Self::new(Held::File(file), span, keep, now_ms);
        if let Some(keep_ms) = known {
            piece.kept_from_ns = ns(now_ms.saturating_sub(keep_ms));
            piece.safe_from_ns = piece.kept_from_ns;
        }
        Self { rows, tombstones, ..piece }
    }

    fn new(held: Held, (first_ns, last_ns): (i64, i64), keep: &Arc<KeepRules>, now_ms: TimeMs) -> Self {
        Self {
            held,
            first_ns,
            last_ns,
            rows: 0,
            kept_from_ns: ns(now_ms.saturating_sub(keep.longest_ms())),
            safe_from_ns: ns(now_ms.saturating_sub(keep.shortest_ms())),
            keep: Arc::clone(keep),
            now_ms,
            tombstones: Vec::new(),
        }
    }

    /// A range without what is expired.
    pub(crate) fn clamped(&self, range: NsRange) -> NsRange {
        NsRange { start: range.start.max(self.kept_from_ns), end: range.end }
    }

    pub(crate) fn source(&self) -> Result<Arc<dyn RowSource>> {
        match &self.held {
            Held::Memory(rows) => Ok(Arc::clone(rows) as Arc<dyn RowSource>),
            Held::File(file) => file.rows(),
        }
    }

    /// Whether nothing but a query's own filter decides on the block's rows.
    pub(crate) fn is_plain(&self, block: &BlockRef, range: NsRange) -> bool {
        let range = self.clamped(range);
        let is_inside = block.first_ns >= range.start && block.last_ns < range.end;
        is_inside && block.first_ns >= self.safe_from_ns && !self.has_tombstone(block)
    }

    fn has_tombstone(&self, block: &BlockRef) -> bool {
        self.tombstones.iter().any(|t| block.first_ns < t.range.end && block.last_ns >= t.range.start)
    }

    /// Which rows of an opened block a query wants; `None` for all of them.
    pub(crate) fn select(
        &self,
        (block, rows): (&BlockRef, &dyn BlockRows),
        range: NsRange,
        filter: &Filter,
    ) -> Result<Option<BooleanBuffer>> {
        let by_filter = if block.all_match { None } else { some_of(filter, rows) };
        if self.is_plain(block, range) || by_filter.as_ref().is_some_and(|b| b.count_set_bits() == 0) {
            rows.check()?;
            return Ok(by_filter);
        }
        let times = rows.times()?;
        let range = self.clamped(range);
        let mut wanted = bits(times.len(), |row| times[row] >= range.start && times[row] < range.end);
        if let Some(by_filter) = by_filter {
            wanted = &wanted & &by_filter;
        }
        if block.first_ns < self.safe_from_ns && wanted.count_set_bits() > 0 {
            wanted = &wanted & &self.kept(rows, &times);
        }
        for tombstone in &self.tombstones {
            let of = tombstone.range;
            if block.first_ns < of.end && block.last_ns >= of.start && wanted.count_set_bits() > 0 {
                let in_range = bits(times.len(), |row| times[row] >= of.start && times[row] < of.end);
                let taken = match some_of(&tombstone.filter, rows) {
                    Some(taken) => &in_range & &taken,
                    None => in_range,
                };
                wanted = &wanted & &!&taken;
            }
        }
        rows.check()?;
        Ok(Some(wanted))
    }

    /// Rows that the rules of retention still keep.
    fn kept(&self, rows: &dyn BlockRows, times: &[i64]) -> BooleanBuffer {
        let classes = self.keep.classes_of(rows);
        let from = |class: u8| ns(self.now_ms.saturating_sub(self.keep.keep_ms(class)));
        bits(times.len(), |row| times[row] >= from(classes[row]))
    }
}

fn some_of(filter: &Filter, rows: &dyn BlockRows) -> Option<BooleanBuffer> {
    if matches!(filter, Filter::All) {
        return None;
    }
    let selected: BooleanArray = filter.select(rows);
    let (values, nulls) = selected.into_parts();
    Some(match nulls {
        Some(present) => &values & present.inner(),
        None => values,
    })
}

fn bits(len: usize, mut is_set: impl FnMut(usize) -> bool) -> BooleanBuffer {
    let mut builder = BooleanBufferBuilder::new(len);
    (0..len).for_each(|row| builder.append(is_set(row)));
    builder.finish()
}
