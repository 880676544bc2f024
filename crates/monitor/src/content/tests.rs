//! What notices say: words, links, tables, presets, evidence, and that values never become markup.

use super::{Content, Member, Setting, render};
use crate::Result;
use crate::notice::{Notice, Window};
use crate::source::{Difference, Source};
use crate::status::{Status, Transition, TransitionKind};
use oriel_model::{Core, Frame, FrameSeries, Kind, OrgId, Row, ServiceCheck, Signal, TimeRange};
use oriel_query::{Outcome, Request};
use parking_lot::Mutex;
use serde_json::{Value, json};

const AT: i64 = 1_767_225_600_000;
const LONG: &str = "see <img src=x onerror=alert(1)> [click](https://evil.example) @pagerduty-all";

/// Answers with a line per host, and notes what is asked.
#[derive(Default)]
pub(crate) struct Fake {
    pub(crate) asked: Mutex<Vec<String>>,
}

impl Source for Fake {
    fn run(&self, _: OrgId, request: &Request) -> Result<Vec<Outcome>> {
        self.asked.lock().push(format!("run {}..{}", request.range.start - AT, request.range.end - AT));
        let times: Vec<i64> = (0..60).map(|n| request.range.start + n * 60_000).collect();
        let series = ["web-1", "web-2"].map(|host| FrameSeries {
            name: "m".to_owned(),
            expression: "avg:m".to_owned(),
            scope: format!("host:{host}"),
            group: vec![("host".to_owned(), host.to_owned())],
            aggregator: "avg".to_owned(),
            kind: Kind::Gauge,
            values: times.iter().map(|t| (*t % 7) as f64).collect(),
            band: None,
            outlier: None,
        });
        let frame = Frame { times, step_ms: 60_000, series: series.to_vec(), ..Frame::default() };
        Ok(vec![Outcome { name: "query".to_owned(), text: "m".to_owned(), result: Ok(frame) }])
    }

    fn check_runs(&self, _: OrgId, check: &str, _: TimeRange) -> Result<Vec<ServiceCheck>> {
        Ok(vec![ServiceCheck {
            time_ms: AT - 1000,
            check: check.to_owned(),
            host: "web-1".to_owned(),
            status: oriel_model::CheckStatus::Critical,
            message: "no route".to_owned(),
            tags: Vec::new(),
        }])
    }

    fn rows(
        &self,
        _: OrgId,
        (signal, search): (Signal, &str),
        range: TimeRange,
        _: usize,
    ) -> Result<Vec<Row>> {
        let (from, to) = (range.start - AT, range.end - AT);
        self.asked.lock().push(format!("{} {search} {from}..{to}", signal.as_str()));
        let mut row = Row::new(AT * 1_000_000);
        row.set_text(Core::Message, LONG);
        row.set_text(Core::Service, "shop");
        row.set_attribute(oriel_model::Field::attr("http.code"), oriel_model::Value::Int(503));
        Ok(vec![row])
    }

    fn differences(
        &self,
        _: OrgId,
        _: (Signal, &str),
        _: TimeRange,
        _: TimeRange,
    ) -> Result<Vec<Difference>> {
        let of = |field: &str, now, before| Difference {
            field: field.to_owned(),
            value: "v<2>".to_owned(),
            now,
            before,
        };
        Ok(vec![of("version", 0.9, 0.1), of("noise", 0.31, 0.3)])
    }

    fn host(&self, _: OrgId, name: &str) -> Option<Value> {
        Some(json!({ "ip": "192.0.2.7", "platform": format!("linux of {name}") }))
    }
}

pub(crate) fn notice(kind: TransitionKind, from: Status, to: Status, body: Value) -> Notice {
    let transition =
        Transition { at_ms: AT, group: "host:web-1".into(), from, to, kind, value: Some(12.5), tells: true };
    Notice {
        key: Notice::key_of(OrgId(1), 7, &transition),
        org: 1,
        monitor: 7,
        transition,
        tags: vec![("host".to_owned(), "web-1".to_owned())],
        window: Window { start_ms: AT - 300_000, end_ms: AT },
        triggered_ms: Some(AT - 600_000),
        last_triggered_ms: Some(AT - 60_000),
        folded: Vec::new(),
        folded_total: 0,
        body,
    }
}

pub(crate) fn metric(message: &str) -> Value {
    json!({
        "name": "busy {{host.name}}", "type": "metric alert", "message": message, "tags": ["team:shop"], "priority": 3,
        "query": "avg(last_5m):avg:m{*} by {host} > 10",
        "options": { "thresholds": { "critical": 10, "critical_recovery": 8 } },
    })
}

