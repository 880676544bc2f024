//! Small rows through real files: what merges, what stays, what is split by org and day.

use super::*;
use crate::compact::{self, Job};
use crate::file::{read_events, read_series, write_events, write_series, write_sketches};
use crate::parts::{Content, DAY_MS};
use oriel_model::{Event, Kind, MetricId, SeriesDef, SeriesId, Tags, TimeRange};
use std::sync::Arc;

fn key(series: u64) -> SeriesKey {
    SeriesKey { metric: MetricId(1), series: SeriesId(series) }
}

fn job(content: Content, level: u8, mut inputs: Vec<FileMeta>) -> Job {
    (1u64..).zip(&mut inputs).for_each(|(seq, m)| m.begin_seq = seq);
    Job { inputs, content, level, complete_before: i64::MAX }
}

fn definition(org: u32, series: u64, day: i32, (kind, interval_s): (Kind, u32)) -> SeriesRow {
    let def =
        SeriesDef { metric: "m".into(), host: "h".into(), tags: Tags::canonical([format!("s:{series}")]) };
    SeriesRow { org: OrgId(org), key: key(series), def: Arc::new(def), day, kind, interval_s }
}

#[test]
fn store_06_definitions_merge_by_day_and_the_newest_kind_stays() {
    let dir = tempfile::tempdir().unwrap();
    let older = [
        definition(1, 1, 5, (Kind::Gauge, 15)),
        definition(1, 1, 6, (Kind::Gauge, 15)),
        definition(2, 1, 5, (Kind::Count, 0)),
    ];
    let newer = [definition(1, 1, 5, (Kind::Rate, 0)), definition(1, 2, 5, (Kind::Gauge, 10))];
    let files = [&older[..], &newer[..]].map(|r| write_series(dir.path(), 0, r).unwrap().unwrap());
    let made = compact::run(dir.path(), &job(Content::Series, 1, files.to_vec())).unwrap();
    assert_eq!(made.len(), 3);
    assert!(made.iter().all(|m| m.level == 1 && m.begin_seq == 2 && m.org_min == m.org_max));
    let rows = |m: &FileMeta| read_series(dir.path(), m).unwrap();
    assert_eq!(rows(&made[0]), [definition(1, 1, 5, (Kind::Rate, 15)), newer[1].clone()]);
    assert_eq!(rows(&made[1]), older[2..3]);
    assert_eq!(rows(&made[2]), older[1..2]);
}

#[test]
fn events_of_an_org_and_day_come_together_and_none_is_lost() {
    let dir = tempfile::tempdir().unwrap();
    let event = |id: u64, time_ms: i64| Event { id, time_ms, title: "t".into(), ..Event::default() };
    let lists = [[event(1, 10), event(2, DAY_MS + 1)], [event(3, 10), event(4, 5)]];
    let files = lists.map(|e| write_events(dir.path(), 0, OrgId(1), &e, &[]).unwrap().unwrap());
    let made = compact::run(dir.path(), &job(Content::Events, 1, files.to_vec())).unwrap();
    assert_eq!(made.len(), 2);
    let ids = |m: &FileMeta| {
        let rows = read_events(dir.path(), m, OrgId(1), TimeRange::all()).unwrap();
        rows.events.iter().map(|e| e.id).collect::<Vec<_>>()
    };
    assert_eq!((ids(&made[0]), ids(&made[1])), (vec![4, 1, 3], vec![2]));
}

#[test]
fn store_11_sketches_of_one_time_merge_and_windows_become_whole() {
    let dir = tempfile::tempdir().unwrap();
    let sketch = |values: &[f64]| {
        let mut s = Sketch::default();
        values.iter().for_each(|&v| s.insert(v, 1));
        s
    };
    let chunk =
        |points: Vec<(TimeMs, Sketch)>| SketchChunk { org: OrgId(1), key: key(1), interval_s: 10, points };
    let first = chunk(vec![(0, sketch(&[1.0])), (10_000, sketch(&[2.0]))]);
    let second = chunk(vec![(10_000, sketch(&[3.0])), (20_000, sketch(&[4.0]))]);
    let files =
        [first, second].map(|c| write_sketches(dir.path(), 0, &mut [c].into_iter()).unwrap().unwrap());
    let made = compact::run(dir.path(), &job(Content::Sketches, 1, files.to_vec())).unwrap();
    assert_eq!((made.len(), made[0].rows, made[0].samples), (1, 1, 3));
    let row = SketchScan::open(dir.path(), &made[0]).unwrap().next().unwrap().unwrap();
    assert_eq!(row.points[1], (10_000, sketch(&[2.0, 3.0])));
}
