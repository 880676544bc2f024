//! The seal loop: a head becomes files, one generation at a time, oldest first (STORE 15, 19).
//!
//! The next head is in the view before the log stamps a record for it; the old one is written once all its stamped records
//! are in it; its files and its mark commit in one transaction; the swap that brings the files takes the head away. Whatever
//! fails leaves the head where it is, and the next round tries again.

use super::core::{Core, Totals};
use super::quarantine;
use crate::catalog::Sealed;
use crate::file::{wide, write_events, write_samples, write_series, write_sketches};
use crate::head::{MetricHead, RowHead};

use crate::parts::{CHECKS_ONLY, Dataset, FileMeta, Generation, Lsn};
use crate::wal::UNSEALED_BYTES_MAX;
use crate::wal::recover::Mark;
use crate::{Error, Result};
use oriel_model::TimeMs;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// How often the loop looks when nobody calls it.
const TICK: Duration = Duration::from_secs(1);
/// A head is sealed at this age (STORE 15).
const HEAD_AGE_MS: i64 = 10 * 60 * 1000;
/// A generation that fails to seal this often goes to quarantine (STORE 21).
const TRIES_MAX: u32 = 3;
/// Between two tries of the same head.
const RETRY: Duration = Duration::from_secs(5);

/// What the loop remembers: failures by generation, and when each dataset's head got its first row.
#[derive(Default)]
pub(crate) struct Tries {
    failures: HashMap<(Dataset, Generation), u32>,
    since_ms: [Option<TimeMs>; Dataset::COUNT],
}

/// One generation of any dataset.
#[derive(Clone)]
enum Head {
    Metrics(Arc<MetricHead>),
    Rows(Arc<RowHead>),
}

impl Head {
    fn generation(&self) -> Generation {
        match self {
            Self::Metrics(head) => head.generation,
            Self::Rows(head) => head.generation,
        }
    }

    fn dataset(&self) -> Dataset {
        match self {
            Self::Metrics(_) => Dataset::Metrics,
            Self::Rows(head) => head.dataset,
        }
    }

    fn is_empty(&self) -> bool {
        match self {
            Self::Metrics(head) => head.is_empty(),
            Self::Rows(head) => head.is_empty(),
        }
    }

    fn bytes(&self) -> usize {
        match self {
            Self::Metrics(head) => head.bytes(),
            Self::Rows(head) => head.bytes(),
        }
    }

    fn lsn_max(&self) -> Lsn {
        match self {
            Self::Metrics(head) => head.lsn_max(),
            Self::Rows(head) => head.lsn_max(),
        }
    }

    /// Writes level 0 files; what a failure leaves behind is unlinked.
    fn write(&self, core: &Core) -> Result<Vec<FileMeta>> {
        let mut files = Vec::new();
        let written = match self {
            Self::Metrics(head) => write_metrics(core, head, &mut files),
            Self::Rows(head) => write_row_files(core, head, &mut files),
        };
        if let Err(e) = written {
            files.iter().for_each(|meta| crate::file::remove(&core.files, meta));
            return Err(e);
        }
        Ok(files)
    }
}

fn write_metrics(core: &Core, head: &MetricHead, files: &mut Vec<FileMeta>) -> Result<()> {
    files.extend(write_samples(&core.files, 0, &mut head.chunks())?);
    files.extend(write_sketches(&core.files, 0, &mut head.sketch_chunks())?);
    files.extend(write_series(&core.files, 0, &head.series_rows())?);
    Ok(())
}

fn write_row_files(core: &Core, head: &RowHead, files: &mut Vec<FileMeta>) -> Result<()> {
    for (org, batches) in head.batches() {
        files.extend(wide::write(&core.files, org, head.dataset.signal(), &batches)?);
    }
    for (org, checks) in head.checks() {
        let mut of_checks = write_events(&core.files, 0, org, &[], &checks)?;
        of_checks.iter_mut().for_each(|meta| meta.wide.tombstone = CHECKS_ONLY);
        files.extend(of_checks);
    }
    Ok(())
}

/// Runs until `stopped`.
pub(super) async fn run(core: Arc<Core>, mut stopped: watch::Receiver<bool>) {
    while !*stopped.borrow() && stopped.has_changed().is_ok() {
        tokio::select! {
            _ = stopped.changed() => return,
            () = core.seal_wanted.notified() => {}
            () = tokio::time::sleep(TICK) => {}
        }
        core.measure();
        for dataset in Dataset::ALL {
            if !core.is_due(dataset).await {
                continue;
            }
            if let Err(e) = core.seal(dataset).await {
                tracing::error!("can't seal {}: {e}", dataset.as_str());
                pause(&mut stopped).await;
            }
        }
    }
}

/// Waits before the next try, but not for a store that closes.
async fn pause(stopped: &mut watch::Receiver<bool>) {
    let _ = tokio::time::timeout(RETRY, stopped.changed()).await;
}

impl Core {
    /// Whether a dataset's head is old, large, or holds too much of the log.
    async fn is_due(&self, dataset: Dataset) -> bool {
        let heads = self.heads(dataset);
        let is_waiting = heads.len() > 1;
        let is_empty = heads.last().is_none_or(Head::is_empty);
        let now = self.clock.now_ms();
        let mut tries = self.sealing.lock().await;
        let since = &mut tries.since_ms[dataset as usize];
        if is_empty {
            *since = None;
            return is_waiting;
        }
        let age_ms = now - *since.get_or_insert(now);
        let is_large = self.is_large(dataset, heads.iter().map(Head::bytes).sum());
        let holds_log = self.wal.bytes() >= UNSEALED_BYTES_MAX / 2;
        is_waiting || age_ms >= HEAD_AGE_MS || is_large || holds_log
    }

