//! Lines as SVG paths: broken where values are missing, thinned to what pixels can show.

use crate::layout::Layout;
use crate::text::number;
use oriel_model::TimeMs;

/// Points that share one of these are drawn as its first, lowest, highest and last.
const COLUMN: f64 = 0.5;

#[derive(Clone, Copy)]
pub(crate) struct Point {
    pub(crate) x: f64,
    pub(crate) y: f64,
}

/// A line's path, and the points that stand alone.
#[derive(Default)]
pub(crate) struct Line {
    pub(crate) path: String,
    pub(crate) alone: Vec<Point>,
}

/// The runs of values without a gap, as points.
pub(crate) fn runs(
    layout: &Layout<'_>,
    times: &[TimeMs],
    values: &[f64],
    keep: impl Fn(usize) -> bool,
) -> Vec<Vec<Point>> {
    let mut runs = Vec::new();
    let mut run = Vec::new();
    for (i, (at, value)) in times.iter().zip(values).enumerate() {
        if value.is_finite() && keep(i) {
            run.push(Point { x: layout.x(*at), y: layout.y(*value) });
        } else if !run.is_empty() {
            runs.push(std::mem::take(&mut run));
        }
    }
    if !run.is_empty() {
        runs.push(run);
    }
    runs
}

pub(crate) fn line(runs: &[Vec<Point>]) -> Line {
    let mut line = Line::default();
    for run in runs {
        match run.as_slice() {
            [only] => line.alone.push(*only),
            points => trace(&mut line.path, &thinned(points), 'M'),
        }
    }
    line
}

/// The surface between two edges that have their values at the same places.
pub(crate) fn surface(upper: &[Vec<Point>], lower: &[Vec<Point>]) -> String {
    let mut path = String::new();
    for (above, below) in upper.iter().zip(lower) {
        let (above, mut below) = (thinned(above), thinned(below));
        if above.len() < 2 {
            continue;
        }
        below.reverse();
        trace(&mut path, &above, 'M');
        trace(&mut path, &below, 'L');
        path.push('Z');
    }
    path
}

fn trace(path: &mut String, points: &[Point], first: char) {
    for (i, point) in points.iter().enumerate() {
        path.push(if i == 0 { first } else { 'L' });
        number(path, point.x);
        path.push(' ');
        number(path, point.y);
    }
}

fn thinned(points: &[Point]) -> Vec<Point> {
    let mut kept: Vec<Point> = Vec::with_capacity(points.len().min(4096));
    let column = |point: &Point| (point.x / COLUMN) as i64;
    for part in points.chunk_by(|a, b| column(a) == column(b)) {
        if part.len() <= 4 {
            kept.extend_from_slice(part);
            continue;
        }
        let mut places = [0, part.len() - 1, 0, 0];
        for (i, point) in part.iter().enumerate() {
            if point.y < part[places[2]].y {
                places[2] = i;
            }
            if point.y > part[places[3]].y {
                places[3] = i;
            }
        }
        places.sort_unstable();
        kept.extend(places.iter().map(|i| part[*i]));
    }
    kept
}
