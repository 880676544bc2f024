//! The writer of wide files: rows of any batches, in order, into row groups of typed columns.
//!
//! Blocks end at 8,192 rows or 16 MiB of text, row groups at 16 blocks or 64 MiB; a block is one page of every column. No row is ever
//! a struct: values go from a batch's columns to the group's, texts of few values by number.

use super::bloom::{self, BloomPlace};
use super::cells::{Cells, Plan};
use super::foreign::{Chunk, ForeignWriter};
use super::head::{BlockPlace, ChunkPlace, FieldCounts, GroupPlace, Head, Known, TermPage, stored_name};
use super::page::{DELTA, DELTA_LENGTH, DICTIONARY, PageBody, put_page};
use super::schema::{GROUP_BLOCKS, KINDS, Kind, KindCounts, Schema, Source, columns_of};
use super::terms::TermCollector;
use super::{index, rest};
use crate::file::disk::io_error;
use crate::parts::{Content, FileMeta, WideMeta};
use crate::rows::BLOCK_ROWS;
use crate::{Error, Result};
use hashbrown::HashMap;
use oriel_model::{Core, Field, RowBatch, ValueRef, text};
use parquet::basic::Encoding;
use std::path::Path;

/// Text in a block: what one page of messages holds at most.
const BLOCK_BYTES: usize = 16 << 20;
/// Bytes of a row group: the writer holds one in memory.
const GROUP_BYTES: usize = 64 << 20;
/// No place in a dictionary.
const NONE: u32 = u32::MAX;

/// How much work a file is worth.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    pub(super) level: u8,
    zstd: i32,
    /// Tokens, rare terms and ids are indexed.
    pub(super) indexes_rows: bool,
}

impl Effort {
    /// Level 0 is rewritten soon, and so is only squeezed a little and not indexed by its words.
    pub(crate) fn of_level(level: u8) -> Self {
        match level {
            0 => Self { level, zstd: 1, indexes_rows: false },
            _ => Self { level, zstd: 3, indexes_rows: true },
        }
    }
}

/// A batch that rows are taken from, and what its numbers mean in the file.
#[derive(Default)]
struct Slot {
    /// By core text and number in the batch; [`NONE`] until it is looked up in the group at hand.
    words: Vec<Vec<u32>>,
    keys: Vec<KeyPlan>,
}

/// Where an attribute or tag of a batch goes.
struct KeyPlan {
    /// In the file's list of fields.
    field: usize,
    name: Box<str>,
    columns: [Option<u16>; KINDS],
}

/// Fields of the file as they are met.
#[derive(Default)]
struct Fields {
    ids: HashMap<Field, usize>,
    list: Vec<FieldCounts>,
    columns: Vec<[Option<u16>; KINDS]>,
}

/// Places of the columns that every row is asked for.
struct Places {
    words: Vec<(usize, usize)>,
    by_core: [Option<usize>; Core::ALL.len()],
    weight: Option<usize>,
    rest: Option<usize>,
}

/// See the module's head.
pub(crate) struct WideWriter {
    foreign: ForeignWriter,
    effort: Effort,
    /// Its tables are megabytes: one serves all columns.
    zstd: zstd::bulk::Compressor<'static>,
    meta: FileMeta,
    pub(super) schema: Schema,
    places: Places,
    slots: Vec<Slot>,
    fields: Fields,
    pub(super) cells: Vec<Cells>,
    /// Rows of the group at hand, and where its blocks begin.
    rows: u32,
    block_begins: Vec<u32>,
    block_bytes: usize,
    group_bytes: usize,
    times: (i64, i64),
    blocks: Vec<BlockPlace>,
    groups: Vec<GroupPlace>,
    pub(super) complete: Vec<bool>,
    pub(super) ranges: Vec<Vec<(f64, f64)>>,
    pub(super) terms: TermCollector,
    scratch: Vec<(usize, usize)>,
    json: Vec<u8>,
}

