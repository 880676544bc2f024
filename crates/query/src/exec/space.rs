//! Space aggregation: series' columns added into their groups' columns. One flat array a quantity, groups × buckets.

use crate::lang::Aggregator;

/// Running columns of all groups. What `a`, `b` and `c` hold depends on the aggregator.
pub(super) struct GroupColumns {
    aggregator: Aggregator,
    len: usize,
    a: Vec<f64>,
    b: Vec<f64>,
    c: Vec<f64>,
}

impl GroupColumns {
    pub(super) fn new(aggregator: Aggregator, groups: usize, len: usize) -> Self {
        let size = groups * len;
        let with = |wanted: bool, fill: f64| if wanted { vec![fill; size] } else { Vec::new() };
        let stddev = aggregator == Aggregator::Stddev;
        let avg = aggregator == Aggregator::Avg;
        let start = if matches!(aggregator, Aggregator::Avg | Aggregator::Stddev | Aggregator::Count) {
            0.0
        } else {
            f64::NAN
        };
        Self { aggregator, len, a: with(true, start), b: with(stddev || avg, 0.0), c: with(stddev, 0.0) }
    }

    /// Bytes of one bucket of one group.
    pub(super) fn bytes_per_bucket(aggregator: Aggregator) -> usize {
        match aggregator {
            Aggregator::Avg => 16,
            Aggregator::Stddev => 24,
            _ => 8,
        }
    }

    /// Adds a series' values from bucket `from` on.
    pub(super) fn add(&mut self, group: usize, from: usize, values: &[f64]) {
        let at = group * self.len + from;
        let a = &mut self.a[at..at + values.len()];
        match self.aggregator {
            Aggregator::Avg => {
                let b = &mut self.b[at..at + values.len()];
                for ((a, b), v) in a.iter_mut().zip(b).zip(values) {
                    let there = !v.is_nan();
                    *a += if there { *v } else { 0.0 };
                    *b += f64::from(u8::from(there));
                }
            }
            Aggregator::Min => a.iter_mut().zip(values).for_each(|(a, v)| *a = a.min(*v)),
            Aggregator::Max => a.iter_mut().zip(values).for_each(|(a, v)| *a = a.max(*v)),
            Aggregator::Count => {
                a.iter_mut().zip(values).for_each(|(a, v)| *a += f64::from(u8::from(!v.is_nan())));
            }
            Aggregator::Stddev => self.add_deviations(at, values),
            Aggregator::Sum | Aggregator::Percentile(_) => {
                for (a, v) in a.iter_mut().zip(values) {
                    *a = if v.is_nan() {
                        *a
                    } else if a.is_nan() {
                        *v
                    } else {
                        *a + *v
                    };
                }
            }
        }
    }

    /// The same with weights of 0 to 1; only sums and averages know them.
    pub(super) fn add_weighted(&mut self, group: usize, from: usize, values: &[f64], weights: &[f64]) {
        match self.aggregator {
            Aggregator::Sum => {
                let weighted: Vec<f64> = values.iter().zip(weights).map(|(v, w)| v * w).collect();
                self.add(group, from, &weighted);
            }
            Aggregator::Avg => {
                let at = group * self.len + from;
                for (i, (v, w)) in values.iter().zip(weights).enumerate().filter(|(_, (v, _))| !v.is_nan()) {
                    self.a[at + i] += v * w;
                    self.b[at + i] += w;
                }
            }
            _ => self.add(group, from, values),
        }
    }

    /// Welford's running mean and squared distance.
    fn add_deviations(&mut self, at: usize, values: &[f64]) {
        for (i, v) in values.iter().enumerate().filter(|(_, v)| !v.is_nan()) {
            let (mean, n, squares) = (&mut self.a[at + i], &mut self.b[at + i], &mut self.c[at + i]);
            *n += 1.0;
            let before = v - *mean;
            *mean += before / *n;
            *squares += before * (v - *mean);
        }
    }

    /// Adds another thread's groups.
    pub(super) fn merge(&mut self, other: &Self) {
        match self.aggregator {
            Aggregator::Avg => {
                add_each(&mut self.a, &other.a);
                add_each(&mut self.b, &other.b);
            }
            Aggregator::Count => add_each(&mut self.a, &other.a),
            Aggregator::Min => self.a.iter_mut().zip(&other.a).for_each(|(a, v)| *a = a.min(*v)),
            Aggregator::Max => self.a.iter_mut().zip(&other.a).for_each(|(a, v)| *a = a.max(*v)),
            Aggregator::Stddev => self.merge_deviations(other),
            Aggregator::Sum | Aggregator::Percentile(_) => {
                for (a, v) in self.a.iter_mut().zip(&other.a) {
                    *a = if v.is_nan() {
                        *a
                    } else if a.is_nan() {
                        *v
                    } else {
                        *a + *v
                    };
                }
            }
        }
    }

    fn merge_deviations(&mut self, other: &Self) {
        for i in 0..self.a.len() {
            let (n, m) = (self.b[i], other.b[i]);
            if m == 0.0 {
                continue;
            }
            let apart = other.a[i] - self.a[i];
            self.c[i] += other.c[i] + apart * apart * n * m / (n + m);
            self.a[i] += apart * m / (n + m);
            self.b[i] = n + m;
        }
    }

    /// A group's column.
    pub(super) fn column(&self, group: usize) -> Vec<f64> {
        let range = group * self.len..(group + 1) * self.len;
        let a = &self.a[range.clone()];
        match self.aggregator {
            Aggregator::Avg => a.iter().zip(&self.b[range]).map(|(sum, n)| sum / n).collect(),
            Aggregator::Count => a.iter().map(|n| if *n == 0.0 { f64::NAN } else { *n }).collect(),
            Aggregator::Stddev => {
                let each = self.b[range.clone()].iter().zip(&self.c[range]);
                each.map(|(n, squares)| (squares / n).sqrt()).collect()
            }
            _ => a.to_vec(),
        }
    }
}

fn add_each(into: &mut [f64], other: &[f64]) {
    into.iter_mut().zip(other).for_each(|(a, v)| *a += v);
}

#[cfg(test)]
mod tests;
