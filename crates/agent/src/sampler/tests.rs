//! The check sampler against cases a person can read.

use super::*;
use proptest::prelude::*;

const T0: TimeMs = 1_700_000_000_000;

fn defaults() -> Defaults {
    Defaults { host: "web-1".into(), tags: vec!["service:shop".into()], interval_s: 15 }
}

fn sample(kind: SampleKind, value: f64) -> Sample {
    Sample {
        kind,
        name: "m".into(),
        value,
        tags: vec!["b:2".into(), "a:1".into()],
        host: String::new(),
        flush_first: false,
    }
}

/// Runs `rounds` of one kind, 10 s apart; each round's answer as `name=value`.
fn rounds(kind: SampleKind, rounds: &[&[f64]]) -> Vec<Vec<String>> {
    let mut sampler = Sampler::default();
    let mut now = T0;
    let mut out = Vec::new();
    for values in rounds {
        let mut run = Run { samples: values.iter().map(|v| sample(kind, *v)).collect(), ..Run::default() };
        let (series, _) = sampler.commit(&mut run, now, &defaults());
        out.push(
            series.iter().map(|s| format!("{} {} {}", s.metric, s.kind.as_str(), s.points[0].1)).collect(),
        );
        now += 10_000;
    }
    out
}

#[test]
fn gauge_keeps_the_last() {
    assert_eq!(rounds(SampleKind::Gauge, &[&[1.0, 5.0, 3.0]]), [["m gauge 3"]]);
}

#[test]
fn count_adds_up_and_starts_afresh() {
    assert_eq!(rounds(SampleKind::Count, &[&[1.0, 5.0], &[2.0]]), [["m count 6"], ["m count 2"]]);
}

#[test]
fn rate_is_the_difference_a_second_and_skips_resets() {
    let empty: Vec<String> = vec![];
    let want = vec![empty.clone(), vec!["m gauge 3".into()], empty, vec!["m gauge 1".into()]];
    assert_eq!(rounds(SampleKind::Rate, &[&[100.0], &[130.0], &[5.0], &[15.0]]), want);
}

#[test]
fn monotonic_count_swallows_the_first_and_resets() {
    let empty: Vec<String> = vec![];
    let want = vec![empty.clone(), vec!["m count 30".into()], empty, vec!["m count 10".into()]];
    assert_eq!(rounds(SampleKind::MonotonicCount, &[&[100.0], &[130.0], &[5.0], &[15.0]]), want);
}

#[test]
fn counter_is_a_rate_over_the_interval() {
    assert_eq!(rounds(SampleKind::Counter, &[&[10.0, 20.0]]), [["m rate 2"]]);
}

#[test]
fn histogram_gives_five_series() {
    let values: Vec<f64> = (1..=100).map(f64::from).collect();
    let want = ["m.max gauge 100", "m.median gauge 50", "m.avg gauge 50.5", "m.95percentile gauge 95"];
    let got = rounds(SampleKind::Histogram, &[&values]);
    assert_eq!(got[0][..4], want);
    assert!(got[0][4].starts_with("m.count rate 6.66"));
}

#[test]
fn historate_is_a_histogram_of_rates() {
    let got = rounds(SampleKind::Historate, &[&[0.0], &[50.0]]);
    assert!(got[0].is_empty());
    assert_eq!(got[1][0], "m.max gauge 5");
}

#[test]
fn first_value_counts_when_asked() {
    let mut first = sample(SampleKind::MonotonicCount, 7.0);
    first.flush_first = true;
    let mut run = Run { samples: vec![first], ..Run::default() };
    let (series, _) = Sampler::default().commit(&mut run, T0, &defaults());
    assert_eq!(series[0].points, [(T0, 7.0)]);
    assert_eq!(series[0].host, "web-1");
    assert_eq!(series[0].tags, ["a:1", "b:2", "service:shop"]);
}

#[test]
fn not_finite_is_left_out() {
    let empty: Vec<String> = vec![];
    assert_eq!(rounds(SampleKind::Gauge, &[&[f64::NAN], &[f64::INFINITY]]), [empty.clone(), empty]);
}

#[test]
fn monotonic_buckets_become_one_sketch_of_what_grew() {
    let bucket = |count, lower, upper| Bucket {
        name: "lat".into(),
        count,
        lower,
        upper,
        monotonic: true,
        tags: vec![],
        host: String::new(),
        flush_first: false,
    };
    let mut sampler = Sampler::default();
    let mut run = Run { buckets: vec![bucket(5, 0.0, 1.0), bucket(2, 1.0, f64::INFINITY)], ..Run::default() };
    assert!(sampler.commit(&mut run, T0, &defaults()).1.is_empty());
    run.buckets = vec![bucket(15, 0.0, 1.0), bucket(4, 1.0, f64::INFINITY)];
    let (_, sketches) = sampler.commit(&mut run, T0 + 10_000, &defaults());
    assert_eq!(sketches.len(), 1);
    let sketch = &sketches[0].points[0].1;
    assert_eq!((sketch.count, sketch.max), (12, 1.0));
    assert!((sketch.min - 0.05).abs() < 1e-9);
}

proptest! {
    /// Whatever totals come, counts add up to the growth of the non-decreasing stretches.
    #[test]
    fn monotonic_counts_add_up(totals in prop::collection::vec(0u32..1_000_000, 1..50)) {
        let mut sampler = Sampler::default();
        let mut sum = 0.0;
        for (i, t) in totals.iter().enumerate() {
            let mut run = Run { samples: vec![sample(SampleKind::MonotonicCount, f64::from(*t))], ..Run::default() };
            let (series, _) = sampler.commit(&mut run, T0 + i as i64 * 1000, &defaults());
            sum += series.first().map_or(0.0, |s| s.points[0].1);
        }
        let want: f64 = totals.windows(2).map(|w| f64::from(w[1].saturating_sub(w[0]))).sum();
        prop_assert_eq!(sum, want);
    }
}
