//! `GET /api/ui/rows/tail`: rows as they come, as server-sent events: `rows` with a list of them, `dropped` with a count when
//! the reader was slow, `error` for a search that can't be read.

use crate::answer::{Answer, Failure};
use crate::app::App;
use crate::auth::Reader;
use crate::extract::Query;
use crate::rows::{self, json::page_row};
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::stream::{self, Stream};
use oriel_model::Signal;
use oriel_store::{ListedRow, RowId, TailItem};
use serde::Deserialize;
use serde_json::Value;
use std::convert::Infallible;
use std::sync::Arc;
use tokio::sync::mpsc;

#[derive(Deserialize)]
pub(crate) struct Asked {
    signal: Signal,
    #[serde(default)]
    query: String,
}

pub(crate) async fn tail(
    State(app): State<Arc<App>>,
    reader: Reader,
    Query(asked): Query<Asked>,
) -> Answer<Response> {
    let filter = rows::filter(asked.signal, &asked.query)
        .map_err(|e| Failure::invalid(format!("query {:?}: {e}", asked.query)))?;
    let items = app.store.tail(reader.org, asked.signal, filter)?;
    Ok(Sse::new(events(items)).keep_alive(KeepAlive::default()).into_response())
}

fn events(items: mpsc::Receiver<TailItem>) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold(items, |mut items| async move {
        let event = match items.recv().await? {
            TailItem::Rows(rows) => {
                let rows: Vec<Value> = rows
                    .into_iter()
                    .map(|row| {
                        page_row(&ListedRow { id: RowId { time_ns: row.time_ns, hash: row.identity() }, row })
                    })
                    .collect();
                Event::default().event("rows").data(Value::from(rows).to_string())
            }
            TailItem::Dropped(n) => Event::default().event("dropped").data(n.to_string()),
        };
        Some((Ok(event), items))
    })
}
