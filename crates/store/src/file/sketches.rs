//! Files of distributions: a row is the sketches of one series in one window under one mapping (STORE 18).
//!
//! `count, sum, min, max` of each point are columns of their own, so that averages read no bins; bins are three more; the
//! merge of the whole window is one blob, for percentiles over whole windows.

use super::key_cursor::{Block, KeyCursor, T1};
use super::row_scan::{RowScan, Rows};
use super::row_writer::{Cell, RowPlace, RowWriter};
use super::sketch_codec::{self, Points};
use super::table::{ColumnSpec, Layout, Physical};
use super::times;
use super::values::{Damage, Effort};
use crate::parts::{Content, FileMeta, SketchChunk};
use crate::{Cancel, Error, Result, SketchSummary};
use oriel_model::{Mapping, OrgId, SeriesKey, Sketch, TimeMs, TimeRange};
use parquet::data_type::ByteArray;
use std::path::Path;
use std::sync::Arc;

const FORMAT: &str = "sketches 1";

const ORG: usize = 0;
const METRIC: usize = 1;
const T0: usize = 3;
const N: usize = 5;
const INTERVAL: usize = 6;
const GAMMA: usize = 7;
const OFFSET: usize = 8;
const TS: usize = 9;
/// count, sum, min, max.
const SUMMARIES: usize = 10;
/// bins a point, keys, counts.
const BINS: usize = 14;
const MERGED: usize = 17;

const COLUMNS: [ColumnSpec; 18] = [
    ColumnSpec::new("org", Physical::I32, Layout::Plain),
    ColumnSpec::new("metric_id", Physical::I64, Layout::Plain),
    ColumnSpec::new("series_id", Physical::I64, Layout::Plain),
    ColumnSpec::new("t0", Physical::I64, Layout::Plain),
    ColumnSpec::new("t1", Physical::I64, Layout::Plain),
    ColumnSpec::new("n", Physical::I32, Layout::Plain),
    ColumnSpec::new("interval_s", Physical::I32, Layout::Plain),
    ColumnSpec::new("gamma", Physical::F64, Layout::Plain),
    ColumnSpec::new("offset", Physical::F64, Layout::Plain),
    ColumnSpec::new("ts", Physical::Bytes, Layout::Dictionary),
    ColumnSpec::new("count", Physical::Bytes, Layout::Plain),
    ColumnSpec::new("sum", Physical::Bytes, Layout::Plain),
    ColumnSpec::new("min", Physical::Bytes, Layout::Plain),
    ColumnSpec::new("max", Physical::Bytes, Layout::Plain),
    ColumnSpec::new("bins", Physical::Bytes, Layout::Plain),
    ColumnSpec::new("bin_key", Physical::Bytes, Layout::Plain),
    ColumnSpec::new("bin_count", Physical::Bytes, Layout::Plain),
    ColumnSpec::new("merged", Physical::Bytes, Layout::Plain),
];

/// Points of a window: a day at one a second. A header that says more is damage.
const POINTS_MAX: i64 = 86_400;

/// A cancelled scan stops after at most this many keys (STORE 35).
const KEYS_PER_CHECK: usize = 64;

/// Writes one file; chunks come in the order of (org, key, first time).
pub(crate) struct SketchWriter {
    rows: RowWriter,
    effort: Effort,
}

impl SketchWriter {
    pub(crate) fn create(dir: &Path, level: u8) -> Result<Self> {
        let effort = if level == 0 { Effort::Fast } else { Effort::Full };
        Ok(Self { rows: RowWriter::create(dir, (Content::Sketches, level), FORMAT, &COLUMNS)?, effort })
    }

    /// Adds a chunk, one row for each run of points under one mapping.
    pub(crate) fn push(&mut self, chunk: &SketchChunk) -> Result<()> {
        let same = |a: &(TimeMs, Sketch), b: &(TimeMs, Sketch)| a.1.mapping == b.1.mapping;
        for run in chunk.points.chunk_by(same) {
            self.push_run(chunk, run)?;
        }
        Ok(())
    }

    fn push_run(&mut self, chunk: &SketchChunk, run: &[(TimeMs, Sketch)]) -> Result<()> {
        let unwritable = |e: Damage| Error::Closed(format!("sketches can't be written: {e}"));
        let mut ts = Vec::new();
        let stamps: Vec<TimeMs> = run.iter().map(|p| p.0).collect();
        times::encode(&stamps, self.effort, &mut ts).map_err(unwritable)?;
        let blobs = sketch_codec::encode(run, self.effort).map_err(unwritable)?;
        let (first_ms, last_ms) = (stamps[0], stamps[stamps.len() - 1]);
        let place = RowPlace { org: chunk.org, key: chunk.key, first_ms, last_ms, samples: run.len() as u64 };
        let head = [
            i64::from(chunk.org.0 as i32),
            chunk.key.metric.0 as i64,
            chunk.key.series.0 as i64,
            first_ms,
            last_ms,
            run.len() as i64,
            i64::from(chunk.interval_s as i32),
        ];
        let mapping = run[0].1.mapping;
        let mapping = [mapping.gamma, mapping.offset].map(Cell::Float);
        let cells = head.into_iter().map(Cell::Whole).chain(mapping);
        self.rows.push(place, cells.chain([Cell::from(ts)]).chain(blobs.into_iter().map(Cell::from)))
    }

    pub(crate) fn finish(self) -> Result<Option<FileMeta>> {
        self.rows.finish()
    }
}

/// Writes chunks as one file.
pub(crate) fn write_sketches(
    dir: &Path,
    level: u8,
    chunks: &mut dyn Iterator<Item = SketchChunk>,
) -> Result<Option<FileMeta>> {
    let mut writer = SketchWriter::create(dir, level)?;
    for chunk in chunks {
        writer.push(&chunk)?;
    }
    writer.finish()
}

