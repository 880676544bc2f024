//! From packed values to a field's column, and to whole rows.

use super::decode::{Packed, PackedValues, Piece};
use super::schema::{Kind, Source};
use arrow_array::types::Int32Type;
use arrow_array::{
    Array, ArrayRef, BooleanArray, DictionaryArray, Float64Array, Int32Array, Int64Array, StringArray,
    UInt32Array, UInt64Array,
};
use arrow_buffer::{BooleanBuffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_select::take::take;
use oriel_model::{Column, Core, Row, Value};
use std::sync::Arc;

/// A part of a field's values in a block.
pub(super) enum Found {
    Promoted(Arc<Piece>, Kind),
    Rest(Vec<(usize, Value)>),
}

/// A column of one kind. Times are multiplied by their unit.
pub(super) fn of_packed(packed: &Packed, kind: Kind, unit_ns: i64) -> Column {
    if packed.values.len() == 0 {
        return Column::Absent;
    }
    let nulls = packed.present.clone();
    match &packed.values {
        PackedValues::Places(places, texts) => words(packed, places, texts),
        PackedValues::Texts(texts) => Column::Texts(spread_texts(packed, texts)),
        PackedValues::Ids(ids) => Column::TraceIds(spread(packed, ids, |id| id).into()),
        PackedValues::Words(values) => match kind {
            Kind::SpanId => Column::SpanIds(spread(packed, values, |id| id).into()),
            Kind::Uint => Column::Uints(UInt64Array::new(spread(packed, values, |v| v).into(), nulls)),
            Kind::Float => {
                Column::Floats(Float64Array::new(spread(packed, values, f64::from_bits).into(), nulls))
            }
            Kind::Bool => {
                let bits = spread(packed, values, |v| v != 0);
                Column::Bools(BooleanArray::new(BooleanBuffer::from(bits), nulls))
            }
            _ => {
                let numbers = spread(packed, values, |v| (v as i64).wrapping_mul(unit_ns));
                Column::Ints(Int64Array::new(numbers.into(), nulls))
            }
        },
    }
}

/// Values at their rows, the default elsewhere.
fn spread<T: Copy, U: Copy + Default>(packed: &Packed, values: &[T], to: impl Fn(T) -> U) -> Vec<U> {
    if packed.present.is_none() {
        return values.iter().map(|&v| to(v)).collect();
    }
    let mut out = vec![U::default(); packed.rows];
    packed.each_row(|row, at| out[row] = to(values[at]));
    out
}

fn words(packed: &Packed, places: &[u32], texts: &Arc<StringArray>) -> Column {
    let keys: Vec<i32> = spread(packed, places, |p| p as i32);
    let keys = Int32Array::new(keys.into(), packed.present.clone());
    let values: ArrayRef = Arc::clone(texts) as ArrayRef;
    // Places were checked against the dictionary when their page was read.
    match DictionaryArray::<Int32Type>::try_new(keys, values) {
        Ok(words) => Column::Words(words),
        Err(_) => Column::Absent,
    }
}

fn spread_texts(packed: &Packed, texts: &StringArray) -> StringArray {
    let Some(present) = &packed.present else { return texts.clone() };
    let mut offsets = Vec::with_capacity(packed.rows + 1);
    let ends = texts.value_offsets();
    let mut at = 0;
    offsets.push(ends[0]);
    for row in 0..packed.rows {
        at += usize::from(present.is_valid(row));
        offsets.push(ends[at]);
    }
    let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
    let values = texts.values().clone();
    StringArray::try_new(offsets, values, Some(present.clone())).unwrap_or_else(|_| texts.clone())
}

/// A field that lies in several places of the file.
pub(super) fn joined(found: &[Found], rows: usize) -> Column {
    let has_values = |f: &&Found| match f {
        Found::Promoted(piece, _) => Packed::of(piece).is_some_and(|p| p.values.len() > 0),
        Found::Rest(values) => !values.is_empty(),
    };
    let parts: Vec<&Found> = found.iter().filter(has_values).collect();
    match parts.as_slice() {
        [] => Column::Absent,
        [Found::Promoted(piece, kind)] => {
            Packed::of(piece).map_or(Column::Absent, |p| of_packed(p, *kind, 1))
        }
        [Found::Rest(values)] => of_values(values, rows),
        parts => {
            let mut mixed = vec![Value::Null; rows];
            for part in parts {
                match part {
                    Found::Promoted(piece, kind) => {
                        if let Some(packed) = Packed::of(piece) {
                            packed.each_row(|row, at| mixed[row] = value(packed, *kind, at));
                        }
                    }
                    Found::Rest(values) => values.iter().for_each(|(row, value)| mixed[*row] = value.clone()),
                }
            }
            Column::Mixed(mixed.into())
        }
    }
}

/// The column of some rows' values: typed where they agree.
fn of_values(values: &[(usize, Value)], rows: usize) -> Column {
    let kind = |value: &Value| match value {
        Value::Text(_) => 1,
        Value::Int(_) => 2,
        Value::Float(_) => 3,
        _ => 0,
    };
    let first = values.first().map_or(0, |(_, v)| kind(v));
    let agree = values.iter().all(|(_, v)| kind(v) == first);
    match if agree { first } else { 0 } {
        1 => {
            let mut texts: Vec<Option<&str>> = vec![None; rows];
            for (row, value) in values {
                texts[*row] = if let Value::Text(text) = value { Some(text) } else { None };
            }
            Column::Texts(StringArray::from(texts))
        }
        2 => {
            let mut numbers = vec![None; rows];
            for (row, value) in values {
                numbers[*row] = if let Value::Int(n) = value { Some(*n) } else { None };
            }
            Column::Ints(Int64Array::from(numbers))
        }
        3 => {
            let mut numbers = vec![None; rows];
            for (row, value) in values {
                numbers[*row] = if let Value::Float(x) = value { Some(*x) } else { None };
            }
            Column::Floats(Float64Array::from(numbers))
        }
        _ => {
            let mut mixed = vec![Value::Null; rows];
            values.iter().for_each(|(row, value)| mixed[*row] = value.clone());
            Column::Mixed(mixed.into())
        }
    }
}

/// One packed value of a promoted column.
fn value(packed: &Packed, kind: Kind, at: usize) -> Value {
    match &packed.values {
        PackedValues::Words(words) => match kind {
            Kind::Uint => Value::Uint(words[at]),
            Kind::Float => Value::Float(f64::from_bits(words[at])),
            Kind::Bool => Value::Bool(words[at] != 0),
            _ => Value::Int(words[at] as i64),
        },
        PackedValues::Ids(_) => Value::Null,
        texts => Value::Text(texts.text(at).into()),
    }
}

/// Puts a column's values into whole rows.
pub(super) fn fill_rows(packed: &Packed, source: &Source, kind: Kind, (rows, out): (&[u32], &mut [Row])) {
    let present = packed.present.as_ref();
    let mut at_of = PlaceOf::new(present);
    for (&row, out) in rows.iter().zip(out) {
        let Some(at) = at_of.row(row as usize) else { continue };
        match (source, &packed.values) {
            (Source::Core(Core::TraceId), PackedValues::Ids(ids)) => out.trace_id = ids[at],
            (Source::Core(Core::SpanId), PackedValues::Words(words)) => out.span_id = words[at],
            (Source::Core(Core::ParentId), PackedValues::Words(words)) => out.parent_id = words[at],
            (Source::Core(Core::Duration), PackedValues::Words(words)) => out.duration_ns = words[at] as i64,
            (Source::Core(core), texts) => out.set_text(*core, texts.text(at)),
            (Source::Attribute(field), _) => out.attributes.push((field.clone(), value(packed, kind, at))),
            (Source::Weight | Source::Rest, _) => {}
        }
    }
}

/// Finds the packed places of ascending rows.
struct PlaceOf<'a> {
    present: Option<&'a NullBuffer>,
    row: usize,
    before: usize,
}

