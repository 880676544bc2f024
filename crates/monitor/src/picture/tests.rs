//! A chart beside thresholds shows what evaluations compared: each of its points is what was measured at that moment.

use super::facts::Past;
use super::*;
use crate::measure::frame_of;
use crate::measured::key;
use crate::replay::{Replay, Segment};
use crate::slo::History;
use crate::status::{Status, Transition, TransitionKind};
use crate::testing::{NOW, ORG, Point, Quiet, Stored, rule};
use oriel_model::Kind;
use proptest::prelude::*;
use serde_json::json;
use std::sync::Arc;

const MINUTE: i64 = 60_000;

fn scene<'a>(
    source: &'a dyn Source,
    (rule, facts, stop): (&'a Rule, &'a PictureFacts, &'a Stop),
    range: TimeRange,
) -> Scene<'a> {
    Scene {
        source,
        facts,
        stop,
        org: ORG,
        rule,
        range,
        at_ms: range.end,
        judged_ms: None,
        frozen: true,
        group: None,
    }
}

fn drawn(stored: &Stored, rule: &Rule, range: TimeRange) -> Picture {
    scene(stored, (rule, &PictureFacts::default(), &Stop::default()), range).picture().unwrap()
}

/// Every point of a chart beside what an evaluation at its moment measures.
fn agrees(
    stored: &Stored,
    rule: &Rule,
    range: TimeRange,
    zero: bool,
) -> std::result::Result<usize, TestCaseError> {
    let picture = drawn(stored, rule, range);
    prop_assert!(picture.compared);
    let frame = frame_of(picture.lines).unwrap();
    let mut points = 0;
    for (n, at_ms) in frame.times.iter().enumerate() {
        let measured = Replay::at(&stored.world(), ORG, rule, *at_ms).unwrap();
        for series in &frame.series {
            let group = key(&series.group);
            let wanted = measured.groups.iter().find(|g| g.key == group).map_or(f64::NAN, |g| g.value);
            let wanted = if wanted.is_nan() && zero { 0.0 } else { wanted };
            let shown = series.values[n];
            let same = shown == wanted
                || shown.is_nan() && wanted.is_nan()
                || (shown - wanted).abs() <= 1e-9 * wanted.abs().max(1.0);
            prop_assert!(same, "{group} at {at_ms}: {shown} is drawn, {wanted} was compared");
            points += 1;
        }
    }
    Ok(points)
}