/// An open file of sketches.
pub(crate) struct SketchFile {
    rows: Arc<Rows>,
}

/// One row of one key: its head is read; the rest on demand. Keeps its file open.
#[derive(Clone)]
pub(crate) struct SketchRow {
    rows: Arc<Rows>,
    block: Arc<Block>,
    row: usize,
    /// Index into the keys of the scan.
    pub(crate) key_index: usize,
    pub(crate) first_ms: TimeMs,
    /// Of its last point.
    pub(crate) last_ms: TimeMs,
    pub(crate) n: usize,
}

impl SketchFile {
    pub(crate) fn open(dir: &Path, meta: &FileMeta) -> Result<Self> {
        Ok(Self { rows: Arc::new(Rows::open(dir, meta, FORMAT, (&COLUMNS, COLUMNS.len()))?) })
    }

    /// Rows of these keys (sorted) that overlap the range: by key, then by time.
    pub(crate) fn rows(
        &self,
        org: OrgId,
        (keys, range): (&[SeriesKey], TimeRange),
        cancel: &Cancel,
        visit: &mut dyn FnMut(SketchRow) -> Result<()>,
    ) -> Result<()> {
        let mut cursor = KeyCursor::new(Arc::clone(&self.rows), org, range, INTERVAL);
        for (key_index, &key) in keys.iter().enumerate() {
            if key_index % KEYS_PER_CHECK == 0 && cancel.is_cancelled() {
                return Err(Error::Cancelled);
            }
            cursor.seek(key)?;
            while let Some(found) = cursor.next(key)? {
                let n = points(found.head(N)).map_err(|e| self.rows.table.corrupt(&e))?;
                visit(SketchRow {
                    rows: Arc::clone(&self.rows),
                    block: Arc::clone(found.block),
                    row: found.row,
                    key_index,
                    first_ms: found.head(T0),
                    last_ms: found.head(T1),
                    n,
                })?;
            }
        }
        Ok(())
    }
}

fn points(n: i64) -> std::result::Result<usize, Damage> {
    usize::try_from(n)
        .ok()
        .filter(|_| (1..=POINTS_MAX).contains(&n))
        .ok_or_else(|| Damage::new("a row of sketches without points"))
}

impl SketchRow {
    fn blob(&self, column: usize) -> Result<ByteArray> {
        self.block.blob(column, self.row)
    }

    fn mapping(&self) -> Result<Mapping> {
        Ok(Mapping { gamma: self.block.float(GAMMA, self.row)?, offset: self.block.float(OFFSET, self.row)? })
    }

    fn summary_points(&self) -> Result<Points> {
        let ts = self.blob(TS)?;
        let mut blobs = Vec::with_capacity(4);
        for column in SUMMARIES..BINS {
            blobs.push(self.blob(column)?);
        }
        Points::decode((ts.data(), self.first_ms, self.n), &blobs).map_err(|e| self.rows.table.corrupt(&e))
    }

    /// Every point without its bins; reads no bins.
    pub(crate) fn summaries(&self, out: &mut Vec<(TimeMs, SketchSummary)>) -> Result<()> {
        out.extend(self.summary_points()?.summaries());
        Ok(())
    }

    /// Every point with its bins.
    pub(crate) fn sketches(&self, out: &mut Vec<(TimeMs, Sketch)>) -> Result<()> {
        let points = self.summary_points()?;
        let mut bins = Vec::with_capacity(3);
        for column in BINS..MERGED {
            bins.push(self.blob(column)?);
        }
        let mapping = self.mapping()?;
        points.with_bins(mapping, &bins, out).map_err(|e| self.rows.table.corrupt(&e))
    }

    /// All points of the row as one.
    pub(crate) fn merged(&self) -> Result<Sketch> {
        let blob = self.blob(MERGED)?;
        sketch_codec::decode_one(self.mapping()?, blob.data()).map_err(|e| self.rows.table.corrupt(&e))
    }
}

/// Reads a file row by row, in its order: for compaction.
pub(crate) struct SketchScan {
    at: RowScan,
}

impl SketchScan {
    pub(crate) fn open(dir: &Path, meta: &FileMeta) -> Result<Self> {
        let rows = Rows::open(dir, meta, FORMAT, (&COLUMNS, COLUMNS.len()))?;
        Ok(Self { at: RowScan::new(Arc::new(rows)) })
    }

    pub(crate) fn next(&mut self) -> Result<Option<SketchChunk>> {
        let Some(org) = self.at.next() else { return Ok(None) };
        let at = &mut self.at;
        let n = points(at.whole(N)?).map_err(|e| at.rows.table.corrupt(&e))?;
        if at.whole(ORG)? as u32 != org.0 {
            return Err(at
                .rows
                .table
                .corrupt(&Damage::new("sketches of another org than their row group's")));
        }
        let key = at.key(METRIC)?;
        let (first_ms, interval_s) = (at.whole(T0)?, at.whole(INTERVAL)? as u32);
        let mapping = Mapping { gamma: at.float(GAMMA)?, offset: at.float(OFFSET)? };
        let ts = at.blob(TS)?;
        let mut blobs = Vec::with_capacity(MERGED - SUMMARIES);
        for column in SUMMARIES..MERGED {
            blobs.push(at.blob(column)?);
        }
        let mut points = Vec::with_capacity(n);
        Points::decode((ts.data(), first_ms, n), &blobs[..BINS - SUMMARIES])
            .and_then(|p| p.with_bins(mapping, &blobs[BINS - SUMMARIES..], &mut points))
            .map_err(|e| at.rows.table.corrupt(&e))?;
        Ok(Some(SketchChunk { org, key, interval_s, points }))
    }
}

#[cfg(test)]
mod tests;
