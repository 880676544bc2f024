//! The v1 form of a monitor: what is posted, made ready to be kept, and what is kept with what the server owns.

use super::catalog::Entry;
use super::live::{Group, Live};
use crate::answer::{Answer, Failure};
use crate::extract::read_json;
use crate::iso::iso_8601;
use oriel_model::OrgId;
use oriel_monitor::status::Status;
use oriel_state::Monitor;
use serde_json::{Map, Value, json};

/// Fields of `options` that are numbers; clients of several ages write some of them as text.
const NUMBERS: [&str; 9] = [
    "timeout_h",
    "new_host_delay",
    "new_group_delay",
    "no_data_timeframe",
    "renotify_interval",
    "renotify_occurrences",
    "evaluation_delay",
    "min_failure_duration",
    "min_location_failed",
];
const FLAGS: [&str; 8] = [
    "notify_audit",
    "locked",
    "require_full_window",
    "notify_no_data",
    "include_tags",
    "groupby_simple_monitor",
    "enable_logs_sample",
    "enable_samples",
];
const THRESHOLDS: [&str; 6] =
    ["critical", "warning", "ok", "unknown", "critical_recovery", "warning_recovery"];

/// A posted document.
pub(crate) fn parse(body: &[u8]) -> Answer<Value> {
    let document: Value = read_json(body)?;
    if !document.is_object() {
        return Err(Failure::invalid("a monitor is a JSON object; post the exported document"));
    }
    Ok(document)
}

/// A change over what is kept: fields that are not given stay, those that are given are replaced whole.
pub(crate) fn merged(kept: &Value, change: Value) -> Value {
    let mut fields = kept.as_object().cloned().unwrap_or_default();
    if let Value::Object(change) = change {
        fields.extend(change);
    }
    Value::Object(fields)
}

/// Numbers and flags that came as text become what they say.
pub(crate) fn with_numbers(mut document: Value) -> Value {
    if let Some(fields) = document.as_object_mut() {
        number(fields, "priority");
    }
    let Some(options) = document.get_mut("options").and_then(Value::as_object_mut) else { return document };
    NUMBERS.iter().for_each(|name| number(options, name));
    for name in FLAGS {
        if let Some(value) = options.get_mut(name)
            && let Some(flag) = value.as_str().and_then(|t| t.trim().parse::<bool>().ok())
        {
            *value = json!(flag);
        }
    }
    if let Some(thresholds) = options.get_mut("thresholds").and_then(Value::as_object_mut) {
        THRESHOLDS.iter().for_each(|name| number(thresholds, name));
    }
    document
}

/// Text that is no number stays, and whoever reads the rule names it.
fn number(fields: &mut Map<String, Value>, name: &str) {
    let Some(value) = fields.get_mut(name) else { return };
    let Some(text) = value.as_str().map(str::trim) else { return };
    if text.is_empty() {
        *value = Value::Null;
    } else if let Ok(whole) = text.parse::<i64>() {
        *value = json!(whole);
    } else if let Some(part) = text.parse::<f64>().ok().filter(|n| n.is_finite()) {
        *value = json!(part);
    }
}

/// What an answer holds beside the document.
pub(crate) struct Shown<'a> {
    pub(crate) org: OrgId,
    pub(crate) entry: &'a Entry,
    pub(crate) live: &'a Live,
    /// With `group_states`.
    pub(crate) groups: Option<Vec<Group>>,
    /// With `with_downtimes`.
    pub(crate) downtimes: Option<Vec<Value>>,
}

/// The kept document with what the server owns in front.
pub(crate) fn whole(monitor: Monitor, shown: Shown<'_>) -> Value {
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    put("id", json!(monitor.id));
    put("org_id", json!(shown.org.0));
    put("created", json!(iso_8601(monitor.created_ms)));
    put("created_at", json!(monitor.created_ms));
    put("modified", json!(iso_8601(monitor.modified_ms)));
    put("deleted", Value::Null);
    put("creator", creator(&monitor.author));
    put("multi", json!(shown.entry.multi));
    put("overall_state", json!(shown.live.status.as_str()));
    put("overall_state_modified", json!(shown.live.changed_ms.map(iso_8601)));
    if let Some(groups) = shown.groups {
        let groups: Map<String, Value> = groups.iter().map(|g| (g.key.to_string(), group(g))).collect();
        put("state", json!({ "groups": groups }));
    }
    if let Some(downtimes) = shown.downtimes {
        put("matching_downtimes", json!(downtimes));
    }
    if let Value::Object(body) = monitor.body {
        fields.extend(body);
    }
    // Clients read these without asking whether they were posted.
    for (name, unsaid) in [("message", json!("")), ("options", json!({})), ("tags", json!([]))] {
        fields.entry(name).or_insert(unsaid);
    }
    Value::Object(fields)
}

/// People here have a name and no address; clients want all three.
pub(crate) fn creator(name: &str) -> Value {
    json!({ "name": name, "handle": name, "email": name })
}

/// A group of `state.groups`. A time that never was is left out: typed clients take a number only.
pub(crate) fn group(group: &Group) -> Value {
    let mut fields = Map::new();
    fields.insert("name".to_owned(), json!(group.key));
    fields.insert("status".to_owned(), json!(group.status.as_str()));
    let mut put = |name: &str, ms: Option<i64>| {
        if let Some(ms) = ms {
            fields.insert(name.to_owned(), json!(ms / 1000));
        }
    };
    put("last_triggered_ts", group.last_triggered_ms);
    put("last_notified_ts", group.notified_ms);
    put("last_resolved_ts", group.since_ms.filter(|_| group.status == Status::Ok));
    put("last_nodata_ts", group.since_ms.filter(|_| group.status == Status::NoData));
    Value::Object(fields)
}

#[cfg(test)]
mod tests;
