//! Immutable files: how samples, sketches, definitions and events become Parquet, and how they are read back.
//!
//! A file is written once by our own writer (fsync of file and folder, STORE 24), named by the catalog, and never changed.
//! Rows are sorted by (org, key, time); no row group spans two orgs (STORE 27). What a row is and where its bytes lie is
//! in `docs/formats/files.md`.

pub(crate) mod aggregates;
mod body;
mod cache;
mod disk;
mod events;
mod key_cursor;
mod page;
mod row_scan;
mod row_writer;
mod samples;
mod samples_write;
mod series;
mod sketch_codec;
mod sketches;
mod table;
mod thrift;
mod times;
mod values;
pub(crate) mod wide;

pub(crate) use cache::PageCache;
pub(crate) use disk::{made_ms, remove, verify};
pub(crate) use events::{EventRow, EventScan, EventWriter, read_events, write_events};
pub(crate) use samples::{Row, SampleCursor, SampleFile, SampleScan};
pub(crate) use samples_write::{FINAL, SampleWriter, StoredRow, write_samples};
pub(crate) use series::{SeriesScan, SeriesWriter, read_series, write_series};
pub(crate) use sketches::{SketchFile, SketchRow, SketchScan, SketchWriter, write_sketches};
pub(crate) use values::Effort;
