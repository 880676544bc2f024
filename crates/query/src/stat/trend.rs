//! A straight line through the past, drawn on into the future.

use super::spread::spread_about_zero;

/// Rounds of reweighting; the line moves no more after a few.
const ROUNDS: usize = 8;

/// Errors beyond this many spreads weigh less (Huber).
const HUBER_AT: f64 = 1.345;

/// How much of the past the line follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Memory {
    /// All of it alike, by least squares.
    Whole,
    /// All of it, the later part more, and little moved by outliers.
    Fading,
    /// Mostly the last part, outliers or not.
    Recent,
}

/// A line over bucket numbers, with what its errors are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trend {
    level: f64,
    slope: f64,
    middle: f64,
    weight: f64,
    square: f64,
    spread: f64,
}

impl Trend {
    /// Through the values, the last at the end. None with less than three.
    pub(crate) fn fit(values: &[f64], memory: Memory) -> Option<Self> {
        let first = values.iter().position(|v| v.is_finite())?;
        let span = (values.len() - first) as f64;
        let points: Vec<(f64, f64)> = values
            .iter()
            .enumerate()
            .filter(|(_, v)| v.is_finite())
            .map(|(i, v)| (i as f64 - values.len() as f64, *v))
            .collect();
        if points.len() < 3 {
            return None;
        }
        // Half of the weight lies in the last half, and in the last twelfth.
        let age = |x: f64| match memory {
            Memory::Whole => 1.0,
            Memory::Fading => 0.5f64.powf(-x / (span / 2.0)),
            Memory::Recent => 0.5f64.powf(-x / (span / 12.0).max(2.0)),
        };
        let mut trend = Self::weighted(&points, |x, _| age(x))?;
        if memory == Memory::Fading {
            for _ in 0..ROUNDS {
                let (last, scale) = (trend, trend.spread * HUBER_AT);
                let huber =
                    |error: f64| if scale > 0.0 && error.abs() > scale { scale / error.abs() } else { 1.0 };
                trend = Self::weighted(&points, |x, y| age(x) * huber(y - last.at(x)))?;
            }
        }
        Some(trend)
    }

    fn weighted(points: &[(f64, f64)], weight: impl Fn(f64, f64) -> f64) -> Option<Self> {
        let (mut sum, mut squares, mut mean_x, mut mean_y) = (0.0, 0.0, 0.0, 0.0);
        for (x, y) in points {
            let w = weight(*x, *y);
            sum += w;
            squares += w * w;
            mean_x += w * x;
            mean_y += w * y;
        }
        let (mean_x, mean_y) = (mean_x / sum, mean_y / sum);
        let (mut xx, mut xy) = (0.0, 0.0);
        for (x, y) in points {
            let w = weight(*x, *y);
            xx += w * (x - mean_x).powi(2);
            xy += w * (x - mean_x) * (y - mean_y);
        }
        let slope = if xx > 0.0 { xy / xx } else { 0.0 };
        let line = |x: f64| mean_y + slope * (x - mean_x);
        let spread = spread_about_zero(points.iter().map(|(x, y)| y - line(*x)));
        // As many points of equal weight as would tell as much.
        let effective = sum * sum / squares;
        let trend = Self {
            level: mean_y,
            slope,
            middle: mean_x,
            weight: effective,
            square: xx / sum * effective,
            spread,
        };
        (mean_y.is_finite() && slope.is_finite()).then_some(trend)
    }

    /// At a bucket; 0 is the first after the values.
    pub(crate) fn at(&self, x: f64) -> f64 {
        self.level + self.slope * (x - self.middle)
    }

    /// Standard deviation of a value there: of its own noise, and of the line.
    pub(crate) fn spread_at(&self, x: f64) -> f64 {
        let line =
            1.0 / self.weight + if self.square > 0.0 { (x - self.middle).powi(2) / self.square } else { 0.0 };
        self.spread * (1.0 + line).sqrt()
    }
}

#[cfg(test)]
mod tests;
