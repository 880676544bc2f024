//! SLOs over hand-made counts: sums by hand, and a plain minute-by-minute oracle.

use super::*;
use crate::source::Difference;
use crate::status::{Status, Transition, TransitionKind};
use oriel_model::{Frame, FrameSeries, Kind as SeriesKind, Row, ServiceCheck, Signal};
use oriel_query::{Outcome, Request};
use proptest::prelude::*;
use serde_json::json;
use std::collections::BTreeMap;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// A minute that is no whole hour.
const AT: TimeMs = 1_780_000_020_000;
const ORG: OrgId = OrgId(1);

/// Values of each minute by formula and group.
#[derive(Default)]
struct Minutes(BTreeMap<(&'static str, &'static str), BTreeMap<TimeMs, f64>>);

impl Minutes {
    fn set(&mut self, formula: &'static str, group: &'static str, t: TimeMs, value: f64) {
        self.0.entry((formula, group)).or_default().insert(t, value);
    }

    fn frame(&self, formula: &str, request: &Request) -> Frame {
        let step_ms = request.step_ms.unwrap();
        assert_eq!(
            (request.range.start % step_ms, request.range.end % step_ms),
            (0, 0),
            "tiles lie on their grid"
        );
        let times: Vec<TimeMs> = (request.range.start..request.range.end).step_by(step_ms as usize).collect();
        assert!(times.len() <= 1_500, "the engine would make the step coarser");
        let mut frame = Frame { times: times.clone(), step_ms, ..Frame::default() };
        for ((name, group), minutes) in &self.0 {
            if *name != formula {
                continue;
            }
            let value = |t: &TimeMs| {
                let inside: Vec<f64> = minutes.range(*t..t + step_ms).map(|(_, v)| *v).collect();
                if inside.is_empty() { f64::NAN } else { inside.iter().sum() }
            };
            let values: Vec<f64> = times.iter().map(value).collect();
            if values.iter().all(|v| v.is_nan()) {
                continue;
            }
            let pair = group.split_once(':').map(|(k, v)| (k.to_owned(), v.to_owned()));
            frame.series.push(FrameSeries {
                name: formula.to_owned(),
                expression: formula.to_owned(),
                scope: "*".to_owned(),
                group: pair.into_iter().collect(),
                aggregator: "sum".to_owned(),
                kind: SeriesKind::Count,
                values,
                band: None,
                outlier: None,
            });
        }
        frame
    }
}

impl Source for Minutes {
    fn run(&self, _: OrgId, request: &Request) -> Result<Vec<Outcome>> {
        let outcome = |f: &oriel_query::Named| Outcome {
            name: f.name.clone(),
            text: f.text.clone(),
            result: Ok(self.frame(&f.text, request)),
        };
        Ok(request.formulas.iter().map(outcome).collect())
    }

    fn check_runs(&self, _: OrgId, _: &str, _: TimeRange) -> Result<Vec<ServiceCheck>> {
        Ok(Vec::new())
    }

    fn rows(&self, _: OrgId, _: (Signal, &str), _: TimeRange, _: usize) -> Result<Vec<Row>> {
        Ok(Vec::new())
    }

    fn differences(
        &self,
        _: OrgId,
        _: (Signal, &str),
        _: TimeRange,
        _: TimeRange,
    ) -> Result<Vec<Difference>> {
        Ok(Vec::new())
    }

    fn host(&self, _: OrgId, _: &str) -> Option<Value> {
        None
    }
}

fn ratio() -> Slo {
    let body = validate(&json!({
        "type": "metric", "name": "requests",
        "query": {"numerator": "sum:good{*}.as_count()", "denominator": "sum:all{*}.as_count()"},
        "thresholds": [{"timeframe": "7d", "target": 99.9, "warning": 99.95}, {"timeframe": "30d", "target": 99}]
    }));
    Slo::read("abc", &body.unwrap()).unwrap()
}

fn none() -> Histories {
    Histories::new()
}

fn close(a: f64, b: f64) {
    assert!((a - b).abs() < 1e-6 * b.abs().max(1.0), "{a} is not {b}");
}

