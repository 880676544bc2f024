//! The reader of sample files: straight from a series' key to its rows, and from a row to its samples.
//!
//! The index at the end of the file names the key of the first row of each page; a page of keys is searched in memory.
//! Aggregates and payloads are read only when a row is asked for them, so a coarse rollup never touches `values`.

use super::key_cursor::{Block, KeyCursor};
use super::row_scan::{RowScan, Rows};
use super::samples_write::{
    AGGREGATES, COLUMNS, FLAGS, FORMAT, INTERVAL, KIND, METRIC, N, NO_AGGREGATES, ORG, RESET, STALE,
    StoredRow, T0, T1, TS, VALUES, unpack,
};
use super::times;
use super::values::{self, Damage};
use crate::parts::{CHUNK_SAMPLES_MAX, FileMeta};
use crate::{Aggregates, Result};
use hashbrown::HashMap;
use oriel_model::{Kind, OrgId, SeriesKey, TimeMs, TimeRange};
use parking_lot::Mutex;
use parquet::data_type::ByteArray;
use std::path::Path;
use std::sync::Arc;

/// Decoded time vectors kept by an open file: a day of hourly windows of ten scrapes.
const TIMES_MAX: usize = 240;

/// Time vectors by the place of their bytes in memory, which the entry holds on to, and their first time.
type DecodedTimes = HashMap<(usize, TimeMs), (ByteArray, Arc<[TimeMs]>)>;

/// An open sample file: its footer, its index, and nothing else until asked.
pub(crate) struct SampleFile {
    rows: Arc<Rows>,
    has_aggregates: bool,
    times: Mutex<DecodedTimes>,
}

/// One row of one key: its head is read; the rest on demand. Keeps its file open.
#[derive(Clone)]
pub(crate) struct Row {
    file: Arc<SampleFile>,
    block: Arc<Block>,
    row: u32,
    flags: i32,
    pub(crate) kind: Kind,
    pub(crate) interval_s: u32,
    /// A running total started anew at the first sample.
    pub(crate) reset: bool,
    pub(crate) first_ms: TimeMs,
    pub(crate) last_ms: TimeMs,
    pub(crate) n: usize,
}

impl SampleFile {
    pub(crate) fn open(dir: &Path, meta: &FileMeta) -> Result<Self> {
        let rows = Rows::open(dir, meta, FORMAT, (&COLUMNS, STALE))?;
        let has_aggregates = rows.columns == COLUMNS.len();
        Ok(Self { rows: Arc::new(rows), has_aggregates, times: Mutex::default() })
    }

    /// Walks the rows of keys that come in rising order and overlap the range.
    pub(crate) fn cursor(self: &Arc<Self>, org: OrgId, range: TimeRange) -> SampleCursor {
        let keys = KeyCursor::new(Arc::clone(&self.rows), org, range, FLAGS);
        SampleCursor { file: Arc::clone(self), keys }
    }

    /// The first time of every row.
    pub(crate) fn visit_starts(&self, visit: &mut dyn FnMut(TimeMs)) -> Result<()> {
        let mut at = RowScan::new(Arc::clone(&self.rows));
        while at.next().is_some() {
            visit(at.whole(T0)?);
        }
        Ok(())
    }

    /// Every row of the file that overlaps the range, in order, read once and past the cache: for compaction.
    pub(crate) fn scan(self: &Arc<Self>, range: TimeRange) -> SampleScan {
        SampleScan { file: Arc::clone(self), range, at: RowScan::new(Arc::clone(&self.rows)) }
    }

    fn decoded_times(&self, blob: &ByteArray, first: TimeMs, n: usize) -> Result<Arc<[TimeMs]>> {
        let key = (blob.data().as_ptr() as usize, first);
        if let Some((_, known)) = self.times.lock().get(&key)
            && known.len() == n
        {
            return Ok(Arc::clone(known));
        }
        let mut out = Vec::new();
        times::decode(blob.data(), first, n, &mut out).map_err(|e| self.rows.table.corrupt(&e))?;
        let vector: Arc<[TimeMs]> = out.into();
        let mut times = self.times.lock();
        if times.len() >= TIMES_MAX {
            times.clear();
        }
        times.insert(key, (blob.clone(), Arc::clone(&vector)));
        Ok(vector)
    }
}

/// Walks the rows of keys that come in rising order: for those who merge several files key by key.
pub(crate) struct SampleCursor {
    file: Arc<SampleFile>,
    keys: KeyCursor,
}

impl SampleCursor {
    /// Moves to the first row that is not before `key`.
    pub(crate) fn seek(&mut self, key: SeriesKey) -> Result<()> {
        self.keys.seek(key)
    }

    /// The next row of `key` that overlaps the range.
    pub(crate) fn next(&mut self, key: SeriesKey) -> Result<Option<Row>> {
        let Some(found) = self.keys.next(key)? else { return Ok(None) };
        let kind = u8::try_from(found.head(KIND)).ok().and_then(Kind::from_u8);
        let n = usize::try_from(found.head(N)).ok().filter(|n| (1..=CHUNK_SAMPLES_MAX).contains(n));
        let (Some(kind), Some(n)) = (kind, n) else {
            return Err(self.file.rows.table.corrupt(&Damage::new("a row without kind or samples")));
        };
        let flags = found.head(FLAGS) as i32;
        Ok(Some(Row {
            file: Arc::clone(&self.file),
            block: Arc::clone(found.block),
            row: found.row as u32,
            flags,
            kind,
            interval_s: found.head(INTERVAL) as u32,
            reset: flags & RESET != 0,
            first_ms: found.head(T0),
            last_ms: found.head(T1),
            n,
        }))
    }
}

