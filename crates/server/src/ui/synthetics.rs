//! The page of synthetic tests: `GET /api/ui/synthetics` and `…/{id}/results`.

use crate::answer::{Answer, ok};
use crate::api::synthetics::results::{TestRun, of_day, uptime};
use crate::api::synthetics::{Kept, all, one};
use crate::app::App;
use crate::auth::Reader;
use crate::extract::Path;
use axum::extract::State;
use serde_json::{Value, json};
use std::sync::Arc;

/// Runs that the page lists.
const RESULTS: usize = 100;

fn shown(run: &TestRun) -> Value {
    json!({
        "at_ms": run.at_ms,
        "passed": run.passed,
        "took_ms": run.took_ms,
        "error": run.error,
        "location": run.location,
    })
}

fn entry(kept: &Kept, runs: &[TestRun]) -> Value {
    let uptime = uptime(runs);
    json!({
        "public_id": kept.document.id,
        "name": kept.test.name,
        "subtype": kept.test.probe.subtype(),
        "target": kept.test.probe.target(),
        "status": if kept.test.is_paused { "paused" } else { "live" },
        "monitor_id": kept.document.body["monitor_id"],
        "locations": kept.test.locations,
        "tags": kept.test.tags,
        "every_ms": kept.test.every_ms,
        "last": runs.last().map(shown),
        "uptime_24h": if uptime.is_nan() { Value::Null } else { json!(uptime) },
    })
}

/// `GET /api/ui/synthetics`.
pub(crate) async fn list(State(app): State<Arc<App>>, reader: Reader) -> Answer {
    let tests = all(&app, reader.org).await?;
    let runs = of_day(&app, reader.org).await?;
    let entries: Vec<Value> =
        tests.iter().map(|k| entry(k, runs.get(&k.document.id).map_or(&[][..], Vec::as_slice))).collect();
    Ok(ok(&json!({ "tests": entries })))
}

/// `GET /api/ui/synthetics/{id}/results`: the newest first.
pub(crate) async fn results(State(app): State<Arc<App>>, reader: Reader, Path(id): Path<String>) -> Answer {
    let kept = one(&app, reader.org, &id).await?;
    let runs = of_day(&app, reader.org).await?;
    let list = runs.get(&id).map_or(&[][..], Vec::as_slice);
    let newest: Vec<Value> = list.iter().rev().take(RESULTS).map(shown).collect();
    Ok(ok(&json!({ "test": entry(&kept, list), "results": newest })))
}
