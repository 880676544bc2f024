//! Golden rows, and the scanner against serde_json.

mod speed;

use super::{Defaults, Form, decode};
use oriel_model::{Core, Field, Limits, OrgId, Rejections, Row, RowBatchBuilder, Signal, TimeRange, Value};
use proptest::prelude::*;

const NOW_NS: i64 = 1_700_000_100_000_000_000;

fn rows_with(body: &[u8], form: Form, defaults: &Defaults) -> (Vec<Row>, Rejections) {
    let mut builder =
        RowBatchBuilder::new(OrgId(1), Signal::Logs, &Limits::default(), TimeRange::new(0, i64::MAX));
    decode(body, form, defaults, &mut builder).unwrap();
    let (batch, refused) = builder.finish();
    ((0..batch.len()).map(|i| batch.row(i)).collect(), refused)
}

fn rows(body: &str) -> Vec<Row> {
    let (rows, refused) = rows_with(body.as_bytes(), Form::Json, &defaults());
    assert!(refused.is_empty(), "{refused:?}");
    rows
}

fn defaults() -> Defaults {
    Defaults { now_ns: NOW_NS, ..Defaults::default() }
}

fn attr(row: &Row, path: &str) -> Option<Value> {
    row.attribute(&Field::attr(path)).cloned()
}

#[test]
fn agent_logs_with_a_json_message() {
    let body = r#"[{"message": "hello", "status": "info", "timestamp": 1700000000000, "hostname": "host-a", "service": "web", "ddsource": "nginx", "ddtags": "env:staging,filename:access.log"},
      {"message": "{\"level\":\"error\",\"msg\":\"boom\",\"a\":{\"b\":1}}", "status": "info", "timestamp": 1700000000001, "hostname": "host-a", "service": "web", "ddsource": "python", "ddtags": ""}]"#;
    let rows = rows(body);
    assert_eq!(rows.len(), 2);
    let first = &rows[0];
    assert_eq!(first.time_ns, 1_700_000_000_000_000_000);
    assert_eq!(first.text(Core::Message), "hello");
    assert_eq!(first.text(Core::Status), "info");
    assert_eq!(first.text(Core::Host), "host-a");
    assert_eq!(first.text(Core::Service), "web");
    assert_eq!(first.text(Core::Source), "nginx");
    assert_eq!(first.text(Core::Env), "staging");
    assert_eq!(first.attributes, [(Field::tag("filename"), Value::Text("access.log".into()))]);
    let second = &rows[1];
    assert_eq!(second.text(Core::Message), "boom");
    assert_eq!(second.text(Core::Status), "error");
    assert_eq!(attr(second, "a.b"), Some(Value::Int(1)));
    assert_eq!(second.attributes.len(), 1);
}

#[test]
fn logs_of_a_tracer_and_of_an_api_client() {
    let tracer = r#"[{"date": 1795199670522, "ddsource": "python", "ddtags": "datadog.product:citest", "hostname": "h1", "message": "hello from test", "service": "ci-svc", "status": "warning", "dd.trace_id": "6b0092b6000000002ee9cd5b0727d129", "dd.span_id": "5241093138563861270"}]"#;
    let row = &rows(tracer)[0];
    assert_eq!(row.time_ns, 1_795_199_670_522_000_000);
    assert_eq!(row.text(Core::Status), "warn");
    assert_eq!(row.trace_id, 0x6b00_92b6_0000_0000_2ee9_cd5b_0727_d129);
    assert_eq!(row.span_id, 5_241_093_138_563_861_270);
    assert_eq!(row.attributes, [(Field::tag("datadog.product"), Value::Text("citest".into()))]);
    let client = r#"[{"status": "warn", "ddsource": "nginx", "ddtags": "env:staging,version:5.1", "hostname": "i-1", "service": "pay", "message": "hello"}]"#;
    let of_query =
        Defaults { tags: "env:prod,team:A B".to_owned(), source: "other".to_owned(), ..defaults() };
    let (rows, _) = rows_with(client.as_bytes(), Form::Json, &of_query);
    assert_eq!(rows[0].time_ns, NOW_NS);
    assert_eq!(rows[0].text(Core::Source), "nginx");
    assert_eq!((rows[0].text(Core::Env), rows[0].text(Core::Version)), ("staging", "5.1"));
    // What the row said comes first; the query's other value stays a tag.
    assert_eq!(rows[0].attribute(&Field::tag("env")), Some(&Value::Text("prod".into())));
    assert_eq!(rows[0].attribute(&Field::tag("team")), Some(&Value::Text("a_b".into())));
}

