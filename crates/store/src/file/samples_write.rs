//! The writer of sample files: a row is a chunk of one series in one window, sorted by (org, key, t0).
//!
//! Rows come as chunks to encode or as stored rows to copy; both take one path. Aggregates that follow from others (a running total's `min` is its `first`) are flags and not
//! numbers: on the bench host that is 0.02 bytes a sample.

use super::aggregates::{is_stale, of};
use super::row_writer::{Cell, RowPlace, RowWriter};
use super::table::{ColumnSpec, Layout, Physical};
use super::values::{Damage, Effort};
use super::{times, values};
use crate::parts::{Chunk, Content, FileMeta};
use crate::{Aggregates, Error, Result};
use bytes::Bytes;
use hashbrown::HashMap;
use oriel_model::{OrgId, SeriesKey, TimeMs};
use parquet::data_type::ByteArray;
use std::path::Path;
use std::sync::Arc;
use xxhash_rust::xxh3::xxh3_128;

pub(crate) const FORMAT: &str = "samples 1";

pub(crate) const ORG: usize = 0;
pub(crate) const METRIC: usize = 1;
pub(crate) const T0: usize = 3;
pub(crate) const T1: usize = 4;
pub(crate) const N: usize = 5;
pub(crate) const KIND: usize = 6;
pub(crate) const INTERVAL: usize = 7;
pub(crate) const FLAGS: usize = 8;
pub(crate) const TS: usize = 9;
pub(crate) const VALUES: usize = 10;
/// From here on only files of level 1 and above have columns.
pub(crate) const STALE: usize = 11;
pub(crate) const AGGREGATES: usize = 12;

pub(crate) const COLUMNS: [ColumnSpec; 18] = [
    ColumnSpec::new("org", Physical::I32, Layout::Plain),
    ColumnSpec::new("metric_id", Physical::I64, Layout::Plain),
    ColumnSpec::new("series_id", Physical::I64, Layout::Plain),
    ColumnSpec::new("t0", Physical::I64, Layout::Plain),
    ColumnSpec::new("t1", Physical::I64, Layout::Plain),
    ColumnSpec::new("n", Physical::I32, Layout::Plain),
    ColumnSpec::new("kind", Physical::I32, Layout::Plain),
    ColumnSpec::new("interval_s", Physical::I32, Layout::Plain),
    ColumnSpec::new("flags", Physical::I32, Layout::Plain),
    ColumnSpec::new("ts", Physical::Bytes, Layout::Dictionary),
    ColumnSpec::new("values", Physical::Bytes, Layout::Plain),
    ColumnSpec::new("stale", Physical::I32, Layout::Plain),
    ColumnSpec::new("min", Physical::F64, Layout::Plain),
    ColumnSpec::new("max", Physical::F64, Layout::Plain),
    ColumnSpec::new("sum", Physical::F64, Layout::Plain),
    ColumnSpec::new("first", Physical::F64, Layout::Plain),
    ColumnSpec::new("last", Physical::F64, Layout::Plain),
    ColumnSpec::new("increase", Physical::F64, Layout::Plain),
];

/// A running total started anew at the row's first sample.
pub(crate) const RESET: i32 = 1;
/// The aggregate columns say nothing of this row.
pub(crate) const NO_AGGREGATES: i32 = 1 << 1;
/// Encoded for good: compaction copies it unless another piece overlaps.
pub(crate) const FINAL: i32 = 1 << 2;
const MIN_IS_FIRST: i32 = 1 << 3;
const MIN_IS_LAST: i32 = 1 << 4;
const MAX_IS_FIRST: i32 = 1 << 5;
const MAX_IS_LAST: i32 = 1 << 6;
const LAST_IS_FIRST: i32 = 1 << 7;
const INCREASE_IS_SPAN: i32 = 1 << 8;
const SUM_IS_PRODUCT: i32 = 1 << 9;

