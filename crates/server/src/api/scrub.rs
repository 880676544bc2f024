//! `/api/ui/scrub`: rules that take sensitive data out of rows before they are stored, with how often each has matched.

use crate::answer::{Answer, ok};
use crate::app::App;
use crate::auth::{Editor, Reader};
use crate::extract::{Path, Payload, read_json};
use crate::processing::parse;
use axum::extract::State;
use oriel_model::{OrgId, Signal};
use oriel_pipeline::{PRESETS, ScrubDefinition, Scrubber};
use oriel_state::{Document, DocumentKind};
use serde_json::{Value as Json, json};
use std::collections::HashMap;
use std::sync::Arc;

const KIND: DocumentKind = DocumentKind::ScrubRule;

/// `GET /api/ui/scrub`.
pub(crate) async fn list(State(app): State<Arc<App>>, reader: Reader) -> Answer {
    let matches = matches(&app, reader.org);
    let documents = app.state.documents(reader.org, KIND).await?;
    let rules: Vec<Json> = documents.into_iter().map(|d| whole(d, &matches)).collect();
    Ok(ok(&json!({ "rules": rules, "presets": PRESETS })))
}

/// `POST /api/ui/scrub`.
pub(crate) async fn create(State(app): State<Arc<App>>, editor: Editor, body: Payload) -> Answer {
    let document = app.state.create_document(editor.org, KIND, None, checked(&body)?).await?;
    app.processing.reload(&app.state, editor.org).await?;
    Ok(ok(&whole(document, &HashMap::new())))
}

/// `PUT /api/ui/scrub/{id}`.
pub(crate) async fn replace(
    State(app): State<Arc<App>>,
    editor: Editor,
    Path(id): Path<String>,
    body: Payload,
) -> Answer {
    let document = app.state.replace_document(editor.org, KIND, &id, checked(&body)?).await?;
    app.processing.reload(&app.state, editor.org).await?;
    Ok(ok(&whole(document, &matches(&app, editor.org))))
}

/// `DELETE /api/ui/scrub/{id}`.
pub(crate) async fn delete(State(app): State<Arc<App>>, editor: Editor, Path(id): Path<String>) -> Answer {
    app.state.delete_document(editor.org, KIND, &id).await?;
    app.processing.reload(&app.state, editor.org).await?;
    Ok(ok(&json!({})))
}

fn matches(app: &App, org: OrgId) -> HashMap<String, u64> {
    app.processing.of(org).map(|p| p.scrubber.matches().into_iter().collect()).unwrap_or_default()
}

fn checked(body: &[u8]) -> Answer<Json> {
    let definition: ScrubDefinition = read_json(body)?;
    Scrubber::compile(std::slice::from_ref(&definition), &parse(Signal::Logs), None)?;
    let mut body = json!(definition);
    if let Json::Object(fields) = &mut body {
        fields.shift_remove("id");
    }
    Ok(body)
}

fn whole(document: Document, matches: &HashMap<String, u64>) -> Json {
    let mut body = document.body;
    body["matches"] = json!(matches.get(&document.id).copied().unwrap_or(0));
    body["id"] = json!(document.id);
    body
}
