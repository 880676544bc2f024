//! The fused sink: pieces of one series after another, rolled up straight into buckets.
//!
//! The one idea: what a sample means (its kind, converted as the query asks) and how a bucket folds it are chosen once a piece,
//! and one tight loop, compiled for each pair, runs over its samples. Aggregates serve a piece that lies in one bucket.

use super::reading::{Mode, Previous, Reading, Sample, Scaled, Source, Steps, is_stale};
use crate::lang::RollupMethod;
use oriel_model::{Kind, TimeMs, TimeRange};
use oriel_store::{Aggregates, PieceHead, Want};

/// Buckets of one series; `pad` of them lie before the grid and only feed what looks back.
#[derive(Clone, Copy, Debug)]
pub(super) struct Buckets {
    pub(super) start_ms: TimeMs,
    pub(super) step_ms: i64,
    pub(super) len: usize,
}

impl Buckets {
    /// The time that they cover.
    pub(super) fn range(&self) -> TimeRange {
        TimeRange::new(self.start_ms, self.start_ms + self.len as i64 * self.step_ms)
    }
}

/// The buckets of the series at hand.
pub(super) struct SeriesBuckets {
    pub(super) buckets: Buckets,
    reading: Reading,
    /// Sum, minimum or maximum so far.
    folded: Vec<f64>,
    /// How many samples (or increases) each bucket has.
    pub(super) counts: Vec<f64>,
    /// A staleness marker is the last thing in the bucket.
    pub(super) stops: Vec<bool>,
    any_stop: bool,
    mode: Option<Mode>,
    previous: Previous,
    pub(super) kind: Kind,
    pub(super) interval_s: u32,
    touched: bool,
    /// Finished values of pieces that were folded in another way (a series whose kind changed).
    finished: Vec<(usize, f64)>,
}

impl SeriesBuckets {
    pub(super) fn new(buckets: Buckets, reading: Reading) -> Self {
        Self {
            buckets,
            reading,
            folded: vec![0.0; buckets.len],
            counts: vec![0.0; buckets.len],
            stops: vec![false; buckets.len],
            any_stop: false,
            mode: None,
            previous: Previous::NONE,
            kind: Kind::Gauge,
            interval_s: 0,
            touched: false,
            finished: Vec::new(),
        }
    }

    /// Makes ready for another series.
    pub(super) fn clear(&mut self) {
        if self.touched {
            self.counts.fill(0.0);
            self.folded.fill(0.0);
        }
        if self.any_stop {
            self.stops.fill(false);
        }
        self.any_stop = false;
        self.touched = false;
        self.mode = None;
        self.previous = Previous::NONE;
        self.finished.clear();
    }

    pub(super) fn is_empty(&self) -> bool {
        !self.touched && self.finished.is_empty()
    }

    /// The bucket of a time; negative before the first.
    fn index(&self, time_ms: TimeMs) -> i64 {
        (time_ms - self.buckets.start_ms).div_euclid(self.buckets.step_ms)
    }

    /// Chooses how a piece is read. `interval_s` stands in where the piece does not know its own.
    pub(super) fn piece(&mut self, head: &PieceHead, interval_s: u32, has_aggregates: bool) -> Want {
        let interval_s = if head.interval_s > 0 { head.interval_s } else { interval_s };
        let mode = self.reading.mode(head.kind, interval_s);
        if self.mode.is_some_and(|m| m.fold != mode.fold) {
            self.finish_part();
        }
        if matches!(mode.source, Source::Scaled(_)) {
            self.previous = Previous::NONE;
        }
        self.mode = Some(mode);
        self.kind = head.kind;
        self.interval_s = interval_s;
        let (first, last) = (self.index(head.first_ms), self.index(head.last_ms));
        let increases = !matches!(mode.source, Source::Scaled(_));
        if last < 0 {
            return if !increases {
                Want::Nothing
            } else if has_aggregates {
                Want::Aggregates
            } else {
                Want::Samples
            };
        }
        let served = match mode.source {
            Source::Scaled(_) => true,
            Source::Increase(_) => mode.fold == RollupMethod::Sum,
            Source::IncreaseRate => false,
        };
        let hidden = self.reading.sees_markers && !increases;
        if has_aggregates && first == last && served && !hidden { Want::Aggregates } else { Want::Samples }
    }

    pub(super) fn aggregates(&mut self, head: &PieceHead, aggregates: &Aggregates) {
        let Some(mode) = self.mode else { return };
        if aggregates.count == 0 {
            return;
        }
        let index = self.index(head.first_ms);
        let n = aggregates.count as f64;
        match mode.source {
            Source::Scaled(factor) => {
                let Some(at) = self.slot(index) else { return };
                let value = match mode.fold {
                    RollupMethod::Avg | RollupMethod::Sum => aggregates.sum,
                    RollupMethod::Min => aggregates.min,
                    RollupMethod::Max => aggregates.max,
                    RollupMethod::Count => 0.0,
                };
                self.put(at, mode.fold, value * factor, n);
            }
            Source::Increase(_) | Source::IncreaseRate => {
                let step = self.previous.step(aggregates.first, head.reset);
                self.previous = Previous { time_ms: head.last_ms, value: aggregates.last };
                let (Source::Increase(factor), Some(at)) = (mode.source, self.slot(index)) else { return };
                let (step, known) = if step.is_nan() { (0.0, 0.0) } else { (step, 1.0) };
                let steps = n - 1.0 + known;
                if steps > 0.0 {
                    self.put(at, mode.fold, (aggregates.increase + step) * factor, steps);
                }
            }
        }
    }

