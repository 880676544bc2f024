//! From keys to rows: walks a file's rows of keys that come in rising order, reading only the pages of keys it lands on.
//!
//! The index names the key of the first row of each page; a page is searched in memory. A block is the rows of one page of
//! keys: it finds each page of other columns once for all of its rows.

use super::page::Page;
use super::row_scan::{Rows, key_of};
use super::table::{Column, PAGE_ROWS};
use super::values::Damage;
use crate::Result;
use oriel_model::{OrgId, SeriesKey, TimeRange};
use parking_lot::Mutex;
use parquet::data_type::ByteArray;
use std::sync::{Arc, OnceLock};

/// Columns that every content with keys begins with, after the org.
pub(crate) const METRIC: usize = 1;
const SERIES: usize = 2;
pub(crate) const T0: usize = 3;
pub(crate) const T1: usize = 4;

/// See the module's head.
pub(crate) struct KeyCursor {
    rows: Arc<Rows>,
    range: TimeRange,
    /// Of the org, in order.
    groups: Vec<u32>,
    /// Position in `groups` and row in the group; `None` before the first and past the last.
    at: Option<(usize, usize)>,
    /// Columns from METRIC up to this one are at hand for the current row.
    heads_end: usize,
    block: Option<Arc<Block>>,
}

/// The rows of one page of keys, shared by whoever keeps one of them.
pub(crate) struct Block {
    rows: Arc<Rows>,
    group: u32,
    /// Columns METRIC to the cursor's `heads_end`.
    heads: Vec<Arc<Page>>,
    /// Of the other columns, by column: fixed-size ones have one page a block.
    fixed: Vec<OnceLock<Arc<Page>>>,
    /// The pages of blobs that were read last: one of an even column, one of an odd, so that a chunk's times and values
    /// do not push each other out.
    blobs: Mutex<[HeldPage; 2]>,
}

/// A page with its column.
type HeldPage = Option<(usize, Arc<Page>)>;

/// A row that was found.
pub(crate) struct Found<'a> {
    pub(crate) block: &'a Arc<Block>,
    pub(crate) row: usize,
}

impl Found<'_> {
    /// The row's number in a column between METRIC and the cursor's `heads_end`.
    pub(crate) fn head(&self, column: usize) -> i64 {
        self.block.head(column, self.row)
    }
}

impl Block {
    fn open(rows: &Arc<Rows>, group: u32, row: usize, heads_end: usize) -> Result<Self> {
        let table = &rows.table;
        let mut heads: Vec<Arc<Page>> = Vec::with_capacity(heads_end);
        for column in METRIC..=heads_end {
            let page = table.page(group as usize, column, row)?;
            if page.first_row != row / PAGE_ROWS * PAGE_ROWS || !page.has(row) {
                return Err(table.corrupt(&Damage::new("pages of keys that end at different rows")));
            }
            heads.push(page);
        }
        if heads.iter().any(|p| p.column.len() != heads[0].column.len()) {
            return Err(table.corrupt(&Damage::new("pages of keys of different lengths")));
        }
        let fixed = (heads_end + 1..rows.columns).map(|_| OnceLock::new()).collect();
        Ok(Self { rows: Arc::clone(rows), group, heads, fixed, blobs: Mutex::default() })
    }

    fn has(&self, group: u32, row: usize) -> bool {
        self.group == group && self.heads[0].has(row)
    }

    #[inline]
    fn head(&self, column: usize, row: usize) -> i64 {
        self.heads[column - METRIC].whole(row)
    }

    /// The page of a column of numbers: it ends where pages of keys do.
    pub(crate) fn fixed(&self, column: usize, row: usize) -> Result<&Arc<Page>> {
        let slot = &self.fixed[column - METRIC - self.heads.len()];
        if let Some(page) = slot.get() {
            return Ok(page);
        }
        let page = self.rows.table.page(self.group as usize, column, row)?;
        if page.first_row != self.heads[0].first_row || page.column.len() != self.heads[0].column.len() {
            let damage = Damage::new("pages of numbers that end at other rows than pages of keys");
            return Err(self.rows.table.corrupt(&damage));
        }
        Ok(slot.get_or_init(|| page))
    }

