//! OpenTelemetry, logs and events from request to answer of a query.

use crate::rig::{API_KEY, NOW_S, Rig};
use bytes::Bytes;
use oriel_intake::IntakeRequest;
use serde_json::{Value, json};

const JSON: [(&str, &str); 2] = [("dd-api-key", API_KEY), ("content-type", "application/json")];
const TRACE: &str = "0102030405060708090a0b0c0d0e0f10";

fn ns(seconds: i64) -> String {
    format!("{seconds}000000000")
}

fn resource(version: &str) -> Value {
    let attribute = |key: &str, text: &str| json!({"key": key, "value": {"stringValue": text}});
    json!({"attributes": [attribute("service.name", "shop"), attribute("deployment.environment.name", "prod"),
        attribute("service.version", version)]})
}

fn traces(version: &str) -> Value {
    json!({"resourceSpans": [{"resource": resource(version), "scopeSpans": [{"spans": [
        {"traceId": TRACE, "spanId": "0102030405060708", "name": "GET /pay", "kind": 2,
         "startTimeUnixNano": ns(NOW_S - 5), "endTimeUnixNano": ns(NOW_S - 4), "status": {"code": 2, "message": "no"},
         "attributes": [{"key": "http.request.method", "value": {"stringValue": "GET"}},
             {"key": "http.route", "value": {"stringValue": "/pay"}},
             {"key": "http.response.status_code", "value": {"intValue": "500"}}]},
        {"traceId": TRACE, "spanId": "0102030405060709", "parentSpanId": "0102030405060708", "name": "SELECT",
         "kind": 3, "startTimeUnixNano": ns(NOW_S - 5), "endTimeUnixNano": ns(NOW_S - 4),
         "attributes": [{"key": "db.system", "value": {"stringValue": "postgresql"}},
             {"key": "db.query.text", "value": {"stringValue": "SELECT * FROM t WHERE a = 'secret'"}}]},
        {"name": "no ids", "startTimeUnixNano": ns(NOW_S - 5)},
    ]}]}]})
}

/// Rows of a signal by its search API.
async fn found(rig: &Rig, signal: &str, query: &str) -> Vec<Value> {
    let filter = json!({"query": query, "from": ((NOW_S - 3600) * 1000).to_string(), "to": (NOW_S * 1000 + 60_000).to_string()});
    let asked = json!({"filter": filter, "page": {"limit": 100}});
    let body = match signal {
        "spans" => json!({"data": {"type": "search_request", "attributes": asked}}),
        _ => asked,
    };
    let path = match signal {
        "events" => "/api/v2/events/search".to_owned(),
        signal => format!("/api/v2/{signal}/events/search"),
    };
    let answer = rig.change("POST", &path, body).await;
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    answer.json()["data"].as_array().unwrap().iter().map(|d| d["attributes"].clone()).collect()
}

#[tokio::test]
async fn spans_are_found_and_a_bad_one_is_told() {
    let rig = Rig::new().await;
    let answer = rig.send("POST", "/v1/traces", &JSON, traces("1").to_string()).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["partialSuccess"]["rejectedSpans"], "1");
    let spans = found(&rig, "spans", "service:shop").await;
    assert_eq!(spans.len(), 2, "{spans:?}");
    assert!(spans.iter().all(|s| !s.to_string().contains("secret")), "{spans:?}");
    let entry =
        found(&rig, "spans", "operation_name:http.server.request @http.status_code:500 status:error").await;
    assert_eq!(entry[0]["resource_name"], "GET /pay");
    assert_eq!(entry[0]["trace_id"], TRACE);
}

