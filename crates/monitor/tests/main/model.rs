//! Random series and options: the evaluator against the plain oracle, and what must hold whatever happens.

use crate::golden::Seen;
use crate::oracle::{Plan, Point, Told, run};
use oriel_monitor::measured::{GroupMeasure, Measured};
use oriel_monitor::outage::{Outage, Outages, Reason};
use oriel_monitor::status::{Status, TransitionKind};
use oriel_monitor::{MonitorState, Rule, evaluate};
use proptest::prelude::*;
use serde_json::json;

const MINUTE: i64 = 60_000;
const T0: i64 = 1_700_006_400_000;

fn document(plan: &Plan, by: &str) -> serde_json::Value {
    let sign = if plan.above { ">" } else { "<" };
    // An average does not add up: nothing that is missing makes it smaller.
    let (space, count) = if plan.counts { ("sum", ".as_count()") } else { ("avg", "") };
    json!({
        "type": "metric alert", "name": "random", "message": "",
        "query": format!("max(last_5m):{space}:m{{*}}{by}{count} {sign} {}", plan.critical),
        "options": {
            "thresholds": {
                "critical": plan.critical, "warning": plan.warning,
                "critical_recovery": plan.critical_recovery, "warning_recovery": plan.warning_recovery,
            },
            "on_missing_data": plan.on_missing,
            "notify_no_data": plan.no_data_after.is_some(),
            "no_data_timeframe": plan.no_data_after,
            "renotify_interval": plan.renotify_every,
            "renotify_occurrences": plan.renotify_most,
            "renotify_statuses": if plan.renotify_warn { Some(["alert", "warn", "no data"]) } else { None },
            "timeout_h": plan.timeout_h,
            "require_full_window": plan.require_full,
            "evaluation_delay": plan.delay * 60,
            "new_group_delay": plan.new_group_delay * 60,
            "group_retention_duration": "72h",
        },
    })
}

/// The evaluator's own story, with a restart from what it says is to be stored after each minute.
fn evaluated(rule: &Rule, plan: &Plan, key: &str, points: &[Point]) -> Vec<Told> {
    let outages = outages(plan);
    let mut state = MonitorState::default();
    let mut seen = Seen::default();
    let mut stored = std::collections::BTreeMap::new();
    let mut log = Vec::new();
    for (n, point) in points.iter().enumerate() {
        let minute = n as i64 + 1;
        let at_ms = T0 + minute * MINUTE;
        let group = point.map(|(value, full)| GroupMeasure { full, ..GroupMeasure::new(key, value, at_ms) });
        let mut measured = Measured::new(at_ms, group.into_iter().collect());
        if is_down(&outages, at_ms) {
            continue;
        }
        measured.outage = outages.at(at_ms);
        seen.join(&mut measured);
        for t in evaluate(rule, &mut state, &measured) {
            log.push((minute, t.from, t.to, t.kind, t.tells));
        }
        for change in state.take_changes() {
            match change.state {
                Some(state) => stored.insert(change.key, state),
                None => stored.remove(&change.key),
            };
        }
        state = MonitorState::load(stored.iter().map(|(k, s)| (k.clone(), s.clone())));
    }
    log
}

fn outages(plan: &Plan) -> Outages {
    let outage = |(from, to, down)| Outage {
        from_ms: T0 + from * MINUTE,
        to_ms: T0 + to * MINUTE,
        reason: if down { Reason::Down } else { Reason::Refused },
    };
    plan.outage.map(outage).into_iter().collect()
}

/// Whether nobody evaluates: the evaluation of a minute is made a moment after it.
fn is_down(outages: &Outages, at_ms: i64) -> bool {
    outages.skips(at_ms, at_ms + MINUTE + 1)
}

/// What is sent to nobody is not stored.
fn taken_in(plan: &Plan, mut points: Vec<Point>) -> Vec<Point> {
    let outages = outages(plan);
    for (n, point) in points.iter_mut().enumerate() {
        if is_down(&outages, T0 + (n as i64 + 1) * MINUTE) {
            *point = None;
        }
    }
    points
}

