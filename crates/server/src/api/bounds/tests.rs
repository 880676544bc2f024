//! Names, texts and tags at their bounds and one beyond.

use super::*;
use serde_json::json;

fn refused(document: &Value) -> Vec<String> {
    match check(document) {
        Ok(()) => Vec::new(),
        Err(failure) => failure.parts().1.split("; ").map(str::to_owned).collect(),
    }
}

#[test]
fn what_people_write_is_taken() {
    let tags: Vec<String> = (0..TAGS_MAX).map(|n| format!("tag:{n}")).collect();
    let whole = json!({"name": "ü".repeat(NAME_CHARS_MAX), "message": "m".repeat(TEXT_BYTES_MAX), "description": null, "tags": tags});
    assert!(refused(&whole).is_empty());
    for other in [json!(null), json!([]), json!({"name": 7, "tags": "a", "message": [1]}), json!("text")] {
        assert!(refused(&other).is_empty(), "{other}: its own reader says what is wrong");
    }
}

#[test]
fn each_reason_is_named() {
    let table = [
        (json!({"name": "x".repeat(NAME_CHARS_MAX + 1)}), "name: has 1001 characters"),
        (json!({"name": "a\u{0}b"}), "name: \"a\\0b\" has a null character"),
        (json!({"message": "x".repeat(TEXT_BYTES_MAX + 1)}), "message: has 100001 bytes"),
        (json!({"description": "\u{0}"}), "description: \"\\0\" has a null character"),
        (json!({"tags": vec!["a"; TAGS_MAX + 1]}), "tags: there are 1001"),
        (json!({"tags": ["x".repeat(TAG_CHARS_MAX + 1)]}), "tags: \"xxx"),
    ];
    for (document, wanted) in table {
        let told = refused(&document);
        assert!(
            told.first().is_some_and(|t| t.starts_with(wanted)),
            "{told:?} does not begin with {wanted:?}"
        );
    }
    let both = json!({"name": "\u{0}", "tags": ["\u{0}"]});
    assert_eq!(refused(&both).iter().filter(|t| t.contains("null character")).count(), 2);
}
