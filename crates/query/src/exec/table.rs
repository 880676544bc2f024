//! What flows between the steps of a plan: columns on one grid, one a group.

use crate::plan::Grid;
use oriel_model::{Band, Frame, FrameSeries, Kind, TimeMs};
use std::sync::Arc;

/// The value of a `by` key that a series does not have.
pub(crate) const ABSENT: &str = "N/A";

/// One group's column. A missing value is NaN.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    /// Values of the table's keys, in their order.
    pub(crate) group: Arc<[String]>,
    pub(crate) values: Vec<f64>,
    pub(crate) band: Option<Band>,
    pub(crate) outlier: Option<bool>,
    pub(crate) kind: Kind,
    /// Counts and rates that were asked for as such: arithmetic takes a missing value as 0.
    pub(crate) counts: bool,
    pub(crate) name: Arc<str>,
    pub(crate) expression: String,
    pub(crate) scope: String,
    pub(crate) aggregator: Arc<str>,
}

#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub(crate) grid: Grid,
    pub(crate) by: Vec<String>,
    pub(crate) columns: Vec<Column>,
}

/// A plan node's answer.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Number(f64),
    Table(Table),
}

impl Column {
    /// With the expression wrapped: `abs(…)`.
    pub(crate) fn wrap(&mut self, around: impl FnOnce(&str) -> String) {
        self.expression = around(&self.expression);
    }
}

impl Table {
    /// The part of each column that the range shows.
    pub(crate) fn visible(&self) -> std::ops::Range<usize> {
        self.grid.before..self.grid.len
    }

    /// Without the first `n` buckets.
    pub(crate) fn trimmed(mut self, n: usize) -> Self {
        if n == 0 {
            return self;
        }
        for column in &mut self.columns {
            column.values.drain(..n);
            if let Some(band) = &mut column.band {
                band.lower.drain(..n);
                band.upper.drain(..n);
            }
        }
        self.grid.start_ms += n as i64 * self.grid.step_ms;
        self.grid.len -= n;
        self.grid.before -= n;
        self
    }

    /// The answer: columns without any value are left out.
    pub(crate) fn into_frame(self, now_ms: TimeMs, notes: Vec<String>) -> Frame {
        let grid = self.grid;
        let last_start = grid.start_ms + (grid.len as i64 - 1) * grid.step_ms;
        let first_open = (now_ms.div_euclid(grid.step_ms) * grid.step_ms).max(grid.start_ms);
        let by = self.by;
        let series = self
            .columns
            .into_iter()
            .filter(|c| c.values.iter().any(|v| !v.is_nan()))
            .map(|c| FrameSeries {
                name: c.name.to_string(),
                expression: c.expression,
                scope: c.scope,
                group: by.iter().cloned().zip(c.group.iter().cloned()).collect(),
                aggregator: c.aggregator.to_string(),
                kind: c.kind,
                values: c.values,
                band: c.band,
                outlier: c.outlier,
            })
            .collect();
        Frame {
            times: grid.times(),
            step_ms: grid.step_ms,
            incomplete_from: (first_open <= last_start).then_some(first_open),
            series,
            notes,
        }
    }
}
