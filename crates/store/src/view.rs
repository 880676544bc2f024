//! What a query holds on to: the files, heads and host tags of one moment (STORE 25).
//!
//! A view never changes, a new one takes its place after each commit. A head stays in the view until the files of its
//! generation are in it, and leaves in the very swap that brings them: nothing is missed and nothing is seen twice. A file
//! that the catalog has let go of is unlinked when the last view that has it is dropped.

use crate::Result;
use crate::file::{SampleFile, SketchFile};
use crate::head::{MetricHead, RowHead};
use crate::parts::{Dataset, FileMeta};
use crate::rows::policy::RowPolicy;
use crate::rows::source::RowSource;
use crate::store::{Shares, shares};
use oriel_model::{HostTags, OrgId};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

/// See the module's head.
#[derive(Clone)]
pub(crate) struct View {
    /// Live files, in the order of their begin sequence.
    pub(crate) files: Vec<Arc<OpenFile>>,
    /// Being sealed, oldest first, then the current one.
    pub(crate) metric_heads: Vec<Arc<MetricHead>>,
    /// The same for wide rows, all datasets in one list.
    pub(crate) row_heads: Vec<Arc<RowHead>>,
    pub(crate) host_tags: Arc<HostTagTable>,
    /// What reads leave out of wide rows.
    pub(crate) policy: Arc<RowPolicy>,
}

impl View {
    /// Bytes in heads, for the budget.
    pub(crate) fn head_bytes(&self) -> usize {
        Dataset::ALL.into_iter().map(|dataset| self.head_bytes_of(dataset)).sum()
    }

    /// Of wide rows alone.
    pub(crate) fn row_bytes(&self) -> usize {
        self.row_heads.iter().map(|h| h.bytes()).sum()
    }

    pub(crate) fn head_bytes_of(&self, dataset: Dataset) -> usize {
        match dataset {
            Dataset::Metrics => self.metric_heads.iter().map(|h| h.bytes()).sum(),
            rows => self.row_heads.iter().filter(|h| h.dataset == rows).map(|h| h.bytes()).sum(),
        }
    }
}

/// A live file and its handle, opened at first use and shared.
pub(crate) struct OpenFile {
    pub(crate) meta: FileMeta,
    dir: Arc<Path>,
    samples: OnceLock<Arc<SampleFile>>,
    sketches: OnceLock<Arc<SketchFile>>,
    shares: OnceLock<Arc<Shares>>,
    rows: OnceLock<Arc<dyn RowSource>>,
    dead: AtomicBool,
}

impl OpenFile {
    pub(crate) fn new(dir: &Arc<Path>, meta: FileMeta) -> Arc<Self> {
        Arc::new(Self {
            meta,
            dir: Arc::clone(dir),
            samples: OnceLock::new(),
            sketches: OnceLock::new(),
            shares: OnceLock::new(),
            rows: OnceLock::new(),
            dead: AtomicBool::new(false),
        })
    }

    /// The folder it lies in, as the readers of series and events want it.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// The handle of a file with content Samples.
    pub(crate) fn samples(&self) -> Result<Arc<SampleFile>> {
        if let Some(open) = self.samples.get() {
            return Ok(Arc::clone(open));
        }
        let opened = Arc::new(SampleFile::open(&self.dir, &self.meta)?);
        Ok(Arc::clone(self.samples.get_or_init(|| opened)))
    }

    /// The handle of a file with content Sketches.
    pub(crate) fn sketches(&self) -> Result<Arc<SketchFile>> {
        if let Some(open) = self.sketches.get() {
            return Ok(Arc::clone(open));
        }
        let opened = Arc::new(SketchFile::open(&self.dir, &self.meta)?);
        Ok(Arc::clone(self.sketches.get_or_init(|| opened)))
    }

    /// What each metric has of a file with content Samples; summed at the first call.
    pub(crate) fn shares(&self) -> Result<Arc<Shares>> {
        if let Some(known) = self.shares.get() {
            return Ok(Arc::clone(known));
        }
        let summed = Arc::new(shares(self)?);
        Ok(Arc::clone(self.shares.get_or_init(|| summed)))
    }

    /// The handle of a file of wide rows.
    pub(crate) fn rows(&self) -> Result<Arc<dyn RowSource>> {
        if let Some(open) = self.rows.get() {
            return Ok(Arc::clone(open));
        }
        let opened: Arc<dyn RowSource> = Arc::new(crate::file::wide::WideFile::open(&self.dir, &self.meta)?);
        Ok(Arc::clone(self.rows.get_or_init(|| opened)))
    }

    /// The catalog has let go of it: unlink it once no view holds it.
    pub(crate) fn condemn(&self) {
        self.dead.store(true, Ordering::Release);
    }
}

impl Drop for OpenFile {
    fn drop(&mut self) {
        if self.dead.load(Ordering::Acquire) {
            crate::file::remove(&self.dir, &self.meta);
        }
    }
}

/// Tags of hosts by org, sorted by host, source and time.
#[derive(Default)]
pub(crate) struct HostTagTable {
    by_org: BTreeMap<OrgId, Arc<[HostTags]>>,
}

impl HostTagTable {
    pub(crate) fn new(rows: Vec<(OrgId, HostTags)>) -> Self {
        let mut lists: BTreeMap<OrgId, Vec<HostTags>> = BTreeMap::new();
        for (org, tags) in rows {
            lists.entry(org).or_default().push(tags);
        }
        let sorted = |mut list: Vec<HostTags>| -> Arc<[HostTags]> {
            list.sort_by(|a, b| (&a.host, &a.source, a.from_ms).cmp(&(&b.host, &b.source, b.from_ms)));
            list.into()
        };
        Self { by_org: lists.into_iter().map(|(org, list)| (org, sorted(list))).collect() }
    }

    /// Every row of an org, past ones included.
    pub(crate) fn of(&self, org: OrgId) -> Arc<[HostTags]> {
        self.by_org.get(&org).cloned().unwrap_or_else(|| Arc::from([]))
    }
}
