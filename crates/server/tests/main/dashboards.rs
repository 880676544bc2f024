//! Dashboards go out as they came in, by keys as by cookie; the built-in ones stay as they are.

use crate::rig::Rig;
use serde_json::{Value, json};

fn acceptance() -> Value {
    let mut posted: Value =
        serde_json::from_str(include_str!("../../../../tests/acceptance/dashboard.json")).unwrap();
    posted["unknown_field"] = json!({"z": [1, 2.5, null], "a": "kept"});
    posted["widgets"][1]["definition"]["unknown"] = json!({"b": 1, "a": 2});
    posted["template_variables"] = json!([{"name": "host", "prefix": "host", "default": "*", "odd": true}]);
    posted
}

#[tokio::test]
async fn the_whole_document_survives_a_round_trip() {
    let rig = Rig::new().await;
    let posted = acceptance();
    let made = rig.change("POST", "/api/v1/dashboard", posted.clone()).await;
    assert_eq!(made.status, 200);
    let made = made.json();
    let id = made["id"].as_str().unwrap().to_owned();
    let mut read = rig.get(&format!("/api/v1/dashboard/{id}")).await.json();
    assert_eq!(read, made);
    assert_eq!(read["created_at"], "2023-11-14T23:15:00.000000+00:00");
    assert_eq!(read["url"], format!("http://127.0.0.1:8080/dashboard/{id}"));
    for owned in ["id", "url", "author_handle", "created_at", "modified_at"] {
        assert!(read.as_object_mut().unwrap().shift_remove(owned).is_some(), "{owned}");
    }
    assert_eq!(read.to_string(), posted.to_string(), "every field, in its order");

    let mut changed = made.clone();
    changed["title"] = json!("renamed");
    let put = rig.change("PUT", &format!("/api/v1/dashboard/{id}"), changed).await.json();
    assert_eq!((put["title"].as_str(), put["id"].as_str()), (Some("renamed"), Some(id.as_str())));
    let listed = rig.get("/api/v1/dashboard").await.json();
    let entry =
        listed["dashboards"].as_array().unwrap().iter().find(|d| d["id"] == id.as_str()).unwrap().clone();
    assert_eq!(
        (entry["title"].as_str(), entry["layout_type"].as_str(), entry["is_read_only"].as_bool()),
        (Some("renamed"), Some("ordered"), Some(false))
    );
    let gone = rig.change("DELETE", &format!("/api/v1/dashboard/{id}"), json!(null)).await.json();
    assert_eq!(gone, json!({"deleted_dashboard_id": id}));
    assert_eq!(rig.get(&format!("/api/v1/dashboard/{id}")).await.status, 404);
}

#[tokio::test]
async fn built_in_dashboards_are_there_and_read_only() {
    let rig = Rig::new().await;
    let listed = rig.get("/api/v1/dashboard").await.json();
    let ids: Vec<&str> =
        listed["dashboards"].as_array().unwrap().iter().map(|d| d["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["system", "postgres", "oriel"]);
    for id in ids {
        let read = rig.get(&format!("/api/v1/dashboard/{id}")).await.json();
        assert_eq!(read["is_read_only"], true);
        assert_eq!(rig.change("PUT", &format!("/api/v1/dashboard/{id}"), read).await.status, 403);
        assert_eq!(rig.change("DELETE", &format!("/api/v1/dashboard/{id}"), json!(null)).await.status, 403);
    }
}

#[tokio::test]
async fn several_are_deleted_together_or_none() {
    let rig = Rig::new().await;
    let mut ids = Vec::new();
    for _ in 0..2 {
        let made = rig.change("POST", "/api/v1/dashboard", acceptance()).await.json();
        ids.push(made["id"].as_str().unwrap().to_owned());
    }
    let body = |ids: &[&str]| json!({"data": ids.iter().map(|i| json!({"id": i, "type": "dashboard"})).collect::<Vec<_>>()});
    assert_eq!(rig.change("DELETE", "/api/v1/dashboard", body(&[&ids[0], "nowhere"])).await.status, 404);
    assert_eq!(rig.get(&format!("/api/v1/dashboard/{}", ids[0])).await.status, 200, "none went");
    assert_eq!(rig.change("DELETE", "/api/v1/dashboard", body(&[&ids[0], &ids[1]])).await.status, 200);
    assert_eq!(rig.get(&format!("/api/v1/dashboard/{}", ids[1])).await.status, 404);
}

#[tokio::test]
async fn what_is_no_dashboard_is_refused_with_what_to_do() {
    let rig = Rig::new().await;
    for (body, told) in [
        (json!([1]), "JSON object"),
        (json!({"widgets": []}), "title"),
        (json!({"title": "t"}), "widgets"),
        (json!({"title": "t", "widgets": [], "layout_type": "odd"}), "layout_type"),
    ] {
        let answer = rig.change("POST", "/api/v1/dashboard", body).await;
        assert_eq!(answer.status, 400);
        assert!(answer.errors().contains(told), "{}", answer.errors());
    }
}
