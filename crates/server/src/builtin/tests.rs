//! The built-in documents are whole.

use super::*;
use serde_json::Value;

/// Every query of a document.
fn queries(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                match value.as_str() {
                    Some(text) if key == "q" || key == "query" => found.push(text.to_owned()),
                    _ => queries(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|v| queries(v, found)),
        _ => {}
    }
}

#[test]
fn each_built_in_dashboard_is_whole_and_its_queries_parse() {
    for dashboard in all() {
        let body = &dashboard.body;
        assert_eq!(body["is_read_only"], true, "{}", dashboard.id);
        assert!(
            body["title"].is_string() && body["widgets"].as_array().unwrap().len() >= 6,
            "{}",
            dashboard.id
        );
        let mut found = Vec::new();
        queries(body, &mut found);
        assert!(found.len() >= 8, "{}", dashboard.id);
        for query in found {
            if let Err(e) = oriel_query::parse(&query) {
                panic!("{}: {query}: {e}", dashboard.id);
            }
        }
    }
}
