//! Whole-range totals by tags: how often, and how long, over everything between two moments. Service pages ask for these, where
//! a time grid would only be summed up again: a percentile of a day is read from the day's merged sketch, not from buckets.

use crate::Result;
use oriel_model::{Kind, Sketch, Tags, TimeMs, TimeRange};
use oriel_store::{
    Aggregates, Cancel, Matcher, MetricReader, PieceHead, PieceSink, SeriesEntry, SketchSink, SketchSummary,
    Want,
};
use std::collections::BTreeMap;

/// What to total.
pub struct TotalsRequest<'a> {
    pub metric: &'a str,
    pub matcher: &'a Matcher,
    /// Keys of the groups; `host` is the host slot. A series without a key has an empty value, one with two values the first.
    pub by: &'a [&'a str],
    pub range: TimeRange,
}

/// The count, and the first and last time with a sample that is not 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CountTotal {
    pub count: f64,
    pub first_ms: TimeMs,
    pub last_ms: TimeMs,
}

/// Everything of a group in one sketch.
#[derive(Clone, Debug)]
pub struct SketchTotal {
    pub count: u64,
    pub sum: f64,
    pub min: f64,
    pub max: f64,
    pub sketch: Sketch,
}

/// Values of the group's keys, in their order.
pub type GroupKey = Vec<String>;

/// Counts and rates of a metric as totals by group.
pub fn count_totals(
    reader: &dyn MetricReader,
    request: &TotalsRequest<'_>,
    cancel: &Cancel,
) -> Result<BTreeMap<GroupKey, CountTotal>> {
    let (entries, groups, names) = select(reader, request)?;
    let keys: Vec<_> = entries.iter().map(|e| e.key).collect();
    let _memory = reader.reserve(names.len() * size_of::<CountTotal>())?;
    let none = CountTotal { count: 0.0, first_ms: i64::MAX, last_ms: i64::MIN };
    let mut sink = Counts { groups: &groups, totals: vec![none; names.len()] };
    reader.scan(&keys, request.range, cancel, &mut sink)?;
    let totals = names.into_iter().zip(sink.totals);
    Ok(totals.filter(|(_, t)| t.first_ms <= t.last_ms).collect())
}

/// Distributions of a metric as one sketch by group.
pub fn sketch_totals(
    reader: &dyn MetricReader,
    request: &TotalsRequest<'_>,
    cancel: &Cancel,
) -> Result<BTreeMap<GroupKey, SketchTotal>> {
    /// A sketch over the agent's ranges rarely fills more.
    const SKETCH_BYTES: usize = 4096;
    let (entries, groups, names) = select(reader, request)?;
    let keys: Vec<_> = entries.iter().map(|e| e.key).collect();
    let _memory = reader.reserve(names.len() * SKETCH_BYTES)?;
    let mut sink = Sketches { groups: &groups, totals: vec![None; names.len()] };
    reader.scan_sketches(&keys, request.range, cancel, &mut sink)?;
    let totals = names.into_iter().zip(sink.totals);
    Ok(totals.filter_map(|(name, total)| Some((name, total?))).collect())
}

/// The series that match, the group of each, and the names of the groups.
fn select(
    reader: &dyn MetricReader,
    request: &TotalsRequest<'_>,
) -> Result<(Vec<SeriesEntry>, Vec<usize>, Vec<GroupKey>)> {
    let entries = reader.select(request.metric, request.matcher, request.range)?;
    let mut places: BTreeMap<GroupKey, usize> = BTreeMap::new();
    let mut names = Vec::new();
    let groups = entries
        .iter()
        .map(|entry| {
            let name: GroupKey = request.by.iter().map(|key| value_of(entry, key)).collect();
            *places.entry(name.clone()).or_insert_with(|| {
                names.push(name);
                names.len() - 1
            })
        })
        .collect();
    Ok((entries, groups, names))
}

fn value_of(entry: &SeriesEntry, key: &str) -> String {
    let tags: &Tags = &entry.def.tags;
    match tags.value(key) {
        Some(value) => value.to_owned(),
        None if key == "host" => entry.def.host.to_string(),
        None => String::new(),
    }
}

struct Counts<'a> {
    groups: &'a [usize],
    totals: Vec<CountTotal>,
}

impl Counts<'_> {
    fn add(&mut self, head: &PieceHead, sum: f64, first_ms: TimeMs, last_ms: TimeMs) {
        let total = &mut self.totals[self.groups[head.series]];
        total.count += if head.kind == Kind::Rate { sum * f64::from(head.interval_s.max(1)) } else { sum };
        if sum != 0.0 {
            total.first_ms = total.first_ms.min(first_ms);
            total.last_ms = total.last_ms.max(last_ms);
        }
    }
}

impl PieceSink for Counts<'_> {
    fn piece(&mut self, _: &PieceHead, has_aggregates: bool) -> Want {
        if has_aggregates { Want::Aggregates } else { Want::Samples }
    }

    fn aggregates(&mut self, head: &PieceHead, aggregates: &Aggregates) {
        self.add(head, aggregates.sum, head.first_ms, head.last_ms);
    }

    fn samples(&mut self, head: &PieceHead, times: &[TimeMs], values: &[f64]) {
        let sum = values.iter().sum();
        let at = |place: Option<usize>, or: TimeMs| place.and_then(|i| times.get(i).copied()).unwrap_or(or);
        let first = at(values.iter().position(|v| *v != 0.0), head.first_ms);
        let last = at(values.iter().rposition(|v| *v != 0.0), head.last_ms);
        self.add(head, sum, first, last);
    }
}

struct Sketches<'a> {
    groups: &'a [usize],
    totals: Vec<Option<SketchTotal>>,
}

impl SketchSink for Sketches<'_> {
    fn wants_bins(&self) -> bool {
        true
    }

    fn wants_windows(&self) -> bool {
        true
    }

    fn point(&mut self, series: usize, _: TimeMs, summary: &SketchSummary, sketch: Option<&Sketch>) {
        let Some(sketch) = sketch.filter(|_| summary.count > 0) else { return };
        let total = self.totals[self.groups[series]].get_or_insert_with(|| SketchTotal {
            count: 0,
            sum: 0.0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
            sketch: Sketch::new(sketch.mapping),
        });
        total.count += summary.count;
        total.sum += summary.sum;
        total.min = total.min.min(summary.min);
        total.max = total.max.max(summary.max);
        total.sketch.merge(sketch);
    }
}

#[cfg(test)]
mod tests;
