//! Keeps what runs equal to what the configuration asks for: scans every two seconds, stops what is gone or changed,
//! starts what is new. An instance whose version is the same is left alone.

use crate::board::RowKey;
use crate::check::{Check, Failure, Run, RunFuture};
use crate::collect::{SYSTEM, system_check};
use crate::config::{self, BadFile, InstanceConfig, Scan};
use crate::integration;
use crate::python::{PythonCheck, PythonJob, PythonRoom};
use crate::sampler::Defaults;
use crate::schedule::{Job, Room, Scheduled, run_limit};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// How soon an edit is seen.
const SCAN_EVERY: Duration = Duration::from_secs(2);
/// The Datadog agent's default interval.
const INTERVAL: Duration = Duration::from_secs(15);
/// Rates of the system checks need a moment between two readings.
const FIRST_DIFFERENCE: Duration = Duration::from_secs(1);

pub(crate) struct Supervisor {
    pub(crate) config_dir: PathBuf,
    pub(crate) room: Room,
    pub(crate) python: Arc<PythonRoom>,
    running: BTreeMap<RowKey, (u64, Scheduled)>,
}

/// What should run under a key.
struct Wanted {
    version: u64,
    source: Source,
}

enum Source {
    System(&'static str),
    Configured(Box<InstanceConfig>, bool),
    Bad(BadFile),
}

impl Supervisor {
    pub(crate) fn new(config_dir: PathBuf, room: Room, python: Arc<PythonRoom>) -> Self {
        Self { config_dir, room, python, running: BTreeMap::new() }
    }

    /// Runs until told to stop; then stops every instance.
    pub(crate) async fn run(mut self, mut stopped: watch::Receiver<bool>) {
        loop {
            let dir = self.config_dir.clone();
            // Reading a folder may wait for a disk.
            let scan = tokio::task::spawn_blocking(move || config::scan(&dir)).await.unwrap_or_default();
            self.reconcile(scan).await;
            tokio::select! {
                _ = stopped.changed() => break,
                () = tokio::time::sleep(SCAN_EVERY) => {}
            }
        }
        let stops = std::mem::take(&mut self.running).into_values().map(|(_, s)| tokio::spawn(s.stop()));
        for stop in stops.collect::<Vec<_>>() {
            // A panicked instance is stopped all the same.
            let _ = stop.await;
        }
    }

    async fn reconcile(&mut self, scan: Scan) {
        let wanted = wanted(scan);
        let gone: Vec<RowKey> = self
            .running
            .iter()
            .filter(|(key, (version, _))| wanted.get(key).is_none_or(|w| w.version != *version))
            .map(|(key, _)| key.clone())
            .collect();
        for key in gone {
            if let Some((_, scheduled)) = self.running.remove(&key) {
                scheduled.stop().await;
            }
            if !wanted.contains_key(&key) {
                self.room.board.remove(&key);
            }
        }
        for (key, wanted) in wanted {
            if !self.running.contains_key(&key) {
                let job = self.job(key.clone(), wanted.source);
                self.running.insert(key, (wanted.version, Scheduled::start(job, self.room.clone())));
            }
        }
    }

    fn job(&self, key: RowKey, source: Source) -> Job {
        let defaults = Defaults { host: self.room.hostname.to_string(), tags: Vec::new(), interval_s: 15 };
        match source {
            Source::System(name) => {
                let check =
                    system_check(name, &Value::Null).unwrap_or_else(|| broken(Failure::new("unknown check")));
                Job { key, interval: INTERVAL, delay: FIRST_DIFFERENCE, defaults, check }
            }
            Source::Bad(bad) => {
                let failure = Failure {
                    message: bad.message,
                    file: Some(bad.file),
                    line: bad.line,
                    hint: bad.hint,
                    pending: false,
                };
                Job { key, interval: INTERVAL, delay: Duration::ZERO, defaults, check: broken(failure) }
            }
            Source::Configured(config, custom) => self.configured(key, *config, custom),
        }
    }

    fn configured(&self, key: RowKey, config: InstanceConfig, custom: bool) -> Job {
        let host = if config.empty_default_hostname { String::new() } else { self.room.hostname.to_string() };
        let defaults = Defaults {
            host,
            tags: config.service.iter().map(|s| format!("service:{s}")).collect(),
            interval_s: config.interval.as_secs() as u32,
        };
        let interval = config.interval;
        let native = || system_check(&config.check, &config.instance).map(|c| (c, FIRST_DIFFERENCE));
        let integration = || integration::check(&config).map(|c| (c, Duration::ZERO));
        let found = if custom { None } else { native().or_else(integration) };
        let (check, delay) = found.unwrap_or_else(|| (self.python(&key, &config), Duration::ZERO));
        Job { key, interval, delay, defaults, check }
    }

    fn python(&self, key: &RowKey, config: &InstanceConfig) -> Box<dyn Check> {
        let job = PythonJob {
            name: config.check.clone(),
            key: format!("{}/{}", key.name, key.instance),
            init_config: config.init_config.clone(),
            instance: config.instance.clone(),
            digest: config.digest,
            version: config.version,
            limit: run_limit(config.interval),
        };
        Box::new(PythonCheck::new(job, Arc::clone(&self.python)))
    }
}

fn wanted(scan: Scan) -> BTreeMap<RowKey, Wanted> {
    let mut out = BTreeMap::new();
    for name in SYSTEM.into_iter().filter(|n| !scan.configured.contains(*n)) {
        let key = RowKey { name: name.to_owned(), instance: "default".to_owned() };
        out.insert(key, Wanted { version: 0, source: Source::System(name) });
    }
    for config in scan.instances {
        let key = RowKey { name: config.check.clone(), instance: config.name.clone() };
        let custom = scan.custom.contains(&config.check);
        let version = config.version;
        out.insert(key, Wanted { version, source: Source::Configured(Box::new(config), custom) });
    }
    for bad in scan.bad {
        let file_name = bad.file.rsplit('/').next().unwrap_or(&bad.file).to_owned();
        let key = RowKey { name: bad.check.clone(), instance: file_name };
        let told = format!("{:?}{}", bad.line, bad.message);
        let version = xxhash_rust::xxh3::xxh3_64(told.as_bytes());
        out.insert(key, Wanted { version, source: Source::Bad(bad) });
    }
    out
}

/// A check whose configuration can't be used: every run says so.
struct Broken(Failure);

impl Check for Broken {
    fn run(&mut self) -> RunFuture<'_> {
        Box::pin(std::future::ready(Run::failed(self.0.clone())))
    }
}

pub(crate) fn broken(failure: Failure) -> Box<dyn Check> {
    Box::new(Broken(failure))
}
