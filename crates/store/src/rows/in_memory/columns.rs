//! Fields of a batch as columns.

use super::MemoryRows;
use arrow_array::builder::StringBuilder;
use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, BooleanArray, DictionaryArray, Float64Array, Int32Array, Int64Array, StringArray, UInt64Array,
};
use arrow_buffer::NullBuffer;
use oriel_model::{Column, Core, EntryKind, Field, RowBatch, Value, ValueRef};
use std::ops::Range;
use std::sync::Arc;

/// Which rows of a batch.
pub(super) enum Places<'a> {
    Run(Range<usize>),
    /// Counted from the first number; ascending.
    Some(usize, &'a [u32]),
}

impl Places<'_> {
    fn len(&self) -> usize {
        match self {
            Self::Run(rows) => rows.len(),
            Self::Some(_, rows) => rows.len(),
        }
    }

    /// Calls `visit` for each row's place in the batch.
    #[inline]
    fn each(&self, mut visit: impl FnMut(usize)) {
        match self {
            Self::Run(rows) => rows.clone().for_each(visit),
            Self::Some(base, rows) => rows.iter().for_each(|&row| visit(base + row as usize)),
        }
    }

    /// A column's values of these rows; a column that is empty has none.
    fn gather<T: Copy, C: FromIterator<T>>(&self, column: &[T]) -> C {
        match self {
            Self::Run(rows) => column[rows.clone()].iter().copied().collect(),
            Self::Some(base, rows) => rows.iter().map(|&row| column[base + row as usize]).collect(),
        }
    }
}

pub(super) fn column(source: &MemoryRows, field: &Field, places: &Places<'_>) -> Column {
    let batch = &*source.batch;
    match field {
        Field::Core(core) => core_column(source, *core, places),
        key => match batch.keys.iter().position(|k| k == key) {
            Some(key) => entry_column(batch, key as u32, places),
            None => Column::Absent,
        },
    }
}

fn core_column(source: &MemoryRows, core: Core, places: &Places<'_>) -> Column {
    let batch = &*source.batch;
    match core {
        Core::Time => Column::Ints(places.gather::<i64, Vec<i64>>(&batch.time_ns).into()),
        Core::Message => messages(batch, places),
        Core::TraceId if !batch.trace_id.is_empty() => Column::TraceIds(places.gather(&batch.trace_id)),
        Core::SpanId if !batch.span_id.is_empty() => Column::SpanIds(places.gather(&batch.span_id)),
        Core::ParentId if !batch.parent_id.is_empty() => Column::SpanIds(places.gather(&batch.parent_id)),
        Core::Duration if !batch.duration_ns.is_empty() => {
            let values: Vec<i64> = places.gather(&batch.duration_ns);
            let present = NullBuffer::from_iter(values.iter().map(|&ns| ns != 0));
            match present.null_count() == values.len() {
                true => Column::Absent,
                false => Column::Ints(Int64Array::new(values.into(), Some(present))),
            }
        }
        Core::TraceId | Core::SpanId | Core::ParentId | Core::Duration => Column::Absent,
        word => words(source, word as usize, places),
    }
}

fn words(source: &MemoryRows, word: usize, places: &Places<'_>) -> Column {
    let column = &source.batch.words[word];
    if column.rows.is_empty() {
        return Column::Absent;
    }
    let numbers: Vec<u32> = places.gather(&column.rows);
    if numbers.iter().all(|&n| n == 0) {
        return Column::Absent;
    }
    let values = source.words[word].get_or_init(|| {
        let array: ArrayRef = Arc::new(StringArray::from_iter_values(column.values.iter()));
        array
    });
    let present = NullBuffer::from_iter(numbers.iter().map(|&n| n != 0));
    let keys = Int32Array::new(numbers.into_iter().map(|n| n as i32).collect(), Some(present));
    match DictionaryArray::<Int32Type>::try_new(keys, Arc::clone(values)) {
        Ok(words) => Column::Words(words),
        Err(_) => Column::Absent,
    }
}

/// An empty message is none.
fn messages(batch: &RowBatch, places: &Places<'_>) -> Column {
    let mut out = StringBuilder::with_capacity(places.len(), 0);
    let mut is_there = false;
    places.each(|row| match batch.message.get(row) {
        "" => out.append_null(),
        text => {
            is_there = true;
            out.append_value(text);
        }
    });
    if is_there { Column::Texts(out.finish()) } else { Column::Absent }
}

/// The entries of one key: as typed as they are.
fn entry_column(batch: &RowBatch, key: u32, places: &Places<'_>) -> Column {
    const NONE: u32 = u32::MAX;
    let mut at = Vec::with_capacity(places.len());
    let mut kinds = 0u8;
    places.each(|row| {
        let begin = if row == 0 { 0 } else { batch.entry_ends[row - 1] as usize };
        let keys = &batch.entry_keys[begin..batch.entry_ends[row] as usize];
        match keys.iter().position(|&k| k == key).map(|i| begin + i) {
            Some(i) if batch.entry_kinds[i] != EntryKind::Null => {
                kinds |= 1 << batch.entry_kinds[i] as u8;
                at.push(i as u32);
            }
            _ => at.push(NONE),
        }
    });
    let only = |kind: EntryKind| kinds == 1 << kind as u8;
    let bits = |i: &u32| (*i != NONE).then(|| batch.entry_bits[*i as usize]);
    if kinds == 0 {
        Column::Absent
    } else if only(EntryKind::Text) {
        let text = |i: &u32| match (*i != NONE).then(|| batch.entry(*i as usize)) {
            Some(ValueRef::Text(text)) => Some(text),
            _ => None,
        };
        Column::Texts(at.iter().map(text).collect())
    } else if only(EntryKind::Int) {
        Column::Ints(at.iter().map(|i| bits(i).map(|b| b as i64)).collect::<Int64Array>())
    } else if only(EntryKind::Uint) {
        Column::Uints(at.iter().map(bits).collect::<UInt64Array>())
    } else if only(EntryKind::Float) {
        Column::Floats(at.iter().map(|i| bits(i).map(f64::from_bits)).collect::<Float64Array>())
    } else if only(EntryKind::Bool) {
        Column::Bools(at.iter().map(|i| bits(i).map(|b| b != 0)).collect::<BooleanArray>())
    } else {
        let value = |i: &u32| if *i == NONE { Value::Null } else { batch.entry(*i as usize).to_value() };
        Column::Mixed(at.iter().map(value).collect())
    }
}
