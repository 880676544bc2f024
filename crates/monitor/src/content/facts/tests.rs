//! What messages are told of hosts, rows, SLOs and members.

use super::scope_of;
use crate::content::tests::{Fake, notice};
use crate::content::{Member, Setting, render};
use crate::rule::Rule;
use crate::source::{Difference, Source};
use crate::status::{Status, TransitionKind};
use oriel_model::{OrgId, Row, ServiceCheck, Signal, TimeRange};
use oriel_query::{Outcome, Request};
use serde_json::{Value, json};

#[test]
fn filters_fix_what_is_plain() {
    let pairs = |query| scope_of(query).into_iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>();
    assert_eq!(pairs("avg(last_5m):avg:m{host:web-1,env:prod} by {dc} > 1"), ["host=web-1", "env=prod"]);
    assert_eq!(pairs("avg(last_5m):avg:m{host:web-* AND !env:a} > 1"), Vec::<String>::new());
    assert_eq!(pairs("avg(last_5m):avg:m{host:a OR host:b} > 1"), Vec::<String>::new());
    assert_eq!(
        pairs("logs(\"service:web status:error -env:dev\").index(\"*\").rollup(\"count\").last(\"5m\") > 5"),
        ["service=web", "status=error"]
    );
}

/// Knows a host as agents describe themselves.
struct Hosts(Fake);

impl Source for Hosts {
    fn run(&self, org: OrgId, request: &Request) -> crate::Result<Vec<Outcome>> {
        self.0.run(org, request)
    }

    fn check_runs(&self, org: OrgId, check: &str, range: TimeRange) -> crate::Result<Vec<ServiceCheck>> {
        self.0.check_runs(org, check, range)
    }

    fn rows(
        &self,
        org: OrgId,
        search: (Signal, &str),
        range: TimeRange,
        limit: usize,
    ) -> crate::Result<Vec<Row>> {
        self.0.rows(org, search, range, limit)
    }

    fn differences(
        &self,
        org: OrgId,
        search: (Signal, &str),
        bad: TimeRange,
        before: TimeRange,
    ) -> crate::Result<Vec<Difference>> {
        self.0.differences(org, search, bad, before)
    }

    fn host(&self, _: OrgId, name: &str) -> Option<Value> {
        let gohai =
            json!({"network": {"ipaddress": "192.0.2.9"}, "cpu": {"model_name": "a processor"}}).to_string();
        let meta = json!({"systemStats": {"machine": "x86_64", "platform": "linux"}, "gohai": gohai});
        let tags = ["env:prod", "datacenter:east", "role:web", "role:cache"];
        Some(json!({"name": name, "agent_version": "7.60.0", "meta": meta, "tags": tags}))
    }

    fn host_tag_keys(&self, _: OrgId) -> Vec<String> {
        vec!["rack".to_owned(), "datacenter".to_owned()]
    }
}

fn told(body: Value, members: Vec<Member>) -> String {
    let source = Hosts(Fake::default());
    let setting = Setting {
        source: &source,
        base_url: "https://oriel.example/",
        token: String::new(),
        has_evidence: true,
        picture: Default::default(),
        members,
    };
    render(&notice(TransitionKind::Alert, Status::Ok, Status::Alert, body), &setting).0.message
}

fn metric(message: &str) -> String {
    let query = "avg(last_5m):avg:m{env:prod} by {host} > 10";
    told(json!({"name": "m", "type": "query alert", "query": query, "message": message}), Vec::new())
}

