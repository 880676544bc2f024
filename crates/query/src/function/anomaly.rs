//! `anomalies(q, 'basic', bounds)`: a band of the recent past around the line (`docs/semantics.md`). Those with a season: `exec::expect`.

use super::window::quantile_sorted;
use oriel_model::{Band, BandSide};

/// Buckets before the point that make its band.
pub(crate) const WINDOW: usize = 60;

/// Points that the window must hold: the tenth bucket is the first with a band.
const POINTS_MIN: usize = 9;

/// Interquartile range to standard deviation, for normal noise.
const IQR_TO_SIGMA: f64 = 0.7413;

/// Half of the narrowest band around a value.
pub(crate) fn narrowest(middle: f64) -> f64 {
    1e-9 + 0.005 * middle.abs()
}

/// Median ± bounds × 0.7413 × interquartile range of the window before each point, at least 1e-9 + 0.5 % of the median.
pub(crate) fn basic(values: &[f64], bounds: f64, side: BandSide) -> Band {
    let mut band = Band::unknown(values.len(), side);
    let mut sorted: Vec<f64> = Vec::with_capacity(WINDOW);
    for i in 0..values.len() {
        if sorted.len() >= POINTS_MIN {
            let median = quantile_sorted(&sorted, 0.5);
            let iqr = quantile_sorted(&sorted, 0.75) - quantile_sorted(&sorted, 0.25);
            let half = (bounds * IQR_TO_SIGMA * iqr).max(narrowest(median));
            band.lower[i] = median - half;
            band.upper[i] = median + half;
        }
        if i >= WINDOW && !values[i - WINDOW].is_nan() {
            let at = sorted.partition_point(|s| s.total_cmp(&values[i - WINDOW]).is_lt());
            sorted.remove(at);
        }
        if !values[i].is_nan() {
            let at = sorted.partition_point(|s| s.total_cmp(&values[i]).is_lt());
            sorted.insert(at, values[i]);
        }
    }
    band
}
