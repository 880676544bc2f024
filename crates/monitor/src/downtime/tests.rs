//! Who is muted, why and until when; what ends owe; documents of both forms.

use super::*;
use crate::status::{Status, TransitionKind};
use serde_json::json;

const NOW: TimeMs = 1_780_000_000_000;
const HOUR: i64 = 3_600_000;

fn pairs(group: &str) -> Vec<(String, String)> {
    let pair = |p: &str| p.split_once(':').map(|(k, v)| (k.to_owned(), v.to_owned()));
    group.split(',').filter_map(pair).collect()
}

fn body(extra: Value) -> Value {
    let mut sent = json!({"scope": "*", "monitor_identifier": {"monitor_tags": ["*"]}});
    for (key, value) in extra.as_object().unwrap() {
        sent[key] = value.clone();
    }
    validate(&sent, NOW).unwrap()
}

fn read(bodies: &[Value]) -> Downtimes {
    let names: Vec<String> = (0..bodies.len()).map(|n| format!("d{n}")).collect();
    let (downtimes, problems) = Downtimes::read(names.iter().map(String::as_str).zip(bodies), Vec::new());
    assert_eq!(problems, [""; 0]);
    downtimes
}

fn subject(tags: &[String]) -> Subject<'_> {
    Subject { id: 7, tags, silenced: None }
}

#[test]
fn scopes_that_people_write() {
    let cases = [
        ("*", "host:a", true),
        ("*", "", true),
        ("", "host:a", true),
        ("env:prod", "env:prod,host:a", true),
        ("env:prod", "env:production", false),
        ("env:prod", "host:a", false),
        ("env:prod*", "env:production", true),
        ("host:*.example.com", "host:a.example.com", true),
        ("host:web-*-1", "host:web-eu-1", true),
        ("host:a*a", "host:a", false),
        ("env:(staging OR prod) AND datacenter:us-east-1", "env:prod,datacenter:us-east-1", true),
        ("env:(staging OR prod) AND datacenter:us-east-1", "env:dev,datacenter:us-east-1", false),
        ("env:prod,host:a", "env:prod,host:a", true),
        ("env:prod,host:a", "env:prod,host:b", false),
        ("env:prod host:a", "env:prod,host:b", false),
        ("env:prod OR host:b", "env:dev,host:b", true),
        ("NOT env:prod", "env:dev", true),
        ("-env:prod", "env:prod", false),
        ("!env:prod AND host:a", "env:dev,host:a", true),
        ("NOT (env:prod OR env:dev)", "env:dev", false),
        ("a:1 OR b:2 AND c:3", "a:1", true),
        ("a:1 OR b:2 AND c:3", "b:2", false),
        ("url:\"a b:(c)\"", "url:a b:(c)", true),
        ("host:10.0.0.1:8080", "host:10.0.0.1:8080", true),
    ];
    for (scope, group, wanted) in cases {
        assert_eq!(Scope::parse(scope).unwrap().matches(&pairs(group)), wanted, "{scope:?} of {group:?}");
    }
    for wrong in ["env", "env:", "env:(a", "(env:a", "env:a)", "AND", "env:a OR", "env:\"a", ":x"] {
        assert!(Scope::parse(wrong).is_err(), "{wrong:?}");
    }
}

#[test]
fn a_downtime_mutes_what_it_names_while_it_lasts() {
    let end = end_of(NOW + HOUR);
    let downtimes = read(&[
        body(
            json!({"scope": "env:prod", "monitor_identifier": {"monitor_tags": ["team:a", "tier:*"]}, "schedule": {"end": end}}),
        ),
        body(json!({"monitor_identifier": {"monitor_id": 8}})),
    ]);
    let tags = ["team:a".to_owned(), "tier:1".to_owned()];
    let group = pairs("env:prod,host:a");
    let muted = downtimes.muted(&subject(&tags), &group, NOW).unwrap();
    assert_eq!((muted.downtime.as_deref(), muted.until_ms), (Some("d0"), Some(NOW + HOUR)));
    assert_eq!(muted.reason, "downtime d0 for env:prod");
    assert_eq!(downtimes.muted(&subject(&tags[..1]), &group, NOW), None);
    assert_eq!(downtimes.muted(&subject(&tags), &pairs("env:dev"), NOW), None);
    assert_eq!(downtimes.muted(&subject(&tags), &group, NOW - 1), None);
    assert_eq!(downtimes.muted(&subject(&tags), &group, NOW + HOUR), None);
    let other = Subject { id: 8, ..subject(&tags) };
    assert_eq!(downtimes.muted(&other, &[], NOW).unwrap().until_ms, None);
}