fn told(notice: &Notice, source: &Fake) -> (Content, Option<Vec<u8>>) {
    let setting = Setting {
        source,
        base_url: "https://oriel.example",
        token: "t".repeat(32),
        has_evidence: true,
        picture: Default::default(),
        members: Vec::new(),
    };
    render(notice, &setting)
}

fn alert(message: &str) -> Content {
    told(&notice(TransitionKind::Alert, Status::Ok, Status::Alert, metric(message)), &Fake::default()).0
}

#[test]
fn an_alert_holds_value_group_chart_rows_differences_and_a_frozen_link() {
    let source = Fake::default();
    let facts = notice(TransitionKind::Alert, Status::Ok, Status::Alert, metric("{{value}} {{host.ip}}"));
    let (content, chart) = told(&facts, &source);
    assert_eq!(content.subject, "[Triggered] busy web-1 on {host:web-1}");
    assert_eq!(content.message, "12.5 192.0.2.7");
    assert_eq!(content.comparison.as_deref(), Some("12.5 > 10"));
    assert!(chart.unwrap().starts_with(b"\x89PNG"));
    assert!(content.html.contains(&format!("cid:{}", content.chart_cid())));
    // A difference of a percent point is chance.
    assert_eq!(content.differences.len(), 1);
    assert!(content.text.contains("version:v<2>  90 % (before 10 %)"), "{}", content.text);
    assert!(content.html.contains("v&lt;2&gt;"));
    let asked = source.asked.lock().clone();
    assert_eq!(asked, ["run -1800000..0", "logs status:error host:\"web-1\" -300000..0"]);
    let link = url::Url::parse(&content.link).unwrap();
    let of = |name: &str| link.query_pairs().find(|(k, _)| k == name).unwrap().1.into_owned();
    assert_eq!((of("group"), of("notice")), ("host:web-1".to_owned(), content.key.clone()));
    let (from, at, to): (i64, i64, i64) =
        (of("from_ms").parse().unwrap(), of("at").parse().unwrap(), of("to_ms").parse().unwrap());
    assert!(from < AT - 300_000 && at == AT && to > AT);
    let url = content.chart_url.clone().unwrap();
    assert_eq!(url, format!("https://oriel.example/snapshot/1-{}-{}.png", content.key, "t".repeat(32)));
    assert!(content.page_html().contains(&url) && !content.page_html().contains("cid:"));
    // Kept as JSON and read again, it is the same.
    let kept: Content = serde_json::from_str(&serde_json::to_string(&content).unwrap()).unwrap();
    assert_eq!(kept, content);
}

#[test]
fn each_transition_has_its_word_and_one_episode_its_cycle() {
    use TransitionKind as K;
    let cases = [
        (K::Alert, Status::Ok, Status::Alert, "Triggered"),
        (K::Warning, Status::Ok, Status::Warn, "Warn"),
        (K::AlertRecovery, Status::Alert, Status::Ok, "Recovered"),
        (K::NoData, Status::Ok, Status::NoData, "No Data"),
        (K::NoDataRecovery, Status::NoData, Status::Ok, "Recovered"),
        (K::Renotify, Status::Alert, Status::Alert, "Re-Triggered"),
        (K::Renotify, Status::Warn, Status::Warn, "Re-Warn"),
        (K::Renotify, Status::NoData, Status::NoData, "Re-No Data"),
        (K::Unknown, Status::Ok, Status::Unknown, "Unknown"),
    ];
    let mut cycles = std::collections::BTreeSet::new();
    let mut keys = std::collections::BTreeSet::new();
    for (kind, from, to, word) in cases {
        let (content, _) = told(&notice(kind, from, to, metric("m")), &Fake::default());
        assert_eq!(content.word, word);
        assert!(content.subject.starts_with(&format!("[{word}] ")));
        cycles.insert(content.cycle);
        keys.insert(content.key);
    }
    assert_eq!(cycles.len(), 1);
    assert_eq!(keys.len(), cases.len());
}

#[test]
fn a_renotice_is_told_with_the_escalation() {
    let mut body = metric("{{#is_alert}}first{{/is_alert}}");
    body["options"]["escalation_message"] = json!("still {{value}} @pagerduty-shop");
    let again = notice(TransitionKind::Renotify, Status::Alert, Status::Alert, body.clone());
    let (content, _) = told(&again, &Fake::default());
    assert_eq!(content.message, "still 12.5 @pagerduty-shop\n\nfirst");
    assert_eq!(content.handles, ["@pagerduty-shop"]);
    let (content, _) =
        told(&notice(TransitionKind::Alert, Status::Ok, Status::Alert, body), &Fake::default());
    assert_eq!((content.message.as_str(), content.handles.len()), ("first", 0));
}

