//! `/api/v1/dashboard`: the documents that people export and post, kept whole. The built-in ones are read-only and listed first.

use crate::answer::{Answer, Failure, ok};
use crate::app::App;
use crate::auth::{Editor, Reader};
use crate::builtin;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use bytes::Bytes;
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
pub(crate) async fn create(State(app): State<Arc<App>>, editor: Editor, body: Bytes) -> Answer {
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
    body: Bytes,
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
pub(crate) async fn delete_several(State(app): State<Arc<App>>, editor: Editor, body: Bytes) -> Answer {
    let bulk: Bulk = serde_json::from_slice(&body)
        .map_err(|e| Failure::invalid(format!("the body is not {{\"data\":[{{\"id\":…}}]}}: {e}")))?;
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
    serde_json::from_slice(body).map_err(|e| Failure::invalid(format!("the body is not JSON: {e}")))
}

/// What the server owns, as every answer bears it.
fn owned(app: &App, dashboard: &Dashboard) -> Map<String, Value> {
    let mut fields = Map::new();
    fields.insert("id".to_owned(), json!(dashboard.id));
    fields.insert("author_handle".to_owned(), json!(dashboard.author));
    fields.insert("created_at".to_owned(), json!(iso(dashboard.created_ms)));
    fields.insert("modified_at".to_owned(), json!(iso(dashboard.modified_ms)));
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

/// ISO 8601 with a zone, the only form of time that the typed clients take here.
pub(crate) fn iso(ms: i64) -> String {
    let (days, in_day) = (ms.div_euclid(86_400_000), ms.rem_euclid(86_400_000));
    let (year, month, day) = civil(days);
    let (s, milli) = (in_day / 1000, in_day % 1000);
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{milli:03}000+00:00",
        s / 3600,
        s / 60 % 60,
        s % 60
    )
}

/// Year, month and day of a day since the epoch in the Gregorian calendar, counted in eras of 400 years from 1 March 0000.
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let (era, in_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_in_era = (in_era - in_era / 1460 + in_era / 36_524 - in_era / 146_096) / 365;
    let in_year = in_era - (365 * year_in_era + year_in_era / 4 - year_in_era / 100);
    let month_from_march = (5 * in_year + 2) / 153;
    let day = in_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (era * 400 + year_in_era + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests;
