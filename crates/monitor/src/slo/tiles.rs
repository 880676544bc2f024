//! How a range is read: long stretches in coarse steps, their edges in minutes, so that a window is exact to the minute and
//! still cheap.

use oriel_model::{TimeMs, TimeRange};

pub(super) const MINUTE_MS: i64 = 60_000;
/// Points of one request; the engine makes steps coarser above 1,500.
const POINTS_MAX: i64 = 1_440;

/// A stretch that one request reads; both ends lie on the step's grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tile {
    pub(super) range: TimeRange,
    pub(super) step_ms: i64,
}

/// The coarse step of a range: some hundred buckets.
pub(super) fn coarse_ms(span_ms: i64) -> i64 {
    const HOUR: i64 = 3_600_000;
    const DAY: i64 = 24 * HOUR;
    // Some 360 buckets of six hours, 576 of two days, 336 of two weeks, 540 of ninety days.
    if span_ms <= 6 * HOUR {
        MINUTE_MS
    } else if span_ms <= 2 * DAY {
        5 * MINUTE_MS
    } else if span_ms <= 14 * DAY {
        HOUR
    } else {
        4 * HOUR
    }
}

/// A range without the spans that are taken out (sorted, not overlapping), in whole minutes.
pub(super) fn without(range: TimeRange, out: &[TimeRange]) -> Vec<TimeRange> {
    let mut left = Vec::new();
    let mut from = range.start;
    for gap in out {
        if gap.start > from {
            left.push(TimeRange::new(from, floor(gap.start.min(range.end), MINUTE_MS)));
        }
        from = from.max(ceil(gap.end, MINUTE_MS));
    }
    left.push(TimeRange::new(from, range.end));
    left.retain(|r| r.start < r.end);
    left
}

/// Tiles that cover a range of whole minutes.
pub(super) fn tiles(range: TimeRange, step_ms: i64) -> Vec<Tile> {
    let (head, tail) = (ceil(range.start, step_ms), floor(range.end, step_ms));
    let mut found = Vec::new();
    if head >= tail || step_ms == MINUTE_MS {
        cut(range, MINUTE_MS, &mut found);
        return found;
    }
    cut(TimeRange::new(range.start, head), MINUTE_MS, &mut found);
    cut(TimeRange::new(head, tail), step_ms, &mut found);
    cut(TimeRange::new(tail, range.end), MINUTE_MS, &mut found);
    found
}

/// Stretches of one step that fit a request.
pub(super) fn cut(range: TimeRange, step_ms: i64, found: &mut Vec<Tile>) {
    let mut start = range.start;
    while start < range.end {
        let end = range.end.min(start + POINTS_MAX * step_ms);
        found.push(Tile { range: TimeRange::new(start, end), step_ms });
        start = end;
    }
}

pub(super) fn floor(t: TimeMs, step_ms: i64) -> TimeMs {
    t.div_euclid(step_ms) * step_ms
}

pub(super) fn ceil(t: TimeMs, step_ms: i64) -> TimeMs {
    floor(t + step_ms - 1, step_ms)
}
