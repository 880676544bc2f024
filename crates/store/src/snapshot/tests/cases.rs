//! Small cases that a person can read.

use super::world::{Append, ORG, World, def, key};
use super::{check, scan};
use crate::{Cancel, Error, Matcher, MetricReader};
use oriel_model::{HostTags, Kind, OrgId, SeriesKey, TimeRange};
use std::sync::Arc;

const HOUR_MS: i64 = 3_600_000;

fn gauge(series: u64, from_ms: i64, n: i64, value: f64) -> Append {
    let samples = (0..n).map(|i| (from_ms + i * 15_000, value)).collect();
    Append { series, kind: Kind::Gauge, interval_s: 15, samples }
}

/// Five windows of an hour, written late and in one go.
fn five_hours(series: u64) -> Append {
    gauge(series, 0, 5 * 240, 2.5)
}

#[test]
fn store_17_whole_chunks_of_a_compacted_file_come_as_aggregates() {
    let mut world = World::new();
    world.append(&[five_hours(0), five_hours(1)]);
    world.seal();
    world.compact();
    let keys = [key(0)];
    let reader = world.snapshot();
    let all = scan(&reader, &keys, TimeRange::new(0, 5 * HOUR_MS), true);
    assert_eq!((all.folded.len(), all.samples.len()), (5, 0));
    let cut = scan(&reader, &keys, TimeRange::new(HOUR_MS / 2, 3 * HOUR_MS), true);
    assert_eq!((cut.folded.len(), cut.samples.len()), (2, 120));
    check(&world, TimeRange::new(HOUR_MS / 2, 3 * HOUR_MS));
}

#[test]
fn store_17_a_late_point_in_the_head_takes_the_aggregates_of_its_chunk_only() {
    let mut world = World::new();
    world.append(&[five_hours(0)]);
    world.seal();
    world.compact();
    world.append(&[gauge(0, HOUR_MS + 15_000, 1, 9.0), gauge(0, HOUR_MS + 15_001, 1, 9.0)]);
    let keys = [key(0)];
    let reader = world.snapshot();
    let all = scan(&reader, &keys, TimeRange::all(), true);
    assert_eq!((all.folded.len(), all.samples.len()), (4, 241));
    check(&world, TimeRange::all());
}

#[test]
fn store_11_newer_files_win_over_older_ones_and_heads_over_files() {
    let mut world = World::new();
    for value in [1.0, 2.0, 3.0] {
        world.append(&[gauge(0, 0, 4, value)]);
        check(&world, TimeRange::all());
        world.seal();
        check(&world, TimeRange::all());
    }
    world.append(&[gauge(0, 15_000, 1, 4.0)]);
    check(&world, TimeRange::all());
    world.compact();
    check(&world, TimeRange::all());
}

#[test]
fn store_5_a_series_is_found_in_heads_in_files_and_over_both() {
    let mut world = World::new();
    let found = |world: &World, range: TimeRange| -> Vec<SeriesKey> {
        let list = world.snapshot().select("metric.0", &Matcher::All, range).unwrap();
        list.iter().map(|e| e.key).collect()
    };
    let sorted = |series: &[u64]| {
        let mut keys: Vec<_> = series.iter().map(|&n| key(n)).collect();
        keys.sort_unstable();
        keys
    };
    assert_eq!(found(&world, TimeRange::all()), []);
    world.append(&[gauge(0, 0, 2, 1.0), gauge(1, 0, 2, 1.0)]);
    assert_eq!(found(&world, TimeRange::all()), sorted(&[0]));
    world.append(&[gauge(2, 0, 2, 1.0)]);
    assert_eq!(found(&world, TimeRange::all()), sorted(&[0, 2]), "announced to an index in memory");
    world.seal();
    assert_eq!(found(&world, TimeRange::all()), sorted(&[0, 2]));
    world.append(&[gauge(4, 30 * HOUR_MS, 2, 1.0), gauge(0, 30 * HOUR_MS, 2, 1.0)]);
    assert_eq!(found(&world, TimeRange::all()), sorted(&[0, 2, 4]), "each once over two days");
    assert_eq!(found(&world, TimeRange::new(0, HOUR_MS)), sorted(&[0, 2]));
    assert_eq!(found(&world, TimeRange::new(25 * HOUR_MS, 40 * HOUR_MS)), sorted(&[0, 4]));
    world.registry.days.drop_before(i32::MAX);
    assert_eq!(found(&world, TimeRange::all()), sorted(&[0, 2, 4]), "loaded again from file and head");
    world.seal();
    world.compact();
    world.registry.days.drop_before(i32::MAX);
    assert_eq!(found(&world, TimeRange::all()), sorted(&[0, 2, 4]));
    let names = world.snapshot().metrics(TimeRange::all()).unwrap();
    assert_eq!(names, [Arc::from("metric.0"), Arc::from("metric.1")]);
}

