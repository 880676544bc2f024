//! A store in a folder of its own, with a clock that stands still, and the two things tests do with it: put samples in and
//! read all of them.

use oriel_model::{
    Kind, Limits, ManualClock, MetricBatch, MetricBatchBuilder, OrgId, SeriesDef, Signal, Sketch, Tags,
    TimeMs, TimeRange,
};
use oriel_store::{
    Aggregates, Cancel, Faults, Matcher, Options, PieceHead, PieceSink, Result, SeriesEntry, SketchSink,
    SketchSummary, Store, Want,
};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// Where the clock stands.
pub const NOW_MS: TimeMs = 1_790_000_000_000;
pub const ORG: OrgId = OrgId(1);

/// Each waits for the lock for three seconds: a seal in a debug build on a busy machine takes a few.
const TRIES: usize = 20;

/// See the module's head.
pub struct TempStore {
    dir: tempfile::TempDir,
    pub clock: Arc<ManualClock>,
    pub faults: Faults,
    store: Option<Arc<Store>>,
}

impl TempStore {
    pub async fn new() -> Self {
        let mut made = Self::unopened();
        made.open().await.expect("the store opens");
        made
    }

    /// A folder whose store is opened later.
    pub fn unopened() -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        Self { dir, clock: Arc::new(ManualClock::at(NOW_MS)), faults: Faults::default(), store: None }
    }

    /// A folder on a file system of its own of this size; `None` without the right to mount one.
    pub fn on_small_disk(megabytes: u32) -> Option<Self> {
        let made = Self::unopened();
        made.mount("-o", &format!("size={megabytes}m")).then_some(made)
    }

    /// Gives the file system of [`TempStore::on_small_disk`] another size.
    pub fn resize_disk(&self, megabytes: u32) {
        assert!(self.mount("-o", &format!("remount,size={megabytes}m")), "it can be resized");
    }

    fn mount(&self, flag: &str, options: &str) -> bool {
        let mut mount = std::process::Command::new("mount");
        mount.args(["-t", "tmpfs", flag, options, "tmpfs"]).arg(self.path());
        mount.stderr(std::process::Stdio::null()).status().is_ok_and(|status| status.success())
    }

    /// The data folder.
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn store(&self) -> &Arc<Store> {
        self.store.as_ref().expect("the store is open")
    }

    /// Opens it. After [`TempStore::crash`] the loops of the last one may take a moment to let go of the folder.
    pub async fn open(&mut self) -> Result<()> {
        for _ in 0..TRIES {
            let options = Self::options(self.path());
            match Store::open_with_faults(options, self.clock.clone(), &self.faults).await {
                Err(oriel_store::Error::Closed(what)) if what.contains("locked") => {}
                opened => {
                    self.store = Some(opened?);
                    return Ok(());
                }
            }
        }
        panic!("the folder stays locked");
    }

    /// What a crash of the process leaves: nothing is sealed, nothing said goodbye.
    pub fn crash(&mut self) {
        self.store = None;
    }

    /// Settings of a small machine.
    pub fn options(data: &Path) -> Options {
        Options {
            data: data.to_owned(),
            memory_bytes: 512 << 20,
            metrics_retention_ms: 400 * 86_400_000,
            events_retention_ms: 30 * 86_400_000,
            logs_retention_ms: 30 * 86_400_000,
            spans_retention_ms: 30 * 86_400_000,
            series_per_org: 100_000,
            future_ms: 600_000,
        }
    }
}

impl Drop for TempStore {
    fn drop(&mut self) {
        self.store = None;
        // Lazily: the loops of the store may still have files open. Nothing to do when it is no file system of its own.
        let mut umount = std::process::Command::new("umount");
        let _ = umount.arg("--lazy").arg(self.path()).stderr(std::process::Stdio::null()).status();
    }
}

/// A batch of `load{n:<n>}` at these times, by way of the builder that decoders use.
fn batch(store: &Store, samples: &[(u32, TimeMs, f64)]) -> MetricBatch {
    let limits = Limits::default();
    let resolver = store.resolver(ORG);
    let accepted = store.accepted(Signal::Metrics);
    let mut builder = MetricBatchBuilder::new(ORG, &*resolver, &limits, accepted, ("testkit", ""));
    for &(n, time_ms, value) in samples {
        let raw = builder.key(&n.to_le_bytes());
        let tags = || Tags::canonical([format!("n:{n}")]);
        let define = || Ok(SeriesDef { metric: "load".into(), host: "h".into(), tags: tags() });
        let series = builder.series(raw, Kind::Gauge, 10, define).expect("a good series");
        builder.sample(series, time_ms, value);
    }
    let (batch, rejections) = builder.finish();
    assert!(rejections.is_empty(), "{rejections:?}");
    batch
}

