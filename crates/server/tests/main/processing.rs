//! Pipelines, scrub rules, metrics from rows and saved views over the wire: what is configured shows in what is stored.

use crate::rig::{NOW_S, Rig};
use serde_json::{Value, json};
use std::time::Duration;

const PIPELINES: &str = "/api/v1/logs/config/pipelines";

fn pipeline(name: &str) -> Value {
    json!({
        "name": name, "is_enabled": true, "filter": { "query": "source:nginx" }, "future_field": [1, 2],
        "processors": [
            { "type": "grok-parser", "name": "access", "is_enabled": true, "source": "message", "samples": [],
              "grok": { "support_rules": "", "match_rules": "r %{word:http.method} %{notSpace:http.url} %{integer:http.status_code} %{integer:took}ms" } },
            { "type": "category-processor", "is_enabled": true, "target": "level", "categories": [
                { "filter": { "query": "@http.status_code:[500 TO 599]" }, "name": "error" },
                { "filter": { "query": "@http.status_code:<500" }, "name": "ok" } ] },
            { "type": "status-remapper", "is_enabled": true, "sources": ["level"] },
            { "type": "url-parser", "is_enabled": true, "sources": ["http.url"], "target": "http.url_details" },
        ],
    })
}

impl Rig {
    async fn log(&self, logs: Value) {
        let answer = self.change("POST", "/api/v2/logs", logs).await;
        assert_eq!(answer.status, 202, "{}", String::from_utf8_lossy(&answer.body));
    }

    async fn logs(&self, query: &str) -> Vec<Value> {
        let (from, to) = (((NOW_S - 600) * 1000).to_string(), ((NOW_S + 600) * 1000).to_string());
        let body = json!({ "filter": { "query": query, "from": from, "to": to } });
        let answer = self.change("POST", "/api/v2/logs/events/search", body).await;
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        answer.json()["data"].as_array().unwrap().clone()
    }

    async fn create(&self, path: &str, body: Value) -> Value {
        let answer = self.change("POST", path, body).await;
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        answer.json()
    }
}

#[tokio::test]
async fn pipelines_are_documents_in_order() {
    let rig = Rig::new().await;
    assert_eq!(rig.get(PIPELINES).await.json(), json!([]));
    let first = rig.create(PIPELINES, pipeline("first")).await;
    let second = rig.create(PIPELINES, pipeline("second")).await;
    let ids = [first["id"].as_str().unwrap(), second["id"].as_str().unwrap()];
    assert_eq!((&first["type"], &first["future_field"]), (&json!("pipeline"), &json!([1, 2])));
    let order = rig.get("/api/v1/logs/config/pipeline-order").await.json();
    assert_eq!(order, json!({ "pipeline_ids": ids }));
    let turned = json!({ "pipeline_ids": [ids[1], ids[0]] });
    let answer = rig.change("PUT", "/api/v1/logs/config/pipeline-order", turned.clone()).await;
    assert_eq!(answer.json(), turned);
    let names: Vec<Value> =
        rig.get(PIPELINES).await.json().as_array().unwrap().iter().map(|p| p["name"].clone()).collect();
    assert_eq!(names, ["second", "first"]);
    let one = format!("{PIPELINES}/{}", ids[0]);
    let changed = rig.change("PUT", &one, json!({ "name": "1st", "filter": { "query": "*" } })).await.json();
    assert_eq!(
        (&changed["name"], &changed["is_enabled"], &changed["id"]),
        (&json!("1st"), &json!(false), &json!(ids[0]))
    );
    assert_eq!(rig.change("DELETE", &one, json!({})).await.status, 200);
    assert_eq!(rig.get(&one).await.status, 404);
    for (bad, why) in [
        (json!({ "processors": [] }), "no \"name\""),
        (
            json!({ "name": "x", "processors": [{ "type": "geo-ip-parser", "sources": ["a"], "target": "b" }] }),
            "\"geo-ip-parser\" is not supported",
        ),
        (json!({ "name": "x", "filter": { "query": "a:(" } }), "the query \"a:(\""),
        (
            json!({ "name": "x", "processors": [{ "type": "grok-parser", "source": "message", "grok": { "match_rules": "r %{nope:x}" } }] }),
            "there is no matcher or rule \"nope\"",
        ),
    ] {
        let answer = rig.change("POST", PIPELINES, bad).await;
        assert_eq!(answer.status, 400);
        assert!(answer.errors().contains(why), "{}", answer.errors());
    }
}

