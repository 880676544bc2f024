//! The Datadog-compatible APIs that read and configure, one file a resource; `query` and `query_v2` are the roads to charts.

pub(crate) mod absent;
pub(crate) mod bounds;
pub(crate) mod dashboards;
pub(crate) mod dependencies;
pub(crate) mod downtimes;
pub(crate) mod events;
pub(crate) mod hosts;
pub(crate) mod integrations;
pub(crate) mod metrics;
pub(crate) mod monitors;
pub(crate) mod pipelines;
pub(crate) mod query;
pub(crate) mod query_v2;
pub(crate) mod row_aggregate;
pub(crate) mod row_metrics;
pub(crate) mod row_search;
pub(crate) mod scalar;
pub(crate) mod scrub;
pub(crate) mod search;
pub(crate) mod slos;
pub(crate) mod sql;
pub(crate) mod synthetics;
pub(crate) mod tags;
pub(crate) mod trace;
pub(crate) mod validate;
pub(crate) mod views;
