//! The reader of sample files: straight from a series' key to its rows, and from a row to its samples.
//!
//! The index at the end of the file names the key of the first row of each page; a page of keys is searched in memory.
//! Aggregates and payloads are read only when a row is asked for them, so a coarse rollup never touches `values`.

use super::page::{Page, TableReader};
use super::samples_write::{
    AGGREGATES, COLUMNS, FLAGS, FORMAT, INTERVAL, KIND, METRIC, N, NO_AGGREGATES, ORG, RESET, SERIES, STALE,
    StoredRow, T0, T1, TS, VALUES, unpack,
};
use super::table::{Column, PAGE_ROWS};
use super::times;
use super::values::{self, Damage};
use crate::parts::{CHUNK_SAMPLES_MAX, FileMeta};
use crate::{Aggregates, Cancel, Error, Result};
use hashbrown::HashMap;
use oriel_model::{Kind, MetricId, OrgId, SeriesId, SeriesKey, TimeMs, TimeRange};
use parking_lot::Mutex;
use parquet::data_type::ByteArray;
use std::path::Path;
use std::sync::Arc;

/// Decoded time vectors kept by an open file: a day of hourly windows of ten scrapes.
const TIMES_MAX: usize = 240;

/// A cancelled scan stops after at most this many rows (STORE 35).
const ROWS_PER_CHECK: usize = 64;

struct Group {
    org: OrgId,
    rows: usize,
    /// Key of the first row of each page.
    keys: Vec<SeriesKey>,
}

/// An open sample file: its footer, its index, and nothing else until asked.
pub(crate) struct SampleFile {
    table: TableReader,
    groups: Vec<Group>,
    has_aggregates: bool,
    times: Mutex<HashMap<(usize, TimeMs), (ByteArray, Arc<[TimeMs]>)>>,
}

/// One row of one key: its head is read; the rest on demand. Keeps its file open.
#[derive(Clone)]
pub(crate) struct Row {
    file: Arc<SampleFile>,
    group: u32,
    row: u32,
    flags: i32,
    /// Index into the keys of the scan.
    pub(crate) key_index: usize,
    pub(crate) kind: Kind,
    pub(crate) interval_s: u32,
    /// A running total started anew at the first sample.
    pub(crate) reset: bool,
    pub(crate) first_ms: TimeMs,
    pub(crate) last_ms: TimeMs,
    pub(crate) n: usize,
}

impl Page {
    fn whole(&self, row: usize) -> i64 {
        match &self.column {
            Column::I64(v) => v[row - self.first_row],
            Column::I32(v) => i64::from(v[row - self.first_row]),
            _ => 0,
        }
    }

    fn float(&self, row: usize) -> f64 {
        match &self.column {
            Column::F64(v) => v[row - self.first_row],
            _ => 0.0,
        }
    }

    fn blob(&self, row: usize) -> ByteArray {
        match &self.column {
            Column::Bytes(v) => v[row - self.first_row].clone(),
            _ => ByteArray::new(),
        }
    }

    fn has(&self, row: usize) -> bool {
        (self.first_row..self.end_row()).contains(&row)
    }
}

impl SampleFile {
    pub(crate) fn open(dir: &Path, meta: &FileMeta) -> Result<Self> {
        let table = TableReader::open(dir, meta, FORMAT)?;
        let has_aggregates = table.names().len() == COLUMNS.len();
        let expected = if has_aggregates { &COLUMNS[..] } else { &COLUMNS[..STALE] };
        if !table.has_columns(expected) {
            return Err(table.corrupt(&Damage::new("columns that are not a sample file's")));
        }
        let groups = parse_index(&table.index()?).map_err(|e| table.corrupt(&e))?;
        let fits = groups.len() == table.groups()
            && groups
                .iter()
                .enumerate()
                .all(|(i, g)| g.rows == table.group_rows(i) && g.keys.len() == g.rows.div_ceil(PAGE_ROWS));
        if !fits {
            return Err(table.corrupt(&Damage::new("an index of other row groups")));
        }
        Ok(Self { table, groups, has_aggregates, times: Mutex::default() })
    }

