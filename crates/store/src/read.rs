//! The way out for metrics: what a query room sees of one consistent moment of the store.
//!
//! A reader never changes under a query: it holds one `Arc` of heads, files and marks (STORE 25). Everything acknowledged
//! before it was taken is in it, once.

use crate::Result;
use oriel_model::{HostTags, Kind, SeriesDef, SeriesKey, Sketch, TimeMs, TimeRange};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A filter over a series' tags, its host, and the tags of that host that hold at some time of the range (STORE 7).
#[derive(Clone, Debug, PartialEq)]
pub enum Matcher {
    All,
    /// `key:value` exactly; key `host` looks at the host slot (and at host tags).
    Equals {
        key: String,
        value: String,
    },
    /// `key:pattern`, where `*` stands for any run; `key:*` means the key is there.
    Glob {
        key: String,
        pattern: String,
    },
    /// A bare tag, as written.
    Bare(String),
    And(Vec<Matcher>),
    Or(Vec<Matcher>),
    Not(Box<Matcher>),
}

/// A series that a matcher selected.
#[derive(Clone, Debug)]
pub struct SeriesEntry {
    pub key: SeriesKey,
    pub def: Arc<SeriesDef>,
    /// The kind of its newest data.
    pub kind: Kind,
    /// Seconds between its points: as sent, else as seen, else 0.
    pub interval_s: u32,
}

/// The head of one piece of one series: a run of samples in time order, in one window and of one kind.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PieceHead {
    /// Index into the keys of the scan.
    pub series: usize,
    pub kind: Kind,
    pub interval_s: u32,
    pub first_ms: TimeMs,
    pub last_ms: TimeMs,
    pub n: usize,
    /// The running total started anew at this piece's first sample (STORE 10).
    pub reset: bool,
}

/// What a stored chunk knows of itself. Staleness markers are in none of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Aggregates {
    pub count: u64,
    pub min: f64,
    pub max: f64,
    pub sum: f64,
    pub first: f64,
    pub last: f64,
    /// Sum of increases between the chunk's own samples, resets counted from zero.
    pub increase: f64,
}

/// What a sink wants of a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    Nothing,
    Aggregates,
    Samples,
}

/// Takes the pieces of a scan: for each series in order of the keys, pieces in time order, never overlapping.
pub trait PieceSink {
    /// Asked first for each piece. `has_aggregates` is true only where they stand for exactly these samples: the piece lies
    /// wholly in the range, and no other piece and no tombstone overlaps it (STORE 17).
    fn piece(&mut self, head: &PieceHead, has_aggregates: bool) -> Want;

    fn aggregates(&mut self, head: &PieceHead, aggregates: &Aggregates);

    /// Samples inside the scan's range only; equal lengths, times strictly rising.
    fn samples(&mut self, head: &PieceHead, times: &[TimeMs], values: &[f64]);
}

/// The parts of a distribution at one time that need no bins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SketchSummary {
    pub count: u64,
    pub sum: f64,
    pub min: f64,
    pub max: f64,
}

/// Takes the points of a scan over distributions, in the order of the keys and then of time.
pub trait SketchSink {
    /// Whether bins are needed at all; asked once. Without them `sketch` is `None`.
    fn wants_bins(&self) -> bool;

    /// Whether the points of a stored window that lies wholly in the range may come as one, at the time of the first: for
    /// totals over the whole range, which then read one sketch an hour instead of each. Asked once; only with bins.
    fn wants_windows(&self) -> bool {
        false
    }

    fn point(&mut self, series: usize, time_ms: TimeMs, summary: &SketchSummary, sketch: Option<&Sketch>);
}

/// Stops a scan: checked at each page and every 64 chunks (STORE 35).
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// One org's metrics at one moment. Synchronous and CPU-bound: call it from a query thread, several at a time for disjoint
/// keys when it pays.
pub trait MetricReader: Send + Sync {
    /// Names of metrics with data in the range, sorted.
    fn metrics(&self, range: TimeRange) -> Result<Vec<Arc<str>>>;

    /// Series of a metric that match and have data in days of the range, sorted by key. The matcher looks at host tags that
    /// hold at any time of the range; a reader that needs the exact moment masks by [`MetricReader::host_tags`].
    fn select(&self, metric: &str, matcher: &Matcher, range: TimeRange) -> Result<Vec<SeriesEntry>>;

    /// Gives the samples of `keys` (sorted, as `select` gave them) in the range to the sink.
    fn scan(
        &self,
        keys: &[SeriesKey],
        range: TimeRange,
        cancel: &Cancel,
        sink: &mut dyn PieceSink,
    ) -> Result<()>;

    /// The same for distributions.
    fn scan_sketches(
        &self,
        keys: &[SeriesKey],
        range: TimeRange,
        cancel: &Cancel,
        sink: &mut dyn SketchSink,
    ) -> Result<()>;

    /// Tags of hosts that hold at some time of the range.
    fn host_tags(&self, range: TimeRange) -> Arc<[HostTags]>;

    /// Reserves memory of the query pool until dropped, or says how much was needed (STORE 35).
    fn reserve(&self, bytes: usize) -> Result<Reservation>;
}

/// Bytes of the query pool, given back on drop.
pub struct Reservation {
    release: Option<Box<dyn FnOnce() + Send + Sync>>,
}

impl Reservation {
    pub fn new(release: impl FnOnce() + Send + Sync + 'static) -> Self {
        Self { release: Some(Box::new(release)) }
    }

    /// Of a pool without a bound: tests and in-memory readers.
    pub fn unbounded() -> Self {
        Self { release: None }
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        if let Some(release) = self.release.take() {
            release();
        }
    }
}
