//! How many rows fit one record, and which fit none.

use super::super::{RECORD_BYTES_MAX, ROWS_MAX};
use oriel_model::{EntryKind, Field, RowBatch};
use std::ops::Range;

/// Fixed bytes of a record, and of its tables beside their texts.
const RECORD_BYTES: usize = 256;
/// A row at worst, without what it has of texts and entries: time, places of words, length of the message, ids, duration,
/// weight, number of entries.
const ROW_BYTES: usize = 10 + 9 * 4 + 5 + 16 + 8 + 8 + 10 + 4 + 5;
/// An entry at worst, without its text: place of the key, kind, value.
const ENTRY_BYTES: usize = 4 + 1 + 10;
/// Tables of words and keys up to this are counted whole for each record; larger ones row by row.
const TABLE_BYTES_MAX: usize = 256 << 10;

/// A batch cut into records.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Parts {
    /// Rows of each record.
    pub(crate) records: Vec<Range<usize>>,
    /// Rows that fit no record.
    pub(crate) oversized: Vec<usize>,
}

/// Cuts a batch so that no record is ever too large: by what rows cost at worst.
pub(crate) fn parts(batch: &RowBatch) -> Parts {
    let cost = Cost::of(batch);
    let mut parts = Parts::default();
    let whole =
        cost.fixed + batch.heap_bytes() + batch.len() * ROW_BYTES + batch.entry_bits.len() * ENTRY_BYTES;
    if whole <= RECORD_BYTES_MAX && batch.len() <= ROWS_MAX && !cost.by_row {
        if !batch.is_empty() {
            parts.records.push(0..batch.len());
        }
        return parts;
    }
    let (mut from, mut bytes) = (0, cost.fixed);
    for row in 0..batch.len() {
        let row_bytes = cost.row(row);
        let is_oversized = cost.fixed + row_bytes > RECORD_BYTES_MAX;
        if is_oversized || bytes + row_bytes > RECORD_BYTES_MAX || row - from >= ROWS_MAX {
            if from < row {
                parts.records.push(from..row);
            }
            (from, bytes) = (row, cost.fixed);
        }
        if is_oversized {
            parts.oversized.push(row);
            from = row + 1;
        } else {
            bytes += row_bytes;
        }
    }
    if from < batch.len() {
        parts.records.push(from..batch.len());
    }
    parts
}

struct Cost<'a> {
    batch: &'a RowBatch,
    /// Of every record.
    fixed: usize,
    /// Texts of words and keys count with the rows that have them.
    by_row: bool,
}

impl<'a> Cost<'a> {
    fn of(batch: &'a RowBatch) -> Self {
        let words = batch.words.iter().flat_map(|w| &w.values).map(|v| v.len() + 5);
        let tables = words.sum::<usize>() + batch.keys.iter().map(|k| name_bytes(k) + 6).sum::<usize>();
        let by_row = tables > TABLE_BYTES_MAX;
        Self { batch, fixed: RECORD_BYTES + if by_row { 0 } else { tables }, by_row }
    }

    fn row(&self, row: usize) -> usize {
        let batch = self.batch;
        let begin = if row == 0 { 0 } else { batch.entry_ends[row - 1] as usize };
        let entries = begin..batch.entry_ends[row] as usize;
        let texts =
            entries.clone().filter(|&i| matches!(batch.entry_kinds[i], EntryKind::Text | EntryKind::List));
        let texts: usize = texts.map(|i| (batch.entry_bits[i] & 0xffff_ffff) as usize).sum();
        let mut bytes = ROW_BYTES + batch.message.get(row).len() + entries.len() * ENTRY_BYTES + texts;
        if self.by_row {
            bytes += batch.words.iter().map(|w| w.get(row).len() + 5).sum::<usize>();
            bytes +=
                entries.map(|i| name_bytes(&batch.keys[batch.entry_keys[i] as usize]) + 6).sum::<usize>();
        }
        bytes
    }
}

fn name_bytes(field: &Field) -> usize {
    match field {
        Field::Attr(name) | Field::Tag(name) => name.len(),
        Field::Core(core) => core.as_str().len(),
    }
}
