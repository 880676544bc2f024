//! Search of logs, spans and events as the v2 APIs have it: `GET …` with `filter[query]` and friends, `POST …/search` with the
//! same in JSON, pages by cursor. Spans wrap their request in `data.attributes`, the others do not.

use crate::answer::{Answer, Failure, ok};
use crate::app::App;
use crate::auth::Reader;
use crate::extract::{Path, Payload, Query, read_json};
use crate::rows::{self, id, json as forms, time::parse_time};
use axum::extract::State;
use axum::response::Response;
use oriel_model::Signal;
use oriel_store::{ListRequest, ListedRow, RowPage};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Instant;

/// Rows of a page when the client says nothing, and at most: the APIs' own numbers are 10 and 1,000; up to 5,000 is taken.
const LIMIT: usize = 10;
const LIMIT_MAX: usize = 5_000;
/// What is searched when the client says nothing.
const FROM: &str = "now-15m";

#[derive(Deserialize)]
pub(crate) struct UrlAsked {
    #[serde(rename = "filter[query]")]
    query: Option<String>,
    #[serde(rename = "filter[from]")]
    from: Option<String>,
    #[serde(rename = "filter[to]")]
    to: Option<String>,
    sort: Option<String>,
    #[serde(rename = "page[cursor]")]
    cursor: Option<String>,
    #[serde(rename = "page[limit]")]
    limit: Option<usize>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Body {
    pub(super) filter: Bounds,
    sort: Option<String>,
    page: Page,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Bounds {
    pub(super) query: Option<String>,
    /// A text, or a number of milliseconds.
    pub(super) from: Option<Value>,
    pub(super) to: Option<Value>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Page {
    cursor: Option<String>,
    limit: Option<usize>,
}

#[derive(Deserialize)]
struct Wrapped<T> {
    data: WrappedData<T>,
}

#[derive(Deserialize)]
struct WrappedData<T> {
    attributes: T,
}

pub(crate) async fn get_logs(state: State<Arc<App>>, reader: Reader, asked: Query<UrlAsked>) -> Answer {
    by_url(state, reader, asked, Signal::Logs).await
}

pub(crate) async fn get_spans(state: State<Arc<App>>, reader: Reader, asked: Query<UrlAsked>) -> Answer {
    by_url(state, reader, asked, Signal::Spans).await
}

pub(crate) async fn get_events(state: State<Arc<App>>, reader: Reader, asked: Query<UrlAsked>) -> Answer {
    by_url(state, reader, asked, Signal::Events).await
}

pub(crate) async fn search_logs(State(app): State<Arc<App>>, reader: Reader, body: Payload) -> Answer {
    search(&app, reader, Signal::Logs, parse(&body)?).await
}

pub(crate) async fn search_events(State(app): State<Arc<App>>, reader: Reader, body: Payload) -> Answer {
    search(&app, reader, Signal::Events, parse(&body)?).await
}

pub(crate) async fn search_spans(State(app): State<Arc<App>>, reader: Reader, body: Payload) -> Answer {
    search(&app, reader, Signal::Spans, parse_wrapped(&body)?).await
}

/// `GET /api/v2/events/{id}`.
pub(crate) async fn one_event(State(app): State<Arc<App>>, reader: Reader, Path(id): Path<String>) -> Answer {
    let at = id::parse_id(&id)?;
    let of = (reader.org, Signal::Events);
    let row = rows::read_rows(&app, of, move |rows, cancel| Ok(rows.row(at, cancel)?)).await?;
    let row = row.ok_or_else(|| Failure::not_found(format!("event {id} does not exist")))?;
    Ok(ok(&json!({ "data": forms::event(&ListedRow { id: at, row }) })))
}

/// A body in JSON; an empty one asks for everything by default.
pub(super) fn parse<T: Default + for<'de> Deserialize<'de>>(body: &[u8]) -> Answer<T> {
    if body.is_empty() {
        return Ok(T::default());
    }
    read_json(body)
}

pub(super) fn parse_wrapped<T: Default + for<'de> Deserialize<'de>>(body: &[u8]) -> Answer<T> {
    if body.is_empty() {
        return Ok(T::default());
    }
    let wrapped: Wrapped<T> = read_json(body)?;
    Ok(wrapped.data.attributes)
}

async fn by_url(
    State(app): State<Arc<App>>,
    reader: Reader,
    Query(asked): Query<UrlAsked>,
    signal: Signal,
) -> Answer {
    let bounds =
        Bounds { query: asked.query, from: asked.from.map(Value::from), to: asked.to.map(Value::from) };
    let page = Page { cursor: asked.cursor, limit: asked.limit };
    search(&app, reader, signal, Body { filter: bounds, sort: asked.sort, page }).await
}

async fn search(app: &Arc<App>, reader: Reader, signal: Signal, body: Body) -> Answer {
    let begin = Instant::now();
    let (from_ms, to_ms) = body.filter.times(app.now_ms())?;
    let request = ListRequest {
        range: rows::ns_range(from_ms, to_ms),
        filter: rows::filter_or_invalid(signal, body.filter.query.as_deref().unwrap_or("*"))?,
        order: rows::order(signal, body.sort.as_deref()),
        limit: body.page.limit.unwrap_or(LIMIT).clamp(1, LIMIT_MAX),
        after: body.page.cursor.as_deref().filter(|c| !c.is_empty()).map(id::parse_cursor).transpose()?,
    };
    let page = rows::list(app, (reader.org, signal), request).await?;
    Ok(respond(app, signal, &page, begin))
}

impl Bounds {
    /// Start and end in milliseconds; the end is now when none is said.
    pub(super) fn times(&self, now_ms: i64) -> Answer<(i64, i64)> {
        let read = |value: &Option<Value>, default: &str, name: &str| {
            let text = match value {
                None | Some(Value::Null) => default.to_owned(),
                Some(Value::String(text)) => text.clone(),
                Some(other) => other.to_string(),
            };
            parse_time(&text, now_ms).ok_or_else(|| {
                Failure::invalid(format!(
                    "filter.{name} is {text:?}; expected now-15m, an ISO 8601 time or milliseconds"
                ))
            })
        };
        // What was stored in this very millisecond belongs to now.
        Ok((read(&self.from, FROM, "from")?, read(&self.to, "now", "to")?.max(i64::MIN + 1) + 1))
    }
}

fn respond(app: &App, signal: Signal, page: &RowPage, begin: Instant) -> Response {
    let form: fn(&ListedRow) -> Value = match signal {
        Signal::Spans => forms::span,
        Signal::Events => forms::event,
        Signal::Logs | Signal::Metrics => forms::log,
    };
    let mut meta = meta(begin);
    let mut links = json!({});
    if let Some(next) = &page.next {
        let cursor = id::cursor_text(next);
        let path = match signal {
            Signal::Spans => "spans/events",
            Signal::Events => "events",
            Signal::Logs | Signal::Metrics => "logs/events",
        };
        links["next"] = format!("{}/api/v2/{path}?page[cursor]={cursor}", app.options.base_url).into();
        meta["page"] = json!({ "after": cursor });
    }
    ok(&json!({ "data": page.rows.iter().map(form).collect::<Vec<_>>(), "meta": meta, "links": links }))
}

/// What answers say of themselves.
pub(super) fn meta(begin: Instant) -> Value {
    json!({
        "elapsed": u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX),
        "request_id": format!("{:016x}", rand::random::<u64>()),
        "status": "done",
    })
}
