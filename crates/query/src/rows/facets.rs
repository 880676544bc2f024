//! What values fields have, and how often: the panel beside a list of rows. All fields in one scan, which reads no block whose
//! values the index counts.

use super::codes::{Codes, NONE};
use super::groups::Groups;
use super::memory::Memory;
use super::numbers::each_number;
use super::source::{Rows, RowsOf};
use crate::Result;
use oriel_model::{Column, Core, Field, Signal};
use oriel_store::{Block, Cancel, FieldInfo, ScanRequest, ScanStats};

/// Fields whose values are counted in one request.
const FIELDS_MAX: usize = 32;

#[derive(Clone, Debug)]
pub struct FacetsRequest {
    pub of: RowsOf,
    /// With values; the core ones of the signal when empty.
    pub fields: Vec<Field>,
    /// Only values with this in them, in any case; without `fields`, only names with it.
    pub search: String,
    /// Values of one field, the most frequent first.
    pub limit: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FacetKind {
    Text,
    Number,
    Bool,
}

impl FacetKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Bool => "bool",
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Facet {
    pub field: Field,
    pub kind: FacetKind,
    /// Empty for the fields that were only named.
    pub values: Vec<(String, f64)>,
    /// Of numbers.
    pub range: Option<(f64, f64)>,
    /// There are more values than these, or the values were not asked for.
    pub more: bool,
}

#[derive(Clone, Debug, Default)]
pub struct Facets {
    pub facets: Vec<Facet>,
    pub stats: ScanStats,
}

/// The fields that a person narrows a signal by first.
fn core_fields(signal: Signal) -> &'static [Core] {
    match signal {
        Signal::Spans => &[
            Core::Service,
            Core::Env,
            Core::Status,
            Core::Name,
            Core::Resource,
            Core::Type,
            Core::Host,
            Core::Version,
        ],
        Signal::Events => &[Core::Source, Core::Status, Core::Service, Core::Env, Core::Host],
        _ => &[Core::Status, Core::Service, Core::Source, Core::Host, Core::Env, Core::Version],
    }
}

/// Counts values.
pub fn facets<R: Rows>(rows: &R, request: &FacetsRequest, cancel: &Cancel) -> Result<Facets> {
    let search = request.search.to_lowercase();
    let found = |text: &str| search.is_empty() || text.to_lowercase().contains(&search);
    let known = rows.fields(request.of.range)?;
    let named = request.fields.is_empty();
    let fields: Vec<Field> = match named {
        true => {
            let core = core_fields(rows.signal()).iter().map(|core| Field::Core(*core));
            core.filter(|field| found(&field.to_string())).collect()
        }
        false => request.fields.iter().take(FIELDS_MAX).cloned().collect(),
    };
    let scan = ScanRequest { range: request.of.range, filter: request.of.filter.clone(), fields };
    let make = || scan.fields.iter().map(|_| Values::new()).collect::<Vec<_>>();
    let fold = |all: &mut Vec<Values>, block: &Block| {
        all.iter_mut().zip(&block.columns).try_for_each(|(values, column)| values.add(rows, column, block))
    };
    let count =
        |all: &mut Vec<Values>, (field, value): (usize, &str), n: u32| all[field].count(rows, value, n);
    let (workers, stats) = rows.scan_counted(&scan, cancel, make, (fold, count))?;
    let mut counted = make();
    for worker in workers {
        counted.iter_mut().zip(worker).try_for_each(|(all, values)| all.merge(rows, values))?;
    }
    let wanted = |value: &str| named || found(value);
    let mut facets: Vec<Facet> = scan
        .fields
        .iter()
        .zip(counted)
        .map(|(field, values)| values.facet(field, kind_of(field, &known), (request.limit, &wanted)))
        .collect();
    if named {
        let rest = known.iter().filter(|info| found(&info.field.to_string()));
        facets.extend(rest.map(|info| Facet {
            field: info.field.clone(),
            kind: kind_of(&info.field, &known),
            values: Vec::new(),
            range: None,
            more: true,
        }));
    }
    Ok(Facets { facets, stats })
}

/// What most of a field's values are.
fn kind_of(field: &Field, known: &[FieldInfo]) -> FacetKind {
    if matches!(field, Field::Core(Core::Duration | Core::Time)) {
        return FacetKind::Number;
    }
    match known.iter().find(|info| info.field == *field) {
        Some(info) if info.numbers > info.texts + info.lists => FacetKind::Number,
        Some(info) if info.bools > info.texts + info.lists => FacetKind::Bool,
        _ => FacetKind::Text,
    }
}

/// One field's values.
struct Values {
    groups: Groups,
    counts: Vec<f64>,
    range: Option<(f64, f64)>,
    memory: Memory,
}

impl Values {
    fn new() -> Self {
        Self { groups: Groups::new(1), counts: Vec::new(), range: None, memory: Memory::default() }
    }

    fn add<R: Rows>(&mut self, rows: &R, column: &Column, block: &Block) -> oriel_store::Result<()> {
        let assigned = self.groups.assign(&[Codes::of(column, block.rows())], block.rows());
        self.counts.resize(self.groups.len(), 0.0);
        for (row, group) in assigned.rows.iter().enumerate() {
            if *group != NONE {
                self.counts[*group as usize] += block.weight(row);
            }
        }
        for (row, group) in &assigned.more {
            self.counts[*group as usize] += block.weight(*row as usize);
        }
        if !matches!(column, Column::Words(_)) {
            each_number(column, |_, number| {
                let (low, high) = self.range.unwrap_or((number, number));
                self.range = Some((low.min(number), high.max(number)));
            });
        }
        self.memory.grow(rows, self.groups.bytes() + self.counts.len() * 8)
    }

    /// Rows that the index counted.
    fn count<R: Rows>(&mut self, rows: &R, value: &str, n: u32) -> oriel_store::Result<()> {
        let group = self.groups.group_of(&[value]) as usize;
        self.counts.resize(self.groups.len(), 0.0);
        self.counts[group] += f64::from(n);
        self.memory.grow(rows, self.groups.bytes() + self.counts.len() * 8)
    }

    fn merge<R: Rows>(&mut self, rows: &R, other: Self) -> oriel_store::Result<()> {
        for (group, count) in other.counts.iter().enumerate() {
            let mine = self.groups.group_of(&other.groups.texts(group)) as usize;
            self.counts.resize(self.groups.len(), 0.0);
            self.counts[mine] += count;
        }
        let (mine, theirs) = (self.range, other.range);
        self.range = match (mine, theirs) {
            (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
            (one, other) => one.or(other),
        };
        self.memory.join(other.memory);
        self.memory.grow(rows, self.groups.bytes() + self.counts.len() * 8)
    }

    fn facet(self, field: &Field, kind: FacetKind, (limit, wanted): (usize, &dyn Fn(&str) -> bool)) -> Facet {
        let mut values: Vec<(String, f64)> = self
            .counts
            .iter()
            .enumerate()
            .map(|(group, count)| (self.groups.texts(group)[0].to_owned(), *count))
            .filter(|(value, _)| wanted(value))
            .collect();
        values.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let more = values.len() > limit;
        values.truncate(limit);
        let range = self.range.filter(|_| kind == FacetKind::Number);
        Facet { field: field.clone(), kind, values, range, more }
    }
}
