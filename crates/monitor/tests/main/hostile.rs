//! What people and programs may send: documents of monitors, downtimes, SLOs and recurrences with pieces cut out, doubled and swapped.
//! Reading ends in the thing or in reasons, never in a panic, and what was read can be asked. More cases: `PROPTEST_CASES=200000`.

use oriel_monitor::downtime::{self, Scope};
use oriel_monitor::recurrence::Recurrence;
use oriel_monitor::{Error, Rule, slo};
use proptest::prelude::*;
use serde_json::{Value, json};

const AT_MS: i64 = 1_700_003_580_000;

const QUERIES: &[(&str, &str)] = &[
    ("metric alert", "avg(last_5m):avg:my_metric{host:web-1} by {host} > 800"),
    ("query alert", "pct_change(avg(last_5m),last_10m):sum:a{env:p,!b:c}.as_count() < -2.5e3"),
    (
        "query alert",
        "avg(last_4h):anomalies(avg:m{*}, 'robust', 3, direction='above', alert_window='last_15m', interval=60) >= 0.5",
    ),
    (
        "query alert",
        "max(next_1w):forecast(avg:m{*} by {h}, 'linear', 1, interval='60m', history='1w') >= 70",
    ),
    ("query alert", "formula(\"a / b * 100\").last(\"15m\") > 5"),
    (
        "service check",
        "\"http.can_connect\".over(\"env:p\",\"x\").exclude(\"h:1\").by(\"host\",\"port\").last(4).count_by_status()",
    ),
    (
        "log alert",
        "logs(\"status:error @d:>5\").index(\"*\").rollup(\"pc95\", \"@duration\").by(\"a,@b\").last(\"5m\") > 5",
    ),
    ("trace-analytics alert", "trace-analytics(\"service:x\").rollup(\"count\").last(\"5m\") >= 1"),
    ("event-v2 alert", "events(\"source:x\").rollup(\"cardinality\", \"@u\").by(\"host\").last(\"1d\") > 5"),
    (
        "process alert",
        "processes(\"nginx*\").over(\"host:x\").by(\"host\").rollup(\"count\").last(\"5m\") < 1",
    ),
    ("composite", "(12 && !34) || 56"),
    ("slo alert", "burn_rate(\"abc\").over(\"30d\").long_window(\"1h\").short_window(\"5m\") > 14.4"),
    ("synthetics alert", "no_query"),
];

const PIECES: &[&str] = &[
    "(",
    ")",
    "{",
    "}",
    "\"",
    "'",
    ",",
    ":",
    ".",
    " ",
    ">",
    "<=",
    "!",
    "&&",
    "||",
    "\\",
    "é",
    "\u{0}",
    "-",
    "*",
    "99999999999999999999",
    "1e999",
    "NaN",
    "last_",
    "last_0m",
    "last_9999999mo",
    "by {",
    ".by(",
    ".last(",
    "avg(",
    "next_1w",
    "host:",
    "AND",
    "OR",
    "NOT ",
    "TO",
    "=",
    ";",
    "FREQ=",
    "COUNT=0",
    "INTERVAL=0",
    "BYDAY=53MO",
    "UNTIL=",
    "T",
    "Z",
    "0000-00-00",
];

/// Cuts, doubles or puts something in, some times.
fn spoil(text: &str, edits: &[(u8, usize, usize)]) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for &(kind, at, what) in edits {
        let at = at % (chars.len() + 1);
        match kind % 3 {
            0 => drop(chars.drain(at..(at + what % 8).min(chars.len()))),
            1 => chars.splice(at..at, PIECES[what % PIECES.len()].chars()).for_each(drop),
            _ => {
                let end = (at + what % 20).min(chars.len());
                let copy: Vec<char> = chars[at..end].to_vec();
                chars.splice(at..at, copy).for_each(drop);
            }
        }
    }
    chars.into_iter().collect()
}

fn edits() -> impl Strategy<Value = Vec<(u8, usize, usize)>> {
    prop::collection::vec((any::<u8>(), 0..400_usize, 0..400_usize), 0..8)
}

/// Values that options may bear, sensible or not.
fn odd() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        Just(json!("10")),
        Just(json!("-1")),
        Just(json!("1h")),
        Just(json!([])),
        Just(json!(["*"])),
        Just(json!(["host", 5, null])),
        Just(json!({})),
        Just(json!({"critical": "800", "warning": 1e308, "critical_recovery": -1e308})),
        Just(json!({"trigger_window": "last_15m", "recovery_window": "last_5m"})),
        "\\PC{0,12}".prop_map(Value::from),
    ]
}

