//! `GET /api/v1/slo/{id}/history`: how an SLO stood over a range.

use super::{Kept, figures, one};
use crate::answer::{Answer, Failure, ok};
use crate::app::App;
use crate::auth::Reader;
use crate::extract::{Path, Query};
use axum::extract::State;
use oriel_model::{OrgId, TimeRange};
use oriel_monitor::slo::{Bucket, Evidence, Kind, Sum};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// The longest range.
const RANGE_S_MAX: i64 = 90 * 86_400;

#[derive(Deserialize)]
pub(crate) struct Asked {
    from_ts: i64,
    to_ts: i64,
    #[serde(default)]
    target: Option<f64>,
    apply_correction: Option<bool>,
}

/// The handler.
pub(crate) async fn history(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    let span = asked.to_ts.saturating_sub(asked.from_ts);
    if !(60..=RANGE_S_MAX).contains(&span) || asked.from_ts < 0 {
        return Err(Failure::invalid(
            "from_ts and to_ts are seconds since the epoch, a minute to 90 days apart",
        ));
    }
    let kept = one(&app, reader.org, &id).await?;
    let minutes = |s: i64| s.div_euclid(60) * 60_000;
    let range = TimeRange::new(minutes(asked.from_ts), minutes(asked.to_ts));
    let corrected = asked.apply_correction.unwrap_or(true);
    let found = figures::over(&app, reader.org, &kept, range, corrected).await?;
    let data = data(&app, reader.org, &kept, &asked, &found).await;
    Ok(ok(&json!({ "data": data })))
}

/// The number that clients have for a type.
pub(super) fn type_id(kind: &Kind) -> u8 {
    match kind {
        Kind::Monitors { .. } => 0,
        Kind::Ratio { .. } => 1,
        Kind::TimeSlice(_) => 2,
    }
}

async fn data(app: &App, org: OrgId, kept: &Kept, asked: &Asked, found: &Evidence) -> Value {
    let thresholds: Map<String, Value> = kept.document.body["thresholds"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|t| Some((t["timeframe"].as_str()?.to_owned(), t.clone())))
        .collect();
    let kind = match &kept.slo.kind {
        Kind::Monitors { .. } => "monitor",
        Kind::Ratio { .. } => "metric",
        Kind::TimeSlice(_) => "time_slice",
    };
    let mut data = json!({
        "from_ts": asked.from_ts,
        "to_ts": asked.to_ts,
        "type": kind,
        "type_id": type_id(&kept.slo.kind),
        "thresholds": thresholds,
        "overall": part(kept, asked, &kept.slo.name, None, &found.overall),
    });
    match &kept.slo.kind {
        Kind::Monitors { ids, .. } if ids.len() > 1 => {
            let mut monitors = Vec::new();
            for (id, group) in ids.iter().zip(&found.groups) {
                let name = app
                    .state
                    .monitor(org, *id)
                    .await
                    .map(|m| m.body["name"].as_str().unwrap_or_default().to_owned());
                monitors.push(part(kept, asked, &name.unwrap_or_default(), None, &group.buckets));
            }
            data["monitors"] = json!(monitors);
        }
        _ => {
            let groups = found.groups.iter().map(|g| part(kept, asked, &g.key, Some(&g.key), &g.buckets));
            data["groups"] = json!(groups.collect::<Vec<_>>());
        }
    }
    if let Kind::Ratio { .. } = &kept.slo.kind {
        data["series"] = series(kept, &found.overall);
    }
    data
}

fn part(kept: &Kept, asked: &Asked, name: &str, group: Option<&str>, buckets: &[Bucket]) -> Value {
    let sum = Sum::of(buckets);
    let finite = |n: f64| if n.is_finite() { json!(n) } else { Value::Null };
    let mut budgets = Map::new();
    for objective in &kept.slo.objectives {
        let left = 100.0 - sum.consumed(objective.target);
        if left.is_finite() {
            budgets.insert(objective.timeframe.clone(), json!(left));
        }
    }
    if let Some(left) = asked.target.map(|t| 100.0 - sum.consumed(t)).filter(|l| l.is_finite()) {
        budgets.insert("custom".to_owned(), json!(left));
    }
    let points = buckets.iter().filter(|b| b.total > 0.0);
    let history: Vec<Value> = points
        .map(|b| json!([b.start_ms as f64 / 1e3, Sum { good: b.good, total: b.total }.sli()]))
        .collect();
    let mut part = json!({
        "name": name,
        "sli_value": finite(sum.sli()),
        "span_precision": 2.0,
        "error_budget_remaining": budgets,
        "preview": false,
        "history": history,
    });
    if group.is_none() {
        part["precision"] = json!({"7d": 2.0, "30d": 2.0, "90d": 2.0, "custom": 2.0});
    }
    if let Some(group) = group {
        part["group"] = json!(group);
    }
    if let (Kind::Monitors { .. }, Value::Number(_)) = (&kept.slo.kind, &part["sli_value"]) {
        part["uptime"] = part["sli_value"].clone();
    }
    part
}

/// The counts, as metric SLOs give them.
fn series(kept: &Kept, buckets: &[Bucket]) -> Value {
    let one = |field: &str, values: Vec<f64>| {
        let expression = kept.document.body["query"][field].as_str().unwrap_or_default();
        json!({
            "count": values.len(),
            "sum": values.iter().sum::<f64>(),
            "values": values,
            "metadata": {"aggr": "sum", "expression": expression, "query_index": 0, "scope": "*", "unit": null},
        })
    };
    let interval = buckets.iter().map(|b| b.end_ms - b.start_ms).max().unwrap_or(60_000) / 1_000;
    json!({
        "interval": interval,
        "message": "",
        "query": "",
        "res_type": "time_series",
        "resp_version": 2,
        "times": buckets.iter().map(|b| b.start_ms as f64).collect::<Vec<_>>(),
        "numerator": one("numerator", buckets.iter().map(|b| b.good).collect()),
        "denominator": one("denominator", buckets.iter().map(|b| b.total).collect()),
    })
}
