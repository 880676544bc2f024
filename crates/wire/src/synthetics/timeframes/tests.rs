//! Hours of a week in a zone.

use super::*;
use serde_json::json;

fn at(text: &str) -> i64 {
    text.parse::<Timestamp>().unwrap().as_millisecond()
}

#[test]
fn a_test_runs_in_its_hours_of_its_zone() {
    let read = Timeframes::read(&json!({"timezone": "Europe/Berlin", "timeframes": [
        {"day": 1, "from": "07:00", "to": "16:30"}, {"day": 7, "from": "22:00", "to": "24:00"}]}));
    let read = read.unwrap().unwrap();
    // 2026-03-02 and 2026-06-01 are Mondays: in winter Berlin is an hour ahead, in summer two.
    for (moment, open) in [
        ("2026-03-02T05:59:00Z", false),
        ("2026-03-02T06:00:00Z", true),
        ("2026-03-02T15:29:59Z", true),
        ("2026-03-02T15:30:00Z", false),
        ("2026-06-01T05:00:00Z", true),
        ("2026-06-01T14:30:00Z", false),
        ("2026-03-03T08:00:00Z", false),
        ("2026-03-01T22:59:00Z", true),
        ("2026-03-01T23:00:00Z", false),
    ] {
        assert_eq!(read.is_open(at(moment)), open, "{moment}");
    }
}

#[test]
fn what_is_wrong_is_named_and_nothing_is_always() {
    assert_eq!(Timeframes::read(&json!({"timezone": "Mars/Olympus", "timeframes": []})), Ok(None));
    let with =
        |frame: Value| Timeframes::read(&json!({"timezone": "UTC", "timeframes": [frame]})).unwrap_err();
    assert_eq!(
        with(json!({"day": 0, "from": "1:00", "to": "2:00"})),
        "timeframes[0].day is 1 (Monday) to 7 (Sunday)"
    );
    assert_eq!(
        with(json!({"day": 1, "from": "1", "to": "2:00"})),
        "timeframes[0].from is a time of day such as 07:00"
    );
    assert_eq!(with(json!({"day": 1, "from": "3:00", "to": "2:00"})), "timeframes[0].to is after from");
    let zone = Timeframes::read(&json!({"timezone": "Mars/Olympus", "timeframes": [{}]})).unwrap_err();
    assert_eq!(zone, "timezone \"Mars/Olympus\" is not known");
}