fn plans() -> impl Strategy<Value = Plan> {
    let thresholds = (any::<bool>(), 1u8..16);
    let missing = (
        prop_oneof![
            Just(None),
            Just(Some("default")),
            Just(Some("show_no_data")),
            Just(Some("show_and_notify_no_data")),
            Just(Some("resolve"))
        ],
        prop_oneof![Just(None), (1i64..8).prop_map(Some)],
        any::<bool>(),
    );
    let again =
        (prop_oneof![Just(0i64), 1i64..6], prop_oneof![Just(None), (1u32..4).prop_map(Some)], any::<bool>());
    let rest = (prop_oneof![4 => Just(0i64), 1 => Just(1i64)], any::<bool>(), 0i64..3, 0i64..5);
    let outage = prop_oneof![
        1 => Just(None),
        2 => (0i64..60, 2i64..20, any::<bool>()).prop_map(|(from, len, down)| Some((from, from + len, down))),
    ];
    (thresholds, missing, again, rest, outage).prop_map(
        |(
            (above, which),
            (on_missing, no_data_after, counts),
            (every, most, warn),
            (timeout_h, full, delay, new),
            outage,
        )| {
            let side = if above { 1.0 } else { -1.0 };
            let has = |bit: u8, value: f64| (which & bit != 0).then_some(5.0 + side * value);
            let warning = has(1, 3.0);
            Plan {
                above,
                critical: 5.0 + side * 4.0,
                warning,
                critical_recovery: has(2, if which & 8 != 0 { 3.5 } else { 1.5 }),
                warning_recovery: warning.and(has(4, 1.0)),
                on_missing,
                no_data_after,
                counts,
                renotify_every: every,
                renotify_most: most,
                renotify_warn: warn,
                timeout_h,
                require_full: full,
                delay,
                new_group_delay: new,
                outage,
            }
        },
    )
}

