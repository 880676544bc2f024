//! A column as one number: what query_value, toplist and `/api/v2/query/scalar` show.

use oriel_model::Frame;

/// How a column is reduced over time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reducer {
    Avg,
    Min,
    Max,
    Sum,
    Last,
    /// Sum of value times step in seconds.
    Area,
    L2norm,
    /// Nearest rank, 0 to 100.
    Percentile(f64),
}

impl Reducer {
    /// Reads the API's words; `percentile` alone is the median, `p95` names one.
    pub fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "avg" | "mean" => Self::Avg,
            "min" => Self::Min,
            "max" => Self::Max,
            "sum" => Self::Sum,
            "last" => Self::Last,
            "area" => Self::Area,
            "l2norm" => Self::L2norm,
            "percentile" => Self::Percentile(50.0),
            _ => match crate::lang::Aggregator::from_word(word)? {
                crate::lang::Aggregator::Percentile(p) => Self::Percentile(p),
                _ => return None,
            },
        })
    }

    /// Over the values that are there; NaN when there is none.
    pub fn reduce(self, values: &[f64], step_ms: i64) -> f64 {
        let mut present = values.iter().copied().filter(|v| !v.is_nan());
        match self {
            Self::Last => present.next_back().unwrap_or(f64::NAN),
            Self::Min => present.fold(f64::NAN, f64::min),
            Self::Max => present.fold(f64::NAN, f64::max),
            Self::Percentile(p) => nearest_rank(&mut present.collect::<Vec<_>>(), p / 100.0),
            Self::L2norm => match present.next() {
                None => f64::NAN,
                Some(first) => present.fold(first * first, |sum, v| sum + v * v).sqrt(),
            },
            Self::Sum | Self::Avg | Self::Area => {
                let (sum, n) = present.fold((0.0, 0u64), |(sum, n), v| (sum + v, n + 1));
                match self {
                    _ if n == 0 => f64::NAN,
                    Self::Avg => sum / n as f64,
                    Self::Area => sum * step_ms as f64 / 1000.0,
                    _ => sum,
                }
            }
        }
    }
}

/// The value at rank ceil(q n), at least the first; reorders the values. NaN when there is none.
pub(crate) fn nearest_rank(values: &mut [f64], q: f64) -> f64 {
    if values.is_empty() {
        return f64::NAN;
    }
    let rank = ((q.clamp(0.0, 1.0) * values.len() as f64).ceil() as usize).clamp(1, values.len());
    *values.select_nth_unstable_by(rank - 1, f64::total_cmp).1
}

/// Each column of a frame as one number, in the order of its columns.
pub fn scalar(frame: &Frame, reducer: Reducer) -> Vec<f64> {
    frame.series.iter().map(|s| reducer.reduce(&s.values, frame.step_ms)).collect()
}

#[cfg(test)]
mod tests;
