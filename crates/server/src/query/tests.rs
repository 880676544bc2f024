//! Units read off queries, and what is missing in answers.

use super::*;

#[test]
fn the_one_metric_of_a_query_that_keeps_its_unit() {
    let cases = [
        ("avg:system.cpu.user{*}", Some("system.cpu.user")),
        ("anomalies(sum:postgresql.table_count{*}, 'basic', 5)", Some("postgresql.table_count")),
        ("top(avg:m{a:b,c:d} by {host}.rollup(max, 60), 10, 'mean', 'desc')", Some("m")),
        ("timeshift(avg:m{*},-3600)", Some("m")),
        ("ewma_5(m{*})", Some("m")),
        ("avg:a{*} / avg:b{*}", None),
        ("avg:a{*} - avg:a{*}", None),
        ("log2(avg:a{*})", None),
        ("per_second(avg:a{*})", None),
        ("a + b", None),
        ("", None),
        ("}{", None),
    ];
    for (text, metric) in cases {
        assert_eq!(only_metric(text).as_deref(), metric, "{text}");
    }
}

#[test]
fn what_is_missing_is_null() {
    let text = serde_json::to_string(&Column(&[1.0, f64::NAN, 2.5, f64::INFINITY])).unwrap();
    assert_eq!(text, "[1.0,null,2.5,null]");
}

#[test]
fn a_sum_is_told_apart_into_its_terms() {
    let text = "avg:a.b{x:y-z} by {h} - top(avg:c{*} + avg:d{*}, 5, 'mean', 'desc') + avg:e{*}";
    let expected = ["avg:a.b{x:y-z} by {h} ", " top(avg:c{*} + avg:d{*}, 5, 'mean', 'desc') ", " avg:e{*}"];
    assert_eq!(terms(text), expected);
    assert_eq!(terms("avg:a{*} * 2"), ["avg:a{*} * 2"]);
}
