//! Logs of this host: files, the journal and containers, followed as `logs:` lists of `conf.d` say.
//!
//! One task a source; each reads a bounded piece, has the sink take it, keeps the position, and only then reads on. So nothing is
//! lost, at most the last piece comes twice after a crash, and a server that can't take more stops the reading.

mod config;
mod container;
mod envelope;
mod file;
mod files;
mod gather;
mod glob;
mod journald;
mod lines;
mod record;
mod registry;
mod rules;
mod status;

pub(crate) use config::{LogSource, sources};
pub(crate) use status::TailBoard;
pub use status::TailRow;

use crate::config as folder;
use config::{Encoding, Kind, Start};
use envelope::Envelope;
use files::{Files, Finder, Wanted};
use journald::Journal;
use oriel_intake::RequestSink;
use oriel_model::Clock;
use record::Shipper;
use registry::Registry;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How soon an edit is seen.
const SCAN_EVERY: Duration = Duration::from_secs(2);
/// The longest that a source's task is waited for: what it was sending comes again after the next start.
const STOP_MAX: Duration = Duration::from_secs(3);

/// What all sources share.
#[derive(Clone)]
pub(crate) struct Room {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) registry: Arc<Registry>,
    pub(crate) tails: Arc<TailBoard>,
    pub(crate) shipper: Shipper,
}

/// Keeps what is tailed equal to what the configuration asks for.
pub(crate) struct Tails {
    config_dir: PathBuf,
    room: Room,
    running: BTreeMap<String, Running>,
}

struct Running {
    version: u64,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Tails {
    pub(crate) fn new(
        (config_dir, data_dir): (PathBuf, &Path),
        (sink, host): (Arc<dyn RequestSink>, Arc<str>),
        tails: Arc<TailBoard>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let registry = Arc::new(Registry::open(data_dir));
        let room = Room { clock, registry, tails, shipper: Shipper { sink, host } };
        Self { config_dir, room, running: BTreeMap::new() }
    }

    /// Runs until told to stop; then stops every source and writes the positions.
    pub(crate) async fn run(mut self, mut stopped: watch::Receiver<bool>) {
        while !*stopped.borrow() {
            let dir = self.config_dir.clone();
            // Reading a folder may wait for a disk.
            let wanted =
                tokio::task::spawn_blocking(move || folder::log_sources(&dir)).await.unwrap_or_default();
            self.reconcile(wanted).await;
            self.save().await;
            tokio::select! {
                _ = stopped.wait_for(|s| *s) => {}
                () = tokio::time::sleep(SCAN_EVERY) => {}
            }
        }
        for running in self.running.values() {
            running.stop.send_replace(true);
        }
        for (_, running) in std::mem::take(&mut self.running) {
            stop(running).await;
        }
        self.save().await;
    }

    async fn reconcile(&mut self, wanted: Vec<LogSource>) {
        let gone: Vec<String> = self
            .running
            .iter()
            .filter(|(name, r)| !wanted.iter().any(|w| w.name == **name && w.version == r.version))
            .map(|(name, _)| name.clone())
            .collect();
        for name in gone {
            if let Some(running) = self.running.remove(&name) {
                stop(running).await;
                self.room.tails.remove_source(&name);
            }
        }
        for source in wanted {
            if !self.running.contains_key(&source.name) {
                self.running.insert(source.name.clone(), start(source, &self.room));
            }
        }
    }

    async fn save(&self) {
        let registry = Arc::clone(&self.room.registry);
        let saved = tokio::task::spawn_blocking(move || registry.save()).await;
        if let Ok(Err(e)) = saved {
            tracing::warn!(error = %e, "positions of tailed files were not saved; lines may come twice after a restart");
        }
    }
}

async fn stop(mut running: Running) {
    running.stop.send_replace(true);
    if tokio::time::timeout(STOP_MAX, &mut running.task).await.is_err() {
        running.task.abort();
    }
}

fn start(source: LogSource, room: &Room) -> Running {
    let (stop, stopped) = watch::channel(false);
    let (version, source, room) = (source.version, Arc::new(source), room.clone());
    let files = |encoding, start| Files::new(Arc::clone(&source), room.clone(), (encoding, start));
    let task = match source.kind.clone() {
        Kind::File { path, exclude, encoding, start } => {
            tokio::spawn(files(encoding, start).run(by_pattern(path, exclude), stopped))
        }
        Kind::Containers { path, image, name } => {
            let find: Finder =
                Box::new(move || container::find(path.as_deref(), image.as_deref(), name.as_deref()));
            tokio::spawn(files(Encoding::Utf8, Start::End).run(find, stopped))
        }
        Kind::Journald { path, include, exclude, start } => {
            let journal = Journal::new(Arc::clone(&source), room, path, (include, exclude), start);
            tokio::spawn(journal.run(stopped))
        }
    };
    Running { version, stop, task }
}

fn by_pattern(pattern: String, exclude: Vec<String>) -> Finder {
    Box::new(move || {
        let mut found = glob::find(&pattern);
        found.retain(|path| !exclude.iter().any(|e| glob::matches(e, path)));
        found.into_iter().map(|path| Wanted { path, envelope: Envelope::None, container: None }).collect()
    })
}
