//! Transitions as events: words, kinds and tags.

use super::*;
use oriel_monitor::Rule;
use oriel_monitor::notice::Window;
use oriel_monitor::runtime::Recorded;
use oriel_monitor::status::{Transition, TransitionKind};
use serde_json::json;
use std::sync::Arc;

fn committed(group: &str, from: Status, to: Status) -> Committed {
    let document = json!({"name": "CPU is high", "type": "metric alert", "tags": ["team:blue"], "message": "",
        "query": "avg(last_5m):avg:cpu{env:prod} by {host} > 90"});
    let transition = Transition {
        at_ms: 5000,
        group: group.into(),
        from,
        to,
        kind: TransitionKind::Alert,
        value: Some(95.5),
        tells: true,
    };
    Committed {
        monitor: 7,
        rule: Arc::new(Rule::parse(&document).unwrap()),
        recorded: Recorded {
            transition,
            window: Window { start_ms: 0, end_ms: 5000 },
            notice: None,
            muted: None,
        },
        tags: vec![("host".into(), "web-1".into()), ("env".into(), "prod".into())],
    }
}

#[test]
fn an_alert_is_an_event_of_its_group_and_monitor() {
    let event = event(&committed("host:web-1", Status::Ok, Status::Alert));
    assert_eq!(event.title, "[Triggered on {host:web-1}] CPU is high");
    assert_eq!((event.time_ms, event.alert_type, event.host.as_str()), (5000, AlertType::Error, "web-1"));
    assert_eq!((event.source.as_str(), event.aggregation_key.as_str()), ("monitor", "monitor:7"));
    assert_eq!(event.tags, ["host:web-1", "env:prod", "team:blue", "monitor_id:7", "monitor_status:alert"]);
    assert!(event.text.contains("95.5") && event.text.contains("became Alert after OK"), "{}", event.text);
}

#[test]
fn words_follow_the_status() {
    for (to, title, kind) in [
        (Status::Ok, "[Recovered] CPU is high", AlertType::Success),
        (Status::NoData, "[No Data] CPU is high", AlertType::Warning),
        (Status::Warn, "[Warn] CPU is high", AlertType::Warning),
    ] {
        let event = event(&committed("*", Status::Alert, to));
        assert_eq!((event.title.as_str(), event.alert_type), (title, kind));
    }
}
