//! What a tracer is told: `/info`, by which it decides what to do, and the answer to its traces.
//!
//! libdatadog reads `/info` all or nothing: one value of a wrong type and the whole answer is thrown away without a word. So it
//! says only what changes a client's behaviour, and never null.

use serde_json::{Value as Json, json};

/// What differs from one listener to another.
#[derive(Clone, Copy, Debug)]
pub struct Info<'i> {
    pub version: &'i str,
}

/// The body of `/info`. Equal arguments give equal bytes, since clients compare its hash.
pub fn info(info: Info<'_>) -> Vec<u8> {
    let body = json!({
        "version": info.version,
        "endpoints": ENDPOINTS,
        "client_drop_p0s": true,
        "span_meta_structs": true,
        "span_events": true,
        "long_running_spans": true,
        "evp_proxy_allowed_headers": ["Content-Type", "Accept-Encoding", "Content-Encoding", "User-Agent"],
        "peer_tags": PEER_TAGS,
        "span_kinds_stats_computed": ["client", "server", "producer", "consumer"],
    });
    body.to_string().into_bytes()
}

/// Paths that are stored; what is only counted is not advertised, so that clients spare themselves the work. Telemetry and the
/// debugger are: without the one some tracers stay silent about what fails, without the other Python's warns in every process that
/// the agent is too old.
const ENDPOINTS: [&str; 14] = [
    "/v0.3/traces",
    "/v0.4/traces",
    "/v0.5/traces",
    "/v0.7/traces",
    "/v0.6/stats",
    "/v0.7/config",
    "/telemetry/proxy/",
    "/debugger/v2/input",
    "/dogstatsd/v1/proxy",
    "/dogstatsd/v2/proxy",
    "/evp_proxy/v1/",
    "/evp_proxy/v2/",
    "/evp_proxy/v3/",
    "/evp_proxy/v4/",
];

/// What tells one downstream of a client span from another.
const PEER_TAGS: [&str; 8] = [
    "_dd.base_service",
    "peer.service",
    "peer.hostname",
    "db.instance",
    "db.system",
    "messaging.destination",
    "network.destination.name",
    "out.host",
];

/// The answer to traces: sampling rates by service and environment; the default is under the empty names.
pub fn answer_rates(rates: &[(String, String, f64)], default: f64) -> Vec<u8> {
    let mut map = serde_json::Map::new();
    map.insert("service:,env:".to_owned(), default.into());
    for (service, env, rate) in rates {
        map.insert(format!("service:{service},env:{env}"), Json::from(*rate));
    }
    json!({ "rate_by_service": map }).to_string().into_bytes()
}

/// Where a request to the proxy of event tracks belongs, when it is to a track that is stored: `/evp_proxy/v2/api/v2/logs` to the
/// intake of logs.
pub fn evp_target(path: &str) -> Option<&str> {
    let rest = path.strip_prefix("/evp_proxy/v")?;
    let target = &rest[rest.find('/')?..];
    matches!(target, "/api/v2/logs" | "/v1/input").then_some(target)
}

/// What is taken from tracers and not stored, as patterns of a router.
pub const COUNTED_PATHS: [&str; 12] = [
    "/telemetry/proxy/{*rest}",
    "/evp_proxy/{version}/{*rest}",
    "/profiling/v1/input",
    "/debugger/v1/input",
    "/debugger/v2/input",
    "/debugger/v1/diagnostics",
    "/symdb/v1/input",
    "/v0.1/pipeline_stats",
    "/tracer_flare/v1",
    "/v0.3/services",
    "/v0.4/services",
    "/api/v2/apmtelemetry",
];
