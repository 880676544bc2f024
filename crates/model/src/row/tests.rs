//! Rows through the builder and back.

use super::*;
use crate::{Limits, OrgId, Reason, Signal, TimeRange};

fn builder() -> RowBatchBuilder {
    RowBatchBuilder::new(OrgId(1), Signal::Logs, &Limits::default(), TimeRange::new(0, 10_000))
}

#[test]
fn a_row_comes_back_as_it_went_in() {
    let mut row = Row::new(5_000_000_123);
    row.set_text(Core::Service, "web");
    row.set_text(Core::Message, "hello \u{e9}");
    row.trace_id = 7;
    row.duration_ns = -3;
    row.attributes = vec![
        (Field::attr("http.status_code"), Value::Int(200)),
        (Field::attr("big"), Value::Uint(u64::MAX)),
        (Field::attr("list"), Value::List(vec![Value::Int(1), Value::Text("a".into())])),
        (Field::tag("team"), Value::Text("blue".into())),
        (Field::attr("nothing"), Value::Null),
    ];
    let mut b = builder();
    b.push(&Row::new(1));
    b.push(&row);
    let (batch, refused) = b.finish();
    assert!(refused.is_empty());
    assert_eq!(batch.row(0), Row::new(1));
    assert_eq!(batch.row(1), row);
}

#[test]
fn a_refused_row_leaves_no_trace() {
    let mut b = builder();
    b.push(&Row::new(1));
    b.begin(20_000_000_000);
    b.set_text(Core::Message, "late");
    let key = b.attr_key("x");
    b.attr(key, ValueRef::Text("y"));
    assert!(!b.end());
    b.begin(2);
    b.attr(key, ValueRef::Int(1));
    assert!(b.end());
    let (batch, refused) = b.finish();
    assert_eq!(refused.counts(), [(Reason::TooFarAhead, 1)]);
    assert_eq!(batch.len(), 2);
    assert_eq!(batch.row(1).attributes, [(Field::attr("x"), Value::Int(1))]);
    assert_eq!(batch.row(1).text(Core::Message), "");
}

#[test]
fn tags_fill_empty_core_fields_and_gather_values() {
    let mut b = builder();
    b.begin(1);
    b.set_text(Core::Service, "web");
    for tag in ["env:prod", "service:other", "team:a", "team:b", "team:a", "urgent"] {
        b.tag(tag);
    }
    b.end();
    let row = b.finish().0.row(0);
    assert_eq!(row.text(Core::Env), "prod");
    assert_eq!(row.attribute(&Field::tag("service")), Some(&Value::Text("other".into())));
    let both = Value::List(vec![Value::Text("a".into()), Value::Text("b".into())]);
    assert_eq!(row.attribute(&Field::tag("team")), Some(&both));
    assert_eq!(row.attribute(&Field::tag(Field::BARE)), Some(&Value::Text("urgent".into())));
}

#[test]
fn ids_as_senders_write_them() {
    assert_eq!(parse_trace_id("0000000000000000000000000000002a"), Some(42));
    assert_eq!(parse_trace_id("42"), Some(42));
    assert_eq!(parse_trace_id("00f067aa0ba902b7"), Some(0x00f0_67aa_0ba9_02b7));
    assert_eq!(parse_trace_id("0"), None);
    assert_eq!(parse_span_id("12345678901234567890"), Some(12_345_678_901_234_567_890));
    assert_eq!(parse_span_id("not hex"), None);
}
