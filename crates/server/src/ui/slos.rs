//! The pages of SLOs: `GET /api/ui/slos` and `/api/ui/slos/{id}`.

use crate::answer::{Answer, Failure, ok};
use crate::api::slos::{Kept, all, corrections, figures, one, search};
use crate::app::App;
use crate::auth::Reader;
use crate::extract::{Path, Query};
use axum::extract::State;
use oriel_model::TimeRange;
use oriel_monitor::slo::{Objective, Report, SloStatus, Sum, WindowReport};
use oriel_state::Document;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// SLOs of one list; each costs a handful of queries a minute.
const LISTED_MAX: usize = 500;
/// Points of the history: what a chart has room for.
const POINTS_MAX: usize = 400;

#[derive(Deserialize)]
pub(crate) struct Listed {
    #[serde(default)]
    query: String,
}

fn number(value: f64) -> Value {
    if value.is_finite() { json!(value) } else { Value::Null }
}

/// `GET /api/ui/slos`.
pub(crate) async fn list(State(app): State<Arc<App>>, reader: Reader, Query(asked): Query<Listed>) -> Answer {
    let mut found = all(&app, reader.org).await?;
    found.retain(|k| search::matches(&asked.query, k, None));
    let mut slos = Vec::new();
    for kept in found.iter().take(LISTED_MAX) {
        let report = figures::of(&app, reader.org, kept).await;
        let Ok(report) = report else {
            slos.push(entry(kept, None));
            continue;
        };
        let status = report.windows.first().map(|w| w.status.as_str());
        if search::matches(&asked.query, kept, status) {
            slos.push(entry(kept, Some(&report)));
        }
    }
    Ok(ok(&json!({ "slos": slos })))
}

fn entry(kept: &Kept, report: Option<&Report>) -> Value {
    let window = report.and_then(|r| r.windows.first());
    let objective = kept.slo.objectives.first();
    let burn =
        report.and_then(|r| r.burn.iter().find(|(name, _)| *name == "1h")).map_or(f64::NAN, |(_, b)| *b);
    json!({
        "id": kept.document.id,
        "name": kept.slo.name,
        "type": kept.document.body["type"],
        "tags": kept.slo.tags,
        "target": objective.map(|o| o.target),
        "timeframe": objective.map(|o| o.timeframe.as_str()),
        "sli": number(window.map_or(f64::NAN, |w| w.sum.sli())),
        "error_budget_remaining": number(window.map_or(f64::NAN, WindowReport::remaining)),
        "status": window.map_or(SloStatus::NoData, |w| w.status).as_str(),
        "burn_rate_1h": number(burn),
    })
}

#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    timeframe: Option<String>,
}

/// `GET /api/ui/slos/{id}`.
pub(crate) async fn detail(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    let kept = one(&app, reader.org, &id).await?;
    let report = figures::of(&app, reader.org, &kept).await?;
    let extra = match asked.timeframe.as_deref().filter(|t| !t.is_empty()) {
        Some(timeframe) if !report.windows.iter().any(|w| w.objective.timeframe == timeframe) => {
            Some(other(&app, &reader, &kept, timeframe).await?)
        }
        _ => None,
    };
    let wanted = asked.timeframe.as_deref();
    let chosen = report.windows.iter().find(|w| Some(w.objective.timeframe.as_str()) == wanted);
    let Some(chosen) = extra.as_ref().or(chosen).or(report.windows.first()) else {
        return Err(Failure::not_found(format!("SLO {id} has no time frame")));
    };
    let windows: Vec<Value> =
        report.windows.iter().chain(extra.as_ref()).map(|w| window(w, &report)).collect();
    let corrections = corrections::of_slo(&app, reader.org, &id).await?;
    Ok(ok(&json!({
        "slo": kept.shown(),
        "timeframe": chosen.objective.timeframe,
        "windows": windows,
        "history": history(chosen),
        "groups": groups(chosen),
        "corrections": corrections.iter().map(correction).collect::<Vec<_>>(),
    })))
}

/// A time frame that the SLO has no target for, against that of its first one.
async fn other(app: &Arc<App>, reader: &Reader, kept: &Kept, timeframe: &str) -> Answer<WindowReport> {
    let days =
        timeframe.strip_suffix('d').and_then(|d| d.parse::<i64>().ok()).filter(|d| (1..=90).contains(d));
    let Some(days) = days else {
        return Err(Failure::invalid(format!("timeframe {timeframe:?} is not 7d, 30d, 90d, or 1d to 90d")));
    };
    let span_ms = days * 86_400_000;
    let end = app.now_ms().div_euclid(60_000) * 60_000;
    let found = figures::over(app, reader.org, kept, TimeRange::new(end - span_ms, end), true).await?;
    let first = kept.slo.objectives.first();
    let (target, warning) = first.map_or((99.0, None), |o| (o.target, o.warning));
    let objective = Objective { timeframe: timeframe.to_owned(), span_ms, target, warning };
    let sum = Sum::of(&found.overall);
    let status = SloStatus::of(sum.sli(), &objective);
    Ok(WindowReport { objective, sum, status, evidence: found })
}

fn window(one: &WindowReport, report: &Report) -> Value {
    json!({
        "timeframe": one.objective.timeframe,
        "target": one.objective.target,
        "warning": one.objective.warning,
        "sli": number(one.sum.sli()),
        "good": number(one.sum.good),
        "total": number(one.sum.total),
        "error_budget_remaining": number(one.remaining()),
        "status": one.status.as_str(),
        "burn": report.burn.iter().map(|(w, rate)| json!({"window": w, "rate": number(*rate)})).collect::<Vec<_>>(),
    })
}

fn history(one: &WindowReport) -> Value {
    let all = one.history();
    let every = all.len().div_ceil(POINTS_MAX).max(1);
    // The last point is the present one.
    let kept = all.iter().rev().step_by(every).collect::<Vec<_>>().into_iter().rev();
    let (mut times, mut sli, mut budget) = (Vec::new(), Vec::new(), Vec::new());
    for (t, s, b) in kept {
        times.push(*t);
        sli.push(number(*s));
        budget.push(number(*b));
    }
    json!({"times": times, "sli": sli, "budget": budget})
}

fn groups(one: &WindowReport) -> Vec<Value> {
    let mut found: Vec<(f64, Value)> = one
        .evidence
        .groups
        .iter()
        .map(|group| {
            let sum = Sum::of(&group.buckets);
            let shown = json!({
                "group": group.key,
                "sli": number(sum.sli()),
                "error_budget_remaining": number(100.0 - sum.consumed(one.objective.target)),
                "status": SloStatus::of(sum.sli(), &one.objective).as_str(),
            });
            (sum.sli(), shown)
        })
        .collect();
    // The worst first; those without data last.
    found.sort_by(|a, b| a.0.total_cmp(&b.0));
    found.into_iter().map(|(_, shown)| shown).collect()
}

fn correction(document: &Document) -> Value {
    let body = &document.body;
    let ms = |field: &str| body[field].as_i64().map(|s| s * 1_000);
    let recurring_end = || Some(ms("start")? + ms("duration")?);
    json!({
        "id": document.id,
        "category": body["category"],
        "description": body["description"],
        "start_ms": ms("start"),
        "end_ms": ms("end").or_else(recurring_end),
        "rrule": body["rrule"],
        "timezone": body["timezone"],
    })
}
