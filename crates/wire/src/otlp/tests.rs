//! Captured requests of the Python and JavaScript SDKs, and each kind of metric case by case.

use super::*;
use oriel_model::{
    Core, Field, Kind as SeriesKind, Limits, MetricBatch, MetricBatchBuilder, OrgId, Rejections, Row,
    RowBatchBuilder, Signal, TimeRange, Unresolved, Value,
};
use serde_json::json;

const NOW_NS: i64 = 1_795_200_000_000_000_000;

fn fixture(name: &str) -> Vec<u8> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/otlp").join(name);
    std::fs::read(path).unwrap()
}

fn defaults() -> Defaults {
    let obfuscate_sql: fn(&str) -> Option<String> =
        |text| text.contains('\'').then(|| text.replace("'secret'", "?"));
    Defaults { now_ns: NOW_NS, host: "here".to_owned(), obfuscate_sql: Some(obfuscate_sql) }
}

fn builder(signal: Signal) -> RowBatchBuilder {
    RowBatchBuilder::new(OrgId(1), signal, &Limits::default(), TimeRange::new(0, i64::MAX))
}

fn rows(builder: RowBatchBuilder) -> (Vec<Row>, Rejections) {
    let (batch, refused) = builder.finish();
    ((0..batch.len()).map(|i| batch.row(i)).collect(), refused)
}

fn spans(body: &[u8], encoding: Encoding) -> Vec<Row> {
    let mut out = builder(Signal::Spans);
    traces(body, encoding, &defaults(), &mut out).unwrap();
    let (rows, refused) = rows(out);
    assert!(refused.is_empty(), "{refused:?}");
    rows
}

fn log_rows(body: &[u8], encoding: Encoding) -> Vec<Row> {
    let mut out = builder(Signal::Logs);
    logs(body, encoding, &defaults(), &mut out).unwrap();
    let (rows, refused) = rows(out);
    assert!(refused.is_empty(), "{refused:?}");
    rows
}

fn attr(row: &Row, path: &str) -> Option<Value> {
    row.attribute(&Field::attr(path)).cloned()
}

/// What became of a request of metrics.
struct Got {
    batch: MetricBatch,
    exemplars: Vec<Row>,
    refused: Rejections,
}

impl Got {
    /// Kind, interval, reset and points of a metric's only series, with its tags.
    fn series(&self, metric: &str) -> (SeriesKind, u32, bool, Vec<(i64, f64)>) {
        let found: Vec<_> = self
            .batch
            .series
            .iter()
            .filter(|s| s.def.as_ref().is_some_and(|d| &*d.metric == metric))
            .collect();
        assert_eq!(found.len(), 1, "{metric}: {:?}", self.batch.series);
        let (times, values) = self.batch.samples(found[0]);
        let points = times.iter().copied().zip(values.iter().copied()).collect();
        (found[0].kind, found[0].interval_s, found[0].reset, points)
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<_> =
            self.batch.series.iter().filter_map(|s| s.def.as_ref()).map(|d| d.metric.to_string()).collect();
        names.sort();
        names
    }
}

fn take(body: &[u8], encoding: Encoding, streams: &mut Streams) -> Got {
    let (resolver, limits) = (Unresolved::default(), Limits::default());
    let accepted = TimeRange::new(0, i64::MAX);
    let mut points = MetricBatchBuilder::new(OrgId(1), &resolver, &limits, accepted, ("otlp", ""));
    let mut exemplars = builder(Signal::Events);
    let (_, changes) =
        metrics(body, encoding, (&defaults(), streams), (&mut points, &mut exemplars)).unwrap();
    streams.commit(changes);
    let (batch, refused) = points.finish();
    Got { batch, exemplars: rows(exemplars).0, refused }
}

fn metric(metric: serde_json::Value) -> Vec<u8> {
    json!({"resourceMetrics": [{
        "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "shop"}}]},
        "scopeMetrics": [{"metrics": [metric]}],
    }]})
    .to_string()
    .into_bytes()
}

