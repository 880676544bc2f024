//! A store in a folder of its own, with a clock that stands still, and the two things tests do with it: put samples in and
//! read all of them.

use oriel_model::{
    Kind, Limits, ManualClock, MetricBatch, MetricBatchBuilder, OrgId, SeriesDef, Signal, Tags, TimeMs,
    TimeRange,
};
use oriel_store::{
    Aggregates, Cancel, Faults, Matcher, Options, PieceHead, PieceSink, Result, SeriesEntry, Store, Want,
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

    /// The data folder.
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn store(&self) -> &Arc<Store> {
        self.store.as_ref().expect("the store is open")
    }

    pub async fn open(&mut self) -> Result<()> {
        let opened =
            Store::open_with_faults(Self::options(self.path()), self.clock.clone(), &self.faults).await?;
        self.store = Some(opened);
        Ok(())
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
            series_per_org: 100_000,
            future_ms: 600_000,
        }
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
