//! What the published clients really sent, replayed: every answer is JSON, never empty on 200 and 202, and a v1 success has no
//! key `errors`.

use crate::rig::{Answer, Rig};
use serde_json::Value;
use std::path::{Path, PathBuf};

fn fixtures(client: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/datadog").join(client);
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|f| f.unwrap().path())
        .filter(|p| p.to_str().unwrap().ends_with(".meta.json"))
        .collect();
    found.sort();
    found
}

async fn replay(rig: &Rig, meta_path: &Path) -> (String, String, Answer) {
    let meta: Value = serde_json::from_slice(&std::fs::read(meta_path).unwrap()).unwrap();
    let text = |key: &str| meta[key].as_str().unwrap().to_owned();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/datadog");
    let body = meta["body_file"].as_str().map_or(Vec::new(), |f| std::fs::read(root.join(f)).unwrap());
    let headers: Vec<(String, String)> = serde_json::from_value(meta["headers"].clone()).unwrap();
    let kept: Vec<(&str, &str)> = headers
        .iter()
        .map(|(k, v)| (k.as_str(), v.as_str()))
        // Answers are read as they are here.
        .filter(|(k, _)| {
            !k.eq_ignore_ascii_case("accept-encoding") && !k.eq_ignore_ascii_case("content-length")
        })
        .collect();
    let (method, path) = (text("method"), text("path"));
    let answer = rig.send(&method, &path, &kept, body).await;
    (method, path, answer)
}

/// The first part of the path decides what this server owes; what comes with later signals is a JSON 404.
fn expected(method: &str, path: &str) -> &'static [u16] {
    let plain = path.split('?').next().unwrap();
    match (method, plain) {
        ("POST", "/api/v1/series" | "/api/v2/series" | "/api/v1/distribution_points") => &[202],
        ("POST", "/api/v1/events" | "/api/v1/check_run" | "/intake/" | "/api/v1/metadata") => &[202],
        ("POST", "/api/beta/sketches") => &[202],
        ("GET", "/api/v1/events") => &[200],
        // Of an event that was never sent here.
        ("GET", p) if p.starts_with("/api/v1/events/") => &[404],
        ("GET" | "POST", "/api/v1/dashboard") => &[200],
        ("GET", "/api/v1/dashboard/lists/manual") => &[200],
        (_, p) if p.starts_with("/api/v1/dashboard/") => &[404],
        ("POST", "/api/v2/logs") => &[202],
        ("POST", "/v1/input") => &[200],
        ("POST", "/api/v2/events") => &[202],
        ("GET", "/api/v2/events" | "/api/v2/logs/events" | "/api/v2/logs/config/metrics") => &[200],
        ("GET", "/api/v1/logs/config/pipelines") => &[200],
        (
            "POST",
            "/api/v2/logs/analytics/aggregate"
            | "/api/v2/spans/events/search"
            | "/api/v2/spans/analytics/aggregate"
            | "/api/v2/events/search",
        ) => &[200],
        // The captured cursor is another server's.
        ("POST", "/api/v2/logs/events/search") => &[400],
        ("POST", "/api/v2/query/timeseries" | "/api/v2/query/scalar")
        | ("GET", "/api/v1/query" | "/api/v1/search" | "/api/v1/metrics") => &[200],
        (_, p) if p.starts_with("/api/v1/metrics/") || p.starts_with("/api/v2/metrics") => &[200],
        (_, p) if p.starts_with("/api/v1/host/") || p.starts_with("/api/v1/hosts") => &[200],
        ("POST" | "PUT", p) if p.starts_with("/api/v1/tags/hosts/") => &[201],
        ("DELETE", p) if p.starts_with("/api/v1/tags/hosts/") => &[204],
        ("GET", p) if p.starts_with("/api/v1/tags/hosts") => &[200],
        ("GET", "/api/v1/validate") => &[200],
        ("GET" | "POST", "/api/v1/monitor" | "/api/v1/slo" | "/api/v1/downtime" | "/api/v2/downtime") => {
            &[200]
        }
        ("GET", "/api/v1/monitor/search" | "/api/v1/monitor/groups/search" | "/api/v1/slo/search") => &[200],
        ("POST", "/api/v1/monitor/validate") | ("GET", "/api/v1/synthetics/tests") => &[200],
        // Not served, and said so by name.
        (_, "/api/v2/monitor/notification_rule") => &[501],
        _ => &[404],
    }
}

