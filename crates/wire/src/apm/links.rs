//! Span links, span events and structures, which every format spells otherwise, in the one JSON form that is stored:
//! `[{"trace_id":"32 hex","span_id":"16 hex","attributes":{…},"tracestate":"…"}]` and
//! `[{"time_unix_nano":N,"name":"…","attributes":{…}}]`.

use super::writer::SpanWriter;
use crate::msgpack::Reader;
use serde_json::{Map, Value as Json, json};

/// A value of `meta_struct`: MessagePack inside of bytes; what is none stays text.
pub(super) fn structure(bytes: &[u8]) -> Json {
    let mut reader = Reader::new(bytes);
    match reader.json() {
        Ok(json) if reader.is_empty() => json,
        _ => String::from_utf8_lossy(bytes).into_owned().into(),
    }
}

/// Links as MessagePack names them.
pub(super) fn write_links(writer: &mut SpanWriter<'_, '_>, list: &Json) {
    let links: Vec<Json> = list.as_array().into_iter().flatten().filter_map(link).collect();
    if !links.is_empty() {
        writer.json("span_links", &Json::Array(links));
    }
}

fn link(link: &Json) -> Option<Json> {
    let link = link.as_object()?;
    let number = |key: &str| link.get(key).and_then(unsigned).unwrap_or(0);
    let text = |key: &str| link.get(key).and_then(Json::as_str).unwrap_or_default();
    let ids = (number("trace_id_high"), number("trace_id"), number("span_id"));
    let attributes = link.get("attributes").cloned().unwrap_or(Json::Null);
    Some(make_link(ids, attributes, text("tracestate"), number("flags")))
}

pub(super) fn make_link(
    (high, low, span): (u64, u64, u64),
    attributes: Json,
    state: &str,
    flags: u64,
) -> Json {
    let mut out = Map::new();
    out.insert("trace_id".into(), format!("{high:016x}{low:016x}").into());
    out.insert("span_id".into(), format!("{span:016x}").into());
    if attributes.as_object().is_some_and(|a| !a.is_empty()) {
        out.insert("attributes".into(), attributes);
    }
    if !state.is_empty() {
        out.insert("tracestate".into(), state.into());
    }
    if flags != 0 {
        // Bit 31 only says that there are flags.
        out.insert("flags".into(), (flags & 0x7fff_ffff).into());
    }
    Json::Object(out)
}

/// Events as MessagePack names them.
pub(super) fn write_events(writer: &mut SpanWriter<'_, '_>, list: &Json) {
    let events: Vec<Json> = list.as_array().into_iter().flatten().filter_map(event).collect();
    if !events.is_empty() {
        writer.json("span_events", &Json::Array(events));
    }
}

fn event(event: &Json) -> Option<Json> {
    let event = event.as_object()?;
    let time = event.get("time_unix_nano").and_then(unsigned).unwrap_or(0);
    let name = event.get("name").and_then(Json::as_str).unwrap_or_default();
    let attributes = event.get("attributes").and_then(Json::as_object);
    let attributes: Map<String, Json> =
        attributes.into_iter().flatten().map(|(k, v)| (k.clone(), any_value(v))).collect();
    Some(make_event(time, name, attributes))
}

pub(super) fn make_event(time: u64, name: &str, attributes: Map<String, Json>) -> Json {
    let mut out = json!({"time_unix_nano": time, "name": name});
    if let (false, Some(map)) = (attributes.is_empty(), out.as_object_mut()) {
        map.insert("attributes".into(), Json::Object(attributes));
    }
    out
}

/// A typed value (`{"type":2,"int_value":3}`), or one that is itself.
fn any_value(value: &Json) -> Json {
    let Some(map) = value.as_object() else { return value.clone() };
    let Some(kind) = map.get("type").and_then(unsigned) else { return value.clone() };
    let of = |key: &str| map.get(key).cloned();
    match kind {
        0 => of("string_value").unwrap_or_else(|| "".into()),
        1 => of("bool_value").unwrap_or_else(|| false.into()),
        2 => of("int_value").unwrap_or_else(|| 0.into()),
        3 => of("double_value").unwrap_or_else(|| 0.0.into()),
        _ => {
            let values = map.get("array_value").and_then(|a| a.get("values")).and_then(Json::as_array);
            values.into_iter().flatten().map(any_value).collect()
        }
    }
}

fn unsigned(json: &Json) -> Option<u64> {
    json.as_u64().or_else(|| json.as_i64().map(|n| n as u64)).or_else(|| json.as_f64().map(|x| x as u64))
}
