//! One org's metrics at one moment: heads and files as one (STORE 17, 25, 27, 35).
//!
//! A scan takes the keys in blocks. For each block it collects the pieces that files and heads have, then goes through them
//! key by key: a piece that nothing overlaps goes to the sink as it is, with its aggregates when it lies wholly in range;
//! pieces that overlap are decoded and merged, the newer source winning. Buffers are used again, so that a key costs no
//! allocation.

mod merge;
mod scan;
mod sketches;

use crate::budget::Budget;
use crate::registry::{Registry, Select};
use crate::view::View;
use crate::{Cancel, Matcher, MetricReader, PieceSink, Reservation, Result, SeriesEntry, SketchSink};
use arc_swap::ArcSwap;
use oriel_model::{HostTags, OrgId, SeriesKey, TimeRange};
use std::sync::Arc;

/// See the module's head.
pub(crate) struct Snapshot {
    org: OrgId,
    view: Arc<View>,
    newest: Arc<ArcSwap<View>>,
    registry: Arc<Registry>,
    budget: Arc<Budget>,
    /// Samples older than this are expired, even where their file is still there.
    retained_from: i64,
}

impl Snapshot {
    /// `newest` is where the store keeps its view; this moment's is taken from it.
    pub(crate) fn new(
        org: OrgId,
        newest: Arc<ArcSwap<View>>,
        registry: Arc<Registry>,
        budget: Arc<Budget>,
    ) -> Self {
        Self { org, view: newest.load_full(), newest, registry, budget, retained_from: i64::MIN }
    }

    /// Leaves out what is older, whatever files still hold of it (STORE 28).
    pub(crate) fn retained_from(mut self, time_ms: i64) -> Self {
        self.retained_from = time_ms;
        self
    }

    fn with_days<T>(&self, range: TimeRange, ask: impl FnOnce(&Select<'_>) -> Result<T>) -> Result<T> {
        ask(&Select {
            org: self.org,
            range: self.retained(range),
            view: &self.view,
            newest: &self.newest,
            resident: &|key| self.registry.def(self.org, key),
        })
    }

    fn retained(&self, range: TimeRange) -> TimeRange {
        TimeRange::new(range.start.max(self.retained_from), range.end)
    }

    /// Rows of host tags that hold at some time of the range.
    fn tags_of_hosts(&self, range: TimeRange) -> Arc<[HostTags]> {
        let all = self.view.host_tags.of(self.org);
        let holds = |row: &HostTags| row.from_ms < range.end && row.to_ms > range.start;
        if all.iter().all(holds) { all } else { all.iter().filter(|r| holds(r)).cloned().collect() }
    }
}

impl MetricReader for Snapshot {
    fn metrics(&self, range: TimeRange) -> Result<Vec<Arc<str>>> {
        self.with_days(range, |ask| self.registry.days.metrics(ask))
    }

    fn select(&self, metric: &str, matcher: &Matcher, range: TimeRange) -> Result<Vec<SeriesEntry>> {
        let host_tags = self.tags_of_hosts(range);
        let mut found =
            self.with_days(range, |ask| self.registry.days.select(ask, metric, matcher, &host_tags))?;
        for entry in found.iter_mut().filter(|e| e.interval_s == 0) {
            let seen = |head: &Arc<crate::head::MetricHead>| head.interval_seen(self.org, entry.key);
            entry.interval_s = self.view.metric_heads.iter().rev().map(seen).find(|&s| s > 0).unwrap_or(0);
        }
        Ok(found)
    }

    fn scan(
        &self,
        keys: &[SeriesKey],
        range: TimeRange,
        cancel: &Cancel,
        sink: &mut dyn PieceSink,
    ) -> Result<()> {
        scan::Scan::new(&self.view, self.org, self.retained(range), cancel)?.run(keys, sink)
    }

    fn scan_sketches(
        &self,
        keys: &[SeriesKey],
        range: TimeRange,
        cancel: &Cancel,
        sink: &mut dyn SketchSink,
    ) -> Result<()> {
        sketches::scan(&self.view, self.org, (keys, self.retained(range)), cancel, sink)
    }

    fn host_tags(&self, range: TimeRange) -> Arc<[HostTags]> {
        self.tags_of_hosts(range)
    }

    fn reserve(&self, bytes: usize) -> Result<Reservation> {
        self.budget.reserve_query(bytes)
    }
}

#[cfg(test)]
mod tests;
