//! `POST /api/ui/rows/search`: a page of rows.

use super::{Scope, parse};
use crate::answer::{Answer, ok};
use crate::app::App;
use crate::auth::Reader;
use crate::extract::Payload;
use crate::rows::{self, id, json::page_row};
use axum::extract::State;
use oriel_store::ListRequest;
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;
use std::time::Instant;

/// Rows of a page when nothing is said: two screens.
const LIMIT: usize = 100;
const LIMIT_MAX: usize = 5_000;

#[derive(Deserialize)]
struct Asked {
    #[serde(flatten)]
    scope: Scope,
    limit: Option<usize>,
    cursor: Option<String>,
    sort: Option<String>,
}

pub(crate) async fn search(State(app): State<Arc<App>>, reader: Reader, body: Payload) -> Answer {
    let begin = Instant::now();
    let asked: Asked = parse(&body)?;
    let wanted = match asked.scope.wanted()? {
        Ok(wanted) => wanted,
        Err(answer) => return Ok(answer),
    };
    let request = ListRequest {
        range: wanted.range,
        filter: wanted.filter,
        order: rows::order(wanted.signal, asked.sort.as_deref()),
        limit: asked.limit.unwrap_or(LIMIT).clamp(1, LIMIT_MAX),
        after: asked.cursor.as_deref().map(id::parse_cursor).transpose()?,
    };
    let page = rows::list(&app, (reader.org, wanted.signal), request).await?;
    Ok(ok(&json!({
        "rows": page.rows.iter().map(page_row).collect::<Vec<_>>(),
        "next": page.next.as_ref().map(id::cursor_text),
        "elapsed_ms": begin.elapsed().as_secs_f64() * 1000.0,
        "stats": page.stats,
    })))
}
