//! Distributions: points of all series of a group fall into one bucket's sketch, over time and space at once.
//!
//! `count sum avg min max` read no bins; percentiles and stddev merge them.

use super::groups::{Groups, Member};
use super::{deltas, interpolate};
use crate::Result;
use crate::lang::Aggregator;
use crate::plan::{Convert, Delta, Fill, Grid};
use oriel_model::{SeriesKey, Sketch, TimeMs};
use oriel_store::{Cancel, MetricReader, SketchSink, SketchSummary};
use std::sync::Arc;
use std::time::Instant;

/// Points between two looks at the clock.
const POINTS_A_CHECK: u32 = 1024;

/// A merged sketch of one bucket: the agent's ranges of values rarely fill more bins than this.
const SKETCH_BYTES: usize = 2048;

pub(super) struct SketchJob {
    pub(super) reader: Arc<dyn MetricReader>,
    pub(super) keys: Vec<SeriesKey>,
    pub(super) grid: Grid,
    pub(super) groups: Groups,
    pub(super) aggregator: Aggregator,
    pub(super) convert: Convert,
    pub(super) fill: Option<Fill>,
    pub(super) delta: Option<Delta>,
    pub(super) cancel: Cancel,
    pub(super) deadline: Option<Instant>,
}

pub(super) struct SketchAnswer {
    pub(super) columns: Vec<Vec<f64>>,
    pub(super) mixed_mappings: bool,
}

impl SketchJob {
    fn wants_bins(&self) -> bool {
        self.convert == Convert::None
            && matches!(self.aggregator, Aggregator::Percentile(_) | Aggregator::Stddev)
    }

    /// Memory it takes at most, as far as can be told before.
    pub(super) fn bytes(&self) -> usize {
        let bucket = size_of::<Cell>() + if self.wants_bins() { SKETCH_BYTES } else { 0 };
        self.groups.values.len() * self.grid.len * bucket
    }

    pub(super) fn run(&self) -> Result<SketchAnswer> {
        let size = self.groups.values.len() * self.grid.len;
        let mut sink = CellSink {
            job: self,
            cells: vec![Cell::default(); size],
            sketches: if self.wants_bins() { vec![None; size] } else { Vec::new() },
            mixed_mappings: false,
            points: 0,
        };
        self.reader.scan_sketches(&self.keys, self.grid.data(), &self.cancel, &mut sink)?;
        if self.cancel.is_cancelled() {
            return Err(oriel_store::Error::Cancelled.into());
        }
        let columns = (0..self.groups.values.len()).map(|g| self.column(&sink, g)).collect();
        Ok(SketchAnswer { columns, mixed_mappings: sink.mixed_mappings })
    }

    fn column(&self, sink: &CellSink<'_>, group: usize) -> Vec<f64> {
        let range = group * self.grid.len..(group + 1) * self.grid.len;
        let mut values: Vec<f64> = range
            .map(|i| match sink.sketches.get(i) {
                Some(Some(sketch)) => self.of_sketch(sketch),
                _ => self.of_cell(&sink.cells[i]),
            })
            .collect();
        if let Some(fill) = self.fill {
            interpolate::fill_gaps(&mut values, &[], fill, self.grid.step_ms);
        }
        if let Some(delta) = self.delta {
            deltas::apply(delta, &mut values, self.grid.step_s());
        }
        values
    }

    fn of_sketch(&self, sketch: &Sketch) -> f64 {
        match self.aggregator {
            Aggregator::Percentile(p) => sketch.quantile(p / 100.0),
            _ => deviation(sketch),
        }
    }

    fn of_cell(&self, cell: &Cell) -> f64 {
        if cell.count == 0 {
            return f64::NAN;
        }
        let count = cell.count as f64;
        match (self.convert, self.aggregator) {
            (Convert::Count, _) => count,
            (Convert::Rate, _) => count / self.grid.step_s(),
            (_, Aggregator::Avg) => cell.sum / count,
            (_, Aggregator::Sum) => cell.sum,
            (_, Aggregator::Min) => cell.min,
            (_, Aggregator::Max) => cell.max,
            (_, Aggregator::Count) => count,
            _ => f64::NAN,
        }
    }
}

/// The spread of a sketch's bins around their mean.
fn deviation(sketch: &Sketch) -> f64 {
    let n: u64 = sketch.bins.iter().map(|&(_, n)| n).sum();
    let mean = sketch.bins.iter().map(|&(k, c)| sketch.mapping.value(k) * c as f64).sum::<f64>() / n as f64;
    let squares: f64 = sketch
        .bins
        .iter()
        .map(|&(k, c)| {
            let apart = sketch.mapping.value(k) - mean;
            apart * apart * c as f64
        })
        .sum();
    (squares / n as f64).sqrt()
}

#[derive(Clone, Copy, Debug)]
struct Cell {
    count: u64,
    sum: f64,
    min: f64,
    max: f64,
}

impl Default for Cell {
    fn default() -> Self {
        Self { count: 0, sum: 0.0, min: f64::INFINITY, max: f64::NEG_INFINITY }
    }
}

struct CellSink<'a> {
    job: &'a SketchJob,
    cells: Vec<Cell>,
    sketches: Vec<Option<Sketch>>,
    mixed_mappings: bool,
    points: u32,
}

impl CellSink<'_> {
    fn members(&self, series: usize) -> &[Member] {
        let members = &self.job.groups.members;
        let from = members.partition_point(|m| (m.series as usize) < series);
        let to = members.partition_point(|m| (m.series as usize) <= series);
        &members[from..to]
    }
}

impl SketchSink for CellSink<'_> {
    fn wants_bins(&self) -> bool {
        self.job.wants_bins()
    }

    fn point(&mut self, series: usize, time_ms: TimeMs, summary: &SketchSummary, sketch: Option<&Sketch>) {
        self.points += 1;
        if self.points.is_multiple_of(POINTS_A_CHECK)
            && self.job.deadline.is_some_and(|d| Instant::now() >= d)
        {
            self.job.cancel.cancel();
        }
        let grid = self.job.grid;
        let bucket = (time_ms - grid.data().start).div_euclid(grid.step_ms);
        if bucket < 0 || bucket >= grid.len as i64 || summary.count == 0 {
            return;
        }
        let at: Vec<usize> = self
            .members(series)
            .iter()
            .filter(|m| (i64::from(m.from)..i64::from(m.to)).contains(&bucket))
            .map(|m| m.group as usize * grid.len + bucket as usize)
            .collect();
        for i in at {
            let cell = &mut self.cells[i];
            cell.count += summary.count;
            cell.sum += summary.sum;
            cell.min = cell.min.min(summary.min);
            cell.max = cell.max.max(summary.max);
            if let (Some(sketch), Some(slot)) = (sketch, self.sketches.get_mut(i)) {
                let merged = slot.get_or_insert_with(|| Sketch::new(sketch.mapping));
                self.mixed_mappings |= merged.mapping != sketch.mapping;
                merged.merge(sketch);
            }
        }
    }
}
