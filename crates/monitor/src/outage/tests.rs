//! Which outage an evaluation knows, how long its grace is, and the words.

use super::*;
use crate::testing::rule;
use serde_json::json;

const MINUTE: i64 = 60_000;
/// 02:10 of a day.
const T: i64 = 1_699_920_000_000 + 130 * MINUTE;

fn outage(from: i64, to: i64) -> Outage {
    Outage { from_ms: T + from * MINUTE, to_ms: T + to * MINUTE, reason: Reason::Down }
}

#[test]
fn the_grace_is_the_no_data_window_and_ten_minutes_at_most() {
    let query = |window: &str| format!("avg({window}):avg:m{{*}} > 1");
    for (window, options, minutes) in [
        ("last_1m", json!({}), 2),
        ("last_5m", json!({}), 10),
        ("last_4h", json!({}), 10),
        ("last_5m", json!({"notify_no_data": true, "no_data_timeframe": 3}), 3),
        ("last_5m", json!({"notify_no_data": true, "no_data_timeframe": 120}), 10),
        ("last_1m", json!({"evaluation_delay": 900}), 17),
    ] {
        let end_ms = outage(0, 12).grace_end_ms(&rule(&query(window), options.clone()));
        assert_eq!((end_ms - T) / MINUTE, 12 + minutes, "{window} {options}");
    }
}

#[test]
fn a_stretch_counts_from_a_minute_on_and_the_newest_is_the_one_that_matters() {
    let all: Outages = [outage(20, 25), outage(0, 12)].into_iter().collect();
    assert_eq!(all.at(T + MINUTE - 1), None);
    assert_eq!(all.at(T + MINUTE), Some(outage(0, 12)));
    assert_eq!(all.at(T + 21 * MINUTE - 1), Some(outage(0, 12)));
    assert_eq!(all.at(T + 500 * MINUTE), Some(outage(20, 25)));
    let range = TimeRange::new(T + 12 * MINUTE, T + 20 * MINUTE);
    assert_eq!(all.within(range).count(), 0);
    assert_eq!(all.within(TimeRange::new(range.start - 1, range.end)).count(), 1);
}

#[test]
fn only_the_newest_evaluation_before_a_start_is_made() {
    let all: Outages = [outage(0, 12)].into_iter().collect();
    let skips = |minute: i64| all.skips(T + minute * MINUTE, T + (minute + 1) * MINUTE + 1_500);
    let skipped: Vec<i64> = (-2..20).filter(|minute| skips(*minute)).collect();
    assert_eq!(skipped, (1..=10).collect::<Vec<_>>());
    let refused = Outage { reason: Reason::Refused, ..outage(0, 12) };
    assert!(!Outages::from_iter([refused]).skips(T + 5 * MINUTE, T + 6 * MINUTE), "the process evaluates on");
}

#[test]
fn words_are_in_utc_and_name_days_only_where_there_are_two() {
    assert_eq!(outage(0, 12).words(), "Oriel was down 02:10–02:22 UTC");
    let refused = Outage { reason: Reason::Refused, ..outage(0, 1440) };
    assert_eq!(refused.words(), "Oriel could take nothing in Nov 14 02:10–Nov 15 02:10 UTC");
}
