//! API and application keys: list, make (the key is told once), revoke.

use crate::answer::{Answer, Failure, ok};
use crate::app::App;
use crate::auth::{Editor, Reader};
use crate::extract::{Path, Payload, read_json};
use axum::extract::State;
use oriel_state::KeyKind;
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;

/// Longest name of a key.
const NAME_CHARS: usize = 100;

#[derive(Deserialize)]
struct New {
    name: String,
    kind: KeyKind,
}

/// `GET /api/ui/keys`.
pub(crate) async fn list(State(app): State<Arc<App>>, reader: Reader) -> Answer {
    Ok(ok(&json!({ "keys": app.state.keys(reader.org).await? })))
}

/// `POST /api/ui/keys`.
pub(crate) async fn create(State(app): State<Arc<App>>, editor: Editor, body: Payload) -> Answer {
    let new: New = read_json(&body)?;
    let name = new.name.trim();
    if name.is_empty() || name.chars().count() > NAME_CHARS {
        return Err(Failure::invalid(format!("a key's name has 1 to {NAME_CHARS} characters")));
    }
    let made = app.state.make_key(editor.org, new.kind, name).await?;
    tracing::info!(by = %editor.name, key = %made.name, kind = made.kind.as_str(), "a key was made");
    Ok(ok(&made))
}

/// `DELETE /api/ui/keys/{id}`.
pub(crate) async fn remove(State(app): State<Arc<App>>, editor: Editor, Path(id): Path<String>) -> Answer {
    app.state.delete_key(editor.org, &id).await?;
    tracing::info!(by = %editor.name, id, "a key was revoked");
    Ok(ok(&json!({ "deleted": id })))
}
