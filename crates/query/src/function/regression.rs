//! Lines through a column's visible part: least squares, Huber's robust fit, and level segments.

use super::window::middle;
use std::ops::Range;

/// Rounds of reweighting; a dozen suffice for 1e-9, the rest is for stubborn data.
const ROUNDS_MAX: usize = 50;

/// Huber's constant: 95 % as efficient as least squares on normal noise.
const HUBER: f64 = 1.345;

/// A normal distribution's standard deviation from its median absolute deviation.
const MAD_TO_SIGMA: f64 = 1.4826;

pub(super) fn trend_line(values: &mut [f64], visible: Range<usize>) {
    let points = points(values, visible.clone());
    let weights = vec![1.0; points.len()];
    draw(values, visible, fit(&points, &weights));
}

/// Iteratively reweighted least squares: points far from the line pull with a constant force only.
pub(super) fn robust_trend(values: &mut [f64], visible: Range<usize>) {
    let points = points(values, visible.clone());
    let mut weights = vec![1.0; points.len()];
    let mut line = fit(&points, &weights);
    for _ in 0..ROUNDS_MAX {
        let Some((level, slope)) = line else { break };
        let off: Vec<f64> = points.iter().map(|(x, y)| (y - level - slope * x).abs()).collect();
        let mut sorted = off.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        let reach = HUBER * MAD_TO_SIGMA * middle(&sorted);
        if reach <= 0.0 {
            break;
        }
        weights.iter_mut().zip(&off).for_each(|(w, off)| *w = if *off <= reach { 1.0 } else { reach / off });
        let next = fit(&points, &weights);
        let settled = next.is_some_and(|(l, s)| {
            (l - level).abs() + (s - slope).abs() <= 1e-9 * (1.0 + level.abs() + slope.abs())
        });
        line = next;
        if settled {
            break;
        }
    }
    draw(values, visible, line);
}

fn points(values: &[f64], visible: Range<usize>) -> Vec<(f64, f64)> {
    let there = values[visible].iter().enumerate().filter(|(_, v)| !v.is_nan());
    there.map(|(i, v)| (i as f64, *v)).collect()
}

/// Level and slope; a single point has no slope.
fn fit(points: &[(f64, f64)], weights: &[f64]) -> Option<(f64, f64)> {
    let total: f64 = weights.iter().sum();
    if points.is_empty() || total <= 0.0 {
        return None;
    }
    let each = || points.iter().zip(weights);
    let mean_x = each().map(|((x, _), w)| x * w).sum::<f64>() / total;
    let mean_y = each().map(|((_, y), w)| y * w).sum::<f64>() / total;
    let spread: f64 = each().map(|((x, _), w)| w * (x - mean_x) * (x - mean_x)).sum();
    let joint: f64 = each().map(|((x, y), w)| w * (x - mean_x) * (y - mean_y)).sum();
    let slope = if spread > 0.0 { joint / spread } else { 0.0 };
    Some((mean_y - slope * mean_x, slope))
}

fn draw(values: &mut [f64], visible: Range<usize>, line: Option<(f64, f64)>) {
    values[..visible.start].fill(f64::NAN);
    let Some((level, slope)) = line else { return };
    for (i, v) in values[visible].iter_mut().enumerate() {
        *v = level + slope * i as f64;
    }
}

/// The segments of least squared error, where each one costs 3 σ² ln n: what noise of that σ would bring by chance. Exact
/// dynamic programming with pruning of starts that can't win.
pub(super) fn piecewise_constant(values: &mut [f64], visible: Range<usize>) {
    let points = points(values, visible.clone());
    values[..visible.start].fill(f64::NAN);
    let n = points.len();
    if n < 2 {
        return;
    }
    let sums = Sums::of(&points);
    let penalty = penalty(&points, sums.error(0, n));
    let mut best = vec![-penalty; n + 1];
    let mut from = vec![0; n + 1];
    let mut starts = vec![0usize];
    for end in 1..=n {
        let cost = |start: &usize| best[*start] + sums.error(*start, end);
        let Some(winner) = starts.iter().copied().min_by(|a, b| cost(a).total_cmp(&cost(b))) else { return };
        let least = cost(&winner) + penalty;
        starts.retain(|s| best[*s] + sums.error(*s, end) <= least);
        best[end] = least;
        from[end] = winner;
        starts.push(end);
    }
    let mut end = n;
    while end > 0 {
        let start = from[end];
        let level = sums.mean(start, end);
        for (x, _) in &points[start..end] {
            values[visible.start + *x as usize] = level;
        }
        end = start;
    }
}

/// σ is taken from the steps between neighbours, which a change of level touches once.
fn penalty(points: &[(f64, f64)], whole_error: f64) -> f64 {
    let mut steps: Vec<f64> = points.windows(2).map(|w| (w[1].1 - w[0].1).abs()).collect();
    steps.sort_unstable_by(f64::total_cmp);
    let sigma = middle(&steps) * MAD_TO_SIGMA / std::f64::consts::SQRT_2;
    (3.0 * sigma * sigma * (points.len() as f64).ln()).max(whole_error * 1e-9).max(f64::MIN_POSITIVE)
}

/// Prefix sums around the mean: the squared error of any stretch in constant time.
struct Sums {
    centre: f64,
    first: Vec<f64>,
    second: Vec<f64>,
}

impl Sums {
    fn of(points: &[(f64, f64)]) -> Self {
        let centre = points.iter().map(|p| p.1).sum::<f64>() / points.len().max(1) as f64;
        let (mut first, mut second) = (vec![0.0], vec![0.0]);
        for (i, (_, y)) in points.iter().enumerate() {
            let v = y - centre;
            first.push(first[i] + v);
            second.push(second[i] + v * v);
        }
        Self { centre, first, second }
    }

    fn error(&self, start: usize, end: usize) -> f64 {
        let sum = self.first[end] - self.first[start];
        (self.second[end] - self.second[start] - sum * sum / (end - start) as f64).max(0.0)
    }

    fn mean(&self, start: usize, end: usize) -> f64 {
        self.centre + (self.first[end] - self.first[start]) / (end - start) as f64
    }
}