    /// Whether a dataset's heads have grown enough; earlier for the largest where all that share its room leave little.
    fn is_large(&self, dataset: Dataset, bytes: usize) -> bool {
        let view = self.view.load();
        let (used, room, rivals) = match dataset {
            Dataset::Metrics => (view.head_bytes(), self.budget.heads.limit, &Dataset::ALL[..]),
            _ => (view.row_bytes(), self.budget.row_heads_limit(), &Dataset::ALL[1..]),
        };
        let largest = rivals.iter().map(|rival| view.head_bytes_of(*rival)).max().unwrap_or(0);
        bytes >= self.budget.seal_bytes() || (used >= room / 4 * 3 && bytes >= largest)
    }

    /// A dataset's heads, oldest first; the last one is current.
    fn heads(&self, dataset: Dataset) -> Vec<Head> {
        let view = self.view.load();
        match dataset {
            Dataset::Metrics => view.metric_heads.iter().cloned().map(Head::Metrics).collect(),
            rows => {
                let of = view.row_heads.iter().filter(|head| head.dataset == rows);
                of.cloned().map(Head::Rows).collect()
            }
        }
    }

    pub(super) async fn seal_all(self: &Arc<Self>) -> Result<()> {
        for dataset in Dataset::ALL {
            self.seal(dataset).await?;
        }
        Ok(())
    }

    /// Seals what waits from an earlier failure, and then the current head if it holds anything.
    pub(super) async fn seal(self: &Arc<Self>, dataset: Dataset) -> Result<()> {
        let mut tries = self.sealing.lock().await;
        let mut waiting = self.heads(dataset);
        let current = waiting.pop();
        for head in waiting {
            self.seal_head(&head, &mut tries).await?;
        }
        let Some(current) = current else { return Ok(()) };
        // A record may be durable and not in the head yet: then it is sealed with the next call.
        if current.is_empty() {
            return Ok(());
        }
        self.begin_head(dataset, current.generation() + 1);
        let ended = self.wal.rotate(dataset);
        debug_assert_eq!(ended, current.generation());
        tries.since_ms[dataset as usize] = None;
        self.seal_head(&current, &mut tries).await
    }

    fn begin_head(&self, dataset: Dataset, generation: Generation) {
        self.change_view(|view| match dataset {
            Dataset::Metrics => view.metric_heads.push(Arc::new(MetricHead::new(generation))),
            rows => view.row_heads.push(Arc::new(RowHead::new(rows, generation))),
        });
    }

    async fn seal_head(self: &Arc<Self>, head: &Head, tries: &mut Tries) -> Result<()> {
        let (dataset, generation) = (head.dataset(), head.generation());
        let Err(error) = self.try_seal(head).await else {
            tries.failures.remove(&(dataset, generation));
            return Ok(());
        };
        Totals::add(&self.totals.seal_failures, 1);
        // Full disks and a log that has stopped pass by themselves or never; neither says anything about the rows.
        if matches!(error, Error::NoSpace { .. } | Error::Closed(_) | Error::Catalog(_)) {
            return Err(error);
        }
        let failures = tries.failures.entry((dataset, generation)).or_default();
        *failures += 1;
        if *failures < TRIES_MAX {
            return Err(error);
        }
        tracing::error!("generation {generation} of {} goes to quarantine: {error}", dataset.as_str());
        tries.failures.remove(&(dataset, generation));
        let mark = head.lsn_max();
        self.blocking(move |core| quarantine::generation(core, dataset, mark)).await?;
        self.commit_head(head, &mut []).await
    }

    async fn try_seal(self: &Arc<Self>, head: &Head) -> Result<()> {
        self.wal.settle(head.dataset(), head.generation()).await?;
        let writing = head.clone();
        let mut files = self.blocking(move |core| writing.write(core)).await?;
        let committed = self.commit_head(head, &mut files).await;
        // A full disk rolls the commit back: make room at once. After other errors the catalog decides what was committed, and
        // the next start sweeps the rest.
        if matches!(committed, Err(Error::NoSpace { .. })) {
            files.iter().for_each(|meta| crate::file::remove(&self.files, meta));
        }
        committed
    }

    /// The commit: files and mark, then the swap, then the log's segments.
    async fn commit_head(&self, head: &Head, files: &mut [FileMeta]) -> Result<()> {
        let (dataset, generation) = (head.dataset(), head.generation());
        let mark = Mark { lsn: head.lsn_max(), generation };
        let mut sealed = Sealed { dataset, mark, files, digests: self.digests.export() };
        self.catalog.seal(&mut sealed).await?;
        self.change_view(|view| {
            view.files
                .extend(sealed.files.iter().map(|m| crate::view::OpenFile::new(&self.files, m.clone())));
            view.metric_heads.retain(|h| dataset != Dataset::Metrics || h.generation != generation);
            view.row_heads.retain(|h| dataset != h.dataset || h.generation != generation);
        });
        self.wal.release(dataset, mark.lsn);
        if dataset == Dataset::Metrics {
            self.registry.retire(self.clock.now_ms(), generation + 1);
        }
        Totals::add(&self.totals.seals, 1);
        self.measure();
        self.compact_wanted.notify_one();
        if let Err(e) = self.tidy().await {
            tracing::warn!("can't shrink the catalog's log: {e}");
        }
        Ok(())
    }
}
