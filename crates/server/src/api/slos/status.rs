//! `GET /api/v2/slo/{id}/status`: how an SLO stood over any range, against its first objective.

use super::{figures, one};
use crate::answer::{Answer, Failure, ok};
use crate::app::App;
use crate::auth::Reader;
use crate::extract::{Path, Query};
use axum::extract::State;
use oriel_model::TimeRange;
use oriel_monitor::slo::{SloStatus, Sum};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// As of the history.
const RANGE_S_MAX: i64 = 90 * 86_400;

#[derive(Deserialize)]
pub(crate) struct Asked {
    from_ts: i64,
    to_ts: i64,
    #[serde(default)]
    disable_corrections: bool,
}

/// The handler.
pub(crate) async fn status(
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
    let found = figures::over(&app, reader.org, &kept, range, !asked.disable_corrections).await?;
    let sum = Sum::of(&found.overall);
    // Where nothing was counted the figures are `null`: any number would be made up.
    let mut attributes = json!({ "sli": finite(sum.sli()), "span_precision": 2, "state": "no_data" });
    if let Some(objective) = kept.slo.objectives.first() {
        let allowed = sum.total * (100.0 - objective.target) / 100.0;
        attributes["state"] = json!(SloStatus::of(sum.sli(), objective).as_str());
        attributes["error_budget_remaining"] = finite(100.0 - sum.consumed(objective.target));
        attributes["raw_error_budget_remaining"] =
            json!({ "unit": "events", "value": finite(allowed - (sum.total - sum.good)) });
    }
    Ok(ok(&json!({ "data": { "id": id, "type": "slo_status", "attributes": attributes } })))
}

fn finite(number: f64) -> Value {
    if number.is_finite() { json!(number) } else { Value::Null }
}
