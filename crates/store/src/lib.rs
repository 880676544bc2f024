//! The only room that keeps telemetry on disks.
//!
//! In: [`Store::append`] returns when a batch is durable and queryable. Out: [`Store::metrics`] gives a [`MetricReader`] of one
//! moment. Between them: WAL (group commit), head, immutable sorted Parquet files, and a catalog whose transactions are the
//! only commit. The rules that keep it right are numbered in `docs/formats/rules.md`.
//!
//! Never here: query languages, foreign byte formats, HTTP.

mod budget;
mod catalog;
mod compact;
mod error;
mod file;
mod head;
mod parts;
mod read;
mod record;
mod registry;
mod retain;
mod rows;
mod snapshot;
mod store;
mod view;
mod wal;

pub use error::{Error, Result};
pub use read::{
    Aggregates, Cancel, Matcher, MetricReader, PieceHead, PieceSink, Reservation, SeriesEntry, SketchSink,
    SketchSummary, Want,
};
pub use rows::{
    Block, Cursor, DeleteReceipt, FieldInfo, ListRequest, ListedRow, NsRange, Order, RetentionRule, RowId,
    RowPage, RowSnapshot, ScanRequest, ScanStats, TailItem, TailSampling,
};
pub use store::{
    Appended, CheckReport, CompactReport, EventFilter, MetricUsage, Options, RequestDigest, Store, check,
};
#[doc(hidden)]
pub use wal::disk::Faults;
