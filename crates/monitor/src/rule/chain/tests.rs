//! Chains of calls.

use super::*;

#[test]
fn calls_and_their_arguments_are_read() {
    let text = r#"logs("status:error \"a b\" @x:\*").index("*").rollup("pc95", "@duration").by("a,@b").last("5m") > 5"#;
    let (chain, rest) = Chain::read(text).unwrap();
    assert_eq!(chain.head, "logs");
    assert_eq!(chain.argument, r#"status:error "a b" @x:\*"#);
    assert_eq!(chain.list("by"), ["a", "@b"]);
    assert_eq!(chain.list("index"), [""; 0]);
    assert_eq!(chain.arguments("rollup").unwrap(), ["pc95", "@duration"]);
    assert_eq!(rest, " > 5");
}

#[test]
fn a_quoted_head_is_a_service_check() {
    let (chain, rest) = Chain::read(r#" "http.can_connect" .over("*").last(4).count_by_status()"#).unwrap();
    assert_eq!((chain.argument.as_str(), rest), ("http.can_connect", ""));
    assert_eq!(chain.one("last"), Some("4"));
    assert!(chain.has("count_by_status"));
}

#[test]
fn what_is_not_closed_or_known_is_told() {
    assert!(Chain::read(r#"logs("x"#).is_err());
    assert!(Chain::read(r#"logs("x").last("5m""#).is_err());
    assert!(Chain::read("logs").is_err());
    let (chain, _) = Chain::read(r#"logs("x").lst("5m")"#).unwrap();
    assert!(chain.check(&["last"]).unwrap_err().contains(".lst()"));
    let (chain, _) = Chain::read(r#"logs("x").last("5m").last("6m")"#).unwrap();
    assert!(chain.check(&["last"]).unwrap_err().contains("twice"));
}
