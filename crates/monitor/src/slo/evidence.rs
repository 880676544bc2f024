//! What happened, in buckets: the one form that every kind of SLO comes to.

use super::correction::{Correction, taken_out};
use super::document::{Kind, Queries, Slice};
use super::tiles::{self, Tile};
use super::uptime::{self, Histories};
use super::{Slo, Sum};
use crate::measured::key;
use crate::source::Source;
use crate::{Error, Result};
use oriel_model::{Frame, OrgId, TimeMs, TimeRange};
use oriel_query::{Named, Request};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A stretch of time with how much was good and how much there was: events of a ratio, seconds of the others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bucket {
    pub start_ms: TimeMs,
    pub end_ms: TimeMs,
    pub good: f64,
    pub total: f64,
}

/// One group's buckets.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupBuckets {
    pub key: Arc<str>,
    pub buckets: Vec<Bucket>,
}

/// Buckets by time; those of corrected time are left out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evidence {
    pub overall: Vec<Bucket>,
    /// By key; empty when the SLO has no groups.
    pub groups: Vec<GroupBuckets>,
}

/// What is known beside what is stored.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    pub corrections: &'a [Correction],
    /// Of [`Slo::monitors`], over the range that is asked.
    pub histories: &'a Histories,
}

/// Groups of one SLO; more would not fit a page, and an alert would be a storm.
const GROUPS_MAX: usize = 1_000;

/// What happened in a range of whole minutes.
pub fn evidence(
    source: &dyn Source,
    org: OrgId,
    slo: &Slo,
    facts: &Facts<'_>,
    range: TimeRange,
) -> Result<Evidence> {
    stepped(source, org, slo, facts, (range, tiles::coarse_ms(range.len_ms())))
}

/// The same, in buckets of a step.
pub(super) fn stepped(
    source: &dyn Source,
    org: OrgId,
    slo: &Slo,
    facts: &Facts<'_>,
    (range, coarse): (TimeRange, i64),
) -> Result<Evidence> {
    let left = tiles::without(range, &taken_out(facts.corrections, &slo.id, range));
    let tiled = |step: i64| left.iter().flat_map(|r| tiles::tiles(*r, step)).collect::<Vec<Tile>>();
    match &slo.kind {
        Kind::Ratio { queries, good, other, bad } => {
            let run = Run { source, org, queries, formulas: &[good, other] };
            let mut found = Collected::default();
            for tile in tiled(coarse) {
                run.ratio(tile, *bad, &mut found)?;
            }
            Ok(found.summed())
        }
        Kind::TimeSlice(slice) => {
            let run = Run { source, org, queries: &slice.queries, formulas: &[&slice.formula] };
            let mut found = Collected::default();
            for stretch in &left {
                let inner =
                    TimeRange::new(tiles::ceil(stretch.start, slice.ms), tiles::floor(stretch.end, slice.ms));
                let mut cut = Vec::new();
                tiles::cut(inner, slice.ms, &mut cut);
                for tile in cut {
                    run.slices(tile, slice, coarse.max(slice.ms), &mut found)?;
                }
            }
            Ok(found.kept())
        }
        Kind::Monitors { ids, groups } => {
            let cells: Vec<TimeRange> = tiled(coarse).iter().flat_map(cells).collect();
            Ok(of_monitors(ids, groups, facts.histories, &cells, range.end))
        }
    }
}

fn cells(tile: &Tile) -> Vec<TimeRange> {
    let count = tile.range.len_ms() / tile.step_ms;
    (0..count)
        .map(|i| tile.range.start + i * tile.step_ms)
        .map(|t| TimeRange::new(t, t + tile.step_ms))
        .collect()
}

/// One request's frames, by formula.
struct Run<'a> {
    source: &'a dyn Source,
    org: OrgId,
    queries: &'a Queries,
    formulas: &'a [&'a str],
}

impl Run<'_> {
    fn frames(&self, tile: Tile) -> Result<Vec<Frame>> {
        let formulas = self.formulas.iter().map(|f| Named::new(*f, *f)).collect();
        let request = Request {
            queries: self.queries.metrics.clone(),
            row_queries: self.queries.rows.clone(),
            formulas,
            step_ms: Some(tile.step_ms),
            ..Request::new(tile.range, tile.range.end)
        };
        self.source.run(self.org, &request)?.into_iter().map(|o| o.result.map_err(Error::Query)).collect()
    }

    fn ratio(&self, tile: Tile, bad: bool, found: &mut Collected) -> Result<()> {
        let frames = self.frames(tile)?;
        let [good, other] = &frames[..] else {
            return Err(Error::Source("the queries gave no answer".to_owned()));
        };
        for series in &other.series {
            for (t, value) in points(other, &series.values, tile) {
                found.add(&key(&series.group), t, other.step_ms, Sum { good: 0.0, total: value })?;
            }
        }
        for series in &good.series {
            for (t, value) in points(good, &series.values, tile) {
                let total = if bad { value } else { 0.0 };
                found.add(&key(&series.group), t, good.step_ms, Sum { good: value, total })?;
            }
        }
        Ok(())
    }

    fn slices(&self, tile: Tile, slice: &Slice, bucket_ms: i64, found: &mut Collected) -> Result<()> {
        let frames = self.frames(tile)?;
        let Some(frame) = frames.first() else {
            return Err(Error::Source("the query gave no answer".to_owned()));
        };
        let seconds = slice.ms as f64 / 1e3;
        let mut all_good: BTreeMap<TimeMs, bool> = cells(&tile).iter().map(|c| (c.start, true)).collect();
        for series in &frame.series {
            let values: BTreeMap<TimeMs, f64> = points(frame, &series.values, tile).collect();
            for (t, overall) in &mut all_good {
                let good = values.get(t).is_none_or(|v| slice.is_good(*v));
                *overall &= good;
                if !series.group.is_empty() {
                    let sum = Sum { good: if good { seconds } else { 0.0 }, total: seconds };
                    found.add(&key(&series.group), tiles::floor(*t, bucket_ms), bucket_ms, sum)?;
                }
            }
        }
        for (t, good) in all_good {
            let sum = Sum { good: if good { seconds } else { 0.0 }, total: seconds };
            found.add("*", tiles::floor(t, bucket_ms), bucket_ms, sum)?;
        }
        Ok(())
    }
}

