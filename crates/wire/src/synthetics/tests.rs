//! Documents to tests, and what is wrong with documents.

use super::*;
use serde_json::json;

fn http() -> Value {
    json!({
        "name": "front page", "type": "api", "subtype": "http", "status": "live", "locations": ["web-1"], "message": "",
        "tags": ["env:prod"],
        "config": {
            "request": {
                "method": "get", "url": "https://shop.example/", "timeout": 5, "headers": {"X-Test": "1"},
                "query": {"q": "a b"}, "basicAuth": {"username": "u", "password": "p"}
            },
            "assertions": [
                {"type": "statusCode", "operator": "is", "target": 200},
                {"type": "responseTime", "operator": "lessThan", "target": "1000"},
                {"type": "header", "property": "Content-Type", "operator": "contains", "target": "html"},
                {"type": "body", "operator": "doesNotContain", "target": "error"}
            ]
        },
        "options": {"tick_every": 60, "retry": {"count": 2, "interval": 500}, "allow_insecure": true}
    })
}

fn with(path: &str, value: Value) -> Value {
    let mut document = http();
    let (parent, key) = path.rsplit_once('/').unwrap();
    document.pointer_mut(parent).unwrap()[key] = value;
    document
}

fn asserts(one: Value) -> Value {
    with("/config/assertions", json!([one]))
}

#[test]
fn a_test_as_people_export_it() {
    let read = test(&http()).unwrap();
    assert_eq!(read.probe.target(), "GET https://shop.example/?q=a%20b");
    assert_eq!((read.every_ms, read.timeout_ms, read.retries, read.retry_pause_ms), (60_000, 5_000, 2, 500));
    let Probe::Http(probe) = &read.probe else { panic!("{read:?}") };
    assert_eq!(probe.basic_auth, Some(("u".to_owned(), "p".to_owned())));
    assert!(probe.accept_untrusted && probe.follow_redirects);
    assert_eq!(read.assertions[1].number, Some(1000.0));
    assert_eq!(read.assertions[2].subject, Subject::Header("content-type".to_owned()));
}

#[test]
fn a_certificate_is_looked_at_on_443_unless_told_otherwise() {
    let read = test(&json!({"name": "cert", "subtype": "ssl", "config": {
        "request": {"host": "shop.example"},
        "assertions": [{"type": "certificate", "operator": "isInMoreThan", "target": 10}]}, "options": {}}));
    let read = read.unwrap();
    assert_eq!(read.probe.target(), "shop.example:443");
    assert_eq!((read.every_ms, read.timeout_ms), (60_000, 10_000));
}

#[test]
fn a_certificate_says_who_it_is_of() {
    let with = |item: Value| {
        test(&json!({"name": "cert", "subtype": "ssl", "options": {"ignore_certificate_validation": true},
            "config": {"request": {"host": "h"}, "assertions": [item]}}))
    };
    let read =
        with(json!({"type": "property", "property": "issuer.CN", "operator": "contains", "target": "R3"}));
    let read = read.unwrap();
    assert_eq!(read.assertions[0].subject, Subject::CertificateProperty("issuer.CN".to_owned()));
    assert!(matches!(read.probe, Probe::Tls { trust: Trust::Any, .. }));
    let wrong = with(json!({"type": "property", "property": "issuer.XX", "operator": "is", "target": "R3"}));
    assert!(wrong.unwrap_err()[0].contains("property \"issuer.XX\" of a certificate is not known"));
}

#[test]
fn what_is_sent_says_what_it_is() {
    let mut document = with("/config/request/body", json!("{\"query\": \"{ me }\"}"));
    document["config"]["request"]["bodyType"] = json!("graphql");
    let Probe::Http(probe) = test(&document).unwrap().probe else { panic!() };
    assert_eq!(probe.headers.last().unwrap(), &("content-type".to_owned(), "application/json".to_owned()));
    document["config"]["request"]["headers"]["Content-Type"] = json!("text/x");
    let Probe::Http(probe) = test(&document).unwrap().probe else { panic!() };
    assert_eq!(probe.headers.len(), 2);
}

