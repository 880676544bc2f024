//! `/api/v2/logs/config/metrics` and `/api/v2/apm/config/metrics`: metrics counted from logs and from spans.

use crate::answer::{Answer, Failure, ok};
use crate::app::App;
use crate::auth::{Editor, Reader};
use crate::extract::{Path, Payload, read_json};
use crate::processing::parse;
use axum::extract::State;
use oriel_model::{OrgId, Signal};
use oriel_pipeline::{MetricDefinition, RowMetrics};
use oriel_state::{Document, DocumentKind};
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// One of the two APIs.
#[derive(Clone, Copy)]
struct Kind {
    documents: DocumentKind,
    signal: Signal,
    /// The word of `data.type`.
    word: &'static str,
}

const LOGS: Kind = Kind { documents: DocumentKind::LogMetric, signal: Signal::Logs, word: "logs_metrics" };
const SPANS: Kind =
    Kind { documents: DocumentKind::SpanMetric, signal: Signal::Spans, word: "spans_metrics" };

/// `GET /api/v2/logs/config/metrics`.
pub(crate) async fn list_logs(State(app): State<Arc<App>>, reader: Reader) -> Answer {
    list(&app, reader.org, LOGS).await
}

/// `GET /api/v2/apm/config/metrics`.
pub(crate) async fn list_spans(State(app): State<Arc<App>>, reader: Reader) -> Answer {
    list(&app, reader.org, SPANS).await
}

/// `POST /api/v2/logs/config/metrics`.
pub(crate) async fn create_log(State(app): State<Arc<App>>, editor: Editor, body: Payload) -> Answer {
    create(&app, editor.org, LOGS, &body).await
}

/// `POST /api/v2/apm/config/metrics`.
pub(crate) async fn create_span(State(app): State<Arc<App>>, editor: Editor, body: Payload) -> Answer {
    create(&app, editor.org, SPANS, &body).await
}

/// `GET /api/v2/logs/config/metrics/{name}`.
pub(crate) async fn one_log(State(app): State<Arc<App>>, reader: Reader, Path(id): Path<String>) -> Answer {
    one(&app, reader.org, LOGS, &id).await
}

/// `GET /api/v2/apm/config/metrics/{name}`.
pub(crate) async fn one_span(State(app): State<Arc<App>>, reader: Reader, Path(id): Path<String>) -> Answer {
    one(&app, reader.org, SPANS, &id).await
}

/// `PATCH /api/v2/logs/config/metrics/{name}`.
pub(crate) async fn change_log(
    State(app): State<Arc<App>>,
    editor: Editor,
    Path(id): Path<String>,
    body: Payload,
) -> Answer {
    change(&app, editor.org, LOGS, (&id, &body)).await
}

/// `PATCH /api/v2/apm/config/metrics/{name}`.
pub(crate) async fn change_span(
    State(app): State<Arc<App>>,
    editor: Editor,
    Path(id): Path<String>,
    body: Payload,
) -> Answer {
    change(&app, editor.org, SPANS, (&id, &body)).await
}

/// `DELETE /api/v2/logs/config/metrics/{name}`.
pub(crate) async fn delete_log(
    State(app): State<Arc<App>>,
    editor: Editor,
    Path(id): Path<String>,
) -> Answer {
    delete(&app, editor.org, LOGS, &id).await
}

/// `DELETE /api/v2/apm/config/metrics/{name}`.
pub(crate) async fn delete_span(
    State(app): State<Arc<App>>,
    editor: Editor,
    Path(id): Path<String>,
) -> Answer {
    delete(&app, editor.org, SPANS, &id).await
}

async fn list(app: &App, org: OrgId, kind: Kind) -> Answer {
    let documents = app.state.documents(org, kind.documents).await?;
    Ok(ok(&json!({ "data": documents.into_iter().map(|d| data(kind, d)).collect::<Vec<_>>() })))
}

async fn one(app: &App, org: OrgId, kind: Kind, id: &str) -> Answer {
    let document = app.state.document(org, kind.documents, id).await?;
    Ok(ok(&json!({ "data": data(kind, document) })))
}

async fn create(app: &App, org: OrgId, kind: Kind, body: &[u8]) -> Answer {
    let mut posted: Json = read(body)?;
    let definition = checked(kind, posted.pointer_mut("/data").map(Json::take).unwrap_or_default())?;
    let id = definition.id.clone();
    let document = app.state.create_document(org, kind.documents, Some(&id), json!(definition)).await?;
    app.processing.reload(&app.state, org).await?;
    Ok(ok(&json!({ "data": data(kind, document) })))
}

/// What is posted replaces what it names; of the computation only `include_percentiles` can change.
async fn change(app: &App, org: OrgId, kind: Kind, (id, body): (&str, &[u8])) -> Answer {
    let mut posted: Json = read(body)?;
    let mut known = app.state.document(org, kind.documents, id).await?.body;
    let mut changes = posted.pointer_mut("/data/attributes").map(Json::take).unwrap_or_default();
    for name in ["filter", "group_by"] {
        if let Some(new) = changes.get_mut(name).map(Json::take).filter(|v| !v.is_null()) {
            known["attributes"][name] = new;
        }
    }
    if let Some(include) = changes.get("compute").and_then(|c| c.get("include_percentiles")) {
        known["attributes"]["compute"]["include_percentiles"] = include.clone();
    }
    let definition = checked(kind, known)?;
    let document = app.state.replace_document(org, kind.documents, id, json!(definition)).await?;
    app.processing.reload(&app.state, org).await?;
    Ok(ok(&json!({ "data": data(kind, document) })))
}

async fn delete(app: &App, org: OrgId, kind: Kind, id: &str) -> Answer {
    app.state.delete_document(org, kind.documents, id).await?;
    app.processing.reload(&app.state, org).await?;
    Ok(ok(&json!({})))
}

fn read(body: &[u8]) -> Answer<Json> {
    let posted: Json = read_json(body)?;
    if !posted.get("data").is_some_and(Json::is_object) {
        return Err(Failure::invalid(
            "the body has no \"data\"; post {\"data\":{\"id\":…,\"attributes\":{…}}}",
        ));
    }
    Ok(posted)
}

fn checked(kind: Kind, data: Json) -> Answer<MetricDefinition> {
    let definition = MetricDefinition::from_json(&data)?;
    RowMetrics::compile(kind.signal, std::slice::from_ref(&definition), &parse(kind.signal))?;
    Ok(definition)
}

fn data(kind: Kind, document: Document) -> Json {
    let attributes = document.body.get("attributes").cloned().unwrap_or_default();
    json!({ "id": document.id, "type": kind.word, "attributes": attributes })
}