async fn replay_all(client: &str) {
    let rig = Rig::new().await;
    for meta in fixtures(client) {
        let (method, path, answer) = replay(&rig, &meta).await;
        let name = meta.file_name().unwrap().to_str().unwrap().to_owned();
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        assert!(
            expected(&method, &path).contains(&answer.status.as_u16()),
            "{name} {}: {text}",
            answer.status
        );
        if answer.status == 204 {
            assert!(answer.body.is_empty());
            continue;
        }
        let json = answer.json();
        assert!(!text.is_empty(), "{name}: an empty answer");
        let has_errors = json.get("errors").is_some();
        if answer.status.is_success() && !path.starts_with("/api/v2") && !path.starts_with("/api/beta") {
            assert!(!has_errors, "{name}: a v1 success with errors: {text}");
        }
        if !answer.status.is_success() {
            assert!(json["errors"][0].is_string(), "{name}: {text}");
        }
    }
}

#[tokio::test]
async fn datadogpy_gets_answers_that_it_can_read() {
    replay_all("datadogpy-0.56.0-api").await;
}

#[tokio::test]
async fn the_api_client_gets_answers_that_it_can_read() {
    replay_all("datadog-api-client-python-2.62.0").await;
}

#[tokio::test]
async fn what_clients_sent_is_in_the_next_query() {
    let rig = Rig::new().await;
    for (client, name) in [
        ("datadogpy-0.56.0-api", "01-post-series"),
        ("datadogpy-0.56.0-api", "04-post-distribution-points"),
        ("datadog-api-client-python-2.62.0", "05-post-v2-series-zstd1"),
    ] {
        let all = fixtures(client);
        let meta = all.iter().find(|p| p.to_str().unwrap().contains(name)).unwrap();
        assert_eq!(replay(&rig, meta).await.2.status, 202, "{name}");
    }
    assert_eq!(rig.query("avg:my.metric{a:b} by {host}").await[0].0, "host:host-a,a:b");
    assert_eq!(rig.query("max:my.dist{*}").await[0].1[0].1, 3.0);
    assert_eq!(rig.query("avg:m{*}").await[0].1[0].1, 1.0);
}

#[tokio::test]
async fn an_agents_posts_are_taken_and_its_other_paths_are_counted() {
    let rig = Rig::new().await;
    for meta in fixtures("agent-synthetic") {
        let value: Value = serde_json::from_slice(&std::fs::read(&meta).unwrap()).unwrap();
        // Trace agents name themselves otherwise, and come with traces.
        if !value["headers"].to_string().contains("datadog-agent/") {
            continue;
        }
        let (_, path, answer) = replay(&rig, &meta).await;
        let name = meta.file_name().unwrap().to_str().unwrap().to_owned();
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        assert_eq!(answer.status, 202, "{name} {path}: {text}");
        assert!(answer.json().is_object(), "{name}");
    }
    let host = rig.get("/api/ui/hosts/host-a").await.json();
    assert_eq!(host["meta"]["agent_version"], "7.60.0");
    assert_eq!(host["tags_by_source"]["system"], serde_json::json!(["env:staging", "role:db"]));
    let settings = rig.get("/api/ui/settings").await.json();
    let paths: Vec<&str> = settings["unknown_agent_paths"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p["path"].as_str().unwrap())
        .collect();
    assert!(paths.contains(&"/api/v1/collector"), "{paths:?}");
}
