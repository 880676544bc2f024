//! Golden rows, and the scanner against serde_json.

use super::{Defaults, Form, decode};
use oriel_model::{Core, Field, Limits, OrgId, Rejections, Row, RowBatchBuilder, Signal, TimeRange, Value};

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
