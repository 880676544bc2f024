//! What an evaluation of quiet groups costs: 5,000 monitors of 500 groups are due each minute.

use oriel_monitor::measured::{GroupMeasure, Measured};
use oriel_monitor::{MonitorState, Rule, evaluate};
use std::time::Instant;

#[test]
fn quiet_groups_cost_a_comparison_each() {
    let rule = Rule::parse(&serde_json::json!({
        "type": "metric alert", "name": "n", "message": "",
        "query": "avg(last_5m):avg:m{*} by {host} > 800",
        "options": {"thresholds": {"critical": 800, "warning": 500}},
    }))
    .unwrap();
    let mut keys: Vec<String> = (0..500).map(|n| format!("host:web-{n}")).collect();
    keys.sort();
    let groups = keys.into_iter().map(|key| GroupMeasure::new(key, 300.0, 1)).collect();
    let measured = Measured::new(1_700_006_400_000, groups);
    let mut states = vec![MonitorState::default(); 200];
    let began = Instant::now();
    for state in &mut states {
        assert!(evaluate(&rule, state, &measured).is_empty());
        assert_eq!(state.groups().len(), 0, "a quiet group has no entry");
        assert!(state.take_changes().is_empty());
    }
    let took = began.elapsed();
    println!("{} groups in {took:?}", 200 * 500);
    // 100,000 groups; a debug build on a busy machine takes some 20 ms, a release build under 2.
    assert!(took.as_millis() < 2_000, "{took:?}");
}
