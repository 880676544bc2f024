//! From a new notice to what receivers get, over restarts: a local HTTP receiver, the real state, a clock that tests move.

use super::{Notifier, NotifierOptions};
use crate::content::tests::{Fake, metric, notice};
use crate::notice::Notice;
use crate::source::{Difference, Source};
use crate::status::{Status, TransitionKind};
use oriel_model::{Clock, OrgId, Row, ServiceCheck, Signal, SystemClock, TimeRange};
use oriel_query::{Outcome, Request};
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

/// A source whose host falls over whatever is asked.
struct Broken(Fake);

impl Source for Broken {
    fn run(&self, org: OrgId, request: &Request) -> crate::Result<Vec<Outcome>> {
        self.0.run(org, request)
    }

    fn check_runs(&self, org: OrgId, check: &str, range: TimeRange) -> crate::Result<Vec<ServiceCheck>> {
        self.0.check_runs(org, check, range)
    }

    fn rows(
        &self,
        org: OrgId,
        search: (Signal, &str),
        range: TimeRange,
        n: usize,
    ) -> crate::Result<Vec<Row>> {
        self.0.rows(org, search, range, n)
    }

    fn differences(
        &self,
        org: OrgId,
        search: (Signal, &str),
        now: TimeRange,
        before: TimeRange,
    ) -> crate::Result<Vec<Difference>> {
        self.0.differences(org, search, now, before)
    }

    fn host(&self, _: OrgId, name: &str) -> Option<serde_json::Value> {
        panic!("nothing is known of {name}")
    }
}

/// Changes the state behind its back.
async fn sql(folder: &std::path::Path, text: &'static str) {
    let url = format!("sqlite://{}", folder.join("state.db").display());
    let pool = sqlx::SqlitePool::connect(&url).await.unwrap();
    sqlx::query(text).execute(&pool).await.unwrap();
    pool.close().await;
}

/// An SMTP server that speaks so little that it can be made to fail anywhere; says which addresses it took and which ids.
async fn smtp(
    refused: &'static str,
    hangs_after_dot: usize,
) -> (u16, Arc<parking_lot::Mutex<Vec<(String, String)>>>) {
    use tokio::io::AsyncBufReadExt;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let taken = Arc::new(parking_lot::Mutex::new(Vec::new()));
    let (all, hung) = (Arc::clone(&taken), Arc::new(AtomicUsize::new(0)));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (all, hung) = (Arc::clone(&all), Arc::clone(&hung));
            tokio::spawn(async move {
                let (read, mut write) = stream.into_split();
                let mut lines = tokio::io::BufReader::new(read).lines();
                let _ = write.write_all(b"220 test\r\n").await;
                let (mut to, mut id, mut in_data) = (String::new(), String::new(), false);
                while let Ok(Some(line)) = lines.next_line().await {
                    let upper = line.to_uppercase();
                    let answer = match (in_data, upper.as_str()) {
                        (true, ".") if hung.load(Ordering::SeqCst) < hangs_after_dot => {
                            hung.fetch_add(1, Ordering::SeqCst);
                            all.lock().push((to.clone(), id.clone()));
                            return;
                        }
                        (true, ".") => {
                            in_data = false;
                            all.lock().push((to.clone(), id.clone()));
                            "250 taken"
                        }
                        (true, _) => {
                            if let Some(found) = line.strip_prefix("Message-ID: ") {
                                id = found.to_owned();
                            }
                            continue;
                        }
                        (_, "DATA") => {
                            in_data = true;
                            "354 go on"
                        }
                        (_, upper) if upper.starts_with("RCPT") => {
                            to = line[8..].trim_matches(['<', '>']).to_owned();
                            if to == refused { "550 nobody" } else { "250 yes" }
                        }
                        _ => "250 ok",
                    };
                    let _ = write.write_all(format!("{answer}\r\n").as_bytes()).await;
                }
            });
        }
    });
    (port, taken)
}

async fn mail_settings(state: &State, port: u16) {
    let mail = json!({ "host": "127.0.0.1", "port": port, "tls": "none", "from": "o@example.com" });
    state.set_setting(ORG, super::MAIL_SETTING, &mail.to_string()).await.unwrap();
}

