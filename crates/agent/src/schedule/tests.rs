//! The grid of runs.

use super::*;

#[test]
fn a_late_run_keeps_the_grid_and_leaves_out_what_passed() {
    let t = Instant::now();
    let s = Duration::from_secs;
    assert_eq!(next_due(t, s(15), t + s(1)), t + s(15));
    assert_eq!(next_due(t, s(15), t + s(15)), t + s(30));
    assert_eq!(next_due(t, s(15), t + s(50)), t + s(60));
}

#[test]
fn a_run_may_take_three_intervals() {
    assert_eq!(run_limit(Duration::from_secs(45)), Duration::from_secs(135));
    assert_eq!(run_limit(Duration::from_millis(200)), Duration::from_secs(10));
}

#[test]
fn rows_have_tags_in_datadogs_form() {
    let defaults = Defaults { tags: vec!["service:Shop".into()], ..Defaults::default() };
    assert_eq!(row_tags(&["Env:PROD".into(), "a b".into()], &defaults), ["env:prod", "a_b", "service:shop"]);
}
