//! Names, hosts and tags of what checks submit; the arithmetic of the kinds is tested with the aggregator.

use super::*;
use crate::check::SampleKind;

const T0: TimeMs = 1_700_000_000_000;

fn defaults() -> Defaults {
    Defaults { host: "web-1".into(), tags: vec!["service:shop".into()], interval_s: 15 }
}

fn sample(name: &str, kind: SampleKind, value: f64, tags: &[&str]) -> Sample {
    let tags = tags.iter().map(|t| (*t).to_owned()).collect();
    Sample { kind, name: name.into(), value, tags, host: String::new(), flush_first: false }
}

fn commit(samples: Vec<Sample>) -> (Vec<String>, Run) {
    let mut run = Run { samples, ..Run::default() };
    let out = Sampler::default().commit(&mut run, T0, &defaults());
    let line = |s: &oriel_model::Series| {
        let point = s.points[0].1;
        format!(
            "{}@{} {} {} {point} every {}",
            s.metric,
            s.host,
            s.tags.join(","),
            s.kind.as_str(),
            s.interval_s
        )
    };
    (out.series.iter().map(line).collect(), run)
}

#[test]
fn the_default_host_and_the_service_are_filled_in() {
    let (lines, run) = commit(vec![sample("m", SampleKind::Gauge, 3.0, &["b:2", "a:1", "b:2"])]);
    assert_eq!(lines, ["m@web-1 a:1,b:2,service:shop gauge 3 every 15"]);
    assert!(run.warnings.is_empty());
}

#[test]
fn names_are_put_in_datadogs_form_and_a_host_tag_is_the_host() {
    let (lines, _) = commit(vec![sample("my metric-é", SampleKind::Count, 1.0, &["Env:PROD", "host:db-2"])]);
    assert_eq!(lines, ["my_metric__@db-2 env:prod,service:shop count 1 every 15"]);
}

#[test]
fn a_name_without_a_letter_is_refused_with_a_warning_and_leaves_the_others() {
    let (lines, run) =
        commit(vec![sample("123", SampleKind::Gauge, 1.0, &[]), sample("ok", SampleKind::Gauge, 2.0, &[])]);
    assert_eq!(lines, ["ok@web-1 service:shop gauge 2 every 15"]);
    assert!(run.warnings[0].contains("bad_name 1"), "{:?}", run.warnings);
}

#[test]
fn rates_remember_between_runs() {
    let mut sampler = Sampler::default();
    let mut values = Vec::new();
    for (i, total) in [100.0, 130.0, 5.0, 15.0].into_iter().enumerate() {
        let mut run = Run { samples: vec![sample("r", SampleKind::Rate, total, &[])], ..Run::default() };
        let out = sampler.commit(&mut run, T0 + i as i64 * 10_000, &defaults());
        values.push(out.series.first().map(|s| s.points[0].1));
    }
    assert_eq!(values, [None, Some(3.0), None, Some(1.0)]);
}

#[test]
fn rates_are_of_the_exact_time_and_points_stand_on_whole_seconds() {
    let mut sampler = Sampler::default();
    let mut at = |total, ms| {
        let mut run = Run { samples: vec![sample("r", SampleKind::Rate, total, &[])], ..Run::default() };
        sampler.commit(&mut run, T0 + ms, &defaults()).series.pop().map(|s| s.points[0])
    };
    assert_eq!((at(0.0, 999), at(280.0, 15_001)), (None, Some((T0 + 15_000, 280.0 / 14.002))));
}
