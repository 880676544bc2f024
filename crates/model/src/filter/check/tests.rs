//! What each test means to each type of value.

use super::*;

fn passes(test: &Test, value: &Value) -> bool {
    let check = Check::new(test);
    Scalar::any(value, &mut |scalar| check.passes(scalar))
}

fn range(low: Option<&str>, high: Option<&str>, inclusive: bool) -> Test {
    let bound = |text: &str| Bound { text: text.into(), number: text.parse().ok(), inclusive };
    Test::Range(Bounds { low: low.map(bound), high: high.map(bound) })
}

#[test]
fn store_30_equal_by_the_view_that_the_value_has() {
    let equals = |text: &str, value: Value| passes(&Test::Equals(text.into()), &value);
    assert!(equals("200", Value::Int(200)));
    assert!(equals("200", Value::Float(200.0)));
    assert!(equals("2e2", Value::Int(200)));
    assert!(equals("200", Value::Text("200".into())));
    assert!(!equals("200", Value::Text("200.0".into())));
    assert!(equals("true", Value::Bool(true)));
    assert!(!equals("True", Value::Bool(true)));
    assert!(!equals("9007199254740993", Value::Int(9_007_199_254_740_992)));
    assert!(equals("18446744073709551615", Value::Uint(u64::MAX)));
    assert!(equals("b", Value::List(vec![Value::Int(1), Value::Text("b".into())])));
    assert!(!equals("null", Value::Null));
}

#[test]
fn ranges_are_by_number_where_the_bound_is_one() {
    assert!(passes(&range(Some("400"), Some("499"), true), &Value::Int(404)));
    assert!(passes(&range(Some("400"), None, false), &Value::Text("404".into())));
    assert!(!passes(&range(Some("400"), None, false), &Value::Text("abc".into())));
    assert!(!passes(&range(Some("400"), None, false), &Value::Int(400)));
    assert!(passes(&range(Some("a"), Some("c"), false), &Value::Text("b".into())));
    assert!(!passes(&range(Some("a"), Some("c"), false), &Value::Text("c".into())));
}

#[test]
fn ids_in_any_form() {
    assert_eq!(span_ids_meant("1234567890123456"), [0x1234_5678_9012_3456, 1_234_567_890_123_456]);
    assert_eq!(trace_ids_meant("0000000000000000000000000000002a")[0], 42);
    assert!(trace_ids_meant("42").contains(&42));
    assert!(trace_ids_meant("00f067aa0ba902b7").contains(&0x00f0_67aa_0ba9_02b7));
    assert_eq!(trace_ids_meant("nothing"), [0, 0]);
    let check = Test::Equals("00000000000000000000000000000000".into());
    assert!(!Check::new(&check).passes(Scalar::TraceId(0)));
}

#[test]
fn an_address_inside_of_a_network() {
    let nets = Test::Cidr(vec!["13.0.0.0/8".parse().expect("v4"), "2001:db8::/32".parse().expect("v6")]);
    assert!(passes(&nets, &Value::Text("13.1.2.3".into())));
    assert!(passes(&nets, &Value::Text("2001:db8::1".into())));
    assert!(!passes(&nets, &Value::Text("14.0.0.0".into())));
    assert!(!passes(&nets, &Value::Text("13.1.2.3:80".into())));
    assert!(!passes(&nets, &Value::Int(13)));
}
