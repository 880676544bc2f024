//! Which moments are due.

use super::*;

fn every(minutes: i64) -> Cadence {
    Cadence { every_ms: minutes * 60_000, custom: None, text: String::new() }
}

fn at_noon() -> Cadence {
    let options = serde_json::json!({"custom_schedule": {"recurrences": [
        {"rrule": "FREQ=DAILY;BYHOUR=12;BYMINUTE=0", "timezone": "UTC"}
    ]}});
    Cadence {
        every_ms: 60_000,
        custom: CustomSchedule::read(&options).unwrap().map(Arc::new),
        text: "noon".to_owned(),
    }
}

#[test]
fn the_newest_moment_is_due_once_and_missed_ones_are_not_made_up_for() {
    let minute = every(1);
    assert_eq!(minute.due(None, 125_000), Some(120_000), "a start evaluates at once");
    assert_eq!(minute.due(Some(120_000), 179_999), None);
    assert_eq!(minute.due(Some(120_000), 180_000), Some(180_000));
    assert_eq!(minute.due(Some(120_000), 425_000), Some(420_000), "the five between are left out");
    assert_eq!(every(30).due(Some(1_800_000), 3_599_999), None);
    assert_eq!(minute.after(120_000), 180_000);
    assert_eq!(
        minute.moments(TimeRange::new(60_000, 240_000)).collect::<Vec<_>>(),
        [60_000, 120_000, 180_000]
    );
}

#[test]
fn a_custom_schedule_has_moments_of_its_own() {
    const DAY: i64 = 86_400_000;
    let noon = at_noon();
    let start = 20_000 * DAY;
    assert_eq!(noon.after(start), start + DAY / 2);
    assert_eq!(noon.due(None, start + DAY - 1), None, "what was before the start is over");
    assert_eq!(noon.due(Some(start), start + DAY / 2), Some(start + DAY / 2));
    assert_eq!(noon.due(Some(start), start + 3 * DAY), Some(start + 2 * DAY + DAY / 2));
    let range = TimeRange::new(start, start + 3 * DAY);
    assert_eq!(noon.moments(range).count(), 3);
}
