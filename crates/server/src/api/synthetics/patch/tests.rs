//! Each operation, and what can't be done.

use super::*;
use serde_json::json;

fn run(operations: Value) -> Result<Value, String> {
    let document = json!({"name": "a", "list": [1, 2], "options": {"tick_every": 60, "a/b": 1}});
    let patch: Patch = serde_json::from_value(json!({ "data": operations })).unwrap();
    patched(document, patch.data)
}

#[test]
fn each_operation() {
    let done = run(json!([
        {"op": "replace", "path": "/name", "value": "b"},
        {"op": "test", "path": "/name", "value": "b"},
        {"op": "add", "path": "/list/0", "value": 0},
        {"op": "add", "path": "/list/-", "value": 3},
        {"op": "remove", "path": "/list/1"},
        {"op": "copy", "from": "/options/tick_every", "path": "/options/min_failure_duration"},
        {"op": "move", "from": "/options/a~1b", "path": "/moved"},
    ]));
    let wanted = json!({"name": "b", "list": [0, 2, 3], "options": {"tick_every": 60, "min_failure_duration": 60}, "moved": 1});
    assert_eq!(done.unwrap(), wanted);
}

#[test]
fn what_cant_be_done_is_named() {
    for (operation, wanted) in [
        (json!({"op": "replace", "path": "/no", "value": 1}), "/no is not there"),
        (json!({"op": "remove", "path": "/list/9"}), "/list/9 is not there"),
        (json!({"op": "add", "path": "/list/9", "value": 1}), "/list/9 is not there"),
        (json!({"op": "add", "path": "name", "value": 1}), "name is not there"),
        (json!({"op": "test", "path": "/name", "value": "z"}), "/name is not \"z\""),
        (json!({"op": "move", "from": "/zzz", "path": "/name"}), "/zzz is not there"),
    ] {
        let wrong = run(json!([operation])).unwrap_err();
        assert!(wrong.starts_with(wanted), "{wrong}");
    }
}
