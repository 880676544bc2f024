//! What is durable in the WAL and not yet in files: open columns a series, one head a generation (STORE 16, 25).
//!
//! A batch is inserted under the LSN of its record; where times collide the higher LSN wins, whatever order inserts came in
//! (STORE 11). Locks are spread over shards of series and held for one series' run at a time. A head that is being sealed
//! takes no more inserts and is read like any other.

mod column;
mod rows;
mod seal;

pub(crate) use column::{Run, Samples};
pub(crate) use rows::RowHead;

use crate::parts::{Generation, Lsn};
use crate::registry::{DaySeries, KeyMap, def_bytes, shard_of};
use crate::{Error, Result};
use column::{Column, Extent};
use oriel_model::{BatchSeries, MetricBatch, OrgId, SeriesDef, SeriesKey, Sketch, TimeMs, TimeRange};
use parking_lot::RwLock;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// Locks are spread over this many shards: several times the cores, so that writers seldom meet.
const SHARDS: usize = 32;

/// Fixed bytes of a series in the head: its column and its place in the map.
const SERIES_BYTES: usize = size_of::<Column>() + 48;

/// A series that the head had not seen on that day, or whose kind or interval changed.
#[derive(Clone, Debug)]
pub(crate) struct NewDay {
    pub(crate) day: i32,
    pub(crate) series: DaySeries,
}

#[derive(Default)]
struct Shard {
    by_key: KeyMap<(OrgId, SeriesKey), u32>,
    columns: Vec<Column>,
}

impl Shard {
    fn find(&self, org: OrgId, key: SeriesKey) -> Option<&Column> {
        self.by_key.get(&(org, key)).map(|&i| &self.columns[i as usize])
    }
}

/// One generation of metrics; see the module's head.
pub(crate) struct MetricHead {
    pub(crate) generation: Generation,
    shards: Box<[RwLock<Shard>]>,
    bytes: AtomicUsize,
    samples: AtomicU64,
    sketches: AtomicU64,
    lsn_max: AtomicU64,
    days: RwLock<BTreeSet<(OrgId, i32)>>,
}

impl MetricHead {
    pub(crate) fn new(generation: Generation) -> Self {
        Self {
            generation,
            shards: (0..SHARDS).map(|_| RwLock::default()).collect(),
            bytes: AtomicUsize::new(0),
            samples: AtomicU64::new(0),
            sketches: AtomicU64::new(0),
            lsn_max: AtomicU64::new(0),
            days: RwLock::default(),
        }
    }

    /// Takes a batch that is durable under `lsn`. `defs` names the series that this generation may not have seen, in the
    /// order of the batch. Gives what day indexes have to learn.
    pub(crate) fn insert(
        &self,
        batch: &MetricBatch,
        defs: &[Option<Arc<SeriesDef>>],
        lsn: Lsn,
    ) -> Result<Vec<NewDay>> {
        let mut news = News::default();
        let mut grown = 0;
        for (i, series) in batch.series.iter().enumerate().filter(|(_, s)| s.len > 0) {
            let (times, values) = batch.samples(series);
            let def = defs.get(i).and_then(Option::as_ref);
            grown += self.with_column(batch.org, series, def, |column| {
                column.append(times, values, &Run::of(series, lsn));
                news.note(column, series, times);
            })?;
        }
        for point in &batch.sketches {
            let series = &batch.series[point.series as usize];
            let def = defs.get(point.series as usize).and_then(Option::as_ref);
            grown += self.with_column(batch.org, series, def, |column| {
                column.append_sketch(point.time_ms, &point.sketch, series.interval_s);
                news.note(column, series, &[point.time_ms]);
            })?;
        }
        self.bytes.fetch_add(grown, Ordering::Relaxed);
        self.samples.fetch_add(batch.ts.len() as u64, Ordering::Relaxed);
        self.sketches.fetch_add(batch.sketches.len() as u64, Ordering::Relaxed);
        self.lsn_max.fetch_max(lsn, Ordering::AcqRel);
        self.note_days(batch.org, &news.days);
        Ok(news.days)
    }

