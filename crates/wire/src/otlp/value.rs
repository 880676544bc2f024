//! OTLP's values: as attributes (maps become dotted paths), as JSON, as the text of a tag.

use crate::cut;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use oriel_model::{RowBatchBuilder, ValueRef};
use serde_json::Value as Json;
use std::borrow::Cow;

/// Maps within each other that are flattened; deeper ones are kept as JSON.
const DEPTH_MAX: usize = 20;

/// The value under a name of a list of attributes.
pub(super) fn find<'a>(attributes: &'a [KeyValue], name: &str) -> Option<&'a Value> {
    attributes.iter().find(|kv| kv.key == name)?.value.as_ref()?.value.as_ref()
}

/// The same as text; `None` too for an empty one.
pub(super) fn find_text<'a>(attributes: &'a [KeyValue], name: &str) -> Option<Cow<'a, str>> {
    find(attributes, name).map(text).filter(|t| !t.is_empty())
}

/// The first of several names that is there.
pub(super) fn first_text<'a>(attributes: &'a [KeyValue], names: &[&str]) -> Option<Cow<'a, str>> {
    names.iter().find_map(|name| find_text(attributes, name))
}

/// A value as text: what a tag holds.
pub(super) fn text(value: &Value) -> Cow<'_, str> {
    match value {
        Value::StringValue(text) => Cow::Borrowed(text),
        Value::BoolValue(b) => Cow::Borrowed(if *b { "true" } else { "false" }),
        Value::IntValue(n) => Cow::Owned(n.to_string()),
        Value::DoubleValue(x) => Cow::Owned(x.to_string()),
        other => Cow::Owned(json(other).to_string()),
    }
}

pub(super) fn json(value: &Value) -> Json {
    match value {
        Value::StringValue(text) => Json::String(text.clone()),
        Value::BoolValue(b) => Json::Bool(*b),
        Value::IntValue(n) => (*n).into(),
        Value::DoubleValue(x) => serde_json::Number::from_f64(*x).map_or(Json::Null, Json::Number),
        Value::BytesValue(bytes) => Json::String(STANDARD.encode(bytes)),
        Value::ArrayValue(list) => Json::Array(list.values.iter().map(any_json).collect()),
        Value::KvlistValue(map) => json_object(&map.values),
        // References into a table that only profiles have.
        _ => Json::Null,
    }
}

fn any_json(value: &AnyValue) -> Json {
    value.value.as_ref().map_or(Json::Null, json)
}

pub(super) fn json_object(attributes: &[KeyValue]) -> Json {
    let pairs = attributes.iter();
    Json::Object(pairs.map(|kv| (kv.key.clone(), kv.value.as_ref().map_or(Json::Null, any_json))).collect())
}

/// Sets every attribute of a list on the open row.
pub(super) fn set_all(builder: &mut RowBatchBuilder, attributes: &[KeyValue]) {
    for kv in attributes.iter().filter(|kv| !kv.key.is_empty()) {
        let name = super::renamed(&kv.key).unwrap_or(&kv.key);
        set(builder, name, kv.value.as_ref().and_then(|v| v.value.as_ref()), 0);
    }
}

/// Sets an attribute of the open row under a path.
pub(super) fn set(builder: &mut RowBatchBuilder, path: &str, value: Option<&Value>, depth: usize) {
    if let Some(Value::KvlistValue(map)) = value
        && depth < DEPTH_MAX
    {
        for kv in map.values.iter().filter(|kv| !kv.key.is_empty()) {
            let path = format!("{path}.{}", kv.key);
            set(builder, &path, kv.value.as_ref().and_then(|v| v.value.as_ref()), depth + 1);
        }
        return;
    }
    let key = builder.attr_key(path);
    match value {
        None => builder.attr(key, ValueRef::Null),
        Some(Value::BoolValue(b)) => builder.attr(key, ValueRef::Bool(*b)),
        Some(Value::IntValue(n)) => builder.attr(key, ValueRef::Int(*n)),
        Some(Value::DoubleValue(x)) => builder.attr(key, ValueRef::Float(*x)),
        Some(list @ Value::ArrayValue(_)) => {
            builder.attr(key, ValueRef::List(&json(list).to_string()));
        }
        Some(Value::BytesValue(bytes)) => cut::attribute(builder, key, &STANDARD.encode(bytes)),
        Some(other) => cut::attribute(builder, key, &text(other)),
    }
}

/// Sets a text attribute of the open row, unless it is empty.
pub(super) fn set_text(builder: &mut RowBatchBuilder, path: &str, text: &str) {
    if !text.is_empty() {
        let key = builder.attr_key(path);
        cut::attribute(builder, key, text);
    }
}

/// A trace id of 16 bytes; 0 for none. Shorter ones are filled in front.
pub(super) fn trace_id(bytes: &[u8]) -> u128 {
    bytes.iter().take(16).fold(0, |id, &b| id << 8 | u128::from(b))
}

/// A span id of 8 bytes; 0 for none.
pub(super) fn span_id(bytes: &[u8]) -> u64 {
    bytes.iter().take(8).fold(0, |id, &b| id << 8 | u64::from(b))
}
