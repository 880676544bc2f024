//! Rows as JSON: attributes nested again along their dotted paths, tags by key or as `key:value`.

use super::id::id_text;
use oriel_model::{Core, Field, Row, Value, format_span_id, format_trace_id};
use oriel_store::ListedRow;
use serde_json::{Map, Value as Json, json};

/// A row as the pages take it; what is empty is left out.
pub(crate) fn page_row(listed: &ListedRow) -> Json {
    let row = &listed.row;
    let mut out = Map::new();
    out.insert("id".into(), id_text(listed.id).into());
    out.insert("time_ns".into(), row.time_ns.to_string().into());
    out.insert("time_ms".into(), row.time_ms().into());
    for core in Core::ALL.into_iter().take(Core::TEXTS) {
        let text = row.text(core);
        if !text.is_empty() {
            out.insert(page_name(core).into(), text.into());
        }
    }
    if row.trace_id != 0 {
        out.insert("trace_id".into(), format_trace_id(row.trace_id).into());
    }
    for (name, id) in [("span_id", row.span_id), ("parent_id", row.parent_id)] {
        if id != 0 {
            out.insert(name.into(), format_span_id(id).into());
        }
    }
    if row.duration_ns != 0 {
        out.insert("duration_ns".into(), row.duration_ns.into());
    }
    let tags: Map<String, Json> = row
        .attributes
        .iter()
        .filter_map(|(field, value)| match field {
            Field::Tag(key) => Some((key.to_string(), value.to_json())),
            _ => None,
        })
        .collect();
    out.insert("tags".into(), Json::Object(tags));
    out.insert("attributes".into(), Json::Object(nested(row)));
    Json::Object(out)
}

/// The pages' short names of core fields.
fn page_name(core: Core) -> &'static str {
    match core {
        Core::Name => "name",
        Core::Resource => "resource",
        other => other.as_str(),
    }
}

/// Attributes as they were before they were flattened. Where a path goes through a value that is no object, the rest of the
/// path is one key beside it.
pub(crate) fn nested(row: &Row) -> Map<String, Json> {
    let mut out = Map::new();
    for (field, value) in &row.attributes {
        if let Field::Attr(path) = field {
            place(&mut out, path, value.to_json());
        }
    }
    out
}

fn place(into: &mut Map<String, Json>, path: &str, value: Json) {
    if let Some((head, rest)) =
        path.split_once('.').filter(|(head, rest)| !head.is_empty() && !rest.is_empty())
    {
        let inner = into.entry(head).or_insert_with(|| Json::Object(Map::new()));
        if let Json::Object(inner) = inner {
            return place(inner, rest, value);
        }
    }
    match into.get_mut(path) {
        // `a.b` came before `a`: both are kept.
        Some(Json::Object(inner)) => {
            inner.insert(String::new(), value);
        }
        _ => {
            into.insert(path.into(), value);
        }
    }
}

/// Tags as `key:value`, core fields that are tags elsewhere among them.
pub(crate) fn tag_list(row: &Row) -> Vec<String> {
    let core = [Core::Env, Core::Version, Core::Source];
    let named = core.into_iter().filter(|c| !row.text(*c).is_empty());
    let mut tags: Vec<String> = named.map(|c| format!("{}:{}", c.as_str(), row.text(c))).collect();
    for (field, value) in &row.attributes {
        let Field::Tag(key) = field else { continue };
        let values = match value {
            Value::List(list) => list.as_slice(),
            one => std::slice::from_ref(one),
        };
        tags.extend(values.iter().filter_map(|v| v.text().map(|t| tag_text(key, &t))));
    }
    tags
}

fn tag_text(key: &str, value: &str) -> String {
    if key == Field::BARE { value.to_owned() } else { format!("{key}:{value}") }
}

/// A log as the v2 API gives it.
pub(crate) fn log(listed: &ListedRow) -> Json {
    let row = &listed.row;
    let mut attributes = nested(row);
    if row.trace_id != 0 || row.span_id != 0 {
        let mut ids = Map::new();
        ids.insert("trace_id".into(), format_trace_id(row.trace_id).into());
        if row.span_id != 0 {
            ids.insert("span_id".into(), row.span_id.to_string().into());
        }
        match attributes.get_mut("dd") {
            Some(Json::Object(dd)) => dd.extend(ids),
            _ => {
                attributes.insert("dd".into(), Json::Object(ids));
            }
        }
    }
    json!({
        "id": id_text(listed.id),
        "type": "log",
        "attributes": {
            "timestamp": iso(row.time_ns),
            "status": row.text(Core::Status),
            "service": row.text(Core::Service),
            "host": row.text(Core::Host),
            "message": row.text(Core::Message),
            "tags": tag_list(row),
            "attributes": attributes,
        },
    })
}

/// A span as the v2 API gives it; ids of spans in decimal, as tracers write them.
pub(crate) fn span(listed: &ListedRow) -> Json {
    let row = &listed.row;
    json!({
        "id": id_text(listed.id),
        "type": "spans",
        "attributes": {
            "service": row.text(Core::Service),
            "env": row.text(Core::Env),
            "host": row.text(Core::Host),
            "operation_name": row.text(Core::Name),
            "resource_name": row.text(Core::Resource),
            "type": row.text(Core::Type),
            "status": row.text(Core::Status),
            "trace_id": format_trace_id(row.trace_id),
            "span_id": row.span_id.to_string(),
            "parent_id": row.parent_id.to_string(),
            "start_timestamp": iso(row.time_ns),
            "end_timestamp": iso(row.time_ns.saturating_add(row.duration_ns)),
            "single_span": false,
            "ingestion_reason": "auto",
            "retained_by": "retention_filter",
            "tags": tag_list(row),
            "attributes": { "duration": row.duration_ns },
            "custom": nested(row),
        },
    })
}

/// An event as the v2 API gives it.
pub(crate) fn event(listed: &ListedRow) -> Json {
    let row = &listed.row;
    let mut attributes = nested(row);
    let title = row.text(Core::Name);
    let mut set = |key: &str, text: &str| {
        if !text.is_empty() {
            attributes.insert(key.into(), text.into());
        }
    };
    set("title", title);
    set("service", row.text(Core::Service));
    set("hostname", row.text(Core::Host));
    set("status", row.text(Core::Status));
    set("source_type_name", row.text(Core::Source));
    attributes.insert("timestamp".into(), row.time_ms().into());
    let evt = attributes.entry("evt").or_insert_with(|| Json::Object(Map::new()));
    if let Json::Object(evt) = evt {
        if let Some(id) = evt.get_mut("id").filter(|id| id.is_number()) {
            *id = id.to_string().into();
        }
        evt.insert("name".into(), title.into());
    }
    json!({
        "id": id_text(listed.id),
        "type": "event",
        "attributes": {
            "timestamp": iso(row.time_ns),
            "message": row.text(Core::Message),
            "tags": tag_list(row),
            "attributes": attributes,
        },
    })
}

/// ISO 8601 in UTC, to the microsecond: what typed clients parse.
pub(crate) fn iso(time_ns: i64) -> String {
    let text = crate::iso::iso_8601(time_ns.div_euclid(1_000_000));
    let micros = time_ns.div_euclid(1_000).rem_euclid(1_000);
    text.replacen("000+00:00", &format!("{micros:03}+00:00"), 1)
}

#[cfg(test)]
mod tests;
