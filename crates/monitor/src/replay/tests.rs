//! Live and replayed evaluation are equal: the same groups, values and transitions at each minute, whatever has gaps or leaves.

use super::*;
use crate::outage::Reason;
use crate::status::Status;
use crate::testing::{NOW, ORG, Point, Quiet, Stored, rule};
use crate::watch::Watch;
use oriel_model::Kind;
use proptest::prelude::*;
use serde_json::json;
use std::sync::Arc;

const MINUTE: i64 = 60_000;
/// How long each case goes on.
const MINUTES: i64 = 50;

/// What an evaluation found and did.
type Found = (TimeMs, Vec<(String, Option<f64>, i64, i64)>, Vec<Transition>);

fn found(measured: &Measured, transitions: Vec<Transition>) -> Found {
    let group = |g: &crate::measured::GroupMeasure| {
        let value = Some(g.value).filter(|v| !v.is_nan());
        (g.key.to_string(), value, g.first_seen_ms, g.last_seen_ms)
    };
    (measured.at_ms, measured.groups.iter().map(group).collect(), transitions)
}

/// Minute by minute, each evaluation before the points of the next minute are there.
fn live(stored: &Stored, rule: &Arc<Rule>, points: &[Point]) -> Vec<Found> {
    let mut watch = Watch::new(ORG, rule.clone(), Seen::default());
    let mut state = MonitorState::default();
    let mut all = Vec::new();
    let first = points.partition_point(|p| p.1 < NOW);
    stored.add(&points[..first]);
    let mut sent = first;
    let outages = stored.outages.lock().clone();
    for n in 0..MINUTES {
        let at_ms = NOW + n * MINUTE;
        if outages.skips(at_ms, at_ms + MINUTE + SETTLE_MS) {
            continue;
        }
        let end = points.partition_point(|p| p.1 < at_ms);
        if end > sent {
            stored.add(&points[sent..end]);
            sent = end;
        }
        let measured = watch.measure(&stored.world(), at_ms, rule.options.group_retention_ms).unwrap();
        let transitions = evaluate(rule, &mut state, &measured);
        all.push(found(&measured, transitions));
    }
    all
}

fn replayed(stored: &Stored, rule: &Rule) -> Vec<Found> {
    let mut all = Vec::new();
    let range = TimeRange::new(NOW, NOW + MINUTES * MINUTE);
    let mut state = MonitorState::default();
    Replay { org: ORG, rule, range }
        .run(&stored.world(), &mut state, &mut |step| {
            all.push(found(step.measured, step.transitions));
            Ok(())
        })
        .unwrap();
    all
}

/// Points of three hosts every ten seconds over the minutes before and within, with stretches of silence.
fn points() -> impl Strategy<Value = Quiet<Vec<Point>>> {
    let silence = (0u8..3, 0i64..400, 1i64..90);
    let values = proptest::collection::vec(0u16..100, 64);
    (proptest::collection::vec(silence, 0..8), values).prop_map(|(silences, values)| {
        let mut all = Vec::new();
        for step in -120..MINUTES * 6 {
            for host in 0..3u8 {
                let quiet = silences
                    .iter()
                    .any(|(h, from, len)| *h == host && (step + 120) >= *from && step + 120 < from + len);
                if !quiet {
                    let value = values[(step.unsigned_abs() as usize * 7 + usize::from(host) * 13) % 64];
                    all.push((host, NOW + step * 10_000 + i64::from(host) * 700, f64::from(value)));
                }
            }
        }
        all.sort_by_key(|p| p.1);
        Quiet(all)
    })
}

/// Oriel itself took nothing in: when, why, and whether what was sent then came later or never.
fn outages() -> impl Strategy<Value = Option<(Outage, bool)>> {
    let one = (8 * 60..35 * 60i64, 90..900i64, any::<bool>(), any::<bool>());
    proptest::option::weighted(0.7, one).prop_map(|one| {
        one.map(|(from_s, len_s, down, lost)| {
            let from_ms = NOW + from_s * 1000;
            let reason = if down { Reason::Down } else { Reason::Refused };
            (Outage { from_ms, to_ms: from_ms + len_s * 1000, reason }, lost)
        })
    })
}

