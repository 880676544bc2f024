//! A season's shape, level and drift, learnt from whole seasons before (MSTL), to be laid over the time after them.
//!
//! The level is the median of the last seasons' levels: one that shifted stays where it was until most of them have shifted.

use super::spread::{median, spread_about_zero};
use augurs::mstl::stlrs::{MstlParams, StlParams};

/// Points further off their season's usual shape than this many spreads are drawn in before the decomposition sees them.
const CLEAN_AT: f64 = 4.0;

/// Seasons whose levels make the level.
const LEVELS: usize = 5;

/// Part of the seasons that must move the same way for a drift.
const DRIFT_SHARE: f64 = 0.7;

/// Part of the buckets that must have a value.
const KNOWN_SHARE: f64 = 0.5;

/// What a season looks like.
#[derive(Clone, Debug)]
pub(crate) struct Profile {
    /// The shape around the level; the first bucket is that of the first bucket after the history.
    shape: Vec<f64>,
    /// In the middle of the season after the history.
    level: f64,
    /// Drift a bucket.
    slope: f64,
    /// Standard deviation of a season's errors when it is foreseen from the seasons before it.
    pub(crate) spread: f64,
    /// Whole seasons that it was learnt from.
    pub(crate) seasons: usize,
}

impl Profile {
    /// From the values before some moment, the last at the end. `periods` are lengths of seasons in buckets, ascending, each a
    /// part of the next. None when there are less than two seasons.
    pub(crate) fn learn(history: &[f64], periods: &[usize]) -> Option<Self> {
        let period = periods.last().copied().filter(|p| *p >= 2)?;
        let first = history.iter().position(|v| v.is_finite())?;
        // A first season that lacks a little of its start still tells the rest.
        let seasons = (history.len() - first + period / 10) / period;
        let start = history.len().checked_sub(seasons * period).unwrap_or(history.len() % period);
        let values = &history[start..];
        let seasons = values.len() / period;
        let known = values.iter().filter(|v| v.is_finite()).count();
        if seasons < 2 || (known as f64) < KNOWN_SHARE * values.len() as f64 {
            return None;
        }
        let middle = median(values.iter().copied().filter(|v| v.is_finite()));
        let known = |v: &f64| if v.is_finite() { v - middle } else { f64::NAN };
        let raw = Seasons { values: values.iter().map(known).collect(), period };
        let mut profile = Self::of(&raw, periods)?;
        profile.level += middle;
        Some(profile)
    }

    fn of(raw: &Seasons, periods: &[usize]) -> Option<Self> {
        let clean = raw.cleaned();
        let shape = shape(&clean, periods)?;
        let levels = raw.levels(&shape);
        let slope = drift(&levels);
        let seasons = levels.len();
        let spread = raw.spread(&shape, &levels, slope);
        let level = anchored(&levels, slope, seasons);
        Some(Self { shape, level, slope: slope / raw.period as f64, spread, seasons })
    }

    /// Buckets of a season.
    pub(crate) fn len(&self) -> usize {
        self.shape.len()
    }

    /// What is expected `after` buckets behind the history's end; negative ones lie in it.
    pub(crate) fn at(&self, after: i64) -> (f64, [f64; 3]) {
        let shape = |i: i64| self.shape[i.rem_euclid(self.shape.len() as i64) as usize];
        // From the middle of the first season after the end, where the level belongs, to the bucket's own place.
        let from_middle = after as f64 + 0.5 - self.shape.len() as f64 * 0.5;
        (self.level + self.slope * from_middle, [shape(after - 1), shape(after), shape(after + 1)])
    }
}

/// Whole seasons, one after another.
struct Seasons {
    values: Vec<f64>,
    period: usize,
}