async fn email_channel(state: &State, to: &str) {
    let body = json!({ "name": "duty", "kind": "email", "settings": { "to": to } });
    state.create_document(ORG, DocumentKind::Channel, None, body).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_that_is_refused_takes_nothing_from_the_others_and_nobody_gets_two() {
    let folder = tempfile::tempdir().unwrap();
    let (port, taken) = smtp("gone@example.com", 0).await;
    let (state, notifier) = open(folder.path(), Arc::new(SystemClock)).await;
    mail_settings(&state, port).await;
    email_channel(&state, "ada@example.com, Gone <gone@example.com>, joan@example.com").await;
    let monitor = monitor(&state).await;
    let key = owe(&state, monitor, 0, "m @email-duty @Ada@example.com").await;
    notifier.start();
    notifier.wake();
    let told = settled(&state, 3, |d| d.state != "pending").await;
    notifier.stop().await;
    let of = |handle: &str| told.iter().find(|d| d.handle == handle).unwrap();
    assert_eq!(
        (of("@ada@example.com").state.as_str(), of("@joan@example.com").state.as_str()),
        ("sent", "sent")
    );
    let gone = of("@gone@example.com");
    assert!(gone.state == "failed" && gone.error.as_ref().unwrap().contains("550"), "{gone:?}");
    let id = format!("<{key}@example.com>");
    let mut all = taken.lock().clone();
    all.sort();
    assert_eq!(all, [("ada@example.com".to_owned(), id.clone()), ("joan@example.com".to_owned(), id)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_server_that_hangs_up_before_its_word_gets_the_mail_again_with_the_same_id() {
    let folder = tempfile::tempdir().unwrap();
    let (port, taken) = smtp("", 2).await;
    let clock: Arc<dyn Clock> = Arc::new(oriel_model::FastClock::new(100));
    let (state, notifier) = open(folder.path(), clock).await;
    mail_settings(&state, port).await;
    let monitor = monitor(&state).await;
    let key = owe(&state, monitor, 0, "m @ada@example.com").await;
    notifier.start();
    notifier.wake();
    let told = settled(&state, 1, |d| d.state == "sent").await;
    notifier.stop().await;
    assert_eq!(told[0].attempts, 3);
    assert_eq!(*taken.lock(), vec![("ada@example.com".to_owned(), format!("<{key}@example.com>")); 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_sent_and_can_not_be_written_down_is_not_sent_again() {
    let folder = tempfile::tempdir().unwrap();
    let (url, count) = receiver(0).await;
    let clock: Arc<dyn Clock> = Arc::new(oriel_model::FastClock::new(100));
    let (state, notifier) = open(folder.path(), clock).await;
    webhook(&state, &url).await;
    let monitor = monitor(&state).await;
    owe(&state, monitor, 0, "m @webhook-ops").await;
    owe(&state, monitor, 1, "m @webhook-ops").await;
    // As on a disk that is full: nothing of a delivery can be changed.
    let stop = "CREATE TRIGGER full BEFORE UPDATE ON deliveries BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END";
    sql(folder.path(), stop).await;
    notifier.start();
    notifier.wake();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let before = count.load(Ordering::SeqCst);
    assert!((1..=2).contains(&before), "what was under way, once each: {before}");
    sql(folder.path(), "DROP TRIGGER full").await;
    settled(&state, 2, |d| d.state == "sent" && d.attempts == 1).await;
    notifier.stop().await;
    assert_eq!(count.load(Ordering::SeqCst), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_that_nothing_can_be_made_of_holds_up_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let (url, count) = receiver(0).await;
    let (state, _) = open(folder.path(), Arc::new(SystemClock)).await;
    let options =
        NotifierOptions { base_url: "https://oriel.example".to_owned(), allow_private: true, mail: None };
    let source = Arc::new(Broken(Fake::default()));
    let notifier = Notifier::new(Arc::clone(&state), source, Arc::new(SystemClock), options).unwrap();
    webhook(&state, &url).await;
    let monitor = monitor(&state).await;
    for n in 0..3 {
        owe(&state, monitor, n, "m {{host.name}} @webhook-ops").await;
    }
    notifier.start();
    notifier.wake();
    settled(&state, 3, |d| d.state == "sent").await;
    notifier.stop().await;
    assert_eq!(count.load(Ordering::SeqCst), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_put_back_delays_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (url, _) = receiver(1).await;
    let clock = Arc::new(oriel_model::ManualClock::at(SystemClock.now_ms()));
    let (state, notifier) = open(folder.path(), Arc::clone(&clock) as Arc<dyn Clock>).await;
    webhook(&state, &url).await;
    let monitor = monitor(&state).await;
    owe(&state, monitor, 0, "m @webhook-ops").await;
    notifier.start();
    notifier.wake();
    settled(&state, 1, |d| d.attempts == 1).await;
    clock.set(clock.now_ms() - 3_600_000);
    notifier.wake();
    settled(&state, 1, |d| d.state == "sent").await;
    notifier.stop().await;
}