#[test]
fn every_captured_body_decodes() {
    let fixture = |name: &str| {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/datadog");
        std::fs::read(folder.join(name)).unwrap()
    };
    for (name, encoding, expected) in [
        ("agent-synthetic/v2-logs-gzip.json.gz", "gzip", 2),
        ("agent-synthetic/v2-logs-zstd.json.zst", "zstd", 2),
        ("agent-synthetic/v2-logs-connectivity-probe.json", "identity", 0),
        ("ddtrace-py-4.16.0/agentless-logs.json.gz", "gzip", 1),
        ("datadog-api-client-python-2.62.0/16-post-v2-logs.json", "identity", 1),
        ("datadog-api-client-python-2.62.0/17-post-v2-logs-gzip.json.gz", "gzip", 1),
    ] {
        let body = crate::body::decode(Some(encoding), &fixture(name), 1 << 20).unwrap().into_owned();
        let (rows, refused) = rows_with(&body, Form::Json, &defaults());
        assert_eq!((rows.len(), refused.total()), (expected, 0), "{name}");
    }
}

#[test]
fn bodies_of_every_form() {
    for body in [
        r#"[{"message":"a"},{"message":"b"}]"#,
        "{\"message\":\"a\"}\n{\"message\":\"b\"}\n",
        "{\"message\":\"a\"}\r\n\r\n{\"message\":\"b\"}",
        r#"{"message":"a"} {"message":"b"}"#,
        r#"{"message":"a"},{"message":"b"}"#,
        r#" [ {"message" : "a" } , {"message": "b"} , ] "#,
        r#"["a","b"]"#,
        "[{\"message\":\"a\"}]\n[{\"message\":\"b\"}]",
        "\u{feff}[\"a\",\"b\"]",
    ] {
        let texts: Vec<String> = rows(body).iter().map(|r| r.text(Core::Message).to_owned()).collect();
        assert_eq!(texts, ["a", "b"], "{body}");
    }
    for body in ["{}", "[]", "", "  \n", "[{}]"] {
        assert!(rows(body).is_empty(), "{body:?}");
    }
    let lines = "plain\n\n{\"msg\":\"json\",\"n\":1}\r\nlast";
    let (rows, _) = rows_with(lines.as_bytes(), Form::of_content_type(Some("text/plain")), &defaults());
    let texts: Vec<&str> = rows.iter().map(|r| r.text(Core::Message)).collect();
    assert_eq!(texts, ["plain", "json", "last"]);
}

