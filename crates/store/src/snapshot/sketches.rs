//! The scan over distributions: points of one series at one time are merged, wherever they lie (STORE 11, 18).
//!
//! A sink that wants no bins gets summaries, and no bins are read for it.

use crate::file::{SketchFile, SketchRow};
use crate::parts::Content;
use crate::view::View;
use crate::{Cancel, Error, Result, SketchSink, SketchSummary};
use oriel_model::{OrgId, SeriesKey, Sketch, TimeMs, TimeRange};
use std::sync::Arc;

/// Keys collected at once: their rows are heads without payload until they are read.
const BLOCK_KEYS: usize = 64;

/// A point on its way; without a sketch where nobody wants bins.
struct Point {
    time_ms: TimeMs,
    summary: SketchSummary,
    sketch: Option<Sketch>,
}

/// Where a scan reads, and its buffers.
struct Scan<'a> {
    view: &'a View,
    org: OrgId,
    range: TimeRange,
    cancel: &'a Cancel,
    bins: bool,
    /// See [`SketchSink::wants_windows`].
    windows: bool,
    files: Vec<Arc<SketchFile>>,
    /// Rows of the block, by key.
    rows: Vec<SketchRow>,
    points: Vec<Point>,
}

/// Gives the points of `keys` in the range to the sink.
pub(super) fn scan(
    view: &View,
    org: OrgId,
    (keys, range): (&[SeriesKey], TimeRange),
    cancel: &Cancel,
    sink: &mut dyn SketchSink,
) -> Result<()> {
    let mut files = Vec::new();
    for file in &view.files {
        let meta = &file.meta;
        if meta.content == Content::Sketches && meta.has_org(org) && meta.overlaps(range) {
            files.push(file.sketches()?);
        }
    }
    let (rows, points, bins) = (Vec::new(), Vec::new(), sink.wants_bins());
    let windows = bins && sink.wants_windows();
    let mut scan = Scan { view, org, range, cancel, bins, windows, files, rows, points };
    for (n, block) in keys.chunks(BLOCK_KEYS).enumerate() {
        scan.block(n * BLOCK_KEYS, block, sink)?;
    }
    Ok(())
}

impl Scan<'_> {
    fn block(&mut self, first: usize, keys: &[SeriesKey], sink: &mut dyn SketchSink) -> Result<()> {
        let rows = &mut self.rows;
        rows.clear();
        for file in &self.files {
            file.rows(self.org, (keys, self.range), self.cancel, &mut |row| {
                rows.push(row);
                Ok(())
            })?;
        }
        // Stable: the rows of one key stay in the order of their files.
        rows.sort_by_key(|r| r.key_index);
        let mut at = 0;
        for (n, key) in keys.iter().enumerate() {
            if self.cancel.is_cancelled() {
                return Err(Error::Cancelled);
            }
            let end = at + self.rows[at..].partition_point(|r| r.key_index == n);
            self.collect(*key, at..end)?;
            self.give(first + n, sink);
            at = end;
        }
        Ok(())
    }

    /// The points of one series in the range, in time order; older sources first among equals.
    fn collect(&mut self, key: SeriesKey, rows: std::ops::Range<usize>) -> Result<()> {
        self.points.clear();
        for row in &self.rows[rows] {
            let points = &mut self.points;
            // Points of equal times merge wherever they lie, so that a window can be merged before.
            if self.windows && self.range.contains(row.first_ms) && self.range.contains(row.last_ms) {
                points.push(point(row.first_ms, row.merged()?, true));
            } else if self.bins {
                let mut found = Vec::with_capacity(row.n);
                row.sketches(&mut found)?;
                let found = found.into_iter().filter(|(t, _)| self.range.contains(*t));
                points.extend(found.map(|(t, s)| point(t, s, true)));
            } else {
                let mut found = Vec::with_capacity(row.n);
                row.summaries(&mut found)?;
                let found = found.into_iter().filter(|(t, _)| self.range.contains(*t));
                points.extend(found.map(|(time_ms, summary)| Point { time_ms, summary, sketch: None }));
            }
        }
        for head in &self.view.metric_heads {
            let (points, bins) = (&mut self.points, self.bins);
            head.visit_sketches(self.org, key, self.range, &mut |time_ms, sketch| {
                let sketch = if bins { sketch.clone() } else { without_bins(sketch) };
                points.push(point(time_ms, sketch, bins));
            });
        }
        self.points.sort_by_key(|p| p.time_ms);
        Ok(())
    }

    fn give(&mut self, series: usize, sink: &mut dyn SketchSink) {
        for equal in self.points.chunk_by_mut(|a, b| a.time_ms == b.time_ms) {
            let Some((first, others)) = equal.split_first_mut() else { continue };
            for other in others {
                add(&mut first.summary, &other.summary);
                if let (Some(sum), Some(sketch)) = (&mut first.sketch, &other.sketch) {
                    sum.merge(sketch);
                }
            }
            sink.point(series, first.time_ms, &first.summary, first.sketch.as_ref());
        }
    }
}

fn point(time_ms: TimeMs, sketch: Sketch, bins: bool) -> Point {
    let summary = SketchSummary { count: sketch.count, sum: sketch.sum, min: sketch.min, max: sketch.max };
    Point { time_ms, summary, sketch: bins.then_some(sketch) }
}

fn without_bins(sketch: &Sketch) -> Sketch {
    Sketch { bins: Vec::new(), ..*sketch }
}

/// Adds as [`Sketch::merge`] does: one without points changes nothing.
fn add(sum: &mut SketchSummary, other: &SketchSummary) {
    if other.count == 0 {
        return;
    }
    sum.count = sum.count.saturating_add(other.count);
    sum.sum += other.sum;
    sum.min = sum.min.min(other.min);
    sum.max = sum.max.max(other.max);
}