#[test]
fn hosts_are_known_by_what_agents_say_and_by_their_tags() {
    let of = "{{host.ip}} {{host.metadata_agent_version}} {{host.metadata_machine}} {{host.metadata_platform}} {{host.metadata_processor}}";
    assert_eq!(metric(of), "192.0.2.9 7.60.0 x86_64 linux a processor");
    assert_eq!(metric("{{host.datacenter}} {{host.role}} {{host.rack}}"), "east cache,web n/a");
    // No host has such a tag: it is a mistake of the message.
    assert_eq!(metric("{{host.datacentre}}"), "⚠{{host.datacentre}}");
    let routed = "{{#is_match \"host.datacenter\" \"east\"}}@slack-east{{/is_match}}{{#is_exact_match \"host.rack\" \"\"}} no rack{{/is_exact_match}}{{#is_match \"env\" \"prod\"}} prod{{/is_match}}";
    assert_eq!(metric(routed), "@slack-east no rack prod");
}

#[test]
fn an_episode_has_a_name_of_its_own() {
    let cycle = metric("{{alert_cycle_key}}");
    assert!(cycle.len() == 32 && cycle == metric("{{alert_cycle_key}}"), "{cycle}");
}

fn logs(message: &str) -> Value {
    let query = "logs(\"service:shop\").index(\"*\").rollup(\"count\").by(\"host\").last(\"5m\") > 10";
    json!({"name": "m", "type": "log alert", "query": query, "message": message})
}

#[test]
fn rows_link_to_the_page_that_shows_them_and_bear_their_time() {
    let link = told(logs("{{log.link}}"), Vec::new());
    let link = url::Url::parse(&link).unwrap();
    let of = |name: &str| link.query_pairs().find(|(k, _)| k == name).map(|(_, v)| v.into_owned());
    assert_eq!(link.path(), "/logs");
    assert_eq!(of("query").as_deref(), Some("(service:shop) host:\"web-1\""));
    let span = of("to_ms").unwrap().parse::<i64>().unwrap() - of("from_ms").unwrap().parse::<i64>().unwrap();
    assert_eq!(span, 300_000);
    let of_row = told(
        logs(
            "{{log.service}} {{log.attributes.[http.code]}} {{log.timestamp}} {{local_time 'log.timestamp' 'Asia/Tokyo'}} {{log.tags.team}}",
        ),
        Vec::new(),
    );
    assert_eq!(of_row, "shop 503 2026-01-01 00:00:00 UTC 2026-01-01 09:00:00+09:00 n/a");
    assert_eq!(told(logs("{{span.service}}"), Vec::new()), "⚠{{span.service}}");
}

#[test]
fn a_composite_tells_of_the_rows_of_its_members() {
    let rule = Rule::parse(&logs("")).unwrap();
    let member =
        Member { id: 11, name: "a".to_owned(), status: Status::Alert, value: None, rule: Some(rule) };
    let body = json!({"name": "m", "type": "composite", "query": "11", "message": "{{a.log.service}} {{a.log.nothing}} {{a.span.service}} {{host.name}}"});
    assert_eq!(told(body, vec![member]), "shop n/a ⚠{{a.span.service}} web-1");
}

#[test]
fn an_slo_alert_tells_its_time_frame() {
    let query = "burn_rate(\"abc\").over(\"30d\").long_window(\"1h\").short_window(\"5m\") > 14.4";
    let body = json!({"name": "m", "type": "slo alert", "query": query, "message": "{{timeframe}} {{long_window_burn_rate}} {{value}}"});
    assert_eq!(told(body, Vec::new()), "30d n/a 12.5");
}

#[test]
fn an_event_has_an_id_and_tags() {
    let mut row = Row::new(0);
    for tag in ["env:prod", "team:a", "team:b", "urgent"] {
        row.add_tag(tag);
    }
    row.set_attribute(oriel_model::Field::attr("evt.id"), oriel_model::Value::Text("e1".into()));
    let of = |path| super::rows::value(&row, Signal::Events, path);
    let text = |text: &str| crate::template::Fact::Text(text.to_owned());
    assert_eq!(of("id"), text("e1"));
    assert_eq!(of("tags"), text("env:prod,team:a,team:b,urgent"));
    assert_eq!(of("tags.team"), text("a,b"));
    assert_eq!(of("tags.none"), crate::template::Fact::Nothing);
}
