//! A batch in memory as a source of blocks: runs of rows, whose fields become columns when they are asked for.

mod columns;

use super::source::{BLOCK_ROWS, BlockAsk, BlockRef, BlockRows, Candidates, RowSource};
use super::{FieldInfo, NsRange};
use crate::Result;
use arrow_array::ArrayRef;
use oriel_model::{Column, Columns, Core, EntryKind, Field, OrgId, Row, RowBatch};
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// A batch; what queries need of it again and again is made once.
pub(crate) struct MemoryRows {
    batch: Arc<RowBatch>,
    /// First and last time of each block.
    spans: Vec<(i64, i64)>,
    /// The values of core words as arrays.
    words: [OnceLock<ArrayRef>; Core::WORDS],
    fields: OnceLock<Vec<FieldInfo>>,
}

impl MemoryRows {
    pub(crate) fn new(batch: Arc<RowBatch>) -> Self {
        let span = |times: &[i64]| {
            times.iter().fold((i64::MAX, i64::MIN), |(first, last), &t| (first.min(t), last.max(t)))
        };
        let spans = batch.time_ns.chunks(BLOCK_ROWS).map(span).collect();
        Self { batch, spans, words: Default::default(), fields: OnceLock::new() }
    }

    pub(crate) fn batch(&self) -> &Arc<RowBatch> {
        &self.batch
    }

    /// Bytes held, for the budget.
    pub(crate) fn bytes(&self) -> usize {
        size_of::<Self>() + self.batch.heap_bytes()
    }

    fn block(&self, number: u32) -> Range<usize> {
        let from = number as usize * BLOCK_ROWS;
        from..(from + BLOCK_ROWS).min(self.batch.len())
    }

    fn count_fields(&self) -> Vec<FieldInfo> {
        let batch = &self.batch;
        let info =
            |field: &Field| FieldInfo { field: field.clone(), numbers: 0, texts: 0, bools: 0, lists: 0 };
        let mut fields: Vec<FieldInfo> = batch.keys.iter().map(info).collect();
        for (&key, kind) in batch.entry_keys.iter().zip(&batch.entry_kinds) {
            let info = &mut fields[key as usize];
            match kind {
                EntryKind::Null => {}
                EntryKind::Bool => info.bools += 1,
                EntryKind::Int | EntryKind::Uint | EntryKind::Float => info.numbers += 1,
                EntryKind::Text => info.texts += 1,
                EntryKind::List => info.lists += 1,
            }
        }
        fields.retain(|f| f.numbers + f.texts + f.bools + f.lists > 0);
        fields
    }
}

/// The entries of a run of rows.
fn entry_range(batch: &RowBatch, rows: &Range<usize>) -> Range<usize> {
    let end_of = |row: usize| batch.entry_ends[row] as usize;
    let begin = if rows.start == 0 { 0 } else { end_of(rows.start - 1) };
    begin..if rows.is_empty() { begin } else { end_of(rows.end - 1) }
}

impl RowSource for MemoryRows {
    fn span(&self) -> (i64, i64) {
        self.spans.iter().fold((i64::MAX, i64::MIN), |(first, last), s| (first.min(s.0), last.max(s.1)))
    }

    fn rows(&self) -> u64 {
        self.batch.len() as u64
    }

    fn blocks(&self, ask: &BlockAsk<'_>) -> Result<Candidates> {
        let mut candidates = Candidates::default();
        if self.batch.org != ask.org {
            return Ok(candidates);
        }
        let NsRange { start, end } = ask.range;
        for (number, &(first_ns, last_ns)) in self.spans.iter().enumerate() {
            if first_ns >= end || last_ns < start {
                candidates.pruned += 1;
                continue;
            }
            let number = number as u32;
            let rows = self.block(number).len() as u32;
            let all_match = matches!(ask.filter, oriel_model::Filter::All);
            let exact = (all_match && self.batch.weight.is_empty()).then_some(rows);
            candidates.blocks.push(BlockRef { number, rows, first_ns, last_ns, exact, all_match });
        }
        Ok(candidates)
    }

    fn open<'a>(&'a self, block: &BlockRef) -> Result<Box<dyn BlockRows + 'a>> {
        Ok(Box::new(MemoryBlock { source: self, rows: self.block(block.number) }))
    }

    fn fields(&self, org: OrgId, add: &mut dyn FnMut(FieldInfo)) -> Result<()> {
        if self.batch.org == org {
            self.fields.get_or_init(|| self.count_fields()).iter().cloned().for_each(add);
        }
        Ok(())
    }
}

/// One run of rows.
struct MemoryBlock<'a> {
    source: &'a MemoryRows,
    rows: Range<usize>,
}

impl Columns for MemoryBlock<'_> {
    fn rows(&self) -> usize {
        self.rows.len()
    }

    fn column(&self, field: &Field) -> Column {
        columns::column(self.source, field, &columns::Places::Run(self.rows.clone()))
    }

    fn every_field(&self) -> Vec<Field> {
        let batch = &self.source.batch;
        let mut used = vec![false; batch.keys.len()];
        for &key in &batch.entry_keys[entry_range(batch, &self.rows)] {
            used[key as usize] = true;
        }
        let keys = batch.keys.iter().zip(used).filter(|(_, used)| *used).map(|(key, _)| key.clone());
        Core::ALL.into_iter().map(Field::Core).chain(keys).collect()
    }
}

impl BlockRows for MemoryBlock<'_> {
    fn times(&self) -> Result<Arc<[i64]>> {
        Ok(self.source.batch.time_ns[self.rows.clone()].into())
    }

    fn weights(&self) -> Result<Option<Arc<[f32]>>> {
        let weights = &self.source.batch.weight;
        Ok((!weights.is_empty()).then(|| weights[self.rows.clone()].into()))
    }

    fn column_at(&self, field: &Field, rows: &[u32]) -> Column {
        columns::column(self.source, field, &columns::Places::Some(self.rows.start, rows))
    }

    fn whole(&self, rows: &[u32]) -> Result<Vec<Row>> {
        Ok(rows.iter().map(|&row| self.source.batch.row(self.rows.start + row as usize)).collect())
    }

    fn check(&self) -> Result<()> {
        Ok(())
    }
}
