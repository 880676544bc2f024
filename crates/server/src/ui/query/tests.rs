//! Which charts show what is to come.

use super::*;

const HOUR_MS: i64 = 3_600_000;

#[test]
fn a_chart_that_ends_now_shows_half_as_much_ahead() {
    let now = 100 * HOUR_MS;
    let end = |from: i64, to: i64| with_future(TimeRange::new(from, to), now);
    assert_eq!(end(now - 4 * HOUR_MS, now), now + 2 * HOUR_MS);
    assert_eq!(end(now - HOUR_MS, now - 5_000), now - 5_000 + (HOUR_MS - 5_000) / 2, "asked a little late");
    assert_eq!(end(now - 4 * HOUR_MS, now - HOUR_MS), now - HOUR_MS, "the past stays the past");
    assert_eq!(end(now - HOUR_MS, now + 24 * HOUR_MS), now + 24 * HOUR_MS, "asked for the future by itself");
    assert_eq!(end(now, now), now);
}

#[test]
fn forecasts_are_found_in_queries_and_formulas() {
    let asked = |query: &str, formula: &str| {
        let body = serde_json::json!({
            "from_ms": 0, "to_ms": 1,
            "queries": [{ "name": "a", "data_source": "metrics", "query": query }],
            "formulas": [{ "formula": formula }],
        });
        serde_json::from_value::<Asked>(body).unwrap().tells_the_future()
    };
    assert!(asked("forecast(avg:disk{*}, 'linear', 2)", "a"));
    assert!(asked("avg:disk{*}", "forecast(a, 'linear', 2)"));
    assert!(!asked("avg:weather.forecast{*}", "a"));
}
