//! What a WAL record says: a batch of metrics or of events, as bytes (STORE 5, 22).
//!
//! Made and compressed on the intake's thread, so that the WAL's writer only writes. Decoding is a pure function of bytes
//! that fails on anything else and never panics; what it allocates is bounded by [`ROWS_MAX`] and the record's length. The
//! layout is in `docs/formats/records.md`.

mod bytes;
mod events;
mod metrics;
mod rows;
mod split;

pub(crate) use events::{decode_events, encode_events};
pub(crate) use metrics::{decode_metrics, encode_metrics};
pub(crate) use rows::{Parts, decode_rows, encode_rows, parts};

/// The codec of a frame that holds [`encode_rows`]; other records are told by their dataset, under 0.
pub(crate) const ROWS_CODEC: u8 = 1;

/// Records stay under this, so that a frame stays under 4 MiB (STORE 22).
pub(crate) const RECORD_BYTES_MAX: usize = (4 << 20) - 1024;

/// Samples of one record at most: what decoding may allocate is this × 16 bytes. A frame of constants could say more.
pub(crate) const ROWS_MAX: usize = 1 << 20;

/// Bytes that are not a record.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RecordError {
    #[error("the record ends early")]
    Short,
    #[error("the record is of version {0}; this program knows version 1")]
    Version(u8),
    #[error("the record has a bad {0}")]
    Bad(&'static str),
}

#[cfg(test)]
mod tests;
