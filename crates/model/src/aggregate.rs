//! Samples to series: the 10 s aggregator of DogStatsD and the one of check runs, shared by server and agent.
//!
//! Pure: time comes in as a number, and what is due comes out as a [`Submission`]. A sample names its context by the hash of
//! its raw bytes without the value, so that a known context costs one hash and no parsing.
//!
//! | said as | becomes |
//! |---|---|
//! | gauge | the last value of the bucket |
//! | count | sum ÷ 10 s, a rate; 0 for 300 s after it falls silent |
//! | set | how many different members, a gauge |
//! | histogram, timing | `.avg .median .max .95percentile` as gauges, `.count` as a rate |
//! | distribution | a sketch in the agent's mapping |
//! | anything with its own time | a point at that time, past the buckets |
//!
//! [`Submission`]: crate::Submission

mod buckets;
mod check;
mod context;
mod histogram;

pub use buckets::{Aggregator, AggregatorLimits, BUCKET_MS, BUCKET_S};
pub use check::{BucketSample, CheckAggregator, CheckKind, CheckSample};
pub use context::{ContextId, SampleKind};
