//! OTLP's histograms as sketches in the agent's mapping. A bucket's count is spread over the bins that it covers: evenly over
//! its values for explicit bounds, evenly over their logarithms for exponential ones, which is how each kind means it.

use opentelemetry_proto::tonic::metrics::v1::{ExponentialHistogramDataPoint, HistogramDataPoint};
use oriel_model::{Mapping, Sketch};

/// The most buckets a point may have; SDKs make 160.
const BUCKETS_MAX: usize = 4096;
/// Finest and coarsest scale of the data model.
const SCALES: std::ops::RangeInclusive<i32> = -10..=20;

/// What a point counted: in all, and by bucket.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Buckets {
    pub(super) count: u64,
    pub(super) sum: Option<f64>,
    min: Option<f64>,
    max: Option<f64>,
    counted: Counted,
}

#[derive(Clone, Debug, PartialEq)]
enum Counted {
    Explicit { bounds: Vec<f64>, counts: Vec<u64> },
    Exponential { scale: i32, zero: u64, positive: Side, negative: Side },
}

/// Buckets on one side of zero: bucket `offset + i` covers `(base^(offset + i), base^(offset + i + 1)]`.
#[derive(Clone, Debug, Default, PartialEq)]
struct Side {
    offset: i32,
    counts: Vec<u64>,
}

impl Buckets {
    /// `None` when bounds and counts do not belong together.
    pub(super) fn explicit(point: &HistogramDataPoint) -> Option<Self> {
        let (bounds, counts) = (&point.explicit_bounds, &point.bucket_counts);
        let fits = counts.is_empty() || counts.len() == bounds.len() + 1;
        let rising = bounds.windows(2).all(|w| w[0] < w[1]) && bounds.iter().all(|b| b.is_finite());
        (fits && rising && counts.len() <= BUCKETS_MAX && adds_up(counts, &[], 0)).then(|| Self {
            count: point.count,
            sum: point.sum,
            min: point.min,
            max: point.max,
            counted: Counted::Explicit { bounds: bounds.clone(), counts: counts.clone() },
        })
    }

    pub(super) fn exponential(point: &ExponentialHistogramDataPoint) -> Option<Self> {
        let side = |side: &Option<_>| match side {
            None => Side::default(),
            Some(b) => {
                let b: &opentelemetry_proto::tonic::metrics::v1::exponential_histogram_data_point::Buckets =
                    b;
                Side { offset: b.offset, counts: b.bucket_counts.clone() }
            }
        };
        let (positive, negative) = (side(&point.positive), side(&point.negative));
        let fits = positive.counts.len().max(negative.counts.len()) <= BUCKETS_MAX
            && adds_up(&positive.counts, &negative.counts, point.zero_count);
        (fits && SCALES.contains(&point.scale)).then_some(Self {
            count: point.count,
            sum: point.sum,
            min: point.min,
            max: point.max,
            counted: Counted::Exponential { scale: point.scale, zero: point.zero_count, positive, negative },
        })
    }

    /// What was counted since an earlier point of the same stream; `None` when something fell, so that it began anew.
    pub(super) fn since(&self, before: &Self) -> Option<Self> {
        let counted = match (&self.counted, &before.counted) {
            (Counted::Explicit { bounds, counts }, Counted::Explicit { bounds: old, counts: before }) => {
                if bounds != old || counts.len() != before.len() {
                    return None;
                }
                let counts = counts.iter().zip(before).map(|(now, was)| now.checked_sub(*was));
                Counted::Explicit { bounds: bounds.clone(), counts: counts.collect::<Option<_>>()? }
            }
            (
                Counted::Exponential { scale, zero, positive, negative },
                Counted::Exponential { scale: old, zero: zero_before, positive: p, negative: n },
            ) => {
                // Scales only become coarser while a stream lives.
                let shift = u32::try_from(old.checked_sub(*scale)?).ok()?;
                Counted::Exponential {
                    scale: *scale,
                    zero: zero.checked_sub(*zero_before)?,
                    positive: positive.since(&p.coarser(shift))?,
                    negative: negative.since(&n.coarser(shift))?,
                }
            }
            _ => return None,
        };
        let sum = self.sum.zip(before.sum).map(|(now, was)| now - was);
        // The least and the most are the whole stream's, not this stretch's.
        Some(Self { count: self.count.checked_sub(before.count)?, sum, min: None, max: None, counted })
    }

    /// The sketch of what was counted.
    pub(super) fn sketch(&self) -> Sketch {
        let mut spread = Spread { sketch: Sketch::new(Mapping::AGENT), sum: 0.0 };
        match &self.counted {
            Counted::Explicit { bounds, counts } if !bounds.is_empty() && !counts.is_empty() => {
                self.spread_explicit(bounds, counts, &mut spread);
            }
            // One bucket says nothing but its mean.
            Counted::Explicit { .. } => {
                let mean = self.sum.unwrap_or(0.0) / (self.count.max(1) as f64);
                spread.point(mean, self.count);
            }
            Counted::Exponential { scale, zero, positive, negative } => {
                spread.point(0.0, *zero);
                for (side, sign) in [(positive, 1.0), (negative, -1.0)] {
                    side.spread(*scale, sign, &mut spread);
                }
            }
        }
        let mut sketch = spread.sketch;
        let told = self.sum.filter(|sum| sum.is_finite());
        sketch.count = sketch.bins.iter().map(|&(_, n)| n).sum();
        sketch.sum = told.unwrap_or(spread.sum);
        let ends = (sketch.bins.first().copied(), sketch.bins.last().copied());
        if let (Some((least, _)), Some((most, _))) = ends {
            let of = |told: Option<f64>, key: i32| {
                told.filter(|x| x.is_finite()).unwrap_or_else(|| Mapping::AGENT.value(key))
            };
            sketch.min = of(self.min, least);
            sketch.max = of(self.max, most);
        }
        sketch
    }

