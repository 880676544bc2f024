//! A block of a wide file as a batch: what compaction takes rows from.

use super::block::WideBlock;
use super::decode::{Packed, PackedValues};
use super::open::WideFile;
use super::rest;
use super::schema::{Kind, Source};
use crate::Result;
use crate::rows::BlockRows;
use hashbrown::HashMap;
use oriel_model::{Columns, Core, EntryKind, Field, KeyId, RowBatch, ValueRef, WordColumn};

/// A block that is open for compaction: its columns for filters, its batch for rows.
pub(crate) struct WideBatch<'a> {
    block: WideBlock<'a>,
    pub(crate) batch: RowBatch,
}

impl<'a> WideBatch<'a> {
    pub(crate) fn columns(&self) -> &(impl Columns + 'a) {
        &self.block
    }

    /// The first thing that a column met.
    pub(crate) fn check(&self) -> Result<()> {
        self.block.check()
    }
}

impl WideFile {
    pub(crate) fn block_count(&self) -> usize {
        self.head.blocks.len()
    }

    /// A block's first and last time.
    pub(crate) fn block_span(&self, block: usize) -> (i64, i64) {
        let place = &self.head.blocks[block];
        (place.first_ns, place.last_ns)
    }

    /// Reads a block whole. What it decodes is not left in the cache.
    pub(crate) fn batch(&self, block: usize) -> Result<WideBatch<'_>> {
        let block = WideBlock::new(self, block as u32, false);
        let batch = read(&block)?;
        Ok(WideBatch { block, batch })
    }
}

fn read(block: &WideBlock<'_>) -> Result<RowBatch> {
    let schema = &block.file.head.schema;
    let mut batch = RowBatch::new(schema.org, schema.signal);
    batch.time_ns = block.times()?.to_vec();
    batch.weight = block.weights()?.map_or_else(Vec::new, |w| w.to_vec());
    batch.message.ends = vec![0; block.rows()];
    for (column, spec) in schema.columns.iter().enumerate() {
        let Source::Core(core) = spec.source else { continue };
        let piece = block.piece(column)?;
        if let Some(packed) = Packed::of(&piece) {
            take_core(packed, core, &mut batch);
        }
    }
    Entries::read(block, &mut batch)?;
    Ok(batch)
}

fn take_core(packed: &Packed, core: Core, batch: &mut RowBatch) {
    match (core, &packed.values) {
        (Core::Time, _) => {}
        (Core::Message, PackedValues::Texts(texts)) => {
            let ends = texts.value_offsets();
            let begin = ends[0];
            let bytes = texts.values().get(begin as usize..ends[ends.len() - 1] as usize).unwrap_or(&[]);
            // The array was checked to be UTF-8 when it was made.
            batch.message.bytes = String::from_utf8_lossy(bytes).into_owned();
            let mut last = 0;
            let mut row_ends = vec![None; packed.rows];
            packed.each_row(|row, at| row_ends[row] = Some((ends[at + 1] - begin) as u32));
            for (end, known) in batch.message.ends.iter_mut().zip(row_ends) {
                last = known.unwrap_or(last);
                *end = last;
            }
        }
        (Core::TraceId, PackedValues::Ids(ids)) => batch.trace_id = spread(packed, ids),
        (Core::SpanId, PackedValues::Words(words)) => batch.span_id = spread(packed, words),
        (Core::ParentId, PackedValues::Words(words)) => batch.parent_id = spread(packed, words),
        (Core::Duration, PackedValues::Words(words)) => {
            batch.duration_ns = spread(packed, words).into_iter().map(|d| d as i64).collect();
        }
        (core, _) => {
            if let Some(word) = core.text_index().and_then(|i| batch.words.get_mut(i)) {
                *word = words_of(packed);
            }
        }
    }
}

fn spread<T: Copy + Default>(packed: &Packed, values: &[T]) -> Vec<T> {
    if values.is_empty() {
        return Vec::new();
    }
    let mut out = vec![T::default(); packed.rows];
    packed.each_row(|row, at| out[row] = values[at]);
    out
}

fn words_of(packed: &Packed) -> WordColumn {
    let mut column = WordColumn { rows: vec![0; packed.rows], values: vec!["".into()] };
    let mut known: HashMap<u32, u32> = HashMap::new();
    packed.each_row(|row, at| {
        let values = &mut column.values;
        let mut add = || {
            values.push(packed.values.text(at).into());
            (values.len() - 1) as u32
        };
        column.rows[row] = match &packed.values {
            PackedValues::Places(places, _) => *known.entry(places[at]).or_insert_with(add),
            _ => add(),
        };
    });
    column
}