impl Seasons {
    fn each(&self) -> std::slice::Chunks<'_, f64> {
        self.values.chunks(self.period)
    }

    /// Each season's middle once the shape is taken off.
    fn levels(&self, shape: &[f64]) -> Vec<f64> {
        self.each().map(|season| median(season.iter().zip(shape).map(|(v, s)| v - s))).collect()
    }

    /// The usual shape: of each place in the season the median over the seasons.
    fn rough_shape(&self, levels: &[f64]) -> Vec<f64> {
        let at = |place: usize| median(self.each().zip(levels).map(|(season, level)| season[place] - level));
        let mut shape: Vec<f64> = (0..self.period).map(at).collect();
        // A place that no season has a value at: what the places around it say.
        let known: Vec<usize> = (0..shape.len()).filter(|i| shape[*i].is_finite()).collect();
        for i in 0..shape.len() {
            if shape[i].is_nan() {
                let next = known.partition_point(|k| *k < i);
                let before = known.get(next.wrapping_sub(1)).or(known.last());
                let after = known.get(next).or(known.first());
                shape[i] = before.zip(after).map_or(0.0, |(a, b)| (shape[*a] + shape[*b]) / 2.0);
            }
        }
        shape
    }

    /// Without gaps, far points and shifts, which would bend the decomposition.
    fn cleaned(&self) -> Self {
        let flat = vec![0.0; self.period];
        let levels = known_levels(self.levels(&flat));
        let shape = self.rough_shape(&levels);
        // Shifts of the level would be taken for shape; only a drift is left for the trend to take.
        let slope = drift(&levels);
        let usual = |i: usize| shape[i % self.period] + levels[i / self.period];
        let errors: Vec<f64> = self.values.iter().enumerate().map(|(i, v)| v - usual(i)).collect();
        let far = CLEAN_AT * spread_about_zero(errors.iter().copied());
        let clean = |(i, error): (usize, &f64)| {
            let error = if error.is_nan() { 0.0 } else { error.clamp(-far, far) };
            shape[i % self.period] + slope * (i / self.period) as f64 + error
        };
        Self { values: errors.iter().enumerate().map(clean).collect(), period: self.period }
    }

    /// Of the errors that each season makes when the seasons before it foresee its level.
    fn spread(&self, shape: &[f64], levels: &[f64], slope: f64) -> f64 {
        let seasons = levels.len() as f64;
        let errors = self.each().enumerate().skip(1).flat_map(|(at, season)| {
            let level = anchored(&levels[..at], slope, at);
            season.iter().zip(shape).map(move |(v, s)| v - s - level)
        });
        // The shape was learnt from these very seasons; a new one differs from it by more.
        spread_about_zero(errors) * ((1.0 + 1.0 / seasons) / (1.0 - 1.0 / seasons)).sqrt()
    }
}

fn known_levels(mut levels: Vec<f64>) -> Vec<f64> {
    let middle = median(levels.iter().copied());
    levels.iter_mut().filter(|l| l.is_nan()).for_each(|l| *l = middle);
    levels
}

/// The level of season `at`, from those before it.
fn anchored(levels: &[f64], slope: f64, at: usize) -> f64 {
    let first = levels.len().saturating_sub(LEVELS);
    median(levels.iter().enumerate().skip(first).map(|(i, level)| level + slope * (at - i) as f64))
}

/// Drift a season: what most seasons agree on. A single shift is none.
fn drift(levels: &[f64]) -> f64 {
    let steps: Vec<f64> = levels.windows(2).map(|w| w[1] - w[0]).filter(|s| s.is_finite()).collect();
    if steps.len() < 3 {
        return 0.0;
    }
    let slope = median(steps.iter().copied());
    let along = steps.iter().filter(|s| **s * slope > 0.0).count();
    if along as f64 >= DRIFT_SHARE * steps.len() as f64 { slope } else { 0.0 }
}

/// The last season's shape by MSTL: locally constant over the seasons, so that it is nearly their mean.
fn shape(clean: &Seasons, periods: &[usize]) -> Option<Vec<f64>> {
    let (n, period) = (clean.values.len(), clean.period);
    let size = spread_about_zero(clean.values.iter().copied());
    if size == 0.0 || !size.is_finite() {
        return Some(vec![0.0; period]);
    }
    let scaled: Vec<f64> = clean.values.iter().map(|v| v / size).collect();
    let mut stl = StlParams::new();
    stl.seasonal_degree(0);
    let usable: Vec<usize> = periods.iter().copied().filter(|p| *p >= 2 && n / 2 >= *p).collect();
    let wide: Vec<usize> = usable.iter().map(|p| (n / p) * 4 + 7).map(|len| len | 1).collect();
    let fit = MstlParams::new().seasonal_lengths(&wide).stl_params(stl).fit(&scaled, &usable).ok()?;
    let mut shape = vec![0.0; period];
    for seasonal in fit.seasonal() {
        for (sum, value) in shape.iter_mut().zip(&seasonal[n - period..]) {
            *sum += value * size;
        }
    }
    let middle = median(shape.iter().copied());
    shape.iter_mut().for_each(|s| *s -= middle);
    Some(shape)
}

#[cfg(test)]
mod tests;
