//! The runtime over a real store and state: what is due is evaluated and durable, survives a restart, and is not told while it is
//! muted.

use super::*;
use crate::status::{Status, TransitionKind};
use crate::testing::{NOW, ORG, Stored};
use oriel_model::{Kind, ManualClock, TimeRange};
use oriel_state::{DocumentKind, NewMonitor};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const MINUTE: i64 = 60_000;

#[derive(Default)]
struct Heard(Mutex<Vec<Committed>>);

impl Follower for Heard {
    fn committed(&self, _: OrgId, transitions: &[Committed]) {
        self.0.lock().extend_from_slice(transitions);
    }
}

/// A state folder and a store that outlive several runtimes.
struct Rig {
    stored: Arc<Stored>,
    state: Arc<State>,
    clock: Arc<ManualClock>,
    heard: Arc<Heard>,
    tokio: tokio::runtime::Runtime,
    _folder: tempfile::TempDir,
}

impl Rig {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let tokio =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let clock = Arc::new(ManualClock::at(NOW + round::SETTLE_MS));
        let state = Arc::new(tokio.block_on(State::open(folder.path(), clock.clone())).unwrap());
        let stored = Arc::new(Stored::new(Kind::Gauge));
        Self { stored, state, clock, heard: Arc::default(), tokio, _folder: folder }
    }

    fn start(&self) -> Runtime {
        let parts = Parts {
            source: self.stored.clone(),
            state: self.state.clone(),
            clock: self.clock.clone(),
            followers: vec![self.heard.clone()],
            threads: 2,
        };
        self.tokio.block_on(Runtime::start(parts)).unwrap()
    }

    fn create(&self, query: &str, more: Value) -> i64 {
        let mut body =
            json!({"name": "n", "type": "query alert", "query": query, "message": "@a@example.com"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let new = NewMonitor { id: None, body, author: String::new() };
        self.tokio.block_on(self.state.create_monitor(ORG, new)).unwrap().id
    }

    /// Sends these values of hosts 0, 1 … over a minute, lets it pass, and waits until the monitor was evaluated.
    fn minute(&self, runtime: &Runtime, monitor: i64, values: &[f64]) {
        let begin = self.clock.now_ms() - round::SETTLE_MS;
        let points: Vec<_> = values
            .iter()
            .enumerate()
            .flat_map(|(host, value)| (0..6).map(move |n| (host as u8, begin + n * 10_000, *value)))
            .collect();
        if !points.is_empty() {
            self.stored.add(&points);
        }
        self.clock.advance(MINUTE);
        let at_ms = begin + MINUTE;
        let until = Instant::now() + Duration::from_secs(20);
        loop {
            let done = runtime.summary(ORG, monitor).and_then(|s| s.evaluation.tried_ms);
            if done == Some(at_ms) {
                return;
            }
            assert!(Instant::now() < until, "monitor {monitor} is not evaluated at {at_ms}: {done:?}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn recorded(&self, monitor: i64) -> Vec<Recorded> {
        let rows = self.state.monitor_transitions((ORG, monitor), TimeRange::all(), None, 1000);
        let mut rows = self.tokio.block_on(rows).unwrap();
        rows.reverse();
        rows.iter().map(|body| serde_json::from_str(body).unwrap()).collect()
    }
}

/// Minute, group, kind, whether there is a notice, whether it was muted.
fn facts(recorded: &[Recorded]) -> Vec<(i64, &str, TransitionKind, bool, bool)> {
    recorded
        .iter()
        .map(|r| {
            let t = &r.transition;
            ((t.at_ms - NOW) / MINUTE, &*t.group, t.kind, r.notice.is_some(), r.muted.is_some())
        })
        .collect()
}

#[test]
fn what_is_due_is_evaluated_and_a_restart_goes_on_where_it_was() {
    let rig = Rig::new();
    let runtime = rig.start();
    let id = rig.create("avg(last_1m):avg:m{*} by {host} > 50", json!({}));
    let broken = rig.create("avg(last_1m):avg:m{*} by {host", json!({}));
    let other = rig.create("avg(last_1m):avg:m{*} by {host} > 90", json!({}));
    rig.minute(&runtime, id, &[80.0, 10.0]);
    rig.minute(&runtime, id, &[80.0, 10.0]);
    assert_eq!(facts(&rig.recorded(id)), [(1, "host:h0", TransitionKind::Alert, true, false)]);
    assert_eq!(runtime.summary(ORG, id).unwrap().status, Some(Status::Alert));
    assert_eq!(runtime.summary(ORG, other).unwrap().status, Some(Status::Ok));
    assert!(runtime.summary(ORG, broken).unwrap().evaluation.error.is_some(), "its error is shown");
    let figures = runtime.figures();
    assert_eq!((figures.monitors, figures.watches, figures.groups), (3, 1, 2), "two share one watch");
    assert_eq!(rig.heard.0.lock().len(), 1);

    // The process goes away without a word: a second one loads what is durable.
    let again = rig.start();
    assert_eq!(again.summary(ORG, id).unwrap().status, Some(Status::Alert));
    rig.tokio.block_on(runtime.stop());
    rig.minute(&again, id, &[10.0, 10.0]);
    rig.minute(&again, id, &[10.0, 10.0]);
    let all = rig.recorded(id);
    assert_eq!(
        facts(&all),
        [
            (1, "host:h0", TransitionKind::Alert, true, false),
            (3, "host:h0", TransitionKind::AlertRecovery, true, false)
        ]
    );
    let view = again.overview(ORG, id, 10).unwrap();
    assert_eq!(
        view.groups.iter().map(|g| (&*g.key, g.value)).collect::<Vec<_>>(),
        [("host:h0", Some(10.0)), ("host:h1", Some(10.0))]
    );
    rig.tokio.block_on(again.stop());
}

#[test]
fn what_is_missing_after_an_outage_is_no_news_until_its_grace_is_over() {
    let rig = Rig::new();
    let runtime = rig.start();
    let options = json!({"options": {"notify_no_data": true, "no_data_timeframe": 3}});
    let id = rig.create("avg(last_1m):avg:m{*} by {host} > 50", options);
    for _ in 0..3 {
        rig.minute(&runtime, id, &[10.0, 10.0]);
    }
    rig.tokio.block_on(runtime.stop());
    // Four minutes later: the no-data window has passed, and nobody could send.
    rig.clock.advance(4 * MINUTE);
    let again = rig.start();
    rig.minute(&again, id, &[]);
    rig.minute(&again, id, &[10.0]);
    rig.minute(&again, id, &[10.0]);
    assert_eq!(rig.recorded(id), []);
    let down: Vec<_> =
        again.outages(TimeRange::all()).iter().map(|o| (o.to_ms - o.from_ms) / MINUTE).collect();
    assert_eq!(down, [4]);
    rig.minute(&again, id, &[10.0]);
    let all = rig.recorded(id);
    assert_eq!(facts(&all), [(11, "host:h1", TransitionKind::NoData, true, false)]);
    rig.tokio.block_on(again.stop());
}

#[test]
fn a_muted_group_is_recorded_and_told_once_the_downtime_ends() {
    let rig = Rig::new();
    let runtime = rig.start();
    let id = rig.create("avg(last_1m):avg:m{*} by {host} > 50", json!({"tags": ["team:a"]}));
    let end_s = (NOW + 3 * MINUTE + 30_000) / 1000;
    let sent = json!({
        "scope": "host:h0", "monitor_identifier": {"monitor_tags": ["team:a"]},
        "schedule": {"end": jiff::Timestamp::from_second(end_s).unwrap().to_string()},
    });
    let body = crate::downtime::validate(&sent, NOW).unwrap();
    rig.tokio.block_on(rig.state.create_document(ORG, DocumentKind::Downtime, None, body)).unwrap();
    for _ in 0..5 {
        rig.minute(&runtime, id, &[80.0, 80.0]);
    }
    let all = rig.recorded(id);
    let of = |group: &str| facts(&all).into_iter().filter(|f| f.1 == group).collect::<Vec<_>>();
    assert_eq!(of("host:h1"), [(1, "host:h1", TransitionKind::Alert, true, false)]);
    assert_eq!(
        of("host:h0"),
        [
            (1, "host:h0", TransitionKind::Alert, false, true),
            (3, "host:h0", TransitionKind::Alert, true, false)
        ],
        "muted at first, and told when the downtime ended in the fourth minute"
    );
    rig.tokio.block_on(runtime.stop());
}

#[test]
fn a_monitor_that_groups_otherwise_begins_anew_and_one_of_another_threshold_goes_on() {
    let rig = Rig::new();
    let runtime = rig.start();
    let id = rig.create("avg(last_1m):avg:m{*} by {host} > 50", json!({}));
    rig.minute(&runtime, id, &[80.0]);
    let replace = |query: &str| {
        let body = json!({"name": "n", "type": "query alert", "query": query, "message": ""});
        rig.tokio.block_on(rig.state.replace_monitor(ORG, id, body)).unwrap();
    };
    replace("avg(last_1m):avg:m{*} by {host} > 60");
    rig.minute(&runtime, id, &[80.0]);
    assert_eq!(rig.recorded(id).len(), 1, "it was in alert before");
    replace("avg(last_1m):avg:m{*} > 60");
    rig.minute(&runtime, id, &[80.0]);
    let all = rig.recorded(id);
    assert_eq!(facts(&all)[1..], [(3, "*", TransitionKind::Alert, true, false)]);
    let rows = rig.tokio.block_on(rig.state.groups_of_monitor(ORG, id)).unwrap();
    assert_eq!(rows.iter().map(|r| r.0.as_str()).collect::<Vec<_>>(), ["*"], "the old groups' rows are gone");
    rig.tokio.block_on(rig.state.delete_monitor(ORG, id)).unwrap();
    let until = Instant::now() + Duration::from_secs(10);
    while runtime.summary(ORG, id).is_some() {
        assert!(Instant::now() < until, "a deleted monitor is let go");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(runtime.figures().watches, 0);
    rig.tokio.block_on(runtime.stop());
}

#[test]
fn a_start_in_the_middle_of_a_minute_is_not_late() {
    let rig = Rig::new();
    rig.clock.advance(50_000);
    let id = rig.create("avg(last_5m):avg:m{*} > 5", json!({}));
    let runtime = rig.start();
    let until = Instant::now() + Duration::from_secs(20);
    while runtime.summary(ORG, id).and_then(|s| s.evaluation.tried_ms).is_none() {
        assert!(Instant::now() < until, "not evaluated within 20 s");
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(runtime.figures().lag, 0.0);
    rig.tokio.block_on(runtime.stop());
}
