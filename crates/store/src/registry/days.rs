//! The day indexes that are in memory, by (org, UTC day): loaded when a query first asks, dropped when their pool is full.
//!
//! An index that is here is complete: it was filled from heads and series files after it had its place in the map, and every
//! series that a head takes in after that is announced to it. So a load looks at the newest view, not at the query's.

use super::day::{Day, DaySeries};
use super::matching::Matching;
use super::resident::KeyMap;
use crate::head::NewDay;
use crate::parts::{Content, DAY_MS, day_of};
use crate::view::View;
use crate::{Matcher, Result, SeriesEntry};
use arc_swap::ArcSwap;
use oriel_model::{HostTags, MetricId, OrgId, SeriesDef, SeriesKey, TimeRange};
use parking_lot::Mutex;
use roaring::RoaringBitmap;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What to select, and from what.
pub(crate) struct Select<'a> {
    pub(crate) org: OrgId,
    pub(crate) range: TimeRange,
    /// The query's own view: which days there are.
    pub(crate) view: &'a View,
    /// Where the newest view is.
    pub(crate) newest: &'a ArcSwap<View>,
    /// A resident copy of a definition, to share.
    pub(crate) resident: &'a dyn Fn(SeriesKey) -> Option<Arc<SeriesDef>>,
}

/// A day's place: filled once, by whoever comes first.
#[derive(Default)]
struct Place {
    day: Day,
    /// Held while the index is filled; true when it is.
    loaded: Mutex<bool>,
}

/// See the module's head.
pub(crate) struct DayIndexes {
    places: Mutex<HashMap<(OrgId, i32), Arc<Place>>>,
    bytes_max: usize,
    reads: AtomicU64,
}

impl DayIndexes {
    pub(crate) fn new(bytes_max: usize) -> Self {
        Self { places: Mutex::default(), bytes_max, reads: AtomicU64::new(0) }
    }

    /// Heads have taken these series in; indexes of their days that are in memory learn of them.
    pub(crate) fn announce(&self, org: OrgId, new: &[NewDay]) {
        let mut last: Option<(i32, Option<Arc<Place>>)> = None;
        for n in new {
            if last.as_ref().is_none_or(|(day, _)| *day != n.day) {
                last = Some((n.day, self.places.lock().get(&(org, n.day)).cloned()));
            }
            if let Some((_, Some(place))) = &last {
                place.day.queue(n.series.clone());
            }
        }
    }

    /// Names of metrics of the days of the range, sorted.
    pub(crate) fn metrics(&self, ask: &Select<'_>) -> Result<Vec<Arc<str>>> {
        let mut names: BTreeSet<Arc<str>> = BTreeSet::new();
        for day in days_of(ask) {
            let place = self.loaded(ask, day)?;
            let postings = place.day.read();
            for name in postings.metrics.keys() {
                if !names.contains(name.as_ref()) {
                    names.insert(Arc::from(name.as_ref()));
                }
            }
        }
        Ok(names.into_iter().collect())
    }

    /// The series of a metric that match on any day of the range, sorted by key.
    pub(crate) fn select(
        &self,
        ask: &Select<'_>,
        metric: &str,
        matcher: &Matcher,
        host_tags: &[HostTags],
    ) -> Result<Vec<SeriesEntry>> {
        let mut found: Vec<SeriesEntry> = Vec::new();
        for day in days_of(ask) {
            let place = self.loaded(ask, day)?;
            let postings = place.day.read();
            let Some(universe) = postings.metric(metric) else { continue };
            let matching = Matching { postings: &postings, host_tags, range: ask.range };
            let ordinals: RoaringBitmap = matching.select(matcher, universe);
            let known = found.len();
            found.extend(ordinals.iter().map(|n| entry(&postings.series[n as usize])));
            if known > 0 {
                keep_newest(&mut found);
            }
        }
        found.sort_unstable_by_key(|e| e.key);
        Ok(found)
    }

