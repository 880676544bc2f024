//! Columns of a block as arrow arrays of a table's types.

use super::attributes::attributes;
use super::schema::{Kind, TableColumn};
use crate::rows::each_number;
use arrow_array::builder::{Float64Builder, StringBuilder};
use arrow_array::{
    ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray, TimestampNanosecondArray,
};
use arrow_schema::{ArrowError, DataType, SchemaRef};
use oriel_model::{Column, Core, Field, Value};
use oriel_store::Block;
use std::sync::Arc;

/// The fields that a table's columns are read from, each once; `every` are those of the `attributes` column.
pub(super) fn fields_of(columns: &[TableColumn], every: &[Field]) -> Vec<Field> {
    let mut out: Vec<Field> = Vec::new();
    let mut add = |field: &Field| {
        if !out.contains(field) {
            out.push(field.clone());
        }
    };
    for column in columns {
        match &column.kind {
            Kind::Time | Kind::Weight => {}
            Kind::Duration => add(&Field::Core(Core::Duration)),
            Kind::Text(field) | Kind::Id(field) | Kind::Number(field) | Kind::Bool(field) => add(field),
            Kind::Mixed { field, .. } => add(field),
            Kind::Attributes => every.iter().for_each(&mut add),
        }
    }
    out
}

/// A block as a batch.
pub(super) fn batch(
    block: &Block,
    fields: &[Field],
    columns: &[TableColumn],
    schema: &SchemaRef,
) -> Result<RecordBatch, ArrowError> {
    let column = |field: &Field| {
        fields.iter().position(|f| f == field).and_then(|at| block.columns.get(at)).unwrap_or(&Column::Absent)
    };
    let rows = block.rows();
    let mut arrays: Vec<ArrayRef> = Vec::with_capacity(columns.len());
    for wanted in columns {
        arrays.push(match &wanted.kind {
            Kind::Time => {
                Arc::new(TimestampNanosecondArray::from(block.time_ns.clone()).with_timezone("UTC"))
            }
            Kind::Weight => Arc::new(Float64Array::from_iter_values((0..rows).map(|row| block.weight(row)))),
            Kind::Text(field) | Kind::Id(field) | Kind::Mixed { field, .. } => texts(column(field), rows)?,
            Kind::Duration => integers(column(&Field::Core(Core::Duration)), rows),
            Kind::Number(field) => numbers(column(field), rows),
            Kind::Bool(field) => bools(column(field), rows),
            Kind::Attributes => Arc::new(attributes(block, fields)),
        });
    }
    let options = arrow_array::RecordBatchOptions::new().with_row_count(Some(rows));
    RecordBatch::try_new_with_options(Arc::clone(schema), arrays, &options)
}

fn texts(column: &Column, rows: usize) -> Result<ArrayRef, ArrowError> {
    Ok(match column {
        Column::Texts(texts) => Arc::new(texts.clone()),
        Column::Words(words) => arrow_cast::cast(words, &DataType::Utf8)?,
        Column::Absent => Arc::new(StringArray::new_null(rows)),
        other => {
            let mut out = StringBuilder::with_capacity(rows, rows * 16);
            for row in 0..rows {
                out.append_option(other.value(row).text());
            }
            Arc::new(out.finish())
        }
    })
}

fn integers(column: &Column, rows: usize) -> ArrayRef {
    match column {
        Column::Ints(ints) => Arc::new(ints.clone()),
        other => Arc::new(Int64Array::from_iter((0..rows).map(|row| match other.value(row) {
            Value::Int(n) => Some(n),
            _ => None,
        }))),
    }
}

fn numbers(column: &Column, rows: usize) -> ArrayRef {
    if let Column::Floats(floats) = column {
        return Arc::new(floats.clone());
    }
    let mut values: Vec<Option<f64>> = vec![None; rows];
    each_number(column, |row, number| values[row] = values[row].or(Some(number)));
    let mut out = Float64Builder::with_capacity(rows);
    values.into_iter().for_each(|value| out.append_option(value));
    Arc::new(out.finish())
}

fn bools(column: &Column, rows: usize) -> ArrayRef {
    match column {
        Column::Bools(bools) => Arc::new(bools.clone()),
        other => Arc::new(BooleanArray::from_iter((0..rows).map(|row| match other.value(row) {
            Value::Bool(b) => Some(b),
            _ => None,
        }))),
    }
}
