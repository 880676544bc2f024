//! Downtimes as JSON: the attributes of Datadog's v2 API, kept as they are checked here, and the older v1 form.

use super::window::{Recurring, Schedule, Span};
use super::{Downtime, EndKind, Scope, Subject, next_windows, phase};
use crate::recurrence::{Recurrence, zone_of};
use crate::status::Status;
use crate::{Error, Result};
use jiff::Timestamp;
use oriel_model::TimeMs;
use serde_json::{Map, Value, json};

mod legacy;

pub use legacy::{legacy, legacy_id, of_legacy};

/// Datadog's own bound.
const RECURRENCES_MAX: usize = 5;
/// One span of a recurrence.
const DURATION_MS_MAX: i64 = 365 * 86_400_000;

/// Which monitors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identifier {
    Monitor(i64),
    /// Monitors that have each of these tags; `*` means all.
    Tags(Vec<String>),
}

impl Identifier {
    pub fn names(&self, monitor: &Subject<'_>) -> bool {
        match self {
            Self::Monitor(id) => *id == monitor.id,
            Self::Tags(tags) => tags.iter().all(|wanted| {
                wanted == "*" || monitor.tags.iter().any(|tag| super::scope::glob(wanted, tag))
            }),
        }
    }
}

/// How attributes come: all of a new downtime, or those that change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    Create,
    Update,
}

const KNOWN: [&str; 8] = [
    "display_timezone",
    "message",
    "monitor_identifier",
    "mute_first_recovery_notification",
    "notify_end_states",
    "notify_end_types",
    "schedule",
    "scope",
];

/// The body of a new downtime of the attributes that were sent, with what is left out filled in.
pub fn validate(sent: &Value, now_ms: TimeMs) -> Result<Value> {
    let start = json!({
        "display_timezone": "UTC",
        "message": "",
        "mute_first_recovery_notification": false,
        "notify_end_states": ["alert", "no data", "warn"],
        "notify_end_types": ["expired"],
        "schedule": {"start": null, "end": null},
    });
    change(start, sent, Change::Create, now_ms)
}

/// A body with the attributes of an update put over it.
pub fn merge(body: &Value, sent: &Value, now_ms: TimeMs) -> Result<Value> {
    change(body.clone(), sent, Change::Update, now_ms)
}

fn change(mut body: Value, sent: &Value, how: Change, now_ms: TimeMs) -> Result<Value> {
    let sent = sent.as_object().ok_or_else(|| Error::invalid("a downtime is an object of attributes"))?;
    let started = body["schedule"]["start"].clone();
    let mut wrong = Vec::new();
    for field in ["scope", "monitor_identifier"] {
        if how == Change::Create && sent.get(field).is_none_or(Value::is_null) {
            wrong.push(format!("{field} is missing"));
        }
    }
    for (field, value) in sent {
        if !KNOWN.contains(&field.as_str()) {
            wrong.push(format!("{field} is not a field of a downtime; there are {}", KNOWN.join(", ")));
        } else if !(value.is_null() && field != "message" && field != "display_timezone") {
            body[field] = value.clone();
        }
    }
    if let Some(schedule) = sent.get("schedule").filter(|s| !s.is_null()) {
        let mut schedule = schedule.clone();
        // A new end alone leaves the start where it was.
        if how == Change::Update && schedule.is_object() && schedule.get("start").is_none() {
            schedule["start"] = started;
        }
        body["schedule"] = settled(&schedule, now_ms);
    } else if how == Change::Create {
        body["schedule"] = settled(&json!({}), now_ms);
    }
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    read("new", &body).map(|_| body)
}

/// A one-time schedule starts now when it says nothing else; a recurrence's start is a wall-clock time.
fn settled(schedule: &Value, now_ms: TimeMs) -> Value {
    let mut schedule = schedule.clone();
    // What is no object is refused by whoever reads it.
    if !schedule.is_object() {
        return schedule;
    }
    if schedule.get("recurrences").is_none() {
        if schedule["start"].is_null() {
            schedule["start"] = json!(iso(now_ms));
        }
        if schedule.get("end").is_none() {
            schedule["end"] = Value::Null;
        }
        return schedule;
    }
    let zone = zone_of(schedule["timezone"].as_str().unwrap_or("UTC"));
    if let (Ok(zone), Ok(now), Some(list)) =
        (zone, Timestamp::from_millisecond(now_ms), schedule["recurrences"].as_array_mut())
    {
        for item in list.iter_mut().filter(|i| i.is_object() && i["start"].is_null()) {
            item["start"] = json!(zone.to_datetime(now).strftime("%Y-%m-%dT%H:%M").to_string());
        }
    }
    if schedule["timezone"].is_null() {
        schedule["timezone"] = json!("UTC");
    }
    schedule
}

