//! The shapes that the store's parts hand to each other: what a head seals, what a file holds, what the catalog knows.
//!
//! Invariants: a [`Chunk`] is sorted by time without repeats, of one kind and interval, and inside one absolute window
//! (STORE 8, 10); a [`FileMeta`] describes a file that will never change.

use crate::NsRange;
use oriel_model::{Kind, OrgId, SeriesDef, SeriesKey, Signal, Sketch, TimeMs, TimeRange};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Stamped by the WAL thread; strictly rising over the life of the data folder.
pub(crate) type Lsn = u64;

/// One head, sealed as a whole; counted for each dataset.
pub(crate) type Generation = u64;

/// The atomic unit of a generation's commit (STORE 19).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Dataset {
    /// Samples, sketches and series definitions.
    Metrics,
    /// Events and service checks.
    Events,
    Logs,
    Spans,
}

impl Dataset {
    pub(crate) const COUNT: usize = 4;
    pub(crate) const ALL: [Self; Self::COUNT] = [Self::Metrics, Self::Events, Self::Logs, Self::Spans];

    pub(crate) fn of(signal: Signal) -> Self {
        match signal {
            Signal::Metrics => Self::Metrics,
            Signal::Events => Self::Events,
            Signal::Logs => Self::Logs,
            Signal::Spans => Self::Spans,
        }
    }

    pub(crate) fn signal(self) -> Signal {
        match self {
            Self::Metrics => Signal::Metrics,
            Self::Events => Signal::Events,
            Self::Logs => Signal::Logs,
            Self::Spans => Signal::Spans,
        }
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Metrics => "metrics",
            Self::Events => "events",
            Self::Logs => "logs",
            Self::Spans => "spans",
        }
    }
}

/// What the rows of a file are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Content {
    Samples,
    Sketches,
    Series,
    /// Service checks; in files of the first version events too, which a start makes wide rows.
    Events,
    /// Wide rows, one content a signal.
    EventRows,
    Logs,
    Spans,
}

impl Content {
    pub(crate) const ALL: [Self; 7] =
        [Self::Samples, Self::Sketches, Self::Series, Self::Events, Self::EventRows, Self::Logs, Self::Spans];

    /// What is not wide rows.
    pub(crate) const NARROW: [Self; 4] = [Self::Samples, Self::Sketches, Self::Series, Self::Events];

    pub(crate) fn dataset(self) -> Dataset {
        match self {
            Self::Samples | Self::Sketches | Self::Series => Dataset::Metrics,
            Self::Events | Self::EventRows => Dataset::Events,
            Self::Logs => Dataset::Logs,
            Self::Spans => Dataset::Spans,
        }
    }

    /// The wide rows of a signal; `None` for metrics.
    pub(crate) fn of_rows(signal: Signal) -> Option<Self> {
        match signal {
            Signal::Metrics => None,
            Signal::Events => Some(Self::EventRows),
            Signal::Logs => Some(Self::Logs),
            Signal::Spans => Some(Self::Spans),
        }
    }

    /// The signal of wide rows; `None` for other contents.
    pub(crate) fn signal(self) -> Option<Signal> {
        match self {
            Self::Samples | Self::Sketches | Self::Series | Self::Events => None,
            Self::EventRows => Some(Signal::Events),
            Self::Logs => Some(Signal::Logs),
            Self::Spans => Some(Signal::Spans),
        }
    }

    /// The word in file names and in the catalog.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Samples => "samples",
            Self::Sketches => "sketches",
            Self::Series => "series",
            Self::Events => "events",
            Self::EventRows => "event_rows",
            Self::Logs => "logs",
            Self::Spans => "spans",
        }
    }
}

/// A run of one series: times strictly rising, one kind, one interval, inside one absolute window.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Chunk {
    pub(crate) org: OrgId,
    pub(crate) key: SeriesKey,
    pub(crate) kind: Kind,
    /// 0 when nobody said.
    pub(crate) interval_s: u32,
    /// The running total started anew at the first sample (STORE 10).
    pub(crate) reset: bool,
    /// Shared between series where they share it in the head; files share by content (STORE 9).
    pub(crate) times: Arc<[TimeMs]>,
    pub(crate) values: Vec<f64>,
}