impl<'a> PlaceOf<'a> {
    fn new(present: Option<&'a NullBuffer>) -> Self {
        Self { present, row: 0, before: 0 }
    }

    fn row(&mut self, row: usize) -> Option<usize> {
        let Some(present) = self.present else { return Some(row) };
        if row >= self.row {
            let between = present.inner().slice(self.row, row - self.row);
            self.before += between.count_set_bits();
            self.row = row;
        }
        present.is_valid(row).then_some(self.before)
    }
}

/// Some rows of a column.
pub(super) fn taken(column: &Column, rows: &[u32]) -> Column {
    let places = UInt32Array::from(rows.to_vec());
    let some = |array: &dyn Array| take(array, &places, None).ok();
    macro_rules! typed {
        ($variant:ident, $array:expr) => {
            some($array)
                .and_then(|a| a.as_any().downcast_ref().cloned())
                .map_or(Column::Absent, Column::$variant)
        };
    }
    match column {
        Column::Absent => Column::Absent,
        Column::Words(a) => typed!(Words, a),
        Column::Texts(a) => typed!(Texts, a),
        Column::Ints(a) => typed!(Ints, a),
        Column::Uints(a) => typed!(Uints, a),
        Column::Floats(a) => typed!(Floats, a),
        Column::Bools(a) => typed!(Bools, a),
        Column::TraceIds(ids) => Column::TraceIds(rows.iter().map(|&r| ids[r as usize]).collect()),
        Column::SpanIds(ids) => Column::SpanIds(rows.iter().map(|&r| ids[r as usize]).collect()),
        Column::Mixed(values) => Column::Mixed(rows.iter().map(|&r| values[r as usize].clone()).collect()),
    }
}
