//! The pages' own calls, and the headers around everything.

use crate::rig::{KEYS, NOW_S, Rig};
use serde_json::json;

#[tokio::test]
async fn a_chart_gets_columns_stats_and_units_and_one_bad_query_spoils_no_other() {
    let rig = Rig::new().await;
    rig.gauge("system.net.bytes_rcvd", "a", &["device:eth0"], &[(NOW_S - 600, 10.0), (NOW_S - 300, 30.0)])
        .await;
    let body = json!({"from_ms": (NOW_S - 3600) * 1000, "to_ms": NOW_S * 1000, "display": "line", "queries": [
        {"name": "a", "query": "avg:system.net.bytes_rcvd{*} by {device}"}, {"name": "b", "query": "avg:m{"}]});
    let answer = rig.change("POST", "/api/ui/query", body).await;
    assert_eq!(answer.status, 200);
    let json = answer.json();
    let (good, bad) = (&json["results"][0], &json["results"][1]);
    let series = &good["series"][0];
    assert_eq!(series["group"], json!([["device", "eth0"]]));
    assert_eq!(
        series["unit"],
        json!({"family": "bytes", "name": "byte", "short_name": "B/s", "scale_factor": 1.0})
    );
    assert_eq!((series["stats"]["min"].as_f64(), series["stats"]["last"].as_f64()), (Some(10.0), Some(30.0)));
    assert_eq!(series["values"].as_array().unwrap().len(), good["times"].as_array().unwrap().len());
    assert_eq!(
        (good["error"].is_null(), good["step_ms"].as_i64(), series["band"].is_null()),
        (true, Some(20_000), true)
    );
    assert!(bad["error"]["position"].is_u64() && bad["series"].as_array().unwrap().is_empty());
    assert!(json["elapsed_ms"].is_f64());
}

