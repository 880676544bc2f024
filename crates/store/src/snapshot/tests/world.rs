//! The store in miniature: one registry, one view, files in a temporary folder.

use crate::budget::Budget;
use crate::file;
use crate::head::MetricHead;
use crate::parts::FileMeta;
use crate::registry::{Registry, RegistryLimits};
use crate::snapshot::Snapshot;
use crate::view::{HostTagTable, OpenFile, View};
use arc_swap::ArcSwap;
use oriel_model::{
    HostTags, Kind, Limits, MetricBatch, MetricBatchBuilder, OrgId, SeriesDef, SeriesKey, Sketch,
    SketchPoint, Tags, TimeMs, TimeRange,
};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, LazyLock};

pub(super) const ORG: OrgId = OrgId(1);
pub(super) const SERIES: u64 = 5;

const IDENTITY_KEY: [u8; 16] = [9; 16];

/// Value bits, kind and interval; later appends overwrite earlier ones.
pub(super) type Oracle = BTreeMap<(SeriesKey, TimeMs), (u64, Kind, u32)>;

/// A run of one series.
#[derive(Clone, Debug)]
pub(super) struct Append {
    pub(super) series: u64,
    pub(super) kind: Kind,
    pub(super) interval_s: u32,
    pub(super) samples: Vec<(TimeMs, f64)>,
}

pub(super) fn def(series: u64) -> SeriesDef {
    SeriesDef {
        metric: format!("metric.{}", series % 2).into(),
        host: format!("h-{}", series % 3).into(),
        tags: Tags::canonical([format!("series:{series}")]),
    }
}

pub(super) fn key(series: u64) -> SeriesKey {
    static REGISTRY: LazyLock<Arc<Registry>> = LazyLock::new(|| registry(10));
    REGISTRY.identity().series(&def(series))
}

fn registry(series_per_org: usize) -> Arc<Registry> {
    let bytes = series_per_org * 100;
    let limits = RegistryLimits { series_per_org, raw_cache_bytes: bytes, index_bytes: bytes * 10 };
    Registry::new(IDENTITY_KEY, limits, 0)
}

pub(super) struct World {
    dir: tempfile::TempDir,
    pub(super) registry: Arc<Registry>,
    pub(super) view: Arc<ArcSwap<View>>,
    budget: Arc<Budget>,
    pub(super) oracle: Oracle,
    lsn: u64,
    sequence: u64,
}

impl World {
    pub(super) fn new() -> Self {
        Self::with_series(20_000)
    }

    pub(super) fn with_series(series_per_org: usize) -> Self {
        let view = View {
            files: vec![],
            metric_heads: vec![Arc::new(MetricHead::new(1))],
            row_heads: vec![],
            host_tags: Arc::default(),
            policy: Arc::default(),
        };
        Self {
            dir: tempfile::tempdir().unwrap(),
            registry: registry(series_per_org),
            view: Arc::new(ArcSwap::from_pointee(view)),
            budget: Budget::new(64 << 20),
            oracle: Oracle::new(),
            lsn: 0,
            sequence: 0,
        }
    }

    pub(super) fn snapshot(&self) -> Snapshot {
        self.snapshot_of(ORG)
    }

    pub(super) fn snapshot_of(&self, org: OrgId) -> Snapshot {
        let (registry, budget) = (Arc::clone(&self.registry), Arc::clone(&self.budget));
        Snapshot::new(org, Arc::clone(&self.view), registry, budget)
    }

    /// Each run is a batch of its own, in order.
    pub(super) fn append(&mut self, appends: &[Append]) {
        for a in appends {
            self.insert(a);
            for (t, v) in &a.samples {
                self.oracle.insert((key(a.series), *t), (v.to_bits(), a.kind, a.interval_s));
            }
        }
    }

    fn insert(&mut self, a: &Append) {
        let mut batch = self.batch(a);
        self.insert_batch(&mut batch);
    }