#[test]
fn what_is_wrong_is_named() {
    let cases = [
        (with("/subtype", json!("grpc")), "subtype \"grpc\" is not supported"),
        (with("/type", json!("browser")), "type \"browser\" is not supported"),
        (with("/config/steps", json!([{}])), "config.steps"),
        (with("/config/request/url", json!("ftp://x")), "config.request.url"),
        (
            with("/config/request/certificate", json!({"cert": {"filename": "a.pem"}})),
            "config.request.certificate.cert.content is missing",
        ),
        (with("/config/request/files", json!([{"name": "a"}])), "config.request.files is not supported"),
        (with("/config/request/method", json!("BREW")), "config.request.method \"BREW\" is not one of GET"),
        (
            with("/config/request/bodyType", json!("multipart/form-data")),
            "bodyType \"multipart/form-data\" is not",
        ),
        (with("/config/request/proxy", json!({"url": "socks5://x"})), "config.request.proxy.url starts with"),
        (
            with("/config/request/httpVersion", json!("http2")),
            "httpVersion \"http2\" is not supported; http1",
        ),
        (with("/config/configVariables", json!([{"name": "X"}])), "config.configVariables"),
        (with("/options/scheduling", json!({"timeframes": [{}]})), "options.scheduling.timezone is missing"),
        (with("/options/tick_every", json!(1)), "options.tick_every is a number from 5"),
        (with("/options/retry", json!({"count": 9})), "options.retry.count"),
        (
            with("/config/assertions", json!([{"type": "javascript", "code": "x"}])),
            "type \"javascript\" is not supported",
        ),
        (
            json!({"name": "", "subtype": "tcp", "config": {"request": {"host": "h", "port": 70_000}}}),
            "name is missing",
        ),
        (
            json!({"name": "x", "subtype": "tcp", "config": {"request": {"host": "h", "port": 70_000}}}),
            "config.request.port",
        ),
    ];
    for (document, wanted) in cases {
        says(&document, wanted);
    }
}

fn says(document: &Value, wanted: &str) {
    let wrong = test(document).unwrap_err().join("; ");
    assert!(wrong.contains(wanted), "{wrong:?} does not say {wanted:?}");
}

#[test]
fn what_is_wrong_with_an_assertion_is_named() {
    let cases = [
        (
            asserts(json!({"type": "body", "operator": "validatesXPath", "target": {}})),
            "operator \"validatesXPath\" is not supported; validatesJSONPath is",
        ),
        (asserts(json!({"type": "bodyHash", "operator": "md5", "target": "x"})), "sha256 is"),
        (asserts(json!({"type": "body", "operator": "matches", "target": "("})), "is no regular expression"),
        (
            asserts(json!({"type": "packetsReceived", "operator": "is", "target": 1})),
            "type \"packetsReceived\" is not",
        ),
        (
            asserts(
                json!({"type": "responseTime", "operator": "lessThan", "target": 1, "timingsScope": "tls"}),
            ),
            "timingsScope \"tls\" is not all or withoutDNS",
        ),
        (
            with(
                "/config/assertions",
                json!([{"type": "certificate", "operator": "isInMoreThan", "target": 1}]),
            ),
            "a test of http has no certificate",
        ),
        (
            with("/config/assertions", json!([{"type": "responseTime", "operator": "is", "target": 1}])),
            "operator \"is\" is not supported",
        ),
        (
            with(
                "/config/assertions",
                json!([{"type": "responseTime", "operator": "lessThan", "target": "fast"}]),
            ),
            "target \"fast\" is not a number",
        ),
    ];
    for (document, wanted) in cases {
        says(&document, wanted);
    }
}

/// Every place of a document, as pointers.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(key, inner)| places(inner, &format!("{at}/{key}"), found))
        }
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(n, inner)| places(inner, &format!("{at}/{n}"), found))
        }
        _ => {}
    }
}

#[test]
fn nonsense_anywhere_is_refused_or_taken_and_never_worse() {
    let nonsense = [
        json!(null),
        json!(true),
        json!(-1e308),
        json!(1e308),
        json!(""),
        json!("x y"),
        json!([[]]),
        json!({"a": {}}),
    ];
    let mut all = Vec::new();
    places(&http(), "", &mut all);
    assert!(all.len() > 40);
    for place in all {
        for value in &nonsense {
            let mut document = http();
            *document.pointer_mut(&place).unwrap() = value.clone();
            if let Ok(read) = test(&document) {
                assert!(
                    read.every_ms >= 5_000 && (1..=60_000).contains(&read.timeout_ms),
                    "{place} = {value}"
                );
            }
        }
    }
}
