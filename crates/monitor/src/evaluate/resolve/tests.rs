//! A resolved group is OK, tells nobody, and alerts anew.

use super::*;
use crate::Rule;
use crate::evaluate::evaluate;
use crate::measured::{GroupMeasure, Measured};
use serde_json::json;

fn measured(at_ms: TimeMs, values: &[(&str, f64)]) -> Measured {
    let group = |(key, value): &(&str, f64)| GroupMeasure::new(*key, *value, at_ms);
    Measured::new(at_ms, values.iter().map(group).collect())
}

#[test]
fn a_resolved_group_is_ok_tells_nobody_and_alerts_anew() {
    let rule = Rule::parse(&json!({"name": "n", "type": "metric alert", "message": "",
        "query": "avg(last_5m):avg:cpu{*} by {host} > 90"}))
    .unwrap();
    let mut state = MonitorState::default();
    evaluate(&rule, &mut state, &measured(60_000, &[("host:a", 95.0), ("host:b", 95.0), ("host:c", 1.0)]));
    state.take_changes();
    let resolved = state.resolve(Some("host:a"), 90_000);
    assert_eq!(resolved.len(), 1);
    assert_eq!((resolved[0].from, resolved[0].to, resolved[0].tells), (Status::Alert, Status::Ok, false));
    assert_eq!((state.counts().alert, state.counts().ok), (1, 2));
    assert_eq!(state.take_changes().len(), 1, "the row is stored");
    assert_eq!(state.resolve(None, 91_000).len(), 1, "host:a is OK already");
    assert!(state.resolve(Some("host:c"), 92_000).is_empty());
    let again = evaluate(
        &rule,
        &mut state,
        &measured(120_000, &[("host:a", 95.0), ("host:b", 1.0), ("host:c", 1.0)]),
    );
    let told: Vec<_> = again.iter().map(|t| (&*t.group, t.to, t.tells)).collect();
    assert_eq!(told, [("host:a", Status::Alert, true)]);
}