#[tokio::test]
async fn formulas_answer_instead_of_queries() {
    let rig = Rig::new().await;
    rig.gauge("m", "a", &[], &[(NOW_S - 600, 10.0)]).await;
    let body = json!({"from_ms": (NOW_S - 3600) * 1000, "to_ms": NOW_S * 1000, "queries": [{"name": "a", "query": "avg:m{*}"}],
        "formulas": [{"formula": "a * 2", "alias": "twice"}, {"formula": "a + 1"}]});
    let json = rig.change("POST", "/api/ui/query", body).await.json();
    let names: Vec<&str> =
        json["results"].as_array().unwrap().iter().map(|r| r["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["twice", "a + 1"]);
    assert_eq!(json["results"][0]["series"][0]["stats"]["max"], 20.0);
}

#[tokio::test]
async fn the_summary_knows_kind_unit_tags_and_hosts() {
    let rig = Rig::new().await;
    rig.gauge("system.mem.used", "a", &["env:x"], &[(NOW_S - 600, 10.0)]).await;
    rig.gauge("system.mem.used", "b", &["env:y"], &[(NOW_S - 600, 10.0)]).await;
    let list = rig.get("/api/ui/metrics?search=SYSTEM.MEM&limit=10").await.json();
    assert_eq!(list["total"], 1);
    let entry = &list["metrics"][0];
    assert_eq!(
        (entry["kind"].as_str(), entry["series"].as_u64(), entry["hosts"].as_u64()),
        (Some("gauge"), Some(2), Some(2))
    );
    assert_eq!((entry["unit"]["short_name"].as_str(), &entry["tag_keys"]), (Some("MiB"), &json!(["env"])));
    let one = rig.get("/api/ui/metrics/system.mem.used").await.json();
    assert_eq!(one["tags"][0], json!({"key": "env", "cardinality": 2, "values": ["x", "y"]}));
    let values = rig.get("/api/ui/tags?key=host").await.json();
    assert_eq!(values["values"], json!(["a", "b"]));
    let values = rig.get("/api/ui/tags?metric=system.mem.used&key=env&search=y").await.json();
    assert_eq!(values["values"], json!(["y"]));
    let options = rig.get("/api/ui/complete?text=avg:system.me&cursor=13").await.json();
    assert!(options["options"].as_array().unwrap().iter().any(|o| o["kind"] == "metric"), "{options}");
}

#[tokio::test]
async fn a_hosts_page_has_its_checks() {
    let rig = Rig::new().await;
    rig.gauge("system.cpu.idle", "web-1", &[], &[(NOW_S - 20, 75.0)]).await;
    rig.change("POST", "/api/v1/check_run", json!({"check": "app.ok", "host_name": "web-1", "status": 2, "message": "down", "timestamp": NOW_S - 10})).await;
    let hosts = rig.get("/api/ui/hosts").await.json();
    let row = &hosts["hosts"][0];
    assert_eq!(
        (row["name"].as_str(), row["up"].as_bool(), row["cpu_pct"].as_f64()),
        (Some("web-1"), Some(true), Some(25.0))
    );
    assert_eq!(row["checks"]["critical"], 1);
    let one = rig.get("/api/ui/hosts/web-1").await.json();
    assert_eq!(
        (one["service_checks"][0]["status"].as_str(), one["service_checks"][0]["message"].as_str()),
        (Some("critical"), Some("down"))
    );
    assert_eq!(rig.get("/api/ui/hosts/nobody").await.status, 404);
}

#[tokio::test]
async fn setup_turns_green_when_a_client_was_heard() {
    let rig = Rig::new().await;
    let seen = || async {
        let setup = rig.get("/api/ui/setup").await.json();
        assert_eq!(setup["base_url"], "http://127.0.0.1:8080");
        let client =
            setup["clients"].as_array().unwrap().iter().find(|c| c["id"] == "datadogpy").unwrap().clone();
        client["seen_ms"].as_i64()
    };
    assert_eq!(seen().await, None);
    let headers = [KEYS[0], ("User-Agent", "datadogpy/0.56.0 (python 3.11.7)")];
    rig.send(
        "POST",
        "/api/v1/series",
        &headers,
        json!({"series": [{"metric": "m", "points": [[NOW_S, 1]]}]}).to_string(),
    )
    .await;
    assert_eq!(seen().await, Some(NOW_S * 1000));
}

#[tokio::test]
async fn settings_show_memory_disk_and_retention() {
    let rig = Rig::new().await;
    let settings = rig.get("/api/ui/settings").await.json();
    assert_eq!(settings["retention"]["metrics"], "400 d");
    assert_eq!(settings["memory"]["limit_bytes"], 256 << 20);
    assert!(
        settings["memory"]["pools"]
            .as_array()
            .unwrap()
            .iter()
            .all(|p| p["limit_bytes"].as_f64().unwrap() > 0.0)
    );
    assert!(
        settings["disk"]["data_bytes"].as_u64().unwrap() > 0
            && settings["disk"]["free_bytes"].as_u64().unwrap() > 0
    );
    assert!(!settings["figures"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn health_pages_and_headers() {
    let rig = Rig::new().await;
    let health = rig.send("GET", "/health", &[], "").await;
    assert_eq!((health.status.as_u16(), health.json()["status"].as_str()), (200, Some("ok")));
    for page in
        ["/", "/login", "/dashboards", "/dashboard/system", "/metrics/explore", "/hosts/web-1", "/settings"]
    {
        let answer = rig.send("GET", page, &[], "").await;
        assert_eq!(answer.status, 200, "{page}");
        assert!(answer.header("content-type").starts_with("text/html"), "{page}");
        assert_eq!(answer.header("x-frame-options"), "DENY");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert!(answer.header("content-security-policy").contains("default-src 'self'"));
        assert_eq!(answer.header("referrer-policy"), "same-origin");
    }
    assert_eq!(rig.get("/api/v1/dashboard").await.header("cache-control"), "no-store");
    assert_eq!(rig.send("GET", "/api/ui/me", &[], "").await.status, 401);
}

#[tokio::test]
async fn oriels_own_metrics_are_series_like_any_others() {
    let rig = Rig::new().await;
    rig.gauge("m", "a", &[], &[(NOW_S, 1.0)]).await;
    rig.query("avg:m{*}").await;
    let mut found = Vec::new();
    // The reporter runs by the machine's clock, every 10 s, and at once at the start.
    for _ in 0..100 {
        found = rig.query("max:oriel.process.rss{host:test-host}").await;
        if !found.is_empty() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert!(found[0].1[0].1 > 1e6);
}
