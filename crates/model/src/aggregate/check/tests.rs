//! Runs of a check, kind by kind.

use super::*;
use crate::Tags;

const T0: TimeMs = 1_700_000_000_000;

fn def(metric: &str) -> SeriesDef {
    SeriesDef { metric: metric.into(), host: "h".into(), tags: Tags::canonical(["a:b"]) }
}

fn submit(a: &mut CheckAggregator, kind: CheckKind, values: &[f64], flush_first: bool, now: TimeMs) {
    for (i, &value) in values.iter().enumerate() {
        let metric = format!("{kind:?}").to_lowercase();
        a.submit(CheckSample { kind, def: def(&metric), value, flush_first }, now + i as i64 * 1000);
    }
}

fn commit(a: &mut CheckAggregator, now: TimeMs) -> Vec<String> {
    let (out, refused) = a.commit(now, 15);
    assert!(refused.is_empty(), "{refused:?}");
    out.series
        .iter()
        .map(|s| {
            format!("{} {} {}@{}", s.metric, s.kind.as_str(), s.points[0].1, (s.points[0].0 - T0) / 1000)
        })
        .collect()
}

#[test]
fn one_run_of_each_kind() {
    let mut a = CheckAggregator::new(100);
    for code in 0..7 {
        submit(&mut a, CheckKind::from_code(code).unwrap(), &[10.0, 40.0], false, T0);
    }
    assert_eq!(
        commit(&mut a, T0 + 2000),
        [
            "count count 50@2",
            "counter rate 3.3333333333333335@2",
            "gauge gauge 40@2",
            "histogram.95percentile gauge 40@2",
            "histogram.avg gauge 25@2",
            "histogram.count rate 0.13333333333333333@2",
            "histogram.max gauge 40@2",
            "histogram.median gauge 10@2",
            "historate.95percentile gauge 30@2",
            "historate.avg gauge 30@2",
            "historate.count rate 0.06666666666666667@2",
            "historate.max gauge 30@2",
            "historate.median gauge 30@2",
            "monotoniccount count 30@2",
            "rate gauge 30@1",
        ]
    );
    assert_eq!(CheckKind::from_code(7), None);
    assert_eq!(CheckKind::from_code(-1), None);
}

#[test]
fn differences_are_carried_over_runs() {
    let mut a = CheckAggregator::new(100);
    let runs: [(f64, &[&str]); 5] = [
        (100.0, &[]),
        (130.0, &["monotoniccount count 30@15", "rate gauge 2@15"]),
        (130.0, &["monotoniccount count 0@30", "rate gauge 0@30"]),
        (40.0, &["monotoniccount count 0@45"]),
        (55.0, &["monotoniccount count 15@60", "rate gauge 1@60"]),
    ];
    for (i, (value, expected)) in runs.into_iter().enumerate() {
        let now = T0 + i as i64 * 15_000;
        submit(&mut a, CheckKind::Rate, &[value], false, now);
        submit(&mut a, CheckKind::MonotonicCount, &[value], false, now);
        assert_eq!(commit(&mut a, now), expected, "run {i}");
    }
    assert_eq!(commit(&mut a, T0 + 75_000), [""; 0], "a run that says nothing gives nothing");
}

#[test]
fn flush_first_counts_from_zero() {
    let mut a = CheckAggregator::new(100);
    submit(&mut a, CheckKind::MonotonicCount, &[7.0], true, T0);
    assert_eq!(commit(&mut a, T0), ["monotoniccount count 7@0"]);
    submit(&mut a, CheckKind::MonotonicCount, &[3.0], true, T0 + 15_000);
    assert_eq!(commit(&mut a, T0 + 15_000), ["monotoniccount count 3@15"]);
}

#[test]
fn buckets_become_a_sketch_with_exact_count() {
    let mut a = CheckAggregator::new(100);
    let mut bucket = |count: i64, lower: f64, upper: f64, monotonic: bool| {
        let sample = BucketSample { def: def("b"), count, lower, upper, monotonic, flush_first: false };
        a.bucket(sample, T0);
    };
    bucket(1000, 10.0, 20.0, false);
    bucket(5, 20.0, f64::INFINITY, false);
    bucket(100, -1.0, 1.0, false);
    bucket(50, 0.0, 5.0, true);
    bucket(53, 0.0, 5.0, true);
    let (out, _) = a.commit(T0, 15);
    let sketch = &out.sketches[0].points[0].1;
    assert_eq!(sketch.count, 1108);
    assert_eq!(sketch.bins.iter().map(|b| b.1).sum::<u64>(), 1108);
    assert!((sketch.sum - (15_000.0 + 100.0 + 7.5)).abs() < 60.0, "{}", sketch.sum);
    assert!((sketch.quantile(0.5) - 14.5).abs() < 0.3, "{}", sketch.quantile(0.5));
    assert!(sketch.clone().normalise(4096).is_ok());
    let bad = BucketSample {
        def: def("b"),
        count: 1,
        lower: 2.0,
        upper: 1.0,
        monotonic: false,
        flush_first: false,
    };
    a.bucket(bad, T0);
    assert_eq!(a.commit(T0, 15).1.counts(), [(Reason::BadValue, 1)]);
}

#[test]
fn bounds_and_values_are_checked() {
    let mut a = CheckAggregator::new(1);
    submit(&mut a, CheckKind::Gauge, &[f64::NAN, 1.0], false, T0);
    submit(&mut a, CheckKind::Count, &[1.0], false, T0);
    let (out, refused) = a.commit(T0, 15);
    assert_eq!(out.series.len(), 1);
    assert_eq!(refused.counts(), [(Reason::NotFinite, 1), (Reason::SeriesLimit, 1)]);
}
