//! What happens to a log line between its decoder and the store: processors in order, removal of sensitive data, metrics
//! counted from rows. Pure: rows in, rows and metrics out.
//!
//! Never here: I/O, async, storage, foreign byte formats.

mod admit;
pub mod apm;
mod definition;
mod error;
mod explain;
mod grok;
mod metric;
mod percent;
mod pipelines;
mod place;
mod process;
mod rebuild;
mod scrub;

pub use definition::{
    CategoryDefinition, FilterDefinition, Format, GrokDefinition, Holder, PipelineDefinition,
    ProcessorDefinition, ProcessorKind, RemapDefinition,
};
pub use error::{Error, Result};
pub use explain::{Change, Explained, ExplainedStep, changes};
pub use metric::{
    AggregationType, Compute, GroupBy, Measured, MetricAttributes, MetricDefinition, MetricFilter, RowMetrics,
};
pub use pipelines::{PIPELINES_MAX, Parse, Pipelines};
pub use process::{normalise_status, parse_date};
pub use scrub::{PRESETS, Preset, ScrubAction, ScrubDefinition, Scrubber};
