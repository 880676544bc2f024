//! Where processors read and write: attributes by their dotted path, then the fields that every log has.
//!
//! An attribute wins over the reserved field of the same name, because a sender who wrote both meant the attribute.

use oriel_model::{Core, Field, Row, Value};
use serde_json::Value as Json;

/// Deepest object that is flattened; what lies deeper is kept as its JSON text.
const DEPTH_MAX: usize = 32;

/// The path without the `@` that searches write.
pub(crate) fn path_of(text: &str) -> &str {
    text.strip_prefix('@').unwrap_or(text)
}

/// A reserved field by the names it goes by.
pub(crate) fn reserved(name: &str) -> Option<Core> {
    Some(match name {
        "message" => Core::Message,
        "service" => Core::Service,
        "host" | "hostname" => Core::Host,
        "status" => Core::Status,
        "source" | "ddsource" => Core::Source,
        "env" => Core::Env,
        "version" => Core::Version,
        "trace_id" | "dd.trace_id" => Core::TraceId,
        "span_id" | "dd.span_id" => Core::SpanId,
        _ => return None,
    })
}

/// The value at a path; `None` when there is none or it is null.
pub(crate) fn read(row: &Row, path: &str) -> Option<Value> {
    let path = path_of(path);
    let attribute = row.attribute(&Field::attr(path)).filter(|v| **v != Value::Null);
    attribute.cloned().or_else(|| row.value(&Field::Core(reserved(path)?)))
}

/// The text at a path.
pub(crate) fn read_text(row: &Row, path: &str) -> Option<String> {
    read(row, path).and_then(|v| v.text().map(std::borrow::Cow::into_owned))
}

/// Writes a value at a path; objects are flattened, nulls left out.
pub(crate) fn write_json(row: &mut Row, path: &str, json: &Json) {
    write_at(row, path, json, 0);
}

fn write_at(row: &mut Row, path: &str, json: &Json, depth: usize) {
    match json {
        Json::Null => {}
        Json::Object(map) if depth < DEPTH_MAX => {
            for (key, value) in map {
                let inner = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                write_at(row, &inner, value, depth + 1);
            }
        }
        _ if path.is_empty() => {}
        value => row.set_attribute(Field::attr(path), Value::from_json(value)),
    }
}

/// The attribute at a path, or all below it with the rest of their paths.
pub(crate) fn subtree(row: &Row, path: &str) -> Vec<(String, Value)> {
    if let Some(value) = row.attribute(&Field::attr(path)) {
        return vec![(String::new(), value.clone())];
    }
    let below = |field: &Field| match field {
        Field::Attr(name) => name.strip_prefix(path).filter(|rest| rest.starts_with('.')).map(str::to_owned),
        Field::Tag(_) | Field::Core(_) => None,
    };
    row.attributes.iter().filter_map(|(field, value)| Some((below(field)?, value.clone()))).collect()
}

/// A tag's value; the reserved fields that a tag fills count as tags.
pub(crate) fn read_tag(row: &Row, key: &str) -> Option<Value> {
    let tag = row.attribute(&Field::tag(key)).cloned();
    tag.or_else(|| row.value(&Field::Core(tag_core(key)?)))
}

/// Reserved fields that a tag of the same key fills.
pub(crate) fn tag_core(key: &str) -> Option<Core> {
    Some(match key {
        "host" => Core::Host,
        "service" => Core::Service,
        "env" => Core::Env,
        "version" => Core::Version,
        "source" => Core::Source,
        _ => return None,
    })
}
