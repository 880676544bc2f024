//! From a new notice to what receivers get, over restarts: a local HTTP receiver, the real state, a clock that tests move.

use super::{Notifier, NotifierOptions};
use crate::content::tests::{Fake, metric, notice};
use crate::notice::Notice;
use crate::status::{Status, TransitionKind};
use oriel_model::{Clock, OrgId, SystemClock};
use oriel_state::{Delivery, DeliveryQuery, DocumentKind, EvaluationCommit, NewMonitor, NoticeRow, State};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const ORG: OrgId = OrgId(1);

/// Answers every request with 200, after it has answered `failing` with 503; says how many came.
async fn receiver(failing: usize) -> (String, Arc<AtomicUsize>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let count = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let seen = Arc::clone(&seen);
            tokio::spawn(async move {
                read_request(&mut stream).await;
                let n = seen.fetch_add(1, Ordering::SeqCst);
                let status = if n < failing { "503 later" } else { "200 OK" };
                let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                let _ = stream.write_all(answer.as_bytes()).await;
            });
        }
    });
    (url, count)
}

/// Reads head and body, so that a client is never cut off while it writes.
async fn read_request(stream: &mut tokio::net::TcpStream) {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|l| l.strip_prefix("content-length:")).unwrap_or("0");
            if body.len() >= length.trim().parse::<usize>().unwrap() {
                return;
            }
        }
        if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
            return;
        }
    }
}

async fn open(folder: &std::path::Path, clock: Arc<dyn Clock>) -> (Arc<State>, Arc<Notifier>) {
    let state = Arc::new(State::open(folder, Arc::clone(&clock)).await.unwrap());
    let options =
        NotifierOptions { base_url: "https://oriel.example".to_owned(), allow_private: true, mail: None };
    let notifier = Notifier::new(Arc::clone(&state), Arc::new(Fake::default()), clock, options).unwrap();
    (state, notifier)
}

async fn owe(state: &State, monitor: i64, n: i64, message: &str) -> String {
    let mut facts = notice(TransitionKind::Alert, Status::Ok, Status::Alert, metric(message));
    facts.monitor = monitor;
    facts.transition.at_ms = SystemClock.now_ms() - 1_000_000 + n;
    facts.transition.group = format!("host:h{}", n % 7).into();
    facts.key = Notice::key_of(ORG, monitor, &facts.transition);
    let row = NoticeRow {
        key: facts.key.clone(),
        monitor,
        group: Arc::clone(&facts.transition.group),
        at_ms: facts.transition.at_ms,
        body: serde_json::to_string(&facts).unwrap(),
    };
    let commit = EvaluationCommit { notices: vec![row], ..EvaluationCommit::default() };
    state.commit_evaluation(ORG, &commit).await.unwrap();
    facts.key
}

async fn monitor(state: &State) -> i64 {
    let new = NewMonitor { id: None, body: metric("m"), author: "a".to_owned() };
    state.create_monitor(ORG, new).await.unwrap().id
}

async fn webhook(state: &State, url: &str) {
    let body = json!({ "name": "ops", "url": url });
    state.create_document(ORG, DocumentKind::Webhook, Some("ops"), body).await.unwrap();
}

async fn settled(state: &State, n: usize, is_settled: impl Fn(&Delivery) -> bool) -> Vec<Delivery> {
    for _ in 0..600 {
        let all = state.deliveries(ORG, &DeliveryQuery::default(), 1_000).await.unwrap();
        if all.len() == n && all.iter().all(&is_settled) {
            return all;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{:?}", state.deliveries(ORG, &DeliveryQuery::default(), 1_000).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storm_is_told_once_each_and_a_restart_tells_nothing_again() {
    let folder = tempfile::tempdir().unwrap();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let (url, count) = receiver(0).await;
    let (state, notifier) = open(folder.path(), Arc::clone(&clock)).await;
    webhook(&state, &url).await;
    let monitor = monitor(&state).await;
    for n in 0..60 {
        owe(&state, monitor, n, "m @webhook-ops").await;
    }
    notifier.start();
    notifier.wake();
    let told = settled(&state, 60, |d| d.state == "sent").await;
    assert!(told.iter().all(|d| d.attempts == 1 && d.channel == "webhook"));
    notifier.stop().await;
    let (_, again) = open(folder.path(), clock).await;
    again.start();
    tokio::time::sleep(Duration::from_millis(300)).await;
    again.stop().await;
    assert_eq!(count.load(Ordering::SeqCst), 60);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_read_before_its_attempt_ended_is_not_sent_again() {
    let folder = tempfile::tempdir().unwrap();
    let (url, count) = receiver(0).await;
    let (state, notifier) = open(folder.path(), Arc::new(SystemClock)).await;
    webhook(&state, &url).await;
    let monitor = monitor(&state).await;
    owe(&state, monitor, 0, "m @webhook-ops").await;
    let new = state.new_notices(1).await.unwrap();
    notifier.render(&new, false).await.unwrap();
    let stale = state.due_deliveries(1).await.unwrap().remove(0);
    let directory = notifier.directory(ORG).await.unwrap();
    notifier.deliver(&stale, &directory).await;
    notifier.deliver(&stale, &directory).await;
    assert_eq!(count.load(Ordering::SeqCst), 1);
    let told = state.deliveries(ORG, &DeliveryQuery::default(), 10).await.unwrap();
    assert_eq!((told[0].state.as_str(), told[0].attempts), ("sent", 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_taken_waits_over_a_restart_and_nobody_is_an_error_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let clock: Arc<dyn Clock> = Arc::new(oriel_model::FastClock::new(100));
    let (url, count) = receiver(2).await;
    let (state, notifier) = open(folder.path(), Arc::clone(&clock)).await;
    webhook(&state, &url).await;
    let monitor = monitor(&state).await;
    let key = owe(&state, monitor, 0, "m @webhook-ops @slack-nobody @ada@example.com").await;
    notifier.start();
    notifier.wake();
    let seen = settled(&state, 3, |d| d.attempts > 0 || d.state == "failed").await;
    let of = |all: &[Delivery], handle: &str| all.iter().find(|d| d.handle == handle).cloned().unwrap();
    assert!(of(&seen, "@slack-nobody").error.unwrap().contains("nobody is @slack-nobody"));
    let mail = of(&seen, "@ada@example.com");
    assert!(
        mail.state == "pending" && mail.error.unwrap().contains("no mail server"),
        "it may be set up yet"
    );
    notifier.stop().await;
    let stored = state.notice(ORG, &key).await.unwrap();
    let (_, again) = open(folder.path(), clock).await;
    again.start();
    let done = settled(&state, 3, |d| d.handle != "@webhook-ops" || d.state == "sent").await;
    again.stop().await;
    assert_eq!(of(&done, "@webhook-ops").attempts, 3);
    assert_eq!(count.load(Ordering::SeqCst), 3);
    assert_eq!(state.notice(ORG, &key).await.unwrap().content, stored.content, "rendered once");
}
