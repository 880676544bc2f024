//! `GET /api/ui/monitors/{id}`: a monitor with its groups, how its evaluations go, and what a chart of it needs.

use super::parsed::parsed;
use crate::answer::{Answer, ok};
use crate::api::monitors::read;
use crate::app::App;
use crate::auth::Reader;
use crate::extract::Path;
use crate::monitoring::summary;
use axum::extract::State;
use oriel_model::TimeMs;
use oriel_monitor::downtime::{Downtimes, Muted};
use oriel_monitor::measured::pairs;
use oriel_monitor::runtime::{GroupView, Overview, Summary, muted};
use oriel_monitor::status::Status;
use serde_json::{Value, json};
use std::sync::Arc;

/// Groups that a page shows, the worst first.
const GROUPS_MAX: usize = 1_000;

pub(crate) async fn one(State(app): State<Arc<App>>, reader: Reader, Path(id): Path<i64>) -> Answer {
    let org = reader.org;
    let stored = app.state.monitor(org, id).await?;
    let runtime = app.monitoring.runtime()?;
    let overview = match runtime.overview(org, id, GROUPS_MAX) {
        Some(overview) => overview,
        None => Overview { summary: summary(&app, org, id).await?, groups: Vec::new(), groups_total: 0 },
    };
    let downtimes = runtime.downtimes(org).await;
    let now_ms = app.now_ms();
    let found = &overview.summary;
    let groups: Vec<Value> =
        overview.groups.iter().map(|group| shown(found, group, &downtimes, now_ms)).collect();
    let whole = found
        .rule
        .as_ref()
        .ok()
        .and_then(|rule| muted(&downtimes, (id, rule, &found.body), None, now_ms))
        .map(|m| mute(&m));
    let monitor = read::shown(&app, org, stored, &read::Asked::default()).await?;
    Ok(ok(&json!({
        "monitor": monitor,
        "status": found.status.map(Status::as_str),
        "muted": whole,
        "groups": groups,
        "groups_total": overview.groups_total,
        "counts": found.counts,
        "evaluation": evaluation(found),
        "parsed": found.rule.as_ref().ok().map(|rule| parsed(rule)),
    })))
}

fn shown(found: &Summary, group: &GroupView, downtimes: &Downtimes, now_ms: TimeMs) -> Value {
    let (tags, muted) = match &found.rule {
        Ok(rule) => (
            pairs(&group.key, rule.group_by()),
            muted(downtimes, (found.id, rule, &found.body), Some(&group.key), now_ms),
        ),
        Err(_) => (Vec::new(), None),
    };
    let state = &group.state;
    json!({
        "group": group.key,
        "tags": tags,
        "status": state.status.as_str(),
        "since_ms": (state.since_ms > 0).then_some(state.since_ms),
        "value": group.value,
        "last_seen_ms": group.last_seen_ms,
        "last_triggered_ms": state.last_triggered_ms,
        "notified_ms": state.notified_ms,
        "muted": muted.as_ref().map(mute),
        "muted_until_ms": muted.and_then(|m| m.until_ms),
    })
}

fn mute(muted: &Muted) -> Value {
    json!({ "until_ms": muted.until_ms, "downtime_id": muted.downtime, "reason": muted.reason })
}

fn evaluation(found: &Summary) -> Value {
    let evaluation = &found.evaluation;
    json!({
        "last_ms": evaluation.last_ms,
        "next_ms": found.next_ms,
        "lag_ms": evaluation.lag_ms,
        "took_ms": evaluation.took.as_secs_f64() * 1000.0,
        "error": evaluation.error,
        "every_ms": found.every_ms,
    })
}
