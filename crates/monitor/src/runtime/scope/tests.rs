//! What scopes fix.

use super::*;
use serde_json::json;

fn pairs_of(query: &str) -> Vec<(String, String)> {
    let document = json!({"name": "n", "type": "query alert", "query": query, "message": ""});
    fixed(&Rule::parse(&document).unwrap())
}

#[test]
fn a_scope_fixes_what_all_of_it_has() {
    let of = |k: &str, v: &str| (k.to_owned(), v.to_owned());
    assert_eq!(
        pairs_of("avg(last_5m):avg:m{host:web-1,env:prod} > 1"),
        [of("host", "web-1"), of("env", "prod")]
    );
    assert!(pairs_of("avg(last_5m):avg:m{host:web-* OR env:a} > 1").is_empty());
    assert!(pairs_of("avg(last_5m):avg:m{!host:a} > 1").is_empty());
    let group = with_fixed(vec![of("host", "b")], &[of("host", "a"), of("env", "x")]);
    assert_eq!(group, [of("host", "b"), of("env", "x")]);
}
