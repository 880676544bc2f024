//! Logs by HTTP: `/api/v2/logs` and `/v1/input` as agents and API clients send them, and `/api/v1/import/jsonlines` for files
//! of JSON lines.

use super::rows::{RowIntake, take_rows};
use crate::answer::{Answer, accepted_v1, json};
use crate::app::App;
use crate::body::Posted;
use crate::extract::Query;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::Response;
use oriel_model::{Rejections, RowBatchBuilder, Signal};
use oriel_wire::logs::{Defaults, Form, decode};
use serde::Deserialize;
use std::sync::Arc;

/// What the query may say of every row.
#[derive(Default, Deserialize)]
pub(crate) struct Said {
    #[serde(default)]
    ddtags: String,
    #[serde(default)]
    ddsource: String,
    #[serde(default)]
    service: String,
    #[serde(default)]
    hostname: String,
}

/// `POST /api/v2/logs`.
pub(crate) async fn v2(
    State(app): State<Arc<App>>,
    Query(said): Query<Said>,
    posted: Posted,
) -> Answer<Response> {
    take(&app, said, posted, "logs_v2").await?;
    Ok(json(StatusCode::ACCEPTED, &serde_json::json!({})))
}

/// `POST /v1/input` and `/v1/input/{key}`.
pub(crate) async fn v1(
    State(app): State<Arc<App>>,
    Query(said): Query<Said>,
    posted: Posted,
) -> Answer<Response> {
    take(&app, said, posted, "logs_v1").await?;
    Ok(json(StatusCode::OK, &serde_json::json!({})))
}

/// `POST /api/v1/import/jsonlines`.
pub(crate) async fn json_lines(
    State(app): State<Arc<App>>,
    Query(said): Query<Said>,
    posted: Posted,
) -> Answer<Response> {
    let refused = take(&app, said, posted, "jsonlines").await?;
    Ok(accepted_v1(&refused))
}

async fn take(app: &Arc<App>, said: Said, posted: Posted, source: &'static str) -> Answer<Rejections> {
    let form = Form::of_content_type(posted.header(header::CONTENT_TYPE));
    let options = [&*said.ddtags, &said.ddsource, &said.service, &said.hostname].join("\n");
    let host = match said.hostname {
        named if named.is_empty() => posted.local_host(app).to_owned(),
        named => named,
    };
    let defaults = Defaults {
        now_ns: app.now_ms().saturating_mul(1_000_000),
        tags: said.ddtags,
        source: said.ddsource,
        service: said.service,
        host,
    };
    let decode = move |body: &[u8], rows: &mut RowBatchBuilder| decode(body, form, &defaults, rows);
    take_rows(app, posted, RowIntake { source, signal: Signal::Logs, options, decode }).await
}
