//! `autosmooth`: the moving average whose line is smoothest while it keeps the kurtosis of the original, that is, its rare large
//! deviations (the idea of ASAP). One span serves all columns of a query.

use crate::exec::Table;

/// A span is at most this share of the points, so that a trend stays one.
const SPAN_SHARE: usize = 10;

pub(super) fn smooth(table: &mut Table) {
    let visible = table.visible();
    let mean: Vec<f64> = visible
        .clone()
        .filter_map(|i| {
            let present: Vec<f64> =
                table.columns.iter().map(|c| c.values[i]).filter(|v| !v.is_nan()).collect();
            (!present.is_empty()).then(|| present.iter().sum::<f64>() / present.len() as f64)
        })
        .collect();
    let span = best_span(&mean);
    for column in &mut table.columns {
        super::window::rolling_avg(&mut column.values, span);
    }
}

/// With at most 150 spans over 1,500 points every span is tried; no search is needed.
fn best_span(values: &[f64]) -> usize {
    let original = kurtosis(values);
    let mut best = (1, roughness(values));
    for span in 2..=(values.len() / SPAN_SHARE).max(1) {
        let averaged: Vec<f64> = values.windows(span).map(|w| w.iter().sum::<f64>() / span as f64).collect();
        let rough = roughness(&averaged);
        if rough < best.1 && kurtosis(&averaged) >= original {
            best = (span, rough);
        }
    }
    best.0
}

/// Standard deviation of the steps between neighbours.
fn roughness(values: &[f64]) -> f64 {
    let steps: Vec<f64> = values.windows(2).map(|w| w[1] - w[0]).collect();
    let (_, variance, _) = moments(&steps);
    variance.sqrt()
}

fn kurtosis(values: &[f64]) -> f64 {
    let (_, variance, fourth) = moments(values);
    if variance > 0.0 { fourth / (variance * variance) } else { 0.0 }
}

/// Mean, variance and fourth central moment.
fn moments(values: &[f64]) -> (f64, f64, f64) {
    let n = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / n;
    let (mut second, mut fourth) = (0.0, 0.0);
    for v in values {
        let square = (v - mean) * (v - mean);
        second += square;
        fourth += square * square;
    }
    (mean, second / n, fourth / n)
}
