//! Metrics out of spans, before any sampling: requests, errors and latency by service and resource, and the edges between
//! services.
//!
//! A [`Concentrator`] counts what was [`Observed`] of batches of spans, or what a client has counted by itself, and gives the metrics of ten
//! seconds at a time. Pure: the clock comes in as a number, and what comes out is a `Submission`.

mod concentrator;
mod edges;
mod flush;
mod group;
mod obfuscate;
mod observed;
mod sampler;
mod scan;
mod seen;

pub use concentrator::{Concentrator, StatsRow};
pub use obfuscate::obfuscate_sql;
pub use observed::Observed;
pub use sampler::{PrioritySampler, RATE_WINDOW_MS};
pub use seen::SeenRequests;

/// The span of time that one point of a trace metric stands for: the agent's.
pub const BUCKET_MS: i64 = 10_000;
pub(crate) const BUCKET_S: u32 = 10;

/// Bounds of what is kept between two flushes.
#[derive(Clone, Debug)]
pub struct ApmLimits {
    /// Groups and edges of all open buckets; one takes about 2 KiB with its sketch, so all take 40 MiB.
    pub groups: usize,
    /// Resources of one service within an hour; what comes above is counted under the resource `other`.
    pub resources_per_service: usize,
    /// Services that edges are found between.
    pub services: usize,
    /// Spans whose service is remembered, for children that come later; 24 bytes each.
    pub spans_remembered: usize,
    /// Spans that wait for their parent.
    pub spans_pending: usize,
    /// Requests faster than this satisfy; up to four times of it they are tolerated.
    pub apdex_s: f64,
}

impl Default for ApmLimits {
    fn default() -> Self {
        Self {
            groups: 20_000,
            resources_per_service: 1_000,
            services: 4_096,
            spans_remembered: 1 << 18,
            spans_pending: 1 << 16,
            apdex_s: 0.5,
        }
    }
}

/// What was left out or put together because a bound was reached, since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Overflow {
    /// Spans counted under `other` instead of their resource.
    pub resources: u64,
    /// Spans that no group had room for.
    pub groups: u64,
    /// Spans between services of which one had no room.
    pub services: u64,
    /// Spans that were forgotten before their parent came.
    pub pending: u64,
}

#[cfg(test)]
mod tests;