/// Distinct time vectors remembered while writing; past it they are encoded again.
const TIMES_MAX: usize = 4096;

/// A row as it lies in a file.
#[derive(Clone, Debug)]
pub(crate) struct StoredRow {
    pub(crate) org: OrgId,
    pub(crate) key: SeriesKey,
    pub(crate) t0: TimeMs,
    pub(crate) t1: TimeMs,
    pub(crate) n: u32,
    pub(crate) kind: u8,
    pub(crate) interval_s: u32,
    pub(crate) flags: i32,
    pub(crate) ts: ByteArray,
    pub(crate) values: ByteArray,
    pub(crate) stale: i32,
    /// min, max, sum, first, last, increase; zero where a flag says what they follow from.
    pub(crate) aggregates: [f64; 6],
}

impl StoredRow {
    /// A running total started anew at its first sample.
    pub(crate) fn is_reset(&self) -> bool {
        self.flags & RESET != 0
    }
}

/// The columns' numbers and flags for these aggregates.
pub(crate) fn pack(a: &Aggregates) -> (i32, [f64; 6]) {
    let same = |x: f64, y: f64| x.to_bits() == y.to_bits();
    let mut flags = 0;
    let mut packed = [a.min, a.max, a.sum, a.first, a.last, a.increase];
    let mut derive = |at: usize, flag: i32, holds: bool| {
        if holds && packed[at].to_bits() != 0 {
            packed[at] = 0.0;
            flags |= flag;
        }
    };
    derive(2, SUM_IS_PRODUCT, same(a.sum, a.count as f64 * a.first));
    derive(0, MIN_IS_FIRST, same(a.min, a.first));
    derive(0, MIN_IS_LAST, same(a.min, a.last));
    derive(1, MAX_IS_FIRST, same(a.max, a.first));
    derive(1, MAX_IS_LAST, same(a.max, a.last));
    derive(5, INCREASE_IS_SPAN, same(a.increase, a.last - a.first));
    derive(4, LAST_IS_FIRST, same(a.last, a.first));
    (flags, packed)
}

/// The reverse of [`pack`].
pub(crate) fn unpack(flags: i32, packed: [f64; 6], count: u64) -> Aggregates {
    let [min, max, sum, first, last, increase] = packed;
    let has = |flag: i32| flags & flag != 0;
    let last = if has(LAST_IS_FIRST) { first } else { last };
    let pick = |stored: f64, is_first: i32, is_last: i32| match (has(is_first), has(is_last)) {
        (true, _) => first,
        (_, true) => last,
        _ => stored,
    };
    Aggregates {
        count,
        min: pick(min, MIN_IS_FIRST, MIN_IS_LAST),
        max: pick(max, MAX_IS_FIRST, MAX_IS_LAST),
        sum: if has(SUM_IS_PRODUCT) { count as f64 * first } else { sum },
        first,
        last,
        increase: if has(INCREASE_IS_SPAN) { last - first } else { increase },
    }
}

/// Writes one sample file. Rows must come in order; see the module's head.
pub(crate) struct SampleWriter {
    rows: RowWriter,
    level: u8,
    times: HashMap<u128, ByteArray>,
    scratch: Vec<u8>,
}

impl SampleWriter {
    pub(crate) fn create(dir: &Path, level: u8) -> Result<Self> {
        let columns = if level == 0 { &COLUMNS[..STALE] } else { &COLUMNS[..] };
        let rows = RowWriter::create(dir, (Content::Samples, level), FORMAT, columns)?;
        Ok(Self { rows, level, times: HashMap::new(), scratch: Vec::new() })
    }

    /// Encodes and adds a chunk; with full effort it is meant for good.
    pub(crate) fn push(&mut self, chunk: &Chunk, effort: Effort) -> Result<()> {
        let row = self
            .encode(chunk, effort)
            .map_err(|e| Error::Closed(format!("a chunk can't be written: {e}")))?;
        self.push_row(row)
    }

