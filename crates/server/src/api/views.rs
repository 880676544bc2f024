//! `/api/ui/views`: addresses of pages under names that colleagues know.

use crate::answer::{Answer, Failure, ok};
use crate::app::App;
use crate::auth::{Editor, Reader};
use crate::extract::{Path, Payload, read_json};
use axum::extract::State;
use oriel_model::Signal;
use oriel_state::{Document, DocumentKind};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use std::sync::Arc;

const KIND: DocumentKind = DocumentKind::View;
/// A name fits a line of a menu.
const NAME_CHARS_MAX: usize = 200;
/// A page's address with its query.
const URL_BYTES_MAX: usize = 16 << 10;

#[derive(Serialize, Deserialize)]
struct View {
    name: String,
    signal: String,
    url: String,
}

/// `GET /api/ui/views`.
pub(crate) async fn list(State(app): State<Arc<App>>, reader: Reader) -> Answer {
    let documents = app.state.documents(reader.org, KIND).await?;
    Ok(ok(&json!({ "views": documents.into_iter().map(whole).collect::<Vec<_>>() })))
}

/// `POST /api/ui/views`.
pub(crate) async fn create(State(app): State<Arc<App>>, editor: Editor, body: Payload) -> Answer {
    let view: View = read_json(&body)?;
    let name = view.name.trim();
    if name.is_empty() || name.chars().count() > NAME_CHARS_MAX {
        return Err(Failure::invalid(format!("a view's name has 1 to {NAME_CHARS_MAX} characters")));
    }
    // Only addresses of this server's pages: a view must not lead elsewhere.
    let is_page = view.url.starts_with('/') && !view.url.starts_with("//") && !view.url.starts_with("/\\");
    if !is_page || view.url.len() > URL_BYTES_MAX {
        return Err(Failure::invalid("a view's \"url\" is the path of a page, like /logs?query=…"));
    }
    if !Signal::parse(&view.signal).is_some_and(|s| Signal::WIDE.contains(&s)) {
        return Err(Failure::invalid("a view's \"signal\" is logs, spans or events"));
    }
    let body = json!({ "name": name, "signal": view.signal, "url": view.url });
    Ok(ok(&whole(app.state.create_document(editor.org, KIND, None, body).await?)))
}

/// `DELETE /api/ui/views/{id}`.
pub(crate) async fn delete(State(app): State<Arc<App>>, editor: Editor, Path(id): Path<String>) -> Answer {
    app.state.delete_document(editor.org, KIND, &id).await?;
    Ok(ok(&json!({})))
}

fn whole(document: Document) -> Json {
    let mut body = document.body;
    body["id"] = json!(document.id);
    body
}