    /// Rows of these keys (sorted) that overlap the range: by key, then by time.
    pub(crate) fn rows(
        self: &Arc<Self>,
        org: OrgId,
        keys: &[SeriesKey],
        range: TimeRange,
        cancel: &Cancel,
        visit: &mut dyn FnMut(Row) -> Result<()>,
    ) -> Result<()> {
        let mut cursor = self.cursor(org, range);
        let mut seen = 0;
        for (key_index, &key) in keys.iter().enumerate() {
            if key_index % ROWS_PER_CHECK == 0 && cancel.is_cancelled() {
                return Err(Error::Cancelled);
            }
            cursor.seek(key)?;
            while let Some(row) = cursor.next(key, key_index)? {
                seen += 1;
                if seen % ROWS_PER_CHECK == 0 && cancel.is_cancelled() {
                    return Err(Error::Cancelled);
                }
                visit(row)?;
            }
        }
        Ok(())
    }

    /// For those who merge several files key by key.
    pub(crate) fn cursor(self: &Arc<Self>, org: OrgId, range: TimeRange) -> SampleCursor {
        let groups: Vec<u32> =
            (0u32..).zip(&self.groups).filter(|(_, g)| g.org == org).map(|(i, _)| i).collect();
        let heads = Heads::default();
        SampleCursor { file: Arc::clone(self), range, groups, at: None, heads }
    }

    pub(crate) fn orgs(&self) -> impl Iterator<Item = OrgId> {
        self.groups.iter().map(|g| g.org)
    }

    /// Names and bytes on disk of each column.
    pub(crate) fn column_bytes(&self) -> Vec<(String, u64)> {
        let names = self.table.names().iter().enumerate();
        names.map(|(i, name)| (name.clone(), self.table.column_bytes(i))).collect()
    }

    /// Every row of the file that overlaps the range, in order, read once and past the cache: for compaction.
    pub(crate) fn scan(self: &Arc<Self>, range: TimeRange) -> SampleScan {
        let columns = if self.has_aggregates { COLUMNS.len() } else { STALE };
        let pages = (0..columns).map(|_| None).collect();
        SampleScan { file: Arc::clone(self), range, group: 0, row: 0, pages }
    }

    fn decoded_times(&self, blob: &ByteArray, first: TimeMs, n: usize) -> Result<Arc<[TimeMs]>> {
        let key = (blob.data().as_ptr() as usize, first);
        if let Some((_, known)) = self.times.lock().get(&key)
            && known.len() == n
        {
            return Ok(Arc::clone(known));
        }
        let mut out = Vec::new();
        times::decode(blob.data(), first, n, &mut out).map_err(|e| self.table.corrupt(&e))?;
        let vector: Arc<[TimeMs]> = out.into();
        let mut times = self.times.lock();
        if times.len() >= TIMES_MAX {
            times.clear();
        }
        times.insert(key, (blob.clone(), Arc::clone(&vector)));
        Ok(vector)
    }
}

fn parse_index(mut bytes: &[u8]) -> std::result::Result<Vec<Group>, Damage> {
    fn take<const W: usize>(bytes: &mut &[u8]) -> std::result::Result<[u8; W], Damage> {
        let (head, rest) = bytes.split_first_chunk::<W>().ok_or_else(|| Damage::new("a short index"))?;
        *bytes = rest;
        Ok(*head)
    }
    let count = u32::from_le_bytes(take(&mut bytes)?);
    let mut groups = Vec::new();
    for _ in 0..count {
        let org = OrgId(u32::from_le_bytes(take(&mut bytes)?));
        let rows = u32::from_le_bytes(take(&mut bytes)?) as usize;
        let pages = u32::from_le_bytes(take(&mut bytes)?);
        let mut keys = Vec::new();
        for _ in 0..pages {
            let metric = MetricId(u64::from_le_bytes(take(&mut bytes)?));
            let series = SeriesId(u64::from_le_bytes(take(&mut bytes)?));
            keys.push(SeriesKey { metric, series });
        }
        if keys.windows(2).any(|w| w[0] > w[1]) {
            return Err(Damage::new("an index that does not rise"));
        }
        groups.push(Group { org, rows, keys });
    }
    Ok(groups)
}

