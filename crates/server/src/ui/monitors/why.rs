//! `GET /api/ui/monitors/{id}/why`: why a group was what it was at a past minute, worked out anew from stored data.

use super::graph::Drawing;
use super::history::{recorded, shown};
use super::parsed::thresholds;
use crate::answer::{Answer, ok};
use crate::app::App;
use crate::auth::Reader;
use crate::extract::{Path, Query};
use crate::monitoring::{measuring, rule_of, summary};
use crate::ui::query::drawn_results;
use axum::extract::State;
use oriel_model::{TimeMs, TimeRange};
use oriel_monitor::why::Question;
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;

/// The chart begins this many windows before the one that was measured.
const CONTEXT_WINDOWS: i64 = 2;

#[derive(Deserialize)]
pub(crate) struct Asked {
    at_ms: TimeMs,
    #[serde(default)]
    group: Option<String>,
}

pub(crate) async fn why(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(id): Path<i64>,
    Query(asked): Query<Asked>,
) -> Answer {
    let org = reader.org;
    let rule = rule_of(&summary(&app, org, id).await?)?;
    let born_ms = app.state.monitor(org, id).await?.created_ms;
    let at_ms = Question::moment(&rule, asked.at_ms)?;
    let known = TimeRange::new(Question::start_ms(&rule, at_ms, born_ms)?, at_ms + 1);
    let all = recorded(&app, (org, id), known, None).await?;
    let (worker, group) = (rule.clone(), asked.group);
    let why = measuring(&app, move |world| {
        let question =
            Question { org, rule: &worker, at_ms, born_ms, group: group.as_deref(), recorded: &all };
        question.answer(world)
    })
    .await?;
    let window = TimeRange::new(why.window.start_ms, why.window.end_ms);
    let range = TimeRange::new(window.start - CONTEXT_WINDOWS * window.len_ms(), window.end);
    let drawing = Drawing {
        rule: rule.clone(),
        range,
        as_of_ms: Some(at_ms),
        at_ms: None,
        group: Some(why.group.to_string()),
        monitor: Some(id),
    };
    let outcomes = drawing.points(&app, org).await?;
    Ok(ok(&json!({
        "at_ms": why.at_ms,
        "group": why.group,
        "window": { "from_ms": why.window.start_ms, "to_ms": why.window.end_ms },
        "query": rule.query,
        "results": drawn_results(&app, org, &outcomes),
        "value": why.value,
        "comparison": why.comparison,
        "comparator": rule.comparator.as_str(),
        "thresholds": thresholds(&rule),
        "status_before": why.before.as_str(),
        "status_after": why.after.as_str(),
        "steps": why.steps,
        "notice_key": why.recorded.as_ref().and_then(|r| r.notice.clone()),
        "muted": why.recorded.as_ref().and_then(|r| r.muted.clone()),
        "recorded": why.recorded.as_ref().map(shown),
        "agrees": why.agrees,
    })))
}