    pub(crate) fn float(&self, column: usize, row: usize) -> Result<f64> {
        Ok(self.fixed(column, row)?.float(row))
    }

    /// A blob; its page may end anywhere.
    pub(crate) fn blob(&self, column: usize, row: usize) -> Result<ByteArray> {
        let last = &mut self.blobs.lock()[column % 2];
        if let Some((of, page)) = last
            && *of == column
            && page.has(row)
        {
            return Ok(page.blob(row));
        }
        let page = self.rows.table.page(self.group as usize, column, row)?;
        let blob = page.blob(row);
        *last = Some((column, page));
        Ok(blob)
    }
}

impl KeyCursor {
    pub(crate) fn new(rows: Arc<Rows>, org: OrgId, range: TimeRange, heads_end: usize) -> Self {
        let groups = (0u32..).zip(&rows.groups).filter(|(_, g)| g.org == org).map(|(i, _)| i).collect();
        Self { rows, range, groups, at: None, heads_end, block: None }
    }

    /// Moves to the first row that is not before `key`.
    pub(crate) fn seek(&mut self, key: SeriesKey) -> Result<()> {
        let all = &self.rows.groups;
        let begins_before = |&g: &u32| all[g as usize].keys.first().is_some_and(|k| *k < key);
        // The last group that begins before the key may hold it too.
        let start = self.groups.partition_point(begins_before).saturating_sub(1);
        self.at = None;
        let Some(&group) = self.groups.get(start) else { return Ok(()) };
        let page = all[group as usize].keys.partition_point(|k| *k < key).saturating_sub(1);
        let heads = &self.load(group, page * PAGE_ROWS)?.heads;
        let low = match (&heads[0].column, &heads[SERIES - METRIC].column) {
            (Column::I64(metrics), Column::I64(series)) => first_at_least(metrics, series, key),
            _ => 0,
        };
        self.at = Some((start, page * PAGE_ROWS + low));
        self.settle();
        Ok(())
    }

    /// The next row of `key` that overlaps the range.
    pub(crate) fn next(&mut self, key: SeriesKey) -> Result<Option<Found<'_>>> {
        while let Some((position, row)) = self.at {
            let range = self.range;
            let block = self.load(self.groups[position], row)?;
            if key_of(block.head(METRIC, row), block.head(SERIES, row)) != key {
                return Ok(None);
            }
            let overlaps = range.overlaps(block.head(T0, row), block.head(T1, row));
            self.at = Some((position, row + 1));
            self.settle();
            if overlaps {
                return Ok(self.block.as_ref().map(|block| Found { block, row }));
            }
        }
        Ok(None)
    }

    /// Past a group's last row comes the next group.
    fn settle(&mut self) {
        if let Some((position, row)) = self.at
            && row >= self.rows.groups[self.groups[position] as usize].rows
        {
            self.at = (position + 1 < self.groups.len()).then_some((position + 1, 0));
        }
    }

    /// The block that has this row.
    fn load(&mut self, group: u32, row: usize) -> Result<&Block> {
        let block = match self.block.take() {
            Some(block) if block.has(group, row) => block,
            _ => Arc::new(Block::open(&self.rows, group, row, self.heads_end)?),
        };
        Ok(self.block.insert(block))
    }
}

/// The first place of a page whose key is not before `key`.
fn first_at_least(metrics: &[i64], series: &[i64], key: SeriesKey) -> usize {
    let (mut low, mut high) = (0, metrics.len());
    while low < high {
        let middle = usize::midpoint(low, high);
        if key_of(metrics[middle], series[middle]) < key {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}