/// Appends samples of `load{n:<n>}`.
pub async fn append(store: &Store, samples: &[(u32, TimeMs, f64)], digest: u128) -> Result<()> {
    let digest = (digest != 0).then_some(oriel_store::RequestDigest(digest));
    store.append(batch(store, samples), digest).await.map(|_| ())
}

/// Appends a sketch of these values to each series and time of `spread{n:<n>}`. Sketches at one time merge, so that one stored
/// twice shows by its count.
pub async fn append_sketches(
    store: &Store,
    points: &[(u32, TimeMs)],
    values: &[f64],
    digest: u128,
) -> Result<()> {
    let limits = Limits::default();
    let resolver = store.resolver(ORG);
    let accepted = store.accepted(Signal::Metrics);
    let mut builder = MetricBatchBuilder::new(ORG, &*resolver, &limits, accepted, ("testkit sketches", ""));
    let mut sketch = Sketch::default();
    values.iter().for_each(|value| sketch.insert(*value, 1));
    for &(n, time_ms) in points {
        let raw = builder.key(&n.to_le_bytes());
        let tags = || Tags::canonical([format!("n:{n}")]);
        let define = || Ok(SeriesDef { metric: "spread".into(), host: "h".into(), tags: tags() });
        let series = builder.series(raw, Kind::Distribution, 10, define).expect("a good series");
        builder.sketch(series, time_ms, sketch.clone());
    }
    let digest = (digest != 0).then_some(oriel_store::RequestDigest(digest));
    store.append(builder.finish().0, digest).await.map(|_| ())
}

/// Count and sum of every sketch of `spread`, by series and time.
pub fn read_sketches(store: &Store) -> BTreeMap<(u32, TimeMs), (u64, f64)> {
    struct Points(Vec<(usize, TimeMs, u64, f64)>);
    impl SketchSink for Points {
        fn wants_bins(&self) -> bool {
            false
        }

        fn point(&mut self, series: usize, time_ms: TimeMs, summary: &SketchSummary, _: Option<&Sketch>) {
            self.0.push((series, time_ms, summary.count, summary.sum));
        }
    }
    let reader = store.metrics(ORG);
    let entries = reader.select("spread", &Matcher::All, range()).expect("a selection");
    let keys: Vec<_> = entries.iter().map(|e| e.key).collect();
    let mut points = Points(Vec::new());
    reader.scan_sketches(&keys, range(), &Cancel::default(), &mut points).expect("a scan");
    let mut all = BTreeMap::new();
    for (series, time_ms, count, sum) in points.0 {
        let n = entries[series].def.tags.value("n").expect("a number").parse().expect("a number");
        assert!(all.insert((n, time_ms), (count, sum)).is_none(), "series {n} has {time_ms} twice");
    }
    all
}

/// The number of samples of `load`.
pub fn count_all(store: &Store) -> usize {
    scan_all(store, &mut Count(0)).0
}

struct Count(usize);

impl PieceSink for Count {
    fn piece(&mut self, _: &PieceHead, _: bool) -> Want {
        Want::Samples
    }

    fn aggregates(&mut self, _: &PieceHead, _: &Aggregates) {}

    fn samples(&mut self, _: &PieceHead, times: &[TimeMs], _: &[f64]) {
        self.0 += times.len();
    }
}

#[derive(Default)]
struct Collect(Vec<(usize, TimeMs, f64)>);

impl PieceSink for Collect {
    fn piece(&mut self, _: &PieceHead, _: bool) -> Want {
        Want::Samples
    }

    fn aggregates(&mut self, _: &PieceHead, _: &Aggregates) {}

    fn samples(&mut self, head: &PieceHead, times: &[TimeMs], values: &[f64]) {
        self.0.extend(times.iter().zip(values).map(|(&t, &v)| (head.series, t, v)));
    }
}

/// Every sample of `load`, by series and time. Panics when one comes twice.
pub fn read_all(store: &Store) -> BTreeMap<(u32, TimeMs), f64> {
    let entries = entries(store);
    let mut sink = Collect::default();
    scan_all(store, &mut sink);
    let mut all = BTreeMap::new();
    for (series, time_ms, value) in sink.0 {
        let n = entries[series].def.tags.value("n").expect("a number").parse().expect("a number");
        assert!(all.insert((n, time_ms), value).is_none(), "series {n} has {time_ms} twice");
    }
    all
}

fn range() -> TimeRange {
    TimeRange::new(0, NOW_MS + 600_000)
}

fn entries(store: &Store) -> Vec<SeriesEntry> {
    store.metrics(ORG).select("load", &Matcher::All, range()).expect("a selection")
}

fn scan_all<'s, S: PieceSink>(store: &Store, sink: &'s mut S) -> &'s S {
    let keys: Vec<_> = entries(store).iter().map(|e| e.key).collect();
    store.metrics(ORG).scan(&keys, range(), &Cancel::default(), sink).expect("a scan");
    sink
}
