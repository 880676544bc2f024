//! How many failures are too many, and for how long.

use super::*;

#[test]
fn the_eleventh_failure_waits_out_the_window() {
    let attempts = Attempts::default();
    for n in 0..10 {
        assert_eq!(attempts.wait_s(&["10.0.0.1", "admin"], 1000), None, "failure {n}");
        attempts.failed(&["10.0.0.1", "admin"], 1000);
    }
    assert_eq!(attempts.wait_s(&["10.0.0.1", "admin"], 1000), Some(301));
    assert_eq!(attempts.wait_s(&["10.0.0.2", "admin"], 61_000), Some(241), "a name is held from everywhere");
    assert_eq!(attempts.wait_s(&["10.0.0.2", "eve"], 61_000), None);
    assert_eq!(attempts.wait_s(&["10.0.0.1"], 1000 + WINDOW_MS), None, "it passes");
}

#[test]
fn a_success_forgets_failures_and_the_table_is_bounded() {
    let attempts = Attempts::default();
    for _ in 0..10 {
        attempts.failed(&["admin"], 0);
    }
    attempts.succeeded(&["admin"]);
    assert_eq!(attempts.wait_s(&["admin"], 0), None);
    for n in 0..3 * ENTRIES_MAX {
        attempts.failed(&[&format!("10.0.{n}")], i64::try_from(n).unwrap() * 100);
    }
    assert!(attempts.0.lock().len() <= ENTRIES_MAX);
}
