//! The trace agent's API: over its own listener without a key, and by the same paths on `--http`.

use crate::rig::{API_KEY, NOW_S, Rig};
use oriel_server::ApmPolicy;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// One trace of a web request that asks a database; `mark` is its priority.
fn trace(id: u64, priority: i64, status: &str) -> Value {
    let start = (NOW_S - 5) * 1_000_000_000;
    let error = i64::from(status >= "500");
    json!([
        {"trace_id": id, "span_id": id * 10, "parent_id": 0, "service": "web", "name": "http.request", "resource": "GET /",
         "type": "web", "start": start, "duration": 20_000_000, "error": error,
         "meta": {"env": "prod", "version": "2", "span.kind": "server", "http.status_code": status, "_dd.p.tid": "00000000000000ab"},
         "metrics": {"_sampling_priority_v1": priority}},
        {"trace_id": id, "span_id": id * 10 + 1, "parent_id": id * 10, "service": "db", "name": "db.query",
         "resource": "SELECT 1 FROM t WHERE a = 'secret'", "type": "sql", "start": start, "duration": 10_000_000,
         "meta": {"db.statement": "SELECT 1 FROM t WHERE a = 'secret'"}}
    ])
}

const JSON: [(&str, &str); 2] = [("dd-api-key", API_KEY), ("content-type", "application/json")];

async fn spans(rig: &Rig, query: &str) -> Vec<Value> {
    let from = (NOW_S - 600) * 1000;
    let filter = json!({"query": query, "from": from.to_string(), "to": (NOW_S * 1000 + 60_000).to_string()});
    let body =
        json!({"data": {"type": "search_request", "attributes": {"filter": filter, "page": {"limit": 100}}}});
    let answer = rig.change("POST", "/api/v2/spans/events/search", body).await;
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    answer.json()["data"].as_array().unwrap().iter().map(|d| d["attributes"].clone()).collect()
}

/// The sum of a trace metric, once its ten seconds are over; none when there is no such series.
async fn total(rig: &Rig, query: &str) -> Option<f64> {
    let found = rig.query(query).await;
    found.first().map(|(_, points)| points.iter().map(|p| p.1).sum())
}

/// Makes the open ten seconds be over, and waits until they are stored.
async fn flushed(rig: &Rig, metric: &str) {
    rig.clock.advance(20_000);
    for _ in 0..100 {
        if total(rig, &format!("sum:{metric}{{*}}.as_count()")).await.is_some() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{metric} has not come");
}

#[tokio::test]
async fn traces_are_stored_counted_and_counted_once() {
    let rig = Rig::new().await;
    let body = json!([trace(1, 1, "200"), trace(2, 1, "500")]).to_string();
    for _ in 0..2 {
        let answer = rig.send("PUT", "/v0.3/traces", &JSON, body.clone()).await;
        assert_eq!(
            (answer.status.as_u16(), answer.json()),
            (200, json!({"rate_by_service": {"service:,env:": 1.0}}))
        );
    }
    let stored = spans(&rig, "service:web").await;
    assert_eq!(stored.len(), 2, "a repeat is stored once: {stored:?}");
    assert!(
        stored.iter().all(|s| s["trace_id"].as_str().unwrap().starts_with("00000000000000ab")),
        "{stored:?}"
    );
    let statements = spans(&rig, "service:db").await;
    assert!(statements.iter().all(|s| s["resource_name"] == "SELECT ? FROM t WHERE a = ?"), "{statements:?}");
    assert!(statements.iter().all(|s| !s.to_string().contains("secret")), "{statements:?}");

    flushed(&rig, "trace.http.request.hits").await;
    let by_service = "{service:web,env:prod,version:2}.as_count()";
    assert_eq!(total(&rig, &format!("sum:trace.http.request.hits{by_service}")).await, Some(2.0));
    assert_eq!(total(&rig, &format!("sum:trace.http.request.errors{by_service}")).await, Some(1.0));
    let status = "sum:trace.http.request.hits.by_http_status{http.status_class:5xx}.as_count()";
    assert_eq!(total(&rig, status).await, Some(1.0));
    let edge = "sum:oriel.trace.edge.hits{from_service:web,to_service:db,env:prod}.as_count()";
    assert_eq!(total(&rig, edge).await, Some(2.0));
    let p95 = total(&rig, "p95:trace.http.request{service:web}").await.unwrap();
    assert!((p95 / 0.02 - 1.0).abs() < 0.05, "{p95} s");
}

#[tokio::test]
async fn what_a_client_counted_is_not_counted_again() {
    let rig = Rig::new().await;
    let mut headers = JSON.to_vec();
    headers.extend([("datadog-client-computed-stats", "yes"), ("datadog-client-dropped-p0-traces", "7")]);
    let answer = rig.send("POST", "/v0.3/traces", &headers, json!([trace(1, 1, "200")]).to_string()).await;
    assert_eq!(answer.status, 200);
    flushed(&rig, "oriel.trace.edge.hits").await;
    assert_eq!(total(&rig, "sum:trace.http.request.hits{*}.as_count()").await, None);
    assert_eq!(spans(&rig, "service:web").await.len(), 1);
}

#[tokio::test]
async fn what_a_tracer_decided_against_counts_and_is_not_kept_but_for_errors() {
    let rig = Rig::new().await;
    let body =
        json!([trace(1, 0, "200"), trace(2, -1, "200"), trace(3, 0, "503"), trace(4, 2, "200")]).to_string();
    for _ in 0..2 {
        assert_eq!(rig.send("POST", "/v0.3/traces", &JSON, body.clone()).await.status, 200);
    }
    let all_dropped = json!([trace(5, 0, "200")]).to_string();
    for _ in 0..2 {
        assert_eq!(rig.send("POST", "/v0.3/traces", &JSON, all_dropped.clone()).await.status, 200);
    }
    let mut kept: Vec<String> = spans(&rig, "service:web")
        .await
        .iter()
        .map(|s| s["trace_id"].as_str().unwrap()[31..].to_owned())
        .collect();
    kept.sort();
    assert_eq!(kept, ["3", "4"]);
    flushed(&rig, "trace.http.request.hits").await;
    assert_eq!(
        total(&rig, "sum:trace.http.request.hits{*}.as_count()").await,
        Some(5.0),
        "repeats count once"
    );
}

#[tokio::test]
async fn unsampled_traces_are_kept_when_that_is_wished() {
    let rig = Rig::new().await;
    rig.server.start_apm(None, None, ApmPolicy { keep_unsampled: true, target_tps: Some(1.0) });
    let body = json!([trace(1, 0, "200")]).to_string();
    assert_eq!(rig.send("POST", "/v0.3/traces", &JSON, body).await.status, 200);
    assert_eq!(spans(&rig, "service:web").await.len(), 1);
    rig.clock.advance(10_000);
    let more: Vec<Value> = (10..310).map(|id| trace(id, 1, "200")).collect();
    rig.send("POST", "/v0.3/traces", &JSON, json!(more).to_string()).await;
    rig.clock.advance(10_000);
    let answer = rig.send("POST", "/v0.3/traces", &JSON, json!([trace(400, 1, "200")]).to_string()).await;
    let rates = answer.json()["rate_by_service"].clone();
    // About thirty a second for a wish of one.
    assert!((rates["service:web,env:prod"].as_f64().unwrap() - 1.0 / 30.0).abs() < 0.01, "{rates}");
    assert_eq!(rates["service:,env:"], 1.0);
}

async fn ask(rig: &Rig, request: &str) -> (u16, String, String) {
    let settings = rig.get("/api/ui/settings").await.json();
    let listeners = settings["listeners"].as_array().unwrap();
    let address = listeners.iter().find(|l| l["name"] == "apm").unwrap()["addr"].as_str().unwrap().to_owned();
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head[9..12].parse().unwrap(), head.to_owned(), body.to_owned())
}

