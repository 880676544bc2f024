//! Which columns a wide file has: the core fields that occur, attributes and tags that are frequent enough, and the residual map
//! for all others (STORE 30).
//!
//! A promoted column is of one type and named after it (`@http.status_code:i`); a field of several types may have several, and
//! what fits none lies in the map.

use oriel_model::{Core, EntryKind, Field, OrgId, RowBatch, Signal};
use std::collections::HashMap;

/// Promoted columns of a file: footers and planning grow with every column.
const PROMOTED_MAX: usize = 96;
/// A field is promoted when so many of a hundred rows have it.
const PROMOTED_PERCENT: u64 = 1;
/// Fields that a census tells apart; those past it are in the map and not listed. A sender of ever new names ends here.
const FIELDS_MAX: usize = 16_384;

/// Blocks of a row group, at most: 128k rows.
pub(super) const GROUP_BLOCKS: usize = 16;

/// Kinds of an entry, by [`EntryKind`]'s number.
pub(super) const KINDS: usize = 7;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    /// Nanoseconds, in the file's unit; the one column without nulls.
    Time = 0,
    Text = 1,
    Int = 2,
    Uint = 3,
    Float = 4,
    Bool = 5,
    /// 128 bits, highest byte first.
    TraceId = 6,
    /// 64 bits.
    SpanId = 7,
    RestKey = 8,
    RestValue = 9,
    /// Texts that seldom repeat.
    Message = 10,
}

impl Kind {
    const ALL: [Self; 11] = [
        Self::Time,
        Self::Text,
        Self::Int,
        Self::Uint,
        Self::Float,
        Self::Bool,
        Self::TraceId,
        Self::SpanId,
        Self::RestKey,
        Self::RestValue,
        Self::Message,
    ];

    pub(super) fn from_u8(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }

    /// The suffix of a promoted column's name, and the letter of its terms.
    pub(super) fn letter(self) -> char {
        match self {
            Self::Int => 'i',
            Self::Uint => 'u',
            Self::Float => 'f',
            Self::Bool => 'b',
            _ => 's',
        }
    }

    /// The column kind that entries of a kind may be promoted to.
    fn of_entry(kind: usize) -> Option<Self> {
        [None, Some(Self::Bool), Some(Self::Int), Some(Self::Uint), Some(Self::Float), Some(Self::Text), None]
            .get(kind)
            .copied()
            .flatten()
    }
}

/// What of a row a column holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Core(Core),
    Weight,
    Attribute(Field),
    Rest,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ColumnSpec {
    pub(super) source: Source,
    pub(super) kind: Kind,
}

impl ColumnSpec {
    /// The physical name; of the map's columns their last part.
    pub(super) fn name(&self) -> String {
        match (&self.source, self.kind) {
            (Source::Core(core), _) => core.as_str().to_owned(),
            (Source::Weight, _) => "weight".to_owned(),
            (Source::Attribute(field), kind) => format!("{field}:{}", kind.letter()),
            (Source::Rest, Kind::RestKey) => "key".to_owned(),
            (Source::Rest, _) => "value".to_owned(),
        }
    }
}

/// See the module's head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Schema {
    pub(super) org: OrgId,
    pub(super) signal: Signal,
    /// Nanoseconds of a unit of the time column: 1, 1,000 or 1,000,000.
    pub(super) unit_ns: i64,
    pub(super) columns: Vec<ColumnSpec>,
}

/// Rows with a field, by [`EntryKind`]'s number.
pub(super) type KindCounts = [u64; KINDS];

/// What rows have: decides the columns before the first row is written.
#[derive(Clone, Debug)]
pub(crate) struct Census {
    rows: u64,
    core: [bool; Core::ALL.len()],
    weighted: bool,
    unit_ns: i64,
    fields: HashMap<Field, KindCounts>,
    /// Whether some field is not among `fields`.
    has_more: bool,
}

impl Default for Census {
    fn default() -> Self {
        Self {
            rows: 0,
            core: Default::default(),
            weighted: false,
            unit_ns: 1_000_000,
            fields: HashMap::new(),
            has_more: false,
        }
    }
}

impl Census {
    pub(super) fn add_batch(&mut self, batch: &RowBatch) {
        self.rows += batch.len() as u64;
        for core in Core::ALL {
            self.core[core as usize] |= match core {
                Core::Time => true,
                Core::Message => !batch.message.bytes.is_empty(),
                Core::TraceId => !batch.trace_id.is_empty(),
                Core::SpanId => !batch.span_id.is_empty(),
                Core::ParentId => !batch.parent_id.is_empty(),
                Core::Duration => !batch.duration_ns.is_empty(),
                word => word.text_index().is_some_and(|i| batch.words[i].values.len() > 1),
            };
        }
        self.weighted |= !batch.weight.is_empty();
        while self.unit_ns > 1 && batch.time_ns.iter().any(|t| t % self.unit_ns != 0) {
            self.unit_ns /= 1000;
        }
        let mut counts = vec![[0u64; KINDS]; batch.keys.len()];
        for (key, kind) in batch.entry_keys.iter().zip(&batch.entry_kinds) {
            counts[*key as usize][*kind as usize] += 1;
        }
        for (field, counts) in batch.keys.iter().zip(&counts) {
            self.add_field(field, counts);
        }
    }

