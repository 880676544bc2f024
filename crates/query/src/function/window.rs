//! Windows that end at each point: moving rollups over seconds, averages and medians over points, weighted averages.
//!
//! `rollingavg`, `median` and `ewma` count the points that are there and leave gaps open; `moving_rollup` counts time and has a
//! value wherever its window holds a point.

use crate::plan::MovingMethod;
use crate::scalar::nearest_rank;

/// An `ewma` reads this many spans before the range: what lies further back weighs less than 5 parts in 100,000.
pub(super) const EWMA_SPANS_BACK: usize = 5;

/// Buckets that a moving window reads before the range.
pub(super) const MOVING_BUCKETS_MAX: usize = 10_000;

/// Buckets of a window of some length, at least one.
pub(super) fn moving_len(window_ms: i64, step_ms: i64) -> usize {
    ((window_ms + step_ms - 1) / step_ms).max(1) as usize
}

pub(super) fn moving(values: &mut [f64], len: usize, method: MovingMethod) {
    if method == MovingMethod::Median {
        return moving_median(values, len);
    }
    let there: Vec<f64> = values.iter().map(|v| f64::from(u8::from(!v.is_nan()))).collect();
    let counts = sliding(&there, len, 0.0, |a, b| a + b);
    let or = |absent: f64| values.iter().map(|v| if v.is_nan() { absent } else { *v }).collect::<Vec<f64>>();
    let folded = match method {
        MovingMethod::Min => sliding(&or(f64::INFINITY), len, f64::INFINITY, f64::min),
        MovingMethod::Max => sliding(&or(f64::NEG_INFINITY), len, f64::NEG_INFINITY, f64::max),
        _ => sliding(&or(0.0), len, 0.0, |a, b| a + b),
    };
    for ((v, n), folded) in values.iter_mut().zip(&counts).zip(&folded) {
        *v = match method {
            _ if *n == 0.0 => f64::NAN,
            MovingMethod::Count => *n,
            MovingMethod::Avg => folded / n,
            _ => *folded,
        };
    }
}

/// The fold of each point and the `len - 1` before it, in two passes over blocks of `len`: nothing is ever taken out of a sum, so
/// that a huge value leaves no trace once it is past.
fn sliding(values: &[f64], len: usize, neutral: f64, fold: impl Fn(f64, f64) -> f64) -> Vec<f64> {
    let n = values.len();
    let len = len.clamp(1, n.max(1));
    let (mut heads, mut tails) = (vec![neutral; n], vec![neutral; n]);
    for i in 0..n {
        heads[i] = if i % len == 0 { values[i] } else { fold(heads[i - 1], values[i]) };
    }
    for i in (0..n).rev() {
        let block_ends = i + 1 == n || (i + 1) % len == 0;
        tails[i] = if block_ends { values[i] } else { fold(values[i], tails[i + 1]) };
    }
    (0..n)
        .map(|i| match (i + 1).checked_sub(len) {
            None => heads[i],
            Some(first) if first % len == 0 => heads[i],
            Some(first) => fold(tails[first], heads[i]),
        })
        .collect()
}

fn moving_median(values: &mut [f64], len: usize) {
    let input = values.to_vec();
    let mut sorted: Vec<f64> = Vec::with_capacity(len.min(input.len()));
    for (i, v) in input.iter().enumerate() {
        if i >= len && !input[i - len].is_nan() {
            let gone = input[i - len];
            let at = sorted.partition_point(|s| s.total_cmp(&gone).is_lt());
            sorted.remove(at);
        }
        if !v.is_nan() {
            let at = sorted.partition_point(|s| s.total_cmp(v).is_lt());
            sorted.insert(at, *v);
        }
        values[i] = middle(&sorted);
    }
}

/// The median of sorted values: the mean of the two in the middle when they are even in number.
pub(super) fn middle(sorted: &[f64]) -> f64 {
    match sorted.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => sorted[n / 2],
        n => (sorted[n / 2 - 1] + sorted[n / 2]) / 2.0,
    }
}

/// Calls `fold` with the last `n` points that are there, at each of them.
fn of_points(values: &mut [f64], n: usize, mut fold: impl FnMut(&[f64]) -> f64) {
    let mut points: Vec<f64> = Vec::with_capacity(values.len());
    for v in values.iter_mut().filter(|v| !v.is_nan()) {
        points.push(*v);
        *v = fold(&points[points.len().saturating_sub(n)..]);
    }
}

pub(super) fn rolling_avg(values: &mut [f64], n: usize) {
    of_points(values, n, |points| points.iter().sum::<f64>() / points.len() as f64);
}

pub(super) fn median(values: &mut [f64], n: usize) {
    let mut sorted = Vec::with_capacity(n);
    of_points(values, n, |points| {
        sorted.clear();
        sorted.extend_from_slice(points);
        sorted.sort_unstable_by(f64::total_cmp);
        middle(&sorted)
    });
}

/// Weights fall by 1 - 2/(span + 1) a point; the first points are weighted means of what there is, not the first value's hostages.
pub(super) fn ewma(values: &mut [f64], span: usize) {
    let keep = 1.0 - 2.0 / (span as f64 + 1.0);
    let (mut sum, mut weight) = (0.0, 0.0);
    for v in values.iter_mut().filter(|v| !v.is_nan()) {
        sum = sum * keep + *v;
        weight = weight * keep + 1.0;
        *v = sum / weight;
    }
}

/// A quantile between ranks, as NumPy's default has it; sorts nothing, takes sorted values.
pub(super) fn quantile_sorted(sorted: &[f64], q: f64) -> f64 {
    if sorted.is_empty() {
        return nearest_rank(&mut [], q);
    }
    let at = q * (sorted.len() - 1) as f64;
    let (low, high) = (at.floor() as usize, at.ceil() as usize);
    sorted[low] + (sorted[high] - sorted[low]) * (at - low as f64)
}
