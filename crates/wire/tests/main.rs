//! The decoders from outside: captured requests against golden files, protocols case by case, round trips, and the corpus of
//! the fuzzers.

mod datadog;
mod golden;
mod prometheus;
mod statsd;
mod support;