#[tokio::test]
async fn a_new_version_is_a_deployment_once() {
    let rig = Rig::new().await;
    for version in ["1", "1", "2", "1"] {
        let mut body = traces(version);
        // Not a repeat of the request before.
        body["resourceSpans"][0]["schemaUrl"] = json!(uuid(&rig));
        rig.clock.advance(1_000);
        assert_eq!(rig.send("POST", "/v1/traces", &JSON, body.to_string()).await.status, 200);
    }
    let from = NOW_S - 3600;
    let answer = rig.get(&format!("/api/v1/events?start={from}&end={}&sources=deployment", NOW_S + 60)).await;
    let json = answer.json();
    let mut titles: Vec<&str> =
        json["events"].as_array().unwrap().iter().map(|e| e["title"].as_str().unwrap()).collect();
    titles.sort_unstable();
    assert_eq!(titles, ["shop 1 deployed", "shop 2 deployed"]);
    let tags = &json["events"][0]["tags"];
    assert!(tags.as_array().unwrap().contains(&json!("env:prod")), "{tags}");
}

fn uuid(rig: &Rig) -> String {
    use oriel_model::Clock;
    format!("https://example.com/{}", rig.clock.now_ms())
}

#[tokio::test]
async fn logs_and_metrics_with_exemplars() {
    let rig = Rig::new().await;
    let logs = json!({"resourceLogs": [{"resource": resource("1"), "scopeLogs": [{"logRecords": [
        {"timeUnixNano": ns(NOW_S - 3), "severityNumber": 17, "body": {"stringValue": "payment failed"},
         "traceId": TRACE, "spanId": "0102030405060708",
         "attributes": [{"key": "order", "value": {"intValue": "9007199254740993"}}]}]}]}]});
    assert_eq!(rig.send("POST", "/v1/logs", &JSON, logs.to_string()).await.json(), json!({}));
    let logs = found(&rig, "logs", "service:shop status:error \"payment failed\"").await;
    assert_eq!(logs.len(), 1);
    assert_eq!(logs[0]["attributes"]["order"], 9_007_199_254_740_993_i64);

    let point = json!({"startTimeUnixNano": ns(NOW_S - 70), "timeUnixNano": ns(NOW_S - 60), "asInt": "4",
        "attributes": [{"key": "route", "value": {"stringValue": "/pay"}}],
        "exemplars": [{"timeUnixNano": ns(NOW_S - 61), "asInt": 1, "traceId": TRACE, "spanId": "0102030405060708"}]});
    let metrics = json!({"resourceMetrics": [{"resource": resource("1"), "scopeMetrics": [{"metrics": [
        {"name": "shop.orders", "unit": "By", "description": "Orders", "sum": {"aggregationTemporality": 1,
         "isMonotonic": true, "dataPoints": [point]}}]}]}]});
    assert_eq!(rig.send("POST", "/v1/metrics", &JSON, metrics.to_string()).await.json(), json!({}));
    let series = rig.query("sum:shop.orders{service:shop,route:/pay}.as_count()").await;
    assert_eq!(series[0].1.iter().map(|p| p.1).sum::<f64>(), 4.0);
    let exemplars = found(&rig, "events", "source:otel.exemplar @metric:shop.orders").await;
    assert_eq!(exemplars.len(), 1, "{exemplars:?}");
    let from = NOW_S - 3600;
    let listed = rig.get(&format!("/api/v1/events?start={from}&end={}", NOW_S + 60)).await.json();
    let sources: Vec<&Value> = listed["events"].as_array().unwrap().iter().map(|e| &e["source"]).collect();
    assert!(!sources.contains(&&json!("otel.exemplar")), "{sources:?}");
    let metadata = rig.get("/api/v1/metrics/shop.orders").await.json();
    assert_eq!((&metadata["unit"], &metadata["description"]), (&json!("byte"), &json!("Orders")));
}

#[tokio::test]
async fn refusals_are_in_the_protocols_own_form() {
    let rig = Rig::new().await;
    let no_key = rig.send("POST", "/v1/traces", &[("content-type", "application/json")], "{}").await;
    assert_eq!(no_key.status, 403);
    assert_eq!(no_key.json()["code"], 7);
    let broken = rig.send("POST", "/v1/traces", &JSON, "{\"resourceSpans\": 1}").await;
    assert_eq!((broken.status.as_u16(), &broken.json()["code"]), (400, &json!(3)));
    let typed = [("dd-api-key", API_KEY), ("content-type", "text/html")];
    assert_eq!(rig.send("POST", "/v1/traces", &typed, "").await.status, 415);
    let protobuf = [("dd-api-key", API_KEY), ("content-type", "application/x-protobuf")];
    let good = rig.send("POST", "/v1/metrics", &protobuf, "").await;
    assert_eq!((good.status.as_u16(), good.header("content-type")), (200, "application/x-protobuf"));
    assert!(good.body.is_empty());
}

