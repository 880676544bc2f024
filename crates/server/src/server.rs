//! Opening and closing: state and store out of a data folder, what runs beside the requests, and the way out.

mod listeners;

pub(crate) use listeners::Listening;

use crate::api::monitors::events::Events;
use crate::api::synthetics::LocalTests;
use crate::app::{App, Listener, Options};
use crate::intake::apm::{self, ApmPolicy};
use crate::listen::{self, Tls, TlsError};
use crate::local::LocalSink;
use crate::sink::StoreSink;
use crate::{builtin, own, processing, router, ui};
use oriel_intake::http::{self, HttpOptions};
use oriel_intake::statsd::{self, StatsdOptions};
use oriel_intake::{RequestSink, Sink};
use oriel_model::{AggregatorLimits, Clock, Limits};
use oriel_state::{Bootstrap, DEFAULT_ORG, Fixed, KeyKind, State};
use oriel_store::Store;
use std::future::Future;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::net::TcpListener;

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{path}: {source}; give a data folder that this user can write")]
    Data { path: PathBuf, source: std::io::Error },
    #[error("threads for SQL can't be started: {source}; the machine has too many already")]
    Threads { source: std::io::Error },
    #[error(transparent)]
    Store(#[from] oriel_store::Error),
    #[error(transparent)]
    State(#[from] oriel_state::Error),
    #[error(transparent)]
    Monitors(#[from] oriel_monitor::Error),
    #[error(transparent)]
    Tls(#[from] TlsError),
}

/// A server over an open data folder. See [`Server::serve`].
pub struct Server {
    app: Arc<App>,
    bootstrap: Bootstrap,
}

impl Server {
    /// Opens the data folder, makes what a first start makes, and starts to report on itself. Must be called inside a tokio
    /// runtime.
    pub async fn open(options: Options, fixed: &Fixed, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        let data = options.data.clone();
        std::fs::create_dir_all(&data).map_err(|source| Error::Data { path: data.clone(), source })?;
        // The store locks the folder, so it comes before anything is written.
        let store = Store::open(store_options(&options), Arc::clone(&clock)).await?;
        let state = Arc::new(State::open(&data, Arc::clone(&clock)).await?);
        let bootstrap = state.bootstrap(fixed).await?;
        let app = App::new(store, state, options, clock).map_err(|source| Error::Threads { source })?;
        let app = Arc::new(app);
        app.processing.load(&app.state).await?;
        builtin::monitors::make(&app.state, DEFAULT_ORG).await?;
        ui::rows::delete::restore(&app).await?;
        processing::start(Arc::downgrade(&app));
        own::start(Arc::downgrade(&app));
        apm::flush::start(Arc::downgrade(&app));
        let events = Events::new(Arc::downgrade(&app));
        app.notifier.start();
        app.monitoring.start(&app, vec![Arc::new(events), Arc::clone(&app.notifier) as _]).await?;
        Ok(Self { app, bootstrap })
    }

    /// What the start made: credentials to tell once.
    pub fn bootstrap(&self) -> &Bootstrap {
        &self.bootstrap
    }

    /// A sink for whole requests of what collects in this process: they take the road of those that come over HTTP.
    pub fn request_sink(&self) -> Arc<dyn RequestSink> {
        Arc::new(LocalSink::new(Arc::clone(&self.app)))
    }

    /// The synthetic tests that the agent in this process runs.
    pub fn synthetic_tests(&self) -> LocalTests {
        LocalTests(Arc::clone(&self.app))
    }

    /// The store as a sink for what collects in this process; `source` names it in figures.
    pub fn sink(&self, source: &'static str) -> Arc<dyn Sink> {
        Arc::new(StoreSink::new(Arc::clone(&self.app), source))
    }

    /// Starts DogStatsD. A socket that can't be had is logged and shown in settings, and keeps nothing else from starting.
    pub fn start_statsd(
        &self,
        udp: Option<SocketAddr>,
        socket: Option<PathBuf>,
        stream_socket: Option<PathBuf>,
    ) {
        let options = StatsdOptions {
            udp,
            socket,
            stream_socket,
            default_host: self.app.options.hostname.clone(),
            limits: Limits::default(),
            aggregator: AggregatorLimits::default(),
        };
        match statsd::start(options, self.sink("dogstatsd"), Arc::clone(&self.app.clock)) {
            Ok(handle) => {
                for listener in handle.figures().listeners {
                    self.show_listener(Listener {
                        name: listener.name.to_owned(),
                        addr: listener.address,
                        state: if listener.error.is_some() { "failed" } else { "listening" },
                        error: listener.error,
                    });
                }
                *self.app.statsd.lock() = Some(handle);
            }
            Err(e) => tracing::warn!("{e}"),
        }
    }

    /// Starts the trace agent's API. An address that can't be had is logged and shown in settings.
    pub fn start_apm(&self, tcp: Option<SocketAddr>, socket: Option<PathBuf>, policy: ApmPolicy) {
        self.app.apm.set_policy(policy);
        self.start_local_http("apm", tcp, socket);
    }

    /// Starts a loopback listener for whole requests, which take the same road as those of `--http`. On an address that is not
    /// loopback it demands an API key.
    pub(crate) fn start_local_http(
        &self,
        name: &'static str,
        tcp: Option<SocketAddr>,
        socket: Option<PathBuf>,
    ) {
        let state = Arc::clone(&self.app.state);
        let is_key = move |key: &str| state.find_key(KeyKind::Api, key).is_some();
        let options = HttpOptions {
            name,
            tcp,
            socket,
            key_check: Some(Arc::new(is_key)),
            body_bytes_max: self.app.limits.body_bytes,
        };
        let handle = http::start(options, Arc::new(LocalSink::new(Arc::clone(&self.app))));
        for listener in handle.listeners() {
            self.show_listener(Listener {
                name: listener.name.clone(),
                addr: listener.address.clone(),
                state: if listener.error.is_some() { "failed" } else { "listening" },
                error: listener.error.clone(),
            });
        }
        self.app.http.lock().push(handle);
    }

    /// Shows a listener in settings.
    pub fn show_listener(&self, listener: Listener) {
        self.app.listeners.lock().push(listener);
    }

    /// The router over this server, for tests and for a listener of the caller's own.
    pub fn router(&self) -> axum::Router {
        router::router(Arc::clone(&self.app))
    }

    /// Answers on a bound socket until `stop` is done.
    pub async fn serve(
        &self,
        listener: TcpListener,
        tls: Option<&Tls>,
        stop: impl Future<Output = ()>,
    ) -> Result<(), Error> {
        let acceptor = tls.map(Tls::acceptor).transpose()?;
        listen::serve(listener, acceptor, self.router(), stop).await;
        Ok(())
    }

    /// Resolves, with the reason, when the store has stopped taking writes for good: the process should end, and the next
    /// start replays what was acknowledged.
    pub async fn failed(&self) -> String {
        self.app.store.failed().await
    }

    /// Stops DogStatsD (its open bucket is stored), seals, and closes both databases.
    pub async fn close(self) -> Result<(), Error> {
        let listening = std::mem::take(&mut *self.app.listening.lock());
        listening.shutdown().await;
        let http = std::mem::take(&mut *self.app.http.lock());
        for listener in http {
            listener.shutdown().await;
        }
        let statsd = self.app.statsd.lock().take();
        if let Some(statsd) = statsd {
            statsd.shutdown().await;
        }
        self.app.monitoring.stop().await;
        self.app.notifier.stop().await;
        processing::flush_all(&self.app).await;
        apm::flush::flush_all(&self.app).await;
        own::report(&self.app).await;
        self.app.store.close().await?;
        self.app.state.close().await;
        Ok(())
    }
}

fn store_options(options: &Options) -> oriel_store::Options {
    let limits = Limits::default();
    oriel_store::Options {
        data: options.data.clone(),
        memory_bytes: options.memory_bytes,
        metrics_retention_ms: options.metrics_retention_ms,
        events_retention_ms: options.events_retention_ms,
        logs_retention_ms: options.logs_retention_ms,
        spans_retention_ms: options.spans_retention_ms,
        series_per_org: limits.series_per_org,
        future_ms: limits.future_ms,
    }
}