const OPTIONS: &[&str] = &[
    "thresholds",
    "threshold_windows",
    "evaluation_delay",
    "new_group_delay",
    "new_host_delay",
    "notify_no_data",
    "no_data_timeframe",
    "on_missing_data",
    "require_full_window",
    "renotify_interval",
    "renotify_occurrences",
    "renotify_statuses",
    "timeout_h",
    "group_retention_duration",
    "notify_by",
    "groupby_simple_monitor",
    "min_failure_duration",
    "min_location_failed",
    "scheduling_options",
    "notification_preset_name",
    "variables",
    "silenced",
];

fn document() -> impl Strategy<Value = Value> {
    let options = prop::collection::vec((0..OPTIONS.len(), odd()), 0..6);
    (0..QUERIES.len(), 0..QUERIES.len(), edits(), options, odd()).prop_map(|(kind, query, edits, options, priority)| {
        let options: serde_json::Map<String, Value> =
            options.into_iter().map(|(name, value)| (OPTIONS[name].to_owned(), value)).collect();
        // Mostly a query of its type.
        let query = if edits.len() % 4 == 3 { query } else { kind };
        json!({
            "name": "m", "type": QUERIES[kind].0, "query": spoil(QUERIES[query].1, &edits), "message": "x", "tags": [], "options": options,
            "priority": priority,
        })
    })
}

fn has_reasons(error: &Error) -> bool {
    !matches!(error, Error::Invalid(reasons) if reasons.is_empty() || reasons.iter().any(String::is_empty))
}

proptest! {
    #[test]
    fn any_monitor_is_read_or_refused_with_reasons(document in document()) {
        match Rule::parse(&document) {
            Ok(rule) => {
                rule.share_key();
                rule.ask(AT_MS);
                rule.group_by();
            }
            Err(error) => prop_assert!(has_reasons(&error), "{document}"),
        }
    }

    #[test]
    fn any_scope_is_read_or_refused(edits in edits(), value in "\\PC{0,8}") {
        if let Ok(scope) = Scope::parse(&spoil("env:(staging OR prod*) AND NOT datacenter:us-east-1", &edits)) {
            scope.matches(&[("env".to_owned(), value)]);
        }
    }

    #[test]
    fn any_recurrence_is_read_or_refused_and_ends(rule in edits(), start in edits(), zone in 0..4_usize) {
        let rule = spoil("FREQ=WEEKLY;BYDAY=MO,WE;INTERVAL=2;UNTIL=20301231T000000Z", &rule);
        let start = spoil("2026-01-31T22:00", if start.len() > 6 { &start[6..] } else { &[] });
        let zone = ["UTC", "Europe/Paris", "America/New_York", "Mars/Base"][zone];
        if let Ok(recurrence) = Recurrence::parse(&rule, &start, zone) {
            let next = recurrence.next_after(AT_MS);
            prop_assert!(next.is_none_or(|at| at > AT_MS), "{rule} from {start}: {next:?}");
        }
    }

    #[test]
    fn any_downtime_and_objective_is_kept_or_refused(field in 0..8_usize, value in odd(), edits in edits()) {
        let mut body = json!({
            "scope": spoil("env:prod", &edits), "monitor_identifier": {"monitor_tags": ["*"]}, "message": "m",
            "schedule": {"timezone": "UTC", "recurrences": [{"rrule": spoil("FREQ=DAILY;INTERVAL=1", &edits), "duration": "1h", "start": "2026-01-01T00:00"}]},
        });
        let fields = ["scope", "monitor_identifier", "message", "schedule", "display_timezone", "notify_end_states", "mute_first_recovery_notification", "x"];
        body[fields[field]] = value.clone();
        if let Err(error) = downtime::validate(&body, AT_MS) {
            prop_assert!(has_reasons(&error), "{body}");
        }
        let mut body = json!({
            "name": "s", "type": "metric", "thresholds": [{"timeframe": "7d", "target": 99.9}],
            "query": {"numerator": spoil("sum:a{*}.as_count()", &edits), "denominator": "sum:b{*}.as_count()"},
        });
        let fields = ["name", "type", "thresholds", "query", "monitor_ids", "groups", "sli_specification", "tags"];
        body[fields[field]] = value;
        if let Err(error) = slo::validate(&body) {
            prop_assert!(has_reasons(&error), "{body}");
        }
    }
}
