//! Rows as clients get them.

use super::*;
use oriel_store::RowId;

fn listed() -> ListedRow {
    let mut row = Row::new(1_763_600_000_123_456_789);
    row.set_text(Core::Service, "web");
    row.set_text(Core::Env, "prod");
    row.set_text(Core::Message, "hello");
    row.trace_id = 0x2a;
    row.span_id = 7;
    row.attributes = vec![
        (Field::attr("http.status_code"), Value::Int(200)),
        (Field::attr("http.url_details.path"), Value::Text("/a".into())),
        (Field::attr("a"), Value::Int(1)),
        (Field::attr("a.b"), Value::Int(2)),
        (Field::tag("team"), Value::List(vec![Value::Text("x".into()), Value::Text("y".into())])),
        (Field::tag(Field::BARE), Value::Text("urgent".into())),
    ];
    ListedRow { id: RowId { time_ns: row.time_ns, hash: 1 }, row }
}

#[test]
fn attributes_nest_again() {
    let expected =
        json!({ "http": { "status_code": 200, "url_details": { "path": "/a" } }, "a": 1, "a.b": 2 });
    assert_eq!(Json::Object(nested(&listed().row)), expected);
}

#[test]
fn a_log_as_the_api_gives_it() {
    let log = log(&listed());
    assert_eq!(log["attributes"]["timestamp"], "2025-11-20T00:53:20.123456+00:00");
    assert_eq!(log["attributes"]["tags"], json!(["env:prod", "team:x", "team:y", "urgent"]));
    assert_eq!(log["attributes"]["attributes"]["dd"]["span_id"], "7");
}

#[test]
fn a_page_row_leaves_out_what_is_empty() {
    let row = page_row(&listed());
    assert!(row.get("host").is_none());
    assert_eq!(row["trace_id"], "0000000000000000000000000000002a");
    assert_eq!(row["tags"]["team"], json!(["x", "y"]));
}