fn end_of(ms: TimeMs) -> String {
    document::iso(ms)
}

#[test]
fn options_and_hosts_mute_too() {
    let silenced = json!({"host:a": (NOW + HOUR) / 1000, "host:b": null, "host:c": (NOW - HOUR) / 1000});
    let tags = [];
    let monitor = Subject { silenced: Some(&silenced), ..subject(&tags) };
    let (downtimes, _) = Downtimes::read([], vec![("d".to_owned(), None), ("e".to_owned(), Some(NOW))]);
    let at = |host: &str| downtimes.muted(&monitor, &pairs(host), NOW);
    assert_eq!(at("host:a").unwrap().until_ms, Some(NOW + HOUR));
    assert_eq!(at("host:b").unwrap().until_ms, None);
    assert_eq!(at("host:c"), None);
    assert_eq!(at("host:d").unwrap().reason, "host d is muted");
    assert_eq!(at("host:e"), None);
}

#[test]
fn the_recovery_of_what_began_before_is_told() {
    let downtimes = read(&[body(json!({})), body(json!({"mute_first_recovery_notification": true}))]);
    let plain = downtimes.all()[0].muted(downtimes.all()[0].span_at(NOW).unwrap());
    let (recovery, alert) = (TransitionKind::AlertRecovery, TransitionKind::Alert);
    assert!(!plain.keeps_back(recovery, Some(NOW - 1)));
    assert!(plain.keeps_back(recovery, Some(NOW)));
    assert!(plain.keeps_back(recovery, None));
    assert!(plain.keeps_back(alert, Some(NOW - 1)));
    let first = downtimes.all()[1].muted(downtimes.all()[1].span_at(NOW).unwrap());
    assert!(first.keeps_back(recovery, Some(NOW - 1)));
    // Of two that overlap, one that mutes first recoveries is enough, whichever lasts longer.
    let both = downtimes.muted(&subject(&[]), &[], NOW).unwrap();
    assert!(both.keeps_back(recovery, Some(NOW - 1)));
}

#[test]
fn what_began_under_a_downtime_that_overlaps_is_not_told_as_recovered() {
    let later = body(json!({"schedule": {"start": end_of(NOW + HOUR), "end": end_of(NOW + 5 * HOUR)}}));
    let sooner = body(json!({"schedule": {"start": end_of(NOW), "end": end_of(NOW + 3 * HOUR)}}));
    let downtimes = read(&[later, sooner]);
    let both = downtimes.muted(&subject(&[]), &[], NOW + 2 * HOUR).unwrap();
    assert_eq!(both.until_ms, Some(NOW + 5 * HOUR));
    assert!(both.keeps_back(TransitionKind::AlertRecovery, Some(NOW + HOUR / 2)));
    assert!(!both.keeps_back(TransitionKind::AlertRecovery, Some(NOW - 1)));
}

#[test]
fn whoever_is_still_in_trouble_when_it_ends_is_told() {
    let end = end_of(NOW + HOUR);
    let once = body(json!({"scope": "host:a", "schedule": {"end": end}}));
    let tags = [];
    let monitor = subject(&tags);
    let group = pairs("host:a");
    let range = TimeRange::new(NOW, NOW + 2 * HOUR);
    let downtimes = read(std::slice::from_ref(&once));
    let ended = downtimes.ended(range);
    assert_eq!((ended.len(), ended[0].at_ms, ended[0].kind), (1, NOW + HOUR, EndKind::Expired));
    let owed = |status| ended[0].owes(&downtimes, &monitor, &group, status);
    assert_eq!(owed(Status::Alert), Some(TransitionKind::Alert));
    assert_eq!(owed(Status::Warn), Some(TransitionKind::Warning));
    assert_eq!(owed(Status::NoData), Some(TransitionKind::NoData));
    assert_eq!(owed(Status::Ok), None);
    assert_eq!(ended[0].owes(&downtimes, &monitor, &pairs("host:b"), Status::Alert), None);
    // Another downtime that goes on keeps it back.
    let both = read(&[once.clone(), body(json!({}))]);
    let ended = both.ended(range);
    assert_eq!(ended[0].owes(&both, &monitor, &group, Status::Alert), None);
    // Cancelled by hand: only told where the downtime says so.
    let mut cancelled = once;
    cancelled["canceled"] = json!(end_of(NOW + 60_000));
    let quiet = read(std::slice::from_ref(&cancelled));
    let ended = quiet.ended(range);
    assert_eq!((ended.len(), ended[0].at_ms, ended[0].kind), (1, NOW + 60_000, EndKind::Canceled));
    assert_eq!(ended[0].owes(&quiet, &monitor, &group, Status::Alert), None);
    cancelled["notify_end_types"] = json!(["expired", "canceled"]);
    let loud = read(&[cancelled]);
    assert_eq!(
        loud.ended(range)[0].owes(&loud, &monitor, &group, Status::Alert),
        Some(TransitionKind::Alert)
    );
}

