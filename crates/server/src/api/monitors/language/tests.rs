//! Each field of the search language, what it finds and what it does not; mistakes are told.

use super::*;
use crate::api::monitors::live::{Counts, Muted};

fn entry() -> Entry {
    let mut entry = Entry {
        id: 42,
        name: "CPU of web is high".into(),
        kind: "query alert".into(),
        query: "avg(last_5m):avg:system.cpu.user{env:prod} by {host} > 90".into(),
        message: "Look at it @slack-ops".into(),
        tags: vec!["env:prod".into(), "team:Blue".into(), "plain".into()],
        priority: Some(2),
        creator: "Ann".into(),
        handles: vec!["@slack-ops".into()],
        metrics: vec!["system.cpu.user".into()],
        scopes: vec!["env:prod".into()],
        ..Entry::default()
    };
    entry.text =
        [entry.name.as_str(), &entry.query, &entry.tags.join("\n"), &entry.message].join("\n").to_lowercase();
    entry
}

fn live() -> Live {
    Live {
        status: Status::NoData,
        groups: Counts { alert: 1, ok: 3, no_data: 1, ..Counts::default() },
        muted: Some(Muted::default()),
        ..Live::default()
    }
}

#[track_caller]
fn check(text: &str, expected: bool) {
    let search = Search::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
    assert_eq!(search.matches(&entry(), &live()), expected, "{text}: {search:?}");
}

#[test]
fn each_field_finds() {
    for text in [
        "",
        "cpu",
        "CPU web",
        "\"web is high\"",
        "sys*user",
        "status:\"No Data\"",
        "status:no_data",
        "status:(alert OR \"no data\")",
        "group_status:alert",
        "type:metric",
        "type:\"query alert\"",
        "tag:\"env:prod\"",
        "tag:env:prod",
        "tag:env:*",
        "tag:plain",
        "env:prod",
        "team:blue",
        "muted:true",
        "notification:slack-ops",
        "notification:@slack-ops",
        "notification:slack-*",
        "creator:ann",
        "id:42",
        "id:(1 OR 42)",
        "title:web",
        "message:look",
        "metric:system.cpu.user",
        "metric:system.*",
        "scope:env:prod",
        "priority:2",
        "priority:p2",
        "-status:ok",
        "NOT status:ok AND cpu",
        "(nothing OR cpu) muted:true",
        "draft_status:published",
        "nothing OR cpu web",
        "42",
        "muted: true status: \"No Data\"",
        "c?u",
        "title:c?u*",
        "metric:system.cpu.use?",
        "status:nod?t*",
    ] {
        check(text, true);
    }
}

#[test]
fn each_field_does_not_find() {
    for text in [
        "disk",
        "\"high web\"",
        "status:alert",
        "group_status:warn",
        "type:log",
        "tag:\"env:pro\"",
        "tag:env",
        "43",
        "\"c?u\"",
        "metric:system.cpu.use??",
        "env:pro",
        "muted:false",
        "notification:slack",
        "creator:bob",
        "id:4",
        "title:slack",
        "metric:system",
        "priority:1",
        "-cpu",
        "-(cpu OR disk)",
        "cpu AND disk",
        "disk OR (cpu type:log)",
        "draft_status:draft",
    ] {
        check(text, false);
    }
}

#[test]
fn groups_are_chosen_by_what_is_about_groups() {
    for (text, alert, ok) in [
        ("cpu", true, true),
        ("cpu group_status:alert", true, false),
        ("-group_status:alert", false, true),
        ("group_status:(alert OR ok)", true, true),
        ("group:web-1", true, false),
        ("-group:web-1 cpu", false, true),
        ("group_status:ok group:web-1", false, false),
    ] {
        let search = Search::parse(text).unwrap();
        let found =
            (search.matches_group("host:Web-1", Status::Alert), search.matches_group("host:db", Status::Ok));
        assert_eq!(found, (alert, ok), "{text}");
    }
    check("group:anything cpu", true);
    check("-group:anything cpu", true);
}

#[test]
fn mistakes_are_told() {
    for (text, told) in [
        ("(cpu", "does not close"),
        ("cpu)", "did not open"),
        ("\"cpu", "a quote is open"),
        ("NOT", "a word was expected"),
        ("title:\"a", "a quote is open"),
    ] {
        let error = Search::parse(text).unwrap_err();
        assert!(error.contains(told), "{text}: {error}");
    }
    assert!(Search::parse(&"(".repeat(1000)).unwrap_err().contains("deep"));
    assert!(Search::parse(&"a ".repeat(1000)).unwrap_err().contains("terms"));
}

#[test]
fn any_text_is_read_without_a_panic() {
    for text in [
        "::", "a:", ":a", "é:ü*", "a:(", "-", "--a", "a:-b", "()", "a::b", "a:\"\\", "\"\\", "OR OR", "*",
        "a:*:b",
    ] {
        let _ = Search::parse(text).map(|s| s.matches(&entry(), &live()));
    }
}
