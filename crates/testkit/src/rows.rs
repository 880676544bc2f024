//! Wide rows into a store and all of them out again.

use crate::temp_store::{NOW_MS, ORG};
use oriel_model::{Filter, Limits, Row, RowBatch, RowBatchBuilder, Signal};
use oriel_store::{Cancel, ListRequest, NsRange, Order, RequestDigest, Result, RowPage, RowSnapshot, Store};

/// Everything a store may hold.
pub const ALL_TIME: NsRange = NsRange { start: 0, end: (NOW_MS + 600_000) * 1_000_000 };

/// A batch by way of the builder that decoders use.
pub fn row_batch(store: &Store, signal: Signal, rows: &[Row]) -> RowBatch {
    let mut builder = RowBatchBuilder::new(ORG, signal, &Limits::default(), store.accepted(signal));
    for row in rows {
        assert!(builder.push(row), "{row:?} is refused");
    }
    builder.finish().0
}

/// Appends rows; a digest of 0 is none.
pub async fn append_rows(store: &Store, signal: Signal, rows: &[Row], digest: u128) -> Result<()> {
    let digest = (digest != 0).then_some(RequestDigest(digest));
    store.append_rows(row_batch(store, signal, rows), digest).await.map(|_| ())
}

/// A list's pages put together.
pub fn list_all(snapshot: &RowSnapshot, filter: &Filter, order: &Order, page_rows: usize) -> Vec<Row> {
    let mut all = Vec::new();
    let mut after = None;
    loop {
        let (filter, order) = (filter.clone(), order.clone());
        let request = ListRequest { range: ALL_TIME, filter, order, limit: page_rows, after };
        let page: RowPage = snapshot.list(&request, &Cancel::default()).expect("a page");
        assert!(page.rows.len() <= page_rows);
        assert!(page.rows.iter().all(|listed| listed.id.hash == listed.row.identity()));
        assert!(page.next.is_none() || page.rows.len() == page_rows, "a page with more behind it is full");
        all.extend(page.rows.into_iter().map(|listed| listed.row));
        after = page.next;
        if after.is_none() {
            return all;
        }
    }
}

/// Every row of a signal, oldest first.
pub fn read_rows(store: &Store, signal: Signal) -> Vec<Row> {
    list_all(&store.rows(ORG, signal), &Filter::All, &Order::Oldest, 1_000)
}

/// How many rows a filter wants.
pub fn count_rows(store: &Store, signal: Signal, filter: &Filter) -> f64 {
    store.rows(ORG, signal).count(ALL_TIME, filter, &Cancel::default()).expect("a count")
}