fn ask(source: &Minutes, slo: &Slo, facts: &Facts<'_>, rule: &SloRule) -> Vec<(String, f64, f64)> {
    let found = measure(source, ORG, slo, facts, (rule, AT)).unwrap();
    found.into_iter().map(|m| (m.key.to_string(), m.long, m.short)).collect()
}

fn burn(long_ms: i64, short_ms: i64) -> SloRule {
    SloRule::BurnRate { slo: "abc".to_owned(), over_ms: 7 * DAY, long_ms, short_ms }
}

#[test]
fn a_burn_rate_is_how_much_faster_than_allowed_the_budget_goes() {
    let mut source = Minutes::default();
    // 100 requests a minute; in the last half hour 2 of them fail.
    for n in 1..=120 {
        let t = AT - n * MINUTE;
        source.set("total", "", t, 100.0);
        source.set("good", "", t, if n <= 30 { 98.0 } else { 100.0 });
    }
    let facts = Facts { corrections: &[], histories: &none() };
    let found = ask(&source, &ratio(), &facts, &burn(HOUR, 5 * MINUTE));
    // An hour: 60 of 6,000 fail, 1 %, with 0.1 % allowed. Five minutes: 2 %.
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].0, "*");
    close(found[0].1, 10.0);
    close(found[0].2, 20.0);
    // The budget of a week: 60 of the 12,000 that came failed; 12 may.
    let budget = SloRule::ErrorBudget { slo: "abc".to_owned(), over_ms: 7 * DAY };
    close(ask(&source, &ratio(), &facts, &budget)[0].1, 500.0);
}

#[test]
fn nothing_burns_where_nothing_happens() {
    let facts = Facts { corrections: &[], histories: &none() };
    let source = Minutes::default();
    assert_eq!(ask(&source, &ratio(), &facts, &burn(HOUR, 5 * MINUTE)), [("*".to_owned(), 0.0, 0.0)]);
    let report = report(&source, ORG, &ratio(), &facts, AT).unwrap();
    assert!(report.windows.iter().all(|w| w.status == SloStatus::NoData && w.sum.sli().is_nan()));
}

#[test]
fn a_course_says_what_an_alert_compares_at_each_moment() {
    let mut source = Minutes::default();
    for n in -60..=(26 * 60) {
        let t = AT - n * MINUTE;
        for (group, bad) in [("env:prod", n.rem_euclid(7)), ("env:dev", (n / 50).rem_euclid(3))] {
            source.set("total", group, t, 50.0);
            source.set("good", group, t, 50.0 - bad as f64);
        }
    }
    let facts = Facts { corrections: &[], histories: &none() };
    for rule in [burn(HOUR, 5 * MINUTE), burn(6 * HOUR, 30 * MINUTE)] {
        let range = TimeRange::new(AT - 90 * MINUTE, AT);
        let course = course(&source, ORG, &ratio(), &facts, (&rule, range)).unwrap();
        assert_eq!((course.times.first(), course.times.last()), (Some(&range.start), Some(&AT)));
        assert_eq!(course.groups.iter().map(|g| &*g.key).collect::<Vec<_>>(), ["env:dev", "env:prod"]);
        for (n, at_ms) in course.times.iter().enumerate() {
            let then = measure(&source, ORG, &ratio(), &facts, (&rule, *at_ms)).unwrap();
            for (drawn, compared) in course.groups.iter().zip(then) {
                close(drawn.long[n], compared.long);
                close(drawn.short[n], compared.short);
            }
        }
    }
    // What lies before the chart is known in hours there: the budget of a week is right to a few of its minutes.
    let budget = SloRule::ErrorBudget { slo: "abc".to_owned(), over_ms: 7 * DAY };
    let range = TimeRange::new(AT - DAY, AT);
    let course = course(&source, ORG, &ratio(), &facts, (&budget, range)).unwrap();
    let then = measure(&source, ORG, &ratio(), &facts, (&budget, AT)).unwrap();
    for (drawn, compared) in course.groups.iter().zip(then) {
        close(*drawn.long.last().unwrap(), compared.long);
    }
}

