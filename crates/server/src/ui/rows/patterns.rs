//! `POST /api/ui/rows/patterns`: messages that differ in values only, as one line each.

use super::{Scope, parse};
use crate::answer::{Answer, ok};
use crate::app::App;
use crate::auth::Reader;
use crate::extract::Payload;
use crate::rows::json::page_row;
use crate::rows::read_rows;
use axum::extract::State;
use oriel_query::rows::{Part, PatternGroup, RowsOf, patterns as mine};
use serde_json::{Value, json};
use std::sync::Arc;

pub(crate) async fn patterns(State(app): State<Arc<App>>, reader: Reader, body: Payload) -> Answer {
    let scope: Scope = parse(&body)?;
    let wanted = match scope.wanted()? {
        Ok(wanted) => wanted,
        Err(answer) => return Ok(answer),
    };
    let of = RowsOf { range: wanted.range, filter: wanted.filter };
    let found =
        read_rows(&app, (reader.org, wanted.signal), move |rows, cancel| mine(rows, &of, cancel)).await?;
    let patterns: Vec<Value> = found.patterns.iter().map(pattern).collect();
    Ok(ok(&json!({ "sampled": found.sampled, "total": found.total, "patterns": patterns })))
}

fn pattern(group: &PatternGroup) -> Value {
    let parts: Vec<Value> = group
        .parts
        .iter()
        .map(|part| match part {
            Part::Text(text) => json!({ "text": text }),
            Part::Value { kind, examples } => json!({ "kind": kind.as_str(), "examples": examples }),
        })
        .collect();
    json!({
        "pattern": group.pattern,
        "parts": parts,
        "count": group.count,
        "status": group.status,
        "services": group.services,
        "example": page_row(&group.example),
    })
}
