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

/// The step from the total before to this one; a fall or a new start counts from zero.
pub(super) fn boundary(previous: Option<(TimeMs, f64)>, value: f64, reset: bool) -> Option<f64> {
    if reset {
        return Some(value);
    }
    previous.map(|(_, before)| if value < before { value } else { value - before })
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

pub(super) struct Increase {
    pub(super) previous: Option<(TimeMs, f64)>,
    factor: f64,
    per_second: bool,
}

impl Increase {
    pub(super) fn new(previous: Option<(TimeMs, f64)>, source: Source) -> Self {
        let factor = if let Source::Increase(factor) = source { factor } else { 1.0 };
        Self { previous, factor, per_second: source == Source::IncreaseRate }
    }
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
