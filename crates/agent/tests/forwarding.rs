//! The forwarder against a server that is away, fails, puts off, refuses and restarts, and an agent that is killed.

use crate::harness::until;
use oriel_agent::{Forwarder, ForwarderOptions};
use oriel_intake::{IntakeAnswer, IntakeRequest, RequestSink, Sink};
use oriel_model::{
    CheckStatus, Event, HostMetadata, Kind, Series, ServiceCheck, Sketch, SketchSeries, Submission,
};
use std::collections::VecDeque;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

#[derive(Clone, Debug)]
struct Request {
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    at: Instant,
}

impl Request {
    fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v)
    }

    /// The number in a metric's name `m.N.`, for bodies made by [`numbered`].
    fn number(&self) -> Option<u64> {
        let text = String::from_utf8_lossy(&self.body).into_owned();
        text.split_once("m.")?.1.split_once('.')?.0.parse().ok()
    }
}

/// What the server says to traces.
const RATES: &str = "{\"rate_by_service\":{\"service:,env:\":0.5}}";

/// Answers from a list, then 202.
#[derive(Clone, Default)]
struct FakeServer {
    answers: Arc<Mutex<VecDeque<&'static str>>>,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl FakeServer {
    async fn listen(&self, port: u16) -> (u16, tokio::task::JoinHandle<()>) {
        let listener = until_bound(port).await;
        let port = listener.local_addr().unwrap().port();
        let server = self.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let server = server.clone();
                tokio::spawn(async move { server.serve(stream).await });
            }
        });
        (port, task)
    }

    async fn serve(&self, stream: TcpStream) -> Option<()> {
        let mut stream = tokio::io::BufReader::new(stream);
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).await.ok().filter(|n| *n > 0)?;
            let path = line.split(' ').nth(1)?.to_owned();
            let mut headers = Vec::new();
            loop {
                let mut line = String::new();
                stream.read_line(&mut line).await.ok()?;
                let Some((name, value)) = line.trim().split_once(':') else { break };
                headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
            }
            let length = headers.iter().find(|(n, _)| n == "content-length")?.1.parse().ok()?;
            let mut body = vec![0; length];
            stream.read_exact(&mut body).await.ok()?;
            let body = zstd::decode_all(body.as_slice()).unwrap();
            self.requests.lock().unwrap().push(Request { path, headers, body, at: Instant::now() });
            let answer = self.answers.lock().unwrap().pop_front().unwrap_or("202 Accepted\r\n");
            let is_traces =
                self.requests.lock().unwrap().last().is_some_and(|r| r.path.starts_with("/v0.4/traces"));
            let body = if is_traces { RATES } else { "{\"errors\":[\"as told\"]}" };
            let text = format!("HTTP/1.1 {answer}content-length: {}\r\n\r\n{body}", body.len());
            stream.write_all(text.as_bytes()).await.ok()?;
        }
    }

    fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// Numbers in the order of their first acceptance by a 2xx answer.
    fn numbers(&self) -> Vec<u64> {
        self.requests().iter().filter_map(Request::number).collect()
    }
}

