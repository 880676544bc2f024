//! Robust middle and spread.

/// Median absolute deviation to standard deviation, for normal noise.
const MAD_TO_SIGMA: f64 = 1.4826;

/// Mean absolute deviation to standard deviation, for normal noise.
const MEAN_DEVIATION_TO_SIGMA: f64 = 1.2533;

/// The median of the values that there are; NaN of none. The order of `values` changes.
pub(crate) fn median_of(values: &mut [f64]) -> f64 {
    if values.is_empty() {
        return f64::NAN;
    }
    let middle = values.len() / 2;
    let upper = *values.select_nth_unstable_by(middle, f64::total_cmp).1;
    if values.len() % 2 == 1 {
        return upper;
    }
    let lower = values[..middle].iter().copied().fold(f64::NEG_INFINITY, f64::max);
    lower + (upper - lower) / 2.0
}

/// The median, without missing values.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut known: Vec<f64> = values.into_iter().filter(|v| !v.is_nan()).collect();
    median_of(&mut known)
}

/// What the standard deviation would be without outliers, around the median.
pub(crate) fn spread(values: &[f64]) -> f64 {
    let middle = median(values.iter().copied());
    spread_about_zero(values.iter().map(|v| v - middle))
}

/// The same of errors, whose middle is zero. Where more than half of them are equal (counts that are mostly 0), the mean
/// deviation tells more than the median one.
pub(crate) fn spread_about_zero(errors: impl IntoIterator<Item = f64>) -> f64 {
    let mut sizes: Vec<f64> = errors.into_iter().filter(|e| !e.is_nan()).map(f64::abs).collect();
    if sizes.is_empty() {
        return f64::NAN;
    }
    let typical = median_of(&mut sizes) * MAD_TO_SIGMA;
    if typical > 0.0 {
        return typical;
    }
    sizes.iter().sum::<f64>() / sizes.len() as f64 * MEAN_DEVIATION_TO_SIGMA
}

#[cfg(test)]
mod tests;
