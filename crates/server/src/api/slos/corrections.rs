//! `/api/v1/slo/correction`: time that does not count.

use super::{one, parsed};
use crate::answer::{Answer, Failure, ok};
use crate::app::App;
use crate::auth::{Editor, Reader};
use crate::extract::{Path, Payload, Query};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use oriel_model::OrgId;
use oriel_monitor::slo::merge_correction;
use oriel_state::{Document, DocumentKind};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// Corrections of one answer.
const PAGE: usize = 1_000;

/// Those of one SLO.
pub(crate) async fn of_slo(app: &App, org: OrgId, id: &str) -> Answer<Vec<Document>> {
    let mut found = app.state.documents(org, DocumentKind::SloCorrection).await?;
    found.retain(|d| d.body["slo_id"] == id);
    Ok(found)
}

/// As the API answers it.
pub(crate) fn resource(document: &Document) -> Value {
    let mut attributes = document.body.clone();
    let author = document.body["author"].as_str().unwrap_or_default();
    if let Some(fields) = attributes.as_object_mut() {
        fields.remove("author");
    }
    attributes["creator"] = json!({"name": author, "handle": author, "email": author});
    attributes["created_at"] = json!(document.created_ms / 1_000);
    attributes["modified_at"] = json!(document.modified_ms / 1_000);
    json!({"id": document.id, "type": "correction", "attributes": attributes})
}

fn sent(body: &[u8]) -> Answer<Value> {
    let attributes = parsed(body)?.pointer("/data/attributes").cloned();
    attributes.ok_or_else(|| {
        Failure::invalid(
            "data.attributes is missing; send {\"data\": {\"type\": \"correction\", \"attributes\": {…}}}",
        )
    })
}

/// `POST /api/v1/slo/correction`.
pub(crate) async fn create(State(app): State<Arc<App>>, editor: Editor, body: Payload) -> Answer {
    let mut body = merge_correction(&Value::Null, &sent(&body)?)?;
    one(&app, editor.org, body["slo_id"].as_str().unwrap_or_default()).await?;
    body["author"] = json!(editor.name);
    let made = app.state.create_document(editor.org, DocumentKind::SloCorrection, None, body).await?;
    Ok(ok(&json!({ "data": resource(&made) })))
}

#[derive(Deserialize)]
pub(crate) struct Listed {
    #[serde(default)]
    offset: usize,
    #[serde(default)]
    limit: Option<usize>,
}

/// `GET /api/v1/slo/correction`.
pub(crate) async fn list(State(app): State<Arc<App>>, reader: Reader, Query(asked): Query<Listed>) -> Answer {
    let found = app.state.documents(reader.org, DocumentKind::SloCorrection).await?;
    let limit = asked.limit.unwrap_or(PAGE).min(PAGE);
    let page: Vec<Value> = found.iter().skip(asked.offset).take(limit).map(resource).collect();
    let total = found.len();
    Ok(ok(&json!({ "data": page, "meta": {"page": {"total_count": total, "total_filtered_count": total}} })))
}

/// `GET /api/v1/slo/{id}/corrections`.
pub(crate) async fn of_one(State(app): State<Arc<App>>, reader: Reader, Path(id): Path<String>) -> Answer {
    one(&app, reader.org, &id).await?;
    let found: Vec<Value> = of_slo(&app, reader.org, &id).await?.iter().map(resource).collect();
    let total = found.len();
    Ok(ok(&json!({ "data": found, "meta": {"page": {"total_count": total, "total_filtered_count": total}} })))
}

/// `GET /api/v1/slo/correction/{id}`.
pub(crate) async fn read(State(app): State<Arc<App>>, reader: Reader, Path(id): Path<String>) -> Answer {
    let found = app.state.document(reader.org, DocumentKind::SloCorrection, &id).await?;
    Ok(ok(&json!({ "data": resource(&found) })))
}

/// `PATCH /api/v1/slo/correction/{id}`.
pub(crate) async fn update(
    State(app): State<Arc<App>>,
    editor: Editor,
    Path(id): Path<String>,
    body: Payload,
) -> Answer {
    let was = app.state.document(editor.org, DocumentKind::SloCorrection, &id).await?;
    let body = merge_correction(&was.body, &sent(&body)?)?;
    let kept = app.state.replace_document(editor.org, DocumentKind::SloCorrection, &id, body).await?;
    Ok(ok(&json!({ "data": resource(&kept) })))
}

/// `DELETE /api/v1/slo/correction/{id}`.
pub(crate) async fn delete(State(app): State<Arc<App>>, editor: Editor, Path(id): Path<String>) -> Answer {
    app.state.delete_document(editor.org, DocumentKind::SloCorrection, &id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
