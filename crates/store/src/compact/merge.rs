//! The merge of several files' rows by key: streaming, with one row of each input at hand.

use crate::Result;

/// A file's rows in order.
pub(super) trait Scan {
    type Row;
    type Key: Ord + Copy;

    fn next(&mut self) -> Result<Option<Self::Row>>;

    fn key(row: &Self::Row) -> Self::Key;
}

/// Several scans as one, group by group of equal keys.
pub(super) struct Merge<S: Scan> {
    scans: Vec<(S, Option<S::Row>)>,
}

impl<S: Scan> Merge<S> {
    /// `scans` in the order of their sequence: of equal rows the later scan's wins.
    pub(super) fn new(scans: Vec<S>) -> Result<Self> {
        let mut ready = Vec::with_capacity(scans.len());
        for mut scan in scans {
            let row = scan.next()?;
            ready.push((scan, row));
        }
        Ok(Self { scans: ready })
    }

    /// Replaces `group` with all rows of the lowest key left, each with the number of its scan; false at the end.
    pub(super) fn next(&mut self, group: &mut Vec<(usize, S::Row)>) -> Result<bool> {
        group.clear();
        let lowest = self.scans.iter().filter_map(|(_, row)| row.as_ref().map(S::key)).min();
        let Some(lowest) = lowest else { return Ok(false) };
        for (number, (scan, held)) in self.scans.iter_mut().enumerate() {
            while held.as_ref().is_some_and(|row| S::key(row) == lowest) {
                let next = scan.next()?;
                group.extend(std::mem::replace(held, next).map(|row| (number, row)));
            }
        }
        Ok(true)
    }

    pub(super) fn scan(&self, number: usize) -> &S {
        &self.scans[number].0
    }
}
