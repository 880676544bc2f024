//! Buckets of time for rows: the steps and alignment of metrics (`docs/semantics.md`), so that both lie on one grid.

use crate::plan::{Grid, STEPS_S};
use crate::{Error, Result};
use oriel_model::{TimeMs, TimeRange};

/// Buckets of an answer: as the plan's bound on points of one column, with room for a partial one.
const BUCKETS_MAX: usize = 1_501;

/// See the module's head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowGrid {
    pub start_ms: TimeMs,
    pub step_ms: i64,
    pub len: usize,
}

impl RowGrid {
    /// At most 120 buckets.
    pub fn bars(range: TimeRange) -> Self {
        Self::at_most(range, 120)
    }

    /// At most 300 buckets.
    pub fn lines(range: TimeRange) -> Self {
        Self::at_most(range, 300)
    }

    /// With a step of the caller's.
    pub fn stepped(range: TimeRange, step_ms: i64) -> Result<Self> {
        if step_ms < 1 || range.is_empty() {
            return Err(Error::Request("a time grid needs a step, and a range that is not empty".into()));
        }
        let grid: Self = Grid::covering(range, step_ms).into();
        if grid.len > BUCKETS_MAX {
            let message =
                format!("{} buckets are more than {BUCKETS_MAX}; ask for a larger interval", grid.len);
            return Err(Error::Request(message));
        }
        Ok(grid)
    }

    fn at_most(range: TimeRange, points: i64) -> Self {
        let length_ms = range.end.saturating_sub(range.start).max(1);
        let fits = STEPS_S.iter().map(|s| s * 1000).find(|step| length_ms <= step * points);
        let day = 86_400_000;
        let step_ms = fits.unwrap_or_else(|| (length_ms / points / day + 1) * day);
        Grid::covering(range, step_ms).into()
    }

    pub fn times(&self) -> Vec<TimeMs> {
        (0..self.len).map(|i| self.start_ms + i as i64 * self.step_ms).collect()
    }

    /// The bucket of a time, which lies in the grid.
    pub(super) fn clock(&self) -> Clock {
        Clock { grid: *self, from_ns: 0, to_ns: i64::MIN, bucket: 0 }
    }
}

impl From<Grid> for RowGrid {
    fn from(grid: Grid) -> Self {
        Self { start_ms: grid.start_ms, step_ms: grid.step_ms, len: grid.len }
    }
}

/// Finds buckets of times that mostly follow each other: a division only when the bucket changes.
pub(super) struct Clock {
    grid: RowGrid,
    from_ns: i64,
    to_ns: i64,
    bucket: usize,
}

impl Clock {
    pub(super) fn bucket(&mut self, time_ns: i64) -> usize {
        if time_ns < self.from_ns || time_ns >= self.to_ns {
            let (start, step) = (self.grid.start_ms * 1_000_000, self.grid.step_ms * 1_000_000);
            let last = self.grid.len as i64 - 1;
            let bucket = (time_ns - start).div_euclid(step).clamp(0, last);
            self.from_ns = start + bucket * step;
            self.to_ns = self.from_ns + step;
            self.bucket = bucket as usize;
        }
        self.bucket
    }
}