#[test]
fn entries_bear_the_newest_kind_and_the_interval_as_seen() {
    let mut world = World::new();
    let sample = |kind, interval_s, t: i64| {
        let samples = (0..4).map(|i| (t + i * 20_000, 1.0)).collect();
        Append { series: 0, kind, interval_s, samples }
    };
    let shape = |world: &World| {
        let e = world.snapshot().select("metric.0", &Matcher::All, TimeRange::all()).unwrap().remove(0);
        assert_eq!(*e.def, def(0));
        (e.kind, e.interval_s)
    };
    world.append(&[sample(Kind::Gauge, 0, 0)]);
    assert_eq!(shape(&world), (Kind::Gauge, 20));
    world.append(&[sample(Kind::Rate, 10, 100_000)]);
    assert_eq!(shape(&world), (Kind::Rate, 10));
    world.seal();
    world.registry.days.drop_before(i32::MAX);
    assert_eq!(shape(&world), (Kind::Rate, 10));
}

#[test]
fn store_27_another_org_sees_nothing() {
    let mut world = World::new();
    world.append(&[five_hours(0)]);
    world.seal();
    world.append(&[gauge(2, 0, 4, 1.0)]);
    let reader = world.snapshot_of(OrgId(2));
    assert!(reader.metrics(TimeRange::all()).unwrap().is_empty());
    assert!(reader.select("metric.0", &Matcher::All, TimeRange::all()).unwrap().is_empty());
    let mut keys = [key(0), key(2)];
    keys.sort_unstable();
    assert!(scan(&reader, &keys, TimeRange::all(), false).samples.is_empty());
    assert_eq!(scan(&world.snapshot_of(ORG), &keys, TimeRange::all(), false).samples.len(), 1204);
}

#[test]
fn store_35_a_cancelled_scan_stops() {
    let mut world = World::new();
    world.append(&(0..5).map(five_hours).collect::<Vec<_>>());
    world.seal();
    let keys: Vec<SeriesKey> = (0..5).map(key).collect();
    let cancel = Cancel::default();
    cancel.cancel();
    let mut sink = super::Collect::new(&keys, false);
    let stopped = world.snapshot().scan(&keys, TimeRange::all(), &cancel, &mut sink);
    assert!(matches!(stopped, Err(Error::Cancelled)));
}

#[test]
fn store_7_host_tags_select_series_as_of_their_time() {
    let mut world = World::new();
    world.append(&[gauge(0, 0, 4, 1.0), gauge(4, 0, 4, 1.0)]);
    world.set_host_tags(vec![HostTags {
        host: "h-1".into(),
        source: "users".into(),
        tags: vec!["team:db".into()],
        from_ms: 0,
        to_ms: 30_000,
    }]);
    let matcher = Matcher::Equals { key: "team".into(), value: "db".into() };
    let found = |from, to| {
        let range = TimeRange::new(from, to);
        assert_eq!(world.snapshot().host_tags(range).len(), usize::from(from < 30_000));
        let list = world.snapshot().select("metric.0", &matcher, range).unwrap();
        list.iter().map(|e| e.key).collect::<Vec<_>>()
    };
    assert_eq!(found(0, 60_000), [key(4)]);
    assert_eq!(found(30_000, 60_000), []);
}