#[tokio::test]
async fn logs_are_stored_as_scrub_rules_and_pipelines_leave_them() {
    let rig = Rig::new().await;
    rig.create(PIPELINES, pipeline("nginx")).await;
    let rule = json!({ "name": "mail", "preset": "email", "action": "redact", "replacement": "[mail]", "signal": "logs", "query": "" });
    let rule = rig.create("/api/ui/scrub", rule).await;
    rig.log(json!([
        { "message": "GET /buy?who=ann@example.com 503 12ms", "ddsource": "nginx", "service": "web" },
        { "message": "GET /buy 200 3ms", "ddsource": "other", "service": "web", "mail": "bob@example.com" },
    ]))
    .await;
    let nginx = rig.logs("source:nginx @http.status_code:503").await;
    assert_eq!(nginx.len(), 1);
    let log = &nginx[0]["attributes"];
    assert_eq!(log["status"], "error");
    assert_eq!(log["message"], "GET /buy?who=[mail] 503 12ms");
    assert_eq!(log["attributes"]["took"], 12);
    assert_eq!(log["attributes"]["http"]["url_details"]["path"], "/buy");
    assert_eq!(log["attributes"]["http"]["url_details"]["queryString"]["who"], "[mail]");
    let other = rig.logs("source:other").await;
    assert_eq!(other[0]["attributes"]["attributes"]["mail"], "[mail]");
    assert!(other[0]["attributes"]["attributes"].get("took").is_none());
    assert!(rig.logs("*:example").await.is_empty(), "nothing of an address is stored");
    let list = rig.get("/api/ui/scrub").await.json();
    assert_eq!((&list["rules"][0]["id"], &list["rules"][0]["matches"]), (&rule["id"], &json!(2)));
    assert!(list["presets"].as_array().unwrap().iter().any(|p| p["name"] == "credit_card"));
    // Off, and it lets everything through.
    let path = format!("/api/ui/scrub/{}", rule["id"].as_str().unwrap());
    let off = json!({ "name": "mail", "preset": "email", "enabled": false });
    assert_eq!(rig.change("PUT", &path, off).await.status, 200);
    rig.log(json!([{ "message": "to eve@example.com", "ddsource": "other" }])).await;
    assert_eq!(rig.logs("eve").await.len(), 1);
    assert_eq!(rig.change("DELETE", &path, json!({})).await.status, 200);
    let bad = rig.change("POST", "/api/ui/scrub", json!({ "name": "all", "pattern": ".*" })).await;
    assert!(bad.errors().contains("matches the empty text"));
}

#[tokio::test]
async fn the_test_bench_tells_what_each_processor_does() {
    let rig = Rig::new().await;
    let body =
        json!({ "pipeline": pipeline("p"), "sample": { "message": "GET /a 500 1ms", "ddsource": "nginx" } });
    let told = rig.create("/api/ui/pipelines/test", body).await;
    let steps = told["steps"].as_array().unwrap();
    let shown: Vec<(&str, bool)> =
        steps.iter().map(|s| (s["processor"].as_str().unwrap(), s["applied"].as_bool().unwrap())).collect();
    assert_eq!(
        shown,
        [
            ("filter", true),
            ("grok-parser", true),
            ("category-processor", true),
            ("status-remapper", true),
            ("url-parser", true)
        ]
    );
    assert_eq!(steps[2]["changed"], json!([{ "field": "@level", "before": null, "after": "error" }]));
    assert_eq!(told["row"]["status"], "error");
    assert_eq!(told["row"]["attributes"]["http"]["status_code"], 500);
    assert_eq!(rig.logs("*").await.len(), 0, "nothing is stored");
    // All stored ones, over a plain line that they do not take.
    rig.create(PIPELINES, pipeline("p")).await;
    let told =
        rig.create("/api/ui/pipelines/test", json!({ "pipeline": null, "sample": "a plain line" })).await;
    assert_eq!(told["steps"][0]["applied"], false);
    assert_eq!(told["row"]["message"], "a plain line");
}

