//! Synthetic tests: the agent tries what the server asks for, and says what it found as the service check `synthetics.test` and
//! the metrics `synthetics.response_time` (seconds) and `synthetics.tls.days_left`.
//!
//! A [`TestSource`] says which tests are this host's: the server itself, or a lone agent's question to it. What runs is kept
//! equal to that; a test that did not change is left alone. Each test is one instance of the scheduler, with its own row in the
//! agent's status.

mod certificate;
mod check;
mod fetch;
mod http;
mod socket;
mod verdict;

pub use fetch::ServerTests;

use crate::board::RowKey;
use crate::check::Failure;
use crate::sampler::Defaults;
use crate::schedule::{Job, Room, Scheduled};
use crate::supervise::broken;
use check::SyntheticCheck;
use oriel_wire::synthetics;
use serde_json::Value;
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// A test's document with its id.
#[derive(Clone, Debug, PartialEq)]
pub struct TestDocument {
    pub public_id: String,
    pub document: Value,
}

/// What a source gives; the error is told in the log.
pub type TestsFuture<'a> = Pin<Box<dyn Future<Output = Result<Vec<TestDocument>, String>> + Send + 'a>>;

/// Who knows which tests are this host's.
pub trait TestSource: Send + Sync + 'static {
    fn tests(&self) -> TestsFuture<'_>;

    /// How often to ask.
    fn ask_every(&self) -> Duration;
}

/// Tests of one host: each is a task with a socket now and then.
const TESTS_MAX: usize = 500;

/// Runs the tests of a source until told to stop.
pub(crate) async fn run(room: Room, source: Arc<dyn TestSource>, mut stopped: watch::Receiver<bool>) {
    let mut running: BTreeMap<RowKey, (u64, Scheduled)> = BTreeMap::new();
    let mut told = String::new();
    loop {
        match source.tests().await {
            Ok(tests) => reconcile(&room, &mut running, tests).await,
            // What runs goes on: a server that is away for a moment changes nothing about what is to be tried.
            Err(e) if e != told => {
                tracing::warn!("synthetic tests can't be asked for: {e}");
                told = e;
            }
            Err(_) => {}
        }
        tokio::select! {
            _ = stopped.changed() => break,
            () = tokio::time::sleep(source.ask_every()) => {}
        }
    }
    for (_, scheduled) in running.into_values() {
        scheduled.stop().await;
    }
}

async fn reconcile(room: &Room, running: &mut BTreeMap<RowKey, (u64, Scheduled)>, tests: Vec<TestDocument>) {
    let mut wanted: BTreeMap<RowKey, (u64, TestDocument)> = BTreeMap::new();
    for test in tests.into_iter().take(TESTS_MAX) {
        let key = RowKey { name: "synthetics".to_owned(), instance: test.public_id.clone() };
        let version = xxhash_rust::xxh3::xxh3_64(test.document.to_string().as_bytes());
        wanted.insert(key, (version, test));
    }
    let gone: Vec<RowKey> = running
        .iter()
        .filter(|(key, (version, _))| wanted.get(key).is_none_or(|(v, _)| v != version))
        .map(|(key, _)| key.clone())
        .collect();
    for key in gone {
        if let Some((_, scheduled)) = running.remove(&key) {
            scheduled.stop().await;
        }
        if !wanted.contains_key(&key) {
            room.board.remove(&key);
        }
    }
    for (key, (version, test)) in wanted {
        if !running.contains_key(&key)
            && let Some(job) = job(room, key.clone(), &test)
        {
            running.insert(key, (version, Scheduled::start(job, room.clone())));
        }
    }
}

/// None for a test that rests.
fn job(room: &Room, key: RowKey, test: &TestDocument) -> Option<Job> {
    let host = room.hostname.to_string();
    let read = match synthetics::test(&test.document) {
        Ok(read) => read,
        Err(wrong) => {
            let defaults = Defaults { host, tags: Vec::new(), interval_s: 60 };
            let check = broken(Failure::new(wrong.join("; ")));
            return Some(Job {
                key,
                interval: Duration::from_secs(60),
                delay: Duration::ZERO,
                defaults,
                check,
            });
        }
    };
    if read.is_paused {
        return None;
    }
    let interval_s = u32::try_from(read.every_ms / 1_000).unwrap_or(60);
    let interval = room.clock.sleep(read.every_ms);
    let defaults = Defaults { host: host.clone(), tags: read.tags.clone(), interval_s };
    let check = SyntheticCheck::new(&test.public_id, &host, read, Arc::clone(&room.clock));
    Some(Job { key, interval, delay: Duration::ZERO, defaults, check: Box::new(check) })
}

#[cfg(test)]
mod tests;