fn request(method: &str, path: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n{body}"
    )
}

#[tokio::test]
async fn the_listener_takes_no_key_and_knows_its_own_state() {
    let rig = Rig::new().await;
    rig.server.start_apm(Some(([127, 0, 0, 1], 0).into()), None, ApmPolicy::default());
    let (status, head, info) = ask(&rig, &request("GET", "/info", "", "")).await;
    assert_eq!(status, 200, "{head}");
    let parsed: Value = serde_json::from_str(&info).unwrap();
    assert_eq!(parsed["client_drop_p0s"], true);
    assert!(parsed["endpoints"].as_array().unwrap().contains(&json!("/v0.6/stats")));
    assert!(
        parsed.as_object().unwrap().values().all(|v| !v.is_null()),
        "libdatadog throws an answer with null away"
    );

    let json_type = "content-type: application/json\r\n";
    let body = json!([trace(1, 1, "200")]).to_string();
    let (status, head, answer) = ask(&rig, &request("POST", "/v0.3/traces", json_type, &body)).await;
    assert_eq!((status, answer.as_str()), (200, "{\"rate_by_service\":{\"service:,env:\":1.0}}"));
    let hash = Sha256::digest(info.as_bytes()).iter().fold(String::new(), |mut text, b| {
        write!(text, "{b:02x}").unwrap();
        text
    });
    assert!(head.contains(&format!("datadog-agent-state: {hash}")), "{head}");
    assert_eq!(spans(&rig, "service:web host:test-host").await.len(), 1);

    let (status, _, answer) = ask(&rig, &request("POST", "/v0.7/config", json_type, "{\"client\":{}}")).await;
    assert_eq!((status, answer.as_str()), (200, "{}"));
    let (status, _, answer) = ask(&rig, &request("POST", "/v0.5/traces", "", "nonsense")).await;
    assert!(status == 400 && answer.contains("MessagePack"), "{status} {answer}");
}

#[tokio::test]
async fn what_is_not_stored_is_taken_and_shown() {
    let rig = Rig::new().await;
    rig.server.start_apm(Some(([127, 0, 0, 1], 0).into()), None, ApmPolicy::default());
    let paths = [
        "/telemetry/proxy/api/v2/apmtelemetry",
        "/profiling/v1/input",
        "/evp_proxy/v4/api/v2/citestcycle",
        "/debugger/v2/input",
    ];
    for path in paths {
        let (status, _, body) = ask(&rig, &request("POST", path, "", "x")).await;
        assert_eq!((status, body.as_str()), (202, "{}"), "{path}");
    }
    let settings = rig.get("/api/ui/settings").await.json();
    let shown: Vec<&str> = settings["unknown_agent_paths"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p["path"].as_str().unwrap())
        .collect();
    for path in paths {
        assert!(shown.contains(&path), "{path} among {shown:?}");
    }
}

#[tokio::test]
async fn the_http_paths_demand_a_key() {
    let rig = Rig::new().await;
    for path in ["/v0.4/traces", "/v0.5/traces", "/v0.6/stats", "/api/v0.2/traces", "/profiling/v1/input"] {
        let answer = rig.send("POST", path, &[], "").await;
        assert_eq!(answer.status, 403, "{path}");
    }
}
