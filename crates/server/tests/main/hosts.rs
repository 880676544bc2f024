//! Hosts, their tags by source, and muting.

use crate::rig::{NOW_S, Rig};
use serde_json::json;

#[tokio::test]
async fn a_host_is_listed_as_soon_as_its_series_is_stored() {
    let rig = Rig::new().await;
    rig.gauge("system.load.1", "web-1", &["env:x"], &[(NOW_S - 30, 0.5)]).await;
    rig.gauge("m", "web-2", &[], &[(NOW_S - 3 * 3600, 1.0)]).await;
    let listed = rig.get("/api/v1/hosts?filter=web-1").await.json();
    assert_eq!((listed["total_matching"].as_u64(), listed["total_returned"].as_u64()), (Some(1), Some(1)));
    let host = &listed["host_list"][0];
    assert_eq!((host["name"].as_str(), host["up"].as_bool()), (Some("web-1"), Some(true)));
    assert_eq!(host["metrics"]["load"].as_f64(), Some(0.5));
    assert!(host["id"].is_u64() && host["meta"]["gohai"].is_string() && host["tags_by_source"].is_object());
    let totals = rig.get("/api/v1/hosts/totals").await.json();
    assert_eq!(totals, json!({"total_active": 1, "total_up": 1}), "history makes no host look alive");
    let found = rig.get("/api/v1/search?q=hosts:web").await.json();
    assert_eq!(found, json!({"results": {"hosts": ["web-1", "web-2"]}}));
}

#[tokio::test]
async fn tags_are_added_replaced_and_removed_by_source_and_join_series() {
    let rig = Rig::new().await;
    let add =
        rig.change("POST", "/api/v1/tags/hosts/web-1?source=chef", json!({"tags": ["Role:DB", "a:b"]})).await;
    assert_eq!(
        (add.status.as_u16(), add.json()),
        (201, json!({"host": "web-1", "tags": ["a:b", "role:db"]}))
    );
    rig.change("POST", "/api/v1/tags/hosts/web-1", json!({"tags": ["team:blue"]})).await;
    rig.change("POST", "/api/v1/tags/hosts/web-1", json!({"tags": ["team:red"]})).await;
    let of = |path: &'static str| rig.get(path);
    assert_eq!(
        of("/api/v1/tags/hosts/web-1").await.json()["tags"],
        json!(["a:b", "role:db", "team:blue", "team:red"])
    );
    assert_eq!(of("/api/v1/tags/hosts/web-1?source=chef").await.json()["tags"], json!(["a:b", "role:db"]));
    assert_eq!(of("/api/v1/tags/hosts").await.json()["tags"]["role:db"], json!(["web-1"]));

    rig.clock.advance(30_000);
    rig.gauge("m", "web-1", &[], &[(NOW_S + 30, 7.0)]).await;
    let found = rig.query("avg:m{role:db} by {team}").await;
    assert_eq!(found.len(), 2, "two values of one key are two groups: {found:?}");

    rig.change("PUT", "/api/v1/tags/hosts/web-1", json!({"tags": ["team:green"]})).await;
    assert_eq!(of("/api/v1/tags/hosts/web-1?source=users").await.json()["tags"], json!(["team:green"]));
    let gone = rig.send("DELETE", "/api/v1/tags/hosts/web-1", &crate::rig::KEYS, "").await;
    assert_eq!((gone.status.as_u16(), gone.body.len()), (204, 0));
    assert_eq!(of("/api/v1/tags/hosts/web-1").await.json()["tags"], json!(["a:b", "role:db"]));
    assert_eq!(of("/api/v1/tags/hosts/nobody").await.status, 404);
    assert_eq!(rig.change("POST", "/api/v1/tags/hosts/web-1", json!({"labels": []})).await.status, 400);
}

#[tokio::test]
async fn a_mute_ends_at_its_time() {
    let rig = Rig::new().await;
    let muted = rig
        .change("POST", "/api/v1/host/web-1/mute", json!({"end": NOW_S + 60, "message": "quiet"}))
        .await
        .json();
    assert_eq!((muted["action"].as_str(), muted["hostname"].as_str()), (Some("Muted"), Some("web-1")));
    let is_muted =
        || async { rig.get("/api/v1/hosts").await.json()["host_list"][0]["is_muted"].as_bool().unwrap() };
    assert!(is_muted().await);
    rig.clock.advance(61_000);
    assert!(!is_muted().await);
    rig.change("POST", "/api/v1/host/web-1/mute", json!({})).await;
    assert!(is_muted().await, "without an end until it is unmuted");
    rig.change("POST", "/api/v1/host/web-1/unmute", json!({})).await;
    assert!(!is_muted().await);
}
