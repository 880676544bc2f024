//! Batches through pipelines, scrub rules and metrics: what happens to rows that no filter takes, limits, and buckets.

use crate::search::parse;
use oriel_model::{
    AlertType, CheckStatus, Core, Event, EventBatch, Field, Kind, Limits, OrgId, Priority, Row, RowBatch,
    RowBatchBuilder, ServiceCheck, Signal, TimeRange, Value,
};
use oriel_pipeline::{
    MetricDefinition, PipelineDefinition, Pipelines, RowMetrics, ScrubDefinition, Scrubber,
};
use serde_json::json;

const NOW_MS: i64 = 1_700_000_000_000;

pub(crate) fn batch(signal: Signal, rows: &[Row]) -> RowBatch {
    let mut builder = RowBatchBuilder::new(OrgId(1), signal, &Limits::default(), TimeRange::all());
    for row in rows {
        assert!(builder.push(row));
    }
    builder.finish().0
}

fn row(service: &str, message: &str) -> Row {
    let mut row = Row::new(NOW_MS * 1_000_000);
    row.set_text(Core::Service, service);
    row.set_text(Core::Message, message);
    row.set_attribute(Field::attr("n"), Value::Int(message.len() as i64));
    row.add_tag("team:core");
    row.trace_id = 7;
    row
}

fn pipelines(query: &str, processors: serde_json::Value) -> Pipelines {
    let json =
        json!({ "name": "p", "is_enabled": true, "filter": { "query": query }, "processors": processors });
    Pipelines::compile(&[PipelineDefinition::from_json(&json).unwrap()], &parse).unwrap()
}

#[test]
fn only_rows_that_the_filter_takes_are_changed() {
    let build = json!([{ "type": "string-builder-processor", "is_enabled": true, "template": "%{n}", "target": "built" }]);
    let pipelines = pipelines("service:web", build);
    let rows = [row("web", "one"), row("db", "three"), row("", "seven77"), row("web", "")];
    let out = pipelines.run(batch(Signal::Logs, &rows), &Limits::default(), TimeRange::all());
    assert_eq!(out.len(), 4);
    for (i, before) in rows.iter().enumerate() {
        let mut wanted = before.clone();
        if before.text(Core::Service) == "web" {
            let n = before.text(Core::Message).len().to_string();
            wanted.set_attribute(Field::attr("built"), Value::Text(n.into()));
        }
        assert_eq!(out.row(i), wanted);
    }
    let others = batch(Signal::Logs, &rows[1..3]);
    let same = pipelines.run(others.clone(), &Limits::default(), TimeRange::all());
    assert_eq!(same, others, "nothing is rewritten when no row passes");
    let none = Pipelines::default().run(others.clone(), &Limits::default(), TimeRange::all());
    assert_eq!(none, others);
}

#[test]
fn a_row_is_never_lost_to_what_a_pipeline_makes_of_it() {
    let date = json!([{ "type": "date-remapper", "is_enabled": true, "sources": ["at"] }, { "type": "service-remapper", "is_enabled": true, "sources": ["long"] }]);
    let pipelines = pipelines("*", date);
    let mut late = row("web", "late");
    late.set_attribute(Field::attr("at"), Value::Text("1999-01-01T00:00:00Z".into()));
    late.set_attribute(Field::attr("long"), Value::Text("svc".into()));
    let mut long = row("web", "long");
    long.set_attribute(Field::attr("long"), Value::Text("x".repeat(20_000).into()));
    let accepted = TimeRange::new(NOW_MS - 1000, NOW_MS + 1000);
    let out = pipelines.run(batch(Signal::Logs, &[late.clone(), long.clone()]), &Limits::default(), accepted);
    late.set_text(Core::Service, "svc");
    assert_eq!(out.row(0), late, "its time stays, the rest is done");
    assert_eq!(out.row(1), long, "a service over the limit leaves the row as it came");
}

