//! Bodies, paths and what is wanted of what they find.

use super::super::{Assertion, Probe, assertion};
use super::*;
use serde_json::json;

const BODY: &str = r#"{"status": "ok", "version": "2.10", "count": 3, "ready": true, "none": null, "empty": [],
    "nodes": [{"id": 1, "state": "up", "load": 0.5}, {"id": 2, "state": "down", "load": 7}]}"#;

fn read(path: &str, operator: &str, wanted: Value, elements: Value) -> Result<Assertion, String> {
    let item = json!({"type": "body", "operator": "validatesJSONPath", "target":
        {"jsonPath": path, "operator": operator, "targetValue": wanted, "elementsOperator": elements}});
    assertion::read(&item, None::<&Probe>)
}

fn judge(body: &str, read: &Assertion) -> Result<(String, bool), String> {
    let super::super::Subject::Json(query) = &read.subject else { panic!("{read:?}") };
    query.judge(body, &read.wanted())
}

#[test]
fn each_operator_on_what_a_path_finds() {
    let cases = [
        ("$.status", "is", json!("ok"), true),
        ("$.status", "isNot", json!("ok"), false),
        ("$.status", "contains", json!("o"), true),
        ("$.status", "doesNotContain", json!("x"), true),
        ("$.status", "matches", json!("^o.$"), true),
        ("$.status", "doesNotMatch", json!("^o.$"), false),
        ("$.count", "is", json!(3), true),
        ("$.count", "is", json!("3.0"), true),
        ("$.version", "is", json!("2.1"), false),
        ("$.count", "moreThan", json!(2), true),
        ("$.count", "lessThanOrEqual", json!("2.5"), false),
        ("$.status", "lessThan", json!(2), false),
        ("$.ready", "is", json!("true"), true),
        ("$.none", "is", json!("null"), true),
        ("$.none", "isUndefined", Value::Null, false),
        ("$.missing", "isUndefined", Value::Null, true),
        ("$.missing", "is", json!("x"), false),
        ("$.missing", "isNot", json!("x"), true),
        ("$.nodes[?@.state == 'down'].id", "is", json!(2), true),
        ("$..load", "moreThan", json!(1), false),
    ];
    for (path, operator, wanted, holds) in cases {
        let read = read(path, operator, wanted.clone(), Value::Null).unwrap();
        let (found, seen) = judge(BODY, &read).unwrap();
        assert_eq!(seen, holds, "{path} {operator} {wanted}: {found}");
    }
}

#[test]
fn several_values_are_judged_as_told() {
    let judged = |elements: &str, operator: &str, wanted: Value| {
        let read = read("$.nodes[*].state", operator, wanted, json!(elements)).unwrap();
        judge(BODY, &read).unwrap()
    };
    assert_eq!(judged("firstElementMatches", "is", json!("up")), ("up".to_owned(), true));
    assert_eq!(judged("everyElementMatches", "is", json!("up")), ("down".to_owned(), false));
    assert!(judged("everyElementMatches", "matches", json!("up|down")).1);
    assert_eq!(
        judged("atLeastOneElementMatches", "is", json!("down")),
        (r#"["up","down"]"#.to_owned(), true)
    );
    assert!(!judged("atLeastOneElementMatches", "is", json!("gone")).1);
    assert!(judged("serializationMatches", "is", json!(r#"["up","down"]"#)).1);
}

#[test]
fn a_body_that_is_no_json_is_told() {
    let read = read("$.a", "is", json!(1), Value::Null).unwrap();
    assert!(judge("<html>", &read).unwrap_err().starts_with("the body is not JSON: "));
}

#[test]
fn what_is_wrong_is_named() {
    let cases = [
        (read("data.id", "is", json!(1), Value::Null), "\"data.id\" is no JSONPath"),
        (read("", "is", json!(1), Value::Null), "target.jsonPath is missing"),
        (read("$.a", "is", Value::Null, Value::Null), "target is missing"),
        (read("$.a", "matches", json!("("), Value::Null), "\"(\" is no regular expression"),
        (read("$.a", "moreThan", json!("x"), Value::Null), "target \"x\" is not a number"),
        (read("$.a", "isInMoreThan", json!(1), Value::Null), "operator \"isInMoreThan\" is not supported"),
        (
            read("$.a", "is", json!(1), json!("someElements")),
            "elementsOperator \"someElements\" is not one of first",
        ),
    ];
    for (read, wanted) in cases {
        let wrong = read.unwrap_err();
        assert!(wrong.contains(wanted), "{wrong:?} does not say {wanted:?}");
    }
}