impl WideWriter {
    pub(crate) fn create(dir: &Path, schema: Schema, effort: Effort, wide: WideMeta) -> Result<Self> {
        let content = Content::of_rows(schema.signal)
            .ok_or_else(|| Error::Closed("metrics are no wide rows".to_owned()))?;
        let meta = FileMeta {
            id: String::new(),
            dataset: content.dataset(),
            content,
            level: effort.level,
            org_min: schema.org.0,
            org_max: schema.org.0,
            first_ms: i64::MAX,
            last_ms: i64::MIN,
            rows: 0,
            samples: 0,
            bytes: 0,
            crc32c: 0,
            begin_seq: 0,
            wide,
        };
        let columns = schema.columns.len();
        let zstd = zstd::bulk::Compressor::new(effort.zstd).map_err(|e| io_error(dir, e))?;
        Ok(Self {
            zstd,
            foreign: ForeignWriter::create(dir, &schema)?,
            effort,
            meta,
            places: Places::of(&schema),
            slots: Vec::new(),
            fields: Fields::default(),
            cells: schema.columns.iter().map(|c| Cells::new(c.kind)).collect(),
            rows: 0,
            block_begins: vec![0],
            block_bytes: 0,
            group_bytes: 0,
            times: (i64::MAX, i64::MIN),
            blocks: Vec::new(),
            groups: Vec::new(),
            complete: vec![true; columns],
            ranges: vec![Vec::new(); columns],
            terms: TermCollector::default(),
            scratch: Vec::new(),
            json: Vec::new(),
            schema,
        })
    }

    pub(crate) fn rows(&self) -> u64 {
        self.meta.rows
    }

    /// Whether the file should end: what its index needs in memory is bounded.
    pub(crate) fn is_full(&self) -> bool {
        self.terms.is_full()
    }

    /// States which batch the rows of a slot are of from now on.
    pub(crate) fn attach(&mut self, slot: usize, batch: &RowBatch) {
        while self.slots.len() <= slot {
            self.slots.push(Slot::default());
        }
        let words = batch.words.iter().map(|w| vec![NONE; w.values.len()]).collect();
        let keys = batch.keys.iter().map(|field| self.fields.plan(&self.schema, field)).collect();
        self.slots[slot] = Slot { words, keys };
    }

    /// Adds a row of a slot's batch. Rows come sorted by service and time.
    pub(crate) fn push(&mut self, slot: usize, batch: &RowBatch, row: usize, weight: f32) -> Result<()> {
        let at = self.rows;
        let time_ns = batch.time_ns[row];
        self.cells[0].word(at, (time_ns / self.schema.unit_ns) as u64);
        self.times = (self.times.0.min(time_ns), self.times.1.max(time_ns));
        let mut bytes = self.push_words(slot, batch, row);
        if let Some(column) = self.places.by_core[Core::Message as usize] {
            let message = batch.message.get(row);
            if !message.is_empty() {
                bytes += self.cells[column].text(at, message.as_bytes());
            }
        }
        self.push_numbers(batch, row, weight);
        bytes += self.push_entries(slot, batch, row);
        self.meta.rows += 1;
        self.rows += 1;
        self.block_bytes += bytes;
        self.group_bytes += bytes + 64;
        if weight != 1.0 {
            self.meta.wide.weighted = true;
        }
        let begin = self.block_begins.last().copied().unwrap_or(0);
        if (self.rows - begin) as usize >= BLOCK_ROWS || self.block_bytes >= BLOCK_BYTES {
            self.end_block()?;
        }
        Ok(())
    }

    fn push_words(&mut self, slot: usize, batch: &RowBatch, row: usize) -> usize {
        let memo = &mut self.slots[slot].words;
        for &(word, column) in &self.places.words {
            let Some(&number) = batch.words[word].rows.get(row).filter(|&&number| number != 0) else {
                continue;
            };
            let known = &mut memo[word][number as usize];
            let cells = &mut self.cells[column];
            if *known == NONE {
                let text = &batch.words[word].values[number as usize];
                cells.text(self.rows, text.as_bytes());
                *known = cells.last_place();
            } else {
                cells.place(self.rows, *known);
            }
        }
        self.places.words.len()
    }

    fn push_numbers(&mut self, batch: &RowBatch, row: usize, weight: f32) {
        let at = self.rows;
        let place = |core: Core| self.places.by_core[core as usize];
        if let (Some(column), Some(&id)) = (place(Core::TraceId), batch.trace_id.get(row))
            && id != 0
        {
            self.cells[column].id(at, id);
        }
        let words = [
            (Core::SpanId, batch.span_id.get(row).copied()),
            (Core::ParentId, batch.parent_id.get(row).copied()),
            (Core::Duration, batch.duration_ns.get(row).map(|&d| d as u64)),
        ];
        for (core, bits) in words {
            if let (Some(column), Some(bits)) = (place(core), bits)
                && bits != 0
            {
                self.cells[column].word(at, bits);
            }
        }
        if let Some(column) = self.places.weight
            && weight != 1.0
        {
            self.cells[column].word(at, f64::from(weight).to_bits());
        }
    }