#[test]
fn groups_are_measured_each_for_itself_and_together() {
    let mut source = Minutes::default();
    for n in 1..=60 {
        let t = AT - n * MINUTE;
        source.set("total", "env:prod", t, 10.0);
        source.set("good", "env:prod", t, 10.0);
        source.set("total", "env:dev", t, 10.0);
        // No request of dev is good, so that the numerator has no such group at all.
    }
    let facts = Facts { corrections: &[], histories: &none() };
    let found = ask(&source, &ratio(), &facts, &burn(HOUR, 5 * MINUTE));
    assert_eq!(found.iter().map(|f| f.0.as_str()).collect::<Vec<_>>(), ["env:dev", "env:prod"]);
    close(found[0].1, 1000.0);
    close(found[1].1, 0.0);
    let range = TimeRange::new(AT - HOUR, AT);
    let all = evidence(&source, ORG, &ratio(), &facts, range).unwrap();
    assert_eq!(Sum::of(&all.overall), Sum { good: 600.0, total: 1200.0 });
}

#[test]
fn corrected_time_does_not_count() {
    let mut source = Minutes::default();
    for n in 1..=(3 * 24 * 60) {
        let t = AT - n * MINUTE;
        let bad = (60..120).contains(&n);
        source.set("total", "", t, 1.0);
        source.set("good", "", t, if bad { 0.0 } else { 1.0 });
    }
    let seconds = |n: i64| (AT - n * MINUTE) / 1000;
    let correction = |extra: Value| {
        let mut body = json!({"slo_id": "abc", "category": "Deployment"});
        for (key, value) in extra.as_object().unwrap() {
            body[key] = value.clone();
        }
        vec![Correction::read(&body).unwrap()]
    };
    let range = TimeRange::new(AT - 2 * DAY, AT);
    let sum = |corrections: &[Correction]| {
        let facts = Facts { corrections, histories: &none() };
        Sum::of(&evidence(&source, ORG, &ratio(), &facts, range).unwrap().overall)
    };
    assert_eq!(sum(&[]), Sum { good: 2820.0, total: 2880.0 });
    let whole = correction(json!({"start": seconds(119), "end": seconds(59)}));
    assert_eq!(sum(&whole), Sum { good: 2820.0, total: 2820.0 });
    // The newest hundred minutes go; of the bad ones before, 101 to 119 stay.
    let open = correction(json!({"start": seconds(100)}));
    assert_eq!(sum(&open), Sum { good: 2761.0, total: 2780.0 });
    let other =
        vec![Correction::read(&json!({"slo_id": "x", "category": "Other", "start": seconds(100)})).unwrap()];
    assert_eq!(sum(&other).total, 2880.0);
    let daily =
        correction(json!({"start": seconds(2 * 24 * 60 - 30), "rrule": "FREQ=DAILY", "duration": 600}));
    assert_eq!(sum(&daily).total, 2860.0);
}

#[test]
fn slices_are_good_or_not_as_a_whole() {
    let body = validate(&json!({
        "type": "time_slice", "name": "latency", "thresholds": [{"timeframe": "7d", "target": 99}],
        "sli_specification": {"time_slice": {"comparator": "<=", "threshold": 5, "query_interval_seconds": 300,
            "query": {"formulas": [{"formula": "q"}], "queries": [{"name": "q", "data_source": "metrics", "query": "avg:latency{*} by {env}"}]}}}
    }));
    let slo = Slo::read("abc", &body.unwrap()).unwrap();
    let mut source = Minutes::default();
    let end = AT - AT % (5 * MINUTE);
    // The sum of a slice's minutes: 5 is fine, 6 is not.
    for n in 1..=60 {
        source.set("q", "env:prod", end - n * MINUTE, if n <= 3 { 2.0 } else { 1.0 });
    }
    source.set("q", "env:dev", end - 30 * MINUTE, 7.0);
    let facts = Facts { corrections: &[], histories: &none() };
    let found = evidence(&source, ORG, &slo, &facts, TimeRange::new(end - HOUR, end)).unwrap();
    let of = |key: &str| Sum::of(&found.groups.iter().find(|g| &*g.key == key).unwrap().buckets);
    assert_eq!(of("env:prod"), Sum { good: 3300.0, total: 3600.0 });
    assert_eq!(of("env:dev"), Sum { good: 3300.0, total: 3600.0 });
    // Good only where both are.
    assert_eq!(Sum::of(&found.overall), Sum { good: 3000.0, total: 3600.0 });
}

