//! The parts of the v1 answer that are made here.

use super::*;

#[test]
fn commas_part_queries_only_outside_of_everything() {
    assert_eq!(split("avg:a{b:c,d:e} by {x,y}, sum:f{*}"), ["avg:a{b:c,d:e} by {x,y}", "sum:f{*}"]);
    assert_eq!(split("top(avg:a{*}, 10, 'mean', 'desc')"), ["top(avg:a{*}, 10, 'mean', 'desc')"]);
    assert_eq!(split("anomalies(a{*}, 'ba,sic', 2),b{*}"), ["anomalies(a{*}, 'ba,sic', 2)", "b{*}"]);
}

#[test]
fn points_leave_out_what_is_missing_and_bear_float_times() {
    let points = Points { times: &[1000, 2000, 3000], values: &[1.0, f64::NAN, 2.5] };
    assert_eq!(serde_json::to_string(&points).unwrap(), "[[1000.0,1.0],[3000.0,2.5]]");
}
