//! Durations over time: how many spans of each length in each bucket, and how many of them failed.

use super::RowGrid;
use super::codes::{Codes, NONE};
use super::numbers::each_number;
use super::source::{Rows, RowsOf};
use crate::Result;
use oriel_model::{Core, Field, TimeMs};
use oriel_store::{Block, Cancel, ScanRequest, ScanStats};

/// Ten steps a decade, from a nanosecond to 10¹³ of them (nearly three hours).
const STEPS_PER_DECADE: usize = 10;
const STEPS: usize = 13 * STEPS_PER_DECADE;
/// Rows of cells that can be told apart on a page; more are joined in pairs.
const ROWS_MAX: usize = 48;

#[derive(Clone, Debug, Default)]
pub struct Heatmap {
    pub times: Vec<TimeMs>,
    pub step_ms: i64,
    /// Ascending; row `i` of cells lies between bounds `i` and `i + 1`.
    pub bounds_ns: Vec<i64>,
    /// By time, then by row.
    pub counts: Vec<Vec<f64>>,
    pub errors: Vec<Vec<f64>>,
    pub stats: ScanStats,
}

struct Cells {
    counts: Vec<f64>,
    errors: Vec<f64>,
}

/// Counts durations.
pub fn heatmap<R: Rows>(rows: &R, of: &RowsOf, grid: RowGrid, cancel: &Cancel) -> Result<Heatmap> {
    let size = grid.len * STEPS;
    let _memory = rows.reserve(size * 16 * 2)?;
    let fields = vec![Field::Core(Core::Duration), Field::Core(Core::Status)];
    let scan = ScanRequest { range: of.range, filter: of.filter.clone(), fields };
    let make = || Cells { counts: vec![0.0; size], errors: vec![0.0; size] };
    let fold = |cells: &mut Cells, block: &Block| {
        let mut clock = grid.clock();
        let status = Codes::of(&block.columns[1], block.rows());
        let error = status.texts.iter().position(|text| text == "error").map_or(NONE, |code| code as u32);
        each_number(&block.columns[0], |row, duration| {
            let cell = clock.bucket(block.time_ns[row]) * STEPS + step(duration);
            cells.counts[cell] += block.weight(row);
            if error != NONE && status.rows[row] == error {
                cells.errors[cell] += block.weight(row);
            }
        });
        Ok(())
    };
    let (workers, stats) = rows.scan(&scan, cancel, make, fold)?;
    let mut all = make();
    for worker in workers {
        all.counts.iter_mut().zip(&worker.counts).for_each(|(sum, n)| *sum += n);
        all.errors.iter_mut().zip(&worker.errors).for_each(|(sum, n)| *sum += n);
    }
    Ok(shown(&all, grid, stats))
}

fn step(duration_ns: f64) -> usize {
    let decades = duration_ns.max(1.0).log10() * STEPS_PER_DECADE as f64;
    // A bound belongs to the row above it, also where the logarithm falls a hair short.
    let step = (decades + 1e-9) as usize;
    step.min(STEPS - 1)
}

fn bound_ns(step: usize) -> i64 {
    10_f64.powf(step as f64 / STEPS_PER_DECADE as f64).round() as i64
}

/// Only the rows between the shortest and the longest, joined where they are too many.
fn shown(cells: &Cells, grid: RowGrid, stats: ScanStats) -> Heatmap {
    let used: Vec<usize> =
        (0..STEPS).filter(|step| (0..grid.len).any(|t| cells.counts[t * STEPS + step] > 0.0)).collect();
    let (Some(&first), Some(&last)) = (used.first(), used.last()) else {
        return Heatmap { times: grid.times(), step_ms: grid.step_ms, stats, ..Heatmap::default() };
    };
    let joined = (last - first + 1).div_ceil(ROWS_MAX);
    let rows = (last - first + 1).div_ceil(joined);
    let row = |values: &[f64], time: usize| -> Vec<f64> {
        let of = |row: usize| {
            let from = first + row * joined;
            (from..(from + joined).min(STEPS)).map(|step| values[time * STEPS + step]).sum()
        };
        (0..rows).map(of).collect()
    };
    Heatmap {
        times: grid.times(),
        step_ms: grid.step_ms,
        bounds_ns: (0..=rows).map(|row| bound_ns(first + row * joined)).collect(),
        counts: (0..grid.len).map(|time| row(&cells.counts, time)).collect(),
        errors: (0..grid.len).map(|time| row(&cells.errors, time)).collect(),
        stats,
    }
}
