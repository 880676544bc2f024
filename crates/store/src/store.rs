//! The door of the store: one way in, one way out.

mod append;
mod check;
mod compacting;
mod core;
mod digests;
mod figures;
mod open;
mod policy;
mod quarantine;
mod reading;
mod retaining;
mod sealing;
mod upgrade;
mod usage;

pub use check::{CheckReport, check};
pub(crate) use usage::{Shares, shares};

use self::core::Core;
use crate::wal::disk::Faults;
use crate::{
    DeleteReceipt, Error, MetricReader, NsRange, Result, RetentionRule, RowSnapshot, TailItem, TailSampling,
};
use oriel_model::{
    Clock, Event, EventBatch, Filter, HostTags, MetricBatch, OrgId, Priority, Rejections, RowBatch,
    SeriesResolver, ServiceCheck, Signal, TimeMs, TimeRange,
};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

/// How a store is opened.
#[derive(Clone, Debug)]
pub struct Options {
    /// The data folder; the store makes `DATA/store/` in it and locks it.
    pub data: PathBuf,
    /// The one budget, split into named pools.
    pub memory_bytes: usize,
    pub metrics_retention_ms: i64,
    pub events_retention_ms: i64,
    pub logs_retention_ms: i64,
    pub spans_retention_ms: i64,
    pub series_per_org: usize,
    pub future_ms: i64,
}

impl Options {
    /// How long a signal's rows are kept where no rule says otherwise.
    pub(crate) fn retention_ms(&self, signal: Signal) -> i64 {
        match signal {
            Signal::Metrics => self.metrics_retention_ms,
            Signal::Events => self.events_retention_ms,
            Signal::Logs => self.logs_retention_ms,
            Signal::Spans => self.spans_retention_ms,
        }
    }
}

/// 128-bit digest of (key, path, body): a repeat within 10 minutes is answered with success and not stored, if every row bore
/// its own time (STORE 12).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RequestDigest(pub u128);

/// What became of a batch.
#[derive(Clone, Debug, Default)]
pub struct Appended {
    /// Rows the store itself refused (series limit, collision).
    pub rejections: Rejections,
    /// The request had been stored before.
    pub repeated: bool,
}

/// What sealing and compacting did.
#[derive(Clone, Debug, Default, serde::Serialize)]
pub struct CompactReport {
    pub files_before: usize,
    pub files_after: usize,
    pub bytes_before: u64,
    pub bytes_after: u64,
    pub samples: u64,
}

/// What a metric costs.
#[derive(Clone, Debug, serde::Serialize)]
pub struct MetricUsage {
    pub metric: String,
    pub series: u64,
    pub samples: u64,
    pub bytes: u64,
    pub first_ms: TimeMs,
    pub last_ms: TimeMs,
}

/// Which events a list wants; newest first.
#[derive(Clone, Debug, Default)]
pub struct EventFilter {
    /// Every one must be on the event: its own tags, or `host:…`.
    pub tags: Vec<String>,
    pub sources: Vec<String>,
    pub priority: Option<Priority>,
    pub id: Option<u64>,
    /// 0 means no bound of the caller's; the store's own is 1,000.
    pub limit: usize,
}

/// See the crate's head. Dropping it stops its loops without sealing: what is in the log is replayed by the next start.
pub struct Store {
    core: Arc<Core>,
    /// The loops end when this goes.
    stop: watch::Sender<bool>,
    loops: parking_lot::Mutex<Vec<JoinHandle<()>>>,
}

impl Store {
    /// Locks the data folder, replays the log, starts the loops. Needs a tokio runtime.
    pub async fn open(options: Options, clock: Arc<dyn Clock>) -> Result<Arc<Self>> {
        Self::open_with_faults(options, clock, &Faults::default()).await
    }

    /// For tests: the same on a disk with faults.
    #[doc(hidden)]
    pub async fn open_with_faults(
        options: Options,
        clock: Arc<dyn Clock>,
        faults: &Faults,
    ) -> Result<Arc<Self>> {
        let core = Arc::new(open::open(options, clock, faults).await?);
        let (stop, stopped) = watch::channel(false);
        let loops = vec![
            tokio::spawn(sealing::run(Arc::clone(&core), stopped.clone())),
            tokio::spawn(compacting::run(Arc::clone(&core), stopped.clone())),
            tokio::spawn(retaining::run(Arc::clone(&core), stopped)),
        ];
        Ok(Arc::new(Self { core, stop, loops: parking_lot::Mutex::new(loops) }))
    }

    /// One per org, cheap to call.
    pub fn resolver(&self, org: OrgId) -> Arc<dyn SeriesResolver> {
        self.core.registry.resolver(org)
    }

    /// Times that are taken now: start of retention to now + `future_ms`.
    pub fn accepted(&self, signal: Signal) -> TimeRange {
        self.core.accepted(signal)
    }

    /// Durable and queryable on return. A caller that goes away does not undo it.
    pub async fn append(&self, batch: MetricBatch, digest: Option<RequestDigest>) -> Result<Appended> {
        append::metrics(&self.core, batch, digest).await
    }

