//! Files that are really written, renamed, truncated and deleted while the agent follows them.

use oriel_agent::{AgentHandle, AgentOptions, start};
use oriel_intake::{IntakeAnswer, IntakeRequest, RequestSink, Sink};
use oriel_model::{ErrorBody, Submission, SystemClock};
use parking_lot::Mutex;
use serde_json::Value;
use std::fs::{self, File, OpenOptions};
use std::future::Future;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Keeps logs, and refuses while it is told to.
#[derive(Default)]
struct Taken {
    logs: Mutex<Vec<Value>>,
    refusing: Mutex<bool>,
}

impl Taken {
    fn messages(&self) -> Vec<String> {
        self.logs.lock().iter().map(|l| l["message"].as_str().unwrap().to_owned()).collect()
    }
}

impl RequestSink for Taken {
    fn accept(&self, request: IntakeRequest) -> Pin<Box<dyn Future<Output = IntakeAnswer> + Send + '_>> {
        assert_eq!(request.path, "/api/v2/logs");
        if *self.refusing.lock() {
            return Box::pin(std::future::ready(IntakeAnswer::json(429, "{}")));
        }
        let logs: Vec<Value> = serde_json::from_slice(&request.body).unwrap();
        self.logs.lock().extend(logs);
        Box::pin(std::future::ready(IntakeAnswer::json(202, "{}")))
    }
}

struct Nowhere;

impl Sink for Nowhere {
    fn submit(&self, _: Submission) -> Pin<Box<dyn Future<Output = Result<(), ErrorBody>> + Send + '_>> {
        Box::pin(std::future::ready(Ok(())))
    }
}

struct World {
    dir: TempDir,
    taken: Arc<Taken>,
}

impl World {
    fn new(entries: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let conf = dir.path().join("conf.d/app.d");
        fs::create_dir_all(&conf).unwrap();
        fs::create_dir_all(dir.path().join("logs")).unwrap();
        let entries = entries.replace("LOGS", &dir.path().join("logs").display().to_string());
        fs::write(conf.join("conf.yaml"), format!("logs:\n{entries}")).unwrap();
        Self { dir, taken: Arc::default() }
    }

    fn log(&self, name: &str) -> PathBuf {
        self.dir.path().join("logs").join(name)
    }

    fn start(&self) -> AgentHandle {
        let options = AgentOptions {
            hostname: "h1".to_owned(),
            config_dir: self.dir.path().to_owned(),
            data_dir: self.dir.path().join("data"),
            python: None,
            tags: Vec::new(),
        };
        fs::create_dir_all(&options.data_dir).unwrap();
        let mut agent = start(options, Arc::new(Nowhere), Arc::new(SystemClock));
        agent.follow_logs(self.taken.clone());
        agent
    }