fn change(t: TimeMs, group: &str, from: Status, to: Status) -> Transition {
    Transition {
        at_ms: t,
        group: group.into(),
        from,
        to,
        kind: TransitionKind::Alert,
        value: None,
        tells: true,
    }
}

fn monitors(ids: &[i64]) -> Slo {
    let body = json!({"type": "monitor", "name": "up", "monitor_ids": ids, "thresholds": [{"timeframe": "7d", "target": 99}]});
    Slo::read("abc", &validate(&body).unwrap()).unwrap()
}

#[test]
fn a_monitor_is_up_while_no_group_alerts() {
    let t = |n: i64| AT - n * MINUTE;
    let history =
        |transitions: Vec<Transition>| History { since_ms: t(600), transitions, groups: Vec::new() };
    let first = history(vec![
        change(t(500), "host:a", Status::Ok, Status::Alert),
        change(t(50), "host:a", Status::Alert, Status::Warn),
        change(t(40), "host:b", Status::Warn, Status::Alert),
        change(t(35), "host:a", Status::Ok, Status::NoData),
        change(t(30), "host:b", Status::Alert, Status::Ok),
    ]);
    let source = Minutes::default();
    let sum = |slo: &Slo, histories: &Histories, range: TimeRange| {
        let facts = Facts { corrections: &[], histories };
        let found = evidence(&source, ORG, slo, &facts, range).unwrap();
        let groups: Vec<(String, f64)> =
            found.groups.iter().map(|g| (g.key.to_string(), Sum::of(&g.buckets).good / 60.0)).collect();
        (Sum::of(&found.overall).good / 60.0, Sum::of(&found.overall).total / 60.0, groups)
    };
    let hour = TimeRange::new(t(60), t(0));
    let alone: Histories = [(1, first.clone())].into();
    let wanted = vec![("host:a".to_owned(), 50.0), ("host:b".to_owned(), 50.0)];
    assert_eq!(sum(&monitors(&[1]), &alone, hour), (40.0, 60.0, wanted));
    // Time before the monitor was made is nobody's.
    let long = TimeRange::new(t(700), t(0));
    let (good, total, _) = sum(&monitors(&[1]), &alone, long);
    assert_eq!((good, total), (600.0 - 450.0 - 10.0, 600.0));
    // Two monitors: up while both are. One that is in Alert still.
    let second = history(vec![change(t(45), "*", Status::Ok, Status::Alert)]);
    let both: Histories = [(1, first), (2, second)].into();
    let (good, _, groups) = sum(&monitors(&[1, 2]), &both, hour);
    assert_eq!(good, 60.0 - 10.0 - 45.0);
    assert_eq!(groups, [("monitor:1".to_owned(), 40.0), ("monitor:2".to_owned(), 15.0)]);
}

#[test]
fn a_report_says_how_each_time_frame_stands() {
    let mut source = Minutes::default();
    for n in 1..=(40 * 24 * 60) {
        let t = AT - n * MINUTE;
        source.set("total", "", t, 1.0);
        // Nothing fails in the last week; before, one of 50.
        source.set("good", "", t, if n > 7 * 24 * 60 && n % 50 == 0 { 0.0 } else { 1.0 });
    }
    let facts = Facts { corrections: &[], histories: &none() };
    let report = report(&source, ORG, &ratio(), &facts, AT).unwrap();
    let frames: Vec<(&str, SloStatus)> =
        report.windows.iter().map(|w| (w.objective.timeframe.as_str(), w.status)).collect();
    assert_eq!(frames, [("7d", SloStatus::Ok), ("30d", SloStatus::Breached)]);
    close(report.windows[0].remaining(), 100.0);
    let failed = (7 * 24 * 60 + 1..=30 * 24 * 60).filter(|n| n % 50 == 0).count() as f64;
    close(report.windows[1].sum.total - report.windows[1].sum.good, failed);
    close(report.windows[1].remaining(), 100.0 - failed / (30.0 * 24.0 * 60.0) * 100.0 * 100.0);
    let history = report.windows[1].history();
    let last = history.last().unwrap();
    close(last.1, report.windows[1].sum.sli());
    close(last.2, report.windows[1].remaining());
    assert_eq!(last.0, AT - AT % MINUTE);
    assert!(history.windows(2).all(|p| p[0].0 < p[1].0 && p[0].2 >= p[1].2), "a budget only shrinks");
}

