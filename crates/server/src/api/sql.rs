//! `POST /api/v1/sql`: SQL over logs, spans, events and metrics, to read only. The body is `{"query": …}`, with `from_ms`, `to_ms`,
//! `limit` and `format` (`json` or `arrow`) beside it, or the statement itself as plain text.

use crate::answer::{Answer, Failure, ok};
use crate::app::App;
use crate::auth::Reader;
use crate::extract::{Payload, read_json};
use crate::query::CancelOnDrop;
use crate::rows::ns_range;
use arrow_ipc::writer::StreamWriter;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use oriel_query::{SqlAnswer, SqlLimits};
use oriel_store::Cancel;
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What is read when the statement has no condition on time and nothing is said: a day.
const SPAN_MS: i64 = 86_400_000;
/// Rows of an answer when nothing is said, and at most: a table that somebody looks at, and an export.
const ROWS: usize = 10_000;
const ROWS_MAX: usize = 1_000_000;
/// Longer than a page's query: reports take their time.
const DEADLINE: Duration = Duration::from_secs(60);
const ARROW: &str = "application/vnd.apache.arrow.stream";

#[derive(Deserialize)]
struct Asked {
    query: String,
    #[serde(default)]
    from_ms: Option<i64>,
    #[serde(default)]
    to_ms: Option<i64>,
    #[serde(default)]
    limit: Option<usize>,
    #[serde(default)]
    format: Option<String>,
}

pub(crate) async fn sql(
    State(app): State<Arc<App>>,
    reader: Reader,
    headers: HeaderMap,
    body: Payload,
) -> Answer {
    let begin = Instant::now();
    let asked = parse(&headers, &body)?;
    let now = app.now_ms();
    let to_ms = asked.to_ms.unwrap_or(now + 1);
    let cancel = Cancel::default();
    let guard = CancelOnDrop(cancel.clone());
    let limits = SqlLimits {
        range: ns_range(asked.from_ms.unwrap_or(to_ms - SPAN_MS), to_ms),
        rows_max: asked.limit.unwrap_or(ROWS).clamp(1, ROWS_MAX),
        deadline: DEADLINE,
        cancel,
    };
    let result = app.sql.run(reader.org, &asked.query, limits).await;
    drop(guard);
    app.figures.query(begin.elapsed(), usize::from(result.is_err()));
    let answer = result?;
    let accepts = headers.get(header::ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    match asked.format.as_deref() {
        Some("arrow") => arrow(&answer),
        None if accepts.contains(ARROW) => arrow(&answer),
        None | Some("json") => Ok(as_json(&answer, begin)?),
        Some(other) => Err(Failure::invalid(format!("format is {other:?}; expected json or arrow"))),
    }
}

fn parse(headers: &HeaderMap, body: &[u8]) -> Answer<Asked> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if kind.starts_with("text/") || kind == "application/sql" {
        let query =
            String::from_utf8(body.to_vec()).map_err(|_| Failure::invalid("the statement is not UTF-8"))?;
        return Ok(Asked { query, from_ms: None, to_ms: None, limit: None, format: None });
    }
    read_json(body)
}

fn as_json(answer: &SqlAnswer, begin: Instant) -> Answer {
    let columns: Vec<_> =
        answer.columns().into_iter().map(|(name, r#type)| json!({ "name": name, "type": r#type })).collect();
    Ok(ok(&json!({
        "columns": columns,
        "rows": answer.json_rows()?,
        "truncated": answer.truncated,
        "elapsed_ms": begin.elapsed().as_secs_f64() * 1000.0,
    })))
}

/// An Arrow IPC stream.
fn arrow(answer: &SqlAnswer) -> Answer<Response> {
    let failed = |e: &dyn std::fmt::Display| {
        Failure::new(StatusCode::INTERNAL_SERVER_ERROR, format!("the answer can't be written as Arrow: {e}"))
    };
    let mut writer = StreamWriter::try_new(Vec::new(), &answer.schema).map_err(|e| failed(&e))?;
    for batch in &answer.batches {
        writer.write(batch).map_err(|e| failed(&e))?;
    }
    let bytes = writer.into_inner().map_err(|e| failed(&e))?;
    Ok((StatusCode::OK, [(header::CONTENT_TYPE, ARROW)], bytes).into_response())
}
