//! `/api/v1/downtime`: the older form, as the `datadog` package writes it. Ids are numbers there; a downtime's is made of its id.

use super::{Kept, all, cancel_one, listed, replace, store};
use crate::answer::{Answer, Failure, ok};
use crate::app::App;
use crate::auth::{Editor, Reader};
use crate::extract::{Path, Payload, Query, read_json};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use oriel_model::OrgId;
use oriel_monitor::downtime::{Phase, legacy, legacy_id, merge, of_legacy, phase, validate};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

fn sent(body: &[u8]) -> Answer<Value> {
    read_json(body)
}

fn shown(app: &App, kept: &Kept) -> Value {
    legacy(&kept.downtime, &kept.document.body, app.now_ms())
}

async fn find(app: &App, org: OrgId, id: i64) -> Answer<Kept> {
    let found = all(app, org).await?.into_iter().find(|k| legacy_id(&k.document.id) == id);
    found.ok_or_else(|| Failure::not_found(format!("downtime {id} does not exist")))
}

/// `POST /api/v1/downtime`.
pub(crate) async fn create(State(app): State<Arc<App>>, editor: Editor, body: Payload) -> Answer {
    let now = app.now_ms();
    let body = validate(&of_legacy(&sent(&body)?, None, now)?, now)?;
    let kept = store(&app, &editor, body).await?;
    Ok(ok(&shown(&app, &kept)))
}

#[derive(Deserialize)]
pub(crate) struct Listed {
    #[serde(default)]
    current_only: bool,
}

/// `GET /api/v1/downtime`.
pub(crate) async fn list(State(app): State<Arc<App>>, reader: Reader, Query(asked): Query<Listed>) -> Answer {
    let now = app.now_ms();
    let mut found = listed(&app, reader.org).await?;
    found.retain(|k| !asked.current_only || phase(&k.downtime, now) == Phase::Active);
    Ok(ok(&found.iter().map(|k| shown(&app, k)).collect::<Vec<_>>()))
}

/// `GET /api/v1/monitor/{id}/downtimes`: those of one monitor.
pub(crate) async fn of_monitor(State(app): State<Arc<App>>, reader: Reader, Path(id): Path<i64>) -> Answer {
    use oriel_monitor::downtime::{Subject, covers};
    let monitor = app.state.monitor(reader.org, id).await?;
    let tags: Vec<String> = monitor.body["tags"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|t| t.as_str().map(str::to_owned))
        .collect();
    let subject = Subject { id, tags: &tags, silenced: None };
    let now = app.now_ms();
    let mut found = all(&app, reader.org).await?;
    found.retain(|k| phase(&k.downtime, now) == Phase::Active && covers(&k.downtime, &subject));
    Ok(ok(&found.iter().map(|k| shown(&app, k)).collect::<Vec<_>>()))
}

/// `GET /api/v1/downtime/{id}`.
pub(crate) async fn one(State(app): State<Arc<App>>, reader: Reader, Path(id): Path<i64>) -> Answer {
    Ok(ok(&shown(&app, &find(&app, reader.org, id).await?)))
}

/// `PUT /api/v1/downtime/{id}`.
pub(crate) async fn change(
    State(app): State<Arc<App>>,
    editor: Editor,
    Path(id): Path<i64>,
    body: Payload,
) -> Answer {
    let was = find(&app, editor.org, id).await?;
    let now = app.now_ms();
    let sent = of_legacy(&sent(&body)?, Some(&was.document.body), now)?;
    let body = merge(&was.document.body, &sent, now)?;
    let kept = replace(&app, editor.org, &was.document.id, body).await?;
    Ok(ok(&shown(&app, &kept)))
}

/// `DELETE /api/v1/downtime/{id}`: cancels.
pub(crate) async fn cancel(State(app): State<Arc<App>>, editor: Editor, Path(id): Path<i64>) -> Answer {
    let kept = find(&app, editor.org, id).await?;
    cancel_one(&app, editor.org, kept).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `POST /api/v1/downtime/cancel/by_scope`.
pub(crate) async fn cancel_by_scope(State(app): State<Arc<App>>, editor: Editor, body: Payload) -> Answer {
    let asked = sent(&body)?;
    let scope = match &asked["scope"] {
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" AND "),
        _ => return Err(Failure::invalid("scope is missing")),
    };
    let now = app.now_ms();
    let mut cancelled = Vec::new();
    for kept in all(&app, editor.org).await? {
        let open = matches!(phase(&kept.downtime, now), Phase::Active | Phase::Scheduled);
        if open && kept.downtime.scope.to_string() == scope {
            cancelled.push(legacy_id(&kept.document.id));
            cancel_one(&app, editor.org, kept).await?;
        }
    }
    if cancelled.is_empty() {
        return Err(Failure::not_found(format!("no downtime has the scope {scope}")));
    }
    Ok(ok(&json!({ "cancelled_ids": cancelled })))
}