#[test]
fn every_captured_body_decodes() {
    for name in ["http-traces.pb", "grpc-trace.pb"] {
        assert!(!spans(&fixture(name), Encoding::Protobuf).is_empty(), "{name}");
    }
    for name in ["http-logs.pb", "grpc-logs.pb"] {
        assert!(!log_rows(&fixture(name), Encoding::Protobuf).is_empty(), "{name}");
    }
    for name in ["http-metrics.pb", "grpc-metrics.pb"] {
        let got = take(&fixture(name), Encoding::Protobuf, &mut Streams::default());
        assert!(!got.batch.is_empty() && got.refused.is_empty(), "{name}: {:?}", got.refused);
    }
    for (name, plain) in
        [("http-traces-gzip.pb.gz", "http-traces.pb"), ("http-logs-gzip.pb.gz", "http-logs.pb")]
    {
        let body = crate::body::decode(Some("gzip"), &fixture(name), 1 << 20).unwrap().into_owned();
        assert!(!body.is_empty() && !fixture(plain).is_empty());
    }
}

#[test]
fn a_span_of_javascript() {
    let rows = spans(&fixture("http-json-js-traces-body.json"), Encoding::Json);
    assert_eq!(rows.len(), 1);
    let row = &rows[0];
    assert_eq!(row.trace_id, 0x7151_ccd5_c344_854f_62ba_11a1_34de_892a);
    assert_eq!(row.span_id, 0x0e61_0362_15d1_3796);
    assert_eq!(row.parent_id, 0);
    assert_eq!((row.time_ns, row.duration_ns), (1_795_198_945_340_000_000, 734_149));
    assert_eq!(row.text(Core::Service), "unknown_service:node");
    assert_eq!(row.text(Core::Host), "here");
    assert_eq!(row.text(Core::Name), "internal");
    assert_eq!(row.text(Core::Resource), "GET /x");
    assert_eq!(row.text(Core::Status), "error");
    assert_eq!(attr(row, "n"), Some(Value::Int(1)));
    assert_eq!(attr(row, "f"), Some(Value::Float(1.5)));
    assert_eq!(attr(row, "b"), Some(Value::Bool(true)));
    assert_eq!(attr(row, "arr"), Some(Value::List(vec![Value::Int(1), Value::Int(2)])));
    assert_eq!(attr(row, "big"), Some(Value::Int(9_007_199_254_740_992)));
    assert_eq!(attr(row, "error.message"), Some(Value::Text("boom".into())));
    assert_eq!(attr(row, "error.type"), Some(Value::Text("Error".into())));
    assert_eq!(attr(row, "_top_level"), Some(Value::Int(1)));
    let Some(Value::Text(events)) = attr(row, "span_events") else { panic!("no events") };
    let events: serde_json::Value = serde_json::from_str(&events).unwrap();
    assert_eq!(events[0]["name"], "e");
    assert_eq!(events[0]["time_unix_nano"], 1_795_198_945_340_270_491_u64);
}

#[test]
fn logs_of_both_sdks() {
    for (name, encoding) in
        [("http-logs.pb", Encoding::Protobuf), ("http-json-js-logs-body.json", Encoding::Json)]
    {
        let rows = log_rows(&fixture(name), encoding);
        assert!(rows.iter().all(|r| !r.text(Core::Service).is_empty() && !r.text(Core::Status).is_empty()));
        assert!(rows.iter().any(|r| !r.text(Core::Message).is_empty()), "{rows:?}");
    }
}

