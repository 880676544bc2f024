//! Events and service checks that are durable and not yet in files.
//!
//! Rows of an org in the order they came; a list wants the newest few of a range, so nothing is indexed here.

use crate::parts::{Generation, Lsn};
use oriel_model::{Event, EventBatch, OrgId, ServiceCheck, TimeRange};
use parking_lot::RwLock;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// One org's rows.
#[derive(Clone, Debug, Default)]
pub(crate) struct OrgEvents {
    pub(crate) events: Vec<Event>,
    pub(crate) checks: Vec<ServiceCheck>,
}

/// One generation of the dataset `events`.
pub(crate) struct EventHead {
    pub(crate) generation: Generation,
    rows: RwLock<BTreeMap<OrgId, OrgEvents>>,
    bytes: AtomicUsize,
    lsn_max: AtomicU64,
}

impl EventHead {
    pub(crate) fn new(generation: Generation) -> Self {
        Self { generation, rows: RwLock::default(), bytes: AtomicUsize::new(0), lsn_max: AtomicU64::new(0) }
    }

    /// Takes a batch that is durable under `lsn`.
    pub(crate) fn insert(&self, batch: &EventBatch, lsn: Lsn) {
        let events: usize = batch.events.iter().map(event_bytes).sum();
        let checks: usize = batch.checks.iter().map(check_bytes).sum();
        let mut rows = self.rows.write();
        let org = rows.entry(batch.org).or_default();
        org.events.extend_from_slice(&batch.events);
        org.checks.extend_from_slice(&batch.checks);
        drop(rows);
        self.bytes.fetch_add(events + checks, Ordering::Relaxed);
        self.lsn_max.fetch_max(lsn, Ordering::AcqRel);
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.bytes() == 0
    }

    /// The highest LSN inserted.
    pub(crate) fn lsn_max(&self) -> Lsn {
        self.lsn_max.load(Ordering::Acquire)
    }

    /// Shows each event of the range.
    pub(crate) fn visit_events(&self, org: OrgId, range: TimeRange, visit: &mut dyn FnMut(&Event)) {
        if let Some(org) = self.rows.read().get(&org) {
            org.events.iter().filter(|e| range.contains(e.time_ms)).for_each(visit);
        }
    }

    /// Shows each service check of the range.
    pub(crate) fn visit_checks(&self, org: OrgId, range: TimeRange, visit: &mut dyn FnMut(&ServiceCheck)) {
        if let Some(org) = self.rows.read().get(&org) {
            org.checks.iter().filter(|c| range.contains(c.time_ms)).for_each(visit);
        }
    }

    /// Everything, by org, in time order: what sealing writes.
    pub(crate) fn sorted(&self) -> Vec<(OrgId, OrgEvents)> {
        let rows = self.rows.read();
        let sort = |(&org, rows): (&OrgId, &OrgEvents)| {
            let mut rows = rows.clone();
            rows.events.sort_by_key(|e| (e.time_ms, e.id));
            rows.checks.sort_by_key(|c| c.time_ms);
            (org, rows)
        };
        rows.iter().map(sort).collect()
    }
}

/// Fixed bytes of a row beside its texts.
const ROW_BYTES: usize = size_of::<Event>();

fn event_bytes(e: &Event) -> usize {
    let texts = [&e.title, &e.text, &e.host, &e.source, &e.aggregation_key];
    ROW_BYTES + texts.iter().map(|t| t.len()).sum::<usize>() + tag_bytes(&e.tags)
}

fn check_bytes(c: &ServiceCheck) -> usize {
    ROW_BYTES + c.check.len() + c.host.len() + c.message.len() + tag_bytes(&c.tags)
}

fn tag_bytes(tags: &[String]) -> usize {
    tags.iter().map(|t| t.len() + size_of::<String>()).sum()
}
