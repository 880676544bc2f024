//! From keys to rows: walks a file's rows of keys that come in rising order, reading only the pages of keys it lands on.
//!
//! The index names the key of the first row of each page; a page is searched in memory.

use super::page::Page;
use super::row_scan::{Rows, key_of};
use super::table::{Column, PAGE_ROWS};
use super::values::Damage;
use crate::Result;
use oriel_model::{OrgId, SeriesKey, TimeRange};
use std::sync::Arc;

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
    group: u32,
    pages: Vec<Arc<Page>>,
}

/// A row that was found, with the numbers at its head.
pub(crate) struct Found<'a> {
    pub(crate) group: u32,
    pub(crate) row: usize,
    pages: &'a [Arc<Page>],
}

impl Found<'_> {
    /// The row's number in a column between METRIC and the cursor's `heads_end`.
    pub(crate) fn head(&self, column: usize) -> i64 {
        self.pages[column - METRIC].whole(self.row)
    }
}

impl KeyCursor {
    pub(crate) fn new(rows: Arc<Rows>, org: OrgId, range: TimeRange, heads_end: usize) -> Self {
        let groups = (0u32..).zip(&rows.groups).filter(|(_, g)| g.org == org).map(|(i, _)| i).collect();
        Self { rows, range, groups, at: None, heads_end, group: 0, pages: Vec::new() }
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
        self.at = Some((start, page * PAGE_ROWS));
        self.load()?;
        let low = match (&self.pages[0].column, &self.pages[SERIES - METRIC].column) {
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
            self.load()?;
            let head = |column: usize| self.pages[column - METRIC].whole(row);
            if key_of(head(METRIC), head(SERIES)) != key {
                return Ok(None);
            }
            let overlaps = self.range.overlaps(head(T0), head(T1));
            self.at = Some((position, row + 1));
            self.settle();
            if overlaps {
                return Ok(Some(Found { group: self.groups[position], row, pages: &self.pages }));
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

    /// Has the pages of the current row's head.
    fn load(&mut self) -> Result<()> {
        let Some((position, row)) = self.at else { return Ok(()) };
        let group = self.groups[position];
        if self.group == group && self.pages.first().is_some_and(|p| p.has(row)) {
            return Ok(());
        }
        self.pages.clear();
        self.group = group;
        for column in METRIC..=self.heads_end {
            let page = self.rows.table.page(group as usize, column, row)?;
            if !page.has(row) || page.first_row != row / PAGE_ROWS * PAGE_ROWS {
                let damage = Damage::new("pages of keys that end at different rows");
                return Err(self.rows.table.corrupt(&damage));
            }
            self.pages.push(page);
        }
        let len = |page: &Arc<Page>| page.column.len();
        if self.pages.iter().any(|p| len(p) != len(&self.pages[0])) {
            return Err(self.rows.table.corrupt(&Damage::new("pages of keys of different lengths")));
        }
        Ok(())
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