#[test]
fn operation_and_resource_by_what_a_span_does() {
    let span = |kind: i32, attributes: serde_json::Value| {
        let attributes: Vec<_> = attributes
            .as_object()
            .unwrap()
            .iter()
            .map(|(k, v)| json!({"key": k, "value": {"stringValue": v}}))
            .collect();
        let body = json!({"resourceSpans": [{"scopeSpans": [{"spans": [{
            "traceId": "0102030405060708090a0b0c0d0e0f10", "spanId": "0102030405060708", "parentSpanId": "",
            "name": "the name", "kind": kind, "startTimeUnixNano": "1795198945340000000",
            "endTimeUnixNano": 1_795_198_945_341_000_000_u64, "attributes": attributes,
        }]}]}]});
        let row = spans(body.to_string().as_bytes(), Encoding::Json).remove(0);
        [Core::Name, Core::Resource, Core::Type].map(|core| row.text(core).to_owned())
    };
    let cases = [
        (
            2,
            json!({"http.request.method": "GET", "http.route": "/users/:id"}),
            ["http.server.request", "GET /users/:id", "web"],
        ),
        (3, json!({"http.method": "POST"}), ["http.client.request", "the name", "http"]),
        (
            3,
            json!({"db.system": "postgresql", "db.statement": "SELECT 1"}),
            ["postgresql.query", "SELECT 1", "sql"],
        ),
        (
            3,
            json!({"db.system": "mysql", "db.query.text": "SELECT 'secret'"}),
            ["mysql.query", "SELECT ?", "sql"],
        ),
        (3, json!({"db.system.name": "redis", "db.query.text": "GET a"}), ["redis.query", "GET a", "cache"]),
        (
            4,
            json!({"messaging.system": "kafka", "messaging.operation.type": "send", "messaging.destination.name": "orders"}),
            ["kafka.send", "send orders", "queue"],
        ),
        (
            3,
            json!({"rpc.system": "grpc", "rpc.method": "Get", "rpc.service": "Users"}),
            ["grpc.client.request", "Get Users", "http"],
        ),
        (
            3,
            json!({"rpc.system": "aws-api", "rpc.service": "S3", "rpc.method": "PutObject"}),
            ["aws.s3.request", "PutObject S3", "http"],
        ),
        (
            2,
            json!({"graphql.operation.type": "query", "graphql.operation.name": "me"}),
            ["graphql.server.request", "query me", "web"],
        ),
        (2, json!({}), ["server.request", "the name", "web"]),
        (1, json!({}), ["internal", "the name", "custom"]),
    ];
    for (kind, attributes, expected) in cases {
        assert_eq!(span(kind, attributes.clone()), expected, "{attributes}");
    }
}

#[test]
fn a_span_without_ids_is_refused_alone() {
    let body = json!({"resourceSpans": [{"scopeSpans": [{"spans": [
        {"name": "no ids", "startTimeUnixNano": "1795198945340000000"},
        {"name": "good", "traceId": "0102030405060708090a0b0c0d0e0f10", "spanId": "0102030405060708", "startTimeUnixNano": "1795198945340000000"},
    ]}]}]});
    let mut out = builder(Signal::Spans);
    traces(body.to_string().as_bytes(), Encoding::Json, &defaults(), &mut out).unwrap();
    let (rows, refused) = rows(out);
    assert_eq!((rows.len(), refused.total()), (1, 1));
    let answer = success(Kind::Traces, Encoding::Json, &refused);
    let answer: serde_json::Value = serde_json::from_slice(&answer).unwrap();
    assert_eq!(answer["partialSuccess"]["rejectedSpans"], "1");
    use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
    let answer = success(Kind::Traces, Encoding::Protobuf, &refused);
    let answer = ExportTraceServiceResponse::decode(answer.as_slice()).unwrap();
    assert_eq!(answer.partial_success.unwrap().rejected_spans, 1);
}

