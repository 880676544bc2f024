//! The fused sink: pieces of one series after another, rolled up straight into buckets.
//!
//! The one idea: what a sample means (its kind, converted as the query asks) and how a bucket folds it are chosen once a piece,
//! and one tight loop, compiled for each pair, runs over its samples. Aggregates serve a piece that lies in one bucket.

use crate::lang::{FillMethod, RollupMethod};
use crate::plan::{Convert, Leaf};
use oriel_model::{Kind, TimeMs};
use oriel_store::{Aggregates, PieceHead, Want};

/// Prometheus' staleness marker: this NaN and no other.
const STALE_BITS: u64 = 0x7ff0_0000_0000_0002;

/// Gaps of gauges that are filled unless a query says otherwise.
const FILL_MS: i64 = 300_000;

/// Buckets of one series; `pad` of them lie before the grid and only feed what looks back.
#[derive(Clone, Copy, Debug)]
pub(super) struct Buckets {
    pub(super) start_ms: TimeMs,
    pub(super) step_ms: i64,
    pub(super) len: usize,
}

/// What a sample gives to its bucket.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Source {
    /// Its value times this.
    Scaled(f64),
    /// The increase since the sample before, times this.
    Increase(f64),
    /// The increase per second since the sample before.
    IncreaseRate,
}

/// How a piece is read.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Mode {
    source: Source,
    fold: RollupMethod,
}

/// What the query asks of each sample.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    method: Option<RollupMethod>,
    convert: Convert,
    /// A rate function takes increases of cumulative series.
    increases: bool,
    step_s: f64,
    /// Gaps may be filled, so that staleness markers must be seen: aggregates hide them. Steps that whole chunks fit into are
    /// longer than any gap that is filled, so nothing is lost by it.
    sees_markers: bool,
}

impl Reading {
    pub(super) fn new(leaf: &Leaf, step_ms: i64) -> Self {
        let limit_ms = leaf.fill.map_or(FILL_MS, |fill| fill.limit_ms);
        Self {
            method: leaf.method,
            convert: leaf.convert,
            increases: leaf.delta.is_some() && leaf.convert == Convert::None,
            step_s: step_ms as f64 / 1000.0,
            sees_markers: limit_ms >= 2 * step_ms
                || leaf.fill.is_some_and(|f| limit_ms >= step_ms && f.method != FillMethod::Linear),
        }
    }

    /// Whether this kind's samples count by their increase.
    pub(super) fn takes_increases(&self, kind: Kind) -> bool {
        kind == Kind::Cumulative && (self.convert != Convert::None || self.increases)
    }

    /// The table of `docs/semantics.md`.
    fn mode(&self, kind: Kind, interval_s: u32) -> Mode {
        let interval = f64::from(interval_s.max(1));
        let convert = if self.increases && kind == Kind::Cumulative { Convert::Count } else { self.convert };
        let avg = self.method.unwrap_or(RollupMethod::Avg);
        let sum = self.method.unwrap_or(RollupMethod::Sum);
        let (source, fold) = match (convert, kind) {
            (Convert::None, _) | (_, Kind::Gauge | Kind::Distribution) => (Source::Scaled(1.0), avg),
            (Convert::Count, Kind::Rate) => (Source::Scaled(interval), sum),
            (Convert::Count, Kind::Count) => (Source::Scaled(1.0), sum),
            (Convert::Count, Kind::Cumulative) => (Source::Increase(1.0), sum),
            (Convert::Rate, kind) if sum == RollupMethod::Sum => match kind {
                Kind::Rate => (Source::Scaled(interval / self.step_s), sum),
                Kind::Cumulative => (Source::Increase(1.0 / self.step_s), sum),
                _ => (Source::Scaled(1.0 / self.step_s), sum),
            },
            (Convert::Rate, Kind::Rate) => (Source::Scaled(1.0), sum),
            (Convert::Rate, Kind::Cumulative) => (Source::IncreaseRate, sum),
            (Convert::Rate, Kind::Count) => (Source::Scaled(1.0 / interval), sum),
        };
        Mode { source, fold }
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
    previous: Option<(TimeMs, f64)>,
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
            previous: None,
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
        self.previous = None;
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
            self.previous = None;
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
                let step = boundary(self.previous, aggregates.first, head.reset);
                self.previous = Some((head.last_ms, aggregates.last));
                let (Source::Increase(factor), Some(at)) = (mode.source, self.slot(index)) else { return };
                let steps = n - 1.0 + f64::from(u8::from(step.is_some()));
                if steps > 0.0 {
                    let value = (aggregates.increase + step.unwrap_or(0.0)) * factor;
                    self.put(at, mode.fold, value, steps);
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
            self.previous = Some((self.previous.map_or(first, |(t, _)| t), 0.0));
        }
        match mode.source {
            Source::Scaled(factor) => self.fold(mode.fold, Scaled(factor), times, values),
            Source::Increase(factor) => {
                let mut source = Increase { previous: self.previous, factor, per_second: false };
                source = self.fold_steps(mode.fold, source, times, values);
                self.previous = source.previous;
            }
            Source::IncreaseRate => {
                let mut source = Increase { previous: self.previous, factor: 1.0, per_second: true };
                source = self.fold_steps(mode.fold, source, times, values);
                self.previous = source.previous;
            }
        }
    }