    /// Attributes and tags into their columns, the others into the map by name; how many bytes they take.
    fn push_entries(&mut self, slot: usize, batch: &RowBatch, row: usize) -> usize {
        let begin = if row == 0 { 0 } else { batch.entry_ends[row - 1] as usize };
        let end = batch.entry_ends.get(row).map_or(begin, |&e| e as usize);
        let mut bytes = 0;
        let Self { slots, fields, cells, scratch, rows, .. } = self;
        let plans = &slots[slot].keys;
        scratch.clear();
        for i in begin..end {
            let (key, kind) = (batch.entry_keys[i] as usize, batch.entry_kinds[i]);
            let plan = &plans[key];
            fields.list[plan.field].counts[kind as usize] += 1;
            let Some(column) = plan.columns[kind as usize] else {
                scratch.push((key, i));
                continue;
            };
            let cells = &mut cells[usize::from(column)];
            match batch.entry(i) {
                ValueRef::Text(text) => bytes += cells.text(*rows, text.as_bytes()),
                _ => cells.word(*rows, batch.entry_bits[i]),
            }
        }
        let Some(rest) = self.places.rest else { return bytes };
        scratch.sort_unstable_by(|a, b| plans[a.0].name.cmp(&plans[b.0].name));
        for &(key, i) in scratch.iter() {
            fields.list[plans[key].field].rest += 1;
            bytes += cells[rest].text(*rows, plans[key].name.as_bytes());
            self.json.clear();
            rest::put(batch.entry(i), &mut self.json);
            bytes += cells[rest + 1].text(*rows, &self.json);
        }
        bytes
    }

    fn end_block(&mut self) -> Result<()> {
        let begin = self.block_begins.last().copied().unwrap_or(0);
        let place = BlockPlace {
            group: self.groups.len() as u32,
            page: self.block_begins.len() as u32 - 1,
            rows: self.rows - begin,
            first_ns: self.times.0,
            last_ns: self.times.1,
            terms: BloomPlace::default(),
            ids: BloomPlace::default(),
            letters: 0,
        };
        self.blocks.push(place);
        self.meta.first_ms = self.meta.first_ms.min(place.first_ns.div_euclid(1_000_000));
        self.meta.last_ms = self.meta.last_ms.max(place.last_ns.div_euclid(1_000_000));
        self.times = (i64::MAX, i64::MIN);
        self.block_bytes = 0;
        self.block_begins.push(self.rows);
        let is_full = self.block_begins.len() > GROUP_BLOCKS || self.group_bytes >= GROUP_BYTES;
        if is_full { self.end_group() } else { Ok(()) }
    }

    fn end_group(&mut self) -> Result<()> {
        let first_block = self.groups.last().map_or(0, |g| g.first_block + g.blocks);
        let begins = std::mem::replace(&mut self.block_begins, vec![0]);
        let ids = index::collect_group(self, &begins, first_block);
        let mut chunks = Vec::with_capacity(self.cells.len());
        for column in 0..self.cells.len() {
            let kind = self.schema.columns[column].kind;
            let cells = std::mem::replace(&mut self.cells[column], Cells::new(kind));
            let chunk = encode(&cells, kind, &begins, &mut self.zstd);
            chunks.push(chunk.map_err(|e| io_error(Path::new("a row group"), e))?);
        }
        let chunks = self.foreign.write_group(chunks, self.rows as usize)?;
        let (mut filters, at) = (Vec::new(), self.foreign.offset());
        for (block, ids) in self.blocks[first_block as usize..].iter_mut().zip(&ids) {
            block.ids = bloom::build(ids, index::id_bits(self.schema.signal), at, &mut filters);
        }
        self.foreign.write_aside(&filters)?;
        let blocks = begins.len() as u32 - 1;
        self.groups.push(GroupPlace { first_block, blocks, chunks });
        self.slots.iter_mut().flat_map(|s| &mut s.words).for_each(|w| w.fill(NONE));
        self.rows = 0;
        self.group_bytes = 0;
        Ok(())
    }

    pub(super) fn indexes_rows(&self) -> bool {
        self.effort.indexes_rows
    }

    /// Ends the file; `None`, and no file, when there were no rows.
    pub(crate) fn finish(mut self) -> Result<Option<FileMeta>> {
        if self.rows > self.block_begins.last().copied().unwrap_or(0) {
            self.end_block()?;
        }
        if self.rows > 0 {
            self.end_group()?;
        }
        if self.meta.rows == 0 {
            return Ok(None);
        }
        let term_pages = self.write_terms()?;
        let mut fields = self.fields.list;
        fields.retain(|f| f.counts.iter().any(|&n| n > 0));
        fields.sort_by(|a, b| a.field.cmp(&b.field));
        let (listed, fields_complete) = index::listed(fields);
        let indexes = self.effort.indexes_rows;
        let head = Head {
            known: Known {
                text_version: if indexes { text::VERSION } else { 0 },
                rare: indexes,
                ids: indexes,
            },
            schema: self.schema,
            blocks: self.blocks,
            groups: self.groups,
            complete: self.complete,
            ranges: self.ranges,
            fields: listed,
            fields_complete,
            term_pages,
        };
        let (id, sealed) = self.foreign.finish(&head.encode())?;
        let meta = FileMeta { id, bytes: sealed.bytes, crc32c: sealed.crc32c, ..self.meta };
        Ok(Some(FileMeta { samples: meta.rows, ..meta }))
    }