#[test]
fn metrics_of_javascript() {
    let mut streams = Streams::new(NOW_NS);
    let body = fixture("http-json-js-metrics-body.json");
    let got = take(&body, Encoding::Json, &mut streams);
    let time = 1_795_198_945_369;
    assert_eq!(got.series("c"), (SeriesKind::Cumulative, 0, false, vec![(time, 3.0)]));
    // The histogram was there before we listened: what it counted is not new.
    assert_eq!(got.names(), ["c"]);
    // Had it begun since, all of it would be.
    let got = take(&body, Encoding::Json, &mut Streams::new(0));
    assert_eq!(got.series("c"), (SeriesKind::Cumulative, 0, true, vec![(time, 3.0)]));
    assert_eq!(got.series("h.count").3, [(time, 1.0)]);
    assert_eq!(got.series("h.sum").3, [(time, 2.5)]);
    assert_eq!(got.batch.sketches.len(), 1);
    let sketch = &got.batch.sketches[0].sketch;
    assert_eq!((sketch.count, sketch.sum, sketch.min, sketch.max), (1, 2.5, 2.5, 2.5));
}

fn point(extra: serde_json::Value) -> serde_json::Value {
    let mut point = json!({
        "startTimeUnixNano": "1795198940000000000", "timeUnixNano": "1795198950000000000",
        "attributes": [{"key": "route", "value": {"stringValue": "/a"}}],
    });
    point.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    point
}

#[test]
fn sums_by_temporality_and_monotony() {
    let kind = |temporality: i32, monotonic: bool| {
        let body = metric(json!({"name": "m", "sum": {"aggregationTemporality": temporality,
            "isMonotonic": monotonic, "dataPoints": [point(json!({"asInt": "7"}))]}}));
        let got = take(&body, Encoding::Json, &mut Streams::default());
        let (kind, interval_s, _, points) = got.series("m");
        assert_eq!(points, [(1_795_198_950_000, 7.0)]);
        let def = got.batch.series[0].def.clone().unwrap();
        assert_eq!(def.tags.iter().collect::<Vec<_>>(), ["route:/a", "service:shop"]);
        assert_eq!(&*def.host, "here");
        (kind, interval_s)
    };
    assert_eq!(kind(1, true), (SeriesKind::Count, 10));
    assert_eq!(kind(1, false), (SeriesKind::Count, 10));
    assert_eq!(kind(2, true), (SeriesKind::Cumulative, 0));
    assert_eq!(kind(2, false), (SeriesKind::Gauge, 0));
    let body = metric(json!({"name": "m", "sum": {"dataPoints": [point(json!({"asInt": 7}))]}}));
    let got = take(&body, Encoding::Json, &mut Streams::default());
    assert_eq!((got.batch.rows(), got.refused.total()), (0, 1));
}

#[test]
fn a_later_start_marks_a_reset_and_a_repeat_does_not() {
    let mut streams = Streams::new(i64::MAX);
    let mut reset = |start: u64, time: u64| {
        let body = metric(json!({"name": "m", "sum": {"aggregationTemporality": 2, "isMonotonic": true,
            "dataPoints": [point(json!({"asInt": 7, "startTimeUnixNano": start, "timeUnixNano": time}))]}}));
        take(&body, Encoding::Json, &mut streams).series("m").2
    };
    assert!(!reset(1_000, 2_000_000_000));
    assert!(!reset(1_000, 3_000_000_000));
    assert!(reset(3_500_000_000, 4_000_000_000));
    assert!(!reset(3_500_000_000, 4_000_000_000));
    assert!(!reset(3_500_000_000, 5_000_000_000));
}

