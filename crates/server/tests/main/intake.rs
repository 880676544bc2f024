//! What intakes accept, refuse and answer.

use crate::rig::{API_KEY, KEYS, NOW_S, Rig};
use serde_json::{Value, json};

#[tokio::test]
async fn what_is_acknowledged_is_in_the_next_query() {
    let rig = Rig::new().await;
    rig.gauge("m", "web-1", &["env:x"], &[(NOW_S - 120, 1.5), (NOW_S - 60, 2.5)]).await;
    let found = rig.query("avg:m{env:x} by {host}").await;
    assert_eq!(found[0].1.last().unwrap().1, 2.5);
}

#[tokio::test]
async fn a_bad_row_costs_its_neighbours_nothing_and_is_told() {
    let rig = Rig::new().await;
    let body = json!({"series": [
        {"metric": "good", "type": 3, "points": [{"timestamp": NOW_S, "value": 1}]},
        {"metric": "ahead", "type": 3, "points": [{"timestamp": NOW_S + 3600, "value": 1}]},
        {"metric": "", "type": 3, "points": [{"timestamp": NOW_S, "value": 1}]},
    ]});
    let v2 = rig.change("POST", "/api/v2/series", body).await;
    assert_eq!(v2.status, 202);
    let told = v2.errors();
    assert!(told.contains("too_far_ahead 1") && told.contains("2 rows refused"), "{told}");
    let v1 = json!({"series": [{"metric": "old", "points": [[1, 1]]}, {"metric": "fine", "points": [[NOW_S, 1]]}]});
    let v1 = rig.change("POST", "/api/v1/series", v1).await;
    assert_eq!((v1.status.as_u16(), v1.json()["status"].as_str()), (202, Some("ok")));
    assert!(v1.json().get("errors").is_none() && v1.json()["warnings"][0].is_string());
    assert_eq!(rig.query("avg:good{*}").await.len() + rig.query("avg:fine{*}").await.len(), 2);
    let settings = rig.get("/api/ui/settings").await.json();
    let refused = settings["refused"].as_array().unwrap();
    let line = refused.iter().find(|r| r["source"] == "series_v1").unwrap();
    assert_eq!((line["reason"].as_str(), line["count"].as_u64()), (Some("older_than_retention"), Some(1)));
    assert_eq!(line["examples"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn bodies_are_bounded_before_and_after_decompression() {
    let rig = Rig::new().await;
    let long = vec![b' '; (16 << 20) + 1];
    let answer = rig.send("POST", "/api/v1/series", &KEYS, long).await;
    assert_eq!(answer.status, 413);
    assert!(answer.errors().contains("16777216"));
    let said = [KEYS[0], ("Content-Length", "999999999")];
    assert_eq!(
        rig.send("POST", "/api/v1/series", &said, "{}").await.status,
        413,
        "refused by its length alone"
    );
    // 80 MiB of blanks in a small zstd frame: 65 bytes of header and blocks of one repeated byte.
    let bomb = zstd_blanks(80 << 20);
    assert!(bomb.len() < 64 << 10);
    let answer = rig.send("POST", "/api/v1/series", &[KEYS[0], ("Content-Encoding", "zstd")], bomb).await;
    assert_eq!(answer.status, 413, "{}", answer.errors());
    let answer = rig.send("POST", "/api/v1/series", &[KEYS[0], ("Content-Encoding", "brotli")], "x").await;
    assert_eq!(answer.status, 400);
    let answer = rig.send("POST", "/api/v1/series", &KEYS, "{\"series\": oops").await;
    assert_eq!(answer.status, 400);
}

/// A zstd frame of repeated blanks, written by hand: blocks of type RLE.
fn zstd_blanks(bytes: usize) -> Vec<u8> {
    const BLOCK: usize = 128 << 10;
    // Magic, a descriptor without checksum and sizes, and a window of 128 KiB.
    let mut frame = vec![0x28, 0xB5, 0x2F, 0xFD, 0x00, 7 << 3];
    for n in 0..bytes / BLOCK {
        let last = u32::from(n + 1 == bytes / BLOCK);
        let header = (u32::try_from(BLOCK).unwrap() << 3) | (1 << 1) | last;
        frame.extend_from_slice(&header.to_le_bytes()[..3]);
        frame.push(b' ');
    }
    frame
}

#[tokio::test]
async fn a_repeated_request_is_not_counted_twice() {
    let rig = Rig::new().await;
    let body = json!({"series": [{"metric": "d", "points": [[NOW_S - 60, [1, 2, 3]]]}]});
    for _ in 0..2 {
        let answer = rig.change("POST", "/api/v1/distribution_points", body.clone()).await;
        assert_eq!(answer.status, 202);
    }
    let found = rig.query("count:d{*}.as_count()").await;
    assert_eq!(found[0].1.iter().map(|(_, v)| v).sum::<f64>(), 3.0);

    let event = json!({"title": "deployed", "text": "v2", "date_happened": NOW_S - 60});
    let first = rig.change("POST", "/api/v1/events", event.clone()).await.json();
    let again = rig.change("POST", "/api/v1/events", event).await.json();
    assert_eq!(first["event"]["id"], again["event"]["id"], "the retry is told the first one's id");
    let listed = rig.get(&format!("/api/v1/events?start={}&end={NOW_S}", NOW_S - 3600)).await.json();
    assert_eq!(listed["events"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn events_are_listed_and_found_by_their_id() {
    let rig = Rig::new().await;
    let post = |title: &'static str, tags: Value| {
        rig.change(
            "POST",
            "/api/v1/events",
            json!({"title": title, "text": "t", "tags": tags, "host": "web-1", "alert_type": "error"}),
        )
    };
    let made = post("one", json!(["a:b"])).await;
    assert_eq!((made.status.as_u16(), made.json()["status"].as_str()), (202, Some("ok")));
    post("two", json!(["c:d"])).await;
    let id = made.json()["event"]["id"].as_u64().unwrap();
    assert!(id > 0 && id < 1 << 53);
    let one = rig.get(&format!("/api/v1/events/{id}")).await.json();
    assert_eq!(
        (one["event"]["title"].as_str(), one["event"]["alert_type"].as_str()),
        (Some("one"), Some("error"))
    );
    let listed = rig.get(&format!("/api/v1/events?start={}&end={}&tags=a:b", NOW_S - 60, NOW_S)).await.json();
    assert_eq!(listed["events"].as_array().unwrap().len(), 1);
    assert_eq!(rig.get("/api/v1/events/12").await.status, 404);
    assert_eq!(rig.get("/api/v1/events").await.status, 400);
}

#[tokio::test]
async fn prometheus_text_is_taken_with_what_it_declares() {
    let rig = Rig::new().await;
    let ms = NOW_S * 1000;
    let body = format!(
        "# HELP jobs Jobs done.\n# TYPE jobs counter\njobs_total{{host=\"i-1\",path=\"a,b:c\"}} 5 {}\njobs_total{{host=\"i-1\",path=\"a,b:c\"}} 9 {ms}\nbroken line{{\n",
        ms - 60_000
    );
    let answer = rig.send("POST", "/api/v1/import/prometheus", &KEYS[..1], body).await;
    assert_eq!(answer.status, 202);
    assert!(answer.json()["warnings"][0].as_str().unwrap().contains("1 rows refused"));
    let found = rig.query("sum:jobs_total{*} by {path}.as_count()").await;
    assert_eq!(found[0].0, "path:a,b:c");
    assert_eq!(found[0].1.iter().map(|(_, v)| v).sum::<f64>(), 4.0);
    assert_eq!(rig.get("/api/v1/metrics/jobs").await.json()["description"], "Jobs done.");
}

#[tokio::test]
async fn unknown_paths_are_told_apart_by_who_asks() {
    let rig = Rig::new().await;
    let agent = [("User-Agent", "datadog-agent/7.60.0"), ("DD-API-KEY", API_KEY)];
    let taken = rig.send("POST", "/api/v2/sbom", &agent, "x").await;
    assert_eq!((taken.status.as_u16(), taken.json()), (202, json!({})));
    rig.send("POST", "/api/v2/sbom", &[("DD-Agent-Version", "7.60.0"), ("DD-API-KEY", API_KEY)], "x").await;
    assert_eq!(
        rig.send("POST", "/api/v2/sbom", &agent[..1], "x").await.status,
        403,
        "even an agent needs its key"
    );
    let settings = rig.get("/api/ui/settings").await.json();
    let path = &settings["unknown_agent_paths"][0];
    assert_eq!((path["path"].as_str(), path["count"].as_u64()), (Some("/api/v2/sbom"), Some(2)));
    for (method, path) in [("POST", "/api/v2/sbom"), ("GET", "/api/nothing"), ("GET", "/x.php")] {
        let answer = rig.send(method, path, &KEYS, "").await;
        assert_eq!(answer.status, 404, "{method} {path}");
        assert!(answer.errors().starts_with("Not found"), "{}", answer.errors());
        assert_eq!(answer.header("content-type"), "application/json");
    }
    let answer = rig.send("DELETE", "/api/v1/series", &KEYS, "").await;
    assert_eq!((answer.status.as_u16(), answer.header("allow")), (405, "POST"));
    assert!(answer.errors().contains("/api/v1/series does not take DELETE"), "{}", answer.errors());
    assert_eq!(
        rig.send("DELETE", "/api/v1/series", &agent, "").await.status,
        202,
        "an agent would try for ever"
    );
}