    fn encode(&mut self, chunk: &Chunk, effort: Effort) -> std::result::Result<StoredRow, Damage> {
        let (Some(&t0), Some(&t1)) = (chunk.times.first(), chunk.times.last()) else {
            return Err(Damage::new("no samples"));
        };
        if chunk.times.len() != chunk.values.len() {
            return Err(Damage::new("times and values differ in number"));
        }
        let ts = self.times(&chunk.times, effort)?;
        self.scratch.clear();
        values::encode(&chunk.values, effort, &mut self.scratch)?;
        let mut row = StoredRow {
            org: chunk.org,
            key: chunk.key,
            t0,
            t1,
            n: chunk.values.len() as u32,
            kind: chunk.kind as u8,
            interval_s: chunk.interval_s,
            flags: if chunk.reset { RESET } else { 0 },
            ts,
            values: ByteArray::from(Bytes::copy_from_slice(&self.scratch)),
            stale: 0,
            aggregates: [0.0; 6],
        };
        if self.level > 0 {
            row.flags |= if effort == Effort::Full { FINAL } else { 0 };
            row.stale = chunk.values.iter().filter(|v| is_stale(**v)).count() as i32;
            match of(chunk.kind, &chunk.values) {
                Some(a) => {
                    let (flags, packed) = pack(&a);
                    row.flags |= flags;
                    row.aggregates = packed;
                }
                None => row.flags |= NO_AGGREGATES,
            }
        }
        Ok(row)
    }

    /// The encoding of a time vector, once for each distinct one.
    fn times(&mut self, vector: &Arc<[TimeMs]>, effort: Effort) -> std::result::Result<ByteArray, Damage> {
        let bytes: Vec<u8> = vector.iter().flat_map(|t| t.to_le_bytes()).collect();
        let hash = xxh3_128(&bytes) ^ effort as u128;
        if let Some(known) = self.times.get(&hash) {
            return Ok(known.clone());
        }
        let mut blob = Vec::new();
        times::encode(vector, effort, &mut blob)?;
        let blob = ByteArray::from(blob);
        if self.times.len() >= TIMES_MAX {
            self.times.clear();
        }
        self.times.insert(hash, blob.clone());
        Ok(blob)
    }

    /// Adds a row as it is.
    pub(crate) fn push_row(&mut self, row: StoredRow) -> Result<()> {
        let place = RowPlace {
            org: row.org,
            key: row.key,
            first_ms: row.t0,
            last_ms: row.t1,
            samples: u64::from(row.n),
        };
        let head = [
            i64::from(row.org.0 as i32),
            row.key.metric.0 as i64,
            row.key.series.0 as i64,
            row.t0,
            row.t1,
            i64::from(row.n),
            i64::from(row.kind),
            i64::from(row.interval_s as i32),
            i64::from(row.flags),
        ];
        let blobs = [Cell::Blob(row.ts), Cell::Blob(row.values), Cell::Whole(i64::from(row.stale))];
        let cells = head.into_iter().map(Cell::Whole).chain(blobs);
        self.rows.push(place, cells.chain(row.aggregates.into_iter().map(Cell::Float)))
    }

    /// Ends the file; `None`, and no file, when there were no rows.
    pub(crate) fn finish(self) -> Result<Option<FileMeta>> {
        self.rows.finish()
    }
}

/// Writes chunks, which come in (org, key, time) order, as a file of that level: 0 fast and without aggregates.
pub(crate) fn write_samples(
    dir: &Path,
    level: u8,
    chunks: &mut dyn Iterator<Item = Chunk>,
) -> Result<Option<FileMeta>> {
    let mut writer = SampleWriter::create(dir, level)?;
    let effort = if level == 0 { Effort::Fast } else { Effort::Full };
    for chunk in chunks {
        writer.push(&chunk, effort)?;
    }
    writer.finish()
}

#[cfg(test)]
mod tests;