/// The body of a mute: one monitor or all (`None`), one scope, from now until a moment or for good.
pub fn one_time(
    monitor: Option<i64>,
    scope: &str,
    now_ms: TimeMs,
    end_ms: Option<TimeMs>,
    message: &str,
) -> Result<Value> {
    let identifier = monitor.map_or_else(|| json!({"monitor_tags": ["*"]}), |id| json!({"monitor_id": id}));
    let schedule = json!({"start": iso(now_ms), "end": end_ms.map(iso)});
    validate(
        &json!({"scope": scope, "monitor_identifier": identifier, "schedule": schedule, "message": message}),
        now_ms,
    )
}

/// A body as the v2 API answers it: `attributes` of the resource.
pub fn attributes(
    body: &Value,
    downtime: &Downtime,
    (created_ms, modified_ms): (TimeMs, TimeMs),
    now_ms: TimeMs,
) -> Value {
    let mut answer: Map<String, Value> = Map::new();
    for field in KNOWN {
        if let Some(value) = body.get(field) {
            answer.insert(field.to_owned(), value.clone());
        }
    }
    if matches!(downtime.schedule, Schedule::Recurring(_)) {
        for item in answer["schedule"]["recurrences"].as_array_mut().into_iter().flatten() {
            if let Some(fields) = item.as_object_mut() {
                fields.shift_remove(legacy::V1);
            }
        }
        let next = next_windows(downtime, now_ms, 1);
        let span =
            next.first().map_or(Value::Null, |s| json!({"start": iso(s.start_ms), "end": s.end_ms.map(iso)}));
        answer["schedule"]["current_downtime"] = span;
    }
    answer.insert("canceled".to_owned(), json!(downtime.canceled_ms.map(iso)));
    answer.insert("created".to_owned(), json!(iso(created_ms)));
    answer.insert("modified".to_owned(), json!(iso(modified_ms)));
    answer.insert("status".to_owned(), json!(phase(downtime, now_ms).as_str()));
    Value::Object(answer)
}

pub(super) fn read(id: &str, body: &Value) -> Result<Downtime> {
    let mut wrong = Vec::new();
    let mut note = |what: &str, e: Error| wrong.push(format!("{what}: {e}"));
    let scope = body["scope"]
        .as_str()
        .ok_or_else(|| Error::invalid("a text like env:prod or *"))
        .and_then(Scope::parse);
    let scope = scope.map_err(|e| note("scope", e)).ok();
    let monitor = identifier(&body["monitor_identifier"]).map_err(|e| note("monitor_identifier", e)).ok();
    let schedule = schedule(&body["schedule"]).map_err(|e| note("schedule", e)).ok();
    let end_states =
        words(&body["notify_end_states"], end_state).map_err(|e| note("notify_end_states", e)).ok();
    let end_kinds = words(&body["notify_end_types"], end_kind).map_err(|e| note("notify_end_types", e)).ok();
    if let Some(zone) = body["display_timezone"].as_str() {
        let _ = zone_of(zone).map_err(|e| note("display_timezone", e));
    }
    let first = &body["mute_first_recovery_notification"];
    if !(first.is_boolean() || first.is_null()) {
        note("mute_first_recovery_notification", Error::invalid("true or false"));
    }
    match (scope, monitor, schedule, end_states, end_kinds) {
        (Some(scope), Some(monitor), Some(schedule), Some(end_states), Some(end_kinds))
            if wrong.is_empty() =>
        {
            Ok(Downtime {
                id: id.into(),
                scope,
                monitor,
                schedule,
                canceled_ms: body["canceled"].as_str().and_then(ms_of),
                mute_first_recovery: first.as_bool().unwrap_or(false),
                end_states,
                end_kinds,
                message: body["message"].as_str().unwrap_or_default().to_owned(),
            })
        }
        _ => Err(Error::Invalid(wrong)),
    }
}

