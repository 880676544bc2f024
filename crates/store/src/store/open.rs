//! Start-up: lock, catalog, sweep, replay.

use super::core::{Core, Parts, Totals, io_error};
use super::digests::Digests;
use super::{Options, quarantine, upgrade};
use crate::budget::Budget;
use crate::catalog::{Catalog, Contents};
use crate::file::PageCache;
use crate::file::wide::WideCache;
use crate::head::{MetricHead, RowHead};
use crate::parts::{Dataset, FileMeta};
use crate::record::{ROWS_CODEC, decode_events, decode_metrics, decode_rows};
use crate::registry::{Registry, RegistryLimits};
use crate::rows::events;
use crate::view::{HostTagTable, OpenFile, View};
use crate::wal::disk::Faults;
use crate::wal::frame::Frame;
use crate::wal::recover::{Mark, recover};
use crate::wal::{SEGMENT_BYTES, Start, Wal};
use crate::{Error, Result};
use oriel_model::Clock;
use std::collections::HashSet;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a start waits for a process that is just ending.
const LOCK_DEADLINE: Duration = Duration::from_secs(3);

/// Puts a store together from its folder.
pub(super) async fn open(options: Options, clock: Arc<dyn Clock>, faults: &Faults) -> Result<Core> {
    let dir = options.data.join("store");
    let folders = Folders::make(&dir)?;
    let lock = lock(&dir).await?;
    let (catalog, mut contents) = Catalog::open(&dir).await?;
    let swept = sweep(&folders.files, &contents)?;
    catalog.forget(&swept).await?;
    upgrade::events(&catalog, &folders.files, &mut contents).await?;
    let budget = Budget::new(options.memory_bytes);
    let limits = RegistryLimits {
        series_per_org: options.series_per_org,
        raw_cache_bytes: budget.caches.limit / 3,
        index_bytes: budget.caches.limit / 3,
    };
    PageCache::shared().set_limit(budget.caches.limit / 3);
    WideCache::shared().set_limit(budget.caches.limit / 3);
    let registry = Registry::new(contents.identity_key, limits, clock.now_ms());
    let digests = Digests::new(Arc::clone(&clock));
    contents.digests.iter().for_each(|bytes| digests.import(bytes));
    let replay = Replay::new(&folders, contents.marks, &registry, &digests);
    let replayed = tokio::task::spawn_blocking(move || replay.run()).await;
    let replayed = replayed.map_err(|e| super::closed(&format!("replay stopped: {e}")))??;
    let files: Arc<Path> = folders.files.into();
    let policy = super::policy::assemble(&options, contents.tombstones, &contents.rules);
    let view = View {
        files: contents.files.into_iter().map(|meta| OpenFile::new(&files, meta)).collect(),
        metric_heads: vec![Arc::new(replayed.metrics)],
        row_heads: replayed.rows.into_iter().map(Arc::new).collect(),
        host_tags: Arc::new(HostTagTable::new(contents.host_tags)),
        policy: Arc::new(policy),
    };
    let wal = Wal::start(replayed.start, faults)?;
    let totals = Totals::default();
    Totals::add(&totals.quarantined, replayed.quarantined);
    let parts =
        Parts { options, clock, dir, files, budget, registry, view, wal, catalog, digests, totals, lock };
    Ok(Core::new(parts))
}

struct Folders {
    files: PathBuf,
    wal: PathBuf,
    quarantine: PathBuf,
}

impl Folders {
    fn make(dir: &Path) -> Result<Self> {
        let (files, wal) = (dir.join("files"), dir.join("wal"));
        for folder in [&files, &wal] {
            std::fs::create_dir_all(folder).map_err(|e| io_error(folder, e))?;
        }
        crate::wal::disk::sync_dir(dir).map_err(|e| io_error(dir, e))?;
        Ok(Self { files, wal, quarantine: quarantine::folder(dir) })
    }
}

/// One process at a time (STORE 22).
pub(super) async fn lock(dir: &Path) -> Result<File> {
    let path = dir.join("lock");
    let open = File::options().create(true).truncate(false).write(true).open(&path);
    let file = open.map_err(|e| io_error(&path, e))?;
    let start = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(e)) => return Err(io_error(&path, e)),
            Err(TryLockError::WouldBlock) if start.elapsed() < LOCK_DEADLINE => {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            Err(TryLockError::WouldBlock) => {
                let what = format!(
                    "{} is locked by another process; stop that one or use another folder",
                    dir.display()
                );
                return Err(Error::Closed(what));
            }
        }
    }
}

