//! What the server does with its memory, disk and listeners, and what it refused.

use crate::answer::{Answer, ok};
use crate::app::App;
use crate::auth::Reader;
use crate::own::{data_bytes, free_bytes};
use crate::refused::RefusedLine;
use axum::extract::State;
use oriel_intake::statsd::StatsdHandle;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// `GET /api/ui/settings`.
pub(crate) async fn settings(State(app): State<Arc<App>>, _: Reader) -> Answer {
    let figures = app.store.figures();
    let worker = Arc::clone(&app);
    let disk = tokio::task::spawn_blocking(move || {
        let data = &worker.options.data;
        let (all, wal) = data_bytes(data);
        json!({ "data_bytes": all, "wal_bytes": wal, "free_bytes": free_bytes(data) })
    })
    .await?;
    let named: Vec<Value> = figures
        .iter()
        .map(|(name, tags, value)| json!({ "name": labelled(name, tags), "value": value }))
        .collect();
    Ok(ok(&json!({
        "retention": {
            "metrics": span(app.options.metrics_retention_ms),
            "events": span(app.options.events_retention_ms),
            "logs": span(app.options.logs_retention_ms),
            "spans": span(app.options.spans_retention_ms),
        },
        "memory": { "limit_bytes": app.options.memory_bytes, "pools": pools(&figures) },
        "disk": disk,
        "listeners": *app.listeners.lock(),
        "refused": refused(&app),
        "unknown_agent_paths": app.state.agent_paths().await?,
        "figures": named,
    })))
}

/// What HTTP intakes refused, and what DogStatsD did, which counts for itself.
fn refused(app: &App) -> Vec<RefusedLine> {
    let mut lines = app.refused.lines();
    let Some(figures) = app.statsd.lock().as_ref().map(StatsdHandle::figures) else { return lines };
    for (reason, count) in figures.refused {
        let of_reason = figures.examples.iter().filter(|(r, _)| *r == reason).map(|(_, text)| text.clone());
        lines.push(RefusedLine { source: "dogstatsd", reason, count, examples: of_reason.collect() });
    }
    lines
}

fn labelled(name: &str, tags: &[String]) -> String {
    if tags.is_empty() { name.to_owned() } else { format!("{name}{{{}}}", tags.join(",")) }
}

/// The store says `oriel.store.pool.used_bytes` and `oriel.store.pool.limit_bytes` of each `pool:`.
fn pools(figures: &[(&'static str, Vec<String>, f64)]) -> Vec<Value> {
    let mut pools: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
    for (name, tags, value) in figures {
        let Some(pool) = tags.iter().find_map(|t| t.strip_prefix("pool:")) else { continue };
        let entry = pools.entry(pool).or_default();
        if name.ends_with("limit_bytes") {
            entry.1 = *value;
        } else if name.ends_with("used_bytes") {
            entry.0 = *value;
        }
    }
    let line = |(name, (used, limit)): (&str, (f64, f64))| json!({ "name": name, "used_bytes": used, "limit_bytes": limit });
    pools.into_iter().map(line).collect()
}

/// Days, as people set them.
fn span(ms: i64) -> String {
    format!("{} d", ms / 86_400_000)
}
