//! Monitors over the API of a whole server: kept as they came, alerting on what is stored, told as events; those that ship built
//! in can each fire.

use crate::rig::{NOW_S, Rig};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const AT_MOST: Duration = Duration::from_secs(30);

async fn create(rig: &Rig, document: Value) -> i64 {
    let made = rig.change("POST", "/api/v1/monitor", document).await;
    assert_eq!(made.status, 200, "{}", String::from_utf8_lossy(&made.body));
    made.json()["id"].as_i64().unwrap()
}

fn monitor(name: &str, query: &str) -> Value {
    json!({"name": name, "type": "query alert", "query": query, "message": "m", "tags": ["team:blue"]})
}

/// Until a group has a status: an evaluation starts 1.5 s after its minute, and the loop of monitors follows the clock in some
/// hundred milliseconds.
async fn wait_status(rig: &Rig, id: i64, group: &str, status: &str) -> Value {
    let begin = Instant::now();
    loop {
        let read = rig.get(&format!("/api/v1/monitor/{id}?group_states=all")).await.json();
        if read["state"]["groups"][group]["status"] == status {
            return read;
        }
        assert!(begin.elapsed() < AT_MOST, "{group} is not {status}: {read}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Until the evaluation of a moment is durable: nothing changes by itself while the clock stands still.
async fn wait_evaluated(rig: &Rig, name: &str, at_s: i64) {
    let begin = Instant::now();
    loop {
        let page = rig.get(&format!("/api/ui/monitors?query=title:{name}")).await.json();
        if page["monitors"][0]["evaluation"]["last_ms"] == at_s * 1000 {
            return;
        }
        assert!(begin.elapsed() < AT_MOST, "{name} is not evaluated: {page}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_is_shown_searched_muted_resolved_and_told_as_an_event() {
    let rig = Rig::new().await;
    rig.gauge("shop.load", "web-1", &["env:prod"], &[(NOW_S - 30, 9.0)]).await;
    rig.gauge("shop.load", "web-2", &["env:prod"], &[(NOW_S - 30, 1.0)]).await;
    let id = create(&rig, monitor("busy", "avg(last_5m):avg:shop.load{env:prod} by {host} > 5")).await;
    rig.clock.advance(62_000);
    wait_evaluated(&rig, "busy", NOW_S + 60).await;
    let read = wait_status(&rig, id, "host:web-1", "Alert").await;
    assert_eq!((read["overall_state"].as_str(), read["multi"].as_bool()), (Some("Alert"), Some(true)));
    assert_eq!(read["state"]["groups"]["host:web-2"]["status"], "OK");
    let alerts = rig.get(&format!("/api/v1/monitor/{id}?group_states=alert")).await.json();
    assert_eq!(alerts["state"]["groups"].as_object().unwrap().len(), 1);

    let found = rig.get("/api/v1/monitor/search?query=status:alert%20team:blue").await.json();
    assert_eq!(
        (found["monitors"][0]["id"].as_i64(), found["metadata"]["total_count"].as_i64()),
        (Some(id), Some(1))
    );
    let groups = rig.get("/api/v1/monitor/groups/search?query=busy%20group_status:alert").await.json();
    assert_eq!(groups["groups"][0]["group"], "host:web-1");
    assert_eq!(groups["groups"].as_array().unwrap().len(), 1);
    let page = rig.get("/api/ui/monitors?query=busy&status=Alert").await.json();
    assert_eq!((page["total"].as_i64(), page["monitors"][0]["groups"]["alert"].as_i64()), (Some(1), Some(1)));
    assert_eq!(rig.get("/api/ui/monitors?query=busy&status=OK").await.json()["total"], 0);

    let begin = Instant::now();
    let event = loop {
        let path = format!("/api/v1/events?start={}&end={}&sources=monitor", NOW_S - 60, NOW_S + 600);
        let found = rig.get(&path).await.json()["events"][0].clone();
        if !found.is_null() {
            break found;
        }
        assert!(begin.elapsed() < AT_MOST, "no event");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!(event["title"], "[Triggered on {host:web-1}] busy");
    assert_eq!(
        (event["alert_type"].as_str(), event["aggregation_key"].as_str()),
        (Some("error"), Some(&*format!("monitor:{id}")))
    );

    let resolve = json!({"resolve": [{id.to_string(): "ALL_GROUPS"}]});
    assert_eq!(rig.change("POST", "/api/v1/monitor/bulk_resolve", resolve).await.status, 200);
    wait_status(&rig, id, "host:web-1", "OK").await;
    rig.clock.advance(60_000);
    wait_evaluated(&rig, "busy", NOW_S + 120).await;
    wait_status(&rig, id, "host:web-1", "Alert").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_built_in_monitor_can_fire() {
    let rig = Rig::new().await;
    let listed = rig.get("/api/v1/monitor?monitor_tags=oriel:built-in").await.json();
    let id_of = |name: &str| {
        let all = listed.as_array().unwrap().iter();
        all.clone().find(|m| m["name"].as_str().unwrap().contains(name)).unwrap()["id"].as_i64().unwrap()
    };
    assert_eq!(listed.as_array().unwrap().len(), 6);
    // What the server reports of itself, as it would be on a bad day of another one.
    for (metric, value) in [("oriel.disk.in_use", 0.97), ("oriel.monitor.lag", 300.0)] {
        rig.gauge(metric, "bad-day", &[], &[(NOW_S - 30, value)]).await;
    }
    for (metric, value) in [("oriel.notices.failed", 2.0), ("oriel.notices.oldest", 900.0)] {
        rig.gauge(metric, "bad-day", &["channel:email"], &[(NOW_S - 30, value)]).await;
    }
    // Far in the future, so each is refused.
    let points: Vec<Value> =
        (0..200).map(|n| json!({"timestamp": NOW_S + 90_000_000 + n, "value": 1.0})).collect();
    let body = json!({"series": [{"metric": "late", "type": 3, "points": points}]});
    rig.change("POST", "/api/v2/series", body).await;
    // The report after the next one counts them: it comes every 10 s of the machine's time.
    let begin = Instant::now();
    let refused = loop {
        let found = rig.query("sum:oriel.intake.refused{!reason:none} by {source,reason}.as_count()").await;
        if let Some((scope, _)) = found.first() {
            break scope.clone();
        }
        assert!(begin.elapsed() < AT_MOST, "nothing is counted as refused");
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    rig.clock.advance(62_000);
    wait_status(&rig, id_of("data fills up"), "host:bad-day", "Alert").await;
    wait_status(&rig, id_of("evaluated late"), "host:bad-day", "Alert").await;
    wait_status(&rig, id_of("get through"), "host:bad-day,channel:email", "Alert").await;
    wait_status(&rig, id_of("Notices wait"), "host:bad-day,channel:email", "Alert").await;
    let parts: Vec<&str> = refused.split(',').collect();
    let part = |key: &str| parts.iter().find(|p| p.starts_with(key)).unwrap().to_string();
    let group = format!("{},{}", part("source:"), part("reason:"));
    wait_status(&rig, id_of("refuses"), &group, "Alert").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_reports_what_the_built_in_monitors_ask_for() {
    let rig = Rig::new().await;
    let begin = Instant::now();
    for metric in [
        "oriel.intake.refused",
        "oriel.disk.in_use",
        "oriel.disk.free_bytes",
        "oriel.notices.failed",
        "oriel.notices.oldest",
        "oriel.monitor.lag",
    ] {
        while rig.query(&format!("max:{metric}{{*}}")).await.is_empty() {
            assert!(begin.elapsed() < AT_MOST, "{metric} is not reported");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
    let in_use = rig.query("max:oriel.disk.in_use{*}").await[0].1[0].1;
    assert!((0.0..=1.0).contains(&in_use), "{in_use}");
}

#[tokio::test]
async fn the_exported_monitor_is_kept_whole_and_in_its_order() {
    let rig = Rig::new().await;
    let mut posted: Value =
        serde_json::from_str(include_str!("../../../../tests/acceptance/monitor.json")).unwrap();
    posted["unknown_field"] = json!({"z": [1, 2.5, null], "a": "kept"});
    let id = create(&rig, posted.clone()).await;
    let mut read = rig.get(&format!("/api/v1/monitor/{id}")).await.json();
    let owned = [
        "id",
        "org_id",
        "created",
        "created_at",
        "modified",
        "deleted",
        "creator",
        "multi",
        "overall_state",
        "overall_state_modified",
    ];
    for field in owned {
        assert!(read.as_object_mut().unwrap().shift_remove(field).is_some(), "{field}");
    }
    posted.as_object_mut().unwrap().shift_remove("id");
    posted["options"]["renotify_interval"] = json!(0);
    assert_eq!(read.to_string(), posted.to_string());
}

#[tokio::test]
async fn what_is_no_monitor_is_refused_with_its_field() {
    let rig = Rig::new().await;
    let good = || monitor("n", "avg(last_5m):avg:x{*} > 1");
    let with = |key: &str, value: Value| {
        let mut document = good();
        document[key] = value;
        document
    };
    for (document, told) in [
        (json!([]), "JSON object"),
        (with("type", json!("rum alert")), "type"),
        (with("query", json!("avg(last_5m):avg:x{* > 1")), "query"),
        (with("priority", json!(7)), "priority"),
        (with("options", json!({"renotify_interval": "soon"})), "renotify_interval"),
        (with("options", json!({"thresholds": {"critical": 2}})), "critical"),
        (
            json!({"name": "c", "type": "composite", "query": "1 && 2", "message": ""}),
            "monitor 1 does not exist",
        ),
        (
            json!({"name": "s", "type": "slo alert", "query": "error_budget(\"x\").over(\"7d\") > 75", "message": ""}),
            "SLO x",
        ),
    ] {
        for path in ["/api/v1/monitor", "/api/v1/monitor/validate"] {
            let answer = rig.change("POST", path, document.clone()).await;
            assert_eq!(answer.status, 400, "{document}");
            assert!(answer.errors().contains(told), "{told}: {}", answer.errors());
        }
    }
    assert_eq!(rig.get("/api/v1/monitor/1").await.status, 404);
    assert_eq!(rig.get("/api/v1/monitor/x").await.status, 400);
}
