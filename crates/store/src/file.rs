//! Immutable files: how samples, sketches, definitions and events become Parquet, and how they are read back.
//!
//! A file is written once by our own writer (fsync of file and folder, STORE 24), named by the catalog, and never changed.
//! Rows are sorted by (org, key, time); no row group spans two orgs (STORE 27). What a row is and where its bytes lie is
//! in `docs/formats/files.md`.

pub(crate) mod aggregates;
mod body;
mod cache;
mod disk;
mod page;
mod row_scan;
mod row_writer;
mod samples;
mod samples_write;
mod table;
mod thrift;
mod times;
mod values;

pub(crate) use crate::pending::{
    SketchFile, read_events, read_series, write_events, write_series, write_sketches,
};
pub(crate) use cache::PageCache;
pub(crate) use disk::{new_id, remove, verify};
pub(crate) use samples::{Row, SampleCursor, SampleFile};
pub(crate) use samples_write::{SampleWriter, write_samples};
pub(crate) use values::Effort;