#[tokio::test]
async fn what_comes_over_loopback_is_this_machines_or_the_relays() {
    let rig = Rig::new().await;
    let sink = rig.server.request_sink();
    let line = |headers: Vec<(String, String)>, message: &str| {
        let body = json!([{"message": message, "timestamp": NOW_S * 1000}]).to_string();
        IntakeRequest::post("/api/v2/logs", headers, Bytes::from(body))
    };
    assert_eq!(sink.accept(line(Vec::new(), "near")).await.status, 202);
    let relayed = vec![("x-oriel-host".to_owned(), "far-host".to_owned())];
    assert_eq!(sink.accept(line(relayed, "far")).await.status, 202);
    assert_eq!(found(&rig, "logs", "host:test-host").await[0]["message"], "near");
    assert_eq!(found(&rig, "logs", "host:far-host").await[0]["message"], "far");
    let keyed = rig.send("POST", "/api/v2/logs", &JSON, json!([{"message": "anywhere"}]).to_string()).await;
    assert_eq!((keyed.status.as_u16(), keyed.json()), (202, json!({})));
    assert!(found(&rig, "logs", "anywhere").await[0].get("host").is_none_or(|h| h == ""));
}

#[tokio::test]
async fn logs_by_key_in_the_path_and_lines() {
    let rig = Rig::new().await;
    let path = format!("/v1/input/{API_KEY}?ddtags=team:a&service=legacy");
    let answer = rig.send("POST", &path, &[("content-type", "text/plain")], "one\ntwo").await;
    assert_eq!((answer.status.as_u16(), answer.json()), (200, json!({})));
    assert_eq!(found(&rig, "logs", "service:legacy team:a").await.len(), 2);
    let lines = "{\"message\":\"x\",\"n\":1}\n{broken\n{\"message\":\"y\",\"n\":2}";
    let answer = rig.send("POST", "/api/v1/import/jsonlines", &JSON, lines).await;
    assert_eq!(answer.status, 202);
    assert!(answer.json()["warnings"][0].as_str().unwrap().contains("bad_syntax 1"));
    assert_eq!(found(&rig, "logs", "@n:>=1").await.len(), 2);
}

#[tokio::test]
async fn changes_and_alerts_of_the_v2_api() {
    let rig = Rig::new().await;
    let folder =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/datadog/datadog-api-client-python-2.62.0");
    let captured = std::fs::read_to_string(format!("{folder}/26-post-v2-events.json")).unwrap();
    let answer = rig.send("POST", "/api/v2/events", &JSON, captured).await;
    assert_eq!(answer.status, 202);
    let id = answer.json()["data"]["attributes"]["attributes"]["evt"]["id"].as_str().unwrap().to_owned();
    let one = rig.get(&format!("/api/v1/events/{id}")).await.json();
    assert_eq!((&one["event"]["title"], &one["event"]["source"]), (&json!("T"), &json!("custom-events")));
    assert_eq!(found(&rig, "events", "@changed_resource.name:flag a:b").await.len(), 1);
    let alert = json!({"data": {"type": "event", "attributes": {"title": "Down", "category": "alert",
        "attributes": {"status": "error", "priority": "2", "custom": {"code": 7}}}}});
    assert_eq!(rig.change("POST", "/api/v2/events", alert).await.status, 202);
    assert_eq!(found(&rig, "events", "status:error @custom.code:7 @alert.priority:2").await.len(), 1);
    let untitled = json!({"data": {"attributes": {}}});
    assert_eq!(rig.change("POST", "/api/v2/events", untitled).await.status, 400);
}