    fn fold(&mut self, fold: RollupMethod, source: Scaled, times: &[TimeMs], values: &[f64]) {
        let mut source = source;
        match fold {
            RollupMethod::Avg | RollupMethod::Sum => self.run(fold, &mut source, times, values, |a, v| a + v),
            RollupMethod::Min => self.run(fold, &mut source, times, values, f64::min),
            RollupMethod::Max => self.run(fold, &mut source, times, values, f64::max),
            RollupMethod::Count => self.run(fold, &mut source, times, values, |a, _| a),
        }
    }

    fn fold_steps(
        &mut self,
        fold: RollupMethod,
        mut source: Increase,
        times: &[TimeMs],
        values: &[f64],
    ) -> Increase {
        match fold {
            RollupMethod::Avg | RollupMethod::Sum => self.run(fold, &mut source, times, values, |a, v| a + v),
            RollupMethod::Min => self.run(fold, &mut source, times, values, f64::min),
            RollupMethod::Max => self.run(fold, &mut source, times, values, f64::max),
            RollupMethod::Count => self.run(fold, &mut source, times, values, |a, _| a),
        }
        source
    }

    /// The loop over samples, one run a bucket.
    #[inline]
    fn run<S: Sample>(
        &mut self,
        fold: RollupMethod,
        source: &mut S,
        times: &[TimeMs],
        values: &[f64],
        add: impl Fn(f64, f64) -> f64,
    ) {
        let len = times.len().min(values.len());
        let (times, values) = (&times[..len], &values[..len]);
        let mut i = 0;
        while i < len && times[i] < self.buckets.start_ms {
            source.take(times[i], values[i]);
            i += 1;
        }
        while i < len {
            let index = self.index(times[i]);
            let Some(at) = self.slot(index) else { return };
            let end_ms = self.buckets.start_ms + (index + 1) * self.buckets.step_ms;
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

fn is_stale(value: f64) -> bool {
    value.to_bits() == STALE_BITS
}

/// The step from the total before to this one; a fall or a new start counts from zero.
fn boundary(previous: Option<(TimeMs, f64)>, value: f64, reset: bool) -> Option<f64> {
    if reset {
        return Some(value);
    }
    previous.map(|(_, before)| if value < before { value } else { value - before })
}

/// Makes of a sample what is folded; NaN when it gives nothing.
trait Sample {
    fn take(&mut self, time_ms: TimeMs, value: f64) -> f64;
}

struct Scaled(f64);

impl Sample for Scaled {
    #[inline]
    fn take(&mut self, _: TimeMs, value: f64) -> f64 {
        value * self.0
    }
}

struct Increase {
    previous: Option<(TimeMs, f64)>,
    factor: f64,
    per_second: bool,
}

impl Sample for Increase {
    #[inline]
    fn take(&mut self, time_ms: TimeMs, value: f64) -> f64 {
        if value.is_nan() {
            return f64::NAN;
        }
        let before = self.previous.replace((time_ms, value));
        let Some(step) = boundary(before, value, false) else { return f64::NAN };
        if self.per_second {
            let seconds = before.map_or(0, |(t, _)| time_ms - t) as f64 / 1000.0;
            return if seconds > 0.0 { step / seconds } else { f64::NAN };
        }
        step * self.factor
    }
}
