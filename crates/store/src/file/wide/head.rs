//! The head of a wide file: all that a reader keeps of it, read at opening in one piece.
//!
//! It repeats what Parquet's footer says (columns, pages) in a form that is opened in microseconds, and adds the blocks, the fields
//! with their counts, and where terms and filters lie.

use super::bloom::BloomPlace;
use super::pack_bytes::{Input, Output};
use super::schema::{ColumnSpec, KINDS, Kind, KindCounts, Schema, Source};
use crate::file::values::{Damage, Decoded};
use crate::rows::BLOCK_ROWS;
use oriel_model::{Core, Field, OrgId, Signal};

/// The layout of heads and of what they point at.
const VERSION: u64 = 2;

/// Signals by their place in a head.
const SIGNALS: [Signal; 4] = [Signal::Metrics, Signal::Events, Signal::Logs, Signal::Spans];

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct BlockPlace {
    pub(super) group: u32,
    /// Of its row group: the number of its page in every column.
    pub(super) page: u32,
    pub(super) rows: u32,
    pub(super) first_ns: i64,
    pub(super) last_ns: i64,
    /// Of rare terms.
    pub(super) terms: BloomPlace,
    /// Of trace and span ids.
    pub(super) ids: BloomPlace,
    /// What the rare tokens are written with ([`super::pieces::letters`]).
    pub(super) letters: u64,
}

/// One column of one row group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ChunkPlace {
    /// Of its dictionary page, or of its first page where it has none.
    pub(super) offset: u64,
    pub(super) compressed: bool,
    /// Values in the dictionary; 0 when there is none.
    pub(super) dictionary: u32,
    pub(super) dictionary_bytes: u32,
    /// Of each page with its header.
    pub(super) page_bytes: Vec<u32>,
}

impl ChunkPlace {
    pub(super) fn page(&self, page: usize) -> (u64, usize) {
        let before: u64 = self.page_bytes.iter().take(page).map(|&n| u64::from(n)).sum();
        let len = self.page_bytes.get(page).copied().unwrap_or(0);
        (self.offset + u64::from(self.dictionary_bytes) + before, len as usize)
    }

    /// Of the whole chunk.
    #[cfg(test)]
    pub(super) fn bytes(&self) -> u64 {
        u64::from(self.dictionary_bytes) + self.page_bytes.iter().map(|&n| u64::from(n)).sum::<u64>()
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct GroupPlace {
    pub(super) first_block: u32,
    pub(super) blocks: u32,
    /// By column.
    pub(super) chunks: Vec<ChunkPlace>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FieldCounts {
    pub(super) field: Field,
    pub(super) counts: KindCounts,
    /// Rows that have it in the residual map.
    pub(super) rest: u64,
}

/// A page of the dictionary of terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TermPage {
    pub(super) first: Box<[u8]>,
    pub(super) offset: u64,
    pub(super) bytes: u32,
    pub(super) raw_bytes: u32,
}

/// What the index of a file knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Known {
    /// Version of [`oriel_model::text`] that the message's tokens are of; 0: it has none.
    pub(super) text_version: u32,
    /// Terms that are not in the dictionary are in the filters; fields of the map have terms.
    pub(super) rare: bool,
    /// Ids are in the filters.
    pub(super) ids: bool,
}

/// See the module's head.
#[derive(Clone, Debug)]
pub(super) struct Head {
    pub(super) schema: Schema,
    pub(super) known: Known,
    pub(super) blocks: Vec<BlockPlace>,
    pub(super) groups: Vec<GroupPlace>,
    /// By column: whether every value has its term in the dictionary.
    pub(super) complete: Vec<bool>,
    /// By column, for numbers: the least and greatest of each block; both NaN where it has none.
    pub(super) ranges: Vec<Vec<(f64, f64)>>,
    pub(super) fields: Vec<FieldCounts>,
    /// Whether `fields` has all of them.
    pub(super) fields_complete: bool,
    pub(super) term_pages: Vec<TermPage>,
}

impl Head {
    pub(super) fn rows(&self) -> u64 {
        self.blocks.iter().map(|b| u64::from(b.rows)).sum()
    }

    pub(super) fn column(&self, source: &Source) -> Option<usize> {
        self.schema.columns.iter().position(|c| c.source == *source)
    }

    pub(super) fn field(&self, field: &Field) -> Option<&FieldCounts> {
        let at = self.fields.binary_search_by(|f| f.field.cmp(field)).ok()?;
        Some(&self.fields[at])
    }

