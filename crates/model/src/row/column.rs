//! One field of many rows, typed where all of them agree.

use super::Value;
use arrow_array::types::Int32Type;
use arrow_array::{Array, BooleanArray, DictionaryArray, Float64Array, Int64Array, StringArray, UInt64Array};
use std::sync::Arc;

/// A field's values over the rows of a block; null where a row has none.
#[derive(Clone, Debug)]
pub enum Column {
    /// No row has the field.
    Absent,
    /// Texts of few values.
    Words(DictionaryArray<Int32Type>),
    Texts(StringArray),
    Ints(Int64Array),
    Uints(UInt64Array),
    Floats(Float64Array),
    Bools(BooleanArray),
    /// Trace ids; 0 is none.
    TraceIds(Arc<[u128]>),
    /// Span and parent ids; 0 is none.
    SpanIds(Arc<[u64]>),
    /// Rows that do not agree, and lists.
    Mixed(Arc<[Value]>),
}

impl Column {
    /// The value of one row. For the few rows of an answer; loops over blocks match on the variant instead.
    pub fn value(&self, row: usize) -> Value {
        match self {
            Self::Absent => Value::Null,
            Self::Words(a) if a.is_valid(row) => match a.downcast_dict::<StringArray>() {
                Some(words) => {
                    let key = words.keys().value(row);
                    Value::Text(words.values().value(usize::try_from(key).unwrap_or(0)).into())
                }
                None => Value::Null,
            },
            Self::Texts(a) if a.is_valid(row) => Value::Text(a.value(row).into()),
            Self::Ints(a) if a.is_valid(row) => Value::Int(a.value(row)),
            Self::Uints(a) if a.is_valid(row) => Value::Uint(a.value(row)),
            Self::Floats(a) if a.is_valid(row) => Value::Float(a.value(row)),
            Self::Bools(a) if a.is_valid(row) => Value::Bool(a.value(row)),
            Self::TraceIds(ids) if ids[row] != 0 => Value::Text(super::format_trace_id(ids[row]).into()),
            Self::SpanIds(ids) if ids[row] != 0 => Value::Text(super::format_span_id(ids[row]).into()),
            Self::Mixed(values) => values[row].clone(),
            _ => Value::Null,
        }
    }
}