/// Two hosts, every ten seconds without a gap: gaps are filled towards values that come later.
fn points() -> impl Strategy<Value = Quiet<Vec<Point>>> {
    proptest::collection::vec((1u16..100, 1u16..100), 64).prop_map(|values| {
        let at = |n: usize| {
            let (a, b) = values[n * 7 % 64];
            let time = NOW - 3 * HOUR + n as i64 * 10_000;
            [(0, time, f64::from(a)), (1, time, f64::from(b))]
        };
        Quiet((0..1080).flat_map(at).collect())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn what_is_drawn_is_what_is_compared(points in points(), which in 0usize..5) {
        let queries = [
            ("change(avg(last_5m),last_30m):avg:m{*} by {host} > 5", Kind::Gauge),
            ("pct_change(max(last_5m),last_15m):max:m{*} > 20", Kind::Gauge),
            ("change(sum(last_10m),last_1h):sum:m{*} by {host}.as_count() < -5", Kind::Count),
            ("sum(last_5m):sum:m{*}.as_count() > 5", Kind::Count),
            ("sum(last_10m):sum:m{host:h0}.as_count() / sum:m{*}.as_count() > 0.5", Kind::Count),
        ];
        let (query, kind) = queries[which];
        let stored = Stored::new(kind);
        stored.add(&points.0);
        let rule = rule(query, json!({}));
        let range = TimeRange::new(NOW - 40 * MINUTE, NOW);
        let zero = matches!(&rule.target, Target::Series(series) if series.count_like);
        prop_assert!(agrees(&stored, &rule, range, zero)? >= 41);
    }
}

#[test]
fn a_spike_between_two_points_of_a_long_chart_is_drawn() {
    let stored = Stored::new(Kind::Count);
    let value = |n: i64| if (4000..4030).contains(&n) { 100.0 } else { 1.0 };
    stored.add(&(0..17_280).map(|n| (0, NOW - 48 * HOUR + n * 10_000, value(n))).collect::<Vec<_>>());
    let rule = rule("sum(last_5m):sum:m{*}.as_count() > 1000", json!({}));
    let frame = frame_of(drawn(&stored, &rule, TimeRange::new(NOW - 47 * HOUR, NOW)).lines).unwrap();
    assert!(frame.times.len() <= 361, "{} points", frame.times.len());
    let highest = frame.series[0].values.iter().copied().fold(0.0, f64::max);
    // Evaluations come on whole minutes: one of them holds 28 of its 30 points.
    assert!(highest > 2700.0, "the spike is {highest}");
}

#[test]
fn percent_and_counts_say_what_they_are_and_the_series_is_kept_beside() {
    let stored = Stored::new(Kind::Gauge);
    stored.add(&(0..360).map(|n| (0, NOW - HOUR + n * 10_000, 5.0)).collect::<Vec<_>>());
    let rule = rule("pct_change(avg(last_5m),last_15m):avg:m{*} > 20", json!({}));
    let picture = drawn(&stored, &rule, super::range(&rule, NOW));
    assert_eq!(picture.caption, "Change in percent of the average over 5 min, against 15 min before");
    assert!(picture.percent && picture.compared && picture.raw.len() == 1);
    let shares = crate::testing::rule("avg(last_5m):anomalies(avg:m{*}, 'basic', 2) >= 0.5", json!({}));
    assert!(!drawn(&stored, &shares, super::range(&shares, NOW)).compared, "a share is no value of the line");
}

#[test]
fn who_stands_apart_is_who_did_in_the_window_that_was_judged() {
    let stored = Stored::new(Kind::Gauge);
    // Host 5 stands apart for an hour, and no more in the last twenty minutes.
    let value = |host: u8, n: i64| match (host, n < 240) {
        (5, true) => 500.0,
        _ => 10.0 + f64::from(host),
    };
    let all = (0..360).flat_map(|n| (0..6).map(move |host| (host, NOW - HOUR + n * 10_000, value(host, n))));
    stored.add(&all.collect::<Vec<_>>());
    let rule = rule("avg(last_10m):outliers(avg:m{*} by {host}, 'MAD', 3) > 0", json!({}));
    let apart = |judged_ms: TimeMs| {
        let (facts, stop) = (PictureFacts::default(), Stop::default());
        let whole = scene(&stored, (&rule, &facts, &stop), TimeRange::new(NOW - HOUR, NOW));
        let picture = Scene { judged_ms: Some(judged_ms), ..whole }.picture().unwrap();
        let frame = frame_of(picture.lines).unwrap();
        assert_eq!(frame.series.len(), 6);
        frame
            .series
            .iter()
            .filter(|s| s.outlier == Some(true))
            .map(|s| key(&s.group).to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(apart(NOW - 30 * MINUTE), ["host:h5"]);
    assert!(apart(NOW).is_empty());
}

fn change(minutes: i64, group: &str, from: Status, to: Status) -> Transition {
    let at_ms = NOW - minutes * MINUTE;
    Transition { at_ms, group: group.into(), from, to, kind: TransitionKind::Alert, value: None, tells: true }
}

fn past(name: &str, by: &[&str], transitions: Vec<Transition>) -> Past {
    let history = History { since_ms: NOW - 50 * MINUTE, transitions, groups: Vec::new() };
    Past { name: name.to_owned(), by: by.iter().map(|k| (*k).to_owned()).collect(), history }
}

fn composite() -> (Arc<Rule>, PictureFacts) {
    let document = json!({ "name": "both", "type": "composite", "query": "11 && !22 && 33", "message": "" });
    let slow = past(
        "Slow",
        &["host"],
        vec![
            change(90, "host:a", Status::Ok, Status::Warn),
            change(30, "host:b", Status::Ok, Status::Alert),
            change(20, "host:b", Status::Alert, Status::Ok),
            change(10, "host:a", Status::Warn, Status::Ok),
        ],
    );
    let down = past("Down", &[], vec![change(40, "*", Status::Ok, Status::NoData)]);
    let own = past("both", &["host"], vec![change(30, "host:b", Status::Ok, Status::Alert)]);
    let pasts = [(11, slow), (22, down), (7, own)].into();
    (Arc::new(Rule::parse(&document).unwrap()), PictureFacts { pasts, own: Some(7), slo: None })
}

/// A band's name, and its pieces in minutes from now.
type Band = (String, Vec<(i64, i64, Status)>);

fn rows(group: Option<&str>) -> Vec<Band> {
    let (rule, facts) = composite();
    let stored = Stored::new(Kind::Gauge);
    let stop = Stop::default();
    let whole = scene(&stored, (&rule, &facts, &stop), TimeRange::new(NOW - HOUR, NOW));
    let picture = Scene { group, ..whole }.picture().unwrap();
    assert!(picture.lines.is_empty() && !picture.compared);
    let minutes = |s: &Segment| ((s.from_ms - NOW) / MINUTE, (s.to_ms - NOW) / MINUTE, s.status);
    let row = |row: StateRow| (row.name, row.segments.iter().map(minutes).collect());
    picture.states.into_iter().map(row).collect()
}

#[test]
fn a_composite_shows_each_member_by_name_and_what_that_came_to() {
    use Status as S;
    let all = rows(None);
    let names: Vec<&str> = all.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["a: Slow", "b: Down", "c: monitor 33, deleted", "This monitor"]);
    // The worst of both hosts; before the member was made there is nothing.
    assert_eq!(all[0].1, [(-50, -30, S::Warn), (-30, -20, S::Alert), (-20, -10, S::Warn), (-10, 0, S::Ok)]);
    assert_eq!(all[1].1, [(-50, -40, S::Ok), (-40, 0, S::NoData)]);
    assert!(all[2].1.is_empty());
    // Of one group, that group; a member without groups is as it is.
    let one = rows(Some("host:b"));
    assert_eq!(one[0].1, [(-50, -30, S::Ok), (-30, -20, S::Alert), (-20, 0, S::Ok)]);
    assert_eq!(one[1].1, all[1].1);
    assert_eq!(one[3].1, [(-50, -30, S::Ok), (-30, 0, S::Alert)]);
}

#[test]
fn the_chart_of_a_notice_reaches_back_before_its_window() {
    let long = |query: &str| {
        let range = super::range(&rule(query, json!({})), NOW);
        (range.start - NOW, range.end - NOW)
    };
    assert_eq!(long("avg(last_5m):avg:m{*} > 1"), (-30 * MINUTE, 0));
    assert_eq!(long("avg(last_1h):avg:m{*} > 1"), (-2 * HOUR, 0));
    assert_eq!(long("change(avg(last_5m),last_1h):avg:m{*} > 1"), (-HOUR, 0));
    let (from, to) = long("max(next_1d):forecast(avg:m{*}, 'linear', 1) > 1");
    assert_eq!((from, to), (-DAY, DAY));
    let composite = super::range(&composite().0, NOW);
    assert!(composite.end > NOW, "what changed at the moment itself is seen");
}
