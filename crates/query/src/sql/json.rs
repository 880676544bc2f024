//! An answer as JSON: numbers as numbers, times as ISO 8601 in UTC, whatever JSON has no form for as its text.

use super::SqlAnswer;
use crate::{Error, Result};
use arrow_array::cast::AsArray;
use arrow_array::types::{
    Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type,
    UInt64Type,
};
use arrow_array::{Array, RecordBatch};
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_schema::DataType;
use serde_json::{Map, Value};

impl SqlAnswer {
    /// Names of the columns with a word for their type: `int`, `float`, `bool`, `time`, `text`, or Arrow's own.
    pub fn columns(&self) -> Vec<(String, String)> {
        self.schema.fields().iter().map(|f| (f.name().clone(), type_word(f.data_type()))).collect()
    }

    /// Rows as objects. Columns of the same name: the last one shows.
    pub fn json_rows(&self) -> Result<Vec<Map<String, Value>>> {
        let mut rows = Vec::new();
        for batch in &self.batches {
            append(&mut rows, batch)?;
        }
        Ok(rows)
    }
}

fn type_word(data_type: &DataType) -> String {
    match data_type {
        DataType::Boolean => "bool".into(),
        DataType::Float16 | DataType::Float32 | DataType::Float64 => "float".into(),
        DataType::Timestamp(..) | DataType::Date32 | DataType::Date64 => "time".into(),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "text".into(),
        DataType::Dictionary(_, value) => type_word(value),
        other if other.is_integer() => "int".into(),
        other => other.to_string(),
    }
}

fn append(rows: &mut Vec<Map<String, Value>>, batch: &RecordBatch) -> Result<()> {
    let begin = rows.len();
    rows.resize_with(begin + batch.num_rows(), Map::new);
    for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
        let values = values(column)?;
        for (row, value) in rows[begin..].iter_mut().zip(values) {
            row.insert(field.name().clone(), value);
        }
    }
    Ok(())
}

/// A column's values.
fn values(column: &dyn Array) -> Result<Vec<Value>> {
    macro_rules! numbers {
        ($kind:ty) => {{
            let column = column.as_primitive::<$kind>();
            Ok(column.iter().map(|v| v.map_or(Value::Null, Value::from)).collect())
        }};
    }
    match column.data_type() {
        DataType::Boolean => {
            Ok(column.as_boolean().iter().map(|v| v.map_or(Value::Null, Value::Bool)).collect())
        }
        DataType::Int8 => numbers!(Int8Type),
        DataType::Int16 => numbers!(Int16Type),
        DataType::Int32 => numbers!(Int32Type),
        DataType::Int64 => numbers!(Int64Type),
        DataType::UInt8 => numbers!(UInt8Type),
        DataType::UInt16 => numbers!(UInt16Type),
        DataType::UInt32 => numbers!(UInt32Type),
        DataType::UInt64 => numbers!(UInt64Type),
        DataType::Float32 => numbers!(Float32Type),
        DataType::Float64 => numbers!(Float64Type),
        _ => texts(column),
    }
}

fn texts(column: &dyn Array) -> Result<Vec<Value>> {
    let options = FormatOptions::default().with_null("");
    let shown = ArrayFormatter::try_new(column, &options).map_err(|e| Error::Sql(e.to_string()))?;
    Ok((0..column.len())
        .map(
            |row| if column.is_null(row) { Value::Null } else { Value::String(shown.value(row).to_string()) },
        )
        .collect())
}
