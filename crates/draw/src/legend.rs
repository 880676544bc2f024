//! The legend: the groups that matter most, with their last values.

use crate::layout::SERIES_MAX;
use crate::number::value_text;
use crate::text::{Anchor, Style, fitted, put, width};
use crate::theme::Ink;
use crate::{Drawing, WIDTH};
use oriel_model::FrameSeries;
use std::fmt::Write as _;

const COLUMNS: usize = 3;
const ENTRIES_MAX: usize = 6;
const ROW: f64 = 15.0;
const SIZE: f64 = 10.5;

struct Entry {
    colour: &'static str,
    name: String,
    value: String,
}

pub(crate) struct Legend {
    entries: Vec<Entry>,
    more: usize,
}

impl Legend {
    pub(crate) fn of(drawing: &Drawing<'_>, ink: &'static Ink) -> Self {
        let all = &drawing.frame.series;
        let mut order: Vec<usize> = (0..all.len()).filter(|i| !last_value(drawing, *i).is_nan()).collect();
        let rank = |i: usize| {
            let first = drawing.focus == Some(i) || all[i].outlier == Some(true);
            (first, last_value(drawing, i))
        };
        order.sort_by(|a, b| {
            let (x, y) = (rank(*a), rank(*b));
            y.0.cmp(&x.0).then(y.1.partial_cmp(&x.1).unwrap_or(std::cmp::Ordering::Equal))
        });
        let shown = if order.len() > ENTRIES_MAX { ENTRIES_MAX - 1 } else { order.len() };
        let entries = order[..shown].iter().map(|i| Entry {
            colour: colour(drawing, ink, *i),
            name: name(&all[*i]),
            value: value_text(last_value(drawing, *i), drawing.unit.as_ref()),
        });
        Self { entries: entries.collect(), more: order.len() - shown }
    }

    fn cells(&self) -> usize {
        self.entries.len() + usize::from(self.more > 0)
    }

    /// Entries side by side: few of them get more room each.
    fn columns(&self) -> usize {
        if self.cells() == 4 { 2 } else { self.cells().clamp(1, COLUMNS) }
    }

    pub(crate) fn height(&self) -> f64 {
        let rows = self.cells().div_ceil(self.columns());
        if rows == 0 { 0.0 } else { rows as f64 * ROW + 6.0 }
    }

    pub(crate) fn draw(&self, into: &mut String, ink: &'static Ink, top: f64) {
        let columns = self.columns();
        let place = (WIDTH - 28.0) / columns as f64;
        let dim = Style { size: SIZE, colour: ink.dim, anchor: Anchor::Start, outline: Some((ink.dim, 0.2)) };
        let strong = Style { colour: ink.text, outline: Some((ink.text, 0.35)), ..dim };
        for (i, entry) in self.entries.iter().enumerate() {
            let x = 14.0 + (i % columns) as f64 * place;
            let y = top + (i / columns) as f64 * ROW;
            let _ = write!(
                into,
                "<rect x=\"{x:.1}\" y=\"{:.1}\" width=\"9\" height=\"3\" rx=\"1.5\" fill=\"{}\"/>",
                y - 5.5,
                entry.colour
            );
            let value = width(&entry.value, SIZE);
            let text = fitted(&entry.name, SIZE, place - value - 32.0);
            put(into, x + 14.0, y, dim, &text);
            put(into, x + 20.0 + width(&text, SIZE), y, strong, &entry.value);
        }
        if self.more > 0 {
            let i = self.entries.len();
            let (x, y) = (14.0 + (i % columns) as f64 * place, top + (i / columns) as f64 * ROW);
            put(into, x, y, dim, &format!("and {} more", self.more));
        }
    }
}

/// A series' colour. Outliers have that of alerts; around a focus, or beside an outlier, the others are grey.
pub(crate) fn colour(drawing: &Drawing<'_>, ink: &'static Ink, i: usize) -> &'static str {
    let series = &drawing.frame.series;
    if series[i].outlier == Some(true) {
        return ink.critical;
    }
    let backs_off = match drawing.focus {
        Some(focus) if focus < series.len() => focus != i,
        _ => series[i].outlier == Some(false) && series.iter().any(|s| s.outlier == Some(true)),
    };
    if backs_off { ink.faint_line } else { ink.series[i % ink.series.len()] }
}

/// Whether a series is one of those that the drawing is about.
pub(crate) fn is_strong(drawing: &Drawing<'_>, ink: &'static Ink, i: usize) -> bool {
    drawing.frame.series.len() <= SERIES_MAX && colour(drawing, ink, i) != ink.faint_line
}

fn name(series: &FrameSeries) -> String {
    if !series.group.is_empty() {
        let tags: Vec<String> = series.group.iter().map(|(key, value)| format!("{key}:{value}")).collect();
        return tags.join(", ");
    }
    if series.scope.is_empty() || series.scope == "*" { series.name.clone() } else { series.scope.clone() }
}

/// The last value that is known: a forecast is none.
fn last_value(drawing: &Drawing<'_>, i: usize) -> f64 {
    let known = drawing
        .forecast_from_ms
        .map_or(drawing.frame.times.len(), |from| drawing.frame.times.partition_point(|at| *at < from));
    let values = &drawing.frame.series[i].values;
    values.iter().take(known).rev().copied().find(|v| v.is_finite()).unwrap_or(f64::NAN)
}
