//! Events and checks through a real file.

use super::*;

fn event(id: u64, time_ms: i64) -> Event {
    Event {
        id,
        time_ms,
        title: format!("deploy {id}"),
        text: "what\nhappened é".into(),
        host: "web-1".into(),
        source: "jenkins".into(),
        aggregation_key: "k".into(),
        priority: if id.is_multiple_of(2) { Priority::Low } else { Priority::Normal },
        alert_type: ALERTS[id as usize % 4],
        tags: vec!["b:2".into(), "a:1".into(), String::new()],
    }
}

fn check(time_ms: i64, status: CheckStatus) -> ServiceCheck {
    ServiceCheck {
        time_ms,
        check: "disk.ok".into(),
        host: "web-1".into(),
        status,
        message: "full".into(),
        tags: vec!["mount:/".into()],
    }
}

#[test]
fn events_and_checks_come_back_in_order_of_time() {
    let dir = tempfile::tempdir().unwrap();
    let events: Vec<Event> = (0..3000).map(|i| event(i, 10_000 - i as i64)).collect();
    let statuses = [CheckStatus::Ok, CheckStatus::Warning, CheckStatus::Critical, CheckStatus::Unknown];
    let checks = statuses.map(|s| check(8000 + s as i64, s));
    let meta = write_events(dir.path(), 0, OrgId(4), &events, &checks).unwrap().unwrap();
    assert_eq!((meta.samples, meta.first_ms, meta.last_ms), (3004, 7001, 10_000));
    let found = read_events(dir.path(), &meta, OrgId(4), TimeRange::all()).unwrap();
    let mut expected = events.clone();
    expected.reverse();
    assert_eq!(found.events, expected);
    assert_eq!(found.checks, checks);
    let few = read_events(dir.path(), &meta, OrgId(4), TimeRange::new(8001, 8003)).unwrap();
    assert_eq!((few.events.len(), few.checks.len()), (2, 2));
    assert_eq!(read_events(dir.path(), &meta, OrgId(5), TimeRange::all()).unwrap(), EventRows::default());
}
