//! `GET /api/v1/trace/{id}`: every span of a trace, by its id in decimal, as tracers write them.

use crate::answer::{Answer, Failure, ok};
use crate::app::App;
use crate::auth::Reader;
use crate::extract::Path;
use crate::rows::{self, json::nested};
use axum::extract::State;
use oriel_model::{Core, OrgId, Row, Signal, format_trace_id, parse_trace_id};
use oriel_query::trace::trace_filter;
use oriel_store::{ListRequest, NsRange, Order};
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::sync::Arc;

/// Spans of one answer: whole spans with all they hold are about a kilobyte each. The page's own call has columns for more.
const SPANS_MAX: usize = 10_000;

pub(crate) async fn trace(State(app): State<Arc<App>>, reader: Reader, Path(id): Path<String>) -> Answer {
    let trace_id = parse_id(&id)?;
    let spans = spans_of(&app, reader.org, trace_id).await?;
    if spans.is_empty() {
        return Err(Failure::not_found(format!(
            "trace {id} has no spans here; it may be older than the retention"
        )));
    }
    app.store.note_viewed(reader.org, trace_id);
    let mut children: HashMap<u64, Vec<String>> = HashMap::new();
    for span in spans.iter().filter(|s| s.parent_id != 0) {
        children.entry(span.parent_id).or_default().push(span.span_id.to_string());
    }
    let known: std::collections::HashSet<u64> = spans.iter().map(|s| s.span_id).collect();
    let root = spans.iter().filter(|s| !known.contains(&s.parent_id)).min_by_key(|s| s.time_ns);
    let by_id: Map<String, Value> =
        spans.iter().map(|s| (s.span_id.to_string(), span_json(s, children.remove(&s.span_id)))).collect();
    let root_id = root.map_or(0, |s| s.span_id).to_string();
    Ok(ok(&json!({ "trace": { "root_id": root_id, "spans": by_id } })))
}

pub(crate) fn parse_id(text: &str) -> Answer<u128> {
    parse_trace_id(text).ok_or_else(|| {
        Failure::invalid(format!(
            "{text:?} is no trace id; expected 32 hexadecimal digits or a decimal number"
        ))
    })
}

async fn spans_of(app: &Arc<App>, org: OrgId, trace_id: u128) -> Answer<Vec<Row>> {
    let request = ListRequest {
        range: NsRange { start: i64::MIN, end: i64::MAX },
        filter: trace_filter(trace_id),
        order: Order::Oldest,
        limit: SPANS_MAX,
        after: None,
    };
    let page = rows::list(app, (org, Signal::Spans), request).await?;
    Ok(page.rows.into_iter().map(|listed| listed.row).collect())
}

fn span_json(span: &Row, children: Option<Vec<String>>) -> Value {
    let mut meta = Map::new();
    let mut metrics = Map::new();
    for (field, value) in &span.attributes {
        let name = field.to_string();
        let name = name.trim_start_matches('@').to_owned();
        match value {
            oriel_model::Value::Int(_) | oriel_model::Value::Uint(_) | oriel_model::Value::Float(_) => {
                metrics.insert(name, value.to_json());
            }
            other => {
                meta.insert(name, other.text().map_or(Value::Null, |t| t.into_owned().into()));
            }
        }
    }
    let start_s = span.time_ns as f64 / 1e9;
    let duration_s = span.duration_ns as f64 / 1e9;
    json!({
        "trace_id": format_trace_id(span.trace_id),
        "span_id": span.span_id.to_string(),
        "parent_id": span.parent_id.to_string(),
        "start": start_s,
        "end": start_s + duration_s,
        "duration": duration_s,
        "type": span.text(Core::Type),
        "service": span.text(Core::Service),
        "name": span.text(Core::Name),
        "resource": span.text(Core::Resource),
        "env": span.text(Core::Env),
        "hostname": span.text(Core::Host),
        "error": i32::from(span.text(Core::Status) == "error"),
        "status": span.text(Core::Status),
        "meta": meta,
        "metrics": metrics,
        "custom": nested(span),
        "children_ids": children.unwrap_or_default(),
    })
}