#[test]
fn an_earlier_pipeline_decides_what_a_later_one_sees() {
    let one = json!({ "name": "a", "is_enabled": true, "filter": { "query": "service:raw" }, "processors": [{ "type": "service-remapper", "is_enabled": true, "sources": ["app"] }] });
    let two = json!({ "name": "b", "is_enabled": true, "filter": { "query": "service:web" }, "processors": [{ "type": "status-remapper", "is_enabled": true, "sources": ["level"] }] });
    let definitions =
        [PipelineDefinition::from_json(&one).unwrap(), PipelineDefinition::from_json(&two).unwrap()];
    let pipelines = Pipelines::compile(&definitions, &parse).unwrap();
    let mut raw = row("raw", "x");
    raw.set_attribute(Field::attr("app"), Value::Text("web".into()));
    raw.set_attribute(Field::attr("level"), Value::Text("E".into()));
    let out = pipelines.run(batch(Signal::Logs, &[raw]), &Limits::default(), TimeRange::all());
    assert_eq!((out.row(0).text(Core::Service), out.row(0).text(Core::Status)), ("web", "error"));
}

#[test]
fn scrubbing_keeps_other_rows_and_takes_spans_too() {
    let rule = ScrubDefinition {
        id: "1".into(),
        name: "mail".into(),
        preset: Some("email".into()),
        enabled: true,
        replacement: "***".into(),
        ..ScrubDefinition::default()
    };
    let scrubber = Scrubber::compile(std::slice::from_ref(&rule), &parse, None).unwrap();
    let mut span = row("web", "");
    span.set_text(Core::Resource, "GET /users/ann@example.com");
    span.set_attribute(Field::attr("sql"), Value::Text("where mail = 'ann@example.com'".into()));
    let rows = [row("web", "nothing"), span];
    let out = scrubber.run(batch(Signal::Spans, &rows), &Limits::default());
    assert_eq!(out.row(0), rows[0]);
    assert_eq!(out.row(1).text(Core::Resource), "GET /users/***");
    assert_eq!(out.row(1).attribute(&Field::attr("sql")), Some(&Value::Text("where mail = '***'".into())));
    assert_eq!(scrubber.matches(), [("1".to_owned(), 2)]);
    let again = Scrubber::compile(&[rule], &parse, Some(&scrubber)).unwrap();
    assert_eq!(again.matches(), [("1".to_owned(), 2)], "counts outlive a change of rules");
    let clean = batch(Signal::Logs, &rows[..1]);
    assert_eq!(again.run(clean.clone(), &Limits::default()), clean);
}

fn metric(id: &str, attributes: serde_json::Value) -> MetricDefinition {
    MetricDefinition::from_json(&json!({ "id": id, "type": "logs_metrics", "attributes": attributes }))
        .unwrap()
}

#[test]
fn rows_are_counted_by_group_in_buckets_of_ten_seconds() {
    let definitions = [
        metric(
            "web.hits",
            json!({ "compute": { "aggregation_type": "count" }, "filter": { "query": "service:web" }, "group_by": [{ "path": "@n", "tag_name": "size" }, { "path": "host" }] }),
        ),
        metric(
            "web.size",
            json!({ "compute": { "aggregation_type": "distribution", "path": "@n", "include_percentiles": true }, "group_by": [{ "path": "service" }] }),
        ),
    ];
    let mut metrics = RowMetrics::compile(Signal::Logs, &definitions, &parse).unwrap();
    let mut rows = vec![row("web", "a"), row("web", "b"), row("web", "ccc"), row("db", "d")];
    rows[0].set_text(Core::Host, "h1");
    rows[1].set_text(Core::Host, "h1");
    rows[2].weight = 4.0;
    let measured = metrics.measure(&batch(Signal::Logs, &rows));
    assert!(metrics.measure(&batch(Signal::Spans, &rows)).is_empty(), "another signal");
    metrics.add(measured);
    assert!(metrics.flush(NOW_MS).is_empty(), "the bucket is still open");
    let out = metrics.flush(NOW_MS + 10_000);
    let mut series = out.series;
    series.sort_by(|a, b| a.tags.cmp(&b.tags));
    let shown: Vec<_> = series.iter().map(|s| (s.host.as_str(), s.tags.join(","), s.points[0])).collect();
    assert_eq!(shown, [("h1", "size:1".to_owned(), (NOW_MS, 2.0)), ("", "size:3".to_owned(), (NOW_MS, 4.0))]);
    assert!(series.iter().all(|s| s.kind == Kind::Count && s.interval_s == 10 && s.metric == "web.hits"));
    assert_eq!(out.sketches.len(), 2);
    let web = out.sketches.iter().find(|s| s.tags == ["service:web"]).unwrap();
    assert_eq!((web.points[0].1.count, web.points[0].1.sum), (6, 14.0));
    // A row that comes late makes a second point of the same bucket, at another time.
    let measured = metrics.measure(&batch(Signal::Logs, &rows[3..]));
    metrics.add(measured);
    let late = metrics.flush(NOW_MS + 20_000).sketches.remove(0).points[0].0;
    assert!(late > NOW_MS && late < NOW_MS + 10_000, "{late}");
}

