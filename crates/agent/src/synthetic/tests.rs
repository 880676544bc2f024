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
    SyntheticCheck::new("abc", "web-1", test, Arc::new(oriel_model::SystemClock)).run().await
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

const JSON: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 40\r\nconnection: close\r\n\r\n{\"nodes\": [{\"up\": true}, {\"up\": false}]}";

fn json_path(path: &str, elements: &str) -> serde_json::Value {
    json!({"type": "body", "operator": "validatesJSONPath", "target":
        {"jsonPath": path, "operator": "is", "targetValue": "true", "elementsOperator": elements}})
}

#[tokio::test]
async fn values_inside_a_json_body_are_judged() {
    let port = serve(JSON);
    let first = run(http(port, json!([json_path("$.nodes[*].up", "firstElementMatches")]))).await;
    assert_eq!(told(&first), (CheckStatus::Ok, ""));
    let every = run(http(port, json!([json_path("$.nodes[*].up", "everyElementMatches")]))).await;
    assert_eq!(told(&every), (CheckStatus::Critical, "$.nodes[*].up is false; expected is true"));
    let missing = run(http(port, json!([json_path("$.status", "firstElementMatches")]))).await;
    assert_eq!(told(&missing).1, "$.status is not there; expected is true");
    let page = run(http(serve(PAGE), json!([json_path("$.status", "firstElementMatches")]))).await;
    assert!(told(&page).1.starts_with("the body is not JSON: "), "{page:?}");
}

#[tokio::test]
async fn a_digest_of_the_body_is_compared() {
    // printf hello | sha256sum
    let digest = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    let assertion = |target: &str| json!([{"type": "bodyHash", "operator": "sha256", "target": target}]);
    assert_eq!(told(&run(http(serve(PAGE), assertion(digest))).await).0, CheckStatus::Ok);
    let other = run(http(serve(PAGE), assertion("00"))).await;
    assert_eq!(told(&other).1, format!("bodyHash is {digest}; expected sha256 00"));
}

#[tokio::test]
async fn a_page_that_may_not_be_shown_is_not() {
    let mut document = http(serve(PAGE), json!([{"type": "body", "operator": "is", "target": "bye"}]));
    document["config"]["request"]["noSavingResponseBody"] = json!(true);
    let run = run(document).await;
    assert!(!run.signals[0].message.contains("hello") && told(&run).1.contains("are not shown"), "{run:?}");
}

#[tokio::test]
async fn a_test_rests_outside_of_its_hours() {
    let mut document = http(serve(PAGE), json!([]));
    let frames = |from: &str, to: &str| -> Vec<serde_json::Value> {
        (1..=7).map(|day| json!({"day": day, "from": from, "to": to})).collect()
    };
    document["options"]["scheduling"] = json!({"timezone": "UTC", "timeframes": frames("00:00", "24:00")});
    assert_eq!(run(document.clone()).await.signals.len(), 1);
    // 2026-03-02, 12:00 UTC, and a minute later.
    document["options"]["scheduling"]["timeframes"] = json!(frames("12:00", "12:01"));
    let noon = Arc::new(oriel_model::ManualClock::at(1_772_452_800_000));
    let read = || synthetics::test(&document).unwrap();
    assert_eq!(SyntheticCheck::new("abc", "web-1", read(), noon.clone()).run().await.signals.len(), 1);
    noon.set(1_772_452_860_000);
    assert!(SyntheticCheck::new("abc", "web-1", read(), noon).run().await.signals.is_empty());
}

#[tokio::test]
async fn a_proxy_is_asked_with_its_headers() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let asked = std::thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let mut request = [0; 4096];
        let read = connection.read(&mut request).unwrap();
        connection.write_all(PAGE.as_bytes()).unwrap();
        String::from_utf8_lossy(&request[..read]).into_owned()
    });
    let mut document = http(1, json!([{"type": "statusCode", "operator": "is", "target": 200}]));
    document["config"]["request"]["url"] = json!("http://shop.example/basket");
    let proxy = json!({"url": format!("http://127.0.0.1:{port}"), "headers": {"x-team": "web"}});
    document["config"]["request"]["proxy"] = proxy;
    assert_eq!(told(&run(document).await), (CheckStatus::Ok, ""));
    let asked = asked.join().unwrap();
    assert!(
        asked.starts_with("GET http://shop.example/basket HTTP/1.1") && asked.contains("x-team: web"),
        "{asked}"
    );
}

/// A server that says a byte now and then keeps no thread behind the end of the test's time.
#[tokio::test]
async fn a_handshake_that_drips_ends_with_the_test() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let ended = std::thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        // The head of a handshake record of 16 KiB, then its bytes one by one, until the other side is gone.
        let mut byte = vec![0x16, 3, 3, 0x40, 0];
        while connection.write_all(&byte).is_ok() {
            byte = vec![0];
            std::thread::sleep(Duration::from_millis(20));
        }
    });
    let document = json!({"name": "t", "subtype": "ssl", "options": {}, "config": {
        "request": {"host": "127.0.0.1", "port": port, "timeout": 0.3}, "assertions": []}});
    assert_eq!(told(&run(document).await).0, CheckStatus::Critical);
    tokio::task::spawn_blocking(|| ended.join().unwrap()).await.unwrap();
}
