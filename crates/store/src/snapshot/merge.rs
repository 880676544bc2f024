//! Overlapping pieces of one series as one run: for an equal time the newer source wins (STORE 11).
//!
//! Within a source times are distinct already, so ranks never tie.

use super::scan::Piece;
use oriel_model::{Kind, TimeMs};

/// Kind, interval, and whether the first sample starts a running total anew.
pub(super) type Shape = (Kind, u32, bool);

/// A sample on its way.
struct Sample {
    time: TimeMs,
    rank: u32,
    /// Index into the shapes.
    shape: u32,
    /// First of a chunk that bears a reset.
    resets: bool,
    value: f64,
}

/// Buffers of a merge.
#[derive(Default)]
pub(super) struct Merged {
    samples: Vec<Sample>,
    shapes: Vec<(Kind, u32)>,
    times: Vec<TimeMs>,
    values: Vec<f64>,
    /// Where each run starts, and its shape.
    starts: Vec<(usize, Shape)>,
}

impl Merged {
    pub(super) fn clear(&mut self) {
        self.samples.clear();
        self.shapes.clear();
        self.times.clear();
        self.values.clear();
        self.starts.clear();
    }

    /// Adds a piece's samples in range. `cut` says that its first sample is not among them.
    pub(super) fn add(&mut self, piece: &Piece, cut: bool, times: &[TimeMs], values: &[f64]) {
        let (kind, interval_s, reset) = piece.shape();
        let shape = self.shapes.len() as u32;
        self.shapes.push((kind, interval_s));
        let rank = piece.rank;
        self.samples.extend(times.iter().zip(values).enumerate().map(|(i, (&time, &value))| Sample {
            time,
            rank,
            shape,
            resets: reset && !cut && i == 0,
            value,
        }));
    }

    /// Sorts, drops what was overwritten, and cuts runs.
    pub(super) fn finish(&mut self) {
        self.samples.sort_by_key(|s| (s.time, s.rank));
        for (n, sample) in self.samples.iter().enumerate() {
            if self.samples.get(n + 1).is_some_and(|next| next.time == sample.time) {
                continue;
            }
            let (kind, interval_s) = self.shapes[sample.shape as usize];
            let joins = match self.starts.last() {
                Some((_, (k, i, _))) => *k == kind && *i == interval_s && !sample.resets,
                None => false,
            };
            if !joins {
                self.starts.push((self.times.len(), (kind, interval_s, sample.resets)));
            }
            self.times.push(sample.time);
            self.values.push(sample.value);
        }
    }

    /// Runs of one shape, in time order, never empty.
    pub(super) fn runs(&self) -> impl Iterator<Item = (Shape, &[TimeMs], &[f64])> {
        self.starts.iter().enumerate().map(|(n, &(start, shape))| {
            let end = self.starts.get(n + 1).map_or(self.times.len(), |next| next.0);
            (shape, &self.times[start..end], &self.values[start..end])
        })
    }
}