const QUERIES: [(&str, Kind); 6] = [
    ("avg(last_5m):avg:m{*} by {host} > 52", Kind::Gauge),
    ("max(last_1m):sum:m{*} > 200", Kind::Gauge),
    ("sum(last_10m):sum:m{*} by {host}.as_count() < 2800", Kind::Count),
    ("avg(last_40m):avg:m{*} by {host}.fill(last) > 50", Kind::Gauge),
    ("avg(last_1h):avg:m{*} by {host} > 50", Kind::Gauge),
    ("change(avg(last_5m),last_15m):avg:m{*} by {host} > 4", Kind::Gauge),
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn a_replay_finds_what_was_found_live(
        points in points(), outage in outages(), which in 0..QUERIES.len(), no_data in any::<bool>(),
    ) {
        let (query, kind) = QUERIES[which];
        let options = json!({
            "notify_no_data": no_data, "no_data_timeframe": 6, "group_retention_duration": "1h",
            "renotify_interval": 10,
        });
        let rule = rule(query, options);
        let stored = Stored::new(kind);
        *stored.outages.lock() = outage.map(|(outage, _)| outage).into_iter().collect();
        let is_lost = |p: &Point| outage.is_some_and(|(o, lost)| lost && o.from_ms <= p.1 && p.1 < o.to_ms);
        let points: Vec<Point> = points.0.into_iter().filter(|p| !is_lost(p)).collect();
        let live = live(&stored, &rule, &points);
        let replayed = replayed(&stored, &rule);
        prop_assert!(live.iter().any(|(_, groups, _)| !groups.is_empty()), "nothing was measured");
        for (a, b) in live.iter().zip(&replayed) {
            prop_assert_eq!(a, b, "at minute {}", (a.0 - NOW) / MINUTE);
        }
        prop_assert_eq!(live.len(), replayed.len());
    }
}

/// A host that is silent, Oriel down from minute 10 to minute 20, and both back after it.
fn silent_after_an_outage(options: serde_json::Value) -> (Stored, Arc<Rule>) {
    let stored = Stored::new(Kind::Gauge);
    let outage =
        Outage { from_ms: NOW + 10 * MINUTE, to_ms: NOW + 20 * MINUTE + 5_000, reason: Reason::Down };
    *stored.outages.lock() = [outage].into_iter().collect();
    let points: Vec<Point> = (0..10 * 6)
        .chain(20 * 6 + 3..MINUTES * 6)
        .flat_map(|n| [(0, NOW + n * 10_000, 1.0), (1, NOW + n * 10_000, 1.0)])
        .filter(|p| p.0 == 0 || p.1 < NOW + 10 * MINUTE)
        .collect();
    stored.add(&points);
    (stored, rule("avg(last_1m):avg:m{*} by {host} > 50", options))
}

#[test]
fn silence_is_news_once_the_grace_is_over() {
    let (stored, rule) = silent_after_an_outage(json!({"notify_no_data": true, "no_data_timeframe": 5}));
    let all = replayed(&stored, &rule);
    let minute = |t: &Transition| (t.at_ms - NOW) / MINUTE;
    let told: Vec<_> = all.iter().flat_map(|(_, _, t)| t).map(|t| (minute(t), &*t.group, t.to)).collect();
    assert_eq!(told, [(26, "host:h1", Status::NoData)]);
    assert_eq!(all.len() as i64, MINUTES - 9, "nobody evaluated in minutes 11 to 19");
}

#[test]
fn why_says_that_oriel_was_down() {
    use crate::why::Question;
    let (stored, rule) = silent_after_an_outage(json!({"notify_no_data": true, "no_data_timeframe": 5}));
    let ask = |minute: i64, group: &str| {
        let at_ms = NOW + minute * MINUTE;
        let question =
            Question { org: ORG, rule: &rule, at_ms, born_ms: 0, group: Some(group), recorded: &[] };
        let why = question.answer(&stored.world()).unwrap();
        let steps =
            why.steps.iter().map(|s| format!("{}: {} = {}", s.rule, s.text, s.outcome)).collect::<Vec<_>>();
        (why.after, steps)
    };
    let (status, steps) = ask(22, "host:h1");
    assert_eq!(status, Status::Ok);
    assert_eq!(
        steps[1],
        "outage: Oriel was down 00:10–00:20 UTC; nothing is concluded from missing data until 00:25 = held back"
    );
    assert!(!steps.iter().any(|s| s.starts_with("missing data")), "{steps:?}");
    let (_, steps) = ask(22, "host:h0");
    assert!(steps[1].ends_with("until 00:25 = no effect"), "{steps:?}");
    let (_, steps) = ask(15, "host:h1");
    assert_eq!(steps[0], "outage: Oriel was down 00:10–00:20 UTC; nothing was evaluated = held back");
    let (status, steps) = ask(26, "host:h1");
    assert_eq!(status, Status::NoData);
    assert!(!steps.iter().any(|s| s.starts_with("outage")), "{steps:?}");
}

#[test]
fn why_begins_where_the_monitor_was_made() {
    use crate::why::Question;
    let stored = Stored::new(Kind::Gauge);
    stored.add(&(0..MINUTES * 6).map(|n| (0, NOW + n * 10_000, 90.0)).collect::<Vec<Point>>());
    let rule = rule("avg(last_5m):avg:m{*} by {host} > 50", json!({}));
    // Half a minute before the evaluation that found what had long been there.
    let first_ms = NOW + 30 * MINUTE;
    let ask = |at_ms: TimeMs| {
        let born_ms = first_ms - MINUTE / 2;
        Question { org: ORG, rule: &rule, at_ms, born_ms, group: None, recorded: &[] }
            .answer(&stored.world())
            .unwrap()
    };
    let why = ask(first_ms);
    assert_eq!((why.before, why.after), (Status::Ok, Status::Alert));
    assert!(why.transition.is_some() && !why.agrees, "nothing of it was recorded here");
}

