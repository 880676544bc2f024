//! `POST /api/ui/rows/around`: the lines before and after one, of the same host and service.

use super::parse;
use crate::answer::{Answer, Failure, ok};
use crate::app::App;
use crate::auth::Reader;
use crate::extract::Payload;
use crate::rows::{self, id, json::page_row};
use axum::extract::State;
use oriel_model::{Core, Field, Filter, Row, Signal, Test};
use oriel_store::{ListRequest, ListedRow, NsRange, Order, RowId};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;

/// Lines on each side when nothing is said.
const LIMIT: usize = 25;
const LIMIT_MAX: usize = 500;
/// How far the neighbours are looked for; a quieter service shows fewer.
const SPAN_NS: i64 = 3_600_000_000_000;

#[derive(Deserialize)]
struct Asked {
    signal: Signal,
    id: String,
    limit: Option<usize>,
}

pub(crate) async fn around(State(app): State<Arc<App>>, reader: Reader, body: Payload) -> Answer {
    let asked: Asked = parse(&body)?;
    let of = (reader.org, asked.signal);
    let at = id::parse_id(&asked.id)?;
    let row = rows::read_rows(&app, of, move |rows, cancel| Ok(rows.row(at, cancel)?)).await?;
    let Some(row) = row else {
        return Err(Failure::not_found("the row is not here; it may be older than the retention"));
    };
    let limit = asked.limit.unwrap_or(LIMIT).min(LIMIT_MAX);
    let side = |range: NsRange, order: Order| {
        let request = ListRequest { range, filter: same_place(&row), order, limit: limit + 1, after: None };
        rows::list(&app, of, request)
    };
    let until = NsRange { start: at.time_ns.saturating_sub(SPAN_NS), end: at.time_ns.saturating_add(1) };
    let since = NsRange { start: at.time_ns, end: at.time_ns.saturating_add(SPAN_NS) };
    let before = side(until, Order::Newest).await?.rows;
    let after = side(since, Order::Oldest).await?.rows;
    let mut before = without(before, at, limit);
    before.reverse();
    // A line of the very same moment shows on one side only.
    let shown: Vec<RowId> = before.iter().map(|l| l.id).collect();
    let after = without(after, at, limit).into_iter().filter(|l| !shown.contains(&l.id));
    let after: Vec<_> = after.map(|l| page_row(&l)).collect();
    Ok(ok(&json!({
        "before": before.iter().map(page_row).collect::<Vec<_>>(),
        "row": page_row(&ListedRow { id: at, row }),
        "after": after,
    })))
}

fn same_place(row: &Row) -> Filter {
    let named = [Core::Host, Core::Service].into_iter().filter(|c| !row.text(*c).is_empty());
    Filter::And(named.map(|c| Filter::Is(Field::Core(c), Test::Equals(row.text(c).into()))).collect())
}

fn without(rows: Vec<ListedRow>, at: RowId, limit: usize) -> Vec<ListedRow> {
    rows.into_iter().filter(|l| l.id != at).take(limit).collect()
}