#[test]
fn a_bad_row_costs_only_itself() {
    let good = |rows: &[Row]| rows.iter().map(|r| r.text(Core::Message).to_owned()).collect::<Vec<_>>();
    for (body, refused_rows) in [
        (r#"[{"message":"a"},{"message":},{"message":"b"}]"#, 1),
        (r#"[{"message":"a"},17,{"message":"b"},null]"#, 2),
        ("{\"message\":\"a\"}\n{\"message\n{\"message\":\"b\"}", 1),
        ("{\"message\":\"a\"}\nnonsense\n{\"message\":\"b\"}", 1),
        (r#"[{"message":"a"},{"message":"b"},{"message":"cut o"#, 1),
        (r#"[{"message":"a"},{"x":[1,2},"y":"]"},{"message":"b"}]"#, 1),
    ] {
        let (rows, refused) = rows_with(body.as_bytes(), Form::Json, &defaults());
        assert_eq!(good(&rows), ["a", "b"], "{body}");
        assert_eq!(refused.total(), refused_rows, "{body}: {refused:?}");
    }
    let mut builder =
        RowBatchBuilder::new(OrgId(1), Signal::Logs, &Limits::default(), TimeRange::new(0, i64::MAX));
    assert!(decode(b"<html>", Form::Json, &defaults(), &mut builder).is_err());
}

#[test]
fn reserved_attributes_by_rank() {
    let row = &rows(
        r#"{"level":"warn","msg":"second","severity":"crit","message":"first","hostname":"b","host":"a","syslog":{"appname":"app","severity":3},"dd":{"service":"svc","env":"e","version":"v"}}"#,
    )[0];
    assert_eq!(row.text(Core::Message), "first");
    assert_eq!(row.text(Core::Status), "critical");
    assert_eq!(row.text(Core::Host), "a");
    assert_eq!(row.text(Core::Service), "app");
    assert_eq!((row.text(Core::Env), row.text(Core::Version)), ("e", "v"));
    // What does not count is kept as it came.
    assert_eq!(attr(row, "msg"), Some(Value::Text("second".into())));
    assert_eq!(attr(row, "level"), Some(Value::Text("warn".into())));
    assert_eq!(attr(row, "hostname"), Some(Value::Text("b".into())));
    assert_eq!(attr(row, "syslog.severity"), Some(Value::Int(3)));
    assert_eq!(attr(row, "dd.service"), Some(Value::Text("svc".into())));
    // And the word that the status was made of, where it says more.
    assert_eq!(attr(row, "severity"), Some(Value::Text("crit".into())));
}

#[test]
fn statuses_by_their_beginnings() {
    for (text, status) in [
        ("\"emerg\"", "emergency"),
        ("\"FATAL\"", "emergency"),
        ("\"Alert\"", "alert"),
        ("\"crit\"", "critical"),
        ("\"ERR\"", "error"),
        ("\"warning\"", "warn"),
        ("\"notice\"", "notice"),
        ("\"Information\"", "info"),
        ("\"trace\"", "debug"),
        ("\"verbose\"", "debug"),
        ("\"OK\"", "ok"),
        ("\"success\"", "ok"),
        ("\"what\"", "warn"),
        ("\"?\"", "info"),
        ("3", "error"),
        ("\"7\"", "debug"),
        ("30", "info"),
        ("null", "info"),
    ] {
        assert_eq!(rows(&format!("{{\"status\":{text},\"m\":1}}"))[0].text(Core::Status), status, "{text}");
    }
}

#[test]
fn times_of_every_unit_and_form() {
    let at = 1_700_000_000_123_456_789_i64;
    for (text, expected) in [
        ("1700000000", 1_700_000_000_000_000_000),
        ("1700000000.123456", 1_700_000_000_123_456_000),
        ("1700000000123", 1_700_000_000_123_000_000),
        ("1700000000123456", 1_700_000_000_123_456_000),
        ("1700000000123456789", at),
        ("\"1700000000123\"", 1_700_000_000_123_000_000),
        ("\"2023-11-14T22:13:20.123456789Z\"", at),
        ("\"2023-11-14T22:13:20Z\"", 1_700_000_000_000_000_000),
        ("\"2023-11-14 22:13:20,5\"", 1_700_000_000_500_000_000),
        ("\"2023-11-15T00:13:20+02:00\"", 1_700_000_000_000_000_000),
        ("\"2023-11-14T17:13:20-0500\"", 1_700_000_000_000_000_000),
        ("\"2023-11-14T22:13\"", 1_699_999_980_000_000_000),
        ("\"Tue, 14 Nov 2023 22:13:20 GMT\"", 1_700_000_000_000_000_000),
        ("\"Nov 14 22:13:20\"", 1_700_000_000_000_000_000),
    ] {
        assert_eq!(rows(&format!("{{\"timestamp\":{text},\"m\":1}}"))[0].time_ns, expected, "{text}");
    }
    // What is no time stays an attribute.
    for text in ["\"soon\"", "12", "0.25", "true", "\"2023-13-45T00:00:00Z\""] {
        let row = &rows(&format!("{{\"timestamp\":{text},\"m\":1}}"))[0];
        assert_eq!(row.time_ns, NOW_NS, "{text}");
        assert!(attr(row, "timestamp").is_some(), "{text}");
    }
}

#[test]
fn sixteen_digits_are_read_as_the_others_are() {
    let id = "1234567890123456";
    let body = |path: &str, first: &str| format!("{{\"{path}\":\"{first}\"}}\n{{\"{path}\":\"{id}\"}}");
    let hex = u64::from_str_radix(id, 16).unwrap();
    let decimal = 1_234_567_890_123_456;
    assert_eq!(rows(&body("dd.span_id", "5241093138563861270"))[1].span_id, decimal);
    assert_eq!(rows(&body("dd.span_id", "00f067aa0ba902b7"))[1].span_id, hex);
    assert_eq!(rows(&body("span_id", "0"))[1].span_id, hex);
    assert_eq!(rows(&body("dd.span_id", "0"))[1].span_id, decimal);
    let row = &rows(r#"{"trace_id":"not an id","span_id":""}"#)[0];
    assert_eq!((row.trace_id, attr(row, "trace_id")), (0, Some(Value::Text("not an id".into()))));
}

#[test]
fn what_is_too_long_is_cut_and_marked() {
    let limits = Limits::default();
    let long = "é".repeat(limits.message_bytes);
    let row = &rows(&format!("{{\"message\":\"{long}\",\"a\":\"{long}\",\"service\":\"{long}\"}}"))[0];
    for (text, most) in [
        (row.text(Core::Message).to_owned(), limits.message_bytes),
        (attr(row, "a").unwrap().text().unwrap().into_owned(), limits.attribute_bytes),
        (row.text(Core::Service).to_owned(), limits.word_bytes),
    ] {
        assert!(text.ends_with("...TRUNCATED...") && text.len() <= most && text.len() > most - 20);
    }
}

#[test]
fn numbers_keep_every_digit() {
    let row = &rows(
        r#"{"a":9223372036854775807,"b":-9223372036854775808,"c":18446744073709551615,"d":18446744073709551616,"e":0.1,"f":1e-7,"g":1e999,"h":-0,"i":NaN}"#,
    )[0];
    let expected = [
        ("a", Value::Int(i64::MAX)),
        ("b", Value::Int(i64::MIN)),
        ("c", Value::Uint(u64::MAX)),
        ("d", Value::Float(18_446_744_073_709_551_616.0)),
        ("e", Value::Float(0.1)),
        ("f", Value::Float(1e-7)),
        ("g", Value::Text("1e999".into())),
        ("h", Value::Float(-0.0)),
        ("i", Value::Text("NaN".into())),
    ];
    for (path, value) in expected {
        assert_eq!(attr(row, path), Some(value), "{path}");
    }
}

#[test]
fn encoded_rows_read_again_are_the_same() {
    let body = r#"[{"timestamp":1700000000123456789,"message":"m","status":"error","service":"s","hostname":"h","ddsource":"x","ddtags":"env:e,version:v,team:a,team:b,bare","dd.trace_id":"6b0092b6000000002ee9cd5b0727d129","dd.span_id":"1234567890123456","a":{"b":[1,"x"]},"n":null}]"#;
    let mut builder =
        RowBatchBuilder::new(OrgId(1), Signal::Logs, &Limits::default(), TimeRange::new(0, i64::MAX));
    decode(body.as_bytes(), Form::Json, &defaults(), &mut builder).unwrap();
    let (batch, _) = builder.finish();
    let again = rows(std::str::from_utf8(&super::encode(&batch)).unwrap());
    let sorted = |mut row: Row| {
        row.attributes.sort_by(|a, b| a.0.cmp(&b.0));
        row
    };
    assert_eq!(sorted(again[0].clone()), sorted(batch.row(0)));
}

fn json_value() -> impl Strategy<Value = serde_json::Value> {
    use serde_json::Value as Json;
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::Bool),
        any::<i64>().prop_map(Json::from),
        any::<u64>().prop_map(Json::from),
        // Exact in few digits: serde_json's reading of others may be off in the last bit.
        any::<i32>().prop_map(|n| Json::from(f64::from(n) / 8.0)),
        any::<String>().prop_map(Json::String),
        "[\"\\\\/\u{8}\n\t\u{1F600}a]{0,12}".prop_map(Json::String),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::Array),
            prop::collection::hash_map("[A-Z]{1,2}", inner, 0..5)
                .prop_map(|m| Json::Object(m.into_iter().collect())),
        ]
    })
}

