//! One bucket of a histogram: every sample up to a bound, a sketch past it.
//!
//! Up to [`SAMPLES_MAX`] samples the figures are exact, by the Datadog agent's ranks; then the samples are poured into a
//! sketch and median and percentile are right within 1 %, while average, maximum and count stay exact.

use crate::{Mapping, Series, Sketch, TimeMs};

/// Samples kept as they came: 16 bytes each, so 256 KiB a context at most. 1,600 samples a second of one context are exact.
pub(super) const SAMPLES_MAX: usize = 16_384;

/// A sample rate's weight is at most this, so that a forged `@1e-300` can't drown the others (the agent counts in i64 too).
pub(super) const WEIGHT_MAX: f64 = 1e9;

/// The Datadog agent's default aggregates and percentile, in the order it sends them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Figures {
    pub(super) max: f64,
    pub(super) median: f64,
    pub(super) avg: f64,
    pub(super) p95: f64,
    /// Sum of weights.
    pub(super) count: f64,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Histogram {
    /// Value and weight.
    samples: Vec<(f64, f64)>,
    spilled: Option<Box<Sketch>>,
    sum: f64,
    count: f64,
    max: f64,
}

impl Histogram {
    pub(super) fn is_empty(&self) -> bool {
        self.count == 0.0
    }

    /// `weight` is 1 over the sample rate.
    pub(super) fn add(&mut self, value: f64, weight: f64) {
        self.max = if self.is_empty() { value } else { self.max.max(value) };
        self.sum += value * weight;
        self.count += weight;
        match &mut self.spilled {
            Some(sketch) => sketch.insert(value, whole(weight)),
            None => self.samples.push((value, weight)),
        }
        if self.samples.len() >= SAMPLES_MAX {
            let sketch = self.spilled.insert(Box::new(Sketch::new(Mapping::AGENT)));
            for (value, weight) in self.samples.drain(..) {
                sketch.insert(value, whole(weight));
            }
        }
    }

    /// The bucket's figures; empties the histogram.
    pub(super) fn take(&mut self) -> Option<Figures> {
        if self.is_empty() {
            return None;
        }
        let (median, p95) = match self.spilled.take() {
            Some(sketch) => (sketch.quantile(0.5), sketch.quantile(0.95)),
            None => {
                self.samples.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
                (self.ranked((self.count - 1.0) / 2.0), self.ranked((95.0 * self.count - 1.0) / 100.0))
            }
        };
        let figures = Figures { max: self.max, median, avg: self.sum / self.count, p95, count: self.count };
        self.samples.clear();
        (self.sum, self.count) = (0.0, 0.0);
        Some(figures)
    }

    /// The first value, from the smallest, whose running weight is over `target` rounded down.
    fn ranked(&self, target: f64) -> f64 {
        let target = target.floor();
        let mut weight = 0.0;
        for &(value, w) in &self.samples {
            weight += w;
            if weight > target {
                return value;
            }
        }
        self.max
    }
}

fn whole(weight: f64) -> u64 {
    weight.round() as u64
}

impl Figures {
    /// The five series of a histogram, from the one that names it.
    pub(super) fn series(&self, base: &Series, time_ms: TimeMs, seconds: f64) -> [Series; 5] {
        let one = |suffix: &str, kind: crate::Kind, value: f64| Series {
            metric: format!("{}{suffix}", base.metric),
            kind,
            points: vec![(time_ms, value)],
            ..base.clone()
        };
        use crate::Kind::{Gauge, Rate};
        [
            one(".max", Gauge, self.max),
            one(".median", Gauge, self.median),
            one(".avg", Gauge, self.avg),
            one(".count", Rate, self.count / seconds),
            one(".95percentile", Gauge, self.p95),
        ]
    }
}

#[cfg(test)]
mod tests;
