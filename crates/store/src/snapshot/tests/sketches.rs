//! Distributions over heads and files.

use super::world::{World, key};
use crate::{Cancel, MetricReader, SketchSink, SketchSummary};
use oriel_model::{Mapping, SeriesKey, Sketch, TimeMs, TimeRange};
use std::collections::BTreeMap;

/// Points by (series, time).
type Points = BTreeMap<(SeriesKey, TimeMs), Sketch>;

struct Collect {
    keys: Vec<SeriesKey>,
    bins: bool,
    points: BTreeMap<(SeriesKey, TimeMs), (SketchSummary, Option<Sketch>)>,
    last: Option<(usize, TimeMs)>,
}

impl SketchSink for Collect {
    fn wants_bins(&self) -> bool {
        self.bins
    }

    fn point(&mut self, series: usize, time_ms: TimeMs, summary: &SketchSummary, sketch: Option<&Sketch>) {
        assert!(self.last < Some((series, time_ms)), "points go back");
        self.last = Some((series, time_ms));
        self.points.insert((self.keys[series], time_ms), (*summary, sketch.cloned()));
    }
}

fn scan(world: &World, range: TimeRange, bins: bool) -> Collect {
    let mut keys: Vec<_> = (0..3).map(key).collect();
    keys.sort_unstable();
    let mut sink = Collect { keys: keys.clone(), bins, points: BTreeMap::new(), last: None };
    world.snapshot().scan_sketches(&keys, range, &Cancel::default(), &mut sink).unwrap();
    sink
}

fn check(world: &World, oracle: &Points, range: TimeRange) {
    let owed: Points =
        oracle.iter().filter(|((_, t), _)| range.contains(*t)).map(|(k, s)| (*k, s.clone())).collect();
    let summary = |s: &Sketch| SketchSummary { count: s.count, sum: s.sum, min: s.min, max: s.max };
    let whole = scan(world, range, true);
    let found: Points = whole.points.iter().map(|(k, (_, s))| (*k, s.clone().unwrap())).collect();
    assert_eq!(found, owed);
    let slim = scan(world, range, false);
    let owed: BTreeMap<_, _> = owed.iter().map(|(k, s)| (*k, (summary(s), None))).collect();
    assert_eq!(slim.points, owed);
}

#[test]
fn store_18_distributions_at_an_equal_time_merge_over_heads_and_files() {
    let mut world = World::new();
    let mut oracle = Points::new();
    let ranges = [TimeRange::all(), TimeRange::new(50_000, 4_000_000), TimeRange::new(10_000, 20_000)];
    for round in 0..4i64 {
        for series in 0..3u64 {
            let times = (0..30).map(|i| (i * (100 + round * 20)) % 400 * 10_000);
            let points: BTreeMap<TimeMs, Sketch> = times.map(|t| (t, sketch(t + round, series))).collect();
            for (t, s) in &points {
                oracle.entry((key(series), *t)).or_default().merge(s);
            }
            world.append_sketches(series, points.into_iter().collect());
        }
        ranges.iter().for_each(|r| check(&world, &oracle, *r));
        if round < 3 {
            world.seal();
        }
        ranges.iter().for_each(|r| check(&world, &oracle, *r));
    }
    world.seal();
    world.compact();
    ranges.iter().for_each(|r| check(&world, &oracle, *r));
}

/// Whole numbers, so that sums are the same in any order.
fn sketch(seed: i64, series: u64) -> Sketch {
    let mapping = if series == 2 { Mapping { gamma: 1.05, offset: 0.0 } } else { Mapping::AGENT };
    let mut sketch = Sketch::new(mapping);
    for i in 0..seed % 7 + 1 {
        sketch.insert(((seed * 31 + i * 17) % 1000 - 100) as f64, 1 + i as u64);
    }
    sketch
}
