//! The shapes of answers that clients read strictly.

use crate::rig::{NOW_S, Rig};
use serde_json::{Value, json};

async fn with_data() -> Rig {
    let rig = Rig::new().await;
    for (host, value) in [("a", 1.0), ("b", 3.0)] {
        rig.gauge("system.mem.used", host, &["env:x"], &[(NOW_S - 600, value), (NOW_S - 60, value * 2.0)])
            .await;
    }
    rig
}

#[tokio::test]
async fn v1_query() {
    let rig = with_data().await;
    let path = format!(
        "/api/v1/query?from={}&to={NOW_S}&query=avg:system.mem.used%7B*%7D%20by%20%7Bhost%7D",
        NOW_S - 3600
    );
    let answer = rig.get(&path).await.json();
    assert_eq!((answer["status"].as_str(), answer["res_type"].as_str()), (Some("ok"), Some("time_series")));
    assert_eq!(
        (answer["from_date"].as_i64(), answer["to_date"].as_i64()),
        (Some((NOW_S - 3600) * 1000), Some(NOW_S * 1000))
    );
    assert_eq!(answer["group_by"], json!(["host"]));
    assert!(answer.get("errors").is_none());
    let series = &answer["series"][1];
    assert_eq!((series["scope"].as_str(), series["tag_set"][0].as_str()), (Some("host:b"), Some("host:b")));
    assert_eq!(series["unit"][0]["name"], "mebibyte");
    assert_eq!((series["unit"].as_array().unwrap().len(), &series["unit"][1]), (2, &Value::Null));
    for whole in ["start", "end", "interval", "length", "query_index"] {
        assert!(series[whole].is_i64() || series[whole].is_u64(), "{whole} is an integer");
    }
    let points = series["pointlist"].as_array().unwrap();
    assert_eq!(points.len() as u64, series["length"].as_u64().unwrap());
    assert!(points.iter().all(|p| p[0].is_f64() && p[1].is_f64()));
    assert_eq!(points.last().unwrap()[1], 6.0);
}

#[tokio::test]
async fn errors_say_where_and_what_was_expected() {
    let rig = with_data().await;
    let path = format!("/api/v1/query?from={}&to={NOW_S}&query=avg:system.mem.used%7B", NOW_S - 3600);
    let answer = rig.get(&path).await;
    assert_eq!(answer.status, 400);
    let errors = answer.errors();
    assert!(errors.contains("position") && errors.contains("expected"), "{errors}");
    assert_eq!(rig.get("/api/v1/query?query=avg:m%7B*%7D").await.status, 400);
    assert_eq!(rig.get("/api/v1/query?from=1&to=2").await.status, 400);
}

fn v2(kind: &str, queries: Value, formulas: Value) -> Value {
    json!({"data": {"type": kind, "attributes": {
        "from": (NOW_S - 3600) * 1000, "to": NOW_S * 1000, "interval": 60000, "queries": queries, "formulas": formulas}}})
}

#[tokio::test]
async fn v2_timeseries() {
    let rig = with_data().await;
    let queries =
        json!([{"data_source": "metrics", "name": "a", "query": "avg:system.mem.used{*} by {host}"}]);
    let body = v2(
        "timeseries_request",
        queries,
        json!([{"formula": "a * 2", "limit": {"count": 1, "order": "desc"}}]),
    );
    let answer = rig.change("POST", "/api/v2/query/timeseries", body).await;
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    let attributes = answer.json()["data"]["attributes"].clone();
    assert_eq!(attributes["series"].as_array().unwrap().len(), 1, "the limit leaves the larger one");
    assert_eq!(attributes["series"][0]["group_tags"], json!(["host:b"]));
    let times = attributes["times"].as_array().unwrap();
    let values = attributes["values"][0].as_array().unwrap();
    assert!(times.iter().all(Value::is_i64) && times.len() == values.len());
    assert!(values.iter().all(|v| v.is_null() || v.is_f64()));
    assert!(values.iter().any(|v| v.as_f64() == Some(12.0)));
    assert_eq!(attributes["series"][0]["query_index"], 0);
}

#[tokio::test]
async fn v2_scalar_reduces_first_and_calculates_then() {
    let rig = with_data().await;
    let query = |name: &str, aggregator: &str| json!({"data_source": "metrics", "name": name, "aggregator": aggregator, "query": "avg:system.mem.used{*} by {host}"});
    let body = v2(
        "scalar_request",
        json!([query("a", "max"), query("b", "min")]),
        json!([{"formula": "a / b"}, {"formula": "a"}]),
    );
    let answer = rig.change("POST", "/api/v2/query/scalar", body).await;
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    let columns = answer.json()["data"]["attributes"]["columns"].clone();
    assert_eq!(columns[0], json!({"type": "group", "name": "host", "values": [["a"], ["b"]]}));
    assert_eq!((columns[1]["type"].as_str(), &columns[1]["values"]), (Some("number"), &json!([2.0, 2.0])));
    assert_eq!((columns[2]["name"].as_str(), &columns[2]["values"]), (Some("a"), &json!([2.0, 6.0])));
    assert_eq!(columns[2]["meta"]["unit"][0]["short_name"], "MiB");
}

#[tokio::test]
async fn names_metadata_and_tags_of_metrics() {
    let rig = with_data().await;
    let active = rig.get(&format!("/api/v1/metrics?from={}", NOW_S - 3600)).await.json();
    assert_eq!(active["from"], (NOW_S - 3600).to_string());
    assert!(active["metrics"].as_array().unwrap().contains(&json!("system.mem.used")));
    let of_host =
        rig.get(&format!("/api/v1/metrics?from={}&host=a&tag_filter=env:x", NOW_S - 3600)).await.json();
    assert_eq!(of_host["metrics"], json!(["system.mem.used"]));
    let listed = rig.get("/api/v2/metrics").await.json();
    assert!(
        listed["data"].as_array().unwrap().contains(&json!({"type": "metrics", "id": "system.mem.used"}))
    );
    let tags = rig.get("/api/v2/metrics/system.mem.used/all-tags").await.json();
    assert_eq!(tags["data"]["attributes"]["tags"], json!(["env:x", "host:a", "host:b"]));
    let before = rig.get("/api/v1/metrics/system.mem.used").await.json();
    assert_eq!(
        (before["type"].as_str(), before["unit"].as_str(), before["integration"].as_str()),
        (Some("gauge"), Some("mebibyte"), Some("system"))
    );
    let put = rig
        .change("PUT", "/api/v1/metrics/system.mem.used", json!({"description": "d", "unit": "byte"}))
        .await
        .json();
    assert_eq!((put["unit"].as_str(), put["description"].as_str()), (Some("byte"), Some("d")));
    assert_eq!(rig.get("/api/v1/metrics/no.such.metric").await.status, 404);
    assert_eq!(rig.change("PUT", "/api/v1/metrics/m", json!({"unit": "furlong"})).await.status, 400);
}
