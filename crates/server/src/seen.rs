//! Which clients have been heard of since the start, so that the set-up page can turn green.

use oriel_model::TimeMs;
use parking_lot::Mutex;
use std::collections::BTreeMap;

/// When each was last heard of. Bounded by the words of [`client_of`] and the sources of sinks.
#[derive(Default)]
pub(crate) struct Seen(Mutex<BTreeMap<&'static str, TimeMs>>);

impl Seen {
    pub(crate) fn note(&self, client: &'static str, now: TimeMs) {
        self.0.lock().insert(client, now);
    }

    pub(crate) fn last_ms(&self, client: &str) -> Option<TimeMs> {
        self.0.lock().get(client).copied()
    }
}

/// The client behind an intake request, by its user agent and path.
pub(crate) fn client_of(user_agent: &str, path: &str) -> &'static str {
    let starts = |name: &str| user_agent.to_ascii_lowercase().starts_with(name);
    if starts("oriel-agent/") {
        "agent"
    } else if starts("datadog-agent/") {
        "datadog-agent"
    } else if starts("datadogpy/") || starts("python-requests/") {
        "datadogpy"
    } else if starts("datadog-api-client") {
        "datadog-api-client"
    } else if path == "/api/v1/write" {
        "prometheus"
    } else {
        "curl"
    }
}
