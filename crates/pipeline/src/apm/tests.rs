//! The concentrator against what it should count: by hand, and against a brute-force count of random spans.

use super::*;
use oriel_model::{
    Core, Limits, OrgId, RowBatch, RowBatchBuilder, Signal, Sketch, Submission, TimeRange, ValueRef,
};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// A whole number of buckets.
const NOW: i64 = 1_800_000_000_000;

#[derive(Clone, Debug)]
struct Span {
    service: &'static str,
    name: &'static str,
    resource: String,
    ids: (u64, u64, u64),
    end_ms: i64,
    duration_ms: i64,
    is_error: bool,
    attributes: Vec<(&'static str, Attribute)>,
}

#[derive(Clone, Debug)]
enum Attribute {
    Int(i64),
    Text(&'static str),
}

fn span(service: &'static str, name: &'static str, ids: (u64, u64, u64)) -> Span {
    let (resource, attributes) = (format!("{name} of {service}"), Vec::new());
    Span { service, name, resource, ids, end_ms: NOW - 1, duration_ms: 100, is_error: false, attributes }
}

fn batch(spans: &[Span]) -> RowBatch {
    let mut rows = RowBatchBuilder::new(OrgId(1), Signal::Spans, &Limits::default(), TimeRange::all());
    for s in spans {
        rows.begin((s.end_ms - s.duration_ms) * 1_000_000);
        rows.set_text(Core::Service, s.service);
        rows.set_text(Core::Name, s.name);
        rows.set_text(Core::Resource, &s.resource);
        rows.set_text(Core::Env, "prod");
        rows.set_text(Core::Status, if s.is_error { "error" } else { "ok" });
        rows.set_trace_id(u128::from(s.ids.0));
        rows.set_span_id(s.ids.1);
        rows.set_parent_id(s.ids.2);
        rows.set_duration(s.duration_ms * 1_000_000);
        for (key, value) in &s.attributes {
            let key = rows.attr_key(key);
            match value {
                Attribute::Int(n) => rows.attr(key, ValueRef::Int(*n)),
                Attribute::Text(t) => rows.attr(key, ValueRef::Text(t)),
            }
        }
        assert!(rows.end());
    }
    rows.finish().0
}

fn observe(concentrator: &mut Concentrator, spans: &[Span]) {
    concentrator.apply(Observed::of(&batch(spans), false, 0.5, NOW), NOW);
}

fn new() -> Concentrator {
    Concentrator::new(ApmLimits::default())
}

/// The sum of a metric's points, by the values of some tags.
fn sums(out: &Submission, metric: &str, by: &[&str]) -> BTreeMap<Vec<String>, f64> {
    let mut sums = BTreeMap::new();
    for series in out.series.iter().filter(|s| s.metric == metric) {
        let sum: f64 = series.points.iter().map(|p| p.1).sum();
        *sums.entry(values(&series.tags, by)).or_default() += sum;
    }
    sums
}

fn values(tags: &[String], by: &[&str]) -> Vec<String> {
    let value = |key: &&str| {
        let found = tags.iter().find_map(|t| t.strip_prefix(*key)?.strip_prefix(':'));
        found.unwrap_or_default().to_owned()
    };
    by.iter().map(value).collect()
}

fn sum(out: &Submission, metric: &str) -> f64 {
    sums(out, metric, &[]).values().sum()
}

#[test]
fn entry_spans_measured_ones_and_counted_kinds_are_counted_and_others_are_not() {
    let mut counted = new();
    let with = |n: u64, attributes: Vec<(&'static str, Attribute)>| Span {
        attributes,
        ..span("web", "op", (1, n, 99))
    };
    observe(
        &mut counted,
        &[
            span("web", "op", (1, 1, 0)),
            with(2, vec![("_top_level", Attribute::Int(1))]),
            with(3, vec![("_dd.measured", Attribute::Int(1))]),
            with(4, vec![("span.kind", Attribute::Text("client"))]),
            with(5, vec![("span.kind", Attribute::Text("internal"))]),
            with(6, vec![("_dd.measured", Attribute::Int(0))]),
            with(7, Vec::new()),
        ],
    );
    assert_eq!(sum(&counted.flush(NOW, true), "trace.op.hits"), 4.0);
}

#[test]
fn a_request_is_counted_with_its_status_latency_and_apdex() {
    let mut counted = new();
    let request = |n: u64, duration_ms: i64, status: i64| Span {
        duration_ms,
        is_error: status >= 500,
        attributes: vec![
            ("http.status_code", Attribute::Int(status)),
            ("span.kind", Attribute::Text("server")),
        ],
        ..span("web", "http.request", (n, n, 0))
    };
    observe(
        &mut counted,
        &[request(1, 100, 200), request(2, 1000, 200), request(3, 9000, 404), request(4, 100, 500)],
    );
    let out = counted.flush(NOW, true);
    assert_eq!(sum(&out, "trace.http.request.hits"), 4.0);
    assert_eq!(sum(&out, "trace.http.request.errors"), 1.0);
    assert!((sum(&out, "trace.http.request.duration") - 10.2).abs() < 1e-9);
    // One within 0.5 s, one within 2 s; the slow one and the failed one satisfy nobody.
    assert_eq!(sum(&out, "trace.http.request.apdex"), (1.0 + 0.5) / 4.0);
    let by_status =
        sums(&out, "trace.http.request.hits.by_http_status", &["http.status_code", "http.status_class"]);
    let expected = [("200", "2xx", 2.0), ("404", "4xx", 1.0), ("500", "5xx", 1.0)];
    assert_eq!(by_status.len(), expected.len());
    for (code, class, n) in expected {
        assert_eq!(by_status[&vec![code.to_owned(), class.to_owned()]], n);
    }
    let latency: Vec<&oriel_model::SketchSeries> =
        out.sketches.iter().filter(|s| s.metric == "trace.http.request").collect();
    assert_eq!(latency.len(), 1, "statuses share one distribution");
    assert_eq!(latency[0].points[0].1.count, 4);
    assert!((latency[0].points[0].1.quantile(1.0) - 9.0).abs() < 0.1, "seconds");
    let tags = ["env", "service", "span.kind", "resource", "resource_name"];
    let told = ["prod", "web", "server", "http.request of web", "http.request_of_web"];
    assert_eq!(values(&latency[0].tags, &tags), told);
}

#[test]
fn a_bucket_is_given_once_when_it_is_over_and_late_spans_add_to_it() {
    let mut counted = new();
    let mut point_times = Vec::new();
    let mut give = |counted: &mut Concentrator, now: i64| {
        let out = counted.flush(now, false);
        point_times.extend(out.series.iter().filter(|s| s.metric == "trace.op.hits").map(|s| s.points[0].0));
        sum(&out, "trace.op.hits")
    };
    let at = |end_ms: i64, n: u64| Span { end_ms, ..span("web", "op", (n, n, 0)) };
    observe(&mut counted, &[at(NOW - 9_000, 1), at(NOW - 1, 2)]);
    assert_eq!(give(&mut counted, NOW + 3_000), 0.0, "tracers may still be on their way");
    assert_eq!(give(&mut counted, NOW + 4_000), 2.0);
    assert_eq!(give(&mut counted, NOW + 5_000), 0.0);
    observe(&mut counted, &[at(NOW - 5_000, 3)]);
    assert_eq!(give(&mut counted, NOW + 6_000), 1.0);
    assert_ne!(point_times[0], point_times[1], "a second point of one time would replace the first");
    assert!(point_times.iter().all(|t| (NOW - BUCKET_MS..NOW).contains(t)), "{point_times:?}");
}

#[test]
fn a_span_from_the_future_counts_now() {
    let mut counted = new();
    observe(&mut counted, &[Span { end_ms: NOW + 3_600_000, ..span("web", "op", (1, 1, 0)) }]);
    assert_eq!(sum(&counted.flush(NOW + BUCKET_MS + 4_000, false), "trace.op.hits"), 1.0);
}

#[test]
fn what_a_client_counted_is_counted_under_our_mapping() {
    let mut counted = new();
    let mut ok = Sketch::new(oriel_model::Mapping { gamma: 1.02, offset: -0.5 });
    ok.insert(4.4e6, 3);
    let error = Sketch::default();
    let row = StatsRow {
        start_ms: NOW - BUCKET_MS,
        service: "web",
        operation: "op",
        env: "prod",
        version: "1",
        resource: "r",
        kind: "web",
        span_kind: "server",
        http_status: 200,
        synthetics: false,
        hits: 3,
        errors: 0,
        duration_ns: 13_200_000,
        ok: &ok,
        error: &error,
    };
    counted.observe_stats(&row, NOW);
    let out = counted.flush(NOW + 4_000, false);
    assert_eq!(sum(&out, "trace.op.hits"), 3.0);
    let latency = &out.sketches[0].points[0].1;
    assert_eq!((latency.count, latency.mapping), (3, oriel_model::Mapping::AGENT));
    assert!((latency.quantile(0.5) / 0.0044 - 1.0).abs() < 0.03, "{}", latency.quantile(0.5));
}

#[test]
fn resources_past_the_bound_are_counted_together() {
    let mut counted = Concentrator::new(ApmLimits { resources_per_service: 3, ..ApmLimits::default() });
    let spans: Vec<Span> =
        (1..=10).map(|n| Span { resource: format!("r{n}"), ..span("web", "op", (n, n, 0)) }).collect();
    observe(&mut counted, &spans);
    assert_eq!(counted.overflow().resources, 7);
    let hits = sums(&counted.flush(NOW, true), "trace.op.hits", &["resource"]);
    assert_eq!(hits[&vec!["other".to_owned()]], 7.0);
    assert_eq!(hits.values().sum::<f64>(), 10.0, "none is lost");
}

#[test]
fn groups_past_the_bound_are_told() {
    let mut counted = Concentrator::new(ApmLimits { groups: 2, ..ApmLimits::default() });
    let spans: Vec<Span> =
        (1..=5).map(|n| Span { resource: format!("r{n}"), ..span("web", "op", (n, n, 0)) }).collect();
    observe(&mut counted, &spans);
    assert_eq!(counted.overflow().groups, 3);
    assert_eq!(sum(&counted.flush(NOW, true), "trace.op.hits"), 2.0);
    observe(&mut counted, &spans[..2]);
    assert_eq!(counted.overflow().groups, 3, "a flush makes room");
}

fn edges(out: &Submission) -> BTreeMap<Vec<String>, f64> {
    sums(out, "oriel.trace.edge.hits", &["from_service", "to_service"])
}

#[test]
fn an_edge_is_found_within_a_chunk() {
    let mut counted = new();
    let query = Span { is_error: true, ..span("postgres", "query", (1, 2, 1)) };
    observe(&mut counted, &[span("web", "op", (1, 1, 0)), query, span("web", "inner", (1, 3, 1))]);
    let out = counted.flush(NOW, true);
    assert_eq!(edges(&out), BTreeMap::from([(vec!["web".to_owned(), "postgres".to_owned()], 1.0)]));
    assert_eq!(sum(&out, "oriel.trace.edge.errors"), 1.0);
    assert_eq!(out.sketches.iter().filter(|s| s.metric == "oriel.trace.edge").count(), 1);
}

#[test]
fn an_edge_is_found_whichever_process_sends_first() {
    for parent_first in [true, false] {
        let mut counted = new();
        let (parent, child) = (span("web", "op", (7, 1, 0)), span("users", "op", (7, 2, 1)));
        let (first, second) = if parent_first { (parent, child) } else { (child, parent) };
        observe(&mut counted, &[first]);
        observe(&mut counted, &[second]);
        let expected = BTreeMap::from([(vec!["web".to_owned(), "users".to_owned()], 1.0)]);
        assert_eq!(edges(&counted.flush(NOW, true)), expected, "parent first: {parent_first}");
    }
}

#[test]
fn a_span_waits_for_its_parent_within_a_bound() {
    let mut counted = Concentrator::new(ApmLimits { spans_pending: 2, ..ApmLimits::default() });
    for n in 1..=3 {
        observe(&mut counted, &[span("users", "op", (n, 2, 1))]);
    }
    assert_eq!(counted.overflow().pending, 1);
    for n in 1..=3 {
        observe(&mut counted, &[span("web", "op", (n, 1, 0))]);
    }
    assert_eq!(edges(&counted.flush(NOW, true)).values().sum::<f64>(), 2.0);
}

#[test]
fn an_equal_service_is_no_edge() {
    let mut counted = new();
    observe(&mut counted, &[span("web", "op", (1, 2, 1))]);
    observe(&mut counted, &[span("web", "op", (1, 1, 0))]);
    assert!(edges(&counted.flush(NOW, true)).is_empty());
}

#[test]
fn repeats_are_told_within_a_bound() {
    let mut seen = SeenRequests::new(2);
    assert!(seen.is_new(1) && !seen.is_new(1));
    assert!(seen.is_new(2) && seen.is_new(3), "1 is forgotten");
    assert!(seen.is_new(1) && !seen.is_new(3));
}

#[test]
fn rates_share_the_wish_and_leave_what_is_not_used() {
    let mut sampler = PrioritySampler::new(Some(10.0));
    for _ in 0..1000 {
        sampler.observe("loud", "prod", 1.0, NOW);
    }
    sampler.observe("calm", "prod", 20.0, NOW);
    sampler.observe("calm", "prod", 1.0, NOW + RATE_WINDOW_MS);
    // 100 a second may have the 8 that the calm one leaves.
    assert_eq!(sampler.rates(), [("loud".to_owned(), "prod".to_owned(), 0.08)]);
    let mut none = PrioritySampler::new(None);
    none.observe("loud", "prod", 1e6, NOW);
    none.observe("loud", "prod", 1e6, NOW + RATE_WINDOW_MS);
    assert!(none.rates().is_empty());
}

#[test]
fn literals_leave_statements() {
    let cases = [
        ("SELECT name FROM items WHERE id = ?", "SELECT name FROM items WHERE id = ?"),
        ("SELECT name FROM items WHERE id = 42", "SELECT name FROM items WHERE id = ?"),
        ("SELECT * FROM t2 WHERE a1 = 'it''s' AND b = \"x y\"", "SELECT * FROM t2 WHERE a1 = ? AND b = ?"),
        ("SELECT \"user\".\"name\" FROM \"user\"", "SELECT \"user\".\"name\" FROM \"user\""),
        ("INSERT INTO t (a, b) VALUES (1, 'x'), (2, 'y')", "INSERT INTO t (a, b) VALUES ( ? )"),
        ("SELECT 1 -- who: 'me'\n, 2", "SELECT ? , ?"),
        ("/* trace 7 */ SELECT   a\n\tFROM t", "SELECT a FROM t"),
        (
            "SELECT * FROM t WHERE id = $1 AND b = :name AND c = %s",
            "SELECT * FROM t WHERE id = $1 AND b = :name AND c = %s",
        ),
        ("SELECT a::text FROM t WHERE x = -1.5e-3", "SELECT a::text FROM t WHERE x = ?"),
        ("SELECT a WHERE b IS NULL OR c = NULL OR d = true", "SELECT a WHERE b IS NULL OR c = ? OR d = ?"),
        ("SELECT * FROM t WHERE a = 'open", "SELECT * FROM t WHERE a = ?"),
        ("SELECT $body$ secret $body$, E'a\\'b', 0x1F", "SELECT ?, ?, ?"),
        ("SELECT * FROM t WHERE a IN (1, 2, 3) LIMIT 20", "SELECT * FROM t WHERE a IN ( ? ) LIMIT ?"),
        ("SELECT count(*), f(?) FROM t", "SELECT count(*), f(?) FROM t"),
    ];
    for (text, expected) in cases {
        let plain = obfuscate_sql(text);
        assert_eq!(plain.as_deref().unwrap_or(text), expected, "{text}");
        assert_eq!(plain.is_none(), text == expected, "{text}");
    }
}

fn any_span() -> impl Strategy<Value = Span> {
    let service = prop_oneof![Just("web"), Just("users"), Just("db")];
    (service, 0..3_u64, 1..40_u64, 0..40_u64, 0..60_000_i64, 1..5_000_i64, any::<bool>(), 0..3_i64).prop_map(
        |(service, trace, id, parent, age_ms, duration_ms, is_error, mark)| Span {
            end_ms: NOW - age_ms,
            duration_ms,
            is_error,
            attributes: vec![("_top_level", Attribute::Int(mark))],
            ..span(service, "op", (trace + 1, id, parent))
        },
    )
}

proptest! {
    #[test]
    fn counts_are_those_of_brute_force(spans in prop::collection::vec(any_span(), 0..60), cut in 0..60_usize) {
        let mut counted = new();
        let cut = cut.min(spans.len());
        observe(&mut counted, &spans[..cut]);
        observe(&mut counted, &spans[cut..]);
        let out = counted.flush(NOW, true);
        let is_counted = |s: &&Span| s.ids.2 == 0 || matches!(s.attributes[0].1, Attribute::Int(1));
        let mut expected: BTreeMap<Vec<String>, f64> = BTreeMap::new();
        for s in spans.iter().filter(is_counted) {
            *expected.entry(vec![s.service.to_owned()]).or_default() += 1.0;
        }
        prop_assert_eq!(sums(&out, "trace.op.hits", &["service"]), expected);
        let errors = spans.iter().filter(is_counted).filter(|s| s.is_error).count();
        prop_assert_eq!(sum(&out, "trace.op.errors"), errors as f64);
        let seconds: f64 = spans.iter().filter(is_counted).map(|s| s.duration_ms as f64 / 1000.0).sum();
        prop_assert!((sum(&out, "trace.op.duration") - seconds).abs() < 1e-6);
        let sketched: u64 = out.sketches.iter().filter(|s| s.metric == "trace.op").map(|s| s.points[0].1.count).sum();
        prop_assert_eq!(sketched, spans.iter().filter(is_counted).count() as u64);
    }

    #[test]
    fn no_digit_of_a_literal_survives(id in 1_000_000_u64.., text in "[a-z ';\\-]{0,20}") {
        let quoted = text.replace('\'', "''");
        let statement = format!("UPDATE t SET a = {id}, b = '{quoted}{id}' WHERE c IN ({id}, {id})");
        let plain = obfuscate_sql(&statement).unwrap();
        prop_assert!(!plain.contains(&id.to_string()), "{}", plain);
        prop_assert_eq!(plain, "UPDATE t SET a = ?, b = ? WHERE c IN ( ? )");
    }

    #[test]
    fn whatever_comes_is_followed_to_its_end(text in ".{0,80}") {
        let _ = obfuscate_sql(&text);
    }
}

proptest! {
    #[test]
    fn latencies_lie_in_the_bins_of_the_agents_mapping(ns in prop_oneof![0..100_i64, 0..1_000_000_000_000_i64, any::<i64>()]) {
        let mut tally = group::Tally::default();
        tally.add(ns.max(0), false, 0.5);
        let mut expected = Sketch::default();
        expected.insert(ns.max(0) as f64 / 1e9, 1);
        prop_assert_eq!(tally.latency, expected);
    }
}

/// Counting may have a twentieth of the 10 µs that a span's whole intake is to take.
#[test]
#[ignore = "measures: cargo test --release -p oriel-pipeline -- --ignored a_span_is_counted"]
fn a_span_is_counted_within_half_a_microsecond() {
    let one = |n: u64| Span {
        resource: format!("GET /{}", n % 20),
        duration_ms: 1 + (n % 900) as i64,
        attributes: vec![
            ("http.status_code", Attribute::Int(200)),
            ("span.kind", Attribute::Text("server")),
            ("_top_level", Attribute::Int(1)),
        ],
        ..span(if n.is_multiple_of(3) { "db" } else { "web" }, "op", (n / 14, n, n / 14 * 14))
    };
    let spans: Vec<Span> = (1..2_800).map(one).collect();
    let batch = batch(&spans);
    let mut counted = new();
    let begin = std::time::Instant::now();
    let rounds = 100;
    for _ in 0..rounds {
        counted.apply(Observed::of(&batch, false, 0.5, NOW), NOW);
    }
    let ns = begin.elapsed().as_nanos() / (rounds * spans.len() as u128);
    println!("{ns} ns a span");
    assert!(ns < 500, "{ns} ns a span");
}
