//! Golden buckets, and properties that hold for any stream of samples.

use super::*;
use crate::Tags;
use proptest::prelude::*;

const T0: TimeMs = 1_700_000_000_000;

fn aggregator(now_ms: TimeMs) -> Aggregator {
    Aggregator::new(AggregatorLimits::default(), RawHasher::new([9; 192]), now_ms)
}

fn def(metric: &str, tags: &[&str]) -> SeriesDef {
    SeriesDef { metric: metric.into(), host: "h".into(), tags: Tags::canonical(tags.iter().copied()) }
}

fn add(a: &mut Aggregator, kind: SampleKind, metric: &str, value: f64, weight: f64) {
    let raw = a.key(format!("{metric}|{kind:?}").as_bytes());
    let id = a.context(raw, kind, || Ok(def(metric, &[]))).unwrap();
    a.add(id, value, weight);
}

fn member(a: &mut Aggregator, metric: &str, member: &str) {
    let raw = a.key(metric.as_bytes());
    let id = a.context(raw, SampleKind::Set, || Ok(def(metric, &[]))).unwrap();
    a.add_member(id, member.as_bytes());
}

/// `metric kind interval [seconds after T0 = value, …]`, sorted.
fn lines(submission: &Submission) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for s in &submission.series {
        let points: Vec<String> =
            s.points.iter().map(|(t, v)| format!("{}={v}", (t - T0) as f64 / 1000.0)).collect();
        out.push(format!("{} {} {} {}", s.metric, s.kind.as_str(), s.interval_s, points.join(" ")));
    }
    for s in &submission.sketches {
        for (t, k) in &s.points {
            let at = (t - T0) as f64 / 1000.0;
            out.push(format!("{} sketch {at}: n={} sum={} {:?}", s.metric, k.count, k.sum, k.bins));
        }
    }
    out.sort();
    out
}

#[test]
fn every_kind_in_one_bucket() {
    let mut a = aggregator(T0);
    for v in [3.0, 1.0, 2.0] {
        add(&mut a, SampleKind::Gauge, "g", v, 1.0);
        add(&mut a, SampleKind::Count, "c", v, 1.0);
        add(&mut a, SampleKind::Histogram, "h", v, 1.0);
        add(&mut a, SampleKind::Distribution, "d", v, 1.0);
    }
    add(&mut a, SampleKind::Count, "c", 1.0, 2.0);
    for m in ["alice", "bob", "alice"] {
        member(&mut a, "s", m);
    }
    assert!(a.flush(T0 + 9_999).0.is_empty());
    let (out, refused) = a.flush(T0 + 10_000);
    assert_eq!(
        lines(&out),
        [
            "c rate 10 0=0.8",
            "d sketch 0: n=3 sum=6 [(1338, 1), (1383, 1), (1409, 1)]",
            "g gauge 10 0=2",
            "h.95percentile gauge 10 0=3",
            "h.avg gauge 10 0=2",
            "h.count rate 10 0=0.3",
            "h.max gauge 10 0=3",
            "h.median gauge 10 0=2",
            "s gauge 10 0=2",
        ]
    );
    assert!(refused.is_empty());
    assert_eq!(out.series[0].host, "h");
}

#[test]
fn a_silent_counter_goes_on_with_zero_for_300_s_and_a_gauge_does_not() {
    let mut a = aggregator(T0);
    add(&mut a, SampleKind::Count, "c", 5.0, 1.0);
    add(&mut a, SampleKind::Gauge, "g", 5.0, 1.0);
    let mut points = Vec::new();
    for step in 1..=40 {
        for s in a.flush(T0 + step * BUCKET_MS).0.series {
            if s.metric == "c" {
                points.extend(s.points);
            }
        }
    }
    assert_eq!(points.len(), 31);
    assert_eq!(points[0], (T0, 0.5));
    assert!(points[1..].iter().all(|&(_, v)| v == 0.0));
    assert_eq!(points[30].0, T0 + 300_000);
    assert_eq!(a.contexts(), 0, "nobody used them");
}

#[test]
fn zeros_are_the_same_after_a_pause_of_the_flusher() {
    let mut a = aggregator(T0);
    add(&mut a, SampleKind::Count, "c", 5.0, 1.0);
    let (out, _) = a.flush(T0 + 45_000);
    assert_eq!(lines(&out), ["c rate 10 0=0.5", "c rate 10 10=0", "c rate 10 20=0", "c rate 10 30=0"]);
    add(&mut a, SampleKind::Count, "c", 1.0, 1.0);
    let (out, _) = a.flush(T0 + 3_600_000);
    assert_eq!(out.series.len(), 31);
    assert_eq!(out.series[0].points, [(T0 + 40_000, 0.1)]);
}

