//! Who a series is: org, metric, tags and host, and the two 64-bit ids that stand for them (STORE 3).

use crate::Tags;

/// An organisation. Only authentication (and the documented loopback listeners) makes one (STORE 27).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct OrgId(pub u32);

/// What a dataset of rows is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Signal {
    Metrics,
    Events,
    Logs,
    Spans,
}

impl Signal {
    /// The signals whose rows are wide: everything but metrics.
    pub const WIDE: [Self; 3] = [Self::Events, Self::Logs, Self::Spans];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Metrics => "metrics",
            Self::Events => "events",
            Self::Logs => "logs",
            Self::Spans => "spans",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Metrics, Self::Events, Self::Logs, Self::Spans].into_iter().find(|s| s.as_str() == text)
    }
}

/// Keyed hash of a metric's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MetricId(pub u64);

/// Keyed hash of a series' tags and host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SeriesId(pub u64);

/// The identity of a series inside an org; its order is the order of sample files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SeriesKey {
    pub metric: MetricId,
    pub series: SeriesId,
}

/// What a series is called. `host` is the one host slot (it may be empty) and is never also among the tags (STORE 2).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SeriesDef {
    pub metric: Box<str>,
    pub host: Box<str>,
    pub tags: Tags,
}

/// What a sample's number means; the table is in `docs/semantics.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
#[repr(u8)]
pub enum Kind {
    /// A value at a time.
    Gauge = 0,
    /// A count within its interval.
    Count = 1,
    /// Per second, over its interval.
    Rate = 2,
    /// A running total with resets.
    Cumulative = 3,
    /// A mergeable sketch.
    Distribution = 4,
}

impl Kind {
    pub fn from_u8(code: u8) -> Option<Self> {
        [Self::Gauge, Self::Count, Self::Rate, Self::Cumulative, Self::Distribution]
            .get(usize::from(code))
            .copied()
    }

    /// The word that the metrics API uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gauge => "gauge",
            Self::Count => "count",
            Self::Rate => "rate",
            Self::Cumulative => "cumulative",
            Self::Distribution => "distribution",
        }
    }
}