    /// Memory it holds.
    pub(super) fn heap_bytes(&self) -> usize {
        let chunks: usize =
            self.groups.iter().flat_map(|g| &g.chunks).map(|c| 56 + c.page_bytes.len() * 4).sum();
        let fields: usize =
            self.fields.iter().map(|f| size_of::<FieldCounts>() + f.field.to_string().len()).sum();
        let terms: usize = self.term_pages.iter().map(|t| size_of::<TermPage>() + t.first.len()).sum();
        let ranges: usize = self.ranges.iter().map(|r| 24 + r.len() * 16).sum();
        chunks + fields + terms + ranges + self.blocks.len() * size_of::<BlockPlace>()
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let mut out = Output::default();
        out.number(VERSION);
        let schema = &self.schema;
        out.number(u64::from(schema.org.0));
        out.number(SIGNALS.iter().position(|s| *s == schema.signal).unwrap_or(0) as u64);
        out.number(schema.unit_ns as u64);
        out.number(u64::from(self.known.text_version));
        out.number(
            u64::from(self.known.rare)
                | u64::from(self.known.ids) << 1
                | u64::from(self.fields_complete) << 2,
        );
        out.number(schema.columns.len() as u64);
        for (i, column) in schema.columns.iter().enumerate() {
            put_column(column, self.complete[i], &mut out);
        }
        out.number(self.groups.len() as u64);
        for group in &self.groups {
            self.put_group(group, &mut out);
        }
        for ranges in &self.ranges {
            out.number(ranges.len() as u64);
            for (low, high) in ranges {
                out.0.extend_from_slice(&low.to_le_bytes());
                out.0.extend_from_slice(&high.to_le_bytes());
            }
        }
        out.number(self.fields.len() as u64);
        for field in &self.fields {
            out.blob(stored_name(&field.field).as_bytes());
            field.counts.iter().for_each(|&n| out.number(n));
            out.number(field.rest);
        }
        out.number(self.term_pages.len() as u64);
        for page in &self.term_pages {
            out.blob(&page.first);
            out.number(page.offset);
            out.number(u64::from(page.bytes));
            out.number(u64::from(page.raw_bytes));
        }
        out.0
    }

    fn put_group(&self, group: &GroupPlace, out: &mut Output) {
        out.number(u64::from(group.blocks));
        for block in &self.blocks[group.first_block as usize..][..group.blocks as usize] {
            out.number(u64::from(block.rows));
            out.signed(block.first_ns);
            out.number(block.last_ns.wrapping_sub(block.first_ns) as u64);
            block.terms.put(out);
            block.ids.put(out);
            out.number(block.letters);
        }
        for chunk in &group.chunks {
            out.number(chunk.offset);
            out.number(u64::from(chunk.compressed));
            out.number(u64::from(chunk.dictionary));
            out.number(u64::from(chunk.dictionary_bytes));
            chunk.page_bytes.iter().for_each(|&n| out.number(u64::from(n)));
        }
    }

