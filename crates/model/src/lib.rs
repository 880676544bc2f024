//! The nouns of Oriel: what every room talks about, and nothing that does I/O.
//!
//! A *series* is (org, metric, tags, host); a *batch* is rows of one signal and one org; a *submission* is what a
//! collector or an application said before it has an identity; a *frame* is an answer on one time grid.
//!
//! Never here: sockets, files, async, foreign byte formats.

mod aggregate;
mod batch;
mod error;
mod event;
mod filter;
mod frame;
mod host;
mod limits;
mod names;
mod reject;
mod resolver;
mod row;
mod series;
mod sketch;
mod submission;
mod tags;
pub mod text;
mod time;

pub use aggregate::{
    Aggregator, AggregatorLimits, BUCKET_MS, BUCKET_S, BucketSample, CheckAggregator, CheckKind, CheckSample,
    ContextId, SampleKind,
};
pub use batch::{BatchSeries, MetricBatch, MetricBatchBuilder, SeriesOrdinal, SketchPoint};
pub use error::{Code, ErrorBody};
pub use event::{AlertType, CheckStatus, Event, EventBatch, Priority, ServiceCheck};
pub use filter::{
    Bound, Bounds, Columns, Filter, Glob, GlobPart, Pattern, Test, Word, Words, span_ids_meant,
    trace_ids_meant,
};
pub use frame::{Band, BandSide, Frame, FrameSeries};
pub use host::{HostMetadata, HostTags};
pub use limits::Limits;
pub use names::{TAG_CHARS_MAX, normalise_metric, normalise_tag};
pub use reject::{Example, Reason, Rejections};
pub use resolver::{RawHasher, RawKey, RawPrefix, SeriesRef, SeriesResolver, Unresolved};
pub use row::{
    Column, Core, EntryKind, Field, KeyId, Row, RowBatch, RowBatchBuilder, TextColumn, Value, ValueRef,
    WordColumn, format_span_id, format_trace_id, parse_span_id, parse_trace_id,
};
pub use series::{Kind, MetricId, OrgId, SeriesDef, SeriesId, SeriesKey, Signal};
pub use sketch::{Mapping, Sketch, SketchError};
pub use submission::{Series, SketchSeries, Submission};
pub use tags::{CANONICAL_VERSION, Tags};
pub use time::{Clock, FastClock, ManualClock, SystemClock, TimeMs, TimeRange};
