//! What is different about a selection: the fields whose values are spread otherwise among the selected rows than among the
//! rest.
//!
//! A field's score is the share of the selected rows that would have to change their value for both to be spread alike,
//! counted over values that are not rare: names of single rows (ids) differ always and say nothing.

use super::codes::Codes;
use super::memory::Memory;
use super::source::{Rows, RowsOf};
use crate::Result;
use hashbrown::HashMap;
use oriel_model::{Bound, Bounds, Column, Core, Field, Filter, Signal, Test};
use oriel_store::{Block, Cancel, NsRange, ScanRequest};

/// Attributes that are looked at, the most frequent ones.
const FIELDS_MAX: usize = 64;
/// Values of one field that a worker counts one by one.
const VALUES_MAX: usize = 4_096;
/// Numbers of more values than this are put into ranges.
const NUMBERS_MAX: usize = 24;
/// A value is rare under this share of both sides.
const SHARE_MIN: f64 = 0.01;
/// Rows from which on a field with more values than half of them is taken for an id.
const IDS_MIN: f64 = 20.0;
/// What an answer shows.
const SHOWN_FIELDS: usize = 30;
const SHOWN_VALUES: usize = 8;

/// Which of the rows are meant; an absent bound is open.
#[derive(Clone, Debug)]
pub struct Selection {
    pub range: NsRange,
    pub duration_min_ns: Option<i64>,
    pub duration_max_ns: Option<i64>,
    pub filter: Filter,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Comparison {
    pub selected: f64,
    pub rest: f64,
    /// By how far the shares differ, the farthest first.
    pub fields: Vec<Compared>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    pub field: Field,
    /// 0 to 1.
    pub score: f64,
    pub values: Vec<Share>,
}

/// A value's share of the selected and of the other rows, 0 to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Share {
    pub value: String,
    pub selected: f64,
    pub rest: f64,
}

/// Compares a selection with the other rows of a search.
pub fn compare<R: Rows>(rows: &R, of: &RowsOf, selection: &Selection, cancel: &Cancel) -> Result<Comparison> {
    let fields = candidates(rows, of)?;
    let all = count(rows, of, &fields, cancel)?;
    let selected = count(rows, &selection.within(of), &fields, cancel)?;
    let rest_rows = all.rows - selected.rows;
    let mut compared: Vec<Compared> = fields
        .iter()
        .zip(selected.values.into_iter().zip(all.values))
        .filter_map(|(field, (some, all))| spread(field, (some, all), (selected.rows, rest_rows)))
        .collect();
    compared.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.field.cmp(&b.field)));
    compared.truncate(SHOWN_FIELDS);
    Ok(Comparison { selected: selected.rows, rest: rest_rows, fields: compared })
}

impl Selection {
    fn within(&self, of: &RowsOf) -> RowsOf {
        let range = NsRange {
            start: self.range.start.max(of.range.start),
            end: self.range.end.min(of.range.end).max(self.range.start.max(of.range.start)),
        };
        let bound = |ns: Option<i64>, inclusive| {
            ns.map(|ns| Bound { text: ns.to_string().into(), number: Some(ns as f64), inclusive })
        };
        let bounds =
            Bounds { low: bound(self.duration_min_ns, true), high: bound(self.duration_max_ns, false) };
        let mut all = vec![of.filter.clone(), self.filter.clone()];
        if bounds != Bounds::default() {
            all.push(Filter::Is(Field::Core(Core::Duration), Test::Range(bounds)));
        }
        RowsOf { range, filter: Filter::And(all) }
    }
}

/// Fields whose values may say something: no ids, no texts of prose.
fn candidates<R: Rows>(rows: &R, of: &RowsOf) -> Result<Vec<Field>> {
    let core: &[Core] = match rows.signal() {
        Signal::Spans => &[
            Core::Service,
            Core::Name,
            Core::Resource,
            Core::Type,
            Core::Status,
            Core::Host,
            Core::Env,
            Core::Version,
        ],
        _ => &[Core::Service, Core::Status, Core::Source, Core::Host, Core::Env, Core::Version],
    };
    let mut fields: Vec<Field> = core.iter().map(|core| Field::Core(*core)).collect();
    fields.extend(rows.fields(of.range)?.into_iter().map(|info| info.field).take(FIELDS_MAX));
    Ok(fields)
}

#[derive(Default)]
struct Counted {
    rows: f64,
    values: Vec<HashMap<Box<str>, f64>>,
    memory: Memory,
}