#[test]
fn a_recurring_downtime_comes_and_goes() {
    let schedule = json!({"timezone": "UTC", "recurrences": [
        {"rrule": "FREQ=DAILY", "duration": "1h", "start": "2026-01-01T22:00"},
        {"rrule": "FREQ=DAILY", "duration": "30m", "start": "2026-01-01T22:45"}]});
    let downtimes = read(&[body(json!({"schedule": schedule}))]);
    let one = &downtimes.all()[0];
    let at = |text: &str| text.parse::<jiff::Timestamp>().unwrap().as_millisecond();
    assert!(one.span_at(at("2026-05-28T21:59:59Z")).is_none());
    assert_eq!(one.span_at(at("2026-05-28T22:30:00Z")).unwrap().end_ms, Some(at("2026-05-28T23:00:00Z")));
    assert_eq!(one.span_at(at("2026-05-28T22:50:00Z")).unwrap().end_ms, Some(at("2026-05-28T23:15:00Z")));
    assert!(one.span_at(at("2026-05-28T23:15:00Z")).is_none());
    // One end a day: the first span ends inside the second.
    let day = TimeRange::new(at("2026-05-28T00:00:00Z"), at("2026-05-29T00:00:00Z"));
    assert_eq!(
        downtimes.ended(day).iter().map(|e| e.at_ms).collect::<Vec<_>>(),
        [at("2026-05-28T23:15:00Z")]
    );
    let next = next_windows(one, at("2026-05-28T22:10:00Z"), 3);
    let starts: Vec<TimeMs> = next.iter().map(|s| s.start_ms).collect();
    assert_eq!(starts, [at("2026-05-28T22:00:00Z"), at("2026-05-28T22:45:00Z"), at("2026-05-29T22:00:00Z")]);
    assert_eq!(phase(one, at("2026-05-28T22:10:00Z")), Phase::Active);
    assert_eq!(phase(one, at("2026-05-28T12:00:00Z")), Phase::Scheduled);
}

#[test]
fn what_is_wrong_with_a_downtime_is_named() {
    let cases = [
        (json!({}), "scope is missing"),
        (json!({"scope": "env:("}), "monitor_identifier is missing"),
        (json!({"scope": "env:(", "monitor_identifier": {"monitor_id": 1}}), "scope: scope: found"),
        (json!({"scope": "*", "monitor_identifier": {"monitor_id": "x"}}), "monitor_id is a number"),
        (json!({"scope": "*", "monitor_identifier": {"monitor_tags": []}}), "at least one tag"),
        (
            json!({"scope": "*", "monitor_identifier": {"monitor_id": 1}, "colour": 1}),
            "colour is not a field",
        ),
        (
            json!({"scope": "*", "monitor_identifier": {"monitor_id": 1}, "notify_end_states": ["ok"]}),
            "\"ok\" is not one of its words",
        ),
        (
            json!({"scope": "*", "monitor_identifier": {"monitor_id": 1}, "schedule": {"start": "2026-01-02T00:00:00Z", "end": "2026-01-01T00:00:00Z"}}),
            "end must come after start",
        ),
        (
            json!({"scope": "*", "monitor_identifier": {"monitor_id": 1}, "schedule": {"recurrences": [{"rrule": "FREQ=DAILY", "duration": "soon"}]}}),
            "duration \"soon\"",
        ),
        (
            json!({"scope": "*", "monitor_identifier": {"monitor_id": 1}, "display_timezone": "Mars"}),
            "timezone \"Mars\"",
        ),
    ];
    for (sent, wanted) in cases {
        let told = validate(&sent, NOW).unwrap_err().to_string();
        assert!(told.contains(wanted), "{told:?} does not say {wanted:?}");
    }
}

