//! The v1 form of a downtime: `scope` as a list, times in seconds, and one recurrence whose duration is that of the first time.

use super::super::window::{Schedule, Span};
use super::super::{Downtime, Identifier, Phase, next_windows, phase};
use super::iso;
use crate::recurrence::zone_of;
use crate::{Error, Result};
use jiff::Timestamp;
use oriel_model::TimeMs;
use serde_json::{Map, Value, json};

/// Where a recurrence keeps the words of v1 that it was made of; v2 does not show them.
pub(super) const V1: &str = "v1";

/// Attributes of v2 for a v1 body; `was` are those of the downtime that changes. What v1 doesn't name stays.
pub fn of_legacy(sent: &Value, was: Option<&Value>, now_ms: TimeMs) -> Result<Value> {
    let sent = sent.as_object().ok_or_else(|| Error::invalid("a downtime is an object"))?;
    let mut made = Map::new();
    for field in ["message", "mute_first_recovery_notification", "notify_end_states", "notify_end_types"] {
        if let Some(value) = sent.get(field) {
            made.insert(field.to_owned(), value.clone());
        }
    }
    if let Some(scope) = sent.get("scope") {
        made.insert("scope".to_owned(), json!(scope_of(scope)?));
    }
    if let Some(zone) = sent.get("timezone").filter(|z| z.is_string()) {
        made.insert("display_timezone".to_owned(), zone.clone());
    }
    if let Some(identifier) = identifier_of(sent, was) {
        made.insert("monitor_identifier".to_owned(), identifier);
    }
    if was.is_none() || ["start", "end", "recurrence", "timezone"].iter().any(|f| sent.contains_key(*f)) {
        made.insert("schedule".to_owned(), schedule_of(sent, was, now_ms)?);
    }
    Ok(Value::Object(made))
}

fn scope_of(scope: &Value) -> Result<String> {
    match scope {
        Value::String(text) => Ok(text.clone()),
        Value::Array(list) => {
            let texts: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
            Ok(texts.join(" AND "))
        }
        _ => Err(Error::invalid("scope is a text or a list of texts like env:prod")),
    }
}

fn identifier_of(sent: &Map<String, Value>, was: Option<&Value>) -> Option<Value> {
    if let Some(id) = sent.get("monitor_id").filter(|v| !v.is_null()) {
        return Some(json!({"monitor_id": id}));
    }
    match sent.get("monitor_tags").filter(|v| v.as_array().is_some_and(|l| !l.is_empty())) {
        Some(tags) => Some(json!({"monitor_tags": tags})),
        None => was.is_none().then(|| json!({"monitor_tags": ["*"]})),
    }
}

/// A time of v1. What no calendar has is refused here, so that nothing overflows after.
fn seconds(sent: &Map<String, Value>, field: &str) -> Result<Option<TimeMs>> {
    let Some(value) = sent.get(field).filter(|v| !v.is_null()) else { return Ok(None) };
    // The older shell writes numbers as text.
    let text = value.as_str().map(str::trim);
    let whole = text.map_or_else(|| value.as_i64(), |t| t.parse().ok());
    let whole = whole.or_else(|| value.as_f64().map(|s| s as i64));
    match whole.and_then(|s| Timestamp::from_second(s).ok()) {
        Some(time) => Ok(Some(time.as_millisecond())),
        None => Err(Error::invalid(format!("{field}: {value} is not a time in seconds since the epoch"))),
    }
}

/// Start and end of a kept schedule: those of its first time where it repeats.
fn span_of(schedule: &Value) -> (Option<TimeMs>, Option<TimeMs>) {
    let Some(first) = schedule["recurrences"].get(0) else {
        let time = |field: &str| schedule[field].as_str().and_then(super::ms_of);
        return (time("start"), time("end"));
    };
    let zone = zone_of(schedule["timezone"].as_str().unwrap_or("UTC")).ok();
    let wall: Option<jiff::civil::DateTime> = first["start"].as_str().and_then(|t| t.parse().ok());
    let start = wall.zip(zone).and_then(|(wall, zone)| zone.to_timestamp(wall).ok());
    let start = start.map(Timestamp::as_millisecond);
    let lasts = first["duration"].as_str().and_then(|t| super::duration(t).ok());
    (start, start.zip(lasts).map(|(start, lasts)| start + lasts))
}

/// The recurrence of a kept schedule in v1's words: as it was sent, else by its rule.
fn recurrence(schedule: &Value) -> Value {
    match schedule["recurrences"].get(0) {
        None => Value::Null,
        Some(first) if first[V1].is_object() => first[V1].clone(),
        Some(first) => json!({"type": "rrule", "rrule": first["rrule"]}),
    }
}