#[tokio::test]
async fn metrics_are_counted_from_logs_and_spans() {
    let rig = Rig::new().await;
    let path = "/api/v2/logs/config/metrics";
    let metric = |id: &str, compute: Value| {
        json!({ "data": { "id": id, "type": "logs_metrics", "attributes": {
        "compute": compute, "filter": { "query": "service:web" }, "group_by": [{ "path": "@http.status_code", "tag_name": "code" }] } } })
    };
    let made = rig.create(path, metric("web.requests", json!({ "aggregation_type": "count" }))).await;
    assert_eq!(
        (&made["data"]["id"], &made["data"]["type"]),
        (&json!("web.requests"), &json!("logs_metrics"))
    );
    let took = json!({ "aggregation_type": "distribution", "path": "@took", "include_percentiles": true });
    rig.create(path, metric("web.took", took)).await;
    let again = rig.change("POST", path, metric("web.took", json!({ "aggregation_type": "count" }))).await;
    assert_eq!(again.status, 409);
    let log = |code: u32, took: u32| json!({ "message": "x", "service": "web", "http": { "status_code": code }, "took": took });
    rig.log(json!([log(200, 10), log(200, 30), log(500, 50), { "message": "x", "service": "other" }])).await;
    // Past the bucket; the flush goes by its own ten seconds.
    rig.clock.advance(20_000);
    tokio::time::sleep(Duration::from_millis(10_500)).await;
    let counts = rig.query("sum:web.requests{*} by {code}.as_count()").await;
    let mut total: Vec<(String, f64)> =
        counts.into_iter().map(|(scope, points)| (scope, points.iter().map(|(_, v)| v).sum())).collect();
    total.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(total, [("code:200".to_owned(), 2.0), ("code:500".to_owned(), 1.0)]);
    let max = rig.query("max:web.took{code:200}").await;
    assert_eq!(max[0].1.iter().map(|(_, v)| *v).fold(0.0, f64::max), 30.0);
    let change =
        json!({ "data": { "type": "logs_metrics", "attributes": { "filter": { "query": "service:db" } } } });
    let changed = rig.change("PATCH", "/api/v2/logs/config/metrics/web.took", change).await.json();
    assert_eq!(changed["data"]["attributes"]["filter"]["query"], "service:db");
    assert_eq!(changed["data"]["attributes"]["compute"]["path"], "@took");
    let spans = "/api/v2/apm/config/metrics";
    let span = json!({ "data": { "id": "sql.time", "type": "spans_metrics", "attributes": {
        "compute": { "aggregation_type": "distribution", "path": "@duration" }, "filter": { "query": "@db.statement:*" } } } });
    assert_eq!(rig.create(spans, span).await["data"]["type"], "spans_metrics");
    assert_eq!(rig.get(spans).await.json()["data"].as_array().unwrap().len(), 1);
    assert_eq!(rig.get(path).await.json()["data"].as_array().unwrap().len(), 2);
    assert_eq!(rig.change("DELETE", "/api/v2/apm/config/metrics/sql.time", json!({})).await.status, 200);
    assert_eq!(rig.get("/api/v2/apm/config/metrics/sql.time").await.status, 404);
}

#[tokio::test]
async fn views_are_saved_addresses_of_pages() {
    let rig = Rig::new().await;
    let view = json!({ "name": "errors", "signal": "logs", "url": "/logs?query=status%3Aerror" });
    let made = rig.create("/api/ui/views", view).await;
    assert_eq!(rig.get("/api/ui/views").await.json()["views"], json!([made]));
    for url in ["https://elsewhere", "//elsewhere", "/\\elsewhere", "logs"] {
        let bad = json!({ "name": "x", "signal": "logs", "url": url });
        assert_eq!(rig.change("POST", "/api/ui/views", bad).await.status, 400, "{url}");
    }
    let path = format!("/api/ui/views/{}", made["id"].as_str().unwrap());
    assert_eq!(rig.change("DELETE", &path, json!({})).await.status, 200);
    assert_eq!(rig.get("/api/ui/views").await.json()["views"], json!([]));
}
