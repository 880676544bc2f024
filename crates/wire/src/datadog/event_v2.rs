//! `POST /api/v2/events`: changes and alerts. What they say besides title and text stays searchable as attributes.

use super::json::syntax;
use crate::logs::time_of_text;
use crate::{Error, Result, cut};
use oriel_model::{Core, RowBatchBuilder, Value, ValueRef, normalise_tag};
use serde_json::{Map, Value as Json};

/// Objects within each other that are flattened; deeper ones are kept as JSON.
const DEPTH_MAX: usize = 20;

/// Decodes one event into a row; `id` is the store's for it.
pub fn event_v2(body: &[u8], id: u64, now_ns: i64, builder: &mut RowBatchBuilder) -> Result<()> {
    let parsed: Json = serde_json::from_slice(body).map_err(|e| syntax(&e))?;
    let attributes = &parsed["data"]["attributes"];
    let text = |name: &str| attributes[name].as_str().unwrap_or_default();
    let bad = |detail: &str| Error::Syntax { format: "event", detail: detail.to_owned() };
    if text("title").is_empty() {
        return Err(bad("data.attributes.title is missing"));
    }
    let custom = attributes["attributes"].as_object();
    let time_ns = match text("timestamp") {
        "" => None,
        time => Some(
            time_of_text(time, now_ns).ok_or_else(|| bad("timestamp is no time as 2026-11-20T18:23:10Z"))?,
        ),
    };
    builder.begin(time_ns.unwrap_or(now_ns));
    if time_ns.is_none() {
        builder.note_filled_time();
    }
    let category = text("category");
    cut::word(builder, Core::Name, text("title"));
    cut::message(builder, text("message"));
    cut::word(builder, Core::Host, text("host"));
    cut::word(
        builder,
        Core::Source,
        Some(text("integration_id")).filter(|s| !s.is_empty()).unwrap_or("custom-events"),
    );
    builder.set_text(Core::Status, alert_type(category, custom));
    let key = builder.attr_key("evt.id");
    builder.attr(key, ValueRef::Uint(id));
    for (name, value) in
        [("category", category), ("aggregation_key", text("aggregation_key")), ("priority", "normal")]
    {
        if !value.is_empty() {
            let key = builder.attr_key(name);
            cut::attribute(builder, key, value);
        }
    }
    if let Some(custom) = custom {
        flatten(custom, category, builder);
    }
    for tag in attributes["tags"].as_array().into_iter().flatten().filter_map(Json::as_str) {
        builder.tag(&normalise_tag(tag));
    }
    builder.end();
    Ok(())
}

/// The product's four alert types.
fn alert_type(category: &str, custom: Option<&Map<String, Json>>) -> &'static str {
    let status = custom.and_then(|c| c.get("status")).and_then(Json::as_str).unwrap_or_default();
    match (category, status) {
        ("alert", "error") => "error",
        ("alert", "warn") => "warning",
        ("alert", "ok") => "success",
        _ => "info",
    }
}

fn flatten(custom: &Map<String, Json>, category: &str, builder: &mut RowBatchBuilder) {
    for (name, value) in custom {
        match (category, name.as_str()) {
            // An alert's priority (1 to 5) is not the event's (normal, low).
            ("alert", "priority" | "status") => set(builder, &format!("alert.{name}"), value, 0),
            _ => set(builder, name, value, 0),
        }
    }
    // A change to a service shows on that service's pages.
    for resource in custom.get("impacted_resources").and_then(Json::as_array).into_iter().flatten() {
        if let (Some("service"), Some(name)) = (resource["type"].as_str(), resource["name"].as_str()) {
            builder.tag(&normalise_tag(&format!("service:{name}")));
        }
    }
}

fn set(builder: &mut RowBatchBuilder, path: &str, value: &Json, depth: usize) {
    if let Json::Object(map) = value
        && depth < DEPTH_MAX
    {
        for (name, value) in map {
            set(builder, &format!("{path}.{name}"), value, depth + 1);
        }
        return;
    }
    let key = builder.attr_key(path);
    match value {
        Json::String(text) => cut::attribute(builder, key, text),
        Json::Array(_) => builder.attr(key, ValueRef::List(&value.to_string())),
        other => builder.attr_value(key, &Value::from_json(other)),
    }
}
