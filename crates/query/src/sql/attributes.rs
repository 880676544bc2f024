//! All attributes and tags of rows as JSON objects, by their names as people write them.

use arrow_array::StringArray;
use arrow_array::builder::StringBuilder;
use oriel_model::{Column, Field, Value};
use oriel_store::Block;
use serde_json::{Map, Value as Json};

/// One object a row, of the block's fields that are no core ones.
pub(super) fn attributes(block: &Block, fields: &[Field]) -> StringArray {
    let some: Vec<(String, &Column)> = fields
        .iter()
        .zip(&block.columns)
        .filter(|(field, column)| !matches!(field, Field::Core(_)) && !matches!(column, Column::Absent))
        .map(|(field, column)| (field.to_string(), column))
        .collect();
    let mut out = StringBuilder::with_capacity(block.rows(), block.rows() * 64);
    for row in 0..block.rows() {
        let mut object = Map::new();
        for (name, column) in &some {
            match column.value(row) {
                Value::Null => {}
                value => drop(object.insert(name.clone(), value.to_json())),
            }
        }
        out.append_value(Json::Object(object).to_string());
    }
    out.finish()
}
