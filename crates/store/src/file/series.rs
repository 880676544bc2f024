//! Files of series definitions: a row is a series that had data on a UTC day, whole, so that a day's files alone make that
//! day's index (STORE 6). Sorted by (org, key, day).

use super::row_scan::{RowScan, Rows};
use super::row_writer::{Cell, RowPlace, RowWriter};
use super::table::{ColumnSpec, Layout, Physical};
use super::values::Damage;
use crate::Result;
use crate::parts::{Content, DAY_MS, FileMeta, SeriesRow};
use oriel_model::{Kind, SeriesDef, Tags};
use parquet::data_type::ByteArray;
use std::path::Path;
use std::sync::Arc;

const FORMAT: &str = "series 1";

const ORG: usize = 0;
const METRIC_ID: usize = 1;
const DAY: usize = 3;
const KIND: usize = 4;
const INTERVAL: usize = 5;
const METRIC: usize = 6;
const HOST: usize = 7;
const TAGS: usize = 8;

const COLUMNS: [ColumnSpec; 9] = [
    ColumnSpec::new("org", Physical::I32, Layout::Plain),
    ColumnSpec::new("metric_id", Physical::I64, Layout::Plain),
    ColumnSpec::new("series_id", Physical::I64, Layout::Plain),
    ColumnSpec::new("day", Physical::I32, Layout::Plain),
    ColumnSpec::new("kind", Physical::I32, Layout::Plain),
    ColumnSpec::new("interval_s", Physical::I32, Layout::Plain),
    ColumnSpec::new("metric", Physical::Bytes, Layout::Plain),
    ColumnSpec::new("host", Physical::Bytes, Layout::Plain),
    ColumnSpec::new("tags", Physical::Bytes, Layout::Plain),
];

/// Writes one file; rows come sorted by (org, key, day).
pub(crate) struct SeriesWriter(RowWriter);

impl SeriesWriter {
    pub(crate) fn create(dir: &Path, level: u8) -> Result<Self> {
        Ok(Self(RowWriter::create(dir, (Content::Series, level), FORMAT, &COLUMNS)?))
    }

    pub(crate) fn push(&mut self, row: &SeriesRow) -> Result<()> {
        let first_ms = i64::from(row.day).saturating_mul(DAY_MS);
        let last_ms = first_ms.saturating_add(DAY_MS - 1);
        let place = RowPlace { org: row.org, key: row.key, first_ms, last_ms, samples: 1 };
        let mut tags = Vec::new();
        row.def.tags.encode(&mut tags);
        let head = [
            i64::from(row.org.0 as i32),
            row.key.metric.0 as i64,
            row.key.series.0 as i64,
            i64::from(row.day),
            row.kind as i64,
            i64::from(row.interval_s as i32),
        ];
        let texts = [Cell::from(&*row.def.metric), Cell::from(&*row.def.host), Cell::from(tags)];
        self.0.push(place, head.into_iter().map(Cell::Whole).chain(texts))
    }

    pub(crate) fn finish(self) -> Result<Option<FileMeta>> {
        self.0.finish()
    }
}

/// Writes rows in any order as one file.
pub(crate) fn write_series(dir: &Path, level: u8, rows: &[SeriesRow]) -> Result<Option<FileMeta>> {
    let mut sorted: Vec<&SeriesRow> = rows.iter().collect();
    sorted.sort_by_key(|r| (r.org, r.key, r.day));
    let mut writer = SeriesWriter::create(dir, level)?;
    for row in sorted {
        writer.push(row)?;
    }
    writer.finish()
}

/// Every row of a file.
pub(crate) fn read_series(dir: &Path, meta: &FileMeta) -> Result<Vec<SeriesRow>> {
    let mut scan = SeriesScan::open(dir, meta)?;
    let mut rows = Vec::with_capacity(usize::try_from(meta.rows).unwrap_or(0).min(1 << 20));
    while let Some(row) = scan.next()? {
        rows.push(row);
    }
    Ok(rows)
}

/// Reads a file row by row, in its order.
pub(crate) struct SeriesScan {
    at: RowScan,
    /// The last row's name, so that series of one metric share no work.
    metric: Option<(ByteArray, Box<str>)>,
}

impl SeriesScan {
    pub(crate) fn open(dir: &Path, meta: &FileMeta) -> Result<Self> {
        let rows = Rows::open(dir, meta, FORMAT, (&COLUMNS, COLUMNS.len()))?;
        Ok(Self { at: RowScan::new(Arc::new(rows)), metric: None })
    }

    pub(crate) fn next(&mut self) -> Result<Option<SeriesRow>> {
        let Some(org) = self.at.next() else { return Ok(None) };
        let key = self.at.key(METRIC_ID)?;
        let kind = u8::try_from(self.at.whole(KIND)?).ok().and_then(Kind::from_u8);
        let tags = Tags::decode(self.at.blob(TAGS)?.data());
        let (Some(kind), Some(tags), true) = (kind, tags, self.at.whole(ORG)? as u32 == org.0) else {
            let damage = Damage::new("a definition without org, kind or tags");
            return Err(self.at.rows.table.corrupt(&damage));
        };
        let def = SeriesDef { metric: self.metric()?, host: self.at.text(HOST)?.into(), tags };
        let (day, interval_s) = (self.at.whole(DAY)? as i32, self.at.whole(INTERVAL)? as u32);
        Ok(Some(SeriesRow { org, key, def: Arc::new(def), day, kind, interval_s }))
    }

    fn metric(&mut self) -> Result<Box<str>> {
        let bytes = self.at.blob(METRIC)?;
        if let Some((before, text)) = &self.metric
            && before.data() == bytes.data()
        {
            return Ok(text.clone());
        }
        let text: Box<str> = self.at.text(METRIC)?.into();
        self.metric = Some((bytes, text.clone()));
        Ok(text)
    }
}

#[cfg(test)]
mod tests;