fn identifier(given: &Value) -> Result<Identifier> {
    if let Some(id) = given.get("monitor_id").filter(|v| !v.is_null()) {
        let id = id.as_i64().ok_or_else(|| Error::invalid("monitor_id is a number"))?;
        return Ok(Identifier::Monitor(id));
    }
    let tags = given["monitor_tags"]
        .as_array()
        .ok_or_else(|| Error::invalid("give monitor_id, or monitor_tags as a list"))?;
    let tags: Vec<String> = tags.iter().filter_map(|t| t.as_str().map(str::to_owned)).collect();
    if tags.is_empty() {
        return Err(Error::invalid("monitor_tags needs at least one tag; [\"*\"] means all monitors"));
    }
    Ok(Identifier::Tags(tags))
}

fn schedule(given: &Value) -> Result<Schedule> {
    match given.get("recurrences") {
        Some(list) => recurring(given, list),
        None => {
            let start_ms = moment(&given["start"])?.ok_or_else(|| Error::invalid("start is missing"))?;
            let end_ms = moment(&given["end"])?;
            if end_ms.is_some_and(|end| end <= start_ms) {
                return Err(Error::invalid("end must come after start"));
            }
            Ok(Schedule::Once(Span { start_ms, end_ms }))
        }
    }
}

fn recurring(given: &Value, list: &Value) -> Result<Schedule> {
    let list = list.as_array().filter(|l| !l.is_empty() && l.len() <= RECURRENCES_MAX);
    let list =
        list.ok_or_else(|| Error::invalid(format!("recurrences is a list of 1 to {RECURRENCES_MAX}")))?;
    let zone = given["timezone"].as_str().unwrap_or("UTC");
    let mut rules = Vec::new();
    for item in list {
        let text =
            |key: &str| item[key].as_str().ok_or_else(|| Error::invalid(format!("a recurrence needs {key}")));
        let rule = Recurrence::parse(text("rrule")?, text("start")?, zone)?;
        rules.push((rule, duration(text("duration")?)?));
    }
    Ok(Schedule::Recurring(Recurring::new(rules, zone.to_owned())))
}

/// `30m`, `1h`, `2d`, `1w`.
fn duration(text: &str) -> Result<i64> {
    let wrong = || Error::invalid(format!("duration {text:?} is not like 30m, 1h, 2d or 1w, at most a year"));
    let at = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
    let (number, unit) = text.split_at(at);
    let unit_ms = match unit {
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        "w" => 604_800_000,
        _ => return Err(wrong()),
    };
    let ms = number.parse::<i64>().ok().and_then(|n| n.checked_mul(unit_ms));
    ms.filter(|ms| (1..=DURATION_MS_MAX).contains(ms)).ok_or_else(wrong)
}

fn moment(given: &Value) -> Result<Option<TimeMs>> {
    match given {
        Value::Null => Ok(None),
        Value::String(text) => ms_of(text)
            .map(Some)
            .ok_or_else(|| Error::invalid(format!("{text:?} is not a time like 2026-01-31T22:00:00Z"))),
        other => Err(Error::invalid(format!("{other} is not a time like 2026-01-31T22:00:00Z"))),
    }
}

/// ISO 8601; without an offset, of UTC.
fn ms_of(text: &str) -> Option<TimeMs> {
    let at = text.parse::<Timestamp>().ok();
    let plain = || text.parse::<jiff::civil::DateTime>().ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok();
    at.or_else(|| plain().map(|z| z.timestamp())).map(Timestamp::as_millisecond)
}

/// `2026-01-31T22:00:00+00:00`, as Datadog writes times of downtimes.
pub(super) fn iso(ms: TimeMs) -> String {
    let at = Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH);
    at.strftime("%Y-%m-%dT%H:%M:%S%.f+00:00").to_string()
}

fn words<T>(given: &Value, one: impl Fn(&str) -> Option<T>) -> Result<Vec<T>> {
    let list = given.as_array().ok_or_else(|| Error::invalid("a list of words"))?;
    let known = |v: &Value| {
        v.as_str().and_then(&one).ok_or_else(|| Error::invalid(format!("{v} is not one of its words")))
    };
    list.iter().map(known).collect()
}

fn end_state(word: &str) -> Option<Status> {
    match word {
        "alert" => Some(Status::Alert),
        "warn" => Some(Status::Warn),
        "no data" => Some(Status::NoData),
        _ => None,
    }
}

fn end_kind(word: &str) -> Option<EndKind> {
    match word {
        "expired" => Some(EndKind::Expired),
        "canceled" => Some(EndKind::Canceled),
        _ => None,
    }
}
