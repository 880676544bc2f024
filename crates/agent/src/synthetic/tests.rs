//! Tests against local servers: what is tried, what is found, what fails and why.

use super::check::SyntheticCheck;
use super::*;
use crate::check::{Check, Run};
use oriel_model::CheckStatus;
use serde_json::json;
use std::io::{Read, Write};
use std::net::TcpListener;

/// Answers each connection with the same bytes.
fn serve(answer: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            let mut request = [0; 4096];
            let _ = connection.read(&mut request);
            let _ = connection.write_all(answer.as_bytes());
        }
    });
    port
}

const PAGE: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 5\r\nx-build: 42\r\nconnection: close\r\n\r\nhello";
const BROKEN: &str = "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

async fn run(document: serde_json::Value) -> Run {
    let test = synthetics::test(&document).unwrap();
    SyntheticCheck::new("abc", "web-1", test).run().await
}

fn http(port: u16, assertions: serde_json::Value) -> serde_json::Value {
    json!({"name": "t", "subtype": "http", "options": {}, "config": {
        "request": {"url": format!("http://127.0.0.1:{port}/"), "timeout": 5}, "assertions": assertions}})
}

fn told(run: &Run) -> (CheckStatus, &str) {
    assert_eq!(run.signals[0].check, "synthetics.test");
    assert_eq!(run.signals[0].tags, ["test_id:abc", "location:web-1"]);
    let message = run.signals[0].message.as_str();
    (run.signals[0].status, message.split_once(": ").map_or("", |(_, why)| why))
}

#[tokio::test]
async fn a_page_that_is_as_wanted_passes() {
    let wanted = json!([
        {"type": "statusCode", "operator": "is", "target": 200},
        {"type": "responseTime", "operator": "lessThan", "target": 5000},
        {"type": "header", "property": "X-Build", "operator": "moreThan", "target": 41},
        {"type": "header", "property": "x-none", "operator": "doesNotExist"},
        {"type": "body", "operator": "matches", "target": "^h.llo$"},
    ]);
    let run = run(http(serve(PAGE), wanted)).await;
    assert_eq!(told(&run), (CheckStatus::Ok, ""));
    assert!(run.signals[0].message.starts_with("passed in "), "{run:?}");
    assert_eq!(run.samples[0].name, "synthetics.response_time");
    assert!(run.samples[0].value > 0.0 && run.samples[0].value < 5.0);
    assert!(run.failure.is_none() && run.warnings.is_empty());
}

#[tokio::test]
async fn the_first_thing_that_is_not_as_wanted_is_named() {
    let page = serve(PAGE);
    let cases = [
        (
            json!({"type": "statusCode", "operator": "is", "target": 201}),
            "statusCode is 200; expected is 201",
        ),
        (
            json!({"type": "body", "operator": "contains", "target": "bye"}),
            "body is hello; expected contains bye",
        ),
        (
            json!({"type": "header", "property": "x", "operator": "is", "target": "1"}),
            "there is no header x; expected is 1",
        ),
        (
            json!({"type": "header", "property": "x-build", "operator": "lessThan", "target": 42}),
            "x-build is 42; expected lessThan 42",
        ),
    ];
    for (assertion, wanted) in cases {
        let run = run(http(page, json!([assertion]))).await;
        assert_eq!(told(&run), (CheckStatus::Critical, wanted));
        assert_eq!(run.warnings, [format!("t: {wanted}")]);
    }
}

#[tokio::test]
async fn an_error_is_one_unless_it_was_wanted() {
    let broken = serve(BROKEN);
    assert_eq!(told(&run(http(broken, json!([]))).await), (CheckStatus::Critical, "the status is 503"));
    let wanted = json!([{"type": "statusCode", "operator": "is", "target": 503}]);
    assert_eq!(told(&run(http(broken, wanted)).await).0, CheckStatus::Ok);
}

#[tokio::test]
async fn a_port_that_nobody_listens_on_is_refused() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let tcp = |port: u16, assertions: serde_json::Value| {
        json!({"name": "t", "subtype": "tcp", "options": {}, "config": {
            "request": {"host": "127.0.0.1", "port": port.to_string(), "timeout": 2}, "assertions": assertions}})
    };
    let refused = run(tcp(free, json!([]))).await;
    assert_eq!(
        told(&refused),
        (CheckStatus::Critical, format!("the connection to 127.0.0.1:{free} is refused").as_str())
    );
    let wanted = json!([{"type": "connection", "operator": "is", "target": "refused"}]);
    assert_eq!(told(&run(tcp(free, wanted)).await).0, CheckStatus::Ok);
    assert_eq!(told(&run(tcp(serve(PAGE), json!([]))).await).0, CheckStatus::Ok);
    let page = run(http(free, json!([]))).await;
    assert_eq!(told(&page).0, CheckStatus::Critical);
    assert!(page.samples.is_empty(), "no time of an answer that never came");
}

#[tokio::test]
async fn a_run_that_failed_is_tried_again() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for (n, connection) in listener.incoming().enumerate() {
            let mut connection = connection.unwrap();
            let _ = connection.read(&mut [0; 4096]);
            let _ = connection.write_all(if n < 2 { BROKEN } else { PAGE }.as_bytes());
        }
    });
    let mut document = http(port, json!([]));
    document["options"] = json!({"retry": {"count": 2, "interval": 1}});
    assert_eq!(told(&run(document).await).0, CheckStatus::Ok);
}

#[tokio::test]
async fn what_does_not_speak_tls_is_told() {
    let document = json!({"name": "t", "subtype": "ssl", "options": {}, "config": {
        "request": {"host": "127.0.0.1", "port": serve(PAGE), "timeout": 2},
        "assertions": [{"type": "certificate", "operator": "isInMoreThan", "target": 10}]}});
    let run = run(document).await;
    let (status, why) = told(&run);
    assert_eq!(status, CheckStatus::Critical);
    assert!(why.contains("handshake"), "{why}");
}