    /// The index of a day, filled when it is not.
    fn loaded(&self, ask: &Select<'_>, day: i32) -> Result<Arc<Place>> {
        let place = self.places.lock().entry((ask.org, day)).or_default().clone();
        place.day.used.store(self.reads.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
        let mut loaded = place.loaded.lock();
        if !*loaded {
            let newest = ask.newest.load_full();
            place.day.load(|add| fill(ask, &newest, day, add))?;
            *loaded = true;
            drop(loaded);
            self.shrink();
            return Ok(place);
        }
        drop(loaded);
        Ok(place)
    }

    /// Drops the indexes that were not read for longest, down to the pool's share; a query that reads one keeps it alive.
    pub(crate) fn shrink(&self) {
        let mut places = self.places.lock();
        let mut by_age: BTreeMap<u64, ((OrgId, i32), usize)> = BTreeMap::new();
        let mut bytes = 0;
        for (&at, place) in places.iter() {
            place.day.settle();
            bytes += place.day.bytes();
            by_age.insert(place.day.used.load(Ordering::Relaxed), (at, place.day.bytes()));
        }
        while bytes > self.bytes_max && by_age.len() > 1 {
            let Some((_, (at, freed))) = by_age.pop_first() else { break };
            places.remove(&at);
            bytes -= freed;
        }
    }

    /// Drops the indexes of days that retention has taken (STORE 6).
    pub(crate) fn drop_before(&self, day: i32) {
        self.places.lock().retain(|&(_, d), _| d >= day);
    }

    pub(crate) fn bytes(&self) -> usize {
        self.places.lock().values().map(|p| p.day.bytes()).sum()
    }
}

/// Days of the range that the view has series on, oldest first.
fn days_of(ask: &Select<'_>) -> BTreeSet<i32> {
    let mut days = BTreeSet::new();
    if ask.range.is_empty() {
        return days;
    }
    let (first, last) = (day_of(ask.range.start), day_of(ask.range.end.saturating_sub(1)));
    for file in &ask.view.files {
        let meta = &file.meta;
        if meta.content == Content::Series && meta.has_org(ask.org) {
            let from = day_of(meta.first_ms).max(first);
            days.extend(from..=day_of(meta.last_ms).min(last));
        }
    }
    for head in &ask.view.metric_heads {
        days.extend(head.days(ask.org).into_iter().filter(|d| (first..=last).contains(d)));
    }
    days
}

/// Everything a day has: files in the order of their sequence, then heads, so that the newest kind stays.
fn fill(ask: &Select<'_>, view: &View, day: i32, add: &mut dyn FnMut(DaySeries)) -> Result<()> {
    let day_ms = i64::from(day).saturating_mul(DAY_MS);
    let span = TimeRange::new(day_ms, day_ms.saturating_add(DAY_MS));
    for file in &view.files {
        let meta = &file.meta;
        if meta.content != Content::Series || !meta.has_org(ask.org) || !meta.overlaps(span) {
            continue;
        }
        for row in crate::file::read_series(file.dir(), meta)? {
            if row.org == ask.org && row.day == day {
                let def = (ask.resident)(row.key).filter(|d| *d == row.def).unwrap_or(row.def);
                add(DaySeries { key: row.key, def, kind: row.kind, interval_s: row.interval_s });
            }
        }
    }
    for head in &view.metric_heads {
        head.series_of_day(ask.org, day, add);
    }
    Ok(())
}

fn entry(series: &DaySeries) -> SeriesEntry {
    SeriesEntry { key: series.key, def: series.def.clone(), kind: series.kind, interval_s: series.interval_s }
}

/// One entry a key: the last one, which is of the newest day, with an interval from an older one when it has none.
fn keep_newest(found: &mut Vec<SeriesEntry>) {
    let mut at: KeyMap<(MetricId, u64), usize> = KeyMap::default();
    let mut kept: Vec<SeriesEntry> = Vec::with_capacity(found.len());
    for e in found.drain(..) {
        match at.get(&(e.key.metric, e.key.series.0)) {
            Some(&i) => {
                let older = kept[i].interval_s;
                kept[i] = e;
                if kept[i].interval_s == 0 {
                    kept[i].interval_s = older;
                }
            }
            None => {
                at.insert((e.key.metric, e.key.series.0), kept.len());
                kept.push(e);
            }
        }
    }
    *found = kept;
}