async fn until_bound(port: u16) -> TcpListener {
    let end = Instant::now() + Duration::from_secs(10);
    loop {
        match TcpListener::bind(("127.0.0.1", port)).await {
            Ok(listener) => return listener,
            Err(e) => assert!(Instant::now() < end, "{e}"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn numbered(n: u64) -> Submission {
    let series = Series {
        metric: format!("m.{n}.x"),
        host: "h".into(),
        tags: vec![],
        kind: Kind::Gauge,
        interval_s: 15,
        points: vec![(1_700_000_000_000, n as f64)],
    };
    Submission { series: vec![series], ..Submission::default() }
}

fn open(dir: &Path, port: u16, buffer_bytes_max: u64) -> Arc<Forwarder> {
    let options = ForwarderOptions {
        server_url: format!("http://127.0.0.1:{port}/"),
        api_key: "k".repeat(32),
        buffer_dir: dir.to_owned(),
        buffer_bytes_max,
        hostname: "test-host".to_owned(),
    };
    Forwarder::open(options).unwrap()
}

async fn drained(forwarder: &Forwarder, seconds: u64) {
    let empty = || (forwarder.status().buffered_payloads == 0).then_some(());
    until(seconds, empty, || format!("{:#?}", forwarder.status())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_part_of_a_submission_goes_its_way() {
    let (server, dir) = (FakeServer::default(), tempfile::tempdir().unwrap());
    let (port, _) = server.listen(0).await;
    let forwarder = open(dir.path(), port, 1 << 20);
    let mut sketch = Sketch::default();
    sketch.insert(2.0, 3);
    let submission = Submission {
        sketches: vec![SketchSeries {
            metric: "d".into(),
            host: "h".into(),
            tags: vec![],
            interval_s: 10,
            points: vec![(1_700_000_000_000, sketch)],
        }],
        checks: vec![ServiceCheck {
            time_ms: 1_700_000_000_000,
            check: "can.connect".into(),
            host: "h".into(),
            status: CheckStatus::Critical,
            message: "down".into(),
            tags: vec![],
        }],
        events: vec![Event { title: "T".into(), host: "h".into(), ..Event::default() }],
        host_metadata: vec![HostMetadata {
            host: "h".into(),
            agent_version: "0.1.0".into(),
            host_tags: vec![("system".into(), vec!["env:x".into()])],
            raw: serde_json::json!({"meta": {}}),
            agent_checks: vec![serde_json::json!({"name": "cpu", "status": "ok"})],
        }],
        ..numbered(1)
    };
    forwarder.submit(submission).await.unwrap();
    drained(&forwarder, 10).await;
    let requests = server.requests();
    let paths: Vec<&str> = requests.iter().map(|r| r.path.as_str()).collect();
    assert_eq!(paths, ["/api/v2/series", "/api/beta/sketches", "/api/v1/check_run", "/intake/", "/intake/"]);
    for r in &requests {
        assert_eq!((r.header("dd-api-key"), r.header("content-encoding")), ("k".repeat(32).as_str(), "zstd"));
        assert!(r.header("user-agent").starts_with("oriel-agent/"));
    }
    assert_eq!(requests[0].header("content-type"), "application/x-protobuf");
    let (intake, _) = oriel_wire::datadog::intake(&requests[4].body, 0).unwrap();
    assert_eq!(intake.host_metadata[0].agent_checks[0]["name"], "cpu");
    let status = forwarder.status();
    assert_eq!((status.state.as_str(), status.sent_payloads), ("ok", 5));
    forwarder.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_away_comes_back_and_gets_everything_in_order() {
    let (server, dir) = (FakeServer::default(), tempfile::tempdir().unwrap());
    let (port, listening) = server.listen(0).await;
    listening.abort();
    let _ = listening.await;
    let forwarder = open(dir.path(), port, 1 << 20);
    for n in 0..50 {
        forwarder.submit(numbered(n)).await.unwrap();
    }
    let told = || forwarder.status().state.contains("no answer").then_some(());
    until(10, told, || forwarder.status().state).await;
    assert_eq!(forwarder.status().buffered_payloads, 50);
    server.answers.lock().unwrap().extend(["500 Oops\r\n", "503 Full\r\n"]);
    let _listening = server.listen(port).await;
    drained(&forwarder, 30).await;
    let mut numbers = server.numbers();
    // The two that failed were sent again, before anything else.
    assert_eq!(numbers.drain(..2).collect::<Vec<_>>(), [0, 0]);
    assert_eq!(numbers, (0..50).collect::<Vec<_>>());
    forwarder.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn retry_after_is_honoured_and_what_is_refused_for_good_is_dropped_and_counted() {
    let (server, dir) = (FakeServer::default(), tempfile::tempdir().unwrap());
    server.answers.lock().unwrap().extend(["429 Slow\r\nretry-after: 2\r\n", "400 Bad\r\n", "413 Big\r\n"]);
    let (port, _) = server.listen(0).await;
    let forwarder = open(dir.path(), port, 1 << 20);
    for n in 0..4 {
        forwarder.submit(numbered(n)).await.unwrap();
    }
    drained(&forwarder, 20).await;
    let requests = server.requests();
    assert_eq!(server.numbers(), [0, 0, 1, 2, 3]);
    let gap = requests[1].at - requests[0].at;
    assert!(gap >= Duration::from_millis(1900), "{gap:?}");
    let dropped = forwarder.status().dropped;
    assert_eq!(dropped, [("status_400".to_owned(), 1), ("status_413".to_owned(), 1)]);
    forwarder.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_key_is_a_clear_state_and_loses_nothing() {
    let (server, dir) = (FakeServer::default(), tempfile::tempdir().unwrap());
    server.answers.lock().unwrap().extend(["403 Forbidden\r\n"]);
    let (port, _) = server.listen(0).await;
    let forwarder = open(dir.path(), port, 1 << 20);
    forwarder.submit(numbered(7)).await.unwrap();
    let told = || forwarder.status().state.contains("is --api-key one of this server's?").then_some(());
    until(10, told, || forwarder.status().state).await;
    forwarder.shutdown().await;
    // A start with the right key sends it.
    let forwarder = open(dir.path(), port, 1 << 20);
    drained(&forwarder, 10).await;
    assert_eq!(server.numbers(), [7, 7]);
    forwarder.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn past_its_bound_the_buffer_drops_the_oldest_and_counts_them() {
    let (server, dir) = (FakeServer::default(), tempfile::tempdir().unwrap());
    let (port, listening) = server.listen(0).await;
    listening.abort();
    let _ = listening.await;
    let bytes_max = 8 << 10;
    let forwarder = open(dir.path(), port, bytes_max);
    for n in 0..500 {
        forwarder.submit(numbered(n)).await.unwrap();
        assert!(forwarder.status().buffered_bytes <= bytes_max);
    }
    let status = forwarder.status();
    let (reason, lost) = status.dropped[0].clone();
    assert_eq!(reason, "buffer_full");
    assert_eq!(lost + status.buffered_payloads, 500);
    let _listening = server.listen(port).await;
    drained(&forwarder, 90).await;
    assert_eq!(server.numbers(), (lost..500).collect::<Vec<_>>());
    forwarder.shutdown().await;
}

/// The agent that is killed: see the next test.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run by a_killed_agent_loses_nothing_it_took"]
async fn child_that_submits_until_killed() {
    let Ok(dir) = std::env::var("ORIEL_TEST_BUFFER") else { return };
    let port = std::env::var("ORIEL_TEST_PORT").unwrap().parse().unwrap();
    let first: u64 = std::env::var("ORIEL_TEST_FIRST").unwrap().parse().unwrap();
    let forwarder = open(Path::new(&dir), port, 64 << 20);
    for n in first.. {
        forwarder.submit(numbered(n)).await.unwrap();
        println!("took {n}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_agent_loses_nothing_it_took() {
    let (server, dir) = (FakeServer::default(), tempfile::tempdir().unwrap());
    let (port, listening) = server.listen(0).await;
    let mut first = 0;
    for _round in 0..4 {
        first = submit_until_killed(dir.path(), port, first, 100).await + 1;
    }
    listening.abort();
    let _ = listening.await;
    // The last round finds no server at all.
    let last = submit_until_killed(dir.path(), port, first, 100).await;
    let _listening = server.listen(port).await;
    let forwarder = open(dir.path(), port, 64 << 20);
    drained(&forwarder, 90).await;
    let numbers = server.numbers();
    let missing: Vec<u64> = (0..=last).filter(|n| !numbers.contains(n)).collect();
    assert!(missing.is_empty(), "taken and lost: {missing:?}");
    // A repeat is allowed only where a kill fell between an answer and its note.
    let repeats = numbers.windows(2).filter(|w| w[1] <= w[0]).count();
    assert!(repeats <= 5, "{repeats} repeats");
    forwarder.shutdown().await;
}

/// Runs the child until it has taken `count` more, kills it with SIGKILL, and gives the last number it took.
async fn submit_until_killed(dir: &Path, port: u16, first: u64, count: u64) -> u64 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "forwarding::child_that_submits_until_killed", "--nocapture"])
        .env("ORIEL_TEST_BUFFER", dir)
        .env("ORIEL_TEST_PORT", port.to_string())
        .env("ORIEL_TEST_FIRST", first.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let stdout = BufReader::new(child.stdout.take().unwrap());
    tokio::task::spawn_blocking(move || {
        let mut last = first;
        for line in stdout.lines() {
            let line = line.unwrap();
            let Some(n) = line.rsplit_once("took ").and_then(|(_, n)| n.trim().parse::<u64>().ok()) else {
                continue;
            };
            last = n;
            if n >= first + count {
                child.kill().unwrap();
                break;
            }
        }
        child.wait().unwrap();
        last
    })
    .await
    .unwrap()
}

async fn relay(forwarder: &Forwarder, method: &str, target: &str, body: &'static [u8]) -> IntakeAnswer {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let headers =
        [("content-type", "application/msgpack"), ("datadog-meta-lang", "python"), ("dd-api-key", "stray")];
    let headers = headers.map(|(n, v)| (n.to_owned(), v.to_owned())).to_vec();
    let (path, query) = (path.to_owned(), query.to_owned());
    let body = bytes::Bytes::from_static(body);
    forwarder.accept(IntakeRequest { method: method.to_owned(), path, query, headers, body }).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tracers_request_is_kept_relayed_as_it_is_and_answered_with_the_servers_last_rates() {
    let (server, dir) = (FakeServer::default(), tempfile::tempdir().unwrap());
    let (port, listening) = server.listen(0).await;
    listening.abort();
    let _ = listening.await;
    let forwarder = open(dir.path(), port, 1 << 20);
    let answer = relay(&forwarder, "PUT", "/v0.4/traces?x=1", b"one").await;
    assert_eq!(
        (answer.status, &answer.body[..]),
        (200, &b"{\"rate_by_service\":{\"service:,env:\":1.0}}"[..])
    );
    assert!(answer.header("datadog-agent-state").is_none(), "that would be the hash of another /info");
    assert_eq!(forwarder.status().buffered_payloads, 1, "on disk before the answer");
    // Another process goes on with what this one kept.
    forwarder.shutdown().await;
    drop(forwarder);
    let forwarder = open(dir.path(), port, 1 << 20);
    let _listening = server.listen(port).await;
    drained(&forwarder, 30).await;
    let sent = server.requests();
    assert_eq!((sent.len(), sent[0].path.as_str(), &sent[0].body[..]), (1, "/v0.4/traces?x=1", &b"one"[..]));
    assert_eq!(sent[0].header("dd-api-key"), "k".repeat(32));
    assert_eq!(
        (sent[0].header("x-oriel-host"), sent[0].header("datadog-meta-lang")),
        ("test-host", "python")
    );
    assert_eq!(sent[0].header("content-type"), "application/msgpack");
    let answer = relay(&forwarder, "PUT", "/v0.4/traces", b"two").await;
    assert_eq!(&answer.body[..], RATES.as_bytes());
    forwarder.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_tracer_asks_besides_is_answered_here() {
    let (server, dir) = (FakeServer::default(), tempfile::tempdir().unwrap());
    let (port, _) = server.listen(0).await;
    let forwarder = open(dir.path(), port, 1 << 20);
    let info = relay(&forwarder, "GET", "/info", b"").await;
    let parsed: serde_json::Value = serde_json::from_slice(&info.body).unwrap();
    assert_eq!(parsed["client_drop_p0s"], true);
    let config = relay(&forwarder, "POST", "/v0.7/config", b"{}").await;
    assert_eq!((config.status, &config.body[..]), (200, &b"{}"[..]));
    assert_eq!(
        relay(&forwarder, "POST", "/dogstatsd/v2/proxy", b"a:1|c").await.status,
        503,
        "nobody takes lines yet"
    );
    forwarder.feed_lines_to(Box::new(|lines| lines.split(|b| *b == b'\n').count()));
    assert_eq!(relay(&forwarder, "POST", "/dogstatsd/v2/proxy", b"a:1|c\nb:2|c").await.body, "{\"lines\":2}");
    for _ in 0..2 {
        assert_eq!(
            relay(&forwarder, "POST", "/telemetry/proxy/api/v2/apmtelemetry", b"{}").await.status,
            202
        );
    }
    assert_eq!(relay(&forwarder, "POST", "/evp_proxy/v4/api/v2/citestcycle", b"x").await.status, 202);
    for path in ["/elsewhere", "/api/v1/dashboard", "/api/ui/delete"] {
        assert_eq!(relay(&forwarder, "POST", path, b"x").await.status, 404, "{path}");
    }
    let counted = forwarder.status().dropped;
    assert!(
        counted.contains(&("not_stored:/telemetry/proxy/api/v2/apmtelemetry".to_owned(), 2)),
        "{counted:?}"
    );
    assert!(server.requests().is_empty(), "none of it is the server's business");
    assert_eq!(relay(&forwarder, "POST", "/evp_proxy/v2/api/v2/logs", b"[]").await.status, 202);
    assert_eq!(
        relay(&forwarder, "POST", "/v1/traces", b"p").await.body,
        "",
        "an empty message is OTLP's success"
    );
    drained(&forwarder, 10).await;
    let paths: Vec<String> = server.requests().into_iter().map(|r| r.path).collect();
    assert_eq!(paths, ["/api/v2/logs", "/v1/traces"]);
    forwarder.shutdown().await;
}
