//! `/api/v1/dashboard`: the documents that people export and post, kept whole. The built-in ones are read-only and listed first.

use crate::answer::{Answer, Failure, ok};
use crate::app::App;
use crate::auth::{Editor, Reader};
use crate::builtin;
use crate::extract::{Path, Payload, read_json};
use crate::iso::iso_8601;
use axum::extract::State;
use axum::http::StatusCode;
use oriel_state::{Dashboard, NewDashboard};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// `GET /api/v1/dashboard`.
pub(crate) async fn list(State(app): State<Arc<App>>, reader: Reader) -> Answer {
    let stored = app.state.dashboards(reader.org).await?;
    let entries = builtin::all().into_iter().chain(stored).map(|d| summary(&app, d));
    Ok(ok(&json!({ "dashboards": entries.collect::<Vec<_>>() })))
}

/// `POST /api/v1/dashboard`.
pub(crate) async fn create(State(app): State<Arc<App>>, editor: Editor, body: Payload) -> Answer {
    let new = NewDashboard { body: parse(&body)?, author: editor.name };
    let stored = app.state.create_dashboard(editor.org, new).await?;
    Ok(ok(&whole(&app, stored)))
}

/// `GET /api/v1/dashboard/{id}`.
pub(crate) async fn one(State(app): State<Arc<App>>, reader: Reader, Path(id): Path<String>) -> Answer {
    let found = match builtin::find(&id) {
        Some(dashboard) => dashboard,
        None => app.state.dashboard(reader.org, &id).await?,
    };
    Ok(ok(&whole(&app, found)))
}

/// `PUT /api/v1/dashboard/{id}`.
pub(crate) async fn replace(
    State(app): State<Arc<App>>,
    editor: Editor,
    Path(id): Path<String>,
    body: Payload,
) -> Answer {
    refuse_built_in(&id)?;
    let stored = app.state.replace_dashboard(editor.org, &id, parse(&body)?).await?;
    Ok(ok(&whole(&app, stored)))
}

/// `DELETE /api/v1/dashboard/{id}`.
pub(crate) async fn delete(State(app): State<Arc<App>>, editor: Editor, Path(id): Path<String>) -> Answer {
    refuse_built_in(&id)?;
    app.state.delete_dashboard(editor.org, &id).await?;
    Ok(ok(&json!({ "deleted_dashboard_id": id })))
}

#[derive(Deserialize)]
struct Bulk {
    data: Vec<BulkEntry>,
}

#[derive(Deserialize)]
struct BulkEntry {
    id: String,
}

/// `DELETE /api/v1/dashboard`: several at once.
pub(crate) async fn delete_several(State(app): State<Arc<App>>, editor: Editor, body: Payload) -> Answer {
    let bulk: Bulk = read_json(&body)?;
    for entry in &bulk.data {
        refuse_built_in(&entry.id)?;
        app.state.dashboard(editor.org, &entry.id).await?;
    }
    for entry in &bulk.data {
        app.state.delete_dashboard(editor.org, &entry.id).await?;
    }
    Ok(ok(&json!({})))
}

/// `GET /api/v1/dashboard/lists/manual`: there are no lists; clients expect an array.
pub(crate) async fn lists(_: Reader) -> Answer {
    Ok(ok(&json!({ "dashboard_lists": [] })))
}

fn refuse_built_in(id: &str) -> Answer<()> {
    if builtin::find(id).is_some() {
        let message = format!("dashboard {id} is built in and read-only; save a copy under another title");
        return Err(Failure::new(StatusCode::FORBIDDEN, message));
    }
    Ok(())
}

fn parse(body: &[u8]) -> Answer<Value> {
    read_json(body)
}

/// What the server owns, as every answer bears it.
fn owned(app: &App, dashboard: &Dashboard) -> Map<String, Value> {
    let mut fields = Map::new();
    fields.insert("id".to_owned(), json!(dashboard.id));
    fields.insert("author_handle".to_owned(), json!(dashboard.author));
    fields.insert("created_at".to_owned(), json!(iso_8601(dashboard.created_ms)));
    fields.insert("modified_at".to_owned(), json!(iso_8601(dashboard.modified_ms)));
    fields.insert("url".to_owned(), json!(format!("{}/dashboard/{}", app.options.base_url, dashboard.id)));
    fields
}

/// The stored document with what the server owns in front.
fn whole(app: &App, dashboard: Dashboard) -> Value {
    let mut fields = owned(app, &dashboard);
    if let Value::Object(body) = dashboard.body {
        fields.extend(body);
    }
    Value::Object(fields)
}

fn summary(app: &App, dashboard: Dashboard) -> Value {
    let mut fields = owned(app, &dashboard);
    let of_body = |key: &str| dashboard.body.get(key).cloned();
    fields.insert("title".to_owned(), of_body("title").unwrap_or_default());
    fields.insert("description".to_owned(), of_body("description").unwrap_or(Value::Null));
    fields.insert("layout_type".to_owned(), of_body("layout_type").unwrap_or_else(|| json!("ordered")));
    fields.insert("is_read_only".to_owned(), of_body("is_read_only").unwrap_or_else(|| json!(false)));
    Value::Object(fields)
}
