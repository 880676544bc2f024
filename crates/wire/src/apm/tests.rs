//! Rules that the captured bodies don't show: defaults, damage, bounds, what holds for a whole chunk.

use super::*;
use crate::msgpack::from_json;
use oriel_model::{
    Core, Field, Limits, OrgId, Rejections, Row, RowBatch, RowBatchBuilder, Signal, TimeRange, Value,
};
use serde_json::{Value as Json, json};

const NOW_NS: i64 = 1_800_000_000_000_000_000;
const START: i64 = 1_799_999_999_000_000_000;

fn options() -> SpanOptions<'static> {
    SpanOptions {
        now_ns: NOW_NS,
        default_host: "the-host",
        default_env: "none",
        language: "go",
        top_level_marked: false,
        obfuscate_sql: |text| text.contains('7').then(|| text.replace('7', "?")),
    }
}

type Decoder = fn(&[u8], SpanOptions<'_>, &mut RowBatchBuilder) -> crate::Result<Vec<Chunk>>;

fn packed(json: &Json) -> Vec<u8> {
    let mut body = Vec::new();
    from_json(json, &mut body);
    body
}

fn decode(decoder: Decoder, body: &[u8]) -> crate::Result<(RowBatch, Vec<Chunk>, Rejections, bool)> {
    let mut builder = RowBatchBuilder::new(OrgId(1), Signal::Spans, &Limits::default(), TimeRange::all());
    let chunks = decoder(body, options(), &mut builder)?;
    let own_times = builder.bears_own_times();
    let (batch, rejections) = builder.finish();
    Ok((batch, chunks, rejections, own_times))
}

fn rows(json: &Json) -> Vec<Row> {
    let (batch, ..) = decode(traces_v04, &packed(json)).unwrap();
    (0..batch.len()).map(|i| batch.row(i)).collect()
}

fn row(span: Json) -> Row {
    rows(&json!([[span]])).remove(0)
}

fn attribute(row: &Row, key: &str) -> Json {
    row.attribute(&Field::attr(key)).map_or(Json::Null, Value::to_json)
}

#[test]
fn absent_keys_have_the_agents_defaults() {
    let empty = row(json!({}));
    assert_eq!(empty.text(Core::Service), "unnamed-go-service");
    assert_eq!(empty.text(Core::Name), "unnamed_operation");
    assert_eq!(empty.text(Core::Resource), "unnamed_operation");
    assert_eq!((empty.text(Core::Env), empty.text(Core::Host)), ("none", "the-host"));
    assert_eq!((empty.text(Core::Status), empty.time_ns), ("ok", NOW_NS));
    let named =
        row(json!({"service": "My Shop!", "name": "9web.request-in", "start": START, "duration": -5}));
    assert_eq!((named.text(Core::Service), named.text(Core::Name)), ("my_shop", "web.request_in"));
    assert_eq!((named.duration_ns, named.time_ns), (0, START));
}

#[test]
fn a_start_that_is_none_is_now_and_no_repeat_is_told() {
    let span = json!([[{"service": "a", "start": 12, "duration": 1_000}]]);
    let (batch, _, _, own_times) = decode(traces_v04, &packed(&span)).unwrap();
    assert_eq!((batch.time_ns[0], own_times), (NOW_NS - 1_000, false));
    let span = json!([[{"service": "a", "start": START}]]);
    assert!(decode(traces_v04, &packed(&span)).unwrap().3);
}

#[test]
fn the_high_half_and_the_environment_hold_for_the_whole_chunk() {
    let rows = rows(&json!([
        [
            {"trace_id": 5, "span_id": 1, "start": START},
            {"trace_id": 5, "span_id": 2, "start": START, "meta": {"_dd.p.tid": "00000000000000aa", "env": "Prod"}},
            {"trace_id": 5, "span_id": 3, "start": START, "meta": {"env": "other"}}
        ],
        [{"trace_id": 6, "span_id": 4, "start": START}]
    ]));
    let ids: Vec<u128> = rows.iter().map(|r| r.trace_id).collect();
    assert_eq!(ids, [0xaa << 64 | 5, 0xaa << 64 | 5, 0xaa << 64 | 5, 6]);
    let envs: Vec<&str> = rows.iter().map(|r| r.text(Core::Env)).collect();
    assert_eq!(envs, ["prod", "prod", "other", "none"]);
}

#[test]
fn spans_that_enter_a_service_are_found_or_marked() {
    let span = |id: u64, parent: u64, service: &str| json!({"span_id": id, "parent_id": parent, "service": service, "start": START});
    let enters = |spans: Vec<Json>| -> Vec<bool> {
        rows(&json!([spans])).iter().map(|r| attribute(r, "_top_level") == json!(1)).collect()
    };
    let few = vec![span(1, 0, "web"), span(2, 1, "web"), span(3, 2, "db"), span(4, 77, "web")];
    assert_eq!(enters(few.clone()), [true, false, true, true]);
    // A long chunk takes another road to the same.
    let mut many = few;
    many.extend((100..140).map(|n| span(n, 2, "web")));
    let found = enters(many);
    assert_eq!((&found[..4], found[4..].iter().any(|e| *e)), (&[true, false, true, true][..], false));
    let mut builder = RowBatchBuilder::new(OrgId(1), Signal::Spans, &Limits::default(), TimeRange::all());
    let marked = json!([[{"span_id": 1, "start": START}, {"span_id": 2, "parent_id": 1, "start": START, "metrics": {"_dd.top_level": 1.0}}]]);
    traces_v04(&packed(&marked), SpanOptions { top_level_marked: true, ..options() }, &mut builder).unwrap();
    let batch = builder.finish().0;
    let marks: Vec<Json> = (0..2).map(|i| attribute(&batch.row(i), "_top_level")).collect();
    assert_eq!(marks, [Json::Null, json!(1)]);
}

#[test]
fn numbers_are_of_one_form_and_statuses_are_numbers() {
    let span = json!({
        "start": START,
        "meta": {"http.status_code": "404", "error.msg": "gone", "grpc.code": "NOT_FOUND"},
        "metrics": {"whole": 3.0, "part": 0.5, "int": 7}
    });
    let row = row(span);
    assert_eq!(attribute(&row, "http.status_code"), json!(404));
    assert_eq!(attribute(&row, "grpc.code"), json!("NOT_FOUND"));
    assert_eq!(attribute(&row, "error.message"), json!("gone"));
    assert_eq!(
        [attribute(&row, "whole"), attribute(&row, "part"), attribute(&row, "int")],
        [json!(3), json!(0.5), json!(7)]
    );
}

#[test]
fn statements_lose_their_literals() {
    let sql = row(
        json!({"start": START, "type": "sql", "resource": "x = 7", "meta": {"db.statement": "y = 7", "note": "7"}}),
    );
    assert_eq!((sql.text(Core::Resource), attribute(&sql, "db.statement")), ("x = ?", json!("y = ?")));
    assert_eq!(attribute(&sql, "note"), json!("7"));
    assert_eq!(row(json!({"start": START, "type": "web", "resource": "/7"})).text(Core::Resource), "/7");
}

#[test]
fn links_events_and_structures_are_json_of_one_form() {
    let span = json!({
        "start": START,
        "span_links": [{"trace_id": 1, "trace_id_high": 2, "span_id": 3, "attributes": {"k": "v"}, "flags": 2147483649_u64}],
        "span_events": [{"time_unix_nano": 9, "name": "exception", "attributes": {
            "plain": "x", "int": {"type": 2, "int_value": -3}, "list": {"type": 4, "array_value": {"values": [{"type": 1, "bool_value": true}]}}
        }}]
    });
    let row = row(span);
    let read = |key: &str| -> Json { serde_json::from_str(attribute(&row, key).as_str().unwrap()).unwrap() };
    let link = json!([{"trace_id": "00000000000000020000000000000001", "span_id": "0000000000000003", "attributes": {"k": "v"}, "flags": 1}]);
    assert_eq!(read("span_links"), link);
    let event = json!([{"time_unix_nano": 9, "name": "exception", "attributes": {"plain": "x", "int": -3, "list": [true]}}]);
    assert_eq!(read("span_events"), event);
}

#[test]
fn damaged_text_is_replaced_and_long_text_cut() {
    // [[{"start": …, "meta": {"k": <bytes that are no text>, "long": …}}]]
    let mut body = vec![0x91, 0x91, 0x82, 0xa5];
    body.extend(b"start");
    body.push(0xcf);
    body.extend(START.to_be_bytes());
    body.push(0xa4);
    body.extend(b"meta");
    body.extend([0x82, 0xa1, b'k', 0xa3, b'a', 0xff, b'b', 0xa4]);
    body.extend(b"long");
    body.push(0xdb);
    body.extend(300_000_u32.to_be_bytes());
    body.extend(vec![b'x'; 300_000]);
    let (batch, ..) = decode(traces_v04, &body).unwrap();
    let row = batch.row(0);
    assert_eq!(attribute(&row, "k"), json!("a\u{fffd}b"));
    assert_eq!(attribute(&row, "long").as_str().map(str::len), Some(200 << 10));
}

#[test]
fn a_payload_that_is_another_version_says_so() {
    let map = packed(&json!({"2": "x"}));
    let error = decode(traces_v04, &map).unwrap_err().to_string();
    assert!(error.contains("v1 is not read here"), "{error}");
    let error = decode(traces_v05, &packed(&json!([[], [], []]))).unwrap_err().to_string();
    assert!(error.contains("3 parts"), "{error}");
    assert!(decode(traces_v05, &packed(&json!([["", "a"], [[[1, 2, 3]]]]))).is_err());
    assert!(decode(traces_v04, b"").is_err());
}

#[test]
fn an_index_past_the_table_is_an_empty_text() {
    let span = json!([99, 1, 98, 5, 6, 0, START, 3, 0, {}, {}, 97]);
    let (batch, ..) = decode(traces_v05, &packed(&json!([["", "op"], [[span]]]))).unwrap();
    let row = batch.row(0);
    assert_eq!((row.text(Core::Service), row.text(Core::Name)), ("unnamed-go-service", "op"));
}

#[test]
fn a_tracer_payload_says_what_holds_for_its_chunks() {
    let payload = json!({
        "language_name": "dotnet", "env": "staging", "hostname": "h-7", "tags": {"_dd.tags.container": "a:b"},
        "chunks": [
            {"priority": 2, "origin": "synthetics", "tags": {"_dd.p.tid": "00000000000000bb", "_dd.p.dm": "-4"}, "dropped_trace": true,
             "spans": [{"trace_id": 1, "span_id": 1, "start": START, "error": 1}, {"trace_id": 1, "span_id": 2, "start": START}]},
            {"priority": -128, "spans": []},
            {"spans": [{"trace_id": 2, "span_id": 3, "start": START, "meta": {"env": "own"}}]}
        ]
    });
    let (batch, chunks, ..) = decode(traces_v07, &packed(&payload)).unwrap();
    let first = Chunk { first: 0, rows: 2, priority: Some(2), has_error: true, dropped: true };
    assert_eq!(chunks, [first, Chunk { first: 2, rows: 1, ..Chunk::default() }]);
    let rows: Vec<Row> = (0..3).map(|i| batch.row(i)).collect();
    assert_eq!(rows[1].trace_id, 0xbb << 64 | 1);
    assert_eq!(rows[0].text(Core::Service), "unnamed-dotnet-service");
    assert_eq!(rows.iter().map(|r| r.text(Core::Env)).collect::<Vec<_>>(), ["staging", "staging", "own"]);
    assert!(rows.iter().all(|r| r.text(Core::Host) == "h-7"));
    let of = |row: usize| ["_dd.origin", "_dd.p.dm", "_dd.tags.container"].map(|k| attribute(&rows[row], k));
    assert_eq!(of(0), [json!("synthetics"), json!("-4"), json!("a:b")]);
    assert_eq!(of(1), [Json::Null, Json::Null, Json::Null]);
}

#[test]
fn json_is_the_same_as_messagepack() {
    let span = json!([[{"service": "a", "name": "b", "start": START, "trace_id": u64::MAX, "meta": {"k": "v"}, "metrics": {"m": 1.5}}]]);
    let by_json = decode(traces_json, span.to_string().as_bytes()).unwrap();
    let by_msgpack = decode(traces_v04, &packed(&span)).unwrap();
    assert_eq!((by_json.0, by_json.1), (by_msgpack.0, by_msgpack.1));
}

#[test]
fn a_row_out_of_time_leaves_its_chunk_whole() {
    let limits = Limits::default();
    let mut builder = RowBatchBuilder::new(
        OrgId(1),
        Signal::Spans,
        &limits,
        TimeRange { start: START / 1_000_000, end: i64::MAX },
    );
    let body = json!([[{"span_id": 1, "start": START}, {"span_id": 2, "start": START - 86_400_000_000_000_i64}], [{"span_id": 3, "start": START}]]);
    let chunks = traces_v04(&packed(&body), options(), &mut builder).unwrap();
    let places: Vec<(usize, usize)> = chunks.iter().map(|c| (c.first, c.rows)).collect();
    assert_eq!(places, [(0, 1), (1, 1)]);
    let (batch, rejections) = builder.finish();
    assert_eq!((batch.len(), rejections.total()), (2, 1));
}

#[test]
fn rates_are_under_the_keys_that_clients_look_for() {
    let text = String::from_utf8(answer_rates(&[("web".to_owned(), "prod".to_owned(), 0.5)], 1.0)).unwrap();
    let rates: Json = serde_json::from_str(&text).unwrap();
    assert_eq!(rates, json!({"rate_by_service": {"service:,env:": 1.0, "service:web,env:prod": 0.5}}));
}

#[test]
fn only_the_proxied_track_of_logs_has_an_intake() {
    assert_eq!(evp_target("/evp_proxy/v2/api/v2/logs"), Some("/api/v2/logs"));
    assert_eq!(evp_target("/evp_proxy/v4/api/v2/citestcycle"), None);
    assert_eq!(evp_target("/evp_proxy/v4"), None);
    assert_eq!(evp_target("/api/v2/logs"), None);
}
