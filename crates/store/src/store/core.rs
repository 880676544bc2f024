//! What the store's roads and loops share, and the one place where the view changes.

use super::digests::Digests;
use super::{Options, closed};
use crate::budget::Budget;
use crate::catalog::Catalog;
use crate::file::PageCache;
use crate::parts::{Dataset, FileMeta, Generation};
use crate::registry::Registry;
use crate::rows::{RowSnapshot, Tails, Turns};
use crate::snapshot::Snapshot;
use crate::view::{HostTagTable, OpenFile, View};
use crate::wal::Wal;
use crate::{Error, MetricReader, Result};
use arc_swap::ArcSwap;
use oriel_model::{Clock, HostTags, OrgId, Signal, TimeMs, TimeRange};
use parking_lot::Mutex;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::Notify;

/// Running totals of the store's own work.
#[derive(Default)]
pub(super) struct Totals {
    pub(super) samples: AtomicU64,
    pub(super) sketches: AtomicU64,
    /// Events and service checks.
    pub(super) events: AtomicU64,
    pub(super) logs: AtomicU64,
    pub(super) spans: AtomicU64,
    pub(super) requests: AtomicU64,
    pub(super) repeated: AtomicU64,
    pub(super) busy: AtomicU64,
    pub(super) seals: AtomicU64,
    pub(super) seal_failures: AtomicU64,
    pub(super) compactions: AtomicU64,
    pub(super) expired_files: AtomicU64,
    pub(super) quarantined: AtomicU64,
}

impl Totals {
    pub(super) fn add(total: &AtomicU64, n: usize) {
        total.fetch_add(n as u64, Ordering::Relaxed);
    }
}

pub(super) struct Core {
    pub(super) options: Options,
    pub(super) clock: Arc<dyn Clock>,
    /// `DATA/store`.
    pub(super) dir: PathBuf,
    /// `DATA/store/files`.
    pub(super) files: Arc<Path>,
    pub(super) budget: Arc<Budget>,
    pub(super) registry: Arc<Registry>,
    pub(super) view: Arc<ArcSwap<View>>,
    /// Turns of the threads that read wide rows.
    pub(super) turns: Arc<Turns>,
    pub(super) tails: Tails,
    pub(super) sampling: super::policy::Sampling,
    /// One deletion or change of rules at a time. Order: this before `sealing`.
    pub(super) deleting: tokio::sync::Mutex<()>,
    /// Held while a new view is made; no I/O under it.
    changing: Mutex<()>,
    pub(super) wal: Wal,
    pub(super) catalog: Catalog,
    pub(super) digests: Arc<Digests>,
    /// Seals one generation at a time, oldest first. Order: this before `compacting`.
    pub(super) sealing: tokio::sync::Mutex<super::sealing::Tries>,
    /// One compaction or expiry at a time: each plans on the files that the last one left.
    pub(super) compacting: tokio::sync::Mutex<()>,
    pub(super) seal_wanted: Notify,
    pub(super) compact_wanted: Notify,
    /// Files that commits let go of and that the catalog still lists.
    condemned: Mutex<Vec<FileMeta>>,
    refusing: Mutex<Option<String>>,
    last_event_id: AtomicU64,
    pub(super) totals: Totals,
    /// Locked until the store is closed; unlocked by the kernel however the process ends.
    lock: Mutex<Option<File>>,
}

/// What [`super::open`] puts together.
pub(super) struct Parts {
    pub(super) options: Options,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) dir: PathBuf,
    pub(super) files: Arc<Path>,
    pub(super) budget: Arc<Budget>,
    pub(super) registry: Arc<Registry>,
    pub(super) view: View,
    pub(super) wal: Wal,
    pub(super) catalog: Catalog,
    pub(super) digests: Arc<Digests>,
    pub(super) totals: Totals,
    pub(super) lock: File,
}

impl Core {
    pub(super) fn new(parts: Parts) -> Self {
        Self {
            options: parts.options,
            clock: parts.clock,
            dir: parts.dir,
            files: parts.files,
            budget: parts.budget,
            registry: parts.registry,
            view: Arc::new(ArcSwap::from_pointee(parts.view)),
            turns: Arc::new(Turns::new()),
            tails: Tails::default(),
            sampling: super::policy::Sampling::default(),
            deleting: tokio::sync::Mutex::new(()),
            changing: Mutex::new(()),
            wal: parts.wal,
            catalog: parts.catalog,
            digests: parts.digests,
            sealing: tokio::sync::Mutex::default(),
            compacting: tokio::sync::Mutex::new(()),
            seal_wanted: Notify::new(),
            compact_wanted: Notify::new(),
            condemned: Mutex::default(),
            refusing: Mutex::default(),
            last_event_id: AtomicU64::new(0),
            totals: parts.totals,
            lock: Mutex::new(Some(parts.lock)),
        }
    }

    /// Puts a changed copy of the view in its place.
    pub(super) fn change_view<T>(&self, change: impl FnOnce(&mut View) -> T) -> T {
        let _one = self.changing.lock();
        let mut view = View::clone(&self.view.load());
        let result = change(&mut view);
        self.view.store(Arc::new(view));
        result
    }