#[test]
fn a_cumulative_histogram_gives_what_happened_since() {
    let mut streams = Streams::default();
    let mut at = |time_s: u64, counts: [u64; 3], sum: f64| {
        let body = metric(
            json!({"name": "m", "histogram": {"aggregationTemporality": 2, "dataPoints": [point(
            json!({"count": counts.iter().sum::<u64>(), "sum": sum, "bucketCounts": counts.map(|n| n.to_string()),
                "explicitBounds": [1.0, 10.0], "timeUnixNano": (time_s * 1_000_000_000).to_string(),
                "startTimeUnixNano": "1795198940000000000"}))]}}),
        );
        take(&body, Encoding::Json, &mut streams)
    };
    let first = at(1_795_198_950, [1, 0, 0], 0.5);
    assert_eq!(first.series("m.count").3[0].1, 1.0);
    let second = at(1_795_198_960, [1, 100, 0], 550.5);
    assert_eq!(second.series("m.count"), (SeriesKind::Count, 10, false, vec![(1_795_198_960_000, 100.0)]));
    assert_eq!(second.series("m.sum").3[0].1, 550.0);
    let sketch = &second.batch.sketches[0].sketch;
    assert_eq!((sketch.count, sketch.sum), (100, 550.0));
    // A hundred values evenly between 1 and 10.
    assert!((sketch.quantile(0.5) - 5.5).abs() < 0.1, "{}", sketch.quantile(0.5));
    assert!((sketch.quantile(0.9) - 9.1).abs() < 0.1, "{}", sketch.quantile(0.9));
    // The same point once more adds nothing.
    let repeat = at(1_795_198_960, [1, 100, 0], 550.5);
    assert!(repeat.batch.is_empty());
    // Counts that fall began anew.
    let fell = at(1_795_198_970, [0, 0, 4], 80.0);
    assert_eq!(fell.series("m.count").3[0].1, 4.0);
}

#[test]
fn exponential_histograms_keep_their_quantiles() {
    use opentelemetry_proto::tonic::metrics::v1::ExponentialHistogramDataPoint;
    use opentelemetry_proto::tonic::metrics::v1::exponential_histogram_data_point::Buckets as Wire;
    let mut values: Vec<f64> =
        (1..=10_000).map(|i| (f64::from(i) * 0.37).sin().abs() * 300.0 + 0.01).collect();
    for scale in [0, 3, 6, 10] {
        let base = 2_f64.powf(2_f64.powi(-scale));
        let index = |x: f64| (x.ln() / base.ln()).ceil() as i32 - 1;
        let (low, high) =
            values.iter().fold((i32::MAX, i32::MIN), |(l, h), &x| (l.min(index(x)), h.max(index(x))));
        let mut counts = vec![0; (high - low + 1) as usize];
        values.iter().for_each(|&x| counts[(index(x) - low) as usize] += 1);
        let point = ExponentialHistogramDataPoint {
            count: values.len() as u64,
            sum: Some(values.iter().sum()),
            max: values.iter().copied().reduce(f64::max),
            scale,
            positive: Some(Wire { offset: low, bucket_counts: counts }),
            ..Default::default()
        };
        let Some(buckets) = super::histograms::Buckets::exponential(&point) else { continue };
        let sketch = buckets.sketch();
        assert_eq!(sketch.count, values.len() as u64);
        values.sort_by(f64::total_cmp);
        for q in [0.1, 0.5, 0.9, 0.99] {
            let exact = values[(q * values.len() as f64) as usize];
            let off = (sketch.quantile(q) / exact - 1.0).abs();
            // Half a bucket of the sender's, and half a bin of ours.
            assert!(
                off < (base - 1.0) / 2.0 + 0.016,
                "scale {scale} q {q}: {} for {exact}",
                sketch.quantile(q)
            );
        }
    }
}

#[test]
fn counts_beyond_all_numbers_are_refused() {
    let most = u64::MAX.to_string();
    let body = metric(json!({"name": "m", "histogram": {"aggregationTemporality": 1, "dataPoints": [point(
        json!({"count": 1, "bucketCounts": [most, "2"], "explicitBounds": [5.0]}))]}}));
    let got = take(&body, Encoding::Json, &mut Streams::default());
    assert_eq!((got.batch.rows(), got.refused.total()), (0, 1));
}

