//! The drawing: header, axes, bands, lines or bars, marks, legend; each a piece of SVG.

use crate::clock::Zone;
use crate::layout::{Layout, TICK_SIZE};
use crate::legend::{Legend, colour, is_strong};
use crate::path::{Point, line, runs, surface};
use crate::text::{Anchor, Style, fitted, number, put, width};
use crate::theme::Ink;
use crate::{Drawing, HEIGHT, Shape, WIDTH, marks};
use oriel_model::{FrameSeries, TimeMs};
use std::fmt::Write as _;

const TITLE_SIZE: f64 = 14.0;

/// The drawing as SVG of 600 × 240; text is escaped, and every coordinate is a number.
pub fn svg(drawing: &Drawing<'_>) -> String {
    let ink = drawing.theme.ink();
    let legend = Legend::of(drawing, ink);
    let layout = Layout::new(drawing, &legend);
    let zone = Zone::new(drawing.time_zone);
    let mut out = String::with_capacity(16 << 10);
    opened(&mut out, ink);
    header(&mut out, (drawing.title, drawing.subtitle), &zone.range(layout.range), ink);
    grid(&mut out, &layout, &zone, ink);
    marks::behind(&mut out, drawing, &layout, ink);
    plot(&mut out, drawing, &layout, ink);
    marks::before(&mut out, drawing, &layout, ink);
    if drawing.frame.series.iter().all(|s| s.values.iter().all(|v| !v.is_finite())) {
        let style =
            Style { size: 13.0, colour: ink.dim, anchor: Anchor::Middle, outline: Some((ink.panel, 4.0)) };
        put(
            &mut out,
            (layout.left + layout.right) / 2.0,
            layout.top * 0.3 + layout.bottom * 0.7,
            style,
            "No data in this time",
        );
    }
    legend.draw(&mut out, ink, layout.bottom + 36.0);
    closed(&mut out);
    out
}

/// The document's beginning, with its ground.
pub(crate) fn opened(out: &mut String, ink: &'static Ink) {
    let _ = write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{HEIGHT}\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         font-family=\"Ubuntu, Ubuntu Light, Inter, Helvetica, Arial, sans-serif\" role=\"img\">"
    );
    let _ = write!(out, "<rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"{}\"/>", ink.panel);
}

pub(crate) fn closed(out: &mut String) {
    out.push_str("</svg>");
}

/// The title, what the values are, and the range.
pub(crate) fn header(out: &mut String, (title, subtitle): (&str, &str), range: &str, ink: &'static Ink) {
    let dim = Style { size: TICK_SIZE, colour: ink.dim, anchor: Anchor::End, outline: Some((ink.dim, 0.2)) };
    let strong =
        Style { size: TITLE_SIZE, colour: ink.text, anchor: Anchor::Start, outline: Some((ink.text, 0.45)) };
    let place = WIDTH - 28.0 - width(range, TICK_SIZE) - 14.0;
    put(out, 14.0, 21.0, strong, &fitted(title, TITLE_SIZE, place));
    let calm = Style { anchor: Anchor::Start, ..dim };
    put(out, 14.0, 36.0, calm, &fitted(subtitle, TICK_SIZE, WIDTH - 28.0));
    put(out, WIDTH - 14.0, 21.0, dim, range);
}

fn grid(out: &mut String, layout: &Layout<'_>, zone: &Zone, ink: &'static Ink) {
    let label =
        Style { size: TICK_SIZE, colour: ink.dim, anchor: Anchor::End, outline: Some((ink.dim, 0.2)) };
    for (value, text) in &layout.axis.ticks {
        let y = layout.y(*value);
        let _ = write!(
            out,
            "<path d=\"M{:.2} {y:.2}H{:.2}\" stroke=\"{}\" stroke-width=\"1\"/>",
            layout.left, layout.right, ink.grid
        );
        put(out, layout.left - 7.0, y + 3.5, label, text);
    }
    let label = Style { anchor: Anchor::Middle, ..label };
    for tick in zone.ticks(layout.range) {
        let x = layout.x(tick.at_ms);
        let half = width(&tick.text, TICK_SIZE) / 2.0;
        let _ = write!(
            out,
            "<path d=\"M{x:.2} {:.2}v4\" stroke=\"{}\" stroke-width=\"1\"/>",
            layout.bottom, ink.faint_line
        );
        if x + half <= WIDTH - 4.0 {
            put(out, x, layout.bottom + 16.0, label, &tick.text);
        }
    }
}

