//! Thresholds, the evaluated window and the moment.

use crate::layout::Layout;
use crate::number::value_text;
use crate::text::{Anchor, Style, number, put};
use crate::theme::Ink;
use crate::{Beyond, Drawing, Level, Threshold};
use oriel_model::TimeRange;
use std::fmt::Write as _;

const LABEL_SIZE: f64 = 10.0;

fn rect(into: &mut String, (x, y): (f64, f64), (width, height): (f64, f64), fill: &str, opacity: f64) {
    into.push_str("<rect x=\"");
    number(into, x);
    into.push_str("\" y=\"");
    number(into, y);
    into.push_str("\" width=\"");
    number(into, width.max(0.0));
    into.push_str("\" height=\"");
    number(into, height.max(0.0));
    let _ = write!(into, "\" fill=\"{fill}\" fill-opacity=\"{opacity}\"/>");
}

fn straight(into: &mut String, (x1, y1): (f64, f64), (x2, y2): (f64, f64), stroke: &str) {
    into.push_str("<path d=\"M");
    for (i, value) in [x1, y1, x2, y2].into_iter().enumerate() {
        into.push_str(["", " ", "L", " "][i]);
        number(into, value);
    }
    let _ = write!(into, "\" {stroke}/>");
}

fn colour(level: Level, ink: &Ink) -> &'static str {
    match level {
        Level::Critical => ink.critical,
        Level::Warning => ink.warning,
        Level::Recovery => ink.recovery,
    }
}

fn word(level: Level) -> &'static str {
    match level {
        Level::Critical => "critical",
        Level::Warning => "warning",
        Level::Recovery => "recovery",
    }
}

/// What lies behind the lines: the evaluated window, and the bad sides.
pub(crate) fn behind(into: &mut String, drawing: &Drawing<'_>, layout: &Layout<'_>, ink: &'static Ink) {
    if let Some(window) = drawing.window {
        draw_window(into, window, layout, ink);
    }
    for threshold in drawing.thresholds.iter().filter(|t| t.value.is_finite()) {
        let y = layout.y(threshold.value).clamp(layout.top, layout.bottom);
        let width = layout.right - layout.left;
        // The worse side is shaded once more where both are passed.
        match threshold.beyond {
            Beyond::Above => {
                rect(
                    into,
                    (layout.left, layout.top),
                    (width, y - layout.top),
                    colour(threshold.level, ink),
                    0.07,
                );
            }
            Beyond::Below => {
                rect(into, (layout.left, y), (width, layout.bottom - y), colour(threshold.level, ink), 0.07)
            }
            Beyond::Neither => {}
        }
    }
}

fn draw_window(into: &mut String, window: TimeRange, layout: &Layout<'_>, ink: &'static Ink) {
    let from = layout.x(window.start).clamp(layout.left, layout.right);
    let to = layout.x(window.end).clamp(layout.left, layout.right);
    if to > from {
        rect(into, (from, layout.top), (to - from, layout.bottom - layout.top), ink.accent, 0.09);
        rect(into, (from, layout.bottom - 2.0), (to - from, 2.0), ink.accent, 0.8);
    }
}

/// What lies before the lines: threshold lines with their names, and the moment.
pub(crate) fn before(into: &mut String, drawing: &Drawing<'_>, layout: &Layout<'_>, ink: &'static Ink) {
    let mut taken: Vec<f64> = Vec::new();
    for threshold in drawing.thresholds.iter().filter(|t| t.value.is_finite()) {
        draw_threshold(into, threshold, drawing, (layout, ink), &mut taken);
    }
    if let Some(at) = drawing.moment_ms.filter(|at| (layout.range.start..=layout.range.end).contains(at)) {
        let x = layout.x(at);
        let stroke = format!("stroke=\"{}\" stroke-width=\"1\"", ink.text);
        straight(into, (x, layout.top - 3.0), (x, layout.bottom), &stroke);
        let _ = write!(
            into,
            "<path d=\"M{:.2} {:.2}h8l-4 5z\" fill=\"{}\"/>",
            x - 4.0,
            layout.top - 6.0,
            ink.text
        );
    }
}

fn draw_threshold(
    into: &mut String,
    threshold: &Threshold,
    drawing: &Drawing<'_>,
    (layout, ink): (&Layout<'_>, &'static Ink),
    taken: &mut Vec<f64>,
) {
    let colour = colour(threshold.level, ink);
    let y = layout.y(threshold.value);
    let stroke = format!("stroke=\"{colour}\" stroke-width=\"1.25\" stroke-dasharray=\"5 3\"");
    straight(into, (layout.left, y), (layout.right, y), &stroke);
    // Above its line where there is room, else below it; never on another label.
    let free = |at: &f64| {
        *at >= layout.top + LABEL_SIZE - 2.0
            && *at <= layout.bottom - 1.0
            && taken.iter().all(|other| (other - at).abs() >= LABEL_SIZE + 1.0)
    };
    let Some(at) = [y - 3.5, y + LABEL_SIZE + 1.0].into_iter().find(free) else { return };
    taken.push(at);
    let text = format!("{} {}", word(threshold.level), value_text(threshold.value, drawing.unit.as_ref()));
    let style = Style { size: LABEL_SIZE, colour, anchor: Anchor::Start, outline: Some((ink.panel, 3.0)) };
    put(into, layout.left + 5.0, at, style, &text);
}
