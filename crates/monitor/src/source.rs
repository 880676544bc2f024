//! Where monitors read: the same road that charts and explorers take. The server implements it over its store and engine; tests
//! implement it over what they generate.

use crate::Result;
use oriel_model::{OrgId, Row, ServiceCheck, Signal, TimeRange};
use oriel_query::{Outcome, Request};
use serde_json::Value;

/// Reads; every call blocks and is CPU-bound, so it is made on a thread that may block.
pub trait Source: Send + Sync {
    /// Whether what is sent is stored now; false while every write fails.
    fn takes_in(&self) -> bool {
        true
    }

    /// Metric, log, span and event queries, on the one road ([`oriel_query::Engine::run_with_rows`]).
    fn run(&self, org: OrgId, request: &Request) -> Result<Vec<Outcome>>;

    /// Runs of a service check in the range, the oldest first; at most a million.
    fn check_runs(&self, org: OrgId, check: &str, range: TimeRange) -> Result<Vec<ServiceCheck>>;

    /// Rows that match a search, the newest first.
    fn rows(&self, org: OrgId, search: (Signal, &str), range: TimeRange, limit: usize) -> Result<Vec<Row>>;

    /// What is different about rows of `bad` beside rows of `before`: the strongest first.
    fn differences(
        &self,
        org: OrgId,
        search: (Signal, &str),
        bad: TimeRange,
        before: TimeRange,
    ) -> Result<Vec<Difference>>;

    /// What is known of a host (`ip`, `agent_version`, `platform` …), for `{{host.metadata_…}}`.
    fn host(&self, org: OrgId, name: &str) -> Option<Value>;

    /// Keys of the tags that hosts have, for `{{host.datacenter}}`.
    fn host_tag_keys(&self, _: OrgId) -> Vec<String> {
        Vec::new()
    }
}

/// One field's value whose share of the rows changed.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Difference {
    pub field: String,
    pub value: String,
    /// 0 to 1.
    pub now: f64,
    pub before: f64,
}