#[test]
fn a_replay_is_called_off_and_too_long_ones_are_refused() {
    let rule = rule("avg(last_5m):avg:m{*} > 1", json!({}));
    let stored = Stored::new(Kind::Gauge);
    let world = stored.world();
    let range = TimeRange::new(NOW, NOW + 60 * MINUTE);
    let replay = Replay { org: ORG, rule: &rule, range };
    world.stop.cancel.cancel();
    assert!(replay.sum(&world, &mut Tried::default(), &mut |_, _| Ok(())).is_err());
    let long = Replay { org: ORG, rule: &rule, range: TimeRange::new(0, NOW) };
    assert!(long.moments().unwrap_err().to_string().contains("45000"));
}

#[test]
fn trying_says_how_often_and_for_how_long_and_suggests_what_is_quieter() {
    let rule = rule("avg(last_1m):avg:m{*} by {host} > 50", json!({}));
    let stored = Stored::new(Kind::Gauge);
    // Host 0 is at 80 in minutes 10 to 14 and 30 to 34, else at 20; host 1 is always at 30.
    let value =
        |minute: i64| if (10..15).contains(&minute) || (30..35).contains(&minute) { 80.0 } else { 20.0 };
    let points: Vec<Point> = (0..MINUTES * 6)
        .flat_map(|n| [(0, NOW + n * 10_000, value(n / 6)), (1, NOW + n * 10_000, 30.0)])
        .collect();
    stored.add(&points);
    let range = TimeRange::new(NOW + MINUTE, NOW + MINUTES * MINUTE);
    let mut tried = Tried::default();
    let mut told = 0;
    let sum = Replay { org: ORG, rule: &rule, range }
        .sum(&stored.world(), &mut tried, &mut |done, total| {
            assert!(done <= total);
            told += 1;
            Ok(())
        })
        .unwrap();
    assert_eq!((sum.evaluations, told, sum.groups_total), (49, 49, 2));
    let worst = &sum.groups[0];
    assert_eq!((&*worst.group, worst.alerts, worst.alert_ms), ("host:h0", 2, 10 * MINUTE));
    assert_eq!(worst.segments.len(), 5);
    assert_eq!((sum.totals.alerts, sum.totals.notices), (2, 4), "two alerts and their recoveries");

    let suggested = suggestions(&rule, &tried, range);
    let quiet = suggested.iter().find(|s| s.label == "would not have fired").unwrap();
    assert!(quiet.critical > 80.0 && quiet.alerts == 0 && quiet.notices == 0, "{quiet:?}");
    assert!(suggested.iter().any(|s| s.critical < 80.0 && s.alerts > 0), "{suggested:?}");
}

#[test]
fn a_composite_is_replayed_from_what_was_recorded_of_its_members() {
    use crate::slo::History;
    use crate::status::{Status, TransitionKind};
    let stored = Stored::new(Kind::Gauge);
    let change = |minute: i64, group: &str, from, to| Transition {
        at_ms: NOW + minute * MINUTE,
        group: group.into(),
        from,
        to,
        kind: TransitionKind::Alert,
        value: None,
        tells: true,
    };
    let transitions = vec![
        change(-30, "host:b", Status::Ok, Status::Alert),
        change(3, "host:a", Status::Ok, Status::Alert),
        change(5, "host:b", Status::Alert, Status::Ok),
        change(8, "host:a", Status::Alert, Status::Ok),
    ];
    let history = History { since_ms: 0, transitions, groups: vec!["host:c".into()] };
    *stored.past.lock() = Some(PastMember { by: vec!["host".into()], history });
    let document = json!({"name": "n", "type": "composite", "query": "12 && 34", "message": ""});
    let rule = Rule::parse(&document).unwrap();
    let range = TimeRange::new(NOW, NOW + 10 * MINUTE);
    let mut told = Vec::new();
    Replay { org: ORG, rule: &rule, range }
        .run(&stored.world(), &mut MonitorState::default(), &mut |step| {
            told.extend(
                step.transitions.into_iter().map(|t| ((t.at_ms - NOW) / MINUTE, t.group.to_string(), t.to)),
            );
            Ok(())
        })
        .unwrap();
    let of = |minute, group: &str, status| (minute, group.to_owned(), status);
    assert_eq!(
        told,
        [
            of(0, "host:b", Status::Alert),
            of(3, "host:a", Status::Alert),
            of(5, "host:b", Status::Ok),
            of(8, "host:a", Status::Ok)
        ]
    );
}
