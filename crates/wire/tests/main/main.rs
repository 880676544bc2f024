//! The decoders from outside: captured requests against golden files, protocols case by case, round trips, and the corpus of
//! the fuzzers.

// Helpers of tests fail by panicking, as tests do.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod datadog;
mod golden;
mod prometheus;
mod statsd;
mod support;
