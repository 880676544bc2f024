//! The list of hosts, and one host with the state of each of its checks.

use crate::answer::{Answer, Failure, ok};
use crate::api::hosts::{KnownHost, known};
use crate::app::App;
use crate::auth::Reader;
use crate::extract::{Path, Query};
use axum::extract::State;
use oriel_model::{CheckStatus, OrgId, ServiceCheck, TimeRange};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// A host that nothing was heard of for this long is shown as down: our agent sends every 15 s.
const UP_MS: i64 = 2 * 60 * 1000;
/// How far back the state of a service check counts.
const CHECKS_MS: i64 = 24 * 3600 * 1000;

#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    search: String,
}

/// `GET /api/ui/hosts`.
pub(crate) async fn list(State(app): State<Arc<App>>, reader: Reader, Query(asked): Query<Asked>) -> Answer {
    let search = asked.search.trim().to_lowercase();
    let hosts = known(&app, reader.org).await?;
    let mut checks: HashMap<String, Vec<ServiceCheck>> = HashMap::new();
    for check in service_checks(&app, reader.org, None).await? {
        checks.entry(check.host.clone()).or_default().push(check);
    }
    let none = Vec::new();
    let rows: Vec<Value> = hosts
        .iter()
        .filter(|h| fits(h, &search))
        .map(|h| row(&app, h, checks.get(&h.record.name).unwrap_or(&none)))
        .collect();
    Ok(ok(&json!({ "hosts": rows })))
}

/// `GET /api/ui/hosts/{name}`.
pub(crate) async fn one(State(app): State<Arc<App>>, reader: Reader, Path(name): Path<String>) -> Answer {
    let hosts = known(&app, reader.org).await?;
    let Some(host) = hosts.into_iter().find(|h| h.record.name == name) else {
        return Err(Failure::not_found(format!("host {name:?} is not known; see /hosts")));
    };
    let checks = service_checks(&app, reader.org, Some(&name)).await?;
    let shown: Vec<Value> = checks.iter().map(check_row).collect();
    Ok(ok(&json!({
        "name": host.record.name,
        "last_seen_ms": host.record.last_ms,
        "up": is_up(&app, &host),
        "meta": meta(&host),
        "tags_by_source": host.tags_by_source,
        "service_checks": shown,
        "agent_checks": agent_checks(&host),
    })))
}

#[derive(Deserialize)]
pub(crate) struct AskedCheck {
    check: String,
}

/// `GET /api/ui/checks?check=`: the latest state of one check wherever it runs; widgets gather them by tags.
pub(crate) async fn checks(
    State(app): State<Arc<App>>,
    reader: Reader,
    Query(asked): Query<AskedCheck>,
) -> Answer {
    let found = service_checks(&app, reader.org, None).await?;
    let shown = found.iter().filter(|c| c.check == asked.check).map(|c| {
        let mut row = check_row(c);
        row["host"] = json!(c.host);
        row
    });
    Ok(ok(&json!({ "checks": shown.collect::<Vec<_>>() })))
}

async fn service_checks(app: &App, org: OrgId, host: Option<&str>) -> Answer<Vec<ServiceCheck>> {
    let now = app.now_ms();
    Ok(app.store.checks(org, TimeRange::new(now - CHECKS_MS, now + app.limits.future_ms), host).await?)
}

fn is_up(app: &App, host: &KnownHost) -> bool {
    host.record.last_ms + UP_MS > app.now_ms()
}

fn fits(host: &KnownHost, search: &str) -> bool {
    host.record.name.to_lowercase().contains(search)
        || host.tags_by_source.values().flatten().any(|t| t.to_lowercase().contains(search))
}

fn row(app: &App, host: &KnownHost, checks: &[ServiceCheck]) -> Value {
    let latest = |name: &str| host.latest.get(name).copied();
    let tags: BTreeSet<&String> = host.tags_by_source.values().flatten().collect();
    let count = |status: CheckStatus| checks.iter().filter(|c| c.status == status).count();
    let agent = |word: &str| host.record.agent_checks.iter().filter(|c| c["status"] == word).count();
    json!({
        "name": host.record.name,
        "last_seen_ms": host.record.last_ms,
        "up": is_up(app, host),
        "cpu_pct": latest("cpu_idle").map(|idle| 100.0 - idle),
        "mem_used_pct": latest("mem_usable").map(|usable| 100.0 * (1.0 - usable)),
        "disk_used_pct": latest("disk_in_use").map(|used| 100.0 * used),
        "load_1": latest("load"),
        "tags": tags,
        "checks": {
            "ok": count(CheckStatus::Ok) + agent("ok"),
            "warning": count(CheckStatus::Warning) + agent("warning"),
            "critical": count(CheckStatus::Critical) + agent("error"),
            "unknown": count(CheckStatus::Unknown) + agent("pending"),
        },
    })
}

fn check_row(check: &ServiceCheck) -> Value {
    json!({
        "check": check.check,
        "status": check.status,
        "message": check.message,
        "tags": check.tags,
        "last_ms": check.time_ms,
    })
}

/// The few facts that a page shows, out of whatever the agent sent.
fn meta(host: &KnownHost) -> Value {
    let raw = &host.record.meta;
    let gohai: Value = raw
        .get("gohai")
        .and_then(Value::as_str)
        .and_then(|g| serde_json::from_str(g).ok())
        .unwrap_or_default();
    let mut meta = Map::new();
    let facts = [
        ("platform", raw.pointer("/systemStats/platform").or_else(|| raw.get("os"))),
        ("os", gohai.pointer("/platform/os").or_else(|| raw.get("os"))),
        ("kernel", gohai.pointer("/platform/kernel_release")),
        ("machine", raw.pointer("/systemStats/machine")),
        ("cpu", gohai.pointer("/cpu/model_name").or_else(|| raw.pointer("/systemStats/processor"))),
        ("cpu_cores", raw.pointer("/systemStats/cpuCores").or_else(|| gohai.pointer("/cpu/cpu_cores"))),
        ("memory", gohai.pointer("/memory/total")),
        ("python", raw.get("python")),
    ];
    for (name, value) in facts {
        if let Some(value) = value.filter(|v| !v.is_null() && *v != "") {
            meta.insert(name.to_owned(), value.clone());
        }
    }
    if !host.record.agent_version.is_empty() {
        meta.insert("agent_version".to_owned(), json!(host.record.agent_version));
    }
    meta.insert("first_seen_ms".to_owned(), json!(host.record.first_ms));
    Value::Object(meta)
}

/// Rows as our agent sends them; those of the Datadog agent (lists) brought into that form.
fn agent_checks(host: &KnownHost) -> Vec<Value> {
    host.record.agent_checks.iter().map(agent_check).collect()
}

fn agent_check(check: &Value) -> Value {
    if check.is_object() {
        return check.clone();
    }
    let text = |n: usize| check.get(n).and_then(Value::as_str).unwrap_or_default();
    let status = text(3).to_lowercase();
    json!({
        "name": text(0),
        "instance": text(2),
        "status": if ["ok", "warning", "error"].contains(&status.as_str()) { status.as_str() } else { "pending" },
        "message": text(4),
        "file": null, "line": null, "hint": null,
        "last_run_ms": null, "next_run_ms": null, "interval_s": null,
        "runs": 0, "metrics": 0,
    })
}
