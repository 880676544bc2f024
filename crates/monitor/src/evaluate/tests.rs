//! What an evaluation stores, remembers and forgets; transitions themselves are in `tests/golden/monitors`.

use super::*;
use serde_json::json;

const MINUTE: i64 = 60_000;

fn rule(options: serde_json::Value) -> Rule {
    let query = "avg(last_5m):avg:m{*} by {cluster,host} > 10";
    Rule::parse(&json!({"type": "metric alert", "query": query, "options": options})).unwrap()
}

fn measured(minute: i64, groups: &[(&str, f64)]) -> Measured {
    let at_ms = minute * MINUTE;
    let groups = groups.iter().map(|(key, value)| GroupMeasure::new(*key, *value, at_ms)).collect();
    Measured::new(at_ms, groups)
}

#[test]
fn what_is_stored_is_what_changed() {
    let rule = rule(json!({}));
    let mut state = MonitorState::default();
    evaluate(&rule, &mut state, &measured(1, &[("cluster:a,host:1", 1.0), ("cluster:a,host:2", 20.0)]));
    let changes = state.take_changes();
    assert_eq!(changes.len(), 1);
    assert_eq!(&*changes[0].key, "cluster:a,host:2");
    let stored = changes[0].state.clone().unwrap();
    assert_eq!(
        (stored.status, stored.triggered_ms, stored.notified_ms),
        (Status::Alert, Some(MINUTE), Some(MINUTE))
    );
    // Another value of the same status is kept in memory and not written.
    evaluate(&rule, &mut state, &measured(2, &[("cluster:a,host:1", 1.0), ("cluster:a,host:2", 30.0)]));
    assert!(state.take_changes().is_empty());
    assert_eq!(state.group("cluster:a,host:2").unwrap().value, Some(30.0));
    assert_eq!(state.counts(), Counts { alert: 1, ok: 1, total: 2, ..Counts::default() });
}

#[test]
fn an_episode_is_remembered_for_the_notice_of_its_end() {
    let rule = rule(json!({}));
    let mut state = MonitorState::default();
    for (minute, value) in [(1, 20.0), (2, 20.0), (3, 1.0)] {
        evaluate(&rule, &mut state, &measured(minute, &[("cluster:a,host:1", value)]));
    }
    let group = state.group("cluster:a,host:1").unwrap();
    assert_eq!((group.status, group.triggered_ms, group.since_ms), (Status::Ok, Some(MINUTE), 3 * MINUTE));
    evaluate(&rule, &mut state, &measured(9, &[("cluster:a,host:1", 20.0)]));
    assert_eq!(state.group("cluster:a,host:1").unwrap().triggered_ms, Some(9 * MINUTE));
}

#[test]
fn told_groups_are_rows_of_their_own() {
    let rule = rule(json!({"notify_by": ["cluster"]}));
    let mut state = MonitorState::default();
    evaluate(&rule, &mut state, &measured(1, &[("cluster:a,host:1", 20.0)]));
    let rows: Vec<_> = state.rows().map(|(key, group)| (key, group.clone())).collect();
    let keys: Vec<&str> = rows.iter().map(|(key, _)| &**key).collect();
    assert_eq!(keys, ["cluster:a,host:1", "notify_by cluster:a"]);
    let again = MonitorState::load(rows);
    assert_eq!(again.groups().len(), 1);
    assert_eq!(again.group("cluster:a").unwrap().status, Status::Alert);
    assert_eq!(&*told_group(&rule, &"cluster:a,host:1".into()), "cluster:a");
    // Its members gone, it goes too.
    let mut state = again;
    evaluate(&rule, &mut state, &measured(2, &[]));
    evaluate(&rule, &mut state, &measured(3, &[]));
    assert_eq!(state.rows().count(), 0);
}

#[test]
fn a_group_that_is_not_measured_any_more_is_forgotten_untold() {
    let rule = rule(json!({}));
    let mut state = MonitorState::default();
    evaluate(&rule, &mut state, &measured(1, &[("cluster:a,host:1", 20.0), ("cluster:b,host:1", 20.0)]));
    state.take_changes();
    let transitions = evaluate(&rule, &mut state, &measured(2, &[("cluster:b,host:1", 20.0)]));
    assert_eq!(transitions.len(), 1);
    assert!(!transitions[0].tells);
    assert_eq!(state.take_changes(), [Change { key: "cluster:a,host:1".into(), state: None }]);
}

#[test]
fn a_monitor_is_as_its_worst_group() {
    let rule = rule(json!({"thresholds": {"critical": 10, "warning": 5}}));
    let mut state = MonitorState::default();
    assert_eq!(state.status(), None);
    evaluate(&rule, &mut state, &measured(1, &[("cluster:a,host:1", 1.0)]));
    assert_eq!(state.status(), Some(Status::Ok));
    evaluate(&rule, &mut state, &measured(2, &[("cluster:a,host:1", 6.0), ("cluster:a,host:2", 11.0)]));
    assert_eq!(state.status(), Some(Status::Alert));
}