    /// Takes files out of the view and puts others in; what went is unlinked once no query holds it.
    pub(super) fn replace_files(&self, gone: &[FileMeta], new: &[FileMeta]) {
        self.change_view(|view| {
            view.files.retain(|file| {
                let goes = gone.iter().any(|meta| meta.id == file.meta.id);
                if goes {
                    file.condemn();
                }
                !goes
            });
            view.files.extend(new.iter().map(|meta| OpenFile::new(&self.files, meta.clone())));
            view.files.sort_by(|a, b| (a.meta.begin_seq, &a.meta.id).cmp(&(b.meta.begin_seq, &b.meta.id)));
        });
        self.condemned.lock().extend(gone.iter().cloned());
    }

    /// Lets the catalog forget condemned files that are unlinked by now, and shrinks its log.
    pub(super) async fn tidy(&self) -> Result<()> {
        let mut gone = Vec::new();
        self.condemned.lock().retain(|meta| {
            let is_there = self.files.join(meta.file_name()).exists();
            if !is_there {
                gone.push(meta.id.clone());
            }
            is_there
        });
        if !gone.is_empty() {
            self.catalog.forget(&gone).await?;
        }
        self.catalog.tidy().await
    }

    pub(super) fn snapshot(&self, org: OrgId) -> Arc<dyn MetricReader> {
        let (newest, registry) = (Arc::clone(&self.view), Arc::clone(&self.registry));
        let snapshot = Snapshot::new(org, newest, registry, Arc::clone(&self.budget));
        Arc::new(snapshot.retained_from(self.accepted(Signal::Metrics).start))
    }

    pub(super) fn accepted(&self, signal: Signal) -> TimeRange {
        let now = self.clock.now_ms();
        let retention_ms = self.options.retention_ms(signal);
        let start = super::policy::oldest(&self.view.load().policy, signal, retention_ms, now);
        TimeRange::new(start, now.saturating_add(self.options.future_ms))
    }

    /// See [`super::Store::rows`].
    pub(super) fn rows(&self, org: OrgId, signal: Signal) -> RowSnapshot {
        let view = self.view.load();
        RowSnapshot::new((org, signal), &view, (&self.turns, &self.budget), self.clock.now_ms())
    }

    /// Milliseconds since 2020 and a count of 4,096 within each: below 2^53 until the year 2089. Rising, also when the clock
    /// stands still or more than 4,096 are made in a millisecond.
    pub(super) fn event_id(&self) -> u64 {
        const START_MS: TimeMs = 1_577_836_800_000;
        let base = u64::try_from(self.clock.now_ms() - START_MS).unwrap_or(0).max(1) << 12;
        let next = |last: u64| Some(base.max(last + 1));
        let update = self.last_event_id.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next);
        let last = update.unwrap_or_else(|last| last);
        base.max(last + 1)
    }

    pub(super) async fn set_host_tags(&self, org: OrgId, mut tags: HostTags) -> Result<()> {
        tags.to_ms = i64::MAX;
        let same_source =
            |t: &&HostTags| t.host == tags.host && t.source == tags.source && t.to_ms == i64::MAX;
        let known = self.view.load().host_tags.of(org);
        let is_known = match known.iter().find(same_source) {
            Some(held) => held.tags == tags.tags && held.from_ms <= tags.from_ms,
            None => tags.tags.is_empty(),
        };
        if is_known {
            return Ok(());
        }
        let rows = self.catalog.set_host_tags(org, &tags).await?;
        let table = Arc::new(HostTagTable::new(rows));
        self.change_view(|view| view.host_tags = table);
        Ok(())
    }

    /// The current head's generation is the log's; both change under [`Core::sealing`].
    pub(super) fn generation(&self, dataset: Dataset) -> Generation {
        self.wal.generation(dataset)
    }

    /// Runs CPU or disk work outside of the I/O runtime's threads.
    pub(super) async fn blocking<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Core) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let core = Arc::clone(self);
        match tokio::task::spawn_blocking(move || work(&core)).await {
            Ok(result) => result,
            Err(e) => Err(closed(&format!("a worker stopped: {e}"))),
        }
    }

    pub(super) fn refuse_writes(&self, reason: &str) {
        *self.refusing.lock() = Some(reason.to_owned());
    }

    /// Whether writes are taken.
    pub(super) fn takes_writes(&self) -> Result<()> {
        self.refusing.lock().as_deref().map_or(Ok(()), |reason| Err(closed(reason)))
    }

    pub(super) fn health(&self) -> std::result::Result<(), String> {
        if let Some(reason) = self.refusing.lock().as_deref() {
            return Err(reason.to_owned());
        }
        self.wal.health()
    }

    /// Seals what is left and stops the log.
    pub(super) async fn close(self: &Arc<Self>) -> Result<()> {
        let sealed = self.seal_all().await;
        self.tidy().await?;
        let core = Arc::clone(self);
        let stopped = tokio::task::spawn_blocking(move || core.wal.close()).await;
        stopped.map_err(|e| closed(&format!("the log did not stop: {e}")))?;
        self.catalog.close().await?;
        *self.lock.lock() = None;
        sealed
    }

    /// States the sizes that pools are told of, rather than asked for.
    pub(super) fn measure(&self) {
        self.budget.heads.set_used(self.view.load().head_bytes());
        let files = PageCache::shared().bytes() + crate::file::wide::resident_bytes();
        self.budget.caches.set_used(self.registry.bytes() + files);
    }
}

/// An I/O error of a path, full disks apart.
pub(super) fn io_error(path: &Path, source: std::io::Error) -> Error {
    crate::wal::segment::error(path, source)
}
