//! Percentiles: nearest rank over the values themselves while they are few, over a sketch when they are many.

use oriel_model::Sketch;

/// The values of one group, or their sketch.
#[derive(Clone, Debug, Default)]
pub(super) struct Quantiles {
    values: Vec<f64>,
    /// By value; empty while each stands for itself.
    weights: Vec<f32>,
    sketch: Option<Box<Sketch>>,
}

impl Quantiles {
    pub(super) fn add(&mut self, value: f64, weight: f64) {
        if let Some(sketch) = &mut self.sketch {
            sketch.insert(value, weight.round().max(1.0) as u64);
            return;
        }
        if weight != 1.0 || !self.weights.is_empty() {
            self.weights.resize(self.values.len(), 1.0);
            self.weights.push(weight as f32);
        }
        self.values.push(value);
    }

    /// Values held as such.
    pub(super) fn exact(&self) -> usize {
        self.values.len()
    }

    /// Whether the values are in a sketch.
    pub(super) fn is_estimate(&self) -> bool {
        self.sketch.is_some()
    }

    /// Puts the values into a sketch.
    pub(super) fn condense(&mut self) {
        let mut sketch = self.sketch.take().unwrap_or_default();
        for (i, value) in self.values.iter().enumerate() {
            let weight = self.weights.get(i).map_or(1, |w| w.round().max(1.0) as u64);
            sketch.insert(*value, weight);
        }
        self.values = Vec::new();
        self.weights = Vec::new();
        self.sketch = Some(sketch);
    }

    pub(super) fn merge(&mut self, mut other: Self) {
        if self.values.is_empty() && self.sketch.is_none() {
            *self = other;
            return;
        }
        if self.sketch.is_none() && other.sketch.is_none() {
            if !self.weights.is_empty() || !other.weights.is_empty() {
                self.weights.resize(self.values.len(), 1.0);
                other.weights.resize(other.values.len(), 1.0);
                self.weights.append(&mut other.weights);
            }
            self.values.append(&mut other.values);
            return;
        }
        self.condense();
        other.condense();
        if let (Some(mine), Some(theirs)) = (&mut self.sketch, &other.sketch) {
            mine.merge(theirs);
        }
    }

    /// The value at a rank, `q` in 0 to 1; NaN of nothing.
    pub(super) fn quantile(&self, q: f64) -> f64 {
        if let Some(sketch) = &self.sketch {
            return sketch.quantile(q);
        }
        if self.values.is_empty() {
            return f64::NAN;
        }
        if self.weights.is_empty() {
            let mut values = self.values.clone();
            let rank = ((q * values.len() as f64).ceil() as usize).clamp(1, values.len());
            return *values.select_nth_unstable_by(rank - 1, f64::total_cmp).1;
        }
        let mut pairs: Vec<(f64, f64)> =
            self.values.iter().copied().zip(self.weights.iter().map(|w| f64::from(*w))).collect();
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
        let total: f64 = pairs.iter().map(|(_, w)| w).sum();
        let mut seen = 0.0;
        for (value, weight) in &pairs {
            seen += weight;
            if seen >= q * total {
                return *value;
            }
        }
        pairs.last().map_or(f64::NAN, |(value, _)| *value)
    }
}

#[cfg(test)]
mod tests;
