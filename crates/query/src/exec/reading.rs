//! What a sample means to its bucket: the table of `docs/semantics.md`, chosen once a piece.

use crate::lang::{FillMethod, RollupMethod};
use crate::plan::{Convert, Leaf};
use oriel_model::{Kind, TimeMs};

/// Prometheus' staleness marker: this NaN and no other.
const STALE_BITS: u64 = 0x7ff0_0000_0000_0002;

/// Gaps of gauges that are filled unless a query says otherwise.
const FILL_MS: i64 = 300_000;

/// What a sample gives to its bucket.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Source {
    /// Its value times this.
    Scaled(f64),
    /// The increase since the sample before, times this.
    Increase(f64),
    /// The increase per second since the sample before.
    IncreaseRate,
}

/// How a piece is read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Mode {
    pub(super) source: Source,
    pub(super) fold: RollupMethod,
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
    pub(super) sees_markers: bool,
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
    pub(super) fn mode(&self, kind: Kind, interval_s: u32) -> Mode {
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

pub(super) fn is_stale(value: f64) -> bool {
    value.to_bits() == STALE_BITS
}

/// The last total that was seen; NaN when there is none.
#[derive(Clone, Copy, Debug)]
pub(super) struct Previous {
    pub(super) time_ms: TimeMs,
    pub(super) value: f64,
}

impl Previous {
    pub(super) const NONE: Self = Self { time_ms: 0, value: f64::NAN };

    /// The step to a total; a fall or a new start counts from zero. NaN without a total before.
    pub(super) fn step(&self, value: f64, reset: bool) -> f64 {
        if reset || value < self.value { value } else { value - self.value }
    }
}

/// Makes of a sample what is folded; NaN when it gives nothing.
pub(super) trait Sample {
    fn take(&mut self, time_ms: TimeMs, value: f64) -> f64;
}

pub(super) struct Scaled(pub(super) f64);

impl Sample for Scaled {
    #[inline]
    fn take(&mut self, _: TimeMs, value: f64) -> f64 {
        value * self.0
    }
}

/// The steps of a running total. `PER_SECOND` divides each by the time it took.
pub(super) struct Steps<const PER_SECOND: bool> {
    pub(super) previous: Previous,
    pub(super) factor: f64,
}

impl<const PER_SECOND: bool> Sample for Steps<PER_SECOND> {
    #[inline]
    fn take(&mut self, time_ms: TimeMs, value: f64) -> f64 {
        if value.is_nan() {
            return f64::NAN;
        }
        let before = std::mem::replace(&mut self.previous, Previous { time_ms, value });
        // Without a total before, NaN: no step.
        let step = if value < before.value { value } else { value - before.value };
        if PER_SECOND {
            let seconds = (time_ms - before.time_ms) as f64 / 1000.0;
            return if seconds > 0.0 { step / seconds } else { f64::NAN };
        }
        step * self.factor
    }
}