/// The pages of keys under a cursor.
#[derive(Default)]
struct Heads {
    group: u32,
    /// Columns METRIC to FLAGS; empty until the first read.
    pages: Vec<Arc<Page>>,
}

/// Walks the rows of keys that come in rising order.
pub(crate) struct SampleCursor {
    file: Arc<SampleFile>,
    range: TimeRange,
    /// Of the org, in order.
    groups: Vec<u32>,
    /// Position in `groups`, row in the group; `None` before the first and past the last.
    at: Option<(usize, usize)>,
    heads: Heads,
}

impl SampleCursor {
    /// Moves to the first row that is not before `key`.
    pub(crate) fn seek(&mut self, key: SeriesKey) -> Result<()> {
        let file = Arc::clone(&self.file);
        let groups = &self.groups;
        // The group before the first one that begins at or after the key may hold it too.
        let next =
            groups.partition_point(|&g| file.groups[g as usize].keys.first().is_some_and(|k| *k < key));
        let start = next.saturating_sub(1);
        self.at = None;
        if start >= groups.len() {
            return Ok(());
        }
        let keys = &file.groups[groups[start] as usize].keys;
        let page = keys.partition_point(|k| *k < key).saturating_sub(1);
        self.at = Some((start, page * PAGE_ROWS));
        self.load()?;
        let (metrics, series) = (&self.heads.pages[0], &self.heads.pages[SERIES - METRIC]);
        let (Column::I64(m), Column::I64(s)) = (&metrics.column, &series.column) else { return Ok(()) };
        let mut low = 0;
        let mut high = m.len();
        while low < high {
            let middle = usize::midpoint(low, high);
            if key_of(m[middle], s[middle]) < key {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        self.at = Some((start, page * PAGE_ROWS + low));
        self.settle();
        Ok(())
    }

    /// The next row of `key` that overlaps the range.
    pub(crate) fn next(&mut self, key: SeriesKey, key_index: usize) -> Result<Option<Row>> {
        while let Some((position, row)) = self.at {
            self.load()?;
            let head = |column: usize| self.heads.pages[column - METRIC].whole(row);
            if key_of(head(METRIC), head(SERIES)) != key {
                return Ok(None);
            }
            let (first_ms, last_ms) = (head(T0), head(T1));
            let found = if self.range.overlaps(first_ms, last_ms) {
                let kind = u8::try_from(head(KIND)).ok().and_then(Kind::from_u8);
                let n = usize::try_from(head(N)).ok().filter(|n| (1..=CHUNK_SAMPLES_MAX).contains(n));
                let (Some(kind), Some(n)) = (kind, n) else {
                    return Err(self.file.table.corrupt(&Damage::new("a row without kind or samples")));
                };
                let flags = head(FLAGS) as i32;
                Some(Row {
                    file: Arc::clone(&self.file),
                    group: self.groups[position],
                    row: row as u32,
                    flags,
                    key_index,
                    kind,
                    interval_s: head(INTERVAL) as u32,
                    reset: flags & RESET != 0,
                    first_ms,
                    last_ms,
                    n,
                })
            } else {
                None
            };
            self.at = Some((position, row + 1));
            self.settle();
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// Past a group's last row comes the next group.
    fn settle(&mut self) {
        if let Some((position, row)) = self.at
            && row >= self.file.groups[self.groups[position] as usize].rows
        {
            self.at = (position + 1 < self.groups.len()).then_some((position + 1, 0));
        }
    }

    /// Has the pages of keys under the cursor.
    fn load(&mut self) -> Result<()> {
        let Some((position, row)) = self.at else { return Ok(()) };
        let group = self.groups[position];
        if self.heads.group == group && self.heads.pages.first().is_some_and(|p| p.has(row)) {
            return Ok(());
        }
        self.heads.pages.clear();
        self.heads.group = group;
        for column in METRIC..=FLAGS {
            let page = self.file.table.page(group as usize, column, row)?;
            if !page.has(row) || page.first_row % PAGE_ROWS != 0 {
                return Err(self
                    .file
                    .table
                    .corrupt(&Damage::new("pages of keys that end at different rows")));
            }
            self.heads.pages.push(page);
        }
        Ok(())
    }
}

fn key_of(metric: i64, series: i64) -> SeriesKey {
    SeriesKey { metric: MetricId(metric as u64), series: SeriesId(series as u64) }
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
        let (group, row) = (self.group as usize, self.row as usize);
        let stale = self.file.table.page(group, STALE, row)?.whole(row);
        let mut packed = [0.0; 6];
        for (i, value) in packed.iter_mut().enumerate() {
            *value = self.file.table.page(group, AGGREGATES + i, row)?.float(row);
        }
        let count = (self.n as u64).saturating_sub(stale.unsigned_abs());
        Ok(Some(unpack(self.flags, packed, count)))
    }

    /// Replaces the contents of both with the row's samples.
    pub(crate) fn decode(&self, times: &mut Vec<TimeMs>, values: &mut Vec<f64>) -> Result<()> {
        let (group, row) = (self.group as usize, self.row as usize);
        let table = &self.file.table;
        let ts = table.page(group, TS, row)?.blob(row);
        let vector = self.file.decoded_times(&ts, self.first_ms, self.n)?;
        times.clear();
        times.extend_from_slice(&vector);
        let blob = table.page(group, VALUES, row)?.blob(row);
        values::decode(blob.data(), self.n, values).map_err(|e| table.corrupt(&e))
    }
}

/// See [`SampleFile::scan`].
pub(crate) struct SampleScan {
    file: Arc<SampleFile>,
    range: TimeRange,
    group: usize,
    row: usize,
    pages: Vec<Option<Page>>,
}

impl SampleScan {
    pub(crate) fn next(&mut self) -> Result<Option<StoredRow>> {
        loop {
            let Some(group) = self.file.groups.get(self.group) else { return Ok(None) };
            if self.row >= group.rows {
                self.group += 1;
                self.row = 0;
                self.pages.iter_mut().for_each(|p| *p = None);
                continue;
            }
            let org = group.org;
            let row = self.row;
            let (t0, t1) = (self.at(T0)?.whole(row), self.at(T1)?.whole(row));
            if self.range.overlaps(t0, t1) {
                let row = self.read(org, (t0, t1))?;
                self.row += 1;
                return Ok(Some(row));
            }
            self.row += 1;
        }
    }

    fn read(&mut self, org: OrgId, (t0, t1): (TimeMs, TimeMs)) -> Result<StoredRow> {
        let row = self.row;
        let mut whole = |column: usize| self.at(column).map(|p| p.whole(row));
        let n = u32::try_from(whole(N)?).ok().filter(|n| (1..=CHUNK_SAMPLES_MAX as u32).contains(n));
        let kind = u8::try_from(whole(KIND)?).ok().filter(|k| Kind::from_u8(*k).is_some());
        let same_org = whole(ORG)? as u32 == org.0;
        let (Some(n), Some(kind), true) = (n, kind, same_org) else {
            return Err(self.file.table.corrupt(&Damage::new("a row without org, kind or samples")));
        };
        let mut stored = StoredRow {
            org,
            key: key_of(whole(METRIC)?, whole(SERIES)?),
            t0,
            t1,
            n,
            kind,
            interval_s: whole(INTERVAL)? as u32,
            flags: whole(FLAGS)? as i32,
            ts: self.at(TS)?.blob(row),
            values: self.at(VALUES)?.blob(row),
            stale: 0,
            aggregates: [0.0; 6],
        };
        if self.file.has_aggregates {
            stored.stale = self.at(STALE)?.whole(row) as i32;
            for (i, value) in stored.aggregates.iter_mut().enumerate() {
                *value = self.at(AGGREGATES + i)?.float(row);
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
        values::decode(row.values.data(), row.n as usize, values).map_err(|e| self.file.table.corrupt(&e))
    }

    fn at(&mut self, column: usize) -> Result<&Page> {
        let held = self.pages[column].take().filter(|p| p.has(self.row));
        let page = match held {
            Some(page) => page,
            None => self.file.table.page_once(self.group, column, self.row)?,
        };
        Ok(self.pages[column].insert(page))
    }
}