fn series() -> impl Strategy<Value = Vec<Point>> {
    let point = prop_oneof![
        3 => Just(None),
        7 => (0u8..=20, prop::bool::weighted(0.8)).prop_map(|(v, full)| Some((f64::from(v) / 2.0, full))),
    ];
    // Runs of the same are what monitors see; a long silence reaches the timeouts.
    prop::collection::vec((point, prop_oneof![6 => 1usize..5, 1 => 50usize..80]), 1..30)
        .prop_map(|runs| runs.into_iter().flat_map(|(point, n)| std::iter::repeat_n(point, n)).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn the_evaluator_does_what_the_oracle_does(plan in plans(), points in series(), grouped in any::<bool>()) {
        let (by, key) = if grouped { (" by {host}", "host:a") } else { ("", "*") };
        let points = taken_in(&plan, points);
        // Only groups can be new.
        let plan = Plan { new_group_delay: if grouped { plan.new_group_delay } else { 0 }, ..plan };
        let rule = Rule::parse(&document(&plan, by)).unwrap();
        let found = evaluated(&rule, &plan, key, &points);
        prop_assert_eq!(&found, &run(&plan, &points));
        holds(&plan, &found)?;
    }

    /// Groups don't touch each other: many at once are each as alone.
    #[test]
    fn groups_are_each_as_alone(plan in plans(), all in prop::collection::vec(series(), 1..6)) {
        let rule = Rule::parse(&document(&plan, " by {host}")).unwrap();
        let outages = outages(&plan);
        let all: Vec<Vec<Point>> = all.into_iter().map(|points| taken_in(&plan, points)).collect();
        let minutes = all.iter().map(Vec::len).max().unwrap();
        let mut state = MonitorState::default();
        let mut seen = Seen::default();
        let mut log = vec![Vec::new(); all.len()];
        for minute in 1..=minutes {
            let at_ms = T0 + minute as i64 * MINUTE;
            let groups = all.iter().enumerate().filter_map(|(n, points)| {
                let (value, full) = (*points.get(minute - 1)?)?;
                Some(GroupMeasure { full, ..GroupMeasure::new(format!("host:{n}"), value, at_ms) })
            });
            let mut measured = Measured::new(at_ms, groups.collect());
            if is_down(&outages, at_ms) {
                continue;
            }
            measured.outage = outages.at(at_ms);
            seen.join(&mut measured);
            for t in evaluate(&rule, &mut state, &measured) {
                let n: usize = t.group.trim_start_matches("host:").parse().unwrap();
                log[n].push((minute as i64, t.from, t.to, t.kind, t.tells));
            }
        }
        for (n, points) in all.iter().enumerate() {
            let mut padded = points.clone();
            padded.resize(minutes, None);
            prop_assert_eq!(&log[n], &run(&plan, &padded), "group {}", n);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// Told by fewer keys: a told group is as its worst member in each minute, and nobody else tells.
    #[test]
    fn a_told_group_is_as_its_worst_member(plan in plans(), all in prop::collection::vec(series(), 2..6), one in any::<bool>()) {
        let plan = Plan { new_group_delay: 0, ..plan };
        let mut document = document(&plan, " by {cluster,host}");
        document["options"]["notify_by"] = if one { json!(["*"]) } else { json!(["cluster"]) };
        let rule = Rule::parse(&document).unwrap();
        let key = |n: usize| format!("cluster:{},host:{n}", n % 2);
        let told_key = |n: usize| if one { "*".to_owned() } else { format!("cluster:{}", n % 2) };
        let mut state = MonitorState::default();
        let mut seen = Seen::default();
        let mut told = std::collections::BTreeMap::new();
        let outages = outages(&plan);
        for minute in 1..=all.iter().map(Vec::len).max().unwrap() {
            let at_ms = T0 + minute as i64 * MINUTE;
            let mut groups: Vec<GroupMeasure> = all.iter().enumerate().filter_map(|(n, points)| {
                let (value, full) = (*points.get(minute - 1)?)?;
                Some(GroupMeasure { full, ..GroupMeasure::new(key(n), value, at_ms) })
            }).collect();
            groups.sort_by(|a, b| a.key.cmp(&b.key));
            let mut measured = Measured::new(at_ms, groups);
            if is_down(&outages, at_ms) {
                continue;
            }
            measured.outage = outages.at(at_ms);
            seen.join(&mut measured);
            for t in evaluate(&rule, &mut state, &measured) {
                if t.group.contains("host:") {
                    prop_assert!(!t.tells, "a member tells nothing");
                } else {
                    let was = told.insert(t.group.to_string(), t.to).unwrap_or(Status::Ok);
                    prop_assert_eq!(was, t.from);
                }
            }
            state = MonitorState::load(state.rows().map(|(k, s)| (k, s.clone())).collect::<Vec<_>>());
            for n in 0..all.len() {
                let members = (0..all.len()).filter(|m| told_key(*m) == told_key(n));
                let status = |m: usize| state.group(&key(m)).map_or(Status::Ok, |s| s.status);
                let worst = members.map(status).max_by_key(|s| s.severity()).unwrap();
                prop_assert_eq!(told.get(&told_key(n)).copied().unwrap_or_default(), worst);
            }
        }
    }
}

/// Whatever the options are.
fn holds(plan: &Plan, log: &[Told]) -> Result<(), TestCaseError> {
    for pair in log.windows(2) {
        prop_assert_eq!(pair[0].2, pair[1].1, "a transition starts where the one before ended");
        prop_assert!(pair[0].0 < pair[1].0, "one transition a minute");
    }
    for told in log {
        let is_renotice = told.3 == TransitionKind::Renotify;
        prop_assert_eq!(told.1 == told.2, is_renotice, "only a renotice leaves the status as it is");
    }
    let notices: Vec<&Told> = log.iter().filter(|t| t.4).collect();
    for pair in notices.windows(2).filter(|p| p[1].3 == TransitionKind::Renotify) {
        prop_assert!(pair[1].0 - pair[0].0 >= plan.renotify_every, "renotices keep their distance");
    }
    let mut again = 0;
    for told in log {
        again = if told.3 == TransitionKind::Renotify { again + 1 } else { 0 };
        prop_assert!(plan.renotify_most.is_none_or(|most| again <= most), "renotices have a limit");
    }
    if plan.on_missing == Some("show_no_data") {
        prop_assert!(!log.iter().any(|t| t.2 == Status::NoData && t.4), "what is only shown is not told");
    }
    Ok(())
}