    pub(super) fn append_sketches(&mut self, series: u64, points: Vec<(TimeMs, Sketch)>) {
        let samples = vec![];
        let mut batch = self.batch(&Append { series, kind: Kind::Distribution, interval_s: 10, samples });
        batch.sketches =
            points.into_iter().map(|(time_ms, sketch)| SketchPoint { series: 0, time_ms, sketch }).collect();
        self.insert_batch(&mut batch);
    }

    pub(super) fn insert_batch(&mut self, batch: &mut MetricBatch) {
        let head = Arc::clone(self.view.load().metric_heads.last().unwrap());
        self.lsn += 1;
        let admission = self.registry.admit(batch, head.generation).unwrap();
        let new_days = head.insert(batch, &admission.defs, self.lsn).unwrap();
        self.registry.publish(batch, &admission, &new_days);
    }

    fn batch(&self, a: &Append) -> MetricBatch {
        let resolver = self.registry.resolver(ORG);
        let limits = Limits::default();
        let all = TimeRange::all();
        let builder = MetricBatchBuilder::new(ORG, &*resolver, &limits, all, ("test", ""));
        let mut builder = builder.allow_non_finite();
        let raw = builder.key(&[a.series as u8, a.kind as u8, a.interval_s as u8]);
        let ordinal = builder.series(raw, a.kind, a.interval_s, || Ok(def(a.series))).unwrap();
        for (t, v) in &a.samples {
            builder.sample(ordinal, *t, *v);
        }
        builder.finish().0
    }

    /// The head becomes files of level 0, and a new one takes its place.
    pub(super) fn seal(&mut self) {
        let head = Arc::clone(self.view.load().metric_heads.last().unwrap());
        let dir = self.dir.path();
        let mut made: Vec<FileMeta> = vec![];
        made.extend(file::write_samples(dir, 0, &mut head.chunks()).unwrap());
        made.extend(file::write_sketches(dir, 0, &mut head.sketch_chunks()).unwrap());
        made.extend(file::write_series(dir, 0, &head.series_rows()).unwrap());
        self.swap(made, &[], true);
    }

    /// Compacts as long as there is a job.
    pub(super) fn compact(&mut self) {
        let now_ms = i64::MAX / 4;
        loop {
            let metas: Vec<FileMeta> = self.view.load().files.iter().map(|f| f.meta.clone()).collect();
            let Some(job) = crate::compact::plan_all(&metas, now_ms) else { return };
            let made = crate::compact::run(self.dir.path(), &job).unwrap();
            let inputs: Vec<String> = job.inputs.iter().map(|m| m.id.clone()).collect();
            self.swap(made, &inputs, false);
        }
    }

    fn swap(&mut self, made: Vec<FileMeta>, gone: &[String], new_head: bool) {
        let old = self.view.load_full();
        let dir: Arc<Path> = self.dir.path().into();
        let mut view = View::clone(&old);
        let inputs = view.files.iter().filter(|f| gone.contains(&f.meta.id));
        let highest = inputs.map(|f| f.meta.begin_seq).max();
        view.files.retain(|f| !gone.contains(&f.meta.id));
        self.sequence += 1;
        for mut meta in made {
            meta.begin_seq = highest.unwrap_or(self.sequence);
            view.files.push(OpenFile::new(&dir, meta));
        }
        view.files.sort_by_key(|f| f.meta.begin_seq);
        if new_head {
            let generation = view.metric_heads.last().unwrap().generation + 1;
            view.metric_heads = vec![Arc::new(MetricHead::new(generation))];
        }
        self.view.store(Arc::new(view));
    }

    pub(super) fn set_host_tags(&mut self, rows: Vec<HostTags>) {
        let mut view = View::clone(&self.view.load());
        view.host_tags = Arc::new(HostTagTable::new(rows.into_iter().map(|r| (ORG, r)).collect()));
        self.view.store(Arc::new(view));
    }

    pub(super) fn files(&self) -> usize {
        self.view.load().files.len()
    }

    pub(super) fn file_bytes(&self) -> u64 {
        self.view.load().files.iter().map(|f| f.meta.bytes).sum()
    }
}
