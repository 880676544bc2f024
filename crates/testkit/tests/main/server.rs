//! The same over HTTP with the real binary, where one is built.

use oriel_testkit::{ServerProcess, binary};

#[test]
fn what_the_binary_answered_is_there_after_kill_9() {
    let Some(binary) = binary() else {
        println!("no oriel binary: set ORIEL_BIN or build it beside the tests");
        return;
    };
    let data = tempfile::tempdir().unwrap();
    let mut server = ServerProcess::start(&binary, data.path(), &[]);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    for round in 0..3 {
        let body = format!(
            r#"{{"series":[{{"metric":"kill.test","type":3,"points":[{{"timestamp":{},"value":{round}}}],"resources":[{{"type":"host","name":"h"}}]}}]}}"#,
            now - 100 + round * 10
        );
        let answer = server.post("/api/v2/series", "application/json", body.as_bytes());
        assert_eq!(answer.as_ref().map(|a| a.0), Some(202), "{answer:?}");
        server.restart();
        let query = format!("/api/v1/query?from={}&to={}&query=avg:kill.test%7B*%7D", now - 120, now + 10);
        let (status, body) = server.get(&query).unwrap();
        assert_eq!(status, 200, "{body}");
        let answer: serde_json::Value = serde_json::from_str(&body).unwrap();
        let points = answer["series"][0]["pointlist"].as_array().map_or(0, Vec::len);
        assert!(points as u64 >= 1, "round {round}: {body}");
    }
    assert!(server.terminate(), "SIGTERM leaves cleanly");
}