    fn write_terms(&mut self) -> Result<Vec<TermPage>> {
        let blocks = self.blocks.len() as u32;
        let finished = std::mem::take(&mut self.terms).finish(blocks);
        let finished = finished.map_err(|e| io_error(Path::new("a dictionary of terms"), e))?;
        let at = self.foreign.offset();
        self.foreign.write_aside(&finished.bytes)?;
        let (mut filters, filters_at) = (Vec::new(), self.foreign.offset());
        for (block, (rare, &letters)) in
            self.blocks.iter_mut().zip(finished.rare.iter().zip(&finished.letters))
        {
            block.terms = bloom::build(rare, index::TERM_BITS, filters_at, &mut filters);
            block.letters = letters;
        }
        self.foreign.write_aside(&filters)?;
        let place = |page: TermPage| TermPage { offset: at + page.offset, ..page };
        Ok(finished.pages.into_iter().map(place).collect())
    }
}

impl Places {
    fn of(schema: &Schema) -> Self {
        let mut by_core = [None; Core::ALL.len()];
        for core in Core::ALL {
            by_core[core as usize] = schema.columns.iter().position(|c| c.source == Source::Core(core));
        }
        let words = (0..Core::WORDS).filter_map(|i| by_core[i].map(|column| (i, column))).collect();
        let find = |source: Source| schema.columns.iter().position(|c| c.source == source);
        Self { words, by_core, weight: find(Source::Weight), rest: find(Source::Rest) }
    }
}

impl Fields {
    fn plan(&mut self, schema: &Schema, field: &Field) -> KeyPlan {
        let id = match self.ids.get(field) {
            Some(&id) => id,
            None => {
                let id = self.list.len();
                self.ids.insert(field.clone(), id);
                let counts: KindCounts = [0; KINDS];
                self.list.push(FieldCounts { field: field.clone(), counts, rest: 0 });
                self.columns.push(columns_of(schema, field));
                id
            }
        };
        KeyPlan { field: id, name: stored_name(field).into(), columns: self.columns[id] }
    }
}

/// A whole column chunk: its dictionary and a page for each block.
fn encode(
    cells: &Cells,
    kind: Kind,
    begins: &[u32],
    zstd: &mut zstd::bulk::Compressor<'static>,
) -> std::io::Result<Chunk> {
    let plan = cells.plan(kind);
    let pages: Vec<PageBody> = begins.windows(2).map(|w| cells.page(kind, &plan, &(w[0]..w[1]))).collect();
    // Ids and other noise only cost time to decompress.
    let compressed = match pages.first().filter(|_| matches!(plan, Plan::Plain)) {
        Some(first) => zstd.compress(&first.bytes)?.len() * 10 < first.bytes.len() * 9,
        None => true,
    };
    let mut chunk = Chunk {
        bytes: Vec::new(),
        place: ChunkPlace { compressed, ..ChunkPlace::default() },
        encodings: vec![Encoding::RLE],
        slots: pages.iter().map(|p| p.slots).sum(),
        raw_bytes: 0,
    };
    let mut begin = 0;
    if let Some(dictionary) = cells.dictionary_page(&plan) {
        put_page(&dictionary, true, compressed.then_some(&mut *zstd), &mut chunk.bytes)?;
        chunk.place.dictionary = dictionary.slots as u32;
        chunk.place.dictionary_bytes = chunk.bytes.len() as u32;
        chunk.encodings.push(Encoding::PLAIN);
        chunk.raw_bytes += dictionary.bytes.len();
        begin = chunk.bytes.len();
    }
    for page in &pages {
        put_page(page, false, compressed.then_some(&mut *zstd), &mut chunk.bytes)?;
        chunk.place.page_bytes.push((chunk.bytes.len() - begin) as u32);
        chunk.raw_bytes += page.bytes.len();
        begin = chunk.bytes.len();
    }
    chunk.encodings.push(match pages.first().map(|p| p.encoding) {
        Some(DICTIONARY) => Encoding::RLE_DICTIONARY,
        Some(DELTA) => Encoding::DELTA_BINARY_PACKED,
        Some(DELTA_LENGTH) => Encoding::DELTA_LENGTH_BYTE_ARRAY,
        _ => Encoding::PLAIN,
    });
    Ok(chunk)
}
