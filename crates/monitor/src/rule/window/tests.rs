//! Lengths, and where running days and months start.

use super::*;

#[test]
fn lengths_are_read() {
    assert_eq!(length_ms("5m"), Ok(300_000));
    assert_eq!(length_ms("1mo"), Ok(30 * 86_400_000));
    assert!(length_ms("5").is_err());
    assert!(length_ms("0m").is_err());
    assert!(length_ms("99999999999999999h").is_err());
}

#[test]
fn running_days_start_at_midnight_or_where_they_are_told() {
    let day = 86_400_000;
    let window = Window::parse("current_1d").unwrap();
    assert_eq!(window.range(10 * day + 5), TimeRange::new(10 * day, 10 * day + 5));
    assert_eq!(window.range(10 * day), TimeRange::new(9 * day, 10 * day));
    let options = serde_json::json!({"evaluation_window": {"day_starts": "04:00"}});
    let starts = EvaluationWindow::read(&options).unwrap();
    let window = Window::Current { unit: WindowUnit::Day, starts };
    assert_eq!(window.range(10 * day + 5).start, 9 * day + 4 * 3_600_000);
}

#[test]
fn changes_look_back_by_either_word() {
    assert_eq!(ago_ms("last_1h"), ago_ms("1h_ago"));
    assert_eq!(ago_ms("1mo_ago"), Ok(30 * 86_400_000));
    assert!(ago_ms("1h").is_err());
    assert_eq!(Window::current("1h"), Window::parse("current_1h"));
    assert!(Window::current("2h").is_err());
}

#[test]
fn running_months_start_on_their_first_day() {
    // 2026-11-21 03:00 UTC; the month began 20 days and 3 hours before.
    let end = 1_795_230_000_000;
    let window = Window::parse("current_1mo").unwrap();
    assert_eq!(window.range(end).start, end - (20 * 24 + 3) * 3_600_000);
}
