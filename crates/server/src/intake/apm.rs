//! The trace agent's API, on the loopback listener and by the same paths on `--http`: what all its handlers share.
//!
//! Spans are counted into trace metrics before anything is dropped, and only once they are stored, so that a payload sent again
//! counts once. The metrics of ten seconds are stored when they are over.

pub(crate) mod flush;
pub(crate) mod other;
pub(crate) mod stats;
pub(crate) mod traces;

use crate::app::App;
use axum::Router;
use axum::routing::{MethodFilter, get, on};
use oriel_model::{OrgId, TimeMs};
use oriel_pipeline::apm::{ApmLimits, Concentrator, Overflow, PrioritySampler, SeenRequests};
use parking_lot::Mutex;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Requests remembered by their digests: ten minutes of 40 tracers that send every second and a half.
const REQUESTS_MAX: usize = 16_384;

/// What tracers and agents send of traces. Python's tracer posts and the one for Node puts.
pub(crate) fn routes() -> Router<Arc<App>> {
    let both = MethodFilter::POST.or(MethodFilter::PUT);
    let mut router = Router::new()
        .route("/info", get(other::info))
        .route("/v1.0/traces", on(both, traces::v1))
        .route("/api/v0.2/traces", on(both, traces::agent))
        .route("/v0.6/stats", on(both, stats::client))
        .route("/api/v0.2/stats", on(both, stats::agent))
        .route("/v0.7/config", on(both, other::config));
    for path in ["/v0.3/traces", "/v0.4/traces", "/v0.5/traces", "/v0.7/traces"] {
        router = router.route(path, on(both, traces::client));
    }
    for path in ["/dogstatsd/v1/proxy", "/dogstatsd/v2/proxy"] {
        router = router.route(path, on(both, other::dogstatsd));
    }
    for path in oriel_wire::apm::COUNTED_PATHS {
        router = router.route(path, on(both, other::counted));
    }
    router
}

/// How traces are taken.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ApmPolicy {
    /// Traces a second that tracers are asked to send, all services together; none: every one.
    pub target_tps: Option<f64>,
    /// Keeps traces of priority 0 and below too, which their tracer has decided against.
    pub keep_unsampled: bool,
}

/// What the handlers share.
pub(crate) struct Apm {
    concentrators: Mutex<BTreeMap<OrgId, Concentrator>>,
    sampler: Mutex<PrioritySampler>,
    seen: Mutex<SeenRequests>,
    keep_unsampled: AtomicBool,
    info: Vec<u8>,
    /// Lower-case hexadecimal SHA-256 of `info`: clients compare it with their own.
    info_hash: String,
    pub(crate) tallies: Tallies,
}

/// Totals since the start.
#[derive(Default)]
pub(crate) struct Tallies {
    /// Traces that were counted and not kept.
    pub(crate) dropped_traces: AtomicU64,
    /// What tracers say that they dropped before sending.
    pub(crate) client_dropped_traces: AtomicU64,
    pub(crate) client_dropped_spans: AtomicU64,
    /// Flushes of trace metrics that could not be stored.
    pub(crate) flushes_lost: AtomicU64,
}

impl Default for Apm {
    fn default() -> Self {
        let info = oriel_wire::apm::info(oriel_wire::apm::Info { version: env!("CARGO_PKG_VERSION") });
        let info_hash = Sha256::digest(&info).iter().fold(String::new(), |mut hash, byte| {
            let _ = write!(hash, "{byte:02x}");
            hash
        });
        Self {
            concentrators: Mutex::default(),
            sampler: Mutex::new(PrioritySampler::new(None)),
            seen: Mutex::new(SeenRequests::new(REQUESTS_MAX)),
            keep_unsampled: AtomicBool::new(false),
            info,
            info_hash,
            tallies: Tallies::default(),
        }
    }
}

impl Apm {
    pub(crate) fn set_policy(&self, policy: ApmPolicy) {
        *self.sampler.lock() = PrioritySampler::new(policy.target_tps);
        self.keep_unsampled.store(policy.keep_unsampled, Ordering::Relaxed);
    }

    /// Changes an org's concentrator; there are as many as orgs.
    pub(crate) fn concentrate<T>(&self, org: OrgId, change: impl FnOnce(&mut Concentrator) -> T) -> T {
        let mut all = self.concentrators.lock();
        change(all.entry(org).or_insert_with(|| Concentrator::new(ApmLimits::default())))
    }

    /// What had no room, over all orgs.
    pub(crate) fn overflow(&self) -> Overflow {
        let mut sum = Overflow::default();
        for one in self.concentrators.lock().values().map(Concentrator::overflow) {
            sum.resources += one.resources;
            sum.groups += one.groups;
            sum.services += one.services;
            sum.pending += one.pending;
        }
        sum
    }

    /// Totals by their names as `oriel.apm.*` metrics.
    pub(crate) fn figures(&self) -> Vec<(&'static str, u64)> {
        let overflow = self.overflow();
        let read = |n: &AtomicU64| n.load(Ordering::Relaxed);
        vec![
            ("oriel.apm.traces.dropped", read(&self.tallies.dropped_traces)),
            ("oriel.apm.client_dropped.traces", read(&self.tallies.client_dropped_traces)),
            ("oriel.apm.client_dropped.spans", read(&self.tallies.client_dropped_spans)),
            ("oriel.apm.flushes_lost", read(&self.tallies.flushes_lost)),
            ("oriel.apm.overflow.resources", overflow.resources),
            ("oriel.apm.overflow.groups", overflow.groups),
            ("oriel.apm.overflow.services", overflow.services),
            ("oriel.apm.overflow.pending", overflow.pending),
        ]
    }

    fn org_ids(&self) -> Vec<OrgId> {
        self.concentrators.lock().keys().copied().collect()
    }

    /// The answer to traces.
    fn rates(&self) -> Vec<u8> {
        oriel_wire::apm::answer_rates(self.sampler.lock().rates(), 1.0)
    }

    /// Notes a trace for the rates.
    fn sampled(&self, service: &str, env: &str, now_ms: TimeMs) {
        self.sampler.lock().observe(service, env, 1.0, now_ms);
    }
}

/// Counts what a tracer's headers say of traces that it did not send.
fn note_dropped(app: &App, posted: &crate::body::Posted) {
    let number = |name: &str| posted.text(name).and_then(|t| t.trim().parse::<u64>().ok()).unwrap_or(0);
    let tallies = &app.apm.tallies;
    tallies.client_dropped_traces.fetch_add(number("datadog-client-dropped-p0-traces"), Ordering::Relaxed);
    tallies.client_dropped_spans.fetch_add(number("datadog-client-dropped-p0-spans"), Ordering::Relaxed);
}

/// A header that is a truth value as the agent reads it: `0`, `f` and `false` are no, another non-empty text is yes.
fn says_yes(value: Option<&str>) -> bool {
    value
        .map(str::trim)
        .is_some_and(|v| !v.is_empty() && !["0", "f", "false"].iter().any(|no| v.eq_ignore_ascii_case(no)))
}
