//! Cuts a batch into parts that each fit one record.
//!
//! The estimate is what a sample can cost at worst, so no part is ever too large; a batch of a usual request is one part.

use super::{RECORD_BYTES_MAX, ROWS_MAX};
use crate::registry::def_bytes;
use oriel_model::{MetricBatch, SeriesDef};
use std::sync::Arc;

/// A time and a value, each as a varint of ten bytes at worst.
const SAMPLE_BYTES: usize = 20;

/// Key, shape, interval and counts of a series; the fixed part of a sketch is of the same order.
const ENTRY_BYTES: usize = 64;

/// Key and count of a bin at worst.
const BIN_BYTES: usize = 15;

/// Samples of one entry at most, so that a long series can be cut: a fraction of a record.
const ENTRY_SAMPLES_MAX: usize = 65_536;

/// A run of one series in a part.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) series: u32,
    pub(super) from: u32,
    pub(super) to: u32,
    /// The first of its series in this part: the one that carries a definition.
    pub(super) defines: bool,
}

/// What goes into one record.
#[derive(Debug, Default)]
pub(super) struct Part {
    pub(super) series: Vec<Entry>,
    /// Number of the entry in this part, and of the sketch in the batch.
    pub(super) sketches: Vec<(u32, u32)>,
    /// Bytes at worst.
    pub(super) bytes: usize,
    rows: usize,
}

struct Splitter<'a> {
    defs: &'a [Option<Arc<SeriesDef>>],
    done: Vec<Part>,
    part: Part,
    /// The first entry of each series in the open part.
    entry_of: Vec<u32>,
}

/// See the module's head. Series without rows are left out.
pub(super) fn split(batch: &MetricBatch, defs: &[Option<Arc<SeriesDef>>]) -> Vec<Part> {
    let entry_of = vec![u32::MAX; batch.series.len()];
    let mut splitter = Splitter { defs, done: Vec::new(), part: Part::default(), entry_of };
    for (i, series) in batch.series.iter().enumerate() {
        let end = series.first + series.len;
        let mut from = series.first;
        while from < end {
            let to = end.min(from + ENTRY_SAMPLES_MAX as u32);
            splitter.add(i as u32, from, to);
            from = to;
        }
    }
    for (n, point) in batch.sketches.iter().enumerate() {
        splitter.add_sketch(point.series, n as u32, ENTRY_BYTES + point.sketch.bins.len() * BIN_BYTES);
    }
    splitter.close();
    splitter.done
}

impl Splitter<'_> {
    fn add(&mut self, series: u32, from: u32, to: u32) {
        let rows = (to - from) as usize;
        self.make_room(rows * SAMPLE_BYTES + self.entry_bytes(series), rows);
        self.open_entry(series, from, to);
    }

    fn add_sketch(&mut self, series: u32, number: u32, bytes: usize) {
        self.make_room(bytes + self.entry_bytes(series), 1);
        if self.entry_of[series as usize] == u32::MAX {
            self.open_entry(series, 0, 0);
        }
        self.part.bytes += bytes;
        self.part.sketches.push((self.entry_of[series as usize], number));
    }

    fn entry_bytes(&self, series: u32) -> usize {
        let def = self.defs.get(series as usize).and_then(Option::as_ref);
        ENTRY_BYTES + def.map_or(0, |d| def_bytes(d))
    }

    fn open_entry(&mut self, series: u32, from: u32, to: u32) {
        let first = &mut self.entry_of[series as usize];
        let defines = *first == u32::MAX;
        if defines {
            *first = self.part.series.len() as u32;
        }
        self.part.bytes += self.entry_bytes(series) + (to - from) as usize * SAMPLE_BYTES;
        self.part.rows += (to - from) as usize;
        self.part.series.push(Entry { series, from, to, defines });
    }

    fn make_room(&mut self, bytes: usize, rows: usize) {
        if self.part.bytes + bytes > RECORD_BYTES_MAX || self.part.rows + rows > ROWS_MAX {
            self.close();
        }
    }

    fn close(&mut self) {
        if self.part.series.is_empty() {
            return;
        }
        for entry in &self.part.series {
            self.entry_of[entry.series as usize] = u32::MAX;
        }
        self.done.push(std::mem::take(&mut self.part));
    }
}