#[test]
fn a_clock_that_goes_back_loses_nothing() {
    let mut a = aggregator(T0);
    add(&mut a, SampleKind::Gauge, "g", 1.0, 1.0);
    a.advance(T0 - 60_000);
    add(&mut a, SampleKind::Gauge, "g", 2.0, 1.0);
    let (out, _) = a.flush(T0 - 50_000);
    assert_eq!(lines(&out), ["g gauge 10 -60=2", "g gauge 10 0=1"]);
}

#[test]
fn stamps_of_two_processes_never_meet() {
    let mut first = aggregator(T0);
    add(&mut first, SampleKind::Count, "c", 1.0, 1.0);
    let (out, _) = first.finish(T0 + 4_200);
    assert_eq!(lines(&out), ["c rate 10 0=0.1"]);
    let mut second = aggregator(T0 + 4_300);
    add(&mut second, SampleKind::Count, "c", 1.0, 1.0);
    let (out, _) = second.flush(T0 + 10_000);
    assert_eq!(lines(&out), ["c rate 10 5=0.1"]);
    let late = aggregator(T0 + 9_500);
    assert_eq!((late.bucket_start, late.bucket_end), (T0 + 10_000, T0 + 20_000));
}

#[test]
fn timed_samples_pass_by_the_buckets() {
    let mut a = aggregator(T0);
    for (kind, metric) in [(SampleKind::Gauge, "g"), (SampleKind::Count, "c"), (SampleKind::Histogram, "h")] {
        let raw = a.key(metric.as_bytes());
        let id = a.context(raw, kind, || Ok(def(metric, &[]))).unwrap();
        a.add_timed(id, T0 - 5_000, 4.0);
        a.add_timed(id, T0 - 4_000, f64::NAN);
    }
    let (out, refused) = a.flush(T0);
    assert_eq!(lines(&out), ["c rate 10 -5=0.4", "g gauge 10 -5=4"]);
    assert_eq!(refused.counts(), [(Reason::NotFinite, 2), (Reason::UnsupportedType, 2)]);
    assert!(a.flush(T0 + 20_000).0.is_empty(), "no zeros after a count with its own time");
}

#[test]
fn two_spellings_share_a_context_and_two_kinds_do_not() {
    let mut a = aggregator(T0);
    for tags in [["x:1", "y:2"], ["y:2", "x:1"]] {
        let raw = a.key(tags.join(",").as_bytes());
        let id = a.context(raw, SampleKind::Count, || Ok(def("c", &tags))).unwrap();
        a.add(id, 1.0, 1.0);
    }
    add(&mut a, SampleKind::Gauge, "c", 1.0, 1.0);
    assert_eq!(a.contexts(), 2);
    assert_eq!(lines(&a.flush(T0 + 10_000).0), ["c gauge 10 0=1", "c rate 10 0=0.2"]);
}

#[test]
fn bounds_refuse_newcomers_and_known_ones_go_on() {
    let limits = AggregatorLimits { contexts: 1, set_members: 1, ..AggregatorLimits::default() };
    let mut a = Aggregator::new(limits, RawHasher::new([9; 192]), T0);
    member(&mut a, "s", "one");
    member(&mut a, "s", "two");
    member(&mut a, "s", "one");
    let raw = a.key(b"other");
    assert_eq!(a.context(raw, SampleKind::Gauge, || Ok(def("g", &[]))), Err(Reason::SeriesLimit));
    let (out, refused) = a.flush(T0 + 10_000);
    assert_eq!(lines(&out), ["s gauge 10 0=1"]);
    assert_eq!(refused.counts(), [(Reason::TooManyPoints, 1)]);
}

proptest! {
    /// Whatever the times, the sum of a counter over all its points is what was added.
    #[test]
    fn counts_are_neither_lost_nor_doubled(steps in prop::collection::vec((0i64..25_000, 0u32..100), 1..60)) {
        let mut a = aggregator(T0);
        let (mut now, mut given, mut seen) = (T0, 0.0, 0.0);
        let mut stamps = Vec::new();
        for (wait, n) in steps {
            now += wait;
            a.advance(now);
            add(&mut a, SampleKind::Count, "c", f64::from(n), 1.0);
            given += f64::from(n);
            for (t, v) in a.flush(now).0.series.into_iter().flat_map(|s| s.points) {
                stamps.push(t);
                seen += v * f64::from(BUCKET_S);
            }
        }
        for (t, v) in a.finish(now).0.series.into_iter().flat_map(|s| s.points) {
            stamps.push(t);
            seen += v * f64::from(BUCKET_S);
        }
        prop_assert!((given - seen).abs() < 1e-6);
        prop_assert!(stamps.windows(2).all(|w| w[1] - w[0] == BUCKET_MS), "one point a bucket: {:?}", stamps);
    }
}