#[test]
fn an_update_changes_what_it_names() {
    let was = body(json!({"scope": "env:prod", "message": "deploy"}));
    let now = merge(&was, &json!({"scope": "env:dev", "message": null}), NOW + 1).unwrap();
    assert_eq!(now["scope"], "env:dev");
    assert_eq!(now["message"], Value::Null);
    assert_eq!(now["schedule"], was["schedule"]);
    let ended = merge(&was, &json!({"schedule": {"end": end_of(NOW + HOUR)}}), NOW + 60_000).unwrap();
    assert_eq!(ended["schedule"], json!({"start": was["schedule"]["start"], "end": end_of(NOW + HOUR)}));
}

#[test]
fn the_older_form_goes_both_ways() {
    let sent = json!({"scope": ["env:prod", "host:a"], "monitor_id": 7, "start": NOW / 1000, "end": NOW / 1000 + 3600,
        "timezone": "Europe/Berlin", "recurrence": {"type": "weeks", "period": 1, "week_days": ["Mon", "Fri"]}});
    let body = validate(&of_legacy(&sent, None, NOW).unwrap(), NOW).unwrap();
    let rule = &body["schedule"]["recurrences"][0];
    assert_eq!(
        (rule["rrule"].as_str().unwrap(), rule["duration"].as_str().unwrap()),
        ("FREQ=WEEKLY;INTERVAL=1;BYDAY=MO,FR", "3600s")
    );
    let read = Downtime::read("abc", &body).unwrap();
    let shown = legacy(&read, &body, NOW);
    assert_eq!(shown["scope"], json!(["env:prod", "host:a"]));
    assert_eq!(shown["monitor_id"], 7);
    for field in ["recurrence", "start", "end", "timezone"] {
        assert_eq!(shown[field], sent[field], "{field}");
    }
    // The newer form shows none of it.
    let new = attributes(&body, &read, (NOW, NOW), NOW);
    assert_eq!(new["schedule"]["recurrences"][0].as_object().unwrap().len(), 3, "{new}");
    // A change of the end alone keeps the recurrence, and `null` ends it.
    let later = of_legacy(&json!({"end": NOW / 1000 + 7200}), Some(&body), NOW).unwrap();
    let later = merge(&body, &later, NOW).unwrap();
    assert_eq!(later["schedule"]["recurrences"][0]["duration"], "7200s");
    assert_eq!(
        legacy(&Downtime::read("abc", &later).unwrap(), &later, NOW)["recurrence"],
        sent["recurrence"]
    );
    let ended = of_legacy(&json!({"recurrence": null}), Some(&body), NOW).unwrap();
    assert_eq!(ended["schedule"], json!({"start": end_of(NOW), "end": end_of(NOW + HOUR)}));
    // A shell writes text; what is no time is refused, not taken for now.
    let text =
        json!({"scope": "*", "start": (NOW / 1000 + 60).to_string(), "end": (NOW / 1000 + 120).to_string()});
    let text = validate(&of_legacy(&text, None, NOW).unwrap(), NOW).unwrap();
    assert_eq!(text["schedule"], json!({"start": end_of(NOW + 60_000), "end": end_of(NOW + 120_000)}));
    for wrong in [json!("soon"), json!(i64::MAX), json!([1])] {
        let told = of_legacy(&json!({"scope": "*", "end": wrong}), None, NOW).unwrap_err().to_string();
        assert!(told.contains("end: "), "{told}");
    }
    assert_eq!(shown["id"], legacy_id("abc"));
    // A change of the end keeps the start.
    let once =
        validate(&of_legacy(&json!({"scope": "*", "start": NOW / 1000}), None, NOW).unwrap(), NOW).unwrap();
    let longer = of_legacy(&json!({"end": NOW / 1000 + 60}), Some(&once), NOW + 5_000).unwrap();
    let span = Downtime::read("x", &merge(&once, &longer, NOW).unwrap()).unwrap().span_at(NOW).unwrap();
    assert_eq!(span, Span { start_ms: NOW, end_ms: Some(NOW + 60_000) });
}