/// The points of a column that lie in a tile and have a value.
fn points<'a>(frame: &'a Frame, values: &'a [f64], tile: Tile) -> impl Iterator<Item = (TimeMs, f64)> + 'a {
    let all = frame.times.iter().copied().zip(values.iter().copied());
    all.filter(move |(t, v)| tile.range.contains(*t) && !v.is_nan())
}

/// Buckets by group and start.
#[derive(Default)]
struct Collected(BTreeMap<Arc<str>, BTreeMap<TimeMs, Bucket>>);

impl Collected {
    fn add(&mut self, key: &str, start_ms: TimeMs, step_ms: i64, sum: Sum) -> Result<()> {
        if !self.0.contains_key(key) {
            if self.0.len() > GROUPS_MAX {
                return Err(Error::invalid(format!(
                    "the SLO has more than {GROUPS_MAX} groups; group by fewer tags"
                )));
            }
            self.0.insert(key.into(), BTreeMap::new());
        }
        let empty = Bucket { start_ms, end_ms: start_ms + step_ms, good: 0.0, total: 0.0 };
        if let Some(bucket) = self.0.get_mut(key).map(|group| group.entry(start_ms).or_insert(empty)) {
            bucket.good += sum.good;
            bucket.total += sum.total;
        }
        Ok(())
    }

    /// The overall is the sum of the groups.
    fn summed(mut self) -> Evidence {
        let mut overall: BTreeMap<TimeMs, Bucket> = BTreeMap::new();
        for bucket in self.0.values().flat_map(BTreeMap::values) {
            let sum = overall.entry(bucket.start_ms).or_insert(Bucket { good: 0.0, total: 0.0, ..*bucket });
            sum.good += bucket.good;
            sum.total += bucket.total;
        }
        self.0.remove("*");
        Evidence { overall: overall.into_values().collect(), groups: self.groups() }
    }

    /// The overall stands under `*`.
    fn kept(mut self) -> Evidence {
        let overall = self.0.remove("*").unwrap_or_default();
        Evidence { overall: overall.into_values().collect(), groups: self.groups() }
    }

    fn groups(self) -> Vec<GroupBuckets> {
        let group = |(key, buckets): (Arc<str>, BTreeMap<TimeMs, Bucket>)| GroupBuckets {
            key,
            buckets: buckets.into_values().collect(),
        };
        self.0.into_iter().map(group).collect()
    }
}

/// Uptime: of one monitor its groups, of several each monitor as a group; overall when nothing of them was in Alert.
fn of_monitors(
    ids: &[i64],
    chosen: &[String],
    histories: &Histories,
    cells: &[TimeRange],
    until_ms: TimeMs,
) -> Evidence {
    let mut all = Vec::new();
    let mut groups = Vec::new();
    let mut since_ms = TimeMs::MIN;
    for id in ids {
        let Some(history) = histories.get(id) else { continue };
        since_ms = since_ms.max(history.since_ms);
        let mut downs = uptime::downs(history, until_ms);
        downs.retain(|group, _| chosen.is_empty() || chosen.iter().any(|c| **c == **group));
        let union = uptime::union(downs.values().flatten().copied().collect());
        if ids.len() > 1 {
            groups.push((Arc::from(format!("monitor:{id}")), history.since_ms, union.clone()));
        } else {
            groups.extend(
                downs.into_iter().filter(|(g, _)| &**g != "*").map(|(g, d)| (g, history.since_ms, d)),
            );
        }
        all.extend(union);
    }
    groups.truncate(GROUPS_MAX);
    let group = |(key, since, downs): (Arc<str>, TimeMs, Vec<TimeRange>)| GroupBuckets {
        key,
        buckets: uptime::buckets(cells, since, &downs),
    };
    Evidence {
        overall: uptime::buckets(cells, since_ms, &uptime::union(all)),
        groups: groups.into_iter().map(group).collect(),
    }
}
