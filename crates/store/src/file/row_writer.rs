//! Rows into row groups: what the writers of all contents share.
//!
//! A row group is held in memory until it is full or the org changes (STORE 27). On the way the index of the file and what
//! the catalog wants to know are gathered.

use super::table::{Column, ColumnSpec, PAGE_ROWS, TableWriter};
use crate::parts::{Content, FileMeta};
use crate::{Error, Result};
use oriel_model::{OrgId, SeriesKey, TimeMs};
use parquet::data_type::ByteArray;
use std::path::Path;

/// Rows of a row group: the writer holds one in memory, about 100 bytes a row beside the blobs.
const GROUP_ROWS_MAX: usize = 128 << 10;
/// Blobs of a row group.
const GROUP_BYTES_MAX: usize = 32 << 20;

/// One value of a row.
#[derive(Clone, Debug)]
pub(crate) enum Cell {
    Whole(i64),
    Float(f64),
    Blob(ByteArray),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Blob(ByteArray::from(text))
    }
}

impl From<Vec<u8>> for Cell {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Blob(ByteArray::from(bytes))
    }
}

/// A row's place and what it counts for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RowPlace {
    pub(crate) org: OrgId,
    /// All zero for rows that have none (events).
    pub(crate) key: SeriesKey,
    pub(crate) first_ms: TimeMs,
    pub(crate) last_ms: TimeMs,
    pub(crate) samples: u64,
}

/// See the module's head.
pub(crate) struct RowWriter {
    table: TableWriter,
    specs: &'static [ColumnSpec],
    columns: Vec<Column>,
    rows: usize,
    blob_bytes: usize,
    org: Option<OrgId>,
    index: IndexBuilder,
    meta: FileMeta,
    last: Option<(OrgId, SeriesKey, TimeMs)>,
}

impl RowWriter {
    /// `format` is the content's name and version; a file of level 0 is squeezed less, since it soon goes.
    pub(crate) fn create(
        dir: &Path,
        (content, level): (Content, u8),
        format: &str,
        specs: &'static [ColumnSpec],
    ) -> Result<Self> {
        let zstd = if level == 0 { 1 } else { 3 };
        let meta = FileMeta {
            id: String::new(),
            dataset: content.dataset(),
            content,
            level,
            org_min: u32::MAX,
            org_max: 0,
            first_ms: i64::MAX,
            last_ms: i64::MIN,
            rows: 0,
            samples: 0,
            bytes: 0,
            crc32c: 0,
            begin_seq: 0,
            wide: crate::parts::WideMeta::default(),
        };
        Ok(Self {
            table: TableWriter::create(dir, format, specs, zstd)?,
            specs,
            columns: specs.iter().map(|c| Column::empty(c.physical)).collect(),
            rows: 0,
            blob_bytes: 0,
            org: None,
            index: IndexBuilder::default(),
            meta,
            last: None,
        })
    }

    /// Adds a row, one cell a column. Rows come in the order of (org, key, first time).
    pub(crate) fn push(&mut self, place: RowPlace, cells: impl IntoIterator<Item = Cell>) -> Result<()> {
        let order = (place.org, place.key, place.first_ms);
        if self.last.is_some_and(|last| last > order) {
            return Err(Error::Closed(format!("rows of a file out of order at {order:?}")));
        }
        self.last = Some(order);
        let is_full = self.rows >= GROUP_ROWS_MAX || self.blob_bytes >= GROUP_BYTES_MAX;
        if is_full || self.org.is_some_and(|org| org != place.org) {
            self.end_group()?;
        }
        self.org = Some(place.org);
        if self.rows.is_multiple_of(PAGE_ROWS) {
            self.index.keys.push(place.key);
        }
        self.rows += 1;
        let meta = &mut self.meta;
        meta.org_min = meta.org_min.min(place.org.0);
        meta.org_max = meta.org_max.max(place.org.0);
        meta.first_ms = meta.first_ms.min(place.first_ms);
        meta.last_ms = meta.last_ms.max(place.last_ms);
        meta.rows += 1;
        meta.samples += place.samples;
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            match (column, cell) {
                (Column::I32(v), Cell::Whole(n)) => v.push(n as i32),
                (Column::I64(v), Cell::Whole(n)) => v.push(n),
                (Column::F64(v), Cell::Float(n)) => v.push(n),
                (Column::Bytes(v), Cell::Blob(bytes)) => {
                    self.blob_bytes += bytes.len();
                    v.push(bytes);
                }
                _ => return Err(Error::Closed("a row of other columns than its file's".into())),
            }
        }
        Ok(())
    }

    fn end_group(&mut self) -> Result<()> {
        let Some(org) = self.org.take() else { return Ok(()) };
        self.index.end_group(org, self.rows);
        self.table.write_group(&self.columns)?;
        for (column, spec) in self.columns.iter_mut().zip(self.specs) {
            *column = Column::empty(spec.physical);
        }
        self.rows = 0;
        self.blob_bytes = 0;
        Ok(())
    }

    /// Ends the file; `None`, and no file, when there were no rows.
    pub(crate) fn finish(mut self) -> Result<Option<FileMeta>> {
        if self.meta.rows == 0 {
            return Ok(None);
        }
        self.end_group()?;
        let (id, sealed) = self.table.finish(&self.index.finish())?;
        Ok(Some(FileMeta { id, bytes: sealed.bytes, crc32c: sealed.crc32c, ..self.meta }))
    }
}

/// The index at the end of a file: for each row group its org and rows, and the key of the first row of each page. All
/// numbers little-endian.
#[derive(Default)]
struct IndexBuilder {
    groups: u32,
    keys: Vec<SeriesKey>,
    bytes: Vec<u8>,
}

impl IndexBuilder {
    fn end_group(&mut self, org: OrgId, rows: usize) {
        self.groups += 1;
        for n in [org.0, rows as u32, self.keys.len() as u32] {
            self.bytes.extend_from_slice(&n.to_le_bytes());
        }
        for key in self.keys.drain(..) {
            self.bytes.extend_from_slice(&key.metric.0.to_le_bytes());
            self.bytes.extend_from_slice(&key.series.0.to_le_bytes());
        }
    }

    fn finish(self) -> Vec<u8> {
        let mut out = self.groups.to_le_bytes().to_vec();
        out.extend_from_slice(&self.bytes);
        out
    }
}
