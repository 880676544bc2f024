//! Reads of wide rows, for pages and APIs alike: a search text becomes a filter, the work runs on a thread that may block, and
//! stops when the client goes away.

pub(crate) mod id;
pub(crate) mod json;
pub(crate) mod time;

use crate::answer::{Answer, Failure};
use crate::app::App;
use crate::query::{self, CancelOnDrop, DEADLINE};
use oriel_model::{Core, Field, Filter, OrgId, Signal, Test};
use oriel_query::ParseError;
use oriel_store::{Cancel, ListRequest, NsRange, Order, RowPage, RowSnapshot};
use serde_json::json;
use std::sync::Arc;
use std::time::Instant;

/// Runs a read of one signal by [`on_turn`].
pub(crate) async fn read_rows<T, F>(app: &Arc<App>, (org, signal): (OrgId, Signal), work: F) -> Answer<T>
where
    T: Send + 'static,
    F: FnOnce(&RowSnapshot, &Cancel) -> oriel_query::Result<T> + Send + 'static,
{
    on_turn(app, move |app, cancel| work(&app.store.rows(org, signal), cancel)).await
}

/// Runs a read of the store when its turn comes, on a thread that may block; counted and timed, and stopped at the deadline or when
/// the client goes away.
pub(crate) async fn on_turn<T, F>(app: &Arc<App>, work: F) -> Answer<T>
where
    T: Send + 'static,
    F: FnOnce(&App, &Cancel) -> oriel_query::Result<T> + Send + 'static,
{
    let turn = query::turn(app).await?;
    let begin = Instant::now();
    let cancel = Cancel::default();
    let guard = CancelOnDrop(cancel.clone());
    let worker = Arc::clone(app);
    let task = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        work(&worker, &cancel)
    });
    let done = tokio::time::timeout(DEADLINE, task).await;
    drop(guard);
    let result = match done {
        Ok(joined) => joined?,
        Err(_) => Err(oriel_store::Error::Cancelled.into()),
    };
    app.figures.query(begin.elapsed(), usize::from(result.is_err()));
    Ok(result?)
}

/// Lists rows.
pub(crate) async fn list(app: &Arc<App>, of: (OrgId, Signal), request: ListRequest) -> Answer<RowPage> {
    read_rows(app, of, move |rows, cancel| Ok(rows.list(&request, cancel)?)).await
}

/// Rows of events that charts look for and lists leave out, unless a search names them.
const EXEMPLARS: &str = "otel.exemplar";

/// The filter of a search text.
pub(crate) fn filter(signal: Signal, text: &str) -> Result<Filter, ParseError> {
    let found = oriel_query::search::parse(signal, text)?;
    if signal != Signal::Events || text.contains(EXEMPLARS) {
        return Ok(found);
    }
    let exemplars = Filter::Is(Field::Core(Core::Source), Test::Equals(EXEMPLARS.into()));
    Ok(Filter::And(vec![found, Filter::Not(Box::new(exemplars))]))
}

/// The same for APIs that answer a bad search with an error.
pub(crate) fn filter_or_invalid(signal: Signal, text: &str) -> Answer<Filter> {
    filter(signal, text).map_err(|e| Failure::invalid(format!("query {text:?}: {e}")))
}

/// A bad search as pages show it, under the input.
pub(crate) fn problem(error: &ParseError) -> serde_json::Value {
    json!({ "message": error.to_string(), "position": error.position, "expected": error.expected })
}

/// Milliseconds as the store's nanoseconds.
pub(crate) fn ns_range(from_ms: i64, to_ms: i64) -> NsRange {
    NsRange { start: from_ms.saturating_mul(1_000_000), end: to_ms.saturating_mul(1_000_000) }
}

/// `timestamp`, `-timestamp`, `@field`, `-@field`.
pub(crate) fn order(signal: Signal, sort: Option<&str>) -> Order {
    let Some(sort) = sort.map(str::trim).filter(|s| !s.is_empty()) else { return Order::Newest };
    let (descending, name) = sort.strip_prefix('-').map_or((false, sort), |name| (true, name));
    if matches!(name, "timestamp" | "@timestamp" | "time") {
        return if descending { Order::Newest } else { Order::Oldest };
    }
    Order::By { field: Field::parse(signal, name), descending }
}