fn schedule_of(sent: &Map<String, Value>, was: Option<&Value>, now_ms: TimeMs) -> Result<Value> {
    let old = was.map(|body| &body["schedule"]);
    let (old_start, old_end) = old.map_or((None, None), span_of);
    let start_ms = seconds(sent, "start")?.or(old_start).unwrap_or(now_ms);
    let end_ms = if sent.contains_key("end") { seconds(sent, "end")? } else { old_end };
    // `null` ends a recurrence; one that is not named stays.
    let recurrence = match sent.get("recurrence") {
        None => old.map(recurrence).filter(|r| !r.is_null()),
        Some(sent) => Some(sent.clone()).filter(|r| !r.is_null()),
    };
    let Some(recurrence) = recurrence else {
        return Ok(json!({"start": iso(start_ms), "end": end_ms.map(iso)}));
    };
    let Some(end_ms) = end_ms else {
        return Err(Error::invalid("a recurrence needs `end`: it lasts from start to end"));
    };
    let zone_name = sent.get("timezone").and_then(Value::as_str).unwrap_or("UTC");
    let zone = zone_of(zone_name)?;
    let wall = zone.to_datetime(Timestamp::from_millisecond(start_ms).unwrap_or(Timestamp::UNIX_EPOCH));
    Ok(json!({
        "timezone": zone_name,
        "recurrences": [{
            "duration": format!("{}s", (end_ms - start_ms) / 1_000),
            "rrule": rule_of(&recurrence)?,
            "start": wall.strftime("%Y-%m-%dT%H:%M:%S").to_string(),
            V1: recurrence,
        }],
    }))
}

fn rule_of(recurrence: &Value) -> Result<String> {
    if !recurrence.is_object() {
        return Err(Error::invalid(format!("recurrence: {recurrence} is not an object")));
    }
    let kind = recurrence["type"].as_str().unwrap_or_default();
    let frequency = match kind {
        "rrule" => {
            let rule = recurrence["rrule"].as_str();
            return rule.map(str::to_owned).ok_or_else(|| Error::invalid("recurrence.rrule is missing"));
        }
        "days" => "DAILY",
        "weeks" => "WEEKLY",
        "months" => "MONTHLY",
        "years" => "YEARLY",
        other => {
            return Err(Error::invalid(format!(
                "recurrence.type {other:?}: days, weeks, months, years or rrule"
            )));
        }
    };
    let mut rule = format!("FREQ={frequency};INTERVAL={}", recurrence["period"].as_i64().unwrap_or(1));
    if let Some(days) = recurrence["week_days"].as_array().filter(|d| !d.is_empty()) {
        let days: Vec<String> =
            days.iter().filter_map(|d| d.as_str()?.get(..2).map(str::to_uppercase)).collect();
        rule.push_str(&format!(";BYDAY={}", days.join(",")));
    }
    if let Some(count) = recurrence["until_occurrences"].as_i64() {
        rule.push_str(&format!(";COUNT={count}"));
    }
    if let Some(until) = recurrence["until_date"].as_i64().and_then(|s| Timestamp::from_second(s).ok()) {
        rule.push_str(&until.strftime(";UNTIL=%Y%m%dT%H%M%SZ").to_string());
    }
    Ok(rule)
}

/// The number that stands for an id: 48 bits of its digest, so that two of 2,000 downtimes hardly ever share one, and that
/// JavaScript reads exactly.
pub fn legacy_id(id: &str) -> i64 {
    use sha2::Digest;
    sha2::Sha256::digest(id.as_bytes()).iter().take(6).fold(0, |n, byte| n << 8 | i64::from(*byte))
}

/// A downtime as v1 answers it.
pub fn legacy(downtime: &Downtime, body: &Value, now_ms: TimeMs) -> Value {
    let state = phase(downtime, now_ms);
    let first = &body["schedule"]["recurrences"][0];
    let span = match &downtime.schedule {
        Schedule::Once(span) => Some(*span),
        // Who made it by v1 reads what was written.
        Schedule::Recurring(_) if first[V1].is_object() => {
            let (start, end_ms) = span_of(&body["schedule"]);
            start.map(|start_ms| Span { start_ms, end_ms })
        }
        Schedule::Recurring(_) => next_windows(downtime, now_ms, 1).first().copied(),
    };
    let (monitor, tags) = match &downtime.monitor {
        Identifier::Monitor(id) => (json!(id), json!([])),
        Identifier::Tags(tags) => (Value::Null, json!(tags)),
    };
    let scope: Vec<String> = downtime.scope.to_string().split(" AND ").map(|s| s.trim().to_owned()).collect();
    json!({
        "id": legacy_id(&downtime.id),
        "active": state == Phase::Active,
        "disabled": state == Phase::Canceled,
        "canceled": downtime.canceled_ms.map(|ms| ms / 1_000),
        "start": span.map_or(0, |s| s.start_ms / 1_000),
        "end": span.and_then(|s| s.end_ms).map(|ms| ms / 1_000),
        "message": downtime.message,
        "monitor_id": monitor,
        "monitor_tags": tags,
        "mute_first_recovery_notification": downtime.mute_first_recovery,
        "notify_end_states": body["notify_end_states"],
        "notify_end_types": body["notify_end_types"],
        "parent_id": null,
        "recurrence": recurrence(&body["schedule"]),
        "scope": scope,
        "timezone": body["display_timezone"].as_str().unwrap_or("UTC"),
        "updater_id": null,
        "downtime_type": 2,
    })
}