    fn slot(&self, index: i64) -> Option<usize> {
        usize::try_from(index).ok().filter(|i| *i < self.buckets.len)
    }

    /// Adds a fold of `n` samples to a bucket.
    fn put(&mut self, at: usize, fold: RollupMethod, value: f64, n: f64) {
        let empty = self.counts[at] == 0.0;
        let folded = &mut self.folded[at];
        *folded = match fold {
            _ if empty => value,
            RollupMethod::Min => folded.min(value),
            RollupMethod::Max => folded.max(value),
            _ => *folded + value,
        };
        self.counts[at] += n;
        self.touched = true;
        if self.any_stop && self.stops[at] {
            // The marker came before this bucket's value: it ends the line that leads here.
            self.stops[at] = false;
            if empty && at > 0 {
                self.stops[at - 1] = true;
            }
        }
    }

    pub(super) fn samples(&mut self, head: &PieceHead, times: &[TimeMs], values: &[f64]) {
        let Some(mode) = self.mode else { return };
        if head.reset
            && let (Some(&first), Some(&value)) = (times.first(), values.first())
            && first == head.first_ms
            && !value.is_nan()
            && !matches!(mode.source, Source::Scaled(_))
        {
            // A new start counts from zero, at the time of its first sample.
            let time_ms = if self.previous.value.is_nan() { first } else { self.previous.time_ms };
            self.previous = Previous { time_ms, value: 0.0 };
        }
        let samples = (times, values);
        match mode.source {
            Source::Scaled(factor) => self.fold(mode.fold, &mut Scaled(factor), samples),
            Source::Increase(factor) => {
                let mut source = Steps::<false> { previous: self.previous, factor };
                self.fold(mode.fold, &mut source, samples);
                self.previous = source.previous;
            }
            Source::IncreaseRate => {
                let mut source = Steps::<true> { previous: self.previous, factor: 1.0 };
                self.fold(mode.fold, &mut source, samples);
                self.previous = source.previous;
            }
        }
    }

    /// Compiles the loop for each way to fold.
    fn fold<S: Sample>(&mut self, fold: RollupMethod, source: &mut S, samples: (&[TimeMs], &[f64])) {
        match fold {
            RollupMethod::Avg | RollupMethod::Sum => self.run(fold, source, samples, |a, v| a + v),
            RollupMethod::Min => self.run(fold, source, samples, f64::min),
            RollupMethod::Max => self.run(fold, source, samples, f64::max),
            RollupMethod::Count => self.run(fold, source, samples, |a, _| a),
        }
    }

    /// The loop over samples, one run a bucket.
    #[inline]
    fn run<S: Sample>(
        &mut self,
        fold: RollupMethod,
        source: &mut S,
        (times, values): (&[TimeMs], &[f64]),
        add: impl Fn(f64, f64) -> f64,
    ) {
        let len = times.len().min(values.len());
        let (times, values) = (&times[..len], &values[..len]);
        let mut i = 0;
        while i < len && times[i] < self.buckets.start_ms {
            source.take(times[i], values[i]);
            i += 1;
        }
        let (start_ms, step_ms) = (self.buckets.start_ms, self.buckets.step_ms);
        let (mut index, mut end_ms) = (-1, start_ms);
        while i < len {
            // The next bucket is the usual one: a division each would cost more than its samples.
            index = if times[i] < end_ms + step_ms { index + 1 } else { self.index(times[i]) };
            end_ms = start_ms + (index + 1) * step_ms;
            let Some(at) = self.slot(index) else { return };
            let from = i;
            let (mut folded, mut n) = (0.0, 0u32);
            while i < len && times[i] < end_ms {
                let value = source.take(times[i], values[i]);
                if !value.is_nan() {
                    folded = if n == 0 { value } else { add(folded, value) };
                    n += 1;
                }
                i += 1;
            }
            let gaps = (n as usize) < i - from;
            if gaps {
                self.mark(at, values[from..i].iter());
            }
            if n > 0 {
                self.put(at, fold, folded, f64::from(n));
            }
            if gaps {
                self.mark(at, values[from..i].iter().rev());
            }
        }
    }

    /// Marks a bucket as the end of a line when a staleness marker comes before any value in this order.
    fn mark<'a>(&mut self, at: usize, mut values: impl Iterator<Item = &'a f64>) {
        if values.find(|v| !v.is_nan() || is_stale(**v)).is_some_and(|v| is_stale(*v)) {
            self.stops[at] = true;
            self.any_stop = true;
        }
    }

    /// The series' values; NaN where a bucket has none.
    pub(super) fn finish(&mut self, out: &mut [f64]) {
        out.fill(f64::NAN);
        for &(at, value) in &self.finished {
            out[at] = value;
        }
        let fold = self.mode.map_or(RollupMethod::Avg, |m| m.fold);
        for ((out, folded), n) in out.iter_mut().zip(&self.folded).zip(&self.counts) {
            if *n > 0.0 {
                *out = finished(fold, *folded, *n);
            }
        }
    }

    /// Puts away what was folded in one way before another begins.
    fn finish_part(&mut self) {
        let fold = self.mode.map_or(RollupMethod::Avg, |m| m.fold);
        for at in 0..self.buckets.len {
            if self.counts[at] > 0.0 {
                self.finished.push((at, finished(fold, self.folded[at], self.counts[at])));
                self.counts[at] = 0.0;
            }
        }
    }
}

fn finished(fold: RollupMethod, folded: f64, n: f64) -> f64 {
    match fold {
        RollupMethod::Avg => folded / n,
        RollupMethod::Count => n,
        _ => folded,
    }
}
