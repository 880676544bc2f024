//! What is derived from a monitor's document for lists and searches.

use super::*;
use serde_json::json;

fn entry(query: &str, message: &str) -> Entry {
    let body = json!({"name": "n", "type": "query alert", "query": query, "message": message});
    Entry::of(&Monitor { id: 1, body, author: "me".into(), created_ms: 0, modified_ms: 0 })
}

#[test]
fn handles_are_words_that_begin_with_an_at() {
    let message = "{{#is_alert}}up @oncall@example.com, @slack-ops. (@pagerduty-x) {{@http.url}} a@b.c \
                   @slack-{{service.name}} @slack-ops{{/is_alert}}";
    let expected = ["@oncall@example.com", "@slack-ops", "@pagerduty-x", "@slack"];
    assert_eq!(entry("", message).handles, expected);
}

#[test]
fn metrics_and_scopes_are_read_from_the_query() {
    let found = entry(
        "avg(last_5m):anomalies(avg:a.b{host:x,env:prod} by {host}, 'basic', 2) / sum:c_d{*}.as_count() > 1",
        "",
    );
    assert_eq!(found.metrics, ["a.b", "c_d"]);
    assert_eq!(found.scopes, ["host:x", "env:prod", "*"]);
    assert_eq!(found.kinds().collect::<Vec<_>>(), ["query alert", "metric", "anomaly"]);
}
