//! What every handler shares: store, state, engine, limits, clock, and what the server knows of itself.

use crate::api::monitors::catalog::Catalog;
use crate::auth::Attempts;
use crate::deployments::Deployments;
use crate::figures::Figures;
use crate::intake::apm::Apm;
use crate::intake::otlp::OtlpStreams;
use crate::intake::prometheus::Declared;
use crate::monitoring::{Monitoring, StoreSource};
use crate::processing::Processing;
use crate::refused::Refused;
use crate::seen::Seen;
use crate::server::Listening;
use oriel_intake::http::HttpHandle;
use oriel_intake::statsd::StatsdHandle;
use oriel_model::{Clock, Limits, TimeMs};
use oriel_monitor::channel::MailSettings;
use oriel_monitor::{Notifier, NotifierOptions};
use oriel_query::Engine;
use oriel_query::SqlEngine;
use oriel_state::State;
use oriel_store::Store;
use parking_lot::Mutex;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// How a server is set up.
#[derive(Clone, Debug)]
pub struct Options {
    pub data: PathBuf,
    /// The host of what the server says of itself, and the one the first dashboard shows.
    pub hostname: String,
    /// The one memory budget.
    pub memory_bytes: usize,
    pub metrics_retention_ms: i64,
    pub events_retention_ms: i64,
    pub logs_retention_ms: i64,
    pub spans_retention_ms: i64,
    /// How people and clients reach `--http`: `http://127.0.0.1:8080`.
    pub base_url: String,
    /// `host:port` of DogStatsD, and its datagram socket, when they are on.
    pub statsd_addr: Option<String>,
    pub statsd_socket: Option<PathBuf>,
    /// Whether an agent runs in this process.
    pub agent: bool,
    /// Whether channels of notices may lead into this machine's own networks.
    pub webhook_allow_private: bool,
    /// `smtp://user:password@host:port?from=…`, for organisations that have set up no mail server.
    pub smtp_url: Option<String>,
}

/// A listener as settings show it.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Listener {
    pub name: String,
    pub addr: String,
    /// `listening`, `off` or `failed`.
    pub state: &'static str,
    pub error: Option<String>,
}

/// Bytes of request bodies that are being read and decoded at once, as a part of the budget: an eighth leaves the rest to
/// the store's pools.
const BODIES_PART: usize = 8;
/// The unit of permits; a semaphore counts in u32.
pub(crate) const PERMIT_BYTES: usize = 64 << 10;

pub(crate) struct App {
    pub(crate) store: Arc<Store>,
    pub(crate) state: Arc<State>,
    pub(crate) engine: Engine,
    pub(crate) sql: SqlEngine,
    pub(crate) limits: Limits,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) options: Options,
    pub(crate) attempts: Attempts,
    pub(crate) figures: Figures,
    pub(crate) refused: Refused,
    pub(crate) seen: Seen,
    /// Versions of services that have been seen.
    pub(crate) deployments: Deployments,
    /// Running totals of OTLP senders.
    pub(crate) otlp: OtlpStreams,
    /// Types that Prometheus senders declared.
    pub(crate) declared: Declared,
    /// Pipelines, scrub rules and metrics from rows.
    pub(crate) processing: Processing,
    /// Trace metrics and what tracers are told.
    pub(crate) apm: Apm,
    /// What lists and searches need of each monitor.
    pub(crate) monitor_catalog: Catalog,
    /// Monitors as they are evaluated.
    pub(crate) monitoring: Monitoring,
    /// Renders notices and brings them to their channels.
    pub(crate) notifier: Arc<Notifier>,
    /// Runs of synthetic tests of the last day.
    pub(crate) synthetic_results: crate::api::synthetics::results::Results,
    /// How SLOs stood a moment ago.
    pub(crate) slo_memo: oriel_monitor::slo::Memo,
    /// DogStatsD, once it is started.
    pub(crate) statsd: Mutex<Option<StatsdHandle>>,
    /// Loopback listeners for whole requests.
    pub(crate) http: Mutex<Vec<HttpHandle>>,
    /// OTLP over gRPC, and syslog.
    pub(crate) listening: Mutex<Listening>,
    pub(crate) listeners: Mutex<Vec<Listener>>,
    /// Queries that may run at once.
    pub(crate) turns: Arc<Semaphore>,
    /// Units of [`PERMIT_BYTES`] for bodies in flight.
    pub(crate) bodies: Semaphore,
    pub(crate) started_ms: TimeMs,
}

impl App {
    pub(crate) fn new(
        store: Arc<Store>,
        state: Arc<State>,
        options: Options,
        clock: Arc<dyn Clock>,
    ) -> std::io::Result<Self> {
        let limits = Limits::default();
        let started_ms = clock.now_ms();
        let threads = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        // At least two of the largest bodies, whatever the budget.
        let units = (options.memory_bytes / BODIES_PART).max(2 * limits.decompressed_bytes) / PERMIT_BYTES;
        let notifier = notifier(&store, &state, &clock, &options).map_err(std::io::Error::other)?;
        Ok(Self {
            sql: SqlEngine::new(Arc::clone(&store))?,
            store,
            state,
            engine: Engine::new(threads),
            limits,
            started_ms,
            clock,
            options,
            attempts: Attempts::default(),
            figures: Figures::default(),
            refused: Refused::default(),
            seen: Seen::default(),
            deployments: Deployments::default(),
            otlp: OtlpStreams::new(started_ms),
            declared: Declared::default(),
            processing: Processing::default(),
            apm: Apm::default(),
            monitor_catalog: Catalog::default(),
            monitoring: Monitoring::default(),
            notifier,
            synthetic_results: crate::api::synthetics::results::Results::default(),
            slo_memo: oriel_monitor::slo::Memo::default(),
            statsd: Mutex::default(),
            http: Mutex::default(),
            listening: Mutex::default(),
            listeners: Mutex::default(),
            // Two a core: one runs while another waits for its answer to be written.
            turns: Arc::new(Semaphore::new(2 * threads)),
            bodies: Semaphore::new(units.min(Semaphore::MAX_PERMITS)),
        })
    }

    pub(crate) fn now_ms(&self) -> TimeMs {
        self.clock.now_ms()
    }

    pub(crate) fn is_tls(&self) -> bool {
        self.options.base_url.starts_with("https://")
    }
}

/// The notifier over what charts read too. Mail settings of the binary that can't be read are logged: the pages can set others.
fn notifier(
    store: &Arc<Store>,
    state: &Arc<State>,
    clock: &Arc<dyn Clock>,
    options: &Options,
) -> oriel_monitor::Result<Arc<Notifier>> {
    let source = StoreSource::new(Arc::clone(store), Arc::clone(state), tokio::runtime::Handle::current());
    let mail = options.smtp_url.as_deref().and_then(|url| {
        let read = MailSettings::of_url(url);
        read.inspect_err(|e| tracing::error!("smtp-url: {e}")).ok()
    });
    let options = NotifierOptions {
        base_url: options.base_url.clone(),
        allow_private: options.webhook_allow_private,
        mail,
    };
    Notifier::new(Arc::clone(state), Arc::new(source), Arc::clone(clock), options)
}
