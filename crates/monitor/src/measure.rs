//! From what was read to one value a group.
//!
//! A bucket belongs to a window when it ends in it: later than its start and not after its end. So a bucket that still fills is
//! never looked at, and a frame of a longer range gives the same answer as one of the window alone.

use crate::measured::{GroupMeasure, Measured, key};
use crate::rule::{Reduction, SeriesRule, TimeAggregation};
use crate::{Error, Result};
use oriel_model::{Frame, FrameSeries, TimeMs, TimeRange};
use oriel_query::Outcome;
use std::ops::Range;

/// The one frame of a request: its only query's or its formula's.
pub fn frame_of(outcomes: Vec<Outcome>) -> Result<Frame> {
    let last = outcomes.into_iter().next_back();
    last.ok_or_else(|| Error::Source("the query gave no answer".to_owned()))?.result.map_err(Error::Query)
}

impl SeriesRule {
    /// The frames of [`SeriesRule::requests`], in their order, as one value a group at `at_ms`. Groups are sorted by key; groups
    /// without a value in the window are left out.
    pub fn reduce(&self, at_ms: TimeMs, frames: &[&Frame]) -> Measured {
        let window = self.window_at(at_ms);
        let Some(frame) = frames.first() else { return Measured { at_ms, ..Measured::default() } };
        let mut groups: Vec<GroupMeasure> = match &self.reduction {
            Reduction::Window(aggregation) => {
                let buckets = buckets_of(frame, window);
                let measure = |s| windowed(frame, s, &buckets, *aggregation);
                frame.series.iter().filter_map(measure).collect()
            }
            _ => Vec::new(),
        };
        groups.sort_unstable_by(|a, b| a.key.cmp(&b.key));
        Measured { at_ms, groups, notes: frame.notes.clone() }
    }
}

/// The buckets that end in the window.
fn buckets_of(frame: &Frame, window: TimeRange) -> Range<usize> {
    let first = frame.times.partition_point(|t| t + frame.step_ms <= window.start);
    let end = frame.times.partition_point(|t| t + frame.step_ms <= window.end);
    first..end.max(first)
}

fn windowed(
    frame: &Frame,
    series: &FrameSeries,
    buckets: &Range<usize>,
    aggregation: TimeAggregation,
) -> Option<GroupMeasure> {
    let values = series.values.get(buckets.clone())?;
    let first = values.iter().position(|v| !v.is_nan())?;
    let last = values.iter().rposition(|v| !v.is_nan())?;
    let value = aggregation.0.reduce(values, frame.step_ms);
    let last_seen_ms = frame.times.get(buckets.start + last)? + frame.step_ms;
    // The first fifth: a sender that is a little late or slower than the step still fills its window.
    let full = first <= values.len() / 5;
    Some(GroupMeasure { full, ..GroupMeasure::new(key(&series.group), value, last_seen_ms) })
}
