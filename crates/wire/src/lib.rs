//! Foreign bytes to batches and back; pure decoders, one folder a protocol.
//!
//! Never here: sockets, files, async, clocks (now comes in as a number).
//!
//! | path | function |
//! |---|---|
//! | every body first | [`body::decode`]`(content_encoding, bytes, limit)` |
//! | `/api/v1/series` | [`datadog::series_v1`]`(body, now_ms, builder)` |
//! | `/api/v2/series`, JSON | [`datadog::series_v2_json`]`(body, now_ms, builder)` |
//! | `/api/v2/series`, `application/x-protobuf` | [`datadog::series_v2_protobuf`]`(body, builder)` |
//! | `/api/v1/distribution_points` | [`datadog::distribution_points`]`(body, now_ms, builder)` |
//! | `/api/beta/sketches` | [`datadog::sketches`]`(body, builder)` |
//! | `/api/v1/check_run` | [`datadog::check_run`]`(body, now_ms) -> (Vec<ServiceCheck>, Rejections)` |
//! | `/api/v1/events` | [`datadog::event_v1`]`(body, now_ms) -> Event` |
//! | `/intake/` | [`datadog::intake`]`(body, now_ms) -> (Submission, Rejections)` |
//! | `/api/v1/import/prometheus` | [`prometheus::text`]`(body, now_ms, builder) -> Vec<MetricMetadata>` |
//! | `/api/v1/write` | [`prometheus::remote_write`]`(body, type_of, builder) -> Vec<MetricMetadata>` |
//! | `/api/v2/logs`, `/v1/input`, lines | [`logs::decode`]`(body, form, defaults, rows)` |
//! | DogStatsD | [`statsd::Decoder`] into `oriel_model::Aggregator` |
//! | the agent's forwarder | [`datadog::encode`] |
//! | tests that agents run | [`synthetics::test`]`(document)` |
//! | traces and their statistics | [`apm`] |
//!
//! Decoders write into a `MetricBatchBuilder`; rows they can't take are counted there with their reason. Each gives [`Error`]
//! only for a body that is unreadable as a whole; the builder is then to be dropped. The builder's decoder name is the path's
//! (`"series_v1"`, …), since the raw keys of two decoders differ; the Prometheus ones need `allow_non_finite()`. Ask the builder
//! `bears_own_times()` before `finish()`: a body with a row that was given the present time may be sent again and mean new rows.

pub mod apm;
pub mod body;
mod cut;
pub mod datadog;
mod error;
pub mod logs;
mod msgpack;
pub mod otlp;
pub mod prometheus;
mod protobuf;
pub mod statsd;
pub mod synthetics;
pub mod syslog;

pub use error::Error;

/// What this room's calls give.
pub type Result<T> = std::result::Result<T, Error>;