/// Sketches of one series in one window; times strictly rising.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SketchChunk {
    pub(crate) org: OrgId,
    pub(crate) key: SeriesKey,
    pub(crate) interval_s: u32,
    pub(crate) points: Vec<(TimeMs, Sketch)>,
}

/// A series that had data on a UTC day, with its whole definition (STORE 6).
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SeriesRow {
    pub(crate) org: OrgId,
    pub(crate) key: SeriesKey,
    pub(crate) def: Arc<SeriesDef>,
    /// Days since the epoch.
    pub(crate) day: i32,
    /// Of its newest data that day.
    pub(crate) kind: Kind,
    pub(crate) interval_s: u32,
}

/// [`WideMeta::tombstone`] of a file of service checks that is known to hold nothing else.
pub(crate) const CHECKS_ONLY: u64 = i64::MAX as u64;

/// One immutable file as the catalog knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FileMeta {
    /// Unique, sortable by time of making, ours; the file's name without its ending.
    pub(crate) id: String,
    pub(crate) dataset: Dataset,
    pub(crate) content: Content,
    pub(crate) level: u8,
    pub(crate) org_min: u32,
    pub(crate) org_max: u32,
    pub(crate) first_ms: TimeMs,
    /// Inclusive.
    pub(crate) last_ms: TimeMs,
    pub(crate) rows: u64,
    /// Samples, sketch points, definitions, events and checks, or wide rows.
    pub(crate) samples: u64,
    pub(crate) bytes: u64,
    pub(crate) crc32c: u32,
    /// Given by the catalog when the file is committed. A compaction's output takes the highest of its inputs.
    pub(crate) begin_seq: u64,
    pub(crate) wide: WideMeta,
}

/// What compaction has done to a file of wide rows, and what its rows have in common. All 0 for other files and on level 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct WideMeta {
    /// Version of the retention rules that `class` is of; 0: its rows may be of any class.
    pub(crate) rules: u32,
    /// The retention class of every row (STORE 28).
    pub(crate) class: u8,
    /// Every deletion up to this one has been applied (STORE 29).
    pub(crate) tombstone: u64,
    /// Whether some row stands for more than itself.
    pub(crate) weighted: bool,
}

impl FileMeta {
    /// Relative to the store's folder; the catalog keeps this and no absolute path (STORE 26).
    pub(crate) fn file_name(&self) -> String {
        format!("{}.parquet", self.id)
    }

    pub(crate) fn overlaps(&self, range: TimeRange) -> bool {
        range.overlaps(self.first_ms, self.last_ms)
    }

    /// The same in nanoseconds; times of files are rounded down to milliseconds.
    pub(crate) fn overlaps_ns(&self, range: NsRange) -> bool {
        let first_ns = self.first_ms.saturating_mul(NS_PER_MS);
        let last_ns = self.last_ms.saturating_mul(NS_PER_MS).saturating_add(NS_PER_MS - 1);
        first_ns < range.end && last_ns >= range.start
    }

    pub(crate) fn has_org(&self, org: OrgId) -> bool {
        self.org_min <= org.0 && org.0 <= self.org_max
    }
}

/// Nanoseconds of a millisecond.
pub(crate) const NS_PER_MS: i64 = 1_000_000;

/// Milliseconds of a UTC day.
pub(crate) const DAY_MS: i64 = 86_400_000;

/// The UTC day of a time, in days since the epoch.
pub(crate) fn day_of(time_ms: TimeMs) -> i32 {
    let day = time_ms.div_euclid(DAY_MS);
    i32::try_from(day).unwrap_or(if day < 0 { i32::MIN } else { i32::MAX })
}

/// Samples in a chunk, at most (STORE 8).
pub(crate) const CHUNK_SAMPLES_MAX: usize = 480;

/// Length of the absolute UTC window that chunks of this interval are cut at (STORE 8). They divide the default rollup
/// steps, so that hourly charts read aggregates only.
pub(crate) fn window_ms(interval_s: u32) -> i64 {
    const HOUR_MS: i64 = 3_600_000;
    match interval_s {
        0..=15 => HOUR_MS,
        16..=60 => 4 * HOUR_MS,
        _ => DAY_MS,
    }
}

/// The start of the window that a time lies in.
pub(crate) fn window_start(time_ms: TimeMs, window_ms: i64) -> TimeMs {
    time_ms.div_euclid(window_ms).saturating_mul(window_ms)
}
