//! The scan over distributions: points of one series at one time are merged, wherever they lie (STORE 11, 18).

use crate::head::HeadSketch;
use crate::view::View;
use crate::{Cancel, Error, Result, SketchSink, SketchSummary};
use oriel_model::{OrgId, SeriesKey, Sketch, TimeRange};

/// Series between two looks at the cancel flag: a series has several chunks.
const CANCEL_EVERY: usize = 16;

pub(super) fn scan(
    view: &View,
    org: OrgId,
    (keys, range): (&[SeriesKey], TimeRange),
    cancel: &Cancel,
    sink: &mut dyn SketchSink,
) -> Result<()> {
    let bins = sink.wants_bins();
    let mut found: Vec<HeadSketch> = Vec::new();
    for (series, key) in keys.iter().enumerate() {
        if series.is_multiple_of(CANCEL_EVERY) && cancel.is_cancelled() {
            return Err(Error::Cancelled);
        }
        found.clear();
        for head in &view.metric_heads {
            head.read_sketches(org, *key, range, &mut found);
        }
        found.sort_by_key(|s| s.time_ms);
        give(series, &found, bins, sink);
    }
    Ok(())
}

fn give(series: usize, found: &[HeadSketch], bins: bool, sink: &mut dyn SketchSink) {
    for equal in found.chunk_by(|a, b| a.time_ms == b.time_ms) {
        let mut sum: Option<Sketch> = None;
        let sketch = match equal {
            [one] => &one.sketch,
            several => sum.insert(several.iter().fold(Sketch::default(), |mut sum, s| {
                sum.merge(&s.sketch);
                sum
            })),
        };
        sink.point(series, equal[0].time_ms, &summary(sketch), bins.then_some(sketch));
    }
}

fn summary(sketch: &Sketch) -> SketchSummary {
    SketchSummary { count: sketch.count, sum: sketch.sum, min: sketch.min, max: sketch.max }
}
