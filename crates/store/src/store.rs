//! The door of the store: one way in, one way out.

use crate::{MetricReader, Result};
use oriel_model::{
    Clock, Event, EventBatch, HostTags, MetricBatch, OrgId, Priority, Rejections, SeriesResolver,
    ServiceCheck, Signal, TimeMs, TimeRange,
};
use std::path::PathBuf;
use std::sync::Arc;

/// How a store is opened.
#[derive(Clone, Debug)]
pub struct Options {
    /// The data folder; the store makes `DATA/store/` in it and locks it.
    pub data: PathBuf,
    /// The one budget, split into named pools.
    pub memory_bytes: usize,
    pub metrics_retention_ms: i64,
    pub events_retention_ms: i64,
    pub series_per_org: usize,
    pub future_ms: i64,
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

/// See the crate's head.
pub struct Store {}

#[allow(clippy::unused_async, clippy::unimplemented, unused_variables)]
impl Store {
    pub async fn open(options: Options, clock: Arc<dyn Clock>) -> Result<Arc<Self>> {
        unimplemented!()
    }

    /// One per org, cheap to call.
    pub fn resolver(&self, org: OrgId) -> Arc<dyn SeriesResolver> {
        unimplemented!()
    }

    /// Times that are taken now: start of retention to now + `future_ms`.
    pub fn accepted(&self, signal: Signal) -> TimeRange {
        unimplemented!()
    }

    /// Durable and queryable on return.
    pub async fn append(&self, batch: MetricBatch, digest: Option<RequestDigest>) -> Result<Appended> {
        unimplemented!()
    }

    /// Durable and queryable on return.
    pub async fn append_events(&self, batch: EventBatch, digest: Option<RequestDigest>) -> Result<Appended> {
        unimplemented!()
    }

    /// A fresh positive id below 2^53 for an event, unique over restarts.
    pub fn event_id(&self) -> u64 {
        unimplemented!()
    }

    pub fn metrics(&self, org: OrgId) -> Arc<dyn MetricReader> {
        unimplemented!()
    }

    pub async fn events(&self, org: OrgId, range: TimeRange, filter: EventFilter) -> Result<Vec<Event>> {
        unimplemented!()
    }

    /// Newest state of each (check, host, tags) in the range.
    pub async fn checks(
        &self,
        org: OrgId,
        range: TimeRange,
        host: Option<&str>,
    ) -> Result<Vec<ServiceCheck>> {
        unimplemented!()
    }

    /// From `tags.from_ms` on, these are the host's tags of that source (STORE 7).
    pub async fn set_host_tags(&self, org: OrgId, tags: HostTags) -> Result<()> {
        unimplemented!()
    }

    pub async fn usage(&self, org: OrgId) -> Result<Vec<MetricUsage>> {
        unimplemented!()
    }

    /// Turns the head into files.
    pub async fn seal(&self) -> Result<()> {
        unimplemented!()
    }

    /// Seals, and compacts all the way.
    pub async fn compact(&self) -> Result<CompactReport> {
        unimplemented!()
    }

    /// Seals and leaves cleanly.
    pub async fn close(&self) -> Result<()> {
        unimplemented!()
    }

    /// Whether it can take and answer; the reason when not.
    pub fn health(&self) -> std::result::Result<(), String> {
        unimplemented!()
    }

    /// Names (`oriel.store.…`), tags and values of the store's own gauges and running totals.
    pub fn figures(&self) -> Vec<(&'static str, Vec<String>, f64)> {
        unimplemented!()
    }
}