/// What the attributes of a value are: an object is its members under dotted paths.
fn flatten(path: String, value: &serde_json::Value, out: &mut Vec<(String, Value)>) {
    match value {
        serde_json::Value::Object(map) => {
            for (key, value) in map {
                flatten(format!("{path}.{key}"), value, out);
            }
        }
        scalar => out.push((path, Value::from_json(scalar))),
    }
}

proptest! {
    /// The scanner reads what serde_json wrote, and what it reads is what serde_json reads.
    #[test]
    fn attributes_are_those_that_serde_json_reads(values in prop::collection::vec(json_value(), 1..4), pretty: bool) {
        let mut body = String::new();
        let mut expected = Vec::new();
        for value in &values {
            let object = serde_json::json!({ "V": value, "LAST": 1 });
            let text = if pretty { serde_json::to_string_pretty(&object) } else { serde_json::to_string(&object) };
            body.push_str(&text.unwrap());
            body.push('\n');
            let mut attributes = Vec::new();
            flatten("V".to_owned(), value, &mut attributes);
            attributes.push(("LAST".to_owned(), Value::Int(1)));
            attributes.sort_by(|a, b| a.0.cmp(&b.0));
            expected.push(attributes);
        }
        let got: Vec<Vec<(String, Value)>> = rows(&body)
            .iter()
            .map(|row| {
                let mut attributes: Vec<_> =
                    row.attributes.iter().map(|(f, v)| (f.to_string()[1..].to_owned(), v.clone())).collect();
                attributes.sort_by(|a, b| a.0.cmp(&b.0));
                attributes
            })
            .collect();
        prop_assert_eq!(got, expected);
    }

    /// Floats are exact to the bit.
    #[test]
    fn floats_keep_every_bit(x in any::<f64>().prop_filter("finite", |x| x.is_finite())) {
        let text = serde_json::to_string(&serde_json::json!({ "X": x })).unwrap();
        let got = attr(&rows(&text)[0], "X").unwrap();
        prop_assert_eq!(got.number().map(f64::to_bits), Some(x.to_bits()), "{}", text);
    }

    /// Whatever stands between them, rows that can be read are read.
    #[test]
    fn lines_that_are_json_are_read_whatever_the_others_are(noise in prop::collection::vec("[^\n]{0,40}", 0..6)) {
        let mut body = String::from("{\"message\":\"GOOD\"}\n");
        for line in &noise {
            // A list would take the lines behind it in.
            body.push_str(&line.replace('[', "("));
            body.push_str("\n{\"message\":\"GOOD\"}\n");
        }
        let (rows, _) = rows_with(body.as_bytes(), Form::Json, &defaults());
        let good = rows.iter().filter(|r| r.text(Core::Message) == "GOOD").count();
        prop_assert_eq!(good, noise.len() + 1);
    }

    #[test]
    fn no_bytes_make_it_fail(body in prop::collection::vec(any::<u8>(), 0..300), lines: bool) {
        let mut builder =
            RowBatchBuilder::new(OrgId(1), Signal::Logs, &Limits::default(), TimeRange::new(0, i64::MAX));
        let form = if lines { Form::Lines } else { Form::Json };
        let _ = decode(&body, form, &defaults(), &mut builder);
    }
}