#[test]
fn what_is_wrong_with_an_slo_is_named() {
    let good = json!({"type": "metric", "name": "x", "query": {"numerator": "sum:a{*}", "denominator": "sum:b{*}"},
        "thresholds": [{"timeframe": "7d", "target": 99}]});
    let with = |path: &str, value: Value| {
        let mut body = good.clone();
        *body.pointer_mut(path).unwrap() = value;
        body
    };
    assert!(validate(&good).is_ok());
    let cases = [
        (with("/name", json!("")), "name is missing"),
        (with("/type", json!("ratio")), "type \"ratio\""),
        (with("/thresholds", json!([])), "thresholds is a list"),
        (with("/thresholds/0/timeframe", json!("8w")), "timeframe \"8w\""),
        (with("/thresholds/0/target", json!(100)), "target is a percentage"),
        (
            with("/thresholds/0", json!({"timeframe": "7d", "target": 99, "warning": 98})),
            "warning lies between",
        ),
        (with("/query/numerator", json!("sum:a{*")), "query.numerator"),
        (with("/query/numerator", json!("sum:a{*}.rollup(sum, 60)")), "leave .rollup() out"),
        (with("/query", json!({})), "query.numerator is missing"),
    ];
    for (body, wanted) in cases {
        let told = validate(&body).unwrap_err().to_string();
        assert!(told.contains(wanted), "{told:?} does not say {wanted:?}");
    }
    let shown =
        validate(&with("/thresholds/0", json!({"timeframe": "7d", "target": 99.9, "warning": 99.95})))
            .unwrap();
    assert_eq!(shown["thresholds"][0]["target_display"], "99.9");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Windows, tiles and corrections against a sum minute by minute.
    #[test]
    fn sums_are_those_of_the_minutes(
        values in proptest::collection::vec((0_u8..20, 0_u8..3), 60..3_000),
        end in 0_i64..1_000,
        len in 1_i64..2_900,
        holes in proptest::collection::vec((0_i64..3_000, 1_i64..200), 0..4),
    ) {
        let start = AT - AT % DAY;
        let mut source = Minutes::default();
        for (n, (total, bad)) in values.iter().enumerate() {
            let t = start + n as i64 * MINUTE;
            source.set("total", "", t, f64::from(*total));
            source.set("good", "", t, f64::from(total.saturating_sub(*bad)));
        }
        let end = start + (values.len() as i64 - end).max(1) * MINUTE;
        let range = TimeRange::new(end - len * MINUTE, end);
        let corrections: Vec<Correction> = holes.iter().map(|(from, minutes)| {
            let from_s = start / 1_000 + from * 60;
            let body = json!({"slo_id": "abc", "category": "Other", "start": from_s, "end": from_s + minutes * 60});
            Correction::read(&body).unwrap()
        }).collect();
        let counts = |t: TimeMs| {
            let minute = (t - start) / MINUTE;
            range.contains(t) && !holes.iter().any(|(from, n)| (*from..from + n).contains(&minute))
        };
        let mut wanted = Sum::default();
        for (n, (total, bad)) in values.iter().enumerate() {
            if counts(start + n as i64 * MINUTE) {
                wanted.total += f64::from(*total);
                wanted.good += f64::from(total.saturating_sub(*bad));
            }
        }
        let histories = none();
        let facts = Facts { corrections: &corrections, histories: &histories };
        let found = evidence(&source, ORG, &ratio(), &facts, range).unwrap();
        prop_assert_eq!(Sum::of(&found.overall), wanted);
        prop_assert!(found.overall.windows(2).all(|p| p[0].end_ms <= p[1].start_ms));
    }
}
