//! The trace page: the whole trace as columns, and one span with its log lines.

use crate::answer::{Answer, Failure, ok};
use crate::api::trace::parse_id;
use crate::app::App;
use crate::auth::Reader;
use crate::extract::{Path, Query};
use crate::rows::{self, json::page_row};
use axum::extract::State;
use oriel_model::{
    Core, Field, Filter, OrgId, Row, Signal, Test, Value, format_span_id, format_trace_id, parse_trace_id,
};
use oriel_query::trace::{Trace, WORD_FIELDS, critical_path, read_trace, trace_filter};
use oriel_store::{ListRequest, ListedRow, NsRange, Order};
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;

/// Lines of a span's trace that its panel shows.
const LOGS_MAX: usize = 200;
/// A trace that began at a known moment is looked for this long around it; without one everything is searched.
const AROUND_MS: i64 = 3_600_000;

#[derive(Deserialize)]
pub(crate) struct Asked {
    /// Some moment of the trace, when the page knows one.
    around_ms: Option<i64>,
}

impl Asked {
    fn range(&self) -> NsRange {
        match self.around_ms {
            Some(ms) => rows::ns_range(ms - AROUND_MS, ms + AROUND_MS),
            None => NsRange { start: i64::MIN, end: i64::MAX },
        }
    }
}

/// `GET /api/ui/traces/{trace_id}`.
pub(crate) async fn one(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    let trace_id = parse_id(&id)?;
    let range = asked.range();
    let trace = rows::read_rows(&app, (reader.org, Signal::Spans), move |rows, cancel| {
        read_trace(rows, trace_id, range, cancel)
    })
    .await?;
    let Some(trace) = trace else {
        return Err(Failure::not_found(format!(
            "trace {id} has no spans here; it may be older than the retention"
        )));
    };
    app.store.note_viewed(reader.org, trace_id);
    let logs_range = NsRange { start: trace.start_ns - 60_000_000_000, end: trace.end_ns + 60_000_000_000 };
    let logs = rows::read_rows(&app, (reader.org, Signal::Logs), move |rows, cancel| {
        Ok(rows.count(logs_range, &trace_filter(trace_id), cancel)?)
    })
    .await?;
    Ok(ok(&columns(trace_id, &trace, logs)))
}

fn columns(trace_id: u128, trace: &Trace, logs: f64) -> Json {
    let mut spans = Map::new();
    spans.insert("id".into(), trace.id.iter().map(|&id| format_span_id(id)).collect());
    spans.insert("parent".into(), json!(trace.parent));
    spans.insert("start_ns".into(), json!(trace.offset_ns));
    spans.insert("duration_ns".into(), json!(trace.duration_ns));
    spans.insert("error".into(), trace.error.iter().map(|&e| u8::from(e)).collect());
    let mut words = Map::new();
    for (i, core) in WORD_FIELDS.into_iter().enumerate() {
        spans.insert(word_name(core).into(), json!(trace.word_columns[i]));
        words.insert(word_name(core).into(), json!(trace.words[i].values));
    }
    let path: Vec<(usize, i64, i64)> =
        critical_path(trace).iter().map(|s| (s.span, s.from_ns, s.to_ns)).collect();
    json!({
        "trace_id": format_trace_id(trace_id),
        "start_ns": trace.start_ns.to_string(),
        "end_ns": trace.end_ns.to_string(),
        "truncated": trace.truncated,
        "spans": spans,
        "words": words,
        "logs_count": logs,
        "critical_path": path,
    })
}

fn word_name(core: Core) -> &'static str {
    match core {
        Core::Name => "name",
        Core::Resource => "resource",
        other => other.as_str(),
    }
}

/// `GET /api/ui/traces/{trace_id}/spans/{span_id}`.
pub(crate) async fn span(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path((id, span_id)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Answer {
    let trace_id = parse_id(&id)?;
    let wanted = u64::from_str_radix(&span_id, 16).map_err(|_| {
        Failure::invalid(format!("{span_id:?} is no span id; expected 16 hexadecimal digits"))
    })?;
    let is_span = Filter::Is(Field::Core(Core::SpanId), Test::Equals(format_span_id(wanted).into()));
    let filter = Filter::And(vec![trace_filter(trace_id), is_span]);
    let found = first_rows(&app, (reader.org, Signal::Spans), asked.range(), (filter, 1)).await?;
    let Some(span) = found.first() else {
        return Err(Failure::not_found(format!("trace {id} has no span {span_id}")));
    };
    let row = &span.row;
    let minute = 60_000_000_000;
    let around = NsRange {
        start: row.time_ns - minute,
        end: row.time_ns.saturating_add(row.duration_ns).saturating_add(minute),
    };
    let logs =
        first_rows(&app, (reader.org, Signal::Logs), around, (trace_filter(trace_id), LOGS_MAX)).await?;
    Ok(ok(&json!({
        "span": page_row(span),
        "logs": logs.iter().map(page_row).collect::<Vec<_>>(),
        "links": links(row),
        "events": events(row),
    })))
}

async fn first_rows(
    app: &Arc<App>,
    of: (OrgId, Signal),
    range: NsRange,
    (filter, limit): (Filter, usize),
) -> Answer<Vec<ListedRow>> {
    let request = ListRequest { range, filter, order: Order::Oldest, limit, after: None };
    Ok(rows::list(app, of, request).await?.rows)
}

/// A JSON list that a span keeps as text.
fn kept_list(row: &Row, name: &str) -> Vec<Json> {
    match row.attribute(&Field::attr(name)) {
        Some(Value::Text(text)) => serde_json::from_str(text).unwrap_or_default(),
        Some(Value::List(list)) => list.iter().map(parsed).collect(),
        _ => Vec::new(),
    }
}

fn parsed(item: &Value) -> Json {
    item.text().and_then(|t| serde_json::from_str(&t).ok()).unwrap_or_else(|| item.to_json())
}

fn links(row: &Row) -> Vec<Json> {
    let hex = |link: &Json, key: &str| link.get(key).and_then(Json::as_str).map(str::to_owned);
    kept_list(row, "span_links")
        .into_iter()
        .map(|link| {
            let trace = hex(&link, "trace_id").and_then(|t| parse_trace_id(&t)).map(format_trace_id);
            json!({ "trace_id": trace, "span_id": hex(&link, "span_id"), "attributes": link.get("attributes") })
        })
        .collect()
}

fn events(row: &Row) -> Vec<Json> {
    kept_list(row, "span_events")
        .into_iter()
        .map(|event| {
            let ns = ["time_unix_nano", "time_ns"].iter().find_map(|k| event.get(k)?.as_i64());
            let ms = ns.map(|ns| ns as f64 / 1e6);
            json!({ "time_ms": ms, "name": event.get("name"), "attributes": event.get("attributes") })
        })
        .collect()
}
