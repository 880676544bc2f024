//! Numbers that came as text, and changes over what is kept.

use super::*;

#[test]
fn numbers_in_text_become_numbers_and_nothing_else_changes() {
    let document = json!({
        "name": "5", "priority": "3", "extra": "7",
        "options": {"renotify_interval": "0", "evaluation_delay": " 60 ", "no_data_timeframe": "", "timeout_h": "x",
            "notify_no_data": "true", "locked": false, "group_retention_duration": "2",
            "thresholds": {"critical": "800", "warning": "1e3", "critical_recovery": 5, "critical_query": "6", "ok": null}},
    });
    let expected = json!({
        "name": "5", "priority": 3, "extra": "7",
        "options": {"renotify_interval": 0, "evaluation_delay": 60, "no_data_timeframe": null, "timeout_h": "x",
            "notify_no_data": true, "locked": false, "group_retention_duration": "2",
            "thresholds": {"critical": 800, "warning": 1000.0, "critical_recovery": 5, "critical_query": "6", "ok": null}},
    });
    assert_eq!(with_numbers(document).to_string(), expected.to_string());
    for odd in [json!({}), json!({"options": null}), json!({"options": {"thresholds": []}})] {
        assert_eq!(with_numbers(odd.clone()), odd);
    }
}

#[test]
fn a_change_replaces_whole_fields_and_keeps_the_rest() {
    let kept = json!({"name": "a", "options": {"x": 1, "y": 2}, "tags": ["t"]});
    let merged = merged(&kept, json!({"name": "b", "options": {"y": 3}}));
    assert_eq!(merged, json!({"name": "b", "options": {"y": 3}, "tags": ["t"]}));
}