#[test]
fn a_log_monitor_shows_its_rows_and_their_values_are_data() {
    let body = json!({
        "name": "errors", "type": "log alert", "options": { "thresholds": { "critical": 10 } },
        "query": "logs(\"service:shop OR service:cart\").index(\"*\").rollup(\"count\").by(\"host\").last(\"5m\") > 10",
        "message": "{{log.message}} code {{log.attributes.http.code}} none {{log.attributes.x}} {{span.name}} @slack-ops",
    });
    let source = Fake::default();
    let (content, _) = told(&notice(TransitionKind::Alert, Status::Ok, Status::Alert, body), &source);
    assert_eq!(content.message, format!("{LONG} code 503 none n/a ⚠{{{{span.name}}}} @slack-ops"));
    // A log line pages nobody, brings no markup and no link.
    assert_eq!(content.handles, ["@slack-ops"]);
    assert!(
        !content.html.contains("<img src=x") && !content.html.contains("href=\"https://evil"),
        "{}",
        content.html
    );
    assert_eq!(content.logs.len(), 1);
    let asked = source.asked.lock().clone();
    assert!(
        asked.contains(&"logs (service:shop OR service:cart) host:\"web-1\" -300000..0".to_owned()),
        "{asked:?}"
    );
}

#[test]
fn presets_leave_out_what_they_say() {
    let with = |preset: &str| {
        let mut body = metric("busy @slack-ops");
        body["options"]["notification_preset_name"] = json!(preset);
        told(&notice(TransitionKind::Alert, Status::Ok, Status::Alert, body), &Fake::default()).0
    };
    let all = with("show_all");
    assert!(all.text.contains("Query: avg(last_5m)") && all.text.contains("Notified: @slack-ops"));
    assert!(!with("hide_query").text.contains("avg(last_5m)"));
    let hidden = with("hide_handles");
    assert!(!hidden.text.contains("@slack-ops") && hidden.handles == ["@slack-ops"], "told, and not shown");
    let bare = with("hide_all");
    assert!(bare.text.trim().ends_with("busy") && !bare.has_chart && bare.logs.is_empty());
    let picture = with("show_only_snapshot");
    assert!(picture.has_chart && !picture.text.contains("Status:"));
}

#[test]
fn a_recovery_says_the_threshold_that_it_passed_and_tags_can_be_left_out_of_the_subject() {
    let mut body = metric("m");
    body["options"]["include_tags"] = json!(false);
    let mut over = notice(TransitionKind::AlertRecovery, Status::Alert, Status::Ok, body);
    over.transition.value = Some(5.0);
    let (content, _) = told(&over, &Fake::default());
    assert_eq!(content.subject, "[Recovered] busy web-1");
    assert_eq!(content.comparison.as_deref(), Some("5 (threshold > 8)"));
    assert!(content.differences.is_empty(), "what is over needs no search for causes");
}

#[test]
fn a_tag_that_monitor_and_group_share_is_said_once() {
    let mut body = metric("m");
    body["tags"] = json!(["team:shop", "host:web-1"]);
    let (content, _) =
        told(&notice(TransitionKind::Alert, Status::Ok, Status::Alert, body), &Fake::default());
    assert_eq!(content.tags, ["team:shop", "host:web-1"]);
}

#[test]
fn a_check_tells_its_message_and_a_composite_its_members() {
    let check = json!({
        "name": "up", "type": "service check", "message": "{{check_message}}", "options": { "thresholds": { "critical": 1 } },
        "query": "\"http.can_connect\".over(\"*\").by(\"host\").last(2).count_by_status()",
    });
    let (content, chart) =
        told(&notice(TransitionKind::Alert, Status::Ok, Status::Alert, check), &Fake::default());
    assert_eq!(content.message, "no route");
    assert!(chart.is_some());
    let composite = json!({ "name": "both", "type": "composite", "query": "11 && 22", "message": "{{a.value}} {{b.status}} {{b.name}} {{c.value}}" });
    let member =
        |id, name: &str, status, value| Member { id, name: name.to_owned(), status, value, rule: None };
    let setting = Setting {
        source: &Fake::default(),
        base_url: "https://oriel.example",
        token: String::new(),
        has_evidence: true,
        picture: Default::default(),
        members: vec![member(11, "one", Status::Alert, Some(3.0)), member(22, "two", Status::Warn, None)],
    };
    let (content, chart) =
        render(&notice(TransitionKind::Alert, Status::Ok, Status::Alert, composite), &setting);
    assert_eq!(content.message, "3 Warn two ⚠{{c.value}}");
    assert!(chart.unwrap().starts_with(b"\x89PNG"), "bands of its members");
}

#[test]
fn a_message_has_no_needless_blank_lines() {
    assert_eq!(alert("\n\na\n\n\n\nb  \n").message, "a\n\nb");
    assert_eq!(alert("").message, "");
}
