//! Matchers over a handful of series and host tags, as a person would read them.

use super::*;
use crate::registry::day::DaySeries;
use oriel_model::{Kind, MetricId, SeriesDef, SeriesId, SeriesKey};
use std::sync::Arc;

/// Series by host and tags; the ordinal is the place in this list.
const SERIES: [(&str, &[&str]); 5] = [
    ("h-1", &["env:prod", "role:db", "canary"]),
    ("h-2", &["env:prod", "env:blue"]),
    ("h-3", &["env:staging", "url:a:b"]),
    ("h-12", &[]),
    ("", &["env:", "role"]),
];

fn postings() -> Postings {
    let mut postings = Postings::default();
    for (n, (host, tags)) in SERIES.iter().enumerate() {
        let tags = Tags::canonical(tags.iter().copied());
        postings.add(DaySeries {
            key: SeriesKey { metric: MetricId(1), series: SeriesId(n as u64) },
            def: Arc::new(SeriesDef { metric: "m".into(), host: (*host).into(), tags }),
            kind: Kind::Gauge,
            interval_s: 0,
        });
    }
    postings
}

fn host_tags() -> Vec<HostTags> {
    let row = |host: &str, tag: &str, from_ms, to_ms| HostTags {
        host: host.into(),
        source: "users".into(),
        tags: vec![tag.into()],
        from_ms,
        to_ms,
    };
    vec![
        row("h-12", "env:prod", 0, 500),
        row("h-12", "env:canary", 500, i64::MAX),
        row("h-3", "team:core", 0, i64::MAX),
    ]
}

fn select(matcher: &Matcher, range: (i64, i64)) -> Vec<u32> {
    let (postings, host_tags) = (postings(), host_tags());
    let range = TimeRange::new(range.0, range.1);
    let matching = Matching { postings: &postings, host_tags: &host_tags, range };
    matching.select(matcher, postings.metric("m").unwrap()).iter().collect()
}

fn equals(key: &str, value: &str) -> Matcher {
    Matcher::Equals { key: key.into(), value: value.into() }
}

fn glob(key: &str, pattern: &str) -> Matcher {
    Matcher::Glob { key: key.into(), pattern: pattern.into() }
}

fn not(m: Matcher) -> Matcher {
    Matcher::Not(Box::new(m))
}

#[test]
fn store_7_a_key_on_series_and_host_has_both_values() {
    assert_eq!(select(&equals("env", "prod"), (0, 100)), [0, 1, 3]);
    assert_eq!(select(&equals("env", "blue"), (0, 100)), [1]);
    assert_eq!(select(&equals("team", "core"), (0, 100)), [2]);
}

#[test]
fn store_7_host_tags_hold_at_some_time_of_the_range() {
    assert_eq!(select(&equals("env", "prod"), (600, 900)), [0, 1]);
    assert_eq!(select(&equals("env", "canary"), (400, 600)), [3]);
    assert_eq!(select(&equals("env", "canary"), (400, 500)), Vec::<u32>::new());
}

#[test]
fn store_7_not_means_not_all_of_the_time() {
    assert_eq!(select(&not(equals("env", "prod")), (0, 100)), [2, 4]);
    assert_eq!(select(&not(equals("env", "prod")), (400, 600)), [2, 3, 4]);
    assert_eq!(select(&not(not(equals("env", "prod"))), (400, 600)), [0, 1, 3]);
}

#[test]
fn the_host_slot_answers_for_host() {
    assert_eq!(select(&equals("host", "h-1"), (0, 1)), [0]);
    assert_eq!(select(&glob("host", "h-1*"), (0, 1)), [0, 3]);
    assert_eq!(select(&glob("host", "*"), (0, 1)), [0, 1, 2, 3]);
}

#[test]
fn globs_bare_tags_and_sets() {
    assert_eq!(select(&glob("env", "*"), (600, 601)), [0, 1, 2, 3, 4]);
    assert_eq!(select(&glob("env", "*a*"), (0, 1)), [2]);
    assert_eq!(select(&glob("url", "a:*"), (0, 1)), [2]);
    assert_eq!(select(&Matcher::Bare("role".into()), (0, 1)), [4]);
    assert_eq!(select(&Matcher::Bare("canary".into()), (0, 1)), [0]);
    assert_eq!(select(&Matcher::And(vec![equals("env", "prod"), glob("role", "*")]), (0, 1)), [0]);
    assert_eq!(select(&Matcher::Or(vec![equals("env", "blue"), equals("role", "db")]), (0, 1)), [0, 1]);
    assert_eq!(select(&Matcher::All, (0, 1)), [0, 1, 2, 3, 4]);
    assert_eq!(select(&Matcher::And(vec![]), (0, 1)), [0, 1, 2, 3, 4]);
    assert_eq!(select(&Matcher::Or(vec![]), (0, 1)), Vec::<u32>::new());
}

#[test]
fn glob_cases() {
    for (pattern, text, expected) in [
        ("*", "", true),
        ("a*", "a", true),
        ("a*a", "a", false),
        ("a*a", "aa", true),
        ("*b*", "abc", true),
        ("a*b*c", "a-b-b-c", true),
        ("a*b*c", "acb", false),
        ("**x", "x", true),
        ("abc", "abc", true),
        ("abc", "abcd", false),
        ("*é*", "caféx", true),
    ] {
        assert_eq!(glob_matches(pattern, text), expected, "{pattern} on {text}");
    }
}
