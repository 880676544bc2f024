//! Reading a file from its first row to its last, past the cache: for compaction and for contents that are read whole.
//!
//! Also the index at the end of a file, which the direct reader of samples searches.

use super::page::{Page, TableReader};
use super::table::{ColumnSpec, PAGE_ROWS};
use super::values::{Damage, Decoded};
use crate::Result;
use crate::parts::FileMeta;
use oriel_model::{MetricId, OrgId, SeriesId, SeriesKey};
use parquet::data_type::ByteArray;
use std::path::Path;
use std::sync::Arc;

/// A row group, as the index says.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) org: OrgId,
    pub(crate) rows: usize,
    /// Key of the first row of each page.
    pub(crate) keys: Vec<SeriesKey>,
}

/// An open file with its index, its columns checked.
pub(crate) struct Rows {
    pub(crate) table: TableReader,
    pub(crate) groups: Vec<Group>,
    /// How many of the content's columns it has.
    pub(crate) columns: usize,
}

impl Rows {
    /// Opens a file of this format, whose columns are `specs`, or the first `few` of them.
    pub(crate) fn open(
        dir: &Path,
        meta: &FileMeta,
        format: &str,
        (specs, few): (&[ColumnSpec], usize),
    ) -> Result<Self> {
        let table = TableReader::open(dir, meta, format)?;
        let columns = table.columns();
        if !(columns == specs.len() || columns == few) || !table.has_columns(&specs[..columns]) {
            return Err(table.corrupt(&Damage::new("columns that are not the format's")));
        }
        let groups = parse_index(&table.index()?).map_err(|e| table.corrupt(&e))?;
        let fits = |(i, g): (usize, &Group)| {
            g.rows == table.group_rows(i) && g.keys.len() == g.rows.div_ceil(PAGE_ROWS)
        };
        if groups.len() != table.groups() || !groups.iter().enumerate().all(fits) {
            return Err(table.corrupt(&Damage::new("an index of other row groups")));
        }
        Ok(Self { table, groups, columns })
    }
}

fn parse_index(mut bytes: &[u8]) -> Decoded<Vec<Group>> {
    fn take<const W: usize>(bytes: &mut &[u8]) -> Decoded<[u8; W]> {
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

/// A place in a file, with one page of each column that was asked for.
pub(crate) struct RowScan {
    pub(crate) rows: Arc<Rows>,
    group: usize,
    row: usize,
    /// Before the first `next`.
    fresh: bool,
    pages: Vec<Option<Page>>,
}

impl RowScan {
    pub(crate) fn new(rows: Arc<Rows>) -> Self {
        let pages = (0..rows.columns).map(|_| None).collect();
        Self { rows, group: 0, row: 0, fresh: true, pages }
    }

    /// Moves to the next row, the first one at first; its org, or `None` past the last.
    pub(crate) fn next(&mut self) -> Option<OrgId> {
        if self.fresh {
            self.fresh = false;
        } else {
            self.row += 1;
        }
        if self.rows.groups.get(self.group).is_some_and(|g| self.row >= g.rows) {
            self.group += 1;
            self.row = 0;
            self.pages.iter_mut().for_each(|p| *p = None);
        }
        self.rows.groups.get(self.group).map(|g| g.org)
    }

    fn at(&mut self, column: usize) -> Result<&Page> {
        let held = self.pages[column].take().filter(|p| p.has(self.row));
        let page = match held {
            Some(page) => page,
            None => self.rows.table.page_once(self.group, column, self.row)?,
        };
        Ok(self.pages[column].insert(page))
    }

    /// The current row's number in an integer column.
    pub(crate) fn whole(&mut self, column: usize) -> Result<i64> {
        let row = self.row;
        Ok(self.at(column)?.whole(row))
    }

    pub(crate) fn float(&mut self, column: usize) -> Result<f64> {
        let row = self.row;
        Ok(self.at(column)?.float(row))
    }

    pub(crate) fn blob(&mut self, column: usize) -> Result<ByteArray> {
        let row = self.row;
        Ok(self.at(column)?.blob(row))
    }

    pub(crate) fn text(&mut self, column: usize) -> Result<String> {
        let blob = self.blob(column)?;
        match std::str::from_utf8(blob.data()) {
            Ok(text) => Ok(text.to_owned()),
            Err(_) => Err(self.rows.table.corrupt(&Damage::new("text that is not UTF-8"))),
        }
    }

    pub(crate) fn key(&mut self, metric: usize) -> Result<SeriesKey> {
        Ok(key_of(self.whole(metric)?, self.whole(metric + 1)?))
    }
}

pub(crate) fn key_of(metric: i64, series: i64) -> SeriesKey {
    SeriesKey { metric: MetricId(metric as u64), series: SeriesId(series as u64) }
}
