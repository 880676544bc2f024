//! A mergeable distribution: DDSketch bins under a named mapping, with exact count, sum, min and max.
//!
//! Bin `k > 0` covers values around `gamma^(k - offset)`; negative keys mirror; 0 is the zero bin. The agent's mapping
//! has gamma 1 + 2/128 and offset 1338 (the smallest value told from zero is 1e-9). dd-trace-js and OTLP differ, so each
//! sketch names its mapping; unequal mappings merge by value (STORE 18).

/// How values fall into bins.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Mapping {
    pub gamma: f64,
    pub offset: f64,
}

impl Mapping {
    /// The Datadog agent's: gamma = 1 + 2/128, bias = 1 - floor(log_gamma(1e-9)) = 1338.
    pub const AGENT: Self = Self { gamma: 1.015625, offset: 1338.0 };

    /// The bin of a value: the nearest centre in log space, ties to even.
    pub fn key(&self, value: f64) -> i32 {
        let magnitude = value.abs();
        if magnitude.is_nan() || magnitude < self.min_value() {
            return 0;
        }
        let key = (magnitude.ln() / self.gamma.ln()).round_ties_even() + self.offset;
        let key = key.clamp(1.0, 32_767.0) as i32;
        if value < 0.0 { -key } else { key }
    }

    /// The value a bin stands for: its centre in log space.
    pub fn value(&self, key: i32) -> f64 {
        match key {
            0 => 0.0,
            k if k < 0 => -self.value(-k),
            k => self.gamma.powf(f64::from(k) - self.offset),
        }
    }

    /// Magnitudes under this fall into the zero bin.
    pub fn min_value(&self) -> f64 {
        self.gamma.powf(1.0 - self.offset)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SketchError {
    #[error("sketch keys and counts differ in length")]
    UnequalBins,
    #[error("sketch has too many bins")]
    TooManyBins,
    #[error("sketch has a value that is not finite")]
    NotFinite,
    #[error("sketch mapping is not one with gamma over 1")]
    BadMapping,
}

/// A distribution. `bins` are sorted by key, without repeats; their counts may sum to less than `count` only when a sender
/// left bins out.
#[derive(Clone, Debug, PartialEq)]
pub struct Sketch {
    pub mapping: Mapping,
    pub count: u64,
    pub sum: f64,
    pub min: f64,
    pub max: f64,
    pub bins: Vec<(i32, u64)>,
}

impl Default for Sketch {
    fn default() -> Self {
        Self::new(Mapping::AGENT)
    }
}

impl Sketch {
    pub fn new(mapping: Mapping) -> Self {
        Self { mapping, count: 0, sum: 0.0, min: f64::INFINITY, max: f64::NEG_INFINITY, bins: Vec::new() }
    }

    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Adds a finite value `weight` times; other values are left out.
    pub fn insert(&mut self, value: f64, weight: u64) {
        if !value.is_finite() || weight == 0 {
            return;
        }
        self.count += weight;
        self.sum += value * weight as f64;
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        self.add_bin(self.mapping.key(value), weight);
    }

    /// Adds to a bin without touching count, sum, min or max.
    pub fn add_bin(&mut self, key: i32, count: u64) {
        match self.bins.binary_search_by_key(&key, |&(k, _)| k) {
            Ok(i) => self.bins[i].1 = self.bins[i].1.saturating_add(count),
            Err(i) => self.bins.insert(i, (key, count)),
        }
    }

    /// Adds another sketch; one of another mapping is added by its bins' values.
    pub fn merge(&mut self, other: &Self) {
        if other.is_empty() {
            return;
        }
        if self.is_empty() {
            self.mapping = other.mapping;
        }
        self.count = self.count.saturating_add(other.count);
        self.sum += other.sum;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        if self.mapping == other.mapping {
            self.bins = merge_bins(&self.bins, &other.bins);
        } else {
            for &(key, count) in &other.bins {
                self.add_bin(self.mapping.key(other.mapping.value(key)), count);
            }
        }
    }

    pub fn avg(&self) -> f64 {
        if self.count == 0 { f64::NAN } else { self.sum / self.count as f64 }
    }

    /// Nearest-rank quantile, `q` in 0..=1; exact at both ends, elsewhere within half a bin.
    pub fn quantile(&self, q: f64) -> f64 {
        let total: u64 = self.bins.iter().map(|&(_, n)| n).sum();
        if self.count == 0 || total == 0 {
            return f64::NAN;
        }
        let rank = ((q.clamp(0.0, 1.0) * total as f64).ceil() as u64).clamp(1, total);
        if rank == 1 {
            return self.min;
        }
        if rank == total {
            return self.max;
        }
        let mut seen = 0;
        for &(key, n) in &self.bins {
            seen += n;
            if seen >= rank {
                return self.mapping.value(key).clamp(self.min, self.max);
            }
        }
        self.max
    }

    /// Sorts bins, adds repeated keys together, and checks what a sender gave.
    pub fn normalise(mut self, bins_max: usize) -> Result<Self, SketchError> {
        if !(self.mapping.gamma.is_finite() && self.mapping.gamma > 1.0 && self.mapping.offset.is_finite()) {
            return Err(SketchError::BadMapping);
        }
        if self.bins.len() > bins_max {
            return Err(SketchError::TooManyBins);
        }
        if self.count > 0 && !(self.sum.is_finite() && self.min.is_finite() && self.max.is_finite()) {
            return Err(SketchError::NotFinite);
        }
        self.bins.sort_unstable_by_key(|&(k, _)| k);
        self.bins = merge_bins(&[], &self.bins);
        Ok(self)
    }
}

/// Merges two key-sorted lists; equal keys, also within one list, are added together.
fn merge_bins(a: &[(i32, u64)], b: &[(i32, u64)]) -> Vec<(i32, u64)> {
    let mut out: Vec<(i32, u64)> = Vec::with_capacity(a.len() + b.len());
    let (mut i, mut j) = (0, 0);
    while i < a.len() || j < b.len() {
        let take_a = j >= b.len() || (i < a.len() && a[i].0 <= b[j].0);
        let (key, n) = if take_a { a[i] } else { b[j] };
        if take_a {
            i += 1
        } else {
            j += 1
        }
        match out.last_mut() {
            Some(last) if last.0 == key => last.1 = last.1.saturating_add(n),
            _ => out.push((key, n)),
        }
    }
    out
}

#[cfg(test)]
mod tests;
