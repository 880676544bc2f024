//! `/api/v1/hosts`, its totals, and muting. A host is up when something of it was heard within the last two hours, the time that
//! readers of this API know; the pages look closer.

use crate::answer::{Answer, ok};
use crate::api::tags;
use crate::app::App;
use crate::auth::{Editor, Reader};
use crate::extract::{Path, Payload, Query, read_json};
use crate::query::{request, run};
use axum::extract::State;
use oriel_model::{Frame, OrgId, TimeRange};
use oriel_state::{HostRecord, Mute};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

const UP_MS: i64 = 2 * 3600 * 1000;
/// Hosts in one answer, when the caller names no number; and the most there may be.
const COUNT: usize = 100;
const COUNT_MAX: usize = 1000;

#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    filter: String,
    sort_field: Option<String>,
    sort_dir: Option<String>,
    start: Option<usize>,
    count: Option<usize>,
    /// Seconds since the epoch: hosts heard of since.
    from: Option<i64>,
}

/// `GET /api/v1/hosts`.
pub(crate) async fn list(State(app): State<Arc<App>>, reader: Reader, Query(asked): Query<Asked>) -> Answer {
    let mut hosts = known(&app, reader.org).await?;
    if let Some(from) = asked.from {
        hosts.retain(|h| h.record.last_ms >= from.saturating_mul(1000));
    }
    let filter = asked.filter.trim().to_lowercase();
    hosts.retain(|h| fits(h, &filter));
    sort(&mut hosts, asked.sort_field.as_deref().unwrap_or_default(), asked.sort_dir.as_deref());
    let total = hosts.len();
    let page = hosts.iter().skip(asked.start.unwrap_or(0)).take(asked.count.unwrap_or(COUNT).min(COUNT_MAX));
    let list: Vec<Value> = page.map(|h| entry(&app, h)).collect();
    Ok(ok(
        &json!({ "exact_total_matching": true, "total_matching": total, "total_returned": list.len(), "host_list": list }),
    ))
}

/// `GET /api/v1/hosts/totals`.
pub(crate) async fn totals(State(app): State<Arc<App>>, reader: Reader) -> Answer {
    let hosts = known(&app, reader.org).await?;
    let up = hosts.iter().filter(|h| h.record.last_ms + UP_MS > app.now_ms()).count();
    Ok(ok(&json!({ "total_active": up, "total_up": up })))
}

#[derive(Default, Deserialize)]
struct MuteBody {
    end: Option<i64>,
    #[serde(default)]
    message: Option<String>,
}

/// `POST /api/v1/host/{host}/mute`.
pub(crate) async fn mute(
    State(app): State<Arc<App>>,
    editor: Editor,
    Path(host): Path<String>,
    body: Payload,
) -> Answer {
    let body: MuteBody = if body.is_empty() { MuteBody::default() } else { read_json(&body)? };
    let message = body.message.unwrap_or_default();
    let mute = Mute { end_s: body.end, message: message.clone() };
    app.state.mute_host(editor.org, &host, Some(mute)).await?;
    Ok(ok(&json!({ "action": "Muted", "hostname": host, "message": message, "end": body.end })))
}

/// `POST /api/v1/host/{host}/unmute`.
pub(crate) async fn unmute(State(app): State<Arc<App>>, editor: Editor, Path(host): Path<String>) -> Answer {
    app.state.mute_host(editor.org, &host, None).await?;
    Ok(ok(&json!({ "action": "Unmuted", "hostname": host })))
}

/// A host with its tags and the newest values of the metrics that lists show.
pub(crate) struct KnownHost {
    pub(crate) record: HostRecord,
    pub(crate) tags_by_source: BTreeMap<String, Vec<String>>,
    pub(crate) latest: HashMap<&'static str, f64>,
}

/// What lists show of a host: a name here, and the query that gives it by host.
const LATEST: [(&str, &str); 6] = [
    ("cpu_idle", "avg:system.cpu.idle{*} by {host}"),
    ("iowait", "avg:system.cpu.iowait{*} by {host}"),
    ("load", "avg:system.load.1{*} by {host}"),
    ("load_norm", "avg:system.load.norm.15{*} by {host}"),
    ("mem_usable", "avg:system.mem.pct_usable{*} by {host}"),
    ("disk_in_use", "max:system.disk.in_use{*} by {host}"),
];
/// How far back the newest value may be to be shown.
const LATEST_MS: i64 = 5 * 60 * 1000;

/// All hosts of an org, with what was heard of them.
pub(crate) async fn known(app: &Arc<App>, org: OrgId) -> Answer<Vec<KnownHost>> {
    let records = app.state.hosts(org).await?;
    let mut tags: HashMap<String, BTreeMap<String, Vec<String>>> = HashMap::new();
    for row in tags::current(app, org) {
        tags.entry(row.host).or_default().entry(row.source).or_default().extend(row.tags);
    }
    let mut hosts: BTreeMap<String, KnownHost> = records
        .into_iter()
        .map(|record| {
            let tags_by_source = tags.remove(&record.name).unwrap_or_default();
            (record.name.clone(), KnownHost { record, tags_by_source, latest: HashMap::new() })
        })
        .collect();
    let now = app.now_ms();
    let mut wanted = request(app, TimeRange::new(now - LATEST_MS, now + 1));
    for (name, text) in LATEST {
        wanted = wanted.query(name, text);
    }
    for (outcome, (name, _)) in run(app, org, wanted).await?.iter().zip(LATEST) {
        if let Ok(frame) = &outcome.result {
            overlay(&mut hosts, frame, name);
        }
    }
    Ok(hosts.into_values().collect())
}