    /// Waits for so many logs and a little longer, so that too many are seen too.
    async fn messages(&self, n: usize) -> Vec<String> {
        let until = Instant::now() + Duration::from_secs(20);
        while self.taken.logs.lock().len() < n && Instant::now() < until {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        tokio::time::sleep(Duration::from_millis(400)).await;
        self.taken.messages()
    }
}

fn append(path: &Path, text: &str) {
    let mut file = OpenOptions::new().append(true).create(true).open(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

const FILE: &str = "  - type: file\n    path: LOGS/*.log\n    exclude_paths: [LOGS/not.log]\n    service: app\n    source: python\n    tags: [team:core]\n";

#[tokio::test]
async fn lines_come_once_across_rename_and_restart() {
    let world = World::new(FILE);
    append(&world.log("a.log"), "before the agent\n");
    append(&world.log("not.log"), "never\n");
    let agent = world.start();
    tokio::time::sleep(Duration::from_millis(900)).await;
    append(&world.log("a.log"), "one\ntwo\nthr");
    assert_eq!(
        world.messages(2).await,
        ["one", "two"],
        "what was there before is not read, half a line neither"
    );
    append(&world.log("a.log"), "ee\n");
    assert_eq!(world.messages(3).await[2], "three");
    // Renamed, the writer going on with the old file for a moment, and a new one under the name.
    let mut old = OpenOptions::new().append(true).open(world.log("a.log")).unwrap();
    fs::rename(world.log("a.log"), world.log("a.log.1")).unwrap();
    old.write_all(b"four\n").unwrap();
    append(&world.log("a.log"), "five\n");
    old.write_all(b"six, late\n").unwrap();
    let mut got = world.messages(6).await;
    got.sort();
    assert_eq!(got, ["five", "four", "one", "six, late", "three", "two"]);
    append(&world.log("b.log"), "a new file from its beginning\n");
    assert_eq!(world.messages(7).await[6], "a new file from its beginning");
    let log = world.taken.logs.lock()[6].clone();
    assert_eq!(
        (&log["service"], &log["ddsource"], &log["hostname"]),
        (&"app".into(), &"python".into(), &"h1".into())
    );
    let tags = log["ddtags"].as_str().unwrap();
    assert!(tags.contains("team:core") && tags.contains("filename:b.log"), "{tags}");
    let status = agent.status();
    let row = status.tails.iter().find(|t| t.path.ends_with("b.log")).unwrap();
    assert_eq!((row.state.as_str(), row.logs, row.offset, row.size), ("ok", 1, 30, 30));
    assert!(status.to_string().contains("b.log  ok  1 logs, 30 of 30 bytes"), "{status}");
    agent.shutdown().await;

    // While nobody looks: more lines, then a rotation.
    append(&world.log("a.log"), "seven\n");
    fs::rename(world.log("a.log"), world.log("a.log.2")).unwrap();
    append(&world.log("a.log"), "eight\n");
    append(&world.log("b.log"), "nine\n");
    let agent = world.start();
    let mut got = world.messages(10).await.split_off(7);
    got.sort();
    assert_eq!(got, ["eight", "nine", "seven"], "nothing twice, nothing lost");
    agent.shutdown().await;
}

#[tokio::test]
async fn a_truncated_file_is_read_from_its_start() {
    let world = World::new(FILE);
    let agent = world.start();
    tokio::time::sleep(Duration::from_millis(900)).await;
    append(&world.log("a.log"), "first\nsecond\n");
    world.messages(2).await;
    // Copied and truncated, as logrotate's copytruncate does.
    fs::copy(world.log("a.log"), world.log("a.log.1")).unwrap();
    OpenOptions::new().write(true).open(world.log("a.log")).unwrap().set_len(0).unwrap();
    append(&world.log("a.log"), "x\n");
    assert_eq!(world.messages(3).await, ["first", "second", "x"]);
    // Written anew, and longer than before at once.
    let mut file = File::create(world.log("a.log")).unwrap();
    file.write_all(b"another file with a longer first line than before\n").unwrap();
    assert_eq!(world.messages(4).await[3], "another file with a longer first line than before");
    fs::remove_file(world.log("a.log")).unwrap();
    append(&world.log("a.log"), "made again\n");
    assert_eq!(world.messages(5).await[4], "made again");
    agent.shutdown().await;
}

#[tokio::test]
async fn the_position_moves_only_when_the_sink_has_taken() {
    let world = World::new(&format!("{FILE}    start_position: beginning\n"));
    append(&world.log("a.log"), "one\ntwo\n");
    *world.taken.refusing.lock() = true;
    let agent = world.start();
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let row = agent.status().tails[0].clone();
    assert!(row.state.contains("the sink answers 429") && row.offset == 0, "{row:?}");
    agent.shutdown().await;
    *world.taken.refusing.lock() = false;
    let agent = world.start();
    assert_eq!(world.messages(2).await, ["one", "two"]);
    agent.shutdown().await;
}

#[tokio::test]
async fn rules_leave_out_mask_and_gather() {
    let rules = "    start_position: beginning\n    log_processing_rules:\n      - {type: multi_line, name: stamped, pattern: '\\d{4}-\\d{2}'}\n      - {type: exclude_at_match, name: noise, pattern: DEBUG}\n      - {type: mask_sequences, name: pw, pattern: 'pw=\\S+', replace_placeholder: 'pw=***'}\n";
    let world = World::new(&format!("{FILE}{rules}"));
    append(
        &world.log("a.log"),
        "2024-01 boom pw=secret\n  at x()\n  at y()\n2024-02 DEBUG no\n  and its rest\n2024-03 last\n",
    );
    let agent = world.start();
    assert_eq!(world.messages(2).await, ["2024-01 boom pw=***\n  at x()\n  at y()", "2024-03 last"]);
    assert_eq!(agent.status().tails[0].left_out, 1);
    agent.shutdown().await;
}

#[tokio::test]
async fn stack_traces_are_found_without_a_rule() {
    let world =
        World::new(&format!("{FILE}    start_position: beginning\n    auto_multi_line_detection: true\n"));
    let mut text = String::new();
    for n in 0..600 {
        text.push_str(&format!("2024-06-05 13:02:11,123 INFO request {n}\n"));
    }
    text.push_str("2024-06-05 13:02:12,000 ERROR it broke\nTraceback (most recent call last):\n  File \"x.py\"\nValueError: no\n");
    append(&world.log("a.log"), &text);
    let agent = world.start();
    let got = world.messages(601).await;
    assert_eq!(got.len(), 601);
    assert!(got[600].ends_with("ValueError: no") && got[600].contains("\nTraceback"), "{}", got[600]);
    agent.shutdown().await;
}

#[tokio::test]
async fn a_mistake_in_the_configuration_is_told_and_hurts_no_other() {
    let world = World::new(FILE);
    let other = world.dir.path().join("conf.d/bad.yaml");
    fs::write(
        &other,
        "logs:\n  - type: file\n    path: /x\n    log_processing_rules: [{type: multi_line, pattern: '('}]\n",
    )
    .unwrap();
    let agent = world.start();
    tokio::time::sleep(Duration::from_millis(900)).await;
    append(&world.log("a.log"), "fine\n");
    assert_eq!(world.messages(1).await, ["fine"]);
    let until = Instant::now() + Duration::from_secs(10);
    loop {
        let status = agent.status();
        let row = status.checks.iter().find(|c| c.name == "bad").cloned();
        if row.as_ref().is_some_and(|r| r.message.contains("logs entry 1: rule 1: the pattern")) {
            break;
        }
        assert!(Instant::now() < until, "{row:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    agent.shutdown().await;
}
