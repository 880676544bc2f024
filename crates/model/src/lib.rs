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
mod frame;
mod host;
mod limits;
mod names;
mod reject;
mod resolver;
mod series;
mod sketch;
mod submission;
mod tags;
mod time;

pub use aggregate::{
    Aggregator, AggregatorLimits, BUCKET_MS, BUCKET_S, BucketSample, CheckAggregator, CheckKind, CheckSample,
    ContextId, SampleKind,
};
pub use batch::{BatchSeries, MetricBatch, MetricBatchBuilder, SeriesOrdinal, SketchPoint};
pub use error::{Code, ErrorBody};
pub use event::{AlertType, CheckStatus, Event, EventBatch, Priority, ServiceCheck};
pub use frame::{Band, Frame, FrameSeries};
pub use host::{HostMetadata, HostTags};
pub use limits::Limits;
pub use names::{TAG_CHARS_MAX, normalise_metric, normalise_tag};
pub use reject::{Example, Reason, Rejections};
pub use resolver::{RawHasher, RawKey, RawPrefix, SeriesRef, SeriesResolver, Unresolved};
pub use series::{Kind, MetricId, OrgId, SeriesDef, SeriesId, SeriesKey, Signal};
pub use sketch::{Mapping, Sketch, SketchError};
pub use submission::{Series, SketchSeries, Submission};
pub use tags::{CANONICAL_VERSION, Tags};
pub use time::{Clock, ManualClock, SystemClock, TimeMs, TimeRange};
