//! The time grid: buckets of one step, aligned to the Unix epoch.

use oriel_model::{TimeMs, TimeRange};

/// The steps of a default rollup, in seconds (`docs/semantics.md`).
pub(crate) const STEPS_S: [i64; 16] =
    [1, 2, 5, 10, 20, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 43_200, 86_400];

/// Points a column may have when a rollup asks for its own step; what people know from the product.
pub(crate) const POINTS_MAX: i64 = 1500;

/// `len` buckets from `start_ms`; the first `before` of them lie ahead of the range and only feed functions that look back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Grid {
    pub(crate) start_ms: TimeMs,
    pub(crate) step_ms: i64,
    pub(crate) len: usize,
    pub(crate) before: usize,
    /// Added to a bucket's time to find its data (time shifts).
    pub(crate) shift_ms: i64,
}

impl Grid {
    /// The buckets that a range touches.
    pub(crate) fn covering(range: TimeRange, step_ms: i64) -> Self {
        let start_ms = range.start.div_euclid(step_ms) * step_ms;
        let len = (range.end - start_ms + step_ms - 1).div_euclid(step_ms).max(1);
        Self { start_ms, step_ms, len: len as usize, before: 0, shift_ms: 0 }
    }

    /// With `n` more buckets ahead.
    pub(crate) fn looking_back(self, n: usize) -> Self {
        Self {
            start_ms: self.start_ms - n as i64 * self.step_ms,
            len: self.len + n,
            before: self.before + n,
            ..self
        }
    }

    pub(crate) fn shifted(self, by_ms: i64) -> Self {
        Self { shift_ms: self.shift_ms + by_ms, ..self }
    }

    /// The same time in buckets of another step, which divides this grid's.
    pub(crate) fn refined(self, step_ms: i64) -> Self {
        let per = (self.step_ms / step_ms) as usize;
        Self { step_ms, len: self.len * per, before: self.before * per, ..self }
    }

    /// Where the data of the grid lies.
    pub(crate) fn data(&self) -> TimeRange {
        let start = self.start_ms + self.shift_ms;
        TimeRange::new(start, start + self.len as i64 * self.step_ms)
    }

    pub(crate) fn times(&self) -> Vec<TimeMs> {
        (0..self.len as i64).map(|i| self.start_ms + i * self.step_ms).collect()
    }

    pub(crate) fn step_s(&self) -> f64 {
        self.step_ms as f64 / 1000.0
    }
}