impl Row {
    /// Whether aggregates stand for all of this row's samples.
    pub(crate) fn has_aggregates(&self) -> bool {
        self.file.has_aggregates && self.flags & NO_AGGREGATES == 0
    }

    pub(crate) fn aggregates(&self) -> Result<Option<Aggregates>> {
        if !self.has_aggregates() {
            return Ok(None);
        }
        let row = self.row as usize;
        let stale = self.block.fixed(STALE, row)?.whole(row);
        let mut packed = [0.0; 6];
        for (i, value) in packed.iter_mut().enumerate() {
            *value = self.block.float(AGGREGATES + i, row)?;
        }
        let count = (self.n as u64).saturating_sub(stale.unsigned_abs());
        Ok(Some(unpack(self.flags, packed, count)))
    }

    /// Replaces the contents of both with the row's samples.
    pub(crate) fn decode(&self, times: &mut Vec<TimeMs>, values: &mut Vec<f64>) -> Result<()> {
        let row = self.row as usize;
        let ts = self.block.blob(TS, row)?;
        let vector = self.file.decoded_times(&ts, self.first_ms, self.n)?;
        times.clear();
        times.extend_from_slice(&vector);
        let blob = self.block.blob(VALUES, row)?;
        values::decode(blob.data(), self.n, values).map_err(|e| self.file.rows.table.corrupt(&e))
    }
}

/// See [`SampleFile::scan`].
pub(crate) struct SampleScan {
    file: Arc<SampleFile>,
    range: TimeRange,
    at: RowScan,
}

impl SampleScan {
    pub(crate) fn next(&mut self) -> Result<Option<StoredRow>> {
        while let Some(org) = self.at.next() {
            let span = (self.at.whole(T0)?, self.at.whole(T1)?);
            if self.range.overlaps(span.0, span.1) {
                return self.read(org, span).map(Some);
            }
        }
        Ok(None)
    }

    fn read(&mut self, org: OrgId, (t0, t1): (TimeMs, TimeMs)) -> Result<StoredRow> {
        let at = &mut self.at;
        let n = u32::try_from(at.whole(N)?).ok().filter(|n| (1..=CHUNK_SAMPLES_MAX as u32).contains(n));
        let kind = u8::try_from(at.whole(KIND)?).ok().filter(|k| Kind::from_u8(*k).is_some());
        let (Some(n), Some(kind), true) = (n, kind, at.whole(ORG)? as u32 == org.0) else {
            return Err(self.file.rows.table.corrupt(&Damage::new("a row without org, kind or samples")));
        };
        let mut stored = StoredRow {
            org,
            key: at.key(METRIC)?,
            t0,
            t1,
            n,
            kind,
            interval_s: at.whole(INTERVAL)? as u32,
            flags: at.whole(FLAGS)? as i32,
            ts: at.blob(TS)?,
            values: at.blob(VALUES)?,
            stale: 0,
            aggregates: [0.0; 6],
        };
        if self.file.has_aggregates {
            stored.stale = at.whole(STALE)? as i32;
            for (i, value) in stored.aggregates.iter_mut().enumerate() {
                *value = at.float(AGGREGATES + i)?;
            }
        }
        Ok(stored)
    }

    /// Decodes what [`SampleScan::next`] gave.
    pub(crate) fn decode(
        &self,
        row: &StoredRow,
        times: &mut Vec<TimeMs>,
        values: &mut Vec<f64>,
    ) -> Result<()> {
        let vector = self.file.decoded_times(&row.ts, row.t0, row.n as usize)?;
        times.clear();
        times.extend_from_slice(&vector);
        let table = &self.file.rows.table;
        values::decode(row.values.data(), row.n as usize, values).map_err(|e| table.corrupt(&e))
    }
}

/// What tests ask of a file.
#[cfg(test)]
impl SampleFile {
    /// Rows of these keys (sorted) that overlap the range, each with its place among the keys.
    pub(crate) fn visit(
        self: &Arc<Self>,
        org: OrgId,
        keys: &[SeriesKey],
        range: TimeRange,
        visit: &mut dyn FnMut(usize, Row) -> Result<()>,
    ) -> Result<()> {
        let mut cursor = self.cursor(org, range);
        for (at, &key) in keys.iter().enumerate() {
            cursor.seek(key)?;
            while let Some(row) = cursor.next(key)? {
                visit(at, row)?;
            }
        }
        Ok(())
    }

    pub(crate) fn orgs(&self) -> impl Iterator<Item = OrgId> {
        self.rows.groups.iter().map(|g| g.org)
    }

    /// Names and bytes on disk of each column.
    pub(crate) fn column_bytes(&self) -> Vec<(String, u64)> {
        let names = self.rows.table.names().iter().enumerate();
        names.map(|(i, name)| (name.clone(), self.rows.table.column_bytes(i))).collect()
    }
}