fn plot(out: &mut String, drawing: &Drawing<'_>, layout: &Layout<'_>, ink: &'static Ink) {
    for (i, series) in layout.series.iter().enumerate() {
        band(out, drawing, layout, series, colour(drawing, ink, i));
    }
    if drawing.shape == Shape::Bars {
        return bars(out, drawing, layout, ink);
    }
    // What the drawing is about lies on top.
    let order = (0..layout.series.len()).filter(|i| !is_strong(drawing, ink, *i));
    for i in order.chain((0..layout.series.len()).filter(|i| is_strong(drawing, ink, *i))) {
        lines(out, drawing, layout, i);
    }
}

fn band(out: &mut String, drawing: &Drawing<'_>, layout: &Layout<'_>, series: &FrameSeries, colour: &str) {
    let Some(band) = &series.band else { return };
    let ink = drawing.theme.ink();
    let both = |i: usize| {
        let edge = |values: &[f64]| values.get(i).is_some_and(|v| v.is_finite());
        edge(&band.lower) && edge(&band.upper)
    };
    let times = &drawing.frame.times;
    let upper = runs(layout, times, &band.upper, both);
    let lower = runs(layout, times, &band.lower, both);
    let path = surface(&upper, &lower);
    if !path.is_empty() {
        let fill = if layout.series.len() == 1 { ink.band } else { colour };
        let opacity = if layout.series.len() == 1 { 0.2 } else { 0.12 };
        let _ = write!(out, "<path d=\"{path}\" fill=\"{fill}\" fill-opacity=\"{opacity}\"/>");
    }
}

fn lines(out: &mut String, drawing: &Drawing<'_>, layout: &Layout<'_>, i: usize) {
    let (ink, series) = (drawing.theme.ink(), layout.series[i]);
    let (times, values) = (&drawing.frame.times, &series.values);
    let stroke = colour(drawing, ink, i);
    let width = match (layout.series.len(), is_strong(drawing, ink, i)) {
        (1..=3, true) => 1.6,
        (_, true) if drawing.focus.is_some() || series.outlier == Some(true) => 1.6,
        (_, true) => 1.2,
        _ => 0.9,
    };
    let future = |at: TimeMs| drawing.forecast_from_ms.is_some_and(|from| at >= from);
    let past = runs(layout, times, values, |i| !future(times[i]));
    stroke_runs(out, &past, stroke, width, "");
    if drawing.forecast_from_ms.is_some() {
        // It goes on from the last known point.
        let ahead =
            runs(layout, times, values, |i| future(times[i]) || times.get(i + 1).is_some_and(|t| future(*t)));
        stroke_runs(out, &ahead, stroke, width, " stroke-dasharray=\"4 3\"");
    }
    if let Some(band) = &series.band {
        let outside = |i: usize| !future(times[i]) && band.is_outside(i, values[i]) == Some(true);
        stroke_runs(out, &runs(layout, times, values, outside), ink.critical, width + 0.6, "");
    }
}

fn stroke_runs(out: &mut String, runs: &[Vec<Point>], colour: &str, width: f64, more: &str) {
    let line = line(runs);
    if !line.path.is_empty() {
        let _ = write!(
            out,
            "<path d=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\" stroke-linejoin=\"round\"{more}/>",
            line.path
        );
    }
    for point in &line.alone {
        out.push_str("<circle cx=\"");
        number(out, point.x);
        out.push_str("\" cy=\"");
        number(out, point.y);
        let _ = write!(out, "\" r=\"{:.1}\" fill=\"{colour}\"/>", width * 0.7 + 0.8);
    }
}

/// Stacked from zero; what is below zero hangs from it.
fn bars(out: &mut String, drawing: &Drawing<'_>, layout: &Layout<'_>, ink: &'static Ink) {
    let times = &drawing.frame.times;
    let mut stacked = vec![0.0_f64; times.len()];
    for (i, series) in layout.series.iter().enumerate() {
        let mut path = String::new();
        for ((at, value), below) in times.iter().zip(&series.values).zip(&mut stacked) {
            if !value.is_finite() || *value == 0.0 {
                continue;
            }
            let from = if *value > 0.0 { *below } else { 0.0 };
            let (x, end) = (layout.x(*at), layout.x(at + drawing.frame.step_ms));
            let gap = if end - x > 3.0 { 0.8 } else { 0.0 };
            bar(&mut path, (x, end - gap), (layout.y(from), layout.y(from + value)));
            if *value > 0.0 {
                *below += value;
            }
        }
        if !path.is_empty() {
            let _ = write!(
                out,
                "<path d=\"{path}\" fill=\"{}\" fill-opacity=\"0.85\"/>",
                colour(drawing, ink, i)
            );
        }
    }
}

fn bar(path: &mut String, (left, right): (f64, f64), (foot, head): (f64, f64)) {
    path.push('M');
    number(path, left);
    path.push(' ');
    number(path, foot);
    path.push('V');
    number(path, head);
    path.push('H');
    number(path, right);
    path.push('V');
    number(path, foot);
    path.push('Z');
}