    pub(super) fn decode(bytes: &[u8]) -> Decoded<Self> {
        let mut input = Input(bytes);
        let version = input.number()?;
        if version != VERSION {
            return Err(Damage::new(format!("a head of version {version} where {VERSION} is read")));
        }
        let org = OrgId(input.small()?);
        let signal = SIGNALS.get(input.small::<usize>()?).copied();
        let signal = signal.ok_or_else(|| Damage::new("rows of an unknown signal"))?;
        let unit_ns = input.small::<i64>()?;
        if ![1, 1000, 1_000_000].contains(&unit_ns) {
            return Err(Damage::new("times of an unknown unit"));
        }
        let text_version = input.small()?;
        let flags = input.number()?;
        let known = Known { text_version, rare: flags & 1 != 0, ids: flags & 2 != 0 };
        let (mut columns, mut complete) = (Vec::new(), Vec::new());
        for _ in 0..input.count()? {
            let (column, is_complete) = take_column(&mut input)?;
            columns.push(column);
            complete.push(is_complete);
        }
        check_columns(&columns)?;
        let (mut blocks, mut groups) = (Vec::new(), Vec::new());
        for group in 0..input.count()? {
            groups.push(take_group(&mut input, group, columns.len(), &mut blocks)?);
        }
        let ranges = take_ranges(&mut input, columns.len(), blocks.len())?;
        let fields = take_fields(&mut input)?;
        let term_pages = take_term_pages(&mut input)?;
        let schema = Schema { org, signal, unit_ns, columns };
        let fields_complete = flags & 4 != 0;
        Ok(Self { schema, known, blocks, groups, complete, ranges, fields, fields_complete, term_pages })
    }
}

/// An attribute's or tag's name as it is kept: `@path` or `key`.
pub(super) fn stored_name(field: &Field) -> String {
    field.to_string()
}

fn put_column(column: &ColumnSpec, is_complete: bool, out: &mut Output) {
    out.number(column.kind as u64 | u64::from(is_complete) << 7);
    match &column.source {
        Source::Core(core) => out.number(*core as u64),
        Source::Weight => out.number(64),
        Source::Rest => out.number(65),
        Source::Attribute(field) => {
            out.number(66);
            out.blob(stored_name(field).as_bytes());
        }
    }
}

fn take_column(input: &mut Input<'_>) -> Decoded<(ColumnSpec, bool)> {
    let code: u8 = input.small()?;
    let kind = Kind::from_u8(code & 0x7f).ok_or_else(|| Damage::new("a column of an unknown kind"))?;
    let source = match input.small::<usize>()? {
        64 => Source::Weight,
        65 => Source::Rest,
        66 => Source::Attribute(Field::from_stored(input.text()?)),
        core => Source::Core(
            Core::ALL.get(core).copied().ok_or_else(|| Damage::new("a column of an unknown field"))?,
        ),
    };
    Ok((ColumnSpec { source, kind }, code & 0x80 != 0))
}

/// That the columns are such as a writer makes, so that readers can rely on it.
fn check_columns(columns: &[ColumnSpec]) -> Decoded<()> {
    let fits = |c: &ColumnSpec| match &c.source {
        Source::Core(Core::Time) => c.kind == Kind::Time,
        Source::Core(Core::Message) => c.kind == Kind::Message,
        Source::Core(Core::TraceId) => c.kind == Kind::TraceId,
        Source::Core(Core::SpanId | Core::ParentId) => c.kind == Kind::SpanId,
        Source::Core(Core::Duration) => c.kind == Kind::Int,
        Source::Core(_) => c.kind == Kind::Text,
        Source::Weight => c.kind == Kind::Float,
        Source::Rest => matches!(c.kind, Kind::RestKey | Kind::RestValue),
        Source::Attribute(_) => {
            matches!(c.kind, Kind::Text | Kind::Int | Kind::Uint | Kind::Float | Kind::Bool)
        }
    };
    let times = columns.iter().filter(|c| c.kind == Kind::Time).count();
    let rest: Vec<Kind> = columns.iter().filter(|c| c.source == Source::Rest).map(|c| c.kind).collect();
    let rest_fits = rest.is_empty() || rest == [Kind::RestKey, Kind::RestValue];
    if times != 1 || !rest_fits || !columns.iter().all(fits) {
        return Err(Damage::new("columns that do not belong together"));
    }
    Ok(())
}

fn take_group(
    input: &mut Input<'_>,
    group: usize,
    columns: usize,
    blocks: &mut Vec<BlockPlace>,
) -> Decoded<GroupPlace> {
    let (first_block, count) = (blocks.len() as u32, input.count()?);
    if count > super::schema::GROUP_BLOCKS {
        return Err(Damage::new("a row group of too many blocks"));
    }
    for page in 0..count {
        let rows = input.small::<u32>()?;
        if rows == 0 || rows as usize > BLOCK_ROWS {
            return Err(Damage::new(format!("a block of {rows} rows")));
        }
        let first_ns = input.signed()?;
        let last_ns = first_ns.wrapping_add(input.number()? as i64);
        let (terms, ids) = (BloomPlace::take(input)?, BloomPlace::take(input)?);
        let letters = input.number()?;
        blocks.push(BlockPlace {
            group: group as u32,
            page: page as u32,
            rows,
            first_ns,
            last_ns,
            terms,
            ids,
            letters,
        });
    }
    let mut chunks = Vec::with_capacity(columns);
    for _ in 0..columns {
        let mut chunk = ChunkPlace {
            offset: input.number()?,
            compressed: input.number()? != 0,
            dictionary: input.small()?,
            dictionary_bytes: input.small()?,
            page_bytes: Vec::with_capacity(count),
        };
        for _ in 0..count {
            chunk.page_bytes.push(input.small()?);
        }
        if chunk.offset > i64::MAX as u64 {
            return Err(Damage::new("a column past the end of everything"));
        }
        chunks.push(chunk);
    }
    Ok(GroupPlace { first_block, blocks: count as u32, chunks })
}

fn take_ranges(input: &mut Input<'_>, columns: usize, blocks: usize) -> Decoded<Vec<Vec<(f64, f64)>>> {
    let mut out = Vec::with_capacity(columns);
    for _ in 0..columns {
        let n = input.count()?;
        if n != 0 && n != blocks {
            return Err(Damage::new("ranges of other blocks"));
        }
        let mut ranges = Vec::with_capacity(n);
        for _ in 0..n {
            let mut end = || input.bytes(8).map(|b| f64::from_le_bytes(b.try_into().unwrap_or_default()));
            ranges.push((end()?, end()?));
        }
        out.push(ranges);
    }
    Ok(out)
}

fn take_fields(input: &mut Input<'_>) -> Decoded<Vec<FieldCounts>> {
    let mut fields = Vec::new();
    for _ in 0..input.count()? {
        let field = Field::from_stored(input.text()?);
        let mut counts = [0; KINDS];
        for n in &mut counts {
            *n = input.number()?;
        }
        fields.push(FieldCounts { field, counts, rest: input.number()? });
    }
    if fields.windows(2).any(|w| w[0].field >= w[1].field) {
        return Err(Damage::new("fields out of order"));
    }
    Ok(fields)
}

fn take_term_pages(input: &mut Input<'_>) -> Decoded<Vec<TermPage>> {
    let mut pages: Vec<TermPage> = Vec::new();
    for _ in 0..input.count()? {
        pages.push(TermPage {
            first: input.blob()?.into(),
            offset: input.number()?,
            bytes: input.small()?,
            raw_bytes: input.small()?,
        });
    }
    if pages.windows(2).any(|w| w[0].first >= w[1].first) {
        return Err(Damage::new("terms out of order"));
    }
    Ok(pages)
}
