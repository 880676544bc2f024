//! A bucket as metrics, named as people know them.
//!
//! | metric | kind | by |
//! |---|---|---|
//! | `trace.OPERATION.hits`, `.errors` | count | service, env, version, resource, type, span.kind |
//! | `trace.OPERATION` | distribution, seconds | the same |
//! | `trace.OPERATION.duration` | gauge, seconds spent | the same |
//! | `trace.OPERATION.hits.by_http_status`, `.errors.by_http_status` | count | the same, http.status_code, http.status_class |
//! | `trace.OPERATION.duration.by_http_status` | gauge | the same |
//! | `trace.OPERATION.apdex` | gauge | service, env, version |
//! | `oriel.trace.edge.hits`, `.errors`, `oriel.trace.edge` | count, count, distribution | from_service, to_service, env |

use super::BUCKET_S;
use super::concentrator::Bucket;
use super::edges::Edges;
use super::group::{GroupKey, SpanKind, Tally};
use oriel_model::{Kind, Series, Sketch, SketchSeries, Submission, TimeMs, normalise_tag};
use std::collections::BTreeMap;

/// The environment of spans that name none, as the agent calls it.
const NO_ENV: &str = "none";
/// A resource's text as a tag: statements longer than this are told apart by their beginning.
const RESOURCE_TAG_BYTES: usize = 1_000;

pub(super) fn write(bucket: &Bucket, at: TimeMs, edges: &Edges, out: &mut Submission) {
    let mut whole: BTreeMap<GroupKey, Tally> = BTreeMap::new();
    let mut services: BTreeMap<GroupKey, Tally> = BTreeMap::new();
    for (key, tally) in &bucket.groups {
        if key.http_status != 0 {
            by_status(key, tally, at, out);
        }
        whole.entry(GroupKey { http_status: 0, ..key.clone() }).or_default().merge(tally);
        let service = GroupKey {
            resource: "".into(),
            kind: "".into(),
            span_kind: SpanKind::Unknown,
            synthetics: false,
            http_status: 0,
            ..key.clone()
        };
        let sum = services.entry(service).or_default();
        sum.hits += tally.hits;
        sum.satisfied += tally.satisfied;
        sum.tolerated += tally.tolerated;
    }
    for (key, tally) in &whole {
        let (name, tags) = (format!("trace.{}", key.operation), tags(key));
        series(out, (&name, ".hits"), &tags, Kind::Count, (at, tally.hits as f64));
        series(out, (&name, ".errors"), &tags, Kind::Count, (at, tally.errors as f64));
        series(out, (&name, ".duration"), &tags, Kind::Gauge, (at, tally.duration_s));
        sketch(out, name, tags, (at, tally.latency.clone()));
    }
    for (key, tally) in services.iter().filter(|(_, t)| t.hits > 0) {
        let score = (tally.satisfied as f64 + tally.tolerated as f64 / 2.0) / tally.hits as f64;
        let name = format!("trace.{}", key.operation);
        series(out, (&name, ".apdex"), &service_tags(key), Kind::Gauge, (at, score));
    }
    for (edge, tally) in &bucket.edges {
        let tags = vec![
            format!("env:{}", env(&edge.env)),
            format!("from_service:{}", edges.service(edge.from)),
            format!("to_service:{}", edges.service(edge.to)),
        ];
        let name = "oriel.trace.edge";
        series(out, (name, ".hits"), &tags, Kind::Count, (at, tally.hits as f64));
        series(out, (name, ".errors"), &tags, Kind::Count, (at, tally.errors as f64));
        sketch(out, name.to_owned(), tags, (at, tally.latency.clone()));
    }
}

fn by_status(key: &GroupKey, tally: &Tally, at: TimeMs, out: &mut Submission) {
    let name = format!("trace.{}", key.operation);
    let mut tags = tags(key);
    tags.push(format!("http.status_code:{}", key.http_status));
    tags.push(format!("http.status_class:{}xx", key.http_status / 100));
    series(out, (&name, ".hits.by_http_status"), &tags, Kind::Count, (at, tally.hits as f64));
    series(out, (&name, ".errors.by_http_status"), &tags, Kind::Count, (at, tally.errors as f64));
    series(out, (&name, ".duration.by_http_status"), &tags, Kind::Gauge, (at, tally.duration_s));
}

fn env(env: &str) -> &str {
    if env.is_empty() { NO_ENV } else { env }
}

fn service_tags(key: &GroupKey) -> Vec<String> {
    let mut tags = vec![format!("env:{}", env(&key.env)), format!("service:{}", key.service)];
    if !key.version.is_empty() {
        tags.push(format!("version:{}", key.version));
    }
    tags
}

fn tags(key: &GroupKey) -> Vec<String> {
    let mut tags = service_tags(key);
    let resource = clip(&key.resource, RESOURCE_TAG_BYTES);
    tags.push(format!("resource:{resource}"));
    tags.push(format!("resource_name:{}", normalise_tag(resource)));
    if !key.kind.is_empty() {
        tags.push(format!("type:{}", key.kind));
    }
    if key.span_kind != SpanKind::Unknown {
        tags.push(format!("span.kind:{}", key.span_kind.as_str()));
    }
    if key.synthetics {
        tags.push("synthetics:true".to_owned());
    }
    tags
}

fn clip(text: &str, bytes_max: usize) -> &str {
    let end = (0..=bytes_max.min(text.len())).rev().find(|&i| text.is_char_boundary(i)).unwrap_or(0);
    text[..end].trim()
}

fn series(out: &mut Submission, name: (&str, &str), tags: &[String], kind: Kind, point: (TimeMs, f64)) {
    out.series.push(Series {
        metric: format!("{}{}", name.0, name.1),
        host: String::new(),
        tags: tags.to_vec(),
        kind,
        interval_s: BUCKET_S,
        points: vec![point],
    });
}

fn sketch(out: &mut Submission, metric: String, tags: Vec<String>, point: (TimeMs, Sketch)) {
    if !point.1.is_empty() {
        let (host, interval_s) = (String::new(), BUCKET_S);
        out.sketches.push(SketchSeries { metric, host, tags, interval_s, points: vec![point] });
    }
}
