//! Which of several columns behaves unlike the others.

use super::spread::median;

/// Columns that are compared; their distances in pairs take time by its square.
pub(crate) const SERIES_MAX: usize = 1_000;

/// Fewer tell nothing about who is odd.
pub(crate) const SERIES_MIN: usize = 3;

/// The least distance that the scaled forms call a difference: this part of the columns' magnitude.
const SCALED_SHARE: f64 = 0.05;

/// The least that the others call one: what arithmetic makes of equal values.
const PLAIN_SHARE: f64 = 1e-9;

/// How far off is odd.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Outlying {
    pub(crate) tolerance: f64,
    /// Distances grow with the columns' magnitude.
    pub(crate) scaled: bool,
}

impl Outlying {
    /// The larger of the typical distance and the part of the magnitude that is no difference yet.
    fn unit(self, typical: f64, magnitude: f64) -> f64 {
        let share = if self.scaled { SCALED_SHARE } else { PLAIN_SHARE };
        typical.max(share * magnitude).max(f64::MIN_POSITIVE)
    }
}

/// Of each bucket the median over the columns.
fn middle(columns: &[&[f64]]) -> Vec<f64> {
    let len = columns.iter().map(|c| c.len()).max().unwrap_or(0);
    (0..len).map(|i| median(columns.iter().map(|c| c.get(i).copied().unwrap_or(f64::NAN)))).collect()
}

fn magnitude(middle: &[f64]) -> f64 {
    let size = median(middle.iter().map(|m| m.abs()));
    if size.is_finite() { size } else { 0.0 }
}

/// Root of the mean squared difference where both have values; NaN when that is nowhere.
fn distance(a: &[f64], b: &[f64]) -> f64 {
    let (mut sum, mut n) = (0.0, 0.0);
    for (x, y) in a.iter().zip(b) {
        let difference = x - y;
        if !difference.is_nan() {
            sum += difference * difference;
            n += 1.0;
        }
    }
    (sum / n).sqrt()
}

/// Columns outside of the largest cluster of DBSCAN, each column being one point. The radius is `tolerance` times the median
/// distance to the pointwise median column; a cluster begins with two. None stands out unless one cluster holds most columns.
pub(crate) fn dbscan(columns: &[&[f64]], how: Outlying) -> Vec<bool> {
    let n = columns.len();
    if !(SERIES_MIN..=SERIES_MAX).contains(&n) {
        return vec![false; n];
    }
    let middle = middle(columns);
    let typical = median(columns.iter().map(|c| distance(c, &middle)));
    let radius = how.tolerance * how.unit(if typical.is_nan() { 0.0 } else { typical }, magnitude(&middle));
    let mut cluster = vec![usize::MAX; n];
    let mut largest: (usize, usize) = (0, 0);
    for seed in 0..n {
        if cluster[seed] != usize::MAX {
            continue;
        }
        cluster[seed] = seed;
        let (mut open, mut size) = (vec![seed], 1);
        while let Some(at) = open.pop() {
            for other in 0..n {
                if cluster[other] == usize::MAX && distance(columns[at], columns[other]) <= radius {
                    cluster[other] = seed;
                    open.push(other);
                    size += 1;
                }
            }
        }
        if size > largest.0 {
            largest = (size, seed);
        }
    }
    let known = columns.iter().filter(|c| c.iter().any(|v| !v.is_nan())).count();
    let is_clear = largest.0 * 2 > known && known >= SERIES_MIN;
    let has_values = |i: usize| columns[i].iter().any(|v| !v.is_nan());
    (0..n).map(|i| is_clear && cluster[i] != largest.1 && has_values(i)).collect()
}

/// Columns of which at least `share` of the points lie further from the pointwise median than `tolerance` times the median of
/// all such distances.
pub(crate) fn mad(columns: &[&[f64]], how: Outlying, share: f64) -> Vec<bool> {
    if columns.len() < SERIES_MIN {
        return vec![false; columns.len()];
    }
    let middle = middle(columns);
    let off =
        |column: &[f64]| -> Vec<f64> { column.iter().zip(&middle).map(|(v, m)| (v - m).abs()).collect() };
    let distances: Vec<Vec<f64>> = columns.iter().map(|c| off(c)).collect();
    let typical = median(distances.iter().flatten().copied());
    let limit = how.tolerance * how.unit(if typical.is_nan() { 0.0 } else { typical }, magnitude(&middle));
    let is_odd = |column: &Vec<f64>| {
        let known = column.iter().filter(|d| !d.is_nan()).count();
        let far = column.iter().filter(|d| **d > limit).count();
        known > 0 && far as f64 >= share * known as f64 && far > 0
    };
    distances.iter().map(is_odd).collect()
}

#[cfg(test)]
mod tests;