    /// Durable and queryable on return. A caller that goes away does not undo it.
    pub async fn append_events(&self, batch: EventBatch, digest: Option<RequestDigest>) -> Result<Appended> {
        append::events(&self.core, batch, digest).await
    }

    /// Logs, spans or events. Durable and queryable on return. A caller that goes away does not undo it.
    pub async fn append_rows(&self, batch: RowBatch, digest: Option<RequestDigest>) -> Result<Appended> {
        append::rows(&self.core, batch, digest).await
    }

    /// What queries see of a wide signal at this moment.
    pub fn rows(&self, org: OrgId, signal: Signal) -> Arc<RowSnapshot> {
        Arc::new(self.core.rows(org, signal))
    }

    /// Takes rows away: they are in no answer from now on, and in no file after compaction (STORE 29).
    pub async fn delete_rows(
        &self,
        org: OrgId,
        signal: Signal,
        range: NsRange,
        (query, filter): (String, Filter),
    ) -> Result<DeleteReceipt> {
        self.core.delete_rows((org, signal), range, (query, filter)).await
    }

    /// Receipts of an org's deletions, the newest first.
    pub async fn deletions(&self, org: OrgId) -> Result<Vec<DeleteReceipt>> {
        Ok(self.core.deletions(org))
    }

    /// Replaces an org's rules of retention.
    pub async fn set_retention(&self, org: OrgId, rules: Vec<RetentionRule>) -> Result<()> {
        self.core.set_retention(org, rules).await
    }

    /// Thins spans from the next compaction on; `None` (the default) keeps everything.
    pub fn set_tail_sampling(&self, org: OrgId, rule: Option<TailSampling>) {
        self.core.sampling.set(org, rule);
    }

    /// A trace that somebody looked at is kept by tail sampling.
    pub fn note_viewed(&self, org: OrgId, trace_id: u128) {
        self.core.sampling.note_viewed(org, trace_id);
    }

    /// Rows as they become queryable, through a bounded ring; refused past 50 readers (STORE 34).
    pub fn tail(&self, org: OrgId, signal: Signal, filter: Filter) -> Result<mpsc::Receiver<TailItem>> {
        self.core.tails.subscribe(org, signal, filter)
    }

    /// A fresh positive id below 2^53 for an event, unique over restarts.
    pub fn event_id(&self) -> u64 {
        self.core.event_id()
    }

    /// What queries see of this moment.
    pub fn metrics(&self, org: OrgId) -> Arc<dyn MetricReader> {
        self.core.snapshot(org)
    }

    /// Events of the range, newest first.
    pub async fn events(&self, org: OrgId, range: TimeRange, filter: EventFilter) -> Result<Vec<Event>> {
        self.core.blocking(move |core| reading::events(core, org, range, &filter)).await
    }

    /// Newest state of each (check, host, tags) in the range.
    pub async fn checks(
        &self,
        org: OrgId,
        range: TimeRange,
        host: Option<&str>,
    ) -> Result<Vec<ServiceCheck>> {
        let host = host.map(str::to_owned);
        self.core.blocking(move |core| reading::checks(core, org, range, host.as_deref())).await
    }

    /// Every run of a service check in the range, the oldest first; refused past a million. Blocks.
    pub fn check_runs(&self, org: OrgId, check: &str, range: TimeRange) -> Result<Vec<ServiceCheck>> {
        reading::check_runs(&self.core, org, check, range)
    }

    /// From `tags.from_ms` on, these are the host's tags of that source (STORE 7).
    pub async fn set_host_tags(&self, org: OrgId, tags: HostTags) -> Result<()> {
        self.core.set_host_tags(org, tags).await
    }

    /// What each metric of an org costs.
    pub async fn usage(&self, org: OrgId) -> Result<Vec<MetricUsage>> {
        self.core.blocking(move |core| usage::usage(core, org)).await
    }

    /// Turns the heads into files.
    pub async fn seal(&self) -> Result<()> {
        self.core.seal_all().await
    }

    /// Seals, and compacts all the way.
    pub async fn compact(&self) -> Result<CompactReport> {
        compacting::all_the_way(&self.core).await
    }

    /// Seals and leaves cleanly. Appends from now on are answered with Closed.
    pub async fn close(&self) -> Result<()> {
        self.core.refuse_writes("it is shutting down");
        self.stop.send_replace(true);
        let loops = std::mem::take(&mut *self.loops.lock());
        for task in loops {
            if let Err(e) = task.await {
                tracing::error!("a loop of the store ended badly: {e}");
            }
        }
        self.core.close().await
    }

    /// Whether it can take and answer; the reason when not.
    pub fn health(&self) -> std::result::Result<(), String> {
        self.core.health()
    }

    /// Resolves, with the reason, when the log has stopped for good (an fsync failed): the process should end and start anew.
    pub async fn failed(&self) -> String {
        self.core.wal.failed().await
    }

    /// Names (`oriel.store.…`), tags and values of the store's own gauges and running totals.
    pub fn figures(&self) -> Vec<(&'static str, Vec<String>, f64)> {
        figures::figures(&self.core)
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}

/// For callers that lost a race with [`Store::close`].
fn closed(reason: &str) -> Error {
    Error::Closed(reason.to_owned())
}

#[cfg(test)]
mod tests;
