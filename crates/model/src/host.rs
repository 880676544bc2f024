//! What is known of a host besides its series: tags by source and the metadata its agent sends.

use crate::TimeMs;

/// Tags of a host from one source, valid from `from_ms` until the source says otherwise (STORE 7).
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct HostTags {
    pub host: String,
    /// `users`, `datadog`, `system`, … as the hosts API calls it.
    pub source: String,
    pub tags: Vec<String>,
    pub from_ms: TimeMs,
    /// Exclusive; `i64::MAX` while it holds.
    pub to_ms: TimeMs,
}

/// The `/intake/` host payload, boiled down; `raw` keeps what clients of the hosts API expect back.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct HostMetadata {
    pub host: String,
    pub agent_version: String,
    /// Tags by source, as sent (`{"system": ["env:prod"]}`).
    pub host_tags: Vec<(String, Vec<String>)>,
    /// The whole payload as JSON without its API key.
    pub raw: serde_json::Value,
    /// `[name, source, instance id, status, message, …]` rows as the agent sends them.
    pub agent_checks: Vec<serde_json::Value>,
}