    /// What a file has, as its head counts it.
    pub(crate) fn add_file(&mut self, file: &super::WideFile) {
        let head = &file.head;
        self.rows += head.rows();
        for column in &head.schema.columns {
            match column.source {
                Source::Core(core) => self.core[core as usize] = true,
                Source::Weight => self.weighted = true,
                Source::Attribute(_) | Source::Rest => {}
            }
        }
        self.unit_ns = self.unit_ns.min(head.schema.unit_ns);
        self.has_more |= !head.fields_complete;
        for field in &head.fields {
            self.add_field(&field.field, &field.counts);
        }
    }

    /// Rows get weights that the inputs do not have.
    pub(crate) fn expect_weights(&mut self) {
        self.weighted = true;
    }

    fn add_field(&mut self, field: &Field, counts: &KindCounts) {
        if counts.iter().all(|&n| n == 0) {
            return;
        }
        if let Some(known) = self.fields.get_mut(field) {
            known.iter_mut().zip(counts).for_each(|(a, b)| *a += b);
        } else if self.fields.len() < FIELDS_MAX {
            self.fields.insert(field.clone(), *counts);
        } else {
            self.has_more = true;
        }
    }

    /// The columns of a file of such rows.
    pub(crate) fn schema(&self, org: OrgId, signal: Signal) -> Schema {
        let mut columns: Vec<ColumnSpec> = Core::ALL
            .into_iter()
            .filter(|core| *core == Core::Time || self.core[*core as usize])
            .map(|core| ColumnSpec { source: Source::Core(core), kind: kind_of_core(core) })
            .collect();
        columns.sort_by_key(|c| c.kind != Kind::Time);
        if self.weighted {
            columns.push(ColumnSpec { source: Source::Weight, kind: Kind::Float });
        }
        let promoted = self.promoted();
        let in_columns: u64 = promoted.iter().map(|(_, field, kind)| self.fields[field][*kind]).sum();
        columns.extend(promoted.into_iter().filter_map(|(_, field, kind)| {
            let kind = Kind::of_entry(kind)?;
            Some(ColumnSpec { source: Source::Attribute(field.clone()), kind })
        }));
        if self.has_more || in_columns < self.fields.values().flatten().sum() {
            columns.push(ColumnSpec { source: Source::Rest, kind: Kind::RestKey });
            columns.push(ColumnSpec { source: Source::Rest, kind: Kind::RestValue });
        }
        Schema { org, signal, unit_ns: self.unit_ns, columns }
    }

    /// Promoted fields by name, each with its entry kind.
    fn promoted(&self) -> Vec<(u64, &Field, usize)> {
        let least = (self.rows * PROMOTED_PERCENT).div_ceil(100).max(1);
        let mut found: Vec<(u64, &Field, usize)> = self
            .fields
            .iter()
            .flat_map(|(field, counts)| counts.iter().enumerate().map(move |(kind, &n)| (n, field, kind)))
            .filter(|&(n, _, kind)| n >= least && Kind::of_entry(kind).is_some())
            .collect();
        found.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| (a.1, a.2).cmp(&(b.1, b.2))));
        found.truncate(PROMOTED_MAX);
        found.sort_by(|a, b| (a.1, a.2).cmp(&(b.1, b.2)));
        found
    }
}

fn kind_of_core(core: Core) -> Kind {
    match core {
        Core::Time => Kind::Time,
        Core::Message => Kind::Message,
        Core::TraceId => Kind::TraceId,
        Core::SpanId | Core::ParentId => Kind::SpanId,
        Core::Duration => Kind::Int,
        _ => Kind::Text,
    }
}

/// The column that entries of a kind go to, by the kind's number; `None` for the map.
pub(super) fn columns_of(schema: &Schema, field: &Field) -> [Option<u16>; KINDS] {
    let mut out = [None; KINDS];
    for (i, column) in schema.columns.iter().enumerate() {
        if matches!(&column.source, Source::Attribute(f) if f == field) {
            let entry = match column.kind {
                Kind::Bool => EntryKind::Bool,
                Kind::Int => EntryKind::Int,
                Kind::Uint => EntryKind::Uint,
                Kind::Float => EntryKind::Float,
                _ => EntryKind::Text,
            };
            out[entry as usize] = u16::try_from(i).ok();
        }
    }
    out
}
