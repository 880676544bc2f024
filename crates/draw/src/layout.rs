//! Where things are: the plot, and from times and values to places in it.

use crate::axis::ValueAxis;
use crate::legend::Legend;
use crate::text::width;
use crate::{Drawing, HEIGHT, WIDTH};
use oriel_model::{FrameSeries, TimeMs, TimeRange};

pub(crate) const TICK_SIZE: f64 = 10.5;

/// Series drawn; more are a surface of one colour, and the legend counts them.
pub(crate) const SERIES_MAX: usize = 60;

/// The plot's edges and scales.
pub(crate) struct Layout<'a> {
    pub(crate) series: Vec<&'a FrameSeries>,
    pub(crate) axis: ValueAxis,
    pub(crate) range: TimeRange,
    pub(crate) left: f64,
    pub(crate) right: f64,
    pub(crate) top: f64,
    pub(crate) bottom: f64,
}

impl<'a> Layout<'a> {
    pub(crate) fn new(drawing: &Drawing<'a>, legend: &Legend) -> Self {
        let series: Vec<&FrameSeries> =
            drawing.frame.series.iter().take(SERIES_MAX.max(focus_end(drawing))).collect();
        let axis = ValueAxis::new(drawing, &series);
        let widest = axis.ticks.iter().map(|(_, text)| width(text, TICK_SIZE)).fold(20.0, f64::max);
        Self {
            series,
            axis,
            range: shown_range(drawing),
            left: (widest + 18.0).min(WIDTH / 4.0),
            right: WIDTH - 14.0,
            // The subtitle has a line of its own.
            top: if drawing.subtitle.is_empty() { 38.0 } else { 52.0 },
            bottom: HEIGHT - 22.0 - legend.height(),
        }
    }

    pub(crate) fn x(&self, at: TimeMs) -> f64 {
        let part = (at.saturating_sub(self.range.start)) as f64 / self.range.len_ms().max(1) as f64;
        self.left + part.clamp(-0.5, 1.5) * (self.right - self.left)
    }

    pub(crate) fn y(&self, value: f64) -> f64 {
        self.bottom - self.axis.part(value) * (self.bottom - self.top)
    }
}

/// A focused series is drawn wherever it stands.
fn focus_end(drawing: &Drawing<'_>) -> usize {
    drawing.focus.map_or(0, |at| at + 1)
}

/// Times until the year 2286, as requests have them: sums of them stay far from overflow.
const TIME_MS_MAX: TimeMs = 10_000_000_000_000;

fn shown_range(drawing: &Drawing<'_>) -> TimeRange {
    let range = whole_range(drawing);
    let start = range.start.clamp(-TIME_MS_MAX, TIME_MS_MAX);
    TimeRange::new(start, range.end.clamp(start + 1, 2 * TIME_MS_MAX))
}

/// What the frame covers, to the end of its last bucket.
fn whole_range(drawing: &Drawing<'_>) -> TimeRange {
    let times = &drawing.frame.times;
    match (times.first(), times.last()) {
        (Some(first), Some(last)) => {
            TimeRange::new(*first, last.saturating_add(drawing.frame.step_ms.max(1)))
        }
        _ => match (drawing.window, drawing.moment_ms) {
            (Some(window), _) if !window.is_empty() => window,
            (_, Some(at)) => TimeRange::new(at.saturating_sub(3_600_000), at),
            _ => TimeRange::new(0, 3_600_000),
        },
    }
}