    fn spread_explicit(&self, bounds: &[f64], counts: &[u64], spread: &mut Spread) {
        for (i, &n) in counts.iter().enumerate().filter(|(_, n)| **n > 0) {
            let below = i.checked_sub(1).and_then(|b| bounds.get(b)).copied();
            let above = bounds.get(i).copied();
            // An open end reaches to the least or most seen, where that is told; else it is its bound.
            let low = below.or(self.min).or(above).unwrap_or(0.0);
            let high = above.or(self.max).or(below).unwrap_or(0.0);
            let low = self.min.map_or(low, |min| low.max(min)).min(high);
            let high = self.max.map_or(high, |max| high.min(max)).max(low);
            spread.linear(low, high, n);
        }
    }
}

impl Side {
    fn since(&self, before: &Self) -> Option<Self> {
        let mut counts = self.counts.clone();
        for (i, &was) in before.counts.iter().enumerate().filter(|(_, n)| **n > 0) {
            let index = i64::from(before.offset) + i as i64 - i64::from(self.offset);
            let now = counts.get_mut(usize::try_from(index).ok()?)?;
            *now = now.checked_sub(was)?;
        }
        Some(Self { offset: self.offset, counts })
    }

    /// The same buckets, two and two joined `shift` times.
    fn coarser(&self, shift: u32) -> Self {
        if shift == 0 || self.counts.is_empty() {
            return self.clone();
        }
        let shift = shift.min(31);
        let at = |i: usize| (i64::from(self.offset) + i as i64) >> shift;
        let offset = at(0);
        let mut counts = vec![0; (at(self.counts.len() - 1) - offset + 1) as usize];
        for (i, &n) in self.counts.iter().enumerate() {
            counts[(at(i) - offset) as usize] += n;
        }
        Self { offset: offset as i32, counts }
    }

    fn spread(&self, scale: i32, sign: f64, spread: &mut Spread) {
        // ln(base), where base = 2^(2^-scale).
        let width = std::f64::consts::LN_2 * (-f64::from(scale)).exp2();
        for (i, &n) in self.counts.iter().enumerate().filter(|(_, n)| **n > 0) {
            let low = (f64::from(self.offset) + i as f64) * width;
            spread.logarithmic((low, low + width), sign, n);
        }
    }
}

/// Whether the counts of all buckets together are a number at all.
fn adds_up(some: &[u64], others: &[u64], zero: u64) -> bool {
    some.iter().chain(others).try_fold(zero, |sum, &n| sum.checked_add(n)).is_some()
}

/// A sketch being filled, and the sum of what it stands for.
struct Spread {
    sketch: Sketch,
    sum: f64,
}

impl Spread {
    fn point(&mut self, value: f64, n: u64) {
        if n > 0 && value.is_finite() {
            self.sum += value * n as f64;
            self.sketch.add_bin(Mapping::AGENT.key(value), n);
        }
    }

    /// `n` values evenly between two.
    fn linear(&mut self, low: f64, high: f64, n: u64) {
        let keys = (Mapping::AGENT.key(low), Mapping::AGENT.key(high));
        let width = high - low;
        if keys.0 >= keys.1 || !width.is_finite() {
            return self.point(low + width.clamp(0.0, f64::MAX) / 2.0, n);
        }
        self.sum += (low + width / 2.0) * n as f64;
        self.fill(keys, n, |edge| (edge - low) / width);
    }

    /// `n` values whose logarithms lie evenly between two.
    fn logarithmic(&mut self, (low, high): (f64, f64), sign: f64, n: u64) {
        let middle = ((low + high) / 2.0).exp();
        let keys = (Mapping::AGENT.key(low.exp()), Mapping::AGENT.key(high.exp()));
        if keys.0 >= keys.1 || !middle.is_finite() {
            return self.point(sign * middle.min(f64::MAX), n);
        }
        self.sum += sign * middle * n as f64;
        let share = |edge: f64| (edge.ln() - low) / (high - low);
        if sign > 0.0 {
            self.fill(keys, n, share);
        } else {
            self.fill((-keys.1, -keys.0), n, |edge| 1.0 - share(-edge));
        }
    }

    /// Adds `n` to the bins between two keys, by the share of the values that lies below each bin's upper edge.
    fn fill(&mut self, (first, last): (i32, i32), n: u64, share_below: impl Fn(f64) -> f64) {
        let mut placed = 0;
        for key in first..=last {
            let below = if key == last { 1.0 } else { share_below(upper_edge(key)).clamp(0.0, 1.0) };
            let upto = if key == last { n } else { (below * n as f64).round() as u64 };
            if upto > placed {
                self.sketch.add_bin(key, upto - placed);
                placed = upto;
            }
        }
    }
}

/// Where a bin of the agent's mapping ends towards greater values.
fn upper_edge(key: i32) -> f64 {
    let mapping = Mapping::AGENT;
    let edge = |k: f64| mapping.gamma.powf(k - mapping.offset);
    match key {
        0 => edge(0.5),
        -1 => -edge(0.5),
        k if k > 0 => edge(f64::from(k) + 0.5),
        k => -edge(f64::from(-k) - 0.5),
    }
}
