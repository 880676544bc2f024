//! The value axis: where it begins and ends, and its ticks.

use crate::number::AxisText;
use crate::{Beyond, Drawing, Shape, Unit};
use oriel_model::FrameSeries;

/// Values beyond this are drawn at the edge: their differences must stay numbers.
pub(crate) const SIZE_MAX: f64 = 1e300;

/// A span under this part of its values' size can't be written apart.
const SPAN_MIN: f64 = 1e-6;

/// Part of the height that the bad side of a threshold has at least.
const BEYOND_ROOM: f64 = 0.08;

pub(crate) struct ValueAxis {
    pub(crate) low: f64,
    pub(crate) high: f64,
    pub(crate) ticks: Vec<(f64, String)>,
}

/// The smallest and largest of what must be seen.
struct Extent {
    low: f64,
    high: f64,
}

impl Extent {
    fn take(&mut self, value: f64) {
        if value.is_finite() {
            let value = value.clamp(-SIZE_MAX, SIZE_MAX);
            self.low = self.low.min(value);
            self.high = self.high.max(value);
        }
    }

    fn of(drawing: &Drawing<'_>, series: &[&FrameSeries]) -> Self {
        let mut extent = Self { low: f64::INFINITY, high: f64::NEG_INFINITY };
        for one in series {
            one.values.iter().for_each(|v| extent.take(*v));
            if let Some(band) = &one.band {
                band.lower.iter().chain(&band.upper).for_each(|v| extent.take(*v));
            }
        }
        if drawing.shape == Shape::Bars {
            extent.take(0.0);
            (0..drawing.frame.times.len()).for_each(|i| extent.take(stacked(series, i)));
        }
        let seen = extent.low <= extent.high;
        drawing.thresholds.iter().for_each(|t| extent.take(t.value));
        let room = (extent.high - extent.low) * BEYOND_ROOM;
        for threshold in drawing.thresholds.iter().filter(|_| room.is_finite()) {
            match threshold.beyond {
                Beyond::Above => extent.take(threshold.value + room),
                Beyond::Below if threshold.value > 0.0 => extent.take((threshold.value - room).max(0.0)),
                Beyond::Below => extent.take(threshold.value - room),
                Beyond::Neither => {}
            }
        }
        if !seen && drawing.thresholds.is_empty() {
            return Self { low: 0.0, high: 1.0 };
        }
        extent
    }
}

fn stacked(series: &[&FrameSeries], i: usize) -> f64 {
    series.iter().filter_map(|s| s.values.get(i)).filter(|v| v.is_finite() && **v > 0.0).sum()
}

impl ValueAxis {
    pub(crate) fn new(drawing: &Drawing<'_>, series: &[&FrameSeries]) -> Self {
        let extent = Extent::of(drawing, series);
        let (mut low, mut high) = (extent.low, extent.high);
        let size = low.abs().max(high.abs());
        if !(low.is_finite() && high.is_finite()) {
            (low, high) = (0.0, 1.0);
        } else if high - low <= size * SPAN_MIN || high <= low {
            let pad = if size == 0.0 { 0.5 } else { size * 0.1 };
            (low, high) = (low - pad, high + pad);
            if extent.low >= 0.0 {
                low = low.max(0.0);
            }
        }
        // From zero when that costs less than half of the height.
        if extent.low >= 0.0 && low < high * 0.5 {
            low = 0.0;
        }
        if extent.high <= 0.0 && high > low * 0.5 && low < 0.0 {
            high = 0.0;
        }
        Self::ticked(low, high, drawing.unit.as_ref())
    }

    fn ticked(low: f64, high: f64, unit: Option<&Unit>) -> Self {
        let text = AxisText::new(unit, low.abs().max(high.abs()));
        let (from, to) = (low * text.factor, high * text.factor);
        let gap = round_gap((to - from) / 4.0);
        let first = (from / gap).floor();
        let last = (to / gap - 1e-9).ceil();
        let count = (last - first).clamp(1.0, 12.0) as i32;
        let ticks: Vec<(f64, String)> = (0..=count)
            .map(|i| (first + f64::from(i)) * gap)
            .map(|shown| (shown / text.factor, text.tick(shown, gap)))
            .collect();
        let high = ticks.last().map_or(high, |t| t.0.max(high));
        Self { low: ticks.first().map_or(low, |t| t.0.min(low)), high, ticks }
    }

    /// Where a value lies: 0 at the bottom, 1 at the top.
    pub(crate) fn part(&self, value: f64) -> f64 {
        ((value.clamp(-SIZE_MAX, SIZE_MAX) - self.low) / (self.high - self.low)).clamp(-0.5, 1.5)
    }
}

/// The next larger of 1, 2, 2.5 and 5 times a power of ten.
fn round_gap(rough: f64) -> f64 {
    if !(rough.is_finite() && rough > 0.0) {
        return 1.0;
    }
    let power = 10f64.powf(rough.log10().floor());
    let steps = [1.0, 2.0, 2.5, 5.0, 10.0];
    let found = steps.iter().find(|s| **s * power >= rough * 0.999).copied().unwrap_or(10.0) * power;
    if found > 0.0 && found.is_finite() { found } else { rough }
}
