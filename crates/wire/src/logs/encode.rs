//! Logs as the body of `/api/v2/logs`: what a listener that has decoded another protocol hands on. Reading it again gives the
//! same rows.

use oriel_model::{Core, Field, RowBatch, Value, format_span_id, format_trace_id};
use serde_json::{Map, Value as Json};

/// Core fields and the attributes that fill them.
const NAMES: [(Core, &str); 7] = [
    (Core::Service, "service"),
    (Core::Host, "hostname"),
    (Core::Env, "env"),
    (Core::Status, "status"),
    (Core::Source, "ddsource"),
    (Core::Version, "version"),
    (Core::Message, "message"),
];

/// Encodes a batch as a JSON list.
pub fn encode(batch: &RowBatch) -> Vec<u8> {
    let mut out = vec![b'['];
    for row in 0..batch.len() {
        if row > 0 {
            out.push(b',');
        }
        out.extend_from_slice(Json::Object(object(batch, row)).to_string().as_bytes());
    }
    out.push(b']');
    out
}

fn object(batch: &RowBatch, row: usize) -> Map<String, Json> {
    let mut out = Map::new();
    out.insert("timestamp".to_owned(), batch.time_ns[row].into());
    for (core, name) in NAMES {
        let text = batch.text(core, row);
        if !text.is_empty() {
            out.insert(name.to_owned(), text.into());
        }
    }
    let ids = (batch.trace_id.get(row).copied(), batch.span_id.get(row).copied());
    if let Some(id) = ids.0.filter(|&id| id != 0) {
        out.insert("dd.trace_id".to_owned(), format_trace_id(id).into());
    }
    if let Some(id) = ids.1.filter(|&id| id != 0) {
        // As the tracers write it: sixteen digits may be read either way, and this name's are decimal.
        let text = format_span_id(id);
        let open = text.bytes().all(|b| b.is_ascii_digit());
        out.insert("dd.span_id".to_owned(), if open { id.to_string() } else { text }.into());
    }
    let mut tags: Vec<String> = Vec::new();
    for (key, value) in batch.entries(row) {
        match &batch.keys[key as usize] {
            Field::Attr(path) => {
                out.insert(path.to_string(), value.to_value().to_json());
            }
            Field::Tag(key) => tags.extend(of_tag(key, &value.to_value())),
            Field::Core(_) => {}
        }
    }
    if !tags.is_empty() {
        out.insert("ddtags".to_owned(), tags.join(",").into());
    }
    out
}

fn of_tag(key: &str, value: &Value) -> Vec<String> {
    let one = |value: &Value| {
        let text = value.text().unwrap_or_default();
        if key == Field::BARE { text.into_owned() } else { format!("{key}:{text}") }
    };
    match value {
        Value::List(values) => values.iter().map(one).collect(),
        value => vec![one(value)],
    }
}
