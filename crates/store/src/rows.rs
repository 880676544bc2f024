//! The way out for wide rows: what a query sees of one consistent moment.
//!
//! A [`RowSnapshot`] never changes under a query (STORE 25): everything acknowledged before it was taken is in it, once, and
//! nothing that a deletion took. Rows are verified: what the index can't rule out is tested by [`Filter`] itself (STORE 33).

#[cfg(test)]
pub(crate) mod arbitrary;
mod counted;
pub(crate) mod events;
mod in_memory;
mod join;
mod list;
pub(crate) mod policy;
mod run;
mod snapshot;
pub(crate) mod source;
mod tail;
mod view;

pub(crate) use in_memory::MemoryRows;
pub(crate) use join::Join;
pub(crate) use run::Turns;
pub use snapshot::RowSnapshot;
pub(crate) use source::{BLOCK_ROWS, BlockAsk, BlockRef, BlockRows, Candidates, RowSource, ShowValue};
pub(crate) use tail::Tails;

use arrow_buffer::BooleanBuffer;
use oriel_model::{Column, Field, Filter, Row, Signal, Value};

/// Half-open `[start, end)`, in nanoseconds since the epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NsRange {
    pub start: i64,
    pub end: i64,
}

/// Which rows, and which of their fields.
#[derive(Clone, Debug)]
pub struct ScanRequest {
    pub range: NsRange,
    pub filter: Filter,
    pub fields: Vec<Field>,
}

/// Some of the wanted rows; blocks come in no order.
#[derive(Debug)]
pub struct Block {
    pub time_ns: Vec<i64>,
    /// By [`ScanRequest::fields`].
    pub columns: Vec<Column>,
    /// How many rows each stands for; empty when each stands for itself.
    pub weights: Vec<f32>,
}

impl Block {
    pub fn rows(&self) -> usize {
        self.time_ns.len()
    }

    pub fn weight(&self, row: usize) -> f64 {
        self.weights.get(row).map_or(1.0, |&w| f64::from(w))
    }
}

/// What a read cost.
#[derive(Clone, Copy, Debug, Default, serde::Serialize)]
pub struct ScanStats {
    /// Rows in blocks that were looked into.
    pub rows_scanned: u64,
    pub rows_matched: u64,
    pub blocks_pruned: u64,
    pub blocks_read: u64,
}

/// How a list is sorted; rows of equal keys by their ids.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Order {
    #[default]
    Newest,
    Oldest,
    /// By a field's value: numbers before texts, rows without one last.
    By {
        field: Field,
        descending: bool,
    },
}

/// Which rows a list wants.
#[derive(Clone, Debug)]
pub struct ListRequest {
    pub range: NsRange,
    pub filter: Filter,
    pub order: Order,
    /// The store's own bound is 10,000.
    pub limit: usize,
    pub after: Option<Cursor>,
}

/// A row's name over its life: its time and a hash of all it holds. Rows that are equal in everything share one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RowId {
    pub time_ns: i64,
    pub hash: u64,
}

/// Where a list goes on: after `skip` rows of that key and id.
#[derive(Clone, Debug, PartialEq)]
pub struct Cursor {
    pub key: Value,
    pub id: RowId,
    pub skip: u32,
}

#[derive(Clone, Debug)]
pub struct ListedRow {
    pub id: RowId,
    pub row: Row,
}

/// One page of a list.
#[derive(Clone, Debug, Default)]
pub struct RowPage {
    pub rows: Vec<ListedRow>,
    /// Absent when there is no more.
    pub next: Option<Cursor>,
    pub stats: ScanStats,
}

/// An attribute or tag that rows of a range have.
#[derive(Clone, Debug, serde::Serialize)]
pub struct FieldInfo {
    #[serde(serialize_with = "as_text")]
    pub field: Field,
    /// Rows with a number, a text, a truth value, a list; as far as files count them.
    pub numbers: u64,
    pub texts: u64,
    pub bools: u64,
    pub lists: u64,
}

fn as_text<S: serde::Serializer>(field: &Field, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    serializer.collect_str(field)
}

/// Rows kept for another span than their signal's: the first rule whose filter matches counts (STORE 28: at most 8 an org).
#[derive(Clone, Debug, PartialEq)]
pub struct RetentionRule {
    pub name: String,
    pub signal: Signal,
    pub filter: Filter,
    /// The filter as written, which is what is kept.
    pub query: String,
    pub keep_ms: i64,
}

/// What a deletion takes, and what is left to do (STORE 29).
#[derive(Clone, Debug, serde::Serialize)]
pub struct DeleteReceipt {
    pub id: u64,
    pub signal: Signal,
    pub query: String,
    pub created_ms: i64,
    pub start_ns: i64,
    pub end_ns: i64,
    pub rows: u64,
    /// Files that still hold deleted rows; 0 when compaction has been over all of them.
    pub files_left: u64,
    /// Bytes of the log that may still hold them.
    pub wal_bytes: u64,
    /// Metrics that were counted from such rows; they remain.
    pub derived_metrics_remain: bool,
}

/// What rows a live tail shows next.
#[derive(Debug)]
pub enum TailItem {
    Rows(Vec<Row>),
    /// The reader was slow, and this many rows were dropped (STORE 34).
    Dropped(u64),
}

/// Thinning of old spans at compaction: whole traces go, errors, slow ones, rare shapes and those that somebody looked at
/// stay, and the rest bear the weight of what went.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct TailSampling {
    /// The share of unremarkable traces that stays, 0 to 1.
    pub keep: f64,
    /// Traces younger than this are left alone.
    pub after_ms: i64,
    /// Traces whose root lasted longer than this quantile of their resource stay.
    pub slow_quantile: f64,
}

/// The places of the rows that are set, or of all.
fn places(selected: Option<&BooleanBuffer>, rows: u32) -> Vec<u32> {
    match selected {
        None => (0..rows).collect(),
        Some(bits) => bits.set_indices().map(|row| row as u32).collect(),
    }
}