fn count<R: Rows>(rows: &R, of: &RowsOf, fields: &[Field], cancel: &Cancel) -> Result<Counted> {
    let scan = ScanRequest { range: of.range, filter: of.filter.clone(), fields: fields.to_vec() };
    let make = || Counted { values: vec![HashMap::new(); fields.len()], ..Counted::default() };
    let fold = |counted: &mut Counted, block: &Block| {
        counted.rows += (0..block.rows()).map(|row| block.weight(row)).sum::<f64>();
        for (values, column) in counted.values.iter_mut().zip(&block.columns) {
            add(values, column, block);
        }
        let bytes: usize = counted.values.iter().map(|values| values.capacity() * 64).sum();
        counted.memory.grow(rows, bytes)
    };
    let (workers, _) = rows.scan(&scan, cancel, make, fold)?;
    let mut all = make();
    for worker in workers {
        all.rows += worker.rows;
        for (mine, theirs) in all.values.iter_mut().zip(worker.values) {
            theirs.into_iter().for_each(|(value, n)| *mine.entry(value).or_default() += n);
        }
        all.memory.join(worker.memory);
    }
    Ok(all)
}

fn add(values: &mut HashMap<Box<str>, f64>, column: &Column, block: &Block) {
    let codes = Codes::of(column, block.rows());
    let mut counts = vec![0.0; codes.texts.len()];
    let firsts = codes.rows.iter().enumerate().map(|(row, code)| (row, *code));
    for (row, code) in firsts.chain(codes.more.iter().map(|(row, code)| (*row as usize, *code))) {
        if let Some(count) = counts.get_mut(code as usize) {
            *count += block.weight(row);
        }
    }
    for (text, count) in codes.texts.iter().zip(counts).filter(|(_, count)| *count > 0.0) {
        if let Some(known) = values.get_mut(text.as_ref()) {
            *known += count;
        } else if values.len() < VALUES_MAX {
            values.insert(text.as_ref().into(), count);
        } else if let Some(number) = number(text) {
            *values.entry(bucket(number).into()).or_default() += count;
        }
    }
}

fn number(text: &str) -> Option<f64> {
    text.parse().ok().filter(|x: &f64| x.is_finite())
}

/// The range of a number in steps of 1, 2 and 5: `20 – 50`.
fn bucket(number: f64) -> String {
    if number == 0.0 {
        return "0".to_owned();
    }
    let decade = 10_f64.powf(number.abs().log10().floor());
    let (low, high) = match number.abs() / decade {
        x if x < 2.0 => (1.0, 2.0),
        x if x < 5.0 => (2.0, 5.0),
        _ => (5.0, 10.0),
    };
    let sign = if number < 0.0 { "-" } else { "" };
    format!("{sign}{} \u{2013} {sign}{}", low * decade, high * decade)
}

/// Numbers by their ranges.
fn bucketed(values: HashMap<Box<str>, f64>) -> HashMap<Box<str>, f64> {
    let mut out: HashMap<Box<str>, f64> = HashMap::new();
    for (value, count) in values {
        let key = number(&value).map_or(value, |number| bucket(number).into());
        *out.entry(key).or_default() += count;
    }
    out
}

fn spread(
    field: &Field,
    (selected, all): (HashMap<Box<str>, f64>, HashMap<Box<str>, f64>),
    (selected_rows, rest_rows): (f64, f64),
) -> Option<Compared> {
    if selected_rows <= 0.0 || rest_rows <= 0.0 {
        return None;
    }
    let counted: f64 = all.values().sum();
    if counted >= IDS_MIN && all.len() as f64 > counted / 2.0 {
        return None;
    }
    let many = all.keys().filter(|value| number(value).is_some()).count() > NUMBERS_MAX;
    let (selected, all) = if many { (bucketed(selected), bucketed(all)) } else { (selected, all) };
    let mut shares: Vec<Share> = all
        .iter()
        .map(|(value, count)| {
            let some = selected.get(value).copied().unwrap_or(0.0);
            Share {
                value: value.to_string(),
                selected: some / selected_rows,
                rest: (count - some).max(0.0) / rest_rows,
            }
        })
        .filter(|share| share.selected >= SHARE_MIN || share.rest >= SHARE_MIN)
        .collect();
    // Rows without the field are a value too.
    let none = |sum: f64| (1.0 - sum).max(0.0);
    let absent = (
        none(selected.values().sum::<f64>() / selected_rows),
        none((all.values().sum::<f64>() - selected.values().sum::<f64>()) / rest_rows),
    );
    let more: f64 =
        shares.iter().map(|s| (s.selected - s.rest).max(0.0)).sum::<f64>() + (absent.0 - absent.1).max(0.0);
    let less: f64 =
        shares.iter().map(|s| (s.rest - s.selected).max(0.0)).sum::<f64>() + (absent.1 - absent.0).max(0.0);
    let score = more.min(1.0).max(less.min(1.0));
    shares.sort_by(|a, b| {
        let apart = |s: &Share| (s.selected - s.rest).abs();
        apart(b).total_cmp(&apart(a)).then_with(|| a.value.cmp(&b.value))
    });
    shares.truncate(SHOWN_VALUES);
    (score > SHARE_MIN && !shares.is_empty()).then(|| Compared {
        field: field.clone(),
        score,
        values: shares,
    })
}