/// Attributes and tags, gathered by row.
struct Entries {
    keys: HashMap<Field, KeyId>,
    /// Where the next entry of each row goes.
    next: Vec<u32>,
}

impl Entries {
    fn read(block: &WideBlock<'_>, batch: &mut RowBatch) -> Result<()> {
        let schema = &block.file.head.schema;
        let mut counts = vec![0u32; block.rows()];
        let mut promoted = Vec::new();
        for (column, spec) in schema.columns.iter().enumerate() {
            if let Source::Attribute(field) = &spec.source {
                let piece = block.piece(column)?;
                if let Some(packed) = Packed::of(&piece) {
                    packed.each_row(|row, _| counts[row] += 1);
                }
                promoted.push((field, spec.kind, piece));
            }
        }
        block.each_rest(|_, _, row, _| counts[row] += 1)?;
        let mut end = 0;
        let mut next = Vec::with_capacity(counts.len());
        for n in counts {
            next.push(end);
            end += n;
            batch.entry_ends.push(end);
        }
        batch.entry_keys = vec![0; end as usize];
        batch.entry_kinds = vec![EntryKind::Null; end as usize];
        batch.entry_bits = vec![0; end as usize];
        let mut entries = Self { keys: HashMap::new(), next };
        for (field, kind, piece) in &promoted {
            if let Some(packed) = Packed::of(piece) {
                entries.take_column(packed, field, *kind, batch);
            }
        }
        let mut scratch = String::new();
        block.each_rest(|keys, values, row, at| {
            let key = entries.key(&Field::from_stored(keys.values.text(at)), batch);
            let (kind, bits) = rest::with(values.text(at), &mut scratch, |value| encode(value, batch));
            entries.put(row, (key, kind, bits), batch);
        })
    }

    fn key(&mut self, field: &Field, batch: &mut RowBatch) -> KeyId {
        if let Some(&id) = self.keys.get(field) {
            return id;
        }
        let id = batch.keys.len() as KeyId;
        batch.keys.push(field.clone());
        self.keys.insert(field.clone(), id);
        id
    }

    fn put(&mut self, row: usize, (key, kind, bits): (KeyId, EntryKind, u64), batch: &mut RowBatch) {
        let at = self.next[row] as usize;
        self.next[row] += 1;
        batch.entry_keys[at] = key;
        batch.entry_kinds[at] = kind;
        batch.entry_bits[at] = bits;
    }

    fn take_column(&mut self, packed: &Packed, field: &Field, kind: Kind, batch: &mut RowBatch) {
        if packed.values.len() == 0 {
            return;
        }
        let key = self.key(field, batch);
        let kind = match kind {
            Kind::Bool => EntryKind::Bool,
            Kind::Int => EntryKind::Int,
            Kind::Uint => EntryKind::Uint,
            Kind::Float => EntryKind::Float,
            _ => EntryKind::Text,
        };
        // A text of the dictionary is kept once.
        let mut known: HashMap<u32, u64> = HashMap::new();
        packed.each_row(|row, at| {
            let bits = match &packed.values {
                PackedValues::Words(words) => words[at],
                PackedValues::Places(places, texts) => {
                    let place = places[at];
                    *known.entry(place).or_insert_with(|| put_text(texts.value(place as usize), batch))
                }
                texts => put_text(texts.text(at), batch),
            };
            self.put(row, (key, kind, bits), batch);
        });
    }
}

fn put_text(text: &str, batch: &mut RowBatch) -> u64 {
    let start = batch.texts.len() as u64;
    batch.texts.push_str(text);
    start << 32 | text.len() as u64
}

fn encode(value: ValueRef<'_>, batch: &mut RowBatch) -> (EntryKind, u64) {
    match value {
        ValueRef::Null => (EntryKind::Null, 0),
        ValueRef::Bool(b) => (EntryKind::Bool, u64::from(b)),
        ValueRef::Int(n) => (EntryKind::Int, n as u64),
        ValueRef::Uint(n) => (EntryKind::Uint, n),
        ValueRef::Float(x) => (EntryKind::Float, x.to_bits()),
        ValueRef::Text(text) => (EntryKind::Text, put_text(text, batch)),
        ValueRef::List(json) => (EntryKind::List, put_text(json, batch)),
    }
}
