//! Seasonal exponential smoothing: what each bucket is expected to be from those before it.
//!
//! Level and season follow the values; a value far off moves them only a little (robust Holt-Winters after Gelper, Fried and
//! Croux), until so many on one side show that the level itself has shifted.

use super::spread::{median, spread_about_zero};

/// Errors beyond this many spreads move the state no further.
const CLIP: f64 = 2.0;

/// The same in the estimate of the spread, and what makes it right for normal noise.
const SCALE_CLIP: f64 = 2.0;
const SCALE_NORMAL: f64 = 2.52;

/// So many values in a row, all further off on one side than this many spreads, are a new level.
const SHIFT_RUN: usize = 6;
const SHIFT_AT: f64 = 3.0;

/// What is tried for the level's and the season's pace; the pair that foresees the history best is taken.
const LEVEL_PACES: [f64; 4] = [0.03, 0.1, 0.25, 0.5];
const SEASON_PACES: [f64; 3] = [0.02, 0.1, 0.3];

/// Expectations of consecutive buckets, each from the buckets before it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Expected {
    pub(crate) level: Vec<f64>,
    /// The season's part for the bucket before, this bucket, and the next.
    pub(crate) season: Vec<[f64; 3]>,
    pub(crate) spread: Vec<f64>,
}

#[derive(Clone)]
struct State {
    level: f64,
    season: Vec<f64>,
    spread: f64,
    /// Errors in a row that are far off on one side.
    run: Vec<f64>,
    /// Values that it has seen.
    seen: usize,
}

/// Expectations of all of `values`; None when there are less than two seasons. Those of the first two seasons are not to be used:
/// the start was learnt from them.
pub(crate) fn smooth(values: &[f64], period: usize) -> Option<Expected> {
    let finite: Vec<f64> = values.iter().map(|v| if v.is_finite() { *v } else { f64::NAN }).collect();
    let values = finite.as_slice();
    let first = values.iter().position(|v| v.is_finite())?;
    if values.len() < first + 2 * period || period == 0 {
        return None;
    }
    let start = State::learn(&values[first..], period, first % period)?;
    let tested = first + period..values.len().min(first + TESTED_SEASONS * period);
    let mut best = (f64::INFINITY, LEVEL_PACES[1], SEASON_PACES[1]);
    for level_pace in LEVEL_PACES {
        for season_pace in SEASON_PACES {
            let loss = loss(start.clone(), values, tested.clone(), (level_pace, season_pace));
            if loss < best.0 {
                best = (loss, level_pace, season_pace);
            }
        }
    }
    let mut state = start;
    let mut expected = Expected::default();
    for (i, value) in values.iter().enumerate() {
        let season = |at: usize| state.season[at % period];
        expected.level.push(if i < first { f64::NAN } else { state.level });
        expected.season.push([season(i + period - 1), season(i), season(i + 1)]);
        expected.spread.push(state.spread);
        if i >= first {
            state.update(*value, i % period, (best.1, best.2));
        }
    }
    Some(expected)
}

/// Seasons that the paces are chosen by; later ones change nothing, so that what was expected of a past bucket stays so.
const TESTED_SEASONS: usize = 4;

fn loss(mut state: State, values: &[f64], tested: std::ops::Range<usize>, paces: (f64, f64)) -> f64 {
    let period = state.season.len();
    let scale = state.spread.max(f64::MIN_POSITIVE);
    let mut sum = 0.0;
    for i in tested {
        if values[i].is_finite() {
            let error = (values[i] - state.level - state.season[i % period]) / scale;
            sum += error.abs().min(SHIFT_AT).powi(2);
        }
        state.update(values[i], i % period, paces);
    }
    sum
}

impl State {
    /// From the first seasons; `phase` is the first value's place in its season.
    fn learn(values: &[f64], period: usize, phase: usize) -> Option<Self> {
        let seasons = (values.len() / period).min(3);
        let levels: Vec<f64> =
            values.chunks(period).take(seasons).map(|s| median(s.iter().copied())).collect();
        let at = |place: usize| median((0..seasons).map(|s| values[s * period + place] - levels[s]));
        let shape: Vec<f64> = (0..period).map(at).map(|v| if v.is_nan() { 0.0 } else { v }).collect();
        let errors = (0..seasons * period).map(|i| values[i] - levels[i / period] - shape[i % period]);
        // The median over three seasons hits one of them exactly: their spread is larger than these errors say.
        let spread = spread_about_zero(errors) * 1.5;
        let level = median(levels.iter().copied());
        let mut season = vec![0.0; period];
        for (place, value) in shape.into_iter().enumerate() {
            season[(place + phase) % period] = value;
        }
        (level.is_finite() && spread.is_finite()).then_some(Self {
            level,
            season,
            spread,
            run: Vec::new(),
            seen: 0,
        })
    }

    fn update(&mut self, value: f64, phase: usize, (level_pace, season_pace): (f64, f64)) {
        if !value.is_finite() {
            return;
        }
        self.seen += 1;
        let error = value - self.level - self.season[phase];
        let spread = self.spread;
        let is_far = error.abs() > SHIFT_AT * spread;
        if !is_far || self.run.last().is_some_and(|last| last * error < 0.0) {
            self.run.clear();
        }
        if is_far {
            self.run.push(error);
        }
        let clipped = error.clamp(-CLIP * spread, CLIP * spread);
        let before = self.level;
        self.level += level_pace * clipped;
        if !is_far {
            // At first the shape is the mean of the seasons so far.
            let pace = season_pace.max(1.0 / (2.0 + self.seen as f64 / self.season.len() as f64));
            self.season[phase] += pace * (1.0 - level_pace) * clipped;
        }
        self.follow_spread(error);
        if self.run.len() >= SHIFT_RUN {
            // Errors were measured from a level that had begun to move.
            let shift = median(self.run.iter().copied());
            self.level = before + shift;
            self.spread = spread;
            self.run.clear();
        }
    }

    fn follow_spread(&mut self, error: f64) {
        let pace = 1.0 / self.season.len().clamp(20, 500) as f64;
        if self.spread <= 0.0 {
            self.spread = error.abs() * pace;
            return;
        }
        let share = (error / self.spread / SCALE_CLIP).powi(2);
        let weight = if share <= 1.0 { SCALE_NORMAL * (1.0 - (1.0 - share).powi(3)) } else { SCALE_NORMAL };
        self.spread *= (pace * weight + 1.0 - pace).sqrt();
    }
}

#[cfg(test)]
mod tests;
