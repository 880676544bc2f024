//! What can't be read says which parameter it was, what it held and what is allowed.

use super::parameters::read;
use super::{read_json, shown};
use proptest::prelude::*;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Debug, Deserialize, PartialEq)]
struct Asked {
    #[serde(default)]
    query: String,
    page: Option<usize>,
    from_ms: Option<i64>,
    rate: Option<f64>,
    #[serde(default)]
    all: bool,
    #[serde(default, rename = "page[size]")]
    size: u8,
    state: Option<State>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum State {
    Pending,
    Sent,
}

fn asked(pairs: &[(&str, &str)]) -> Result<Asked, String> {
    let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    read(pairs).map_err(|e| e.to_string())
}

#[test]
fn fields_are_read() {
    let pairs = [
        ("query", "a b"),
        ("page", "3"),
        ("from_ms", "-5"),
        ("rate", "1e3"),
        ("all", "True"),
        ("page[size]", "255"),
        ("state", "sent"),
        ("other", "is left alone"),
        ("other", "twice"),
    ];
    let wanted = Asked {
        query: "a b".into(),
        page: Some(3),
        from_ms: Some(-5),
        rate: Some(1000.0),
        all: true,
        size: 255,
        state: Some(State::Sent),
    };
    assert_eq!(asked(&pairs), Ok(wanted));
}

#[test]
fn refusals_name_the_parameter_its_value_and_what_is_allowed() {
    let table = [
        (("page", "-1"), r#"page: "-1" is not a whole number from 0 on"#),
        (("page", ""), r#"page: "" is not a whole number from 0 on"#),
        (("page", "99999999999999999999999"), r#"page: "99999999999999999999999" is too large"#),
        (("from_ms", "now"), r#"from_ms: "now" is not a whole number"#),
        (("rate", "NaN"), r#"rate: "NaN" is not a number"#),
        (("all", "yes"), r#"all: "yes" is neither true nor false"#),
        (("page[size]", "256"), r#"page[size]: "256" is too large"#),
        (("state", "gone"), r#"state: "gone" is none of pending, sent"#),
    ];
    for (pair, wanted) in table {
        assert_eq!(asked(&[pair]), Err(wanted.to_owned()));
    }
    assert_eq!(asked(&[("query", "a"), ("query", "b")]), Err("query is given more than once".to_owned()));
    let missing: Result<BTreeMap<String, u8>, _> = read(vec![("a\u{0}".into(), "x".into())]);
    assert_eq!(missing.unwrap_err().to_string(), r#""a\0": "x" is not a whole number from 0 on"#);
}

#[test]
fn long_values_are_cut_and_control_signs_escaped() {
    assert_eq!(shown("a\u{0}\"\n"), r#""a\0\"\n""#);
    assert_eq!(shown(&"ü".repeat(5_000)), format!("\"{}\"… (10000 bytes)", "ü".repeat(80)));
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "only whether it is read counts")]
struct Body {
    data: Data,
    #[serde(default)]
    lists: Vec<Vec<u8>>,
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "only whether it is read counts")]
struct Data {
    limit: u32,
    #[serde(default)]
    name: String,
}

#[test]
fn json_says_at_which_field() {
    let table = [
        ("", "the body is empty; send JSON"),
        ("  \n", "the body is empty; send JSON"),
        ("{\"data\": ", "the body is not JSON: it ends early, at line 1 column 9"),
        ("{\"data\" 1}", "the body is not JSON: expected `:` at line 1 column 9"),
        ("\"text\"", "the body: invalid type: string \"text\", expected an object"),
        ("7", "the body: invalid type: integer `7`, expected an object"),
        ("{\"data\": 7}", "data: invalid type: integer `7`, expected an object"),
        ("{\"data\": {}}", "data: missing field `limit`"),
        (
            "{\n \"data\": {\n  \"limit\": \"ten\",\n \"name\": \"n\"}}",
            "data.limit: invalid type: string \"ten\", expected u32",
        ),
        ("{\"data\": {\"limit\": -1}}", "data.limit: invalid value: integer `-1`, expected u32"),
        ("{\"data\": {\"limit\": 1, \"name\": [1]}}", "data.name: invalid type: sequence, expected a string"),
        (
            "{\"data\": {\"limit\": 1}, \"lists\": [[1], [2, 300]]}",
            "lists[1][1]: invalid value: integer `300`, expected u8",
        ),
        (
            "{\"data\": {\"name\": \"}],\\\"{\", \"limit\": null}}",
            "data.limit: invalid type: null, expected u32",
        ),
    ];
    for (body, wanted) in table {
        let refused = read_json::<Body>(body.as_bytes()).unwrap_err();
        assert_eq!(refused.parts().1, wanted, "{body}");
    }
}

proptest! {
    /// Cut and altered bodies are read or refused, never more.
    #[test]
    fn any_bytes_are_read_or_refused(head in "[\\[\\]{}:,\" a-z0-9\\\\\n]{0,40}", tail in proptest::collection::vec(any::<u8>(), 0..40)) {
        for start in ["", "{\"data\":{\"limit\":", "{\"data\":{\"limit\":1},\"lists\":[["] {
            let body = [start.as_bytes(), head.as_bytes(), &tail].concat();
            let _ = read_json::<Body>(&body);
        }
    }

    #[test]
    fn any_parameters_are_read_or_refused(pairs in proptest::collection::vec((prop_oneof![Just("page".to_owned()), Just("rate".to_owned()), any::<String>()], any::<String>()), 0..6)) {
        let _ = read::<Asked>(pairs);
    }
}