/// Puts the newest values of one query to their hosts; a host with a newer point was heard of then.
fn overlay(hosts: &mut BTreeMap<String, KnownHost>, frame: &Frame, name: &'static str) {
    for series in &frame.series {
        let Some((_, host)) = series.group.first() else { continue };
        let newest = frame.times.iter().zip(&series.values).rev().find(|(_, v)| v.is_finite());
        if let (Some(known), Some((&at, &value))) = (hosts.get_mut(host), newest) {
            known.latest.insert(name, value);
            known.record.last_ms = known.record.last_ms.max(at);
        }
    }
}

fn fits(host: &KnownHost, filter: &str) -> bool {
    let text = filter.strip_prefix("host:").unwrap_or(filter);
    let in_tags = || host.tags_by_source.values().flatten().any(|t| t.to_lowercase().contains(filter));
    host.record.name.to_lowercase().contains(text) || in_tags()
}

fn sort(hosts: &mut [KnownHost], field: &str, direction: Option<&str>) {
    let value = |h: &KnownHost| match field {
        "cpu" => h.latest.get("cpu_idle").map_or(0.0, |idle| 100.0 - idle),
        "iowait" => h.latest.get("iowait").copied().unwrap_or(0.0),
        "load" => h.latest.get("load").copied().unwrap_or(0.0),
        _ => 0.0,
    };
    match field {
        "cpu" | "iowait" | "load" => hosts.sort_by(|a, b| value(a).total_cmp(&value(b))),
        "status" => hosts.sort_by_key(|h| h.record.last_ms),
        // By name they are already.
        _ => {}
    }
    if direction == Some("desc") {
        hosts.reverse();
    }
}

fn entry(app: &App, host: &KnownHost) -> Value {
    let record = &host.record;
    let latest = |name: &str| host.latest.get(name).copied();
    json!({
        "name": record.name,
        "host_name": record.name,
        "id": host_id(&record.name),
        "aliases": [record.name],
        "apps": apps(record),
        "sources": [if record.agent_version.is_empty() { "api" } else { "agent" }],
        "up": record.last_ms + UP_MS > app.now_ms(),
        "last_reported_time": record.last_ms / 1000,
        "is_muted": is_muted(app, record),
        "mute_timeout": record.mute.as_ref().and_then(|m| m.end_s),
        "tags_by_source": host.tags_by_source,
        "metrics": {
            "cpu": latest("cpu_idle").map_or(0.0, |idle| 100.0 - idle),
            "iowait": latest("iowait").unwrap_or(0.0),
            "load": latest("load_norm").or(latest("load")).unwrap_or(0.0),
        },
        "meta": meta(record),
    })
}

fn is_muted(app: &App, record: &HostRecord) -> bool {
    record.mute.as_ref().is_some_and(|m| m.end_s.is_none_or(|end| end.saturating_mul(1000) > app.now_ms()))
}

/// Names of the checks that run there.
fn apps(record: &HostRecord) -> Vec<&str> {
    let mut names: Vec<&str> = record.agent_checks.iter().filter_map(check_name).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Our agent sends objects, the Datadog agent lists that begin with the name.
fn check_name(check: &Value) -> Option<&str> {
    check.get("name").or_else(|| check.get(0)).and_then(Value::as_str)
}

/// What readers expect under `meta`: `gohai` is a text, `agent_checks` a list of lists.
fn meta(record: &HostRecord) -> Value {
    let of_system =
        |key: &str| record.meta.get("systemStats").and_then(|s| s.get(key)).cloned().unwrap_or(Value::Null);
    let checks: Vec<Value> = record.agent_checks.iter().map(check_row).collect();
    let mut meta = json!({
        "agent_version": record.agent_version,
        "agent_checks": checks,
        "gohai": record.meta.get("gohai").and_then(Value::as_str).unwrap_or("{}"),
        "socket-hostname": record.meta.pointer("/meta/socket-hostname").cloned().unwrap_or_else(|| json!(record.name)),
        "socket-fqdn": record.meta.pointer("/meta/socket-fqdn").cloned().unwrap_or_else(|| json!(record.name)),
    });
    for (key, name) in [
        ("cpuCores", "cpuCores"),
        ("machine", "machine"),
        ("platform", "platform"),
        ("processor", "processor"),
        ("pythonV", "pythonV"),
    ] {
        let value = of_system(key);
        if !value.is_null() {
            meta[name] = value;
        }
    }
    meta
}

/// `[name, source, instance id, status, message]`, as the Datadog agent sends them.
fn check_row(check: &Value) -> Value {
    if check.is_array() {
        return check.clone();
    }
    let text = |key: &str| check.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let status = text("status").to_uppercase();
    json!([text("name"), text("name"), text("instance"), status, text("message"), ""])
}

/// A number that stands for a host's name in this API: FNV-1a, cut to what JSON readers take.
fn host_id(name: &str) -> u64 {
    let hash = name
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    hash & ((1 << 53) - 1)
}
