//! What documents become: what is asked, in which steps, and by which groups.

use super::*;
use serde_json::json;

fn rule(kind: &str, query: &str) -> Rule {
    Rule::parse(&json!({"type": kind, "name": "n", "message": "m", "query": query})).unwrap()
}

fn series(rule: &Rule) -> &SeriesRule {
    match &rule.target {
        Target::Series(series) => series,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_acceptance_monitor_is_read() {
    let text = include_str!("../../../../tests/acceptance/monitor.json");
    let rule = Rule::parse(&serde_json::from_str(text).unwrap()).unwrap();
    assert_eq!(rule.kind, Kind::Metric);
    assert_eq!((rule.thresholds.critical, rule.thresholds.warning), (Some(800.0), Some(500.0)));
    assert_eq!(rule.options.no_data_after_ms, Some(600_000));
    assert_eq!(rule.options.renotify_interval_ms, 0);
    // There are no groups by host that could be new.
    assert_eq!(rule.options.new_group_delay_ms, 0);
    assert_eq!(rule.every_ms(), 60_000);
    assert_eq!(series(&rule).queries[0].text, "avg:my_metric{host:web-1}");
    assert!(rule.warnings.is_empty());
}

#[test]
fn monitors_of_one_query_share_a_measurement_whatever_their_thresholds() {
    let one = rule("metric alert", "avg(last_5m):avg:m{*} by {host} > 800");
    let other = rule("query alert", "avg(last_5m):avg:m{*} by {host}  < 5");
    assert_eq!(one.share_key(), other.share_key());
    assert_ne!(one.share_key(), rule("metric alert", "avg(last_10m):avg:m{*} by {host} > 800").share_key());
    assert_ne!(one.share_key(), rule("metric alert", "max(last_5m):avg:m{*} by {host} > 800").share_key());
    let delayed = json!({"type": "metric alert", "query": "avg(last_5m):avg:m{*} by {host} > 800", "options": {"evaluation_delay": 60}});
    assert_ne!(one.share_key(), Rule::parse(&delayed).unwrap().share_key());
}

#[test]
fn longer_windows_are_evaluated_less_often_and_in_steps_that_fit() {
    for (window, minutes, step_s) in [
        ("last_1h", 1, None),
        ("last_12h", 1, Some(60)),
        ("last_1d", 10, None),
        ("last_1w", 30, Some(1800)),
        ("last_1mo", 30, Some(1800)),
        ("current_1d", 1, Some(60)),
        ("current_1mo", 30, Some(1800)),
    ] {
        let rule = rule("metric alert", &format!("avg({window}):avg:m{{*}} > 1"));
        assert_eq!(rule.every_ms(), minutes * 60_000, "{window}");
        assert_eq!(series(&rule).step_ms, step_s.map(|s: i64| s * 1000), "{window}");
    }
}

#[test]
fn a_rollup_that_is_longer_than_the_window_is_looked_at_a_bucket_at_a_time() {
    let rule = rule("metric alert", "avg(last_5m):avg:m{*}.rollup(avg, 3600) > 1");
    let hour = 3_600_000;
    assert_eq!(rule.window(10 * hour + 5), oriel_model::TimeRange::new(9 * hour, 10 * hour));
    assert_eq!(rule.window(10 * hour), oriel_model::TimeRange::new(9 * hour, 10 * hour));
}

#[test]
fn counts_in_arithmetic_are_read_each_for_itself() {
    let rule = rule(
        "query alert",
        "sum(last_5m):(default_zero(sum:err{env:prod,(a:b OR c:d)} by {env}.as_count()) / (sum:err{env:prod,(a:b OR c:d)} by {env}.as_count() + sum:ok{env:prod} by {env}.as_count())) * 100 > 5",
    );
    let series = series(&rule);
    let texts: Vec<&str> = series.queries.iter().map(|q| q.text.as_str()).collect();
    let errors = "sum:err{env:prod,(a:b OR c:d)} by {env}.as_count()";
    assert_eq!(texts, [errors, errors, "sum:ok{env:prod} by {env}.as_count()"]);
    assert_eq!(series.formula.as_deref(), Some("(default_zero(query1) / (query2 + query3)) * 100"));
    assert_eq!(series.requests(0).len(), 3);
    assert!(series.requests(0).iter().all(|r| r.queries.len() == 1 && r.formulas.is_empty()));
    assert_eq!(series.request(oriel_model::TimeRange::new(0, 1), 0).formulas.len(), 1);
    assert!(series.count_like && series.local);
}

#[test]
fn rates_in_arithmetic_stay_one_query() {
    let rule = rule("query alert", "avg(last_5m):sum:err{*}.as_rate() / sum:req{*}.as_rate() > 0.1");
    assert_eq!(series(&rule).queries.len(), 1);
    assert!(matches!(series(&rule).reduction, Reduction::Window(_)));
}

#[test]
fn only_functions_of_a_point_keep_buckets_apart() {
    for (query, local) in [
        ("avg:m{*} by {host}", true),
        ("abs(avg:m{*}) * 2", true),
        ("per_second(avg:m{*})", false),
        ("ewma_5(avg:m{*})", false),
        ("timeshift(avg:m{*}, -3600)", false),
        ("top(avg:m{*} by {host}, 5, 'mean', 'desc')", false),
        ("avg:m{*}.rollup(avg, 60)", true),
        ("avg:m{*}.rollup(avg, 60).rollup(sum, 300)", false),
    ] {
        assert_eq!(
            series(&rule("query alert", &format!("avg(last_1h):{query} > 1"))).local,
            local,
            "{query}"
        );
    }
}

#[test]
fn the_keys_of_groups_are_those_of_the_answer() {
    for (query, by) in [
        ("avg:m{*} by {host,env}", vec!["host", "env"]),
        ("max(avg:m{*} by {host,env}) by {env}", vec!["env"]),
        ("avg:a{*} by {host} / avg:b{*} by {host}", vec!["host"]),
        ("count_nonzero(avg:m{*} by {host})", vec![]),
    ] {
        assert_eq!(rule("query alert", &format!("avg(last_1h):{query} > 1")).group_by(), by, "{query}");
    }
    let logs = rule(
        "log alert",
        "logs(\"*\").index(\"*\").rollup(\"count\").by(\"@http.code,service\").last(\"5m\") > 1",
    );
    assert_eq!(logs.group_by(), ["@http.code", "service"]);
}

#[test]
fn processes_become_a_metric() {
    let rule = rule(
        "process alert",
        "processes(\"nginx worker\").over(\"host:x\",\"env:a\").by(\"host\").rollup(\"count\").last(\"5m\") < 1",
    );
    assert_eq!(
        series(&rule).queries[0].text,
        "sum:oriel.processes{host:x AND env:a AND (process:*nginx* OR command:*nginx*) AND (process:*worker* OR command:*worker*)} by {host}"
    );
}

#[test]
fn what_can_be_added_up_is_read_in_buckets() {
    let text = |rollup: &str| format!("logs(\"*\").index(\"*\").rollup({rollup}).last(\"15m\") > 1");
    for (rollup, totals) in [
        ("\"count\"", false),
        ("\"sum\", \"@a\"", false),
        ("\"max\", \"@a\"", false),
        ("\"avg\", \"@a\"", true),
        ("\"cardinality\", \"@a\"", true),
        ("\"pc99\", \"@a\"", true),
    ] {
        assert_eq!(series(&rule("log alert", &text(rollup))).row_totals, totals, "{rollup}");
    }
}

#[test]
fn a_delay_that_is_no_whole_minute_has_buckets_that_end_with_it() {
    let document = json!({"type": "log alert", "query": "logs(\"*\").index(\"*\").rollup(\"count\").last(\"5m\") > 1", "options": {"evaluation_delay": 45}});
    assert_eq!(series(&Rule::parse(&document).unwrap()).step_ms, Some(15_000));
}

#[test]
fn every_type_has_its_word() {
    for (kind, word) in Kind::ALL {
        assert_eq!(Kind::parse(word), Some(kind));
        assert_eq!(kind.as_str(), word);
    }
}

proptest::proptest! {
    /// Whatever is written, it is read or refused.
    #[test]
    fn reading_never_fails(
        kind in 0usize..11,
        parts in proptest::collection::vec(proptest::sample::select(PARTS.to_vec()), 0..14),
        threshold in proptest::sample::select(vec!["1", "\"2\"", "null", "{}", "-1e400", "[]"]),
    ) {
        let options = format!("{{\"thresholds\":{{\"critical\":{threshold},\"warning\":{threshold}}},\"renotify_interval\":{threshold}}}");
        let options: serde_json::Value = serde_json::from_str(&options).unwrap_or_default();
        let document = json!({"type": Kind::ALL[kind].1, "query": parts.concat(), "options": options});
        let _ = Rule::parse(&document);
    }
}

const PARTS: &[&str] = &[
    "avg",
    "(",
    ")",
    "last_5m",
    "change(",
    ":",
    "avg:m{*}",
    "sum:é{a:b}",
    ".as_count()",
    " by {host}",
    " / ",
    " > 5",
    ">=",
    "logs(",
    "\"a b\"",
    ".index(\"*\")",
    ".rollup(\"count\")",
    ".last(\"5m\")",
    ".by(\"x\")",
    "'",
    "\\",
    "&&",
    "||",
    "!",
    "123",
    "error_budget(\"a\")",
    ".over(\"7d\")",
    "burn_rate(",
    "formula(\"a\")",
    "anomalies(",
    ", 'basic', 2",
    "next_1w",
    "é",
    "99999999999999999999",
];

#[test]
fn options_that_nothing_acts_on_are_named() {
    let mut document = json!({
        "type": "metric alert",
        "query": "avg(last_5m):avg:my_metric{*} > 1",
        "options": {"locked": false, "restricted_roles": []},
    });
    assert!(Rule::parse(&document).unwrap().warnings.is_empty());
    document["options"] = json!({"locked": true, "restricted_roles": ["a"], "thresholds": {"critical": 1}});
    let warnings = Rule::parse(&document).unwrap().warnings;
    assert_eq!(warnings.len(), 2);
    assert!(warnings[1].starts_with("options.restricted_roles is kept"), "{warnings:?}");
}
