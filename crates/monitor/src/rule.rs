//! What a monitor's document means: the typed rule that is evaluated.
//!
//! The one idea: a rule has two halves. [`Target`] says what is measured, so that monitors with the same
//! [`share key`](Rule::share_key) share one measurement; thresholds and [`Options`] say what that means for this monitor alone.
//! Parsing collects every error, each naming its field; what it does not know it leaves alone.

mod arithmetic;
mod ask;
mod chain;
mod check;
mod composite;
mod formula;
mod metric;
mod options;
mod processes;
mod read;
mod rows;
mod series;
mod slo;
mod thresholds;
mod window;

pub use arithmetic::Arithmetic;
pub use ask::Ask;
pub use check::{ALL, CheckRule};
pub use composite::{CompositeRule, Member};
pub use options::{OnMissingData, Options};
pub use series::{Inner, Reduction, SeriesRule, Term, TimeAggregation};
pub use slo::{SloMeasure, SloRule};
pub use thresholds::{Comparator, Thresholds};
pub use window::{Window, length_ms};

use crate::{Error, Result};
use read::Reader;
use serde_json::Value;

/// A compiled monitor.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    pub name: String,
    /// As written; `metric alert` and `query alert` mean the same.
    pub kind: Kind,
    /// The query as written.
    pub query: String,
    pub message: String,
    pub tags: Vec<String>,
    /// 1 (highest) to 5.
    pub priority: Option<u8>,
    pub target: Target,
    pub comparator: Comparator,
    pub thresholds: Thresholds,
    pub options: Options,
    /// What is accepted and perhaps not meant.
    pub warnings: Vec<String>,
}

/// A monitor's type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Metric,
    Query,
    ServiceCheck,
    Event,
    EventV2,
    Log,
    TraceAnalytics,
    Process,
    Composite,
    Slo,
    Synthetics,
}

/// What is measured.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// Metrics, logs, spans, events, processes: through the query road.
    Series(SeriesRule),
    Checks(CheckRule),
    Composite(CompositeRule),
    Slo(SloRule),
}

impl Kind {
    const ALL: [(Self, &'static str); 11] = [
        (Self::Metric, "metric alert"),
        (Self::Query, "query alert"),
        (Self::ServiceCheck, "service check"),
        (Self::Event, "event alert"),
        (Self::EventV2, "event-v2 alert"),
        (Self::Log, "log alert"),
        (Self::TraceAnalytics, "trace-analytics alert"),
        (Self::Process, "process alert"),
        (Self::Composite, "composite"),
        (Self::Slo, "slo alert"),
        (Self::Synthetics, "synthetics alert"),
    ];

    /// Datadog's word.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, word)| word)
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, w)| *w == word).map(|(kind, _)| *kind)
    }
}

/// What one metric query or search may have, too.
const QUERY_BYTES_MAX: usize = 16 * 1024;

/// Types that Datadog documents and Oriel has no data for.
const REFUSED: &[&str] = &[
    "rum alert",
    "audit alert",
    "ci-pipelines alert",
    "ci-tests alert",
    "error-tracking alert",
    "database-monitoring alert",
    "network-performance alert",
    "network-path alert",
    "cost alert",
    "data-quality alert",
    "data-jobs alert",
    "llm-observability alert",
];

impl Rule {
    /// Reads a monitor's document (`/api/v1/monitor`). The error holds every reason.
    pub fn parse(document: &Value) -> Result<Self> {
        let mut reader = Reader::new(document);
        let rule = Self::read(&mut reader);
        match (rule, reader.errors.is_empty()) {
            (Some(rule), true) => Ok(rule),
            (_, false) => Err(Error::Invalid(reader.errors)),
            (None, true) => Err(Error::invalid("the monitor can't be read")),
        }
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let name = reader.text("name").unwrap_or_default();
        let message = reader.text("message").unwrap_or_default();
        let query = reader.text("query").unwrap_or_default().trim().to_owned();
        if query.is_empty() {
            reader.error("query is missing");
        }
        if query.len() > QUERY_BYTES_MAX {
            reader.error(format!("query is longer than {QUERY_BYTES_MAX} bytes"));
        }
        let tags = reader.texts("tags");
        let priority = reader.whole("priority", 1, 5).and_then(|n| u8::try_from(n).ok());
        let kind = read_kind(reader);
        let mut options = Options::read(&mut reader.child("options"));
        let mut thresholds = Thresholds::read(&mut reader.child("options").child("thresholds"));
        let found = match (kind, (1..=QUERY_BYTES_MAX).contains(&query.len())) {
            (Some(kind), true) => Found::parse(kind, &query, reader),
            _ => None,
        };
        let Found { target, comparator, critical } = found?;
        let kind = kind?;
        thresholds.settle(kind, comparator, critical, reader);
        options.settle(&target, reader);
        let warnings = std::mem::take(&mut reader.warnings);
        Some(Self {
            name,
            kind,
            query,
            message,
            tags,
            priority,
            target,
            comparator,
            thresholds,
            options,
            warnings,
        })
    }

    /// The keys that a group's key has, in their order; empty for a monitor without groups.
    pub fn group_by(&self) -> &[String] {
        match &self.target {
            Target::Series(series) => &series.group_by,
            Target::Checks(check) => &check.by,
            Target::Composite(_) | Target::Slo(_) => &[],
        }
    }

    /// How often the monitor is evaluated: each minute for windows under a day, each 10 minutes under two days, each 30
    /// minutes above.
    pub fn every_ms(&self) -> i64 {
        const DAY: i64 = 86_400_000;
        let window_ms = match &self.target {
            Target::Series(series) => series.cadence_window_ms(),
            _ => 0,
        };
        match window_ms {
            ..DAY => 60_000,
            DAY..=172_800_000 => 600_000,
            _ => 1_800_000,
        }
    }
}

/// What a query says.
struct Found {
    target: Target,
    comparator: Comparator,
    /// The threshold in the query.
    critical: Option<f64>,
}

impl Found {
    fn parse(kind: Kind, query: &str, reader: &mut Reader<'_>) -> Option<Self> {
        let found = match kind {
            Kind::Metric | Kind::Query => metric::parse(query, reader),
            Kind::Log | Kind::TraceAnalytics | Kind::EventV2 | Kind::Event | Kind::Process => {
                rows::parse(kind, query, reader)
            }
            Kind::ServiceCheck | Kind::Synthetics => check::parse(kind, query, reader),
            Kind::Composite => composite::parse(query, reader),
            Kind::Slo => slo::parse(query),
        };
        found.map_err(|message| reader.error(in_field(message))).ok()
    }
}

/// What is wrong with a query may stand in the options.
fn in_field(message: String) -> String {
    if message.starts_with("options.") { message } else { format!("query: {message}") }
}

fn read_kind(reader: &mut Reader<'_>) -> Option<Kind> {
    let Some(word) = reader.text("type") else {
        reader.error("type is missing; metric alert, log alert, composite … are known");
        return None;
    };
    let kind = Kind::parse(&word);
    if kind.is_none() {
        reader.error(if REFUSED.contains(&word.as_str()) {
            format!("type {word} is not supported: oriel stores nothing of that kind")
        } else {
            let known: Vec<&str> = Kind::ALL.iter().map(|(_, w)| *w).collect();
            format!("type {word} is not known; use one of {}", known.join(", "))
        });
    }
    kind
}

#[cfg(test)]
mod tests;