/// Unlinks what no commit ever named and what a commit let go of; gives the latter's ids.
fn sweep(files: &Path, contents: &Contents) -> Result<Vec<String>> {
    contents.condemned.iter().for_each(|meta| crate::file::remove(files, meta));
    let live: HashSet<&str> = contents.files.iter().map(|meta| meta.id.as_str()).collect();
    for entry in std::fs::read_dir(files).map_err(|e| io_error(files, e))? {
        let path = entry.map_err(|e| io_error(files, e))?.path();
        let id = path.file_name().and_then(|n| n.to_str()).and_then(|n| n.split('.').next());
        if id.is_some_and(|id| !live.contains(id)) {
            std::fs::remove_file(&path).map_err(|e| io_error(&path, e))?;
        }
    }
    let missing = |meta: &&FileMeta| !files.join(meta.file_name()).exists();
    if let Some(lost) = contents.files.iter().find(missing) {
        let path = files.join(lost.file_name()).display().to_string();
        let what = "the catalog lists it and it is not there; restore it from a backup".into();
        return Err(Error::Corrupt { path, what });
    }
    Ok(contents.condemned.iter().map(|meta| meta.id.clone()).collect())
}

/// Datasets of wide rows.
const ROW_DATASETS: [Dataset; 3] = [Dataset::Events, Dataset::Logs, Dataset::Spans];

/// Turns the log's unsealed records into heads.
struct Replay {
    wal: PathBuf,
    quarantine: PathBuf,
    marks: [Mark; Dataset::COUNT],
    registry: Arc<Registry>,
    digests: Arc<Digests>,
    metrics: MetricHead,
    /// Of all other datasets, in their order.
    rows: Vec<RowHead>,
    quarantined: usize,
}

struct Replayed {
    start: Start,
    metrics: MetricHead,
    /// Of all other datasets, in their order.
    rows: Vec<RowHead>,
    quarantined: usize,
}

impl Replay {
    fn new(
        folders: &Folders,
        marks: [Mark; Dataset::COUNT],
        registry: &Arc<Registry>,
        digests: &Arc<Digests>,
    ) -> Self {
        Self {
            wal: folders.wal.clone(),
            quarantine: folders.quarantine.clone(),
            marks,
            registry: Arc::clone(registry),
            digests: Arc::clone(digests),
            // All that is replayed becomes one generation, whichever it was stamped with: the next after the last sealed one.
            metrics: MetricHead::new(marks[Dataset::Metrics as usize].generation + 1),
            rows: ROW_DATASETS.map(|d| RowHead::new(d, marks[d as usize].generation + 1)).into(),
            quarantined: 0,
        }
    }

    fn run(mut self) -> Result<Replayed> {
        let (wal, marks) = (self.wal.clone(), self.marks);
        let start = recover(&wal, marks, SEGMENT_BYTES, &mut |frame, is_sealed| {
            self.digests.restore(frame.header.digest, None);
            if is_sealed { Ok(()) } else { self.frame(frame) }
        })?;
        let Self { metrics, rows, quarantined, .. } = self;
        Ok(Replayed { start, metrics, rows, quarantined })
    }

    /// One record into its head; one that fails goes to quarantine and the rest goes on (STORE 21).
    fn frame(&mut self, frame: &Frame<'_>) -> Result<()> {
        let replayed = match frame.header.dataset {
            Some(Dataset::Metrics) => self.metric_record(frame),
            Some(dataset) if frame.header.codec == ROWS_CODEC => self.row_record(dataset, frame),
            Some(Dataset::Events) => self.event_record(frame),
            Some(dataset) => Err(format!("{} has no codec {}", dataset.as_str(), frame.header.codec)),
            None => Ok(()),
        };
        let Err(reason) = replayed else { return Ok(()) };
        tracing::error!("record {} of the log goes to quarantine: {reason}", frame.header.lsn);
        self.quarantined += 1;
        quarantine::keep(&self.quarantine, frame)
    }

    fn metric_record(&self, frame: &Frame<'_>) -> std::result::Result<(), String> {
        let record = decode_metrics(frame.payload).map_err(|e| e.to_string())?;
        let (batch, generation) = (&record.batch, self.metrics.generation);
        self.registry.restore(batch.org, &batch.series, &record.defs, generation);
        let inserted = self.metrics.insert(batch, &record.defs, frame.header.lsn);
        inserted.map(|_| ()).map_err(|e| e.to_string())
    }

    fn event_record(&self, frame: &Frame<'_>) -> std::result::Result<(), String> {
        let batch = decode_events(frame.payload).map_err(|e| e.to_string())?;
        let head = self.head(Dataset::Events)?;
        // Written by an earlier version, which kept events beside checks.
        if !batch.events.is_empty() {
            head.insert(Arc::new(events::batch_of(batch.org, &batch.events)), frame.header.lsn);
        }
        head.insert_checks(batch.org, &batch.checks, frame.header.lsn);
        Ok(())
    }

    fn row_record(&self, dataset: Dataset, frame: &Frame<'_>) -> std::result::Result<(), String> {
        let batch = decode_rows(frame.payload).map_err(|e| e.to_string())?;
        if Dataset::of(batch.signal) != dataset {
            return Err(format!("rows of {} in a record of {}", batch.signal.as_str(), dataset.as_str()));
        }
        self.head(dataset)?.insert(Arc::new(batch), frame.header.lsn);
        Ok(())
    }

    fn head(&self, dataset: Dataset) -> std::result::Result<&RowHead, String> {
        let head = self.rows.iter().find(|head| head.dataset == dataset);
        head.ok_or_else(|| format!("{} has no rows", dataset.as_str()))
    }
}