#[test]
fn counts_outlive_a_change_of_definitions() {
    let count = |id: &str| metric(id, json!({ "compute": { "aggregation_type": "count" } }));
    let mut old = RowMetrics::compile(Signal::Logs, &[count("a"), count("b")], &parse).unwrap();
    old.flush(NOW_MS);
    let rows = batch(Signal::Logs, &[row("web", "x")]);
    old.add(old.measure(&rows));
    let pending = old.measure(&rows);
    let mut new = RowMetrics::compile(Signal::Logs, &[count("b")], &parse).unwrap();
    new.inherit(&mut old);
    new.add(pending);
    let out = new.flush(NOW_MS + 10_000);
    assert_eq!(out.series.len(), 1);
    assert_eq!((out.series[0].metric.as_str(), out.series[0].points[0]), ("b", (NOW_MS, 2.0)));
}

#[test]
fn groups_are_bounded() {
    let by_n =
        metric("m", json!({ "compute": { "aggregation_type": "count" }, "group_by": [{ "path": "@id" }] }));
    let mut metrics = RowMetrics::compile(Signal::Logs, &[by_n], &parse).unwrap();
    let rows: Vec<Row> = (0..6_000)
        .map(|i| {
            let mut row = row("web", "x");
            row.set_attribute(Field::attr("id"), Value::Int(i));
            row
        })
        .collect();
    metrics.add(metrics.measure(&batch(Signal::Logs, &rows)));
    assert_eq!(metrics.flush(NOW_MS + 10_000).series.len(), 5_000);
    assert_eq!(metrics.left_out(), [("m", 1_000)]);
}

#[test]
fn metrics_that_cannot_be() {
    let bad = |json: serde_json::Value| {
        MetricDefinition::from_json(&json).map(|d| RowMetrics::compile(Signal::Logs, &[d], &parse).map(drop))
    };
    let no_path = json!({ "id": "m", "attributes": { "compute": { "aggregation_type": "distribution" } } });
    assert!(bad(no_path).unwrap().unwrap_err().to_string().contains("needs a \"path\""));
    let name = json!({ "id": "9 lives", "attributes": { "compute": { "aggregation_type": "count" } } });
    assert!(bad(name).unwrap_err().to_string().contains("is no metric's name"));
    let query = json!({ "id": "m", "attributes": { "compute": { "aggregation_type": "count" }, "filter": { "query": "nocolon" } } });
    assert!(bad(query).unwrap().unwrap_err().to_string().contains("nocolon"));
}

#[test]
fn events_and_checks_are_scrubbed_too() {
    let rule = ScrubDefinition {
        name: "mail".into(),
        preset: Some("email".into()),
        enabled: true,
        replacement: "***".into(),
        signal: Some("events".into()),
        query: "team:core".into(),
        ..ScrubDefinition::default()
    };
    let scrubber = Scrubber::compile(&[rule], &parse, None).unwrap();
    let event = Event {
        id: 1,
        time_ms: NOW_MS,
        title: "ann@example.com deployed".into(),
        text: "by ann@example.com".into(),
        host: "h".into(),
        source: "ci".into(),
        aggregation_key: String::new(),
        priority: Priority::default(),
        alert_type: AlertType::default(),
        tags: vec!["team:core".into(), "by:ann@example.com".into(), "by:bob".into(), "bare".into()],
    };
    let other = Event { tags: vec!["team:else".into()], ..event.clone() };
    let check = ServiceCheck {
        time_ms: NOW_MS,
        check: "a.b".into(),
        host: "h".into(),
        status: CheckStatus::Ok,
        message: "told ann@example.com".into(),
        tags: vec!["team:core".into()],
    };
    let mut batch = EventBatch { org: OrgId(1), events: vec![event, other.clone()], checks: vec![check] };
    scrubber.run_events(&mut batch);
    assert_eq!((batch.events[0].title.as_str(), batch.events[0].text.as_str()), ("*** deployed", "by ***"));
    assert_eq!(batch.events[0].tags, ["team:core", "by:***", "by:bob", "bare"]);
    assert_eq!(batch.events[1], other);
    assert_eq!(batch.checks[0].message, "told ***");
}
