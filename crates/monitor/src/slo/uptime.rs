//! The uptime of monitors: time in which no group was in Alert. Warn and No Data count as up; muting changes nothing, as in Datadog.

use super::evidence::Bucket;
use crate::status::{Status, Transition};
use oriel_model::{TimeMs, TimeRange};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is known of one monitor.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// Time before that is no time of the monitor.
    pub since_ms: TimeMs,
    /// The newest transition of each group before the range, and all of the range, by time.
    pub transitions: Vec<Transition>,
    /// Groups that exist now; those that never changed have no transition.
    pub groups: Vec<Arc<str>>,
}

/// By the monitor's id.
pub type Histories = BTreeMap<i64, History>;

/// Time in Alert by group: sorted spans.
pub(super) fn downs(history: &History, until_ms: TimeMs) -> BTreeMap<Arc<str>, Vec<TimeRange>> {
    let mut found: BTreeMap<Arc<str>, Vec<TimeRange>> =
        history.groups.iter().map(|g| (g.clone(), Vec::new())).collect();
    let mut since: BTreeMap<&str, TimeMs> = BTreeMap::new();
    for change in &history.transitions {
        let spans = found.entry(change.group.clone()).or_default();
        if change.to == Status::Alert {
            since.entry(&change.group).or_insert(change.at_ms);
        } else if let Some(start) = since.remove(&*change.group) {
            spans.push(TimeRange::new(start, change.at_ms));
        }
    }
    for (group, start) in since {
        found.entry(group.into()).or_default().push(TimeRange::new(start, until_ms));
    }
    found
}

/// All spans as one sorted list without overlaps.
pub(super) fn union(mut spans: Vec<TimeRange>) -> Vec<TimeRange> {
    spans.sort_by_key(|s| (s.start, s.end));
    let mut merged: Vec<TimeRange> = Vec::with_capacity(spans.len());
    for span in spans {
        match merged.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ => merged.push(span),
        }
    }
    merged
}

/// Milliseconds of a range that sorted spans cover.
fn covered(range: TimeRange, spans: &[TimeRange]) -> i64 {
    let first = spans.partition_point(|s| s.end <= range.start);
    let inside = spans[first..].iter().take_while(|s| s.start < range.end);
    inside.map(|s| s.end.min(range.end) - s.start.max(range.start)).sum()
}

/// Buckets of a grid with the time that was up, in seconds; time before `since_ms` is not counted.
pub(super) fn buckets(grid: &[TimeRange], since_ms: TimeMs, downs: &[TimeRange]) -> Vec<Bucket> {
    let one = |cell: &TimeRange| {
        let counted = TimeRange::new(cell.start.max(since_ms).min(cell.end), cell.end);
        let total = counted.len_ms();
        let good = total - covered(counted, downs);
        Bucket { start_ms: cell.start, end_ms: cell.end, good: good as f64 / 1e3, total: total as f64 / 1e3 }
    };
    grid.iter().map(one).collect()
}
