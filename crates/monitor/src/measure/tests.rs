//! Windows over frames: to the point the same on a long frame and on that of the window alone.

use super::*;
use crate::Rule;
use crate::rule::Target;
use oriel_model::Kind;
use proptest::prelude::*;

const STEP: i64 = 20_000;

fn series(query: &str) -> SeriesRule {
    let document = serde_json::json!({"type": "query alert", "query": query});
    match Rule::parse(&document).unwrap().target {
        Target::Series(series) => series,
        other => panic!("{other:?}"),
    }
}

fn frame(start_ms: TimeMs, columns: &[Vec<f64>]) -> Frame {
    let len = columns.first().map_or(0, Vec::len) as i64;
    let column = |(n, values): (usize, &Vec<f64>)| FrameSeries {
        name: "m".into(),
        expression: "m".into(),
        scope: format!("host:{n}"),
        group: vec![("host".into(), n.to_string())],
        aggregator: "avg".into(),
        kind: Kind::Gauge,
        band: Some(Band {
            lower: vec![2.0; values.len()],
            upper: vec![6.0; values.len()],
            side: BandSide::Both,
        }),
        outlier: None,
        values: values.clone(),
    };
    Frame {
        times: (0..len).map(|i| start_ms + i * STEP).collect(),
        step_ms: STEP,
        series: columns.iter().enumerate().map(column).collect(),
        ..Frame::default()
    }
}

/// The part of a frame that a request of the range would give.
fn cut(whole: &Frame, range: TimeRange) -> Frame {
    let wanted: Vec<usize> = (0..whole.times.len())
        .filter(|n| whole.times[*n] + STEP > range.start && whole.times[*n] < range.end)
        .collect();
    let take = |values: &[f64]| wanted.iter().map(|n| values[*n]).collect::<Vec<f64>>();
    let series = whole.series.iter().map(|s| FrameSeries {
        values: take(&s.values),
        band: s.band.as_ref().map(|b| Band { lower: take(&b.lower), upper: take(&b.upper), side: b.side }),
        ..s.clone()
    });
    Frame {
        times: wanted.iter().map(|n| whole.times[*n]).collect(),
        series: series.collect(),
        ..whole.clone()
    }
}

fn same(a: &Measured, b: &Measured) -> bool {
    // NaN is not among the values, so that equality is equality to the point.
    a == b
}

const QUERIES: &[&str] = &[
    "avg(last_5m):avg:m{*} by {host} > 1",
    "sum(last_2m):avg:m{*} by {host} > 1",
    "p90(last_5m):avg:m{*} by {host} > 1",
    "last(last_1m):avg:m{*} by {host} > 1",
    "change(avg(last_2m),last_5m):avg:m{*} by {host} > 1",
    "change(min(last_2m),last_1m):avg:m{*} by {host} > 1",
    "pct_change(max(last_2m),last_5m):avg:m{*} by {host} > 1",
    "avg(last_5m):anomalies(avg:m{*} by {host}, 'basic', 2, alert_window='last_2m') >= 1",
    "sum(last_5m):sum:m{*} by {host}.as_count() / 2 + sum:m{*} by {host}.as_count() > 1",
];

proptest! {
    /// Live reads a window, the past is tried on one long read: to the point the same, also where the evaluation lies between
    /// two buckets.
    #[test]
    fn a_long_frame_measures_what_the_windows_own_measures(
        query in prop::sample::select(QUERIES.to_vec()),
        columns in prop::collection::vec(prop::collection::vec(prop_oneof![2 => Just(f64::NAN), 5 => (0..100i32).prop_map(f64::from)], 90), 1..4),
        at in 0i64..1_800,
    ) {
        let rule = series(query);
        let whole = frame(0, &columns);
        let at_ms = at * 1000;
        let own: Vec<Frame> = rule.requests(at_ms).iter().map(|r| cut(&whole, r.range)).collect();
        let long = vec![&whole; own.len()];
        let from_long = rule.reduce(at_ms, &long);
        let from_own = rule.reduce(at_ms, &own.iter().collect::<Vec<_>>());
        prop_assert!(same(&from_long, &from_own), "{query} at {at}: {from_long:?} {from_own:?}");
        for group in &from_long.groups {
            prop_assert!(group.value.is_finite() && group.last_seen_ms <= at_ms);
        }
    }
}

#[test]
fn a_bucket_counts_when_it_has_ended() {
    let rule = series("max(last_1m):avg:m{*} by {host} > 1");
    let whole = frame(0, &[vec![1.0, 2.0, 3.0, 4.0, 5.0]]);
    let value = |at_ms| rule.reduce(at_ms, &[&whole]).groups.first().map(|g| (g.value, g.last_seen_ms));
    assert_eq!(value(60_000), Some((3.0, 60_000)));
    // 70 s: the bucket from 60 s still fills; that from 0 s ended within the window.
    assert_eq!(value(70_000), Some((3.0, 60_000)));
    assert_eq!(value(80_000), Some((4.0, 80_000)));
    assert_eq!(value(10_000), None);
}

#[test]
fn a_window_is_full_when_its_first_fifth_has_a_value() {
    let rule = series("avg(last_5m):avg:m{*} by {host} > 1");
    let column = |missing: usize| {
        let mut values = vec![1.0; 15];
        values[..missing].fill(f64::NAN);
        frame(0, &[values])
    };
    let full = |missing| rule.reduce(300_000, &[&column(missing)]).groups[0].full;
    assert!(full(0) && full(3));
    assert!(!full(4));
}

#[test]
fn nothing_divided_by_nothing_is_no_value() {
    let rule = series("sum(last_1m):sum:a{*} by {host}.as_count() / sum:b{*} by {host}.as_count() > 1");
    let (a, b) = (frame(0, &[vec![1.0, 1.0, 1.0]]), frame(0, &[vec![0.0, 0.0, 0.0]]));
    assert!(rule.reduce(60_000, &[&a, &b]).groups.is_empty());
    let b = frame(0, &[vec![1.0, 0.0, 1.0]]);
    assert_eq!(rule.reduce(60_000, &[&a, &b]).groups[0].value, 1.5);
}

#[test]
fn bands_have_a_side() {
    let rule = series("avg(last_1m):anomalies(avg:m{*} by {host}, 'basic', 2) >= 1");
    let mut whole = frame(0, &[vec![1.0, 1.0, 9.0]]);
    let share = |frame: &Frame| rule.reduce(60_000, &[frame]).groups[0].value;
    assert_eq!(share(&whole), 1.0);
    whole.series[0].band.as_mut().unwrap().side = BandSide::Above;
    assert_eq!(share(&whole), 1.0 / 3.0);
    whole.series[0].band.as_mut().unwrap().side = BandSide::Below;
    assert_eq!(share(&whole), 2.0 / 3.0);
}