#[test]
fn a_coarser_scale_follows_a_finer_one() {
    let mut streams = Streams::default();
    let mut at = |time_s: u64, scale: i32, offset: i32, counts: serde_json::Value| {
        let n: u64 = counts.as_array().unwrap().iter().map(|c| c.as_u64().unwrap()).sum();
        let body = metric(
            json!({"name": "m", "exponentialHistogram": {"aggregationTemporality": 2, "dataPoints": [
            point(json!({"count": n, "sum": 1.0, "scale": scale, "positive": {"offset": offset, "bucketCounts": counts},
                "timeUnixNano": time_s * 1_000_000_000, "startTimeUnixNano": "1000000000"}))]}}),
        );
        take(&body, Encoding::Json, &mut streams)
    };
    assert_eq!(at(10, 1, -3, json!([1, 2, 3, 4])).series("m.count").3[0].1, 10.0);
    // Buckets -3..=0 at scale 1 are -2, -1, -1, 0 at scale 0.
    let second = at(20, 0, -2, json!([1, 6, 4]));
    assert_eq!(second.series("m.count").3[0].1, 1.0);
    assert_eq!(second.batch.sketches[0].sketch.count, 1);
}

#[test]
fn summaries_and_gauges() {
    let body = metric(json!({"name": "m", "summary": {"dataPoints": [point(json!({"count": 4, "sum": 10.0,
        "quantileValues": [{"quantile": 0.5, "value": 2.0}, {"quantile": 0.99, "value": 5.0}]}))]}}));
    let got = take(&body, Encoding::Json, &mut Streams::default());
    assert_eq!(got.names(), ["m.count", "m.quantile", "m.quantile", "m.sum"]);
    assert_eq!(got.series("m.sum").0, SeriesKind::Cumulative);
    let body =
        metric(json!({"name": "m", "gauge": {"dataPoints": [point(json!({"asDouble": "NaN", "flags": 1})),
        point(json!({"asDouble": 2.5}))]}}));
    let got = take(&body, Encoding::Json, &mut Streams::default());
    assert_eq!(got.series("m"), (SeriesKind::Gauge, 0, false, vec![(1_795_198_950_000, 2.5)]));
}

#[test]
fn exemplars_lead_to_their_spans() {
    let body = metric(
        json!({"name": "lat", "gauge": {"dataPoints": [point(json!({"asDouble": 2.5, "exemplars": [
        {"timeUnixNano": "1795198949000000000", "asDouble": 9.5, "traceId": "0102030405060708090a0b0c0d0e0f10",
         "spanId": "0102030405060708", "filteredAttributes": [{"key": "user", "value": {"stringValue": "u1"}}]},
        {"timeUnixNano": "1795198949000000000", "asInt": 1}]}))]}}),
    );
    let got = take(&body, Encoding::Json, &mut Streams::default());
    assert_eq!(got.exemplars.len(), 1);
    let row = &got.exemplars[0];
    assert_eq!(row.text(Core::Name), "oriel.exemplar");
    assert_eq!(row.text(Core::Source), "otel.exemplar");
    assert_eq!(row.trace_id, 0x0102_0304_0506_0708_090a_0b0c_0d0e_0f10);
    assert_eq!(attr(row, "metric"), Some(Value::Text("lat".into())));
    assert_eq!(attr(row, "value"), Some(Value::Float(9.5)));
    assert_eq!(row.attribute(&Field::tag("route")), Some(&Value::Text("/a".into())));
    assert_eq!(attr(row, "user"), Some(Value::Text("u1".into())));
}

#[test]
fn a_failed_request_leaves_streams_as_they_were() {
    let streams = Streams::default();
    let body = metric(json!({"name": "m", "histogram": {"aggregationTemporality": 2, "dataPoints": [point(
        json!({"count": 1, "sum": 2.0, "bucketCounts": [1, 0], "explicitBounds": [5.0]}))]}}));
    let decode = || {
        let (resolver, limits) = (Unresolved::default(), Limits::default());
        let accepted = TimeRange::new(0, i64::MAX);
        let mut points = MetricBatchBuilder::new(OrgId(1), &resolver, &limits, accepted, ("otlp", ""));
        let mut exemplars = builder(Signal::Events);
        let out = (&mut points, &mut exemplars);
        let changes = metrics(&body, Encoding::Json, (&defaults(), &streams), out).unwrap().1;
        drop(changes);
        points.finish().0.rows()
    };
    // Count, sum and sketch, both times.
    assert_eq!((decode(), decode()), (3, 3));
}