    /// Runs `change` on the series' column, which is made if need be. Gives the bytes it grew by.
    fn with_column(
        &self,
        org: OrgId,
        series: &BatchSeries,
        def: Option<&Arc<SeriesDef>>,
        change: impl FnOnce(&mut Column),
    ) -> Result<usize> {
        let mut shard = self.shards[shard_of(series.key, SHARDS)].write();
        let mut grown = 0;
        let index = match shard.by_key.get(&(org, series.key)) {
            Some(&index) => index,
            None => {
                let def = def.ok_or_else(|| undefined(series.key))?;
                let index = shard.columns.len() as u32;
                shard.columns.push(Column::new(org, series.key, def.clone()));
                shard.by_key.insert((org, series.key), index);
                grown += SERIES_BYTES + def_bytes(def);
                index
            }
        };
        let column = &mut shard.columns[index as usize];
        let before = column.heap_bytes();
        change(column);
        Ok(grown + column.heap_bytes() - before)
    }

    fn note_days(&self, org: OrgId, news: &[NewDay]) {
        let unknown = {
            let days = self.days.read();
            news.iter().any(|n| !days.contains(&(org, n.day)))
        };
        if unknown {
            self.days.write().extend(news.iter().map(|n| (org, n.day)));
        }
    }

    /// Bytes held, for the budget.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    pub(crate) fn samples(&self) -> u64 {
        self.samples.load(Ordering::Relaxed)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.samples() == 0 && self.sketches.load(Ordering::Relaxed) == 0
    }

    /// The highest LSN inserted: the mark of this generation once all its stamped records are in (STORE 19).
    pub(crate) fn lsn_max(&self) -> Lsn {
        self.lsn_max.load(Ordering::Acquire)
    }

    /// UTC days that an org has data on.
    pub(crate) fn days(&self, org: OrgId) -> Vec<i32> {
        let days = self.days.read();
        days.range((org, i32::MIN)..=(org, i32::MAX)).map(|&(_, day)| day).collect()
    }

    /// Every series that has data on the day.
    pub(crate) fn series_of_day(&self, org: OrgId, day: i32, add: &mut dyn FnMut(DaySeries)) {
        for shard in &self.shards {
            let shard = shard.read();
            for column in shard.columns.iter().filter(|c| c.org == org && c.days.contains(&day)) {
                add(column.day_series());
            }
        }
    }

    /// Shows each series of an org with its rows, its first and last time, and its bytes.
    pub(crate) fn visit_usage(&self, org: OrgId, visit: &mut dyn FnMut(&SeriesDef, Extent, usize)) {
        for shard in &self.shards {
            let shard = shard.read();
            for column in shard.columns.iter().filter(|c| c.org == org) {
                if let Some(extent) = column.extent() {
                    visit(&column.def, extent, column.heap_bytes());
                }
            }
        }
    }

    /// Adds the series' samples in the range to `out`: sorted, without repeats. False when it has none.
    pub(crate) fn read(&self, org: OrgId, key: SeriesKey, range: TimeRange, out: &mut Samples) -> bool {
        let shard = self.shards[shard_of(key, SHARDS)].read();
        shard.find(org, key).is_some_and(|column| column.read(range, out))
    }

    /// Shows the series' sketches in the range, in the order they came.
    pub(crate) fn visit_sketches(
        &self,
        org: OrgId,
        key: SeriesKey,
        range: TimeRange,
        visit: &mut dyn FnMut(TimeMs, &Sketch),
    ) {
        let shard = self.shards[shard_of(key, SHARDS)].read();
        let Some(column) = shard.find(org, key) else { return };
        for (time_ms, _, sketch) in column.sketches.iter().filter(|(t, ..)| range.contains(*t)) {
            visit(*time_ms, sketch);
        }
    }

    /// Seconds between the series' newest points as seen, 0 when that can't be told.
    pub(crate) fn interval_seen(&self, org: OrgId, key: SeriesKey) -> u32 {
        let shard = self.shards[shard_of(key, SHARDS)].read();
        shard.find(org, key).map_or(0, Column::interval_seen)
    }
}

fn undefined(key: SeriesKey) -> Error {
    Error::Corrupt {
        path: "wal".into(),
        what: format!("series {:016x}{:016x} has samples and no definition", key.metric.0, key.series.0),
    }
}

/// Collects what day indexes have to learn of an insert.
#[derive(Default)]
struct News {
    days: Vec<NewDay>,
}

impl News {
    /// Runs are mostly of one day that the column knows already.
    fn note(&mut self, column: &mut Column, series: &BatchSeries, times: &[TimeMs]) {
        let reshaped = column.reshape(series.kind, series.interval_s);
        column.for_new_days(times, reshaped, |column, day| {
            self.days.push(NewDay { day, series: column.day_series() });
        });
    }
}

#[cfg(test)]
mod tests;
