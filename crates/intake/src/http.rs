//! Loopback HTTP: the trace agent's port, OTLP over HTTP. One plain loop accepts, over TCP or a unix socket; each request is read
//! whole, within its bounds, and handed to a [`RequestSink`].
//!
//! Whoever can reach a loopback address or the socket may send, as to the agents that these ports stand in for. On any other
//! address a key is demanded, and without somebody to check it the listener does not start.

mod connection;

use crate::holder::{Transport, holder_of};
use crate::statsd::socket;
use crate::{Error, IntakeAnswer, IntakeRequest, RequestSink, Result};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Connections of one listener at a time: a busy host has a few for each of its processes.
const CONNECTIONS_MAX: usize = 1024;
/// How long open requests may take once the listener is asked to leave.
const GRACE: Duration = Duration::from_secs(5);
/// Bodies being read at once, as multiples of the largest one.
const BODIES_AT_ONCE: usize = 4;

/// Whether an API key is one of ours.
pub type KeyCheck = Arc<dyn Fn(&str) -> bool + Send + Sync>;

/// Where to listen, and what to keep to.
pub struct HttpOptions {
    /// The setting's name, which errors and settings show: `apm`, `otlp-http`.
    pub name: &'static str,
    pub tcp: Option<SocketAddr>,
    /// A unix stream socket.
    pub socket: Option<PathBuf>,
    /// Asked on an address that is not loopback.
    pub key_check: Option<KeyCheck>,
    /// The largest body as sent.
    pub body_bytes_max: usize,
}

/// A listener as settings show it.
#[derive(Clone, Debug)]
pub struct HttpListener {
    /// `apm`, `apm-socket` …
    pub name: String,
    pub address: String,
    /// Why it is not there.
    pub error: Option<String>,
}

/// What the connections share.
pub(crate) struct Shared {
    name: &'static str,
    sink: Arc<dyn RequestSink>,
    /// Bytes of bodies that may be in memory at once.
    bodies: Semaphore,
    body_bytes_max: usize,
    requests: AtomicU64,
    refused: AtomicU64,
}

/// Running listeners. Dropping it without [`HttpHandle::shutdown`] leaves them running.
pub struct HttpHandle {
    shared: Arc<Shared>,
    listeners: Vec<HttpListener>,
    cancel: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
    local: Option<SocketAddr>,
}

/// Starts what is asked for and can be had; what can't is logged and among [`HttpHandle::listeners`]. Must be called inside a
/// tokio runtime.
pub fn start(options: HttpOptions, sink: Arc<dyn RequestSink>) -> HttpHandle {
    let HttpOptions { name, tcp, socket, key_check, body_bytes_max } = options;
    let shared = Arc::new(Shared {
        name,
        sink,
        bodies: Semaphore::new((body_bytes_max * BODIES_AT_ONCE).min(Semaphore::MAX_PERMITS)),
        body_bytes_max,
        requests: AtomicU64::new(0),
        refused: AtomicU64::new(0),
    });
    let mut handle = HttpHandle {
        shared,
        listeners: Vec::new(),
        cancel: CancellationToken::new(),
        tasks: Vec::new(),
        local: None,
    };
    if let Some(address) = tcp {
        let started = handle.start_tcp(address, key_check);
        handle.note(name.to_owned(), address.to_string(), started);
    }
    if let Some(path) = socket {
        let started = handle.start_unix(&path);
        handle.note(format!("{name}-socket"), path.display().to_string(), started);
    }
    handle
}

impl HttpHandle {
    fn start_tcp(&mut self, address: SocketAddr, key_check: Option<KeyCheck>) -> Result<String> {
        let name = self.shared.name;
        let key_check = match (address.ip().is_loopback(), key_check) {
            (true, _) => None,
            (false, Some(check)) => Some(check),
            (false, None) => return Err(Error::NotLoopback { listener: name, address: address.to_string() }),
        };
        let listener = bind(name, address)?;
        let local = listener.local_addr().unwrap_or(address);
        self.local = Some(local);
        let accept = accept(Accept::Tcp(listener), self.shared.clone(), key_check, self.cancel.clone());
        self.tasks.push(tokio::spawn(accept));
        Ok(local.to_string())
    }

    fn start_unix(&mut self, path: &std::path::Path) -> Result<String> {
        let listener = socket::unix_stream(self.shared.name, path)?;
        let accept = accept(Accept::Unix(listener), self.shared.clone(), None, self.cancel.clone());
        self.tasks.push(tokio::spawn(accept));
        Ok(path.display().to_string())
    }

    fn note(&mut self, name: String, address: String, started: Result<String>) {
        let listener = match started {
            Ok(address) => HttpListener { name, address, error: None },
            Err(e) => {
                tracing::warn!("{e}");
                HttpListener { name, address, error: Some(e.to_string()) }
            }
        };
        self.listeners.push(listener);
    }

    pub fn listeners(&self) -> &[HttpListener] {
        &self.listeners
    }

    /// The address of the TCP socket, when it is there; of use when port 0 was asked for.
    pub fn local_addr(&self) -> Option<SocketAddr> {
        self.local
    }

    /// Requests since the start, and those of them that never reached the sink.
    pub fn requests(&self) -> (u64, u64) {
        (self.shared.requests.load(Ordering::Relaxed), self.shared.refused.load(Ordering::Relaxed))
    }

    /// Stops listening and lets open requests finish, within a bound.
    pub async fn shutdown(self) {
        self.cancel.cancel();
        for task in self.tasks {
            // A loop that panicked has no open requests.
            let _ = task.await;
        }
    }
}

fn bind(name: &'static str, address: SocketAddr) -> Result<TcpListener> {
    let bound = std::net::TcpListener::bind(address).and_then(|listener| {
        listener.set_nonblocking(true)?;
        TcpListener::from_std(listener)
    });
    bound.map_err(|source| Error::Bind {
        listener: name,
        address: address.to_string(),
        held_by: holder_of(Transport::Tcp, address.port()),
        source,
    })
}

enum Accept {
    Tcp(TcpListener),
    Unix(UnixListener),
}

/// The accept loop; its connections are tasks that it waits for.
async fn accept(
    listener: Accept,
    shared: Arc<Shared>,
    key_check: Option<KeyCheck>,
    cancel: CancellationToken,
) {
    let permits = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let Ok(permit) = permits.clone().acquire_owned().await else { break };
        let stream = tokio::select! {
            stream = next(&listener) => stream,
            () = cancel.cancelled() => break,
        };
        let Some(stream) = stream else { continue };
        let (shared, key_check, cancel) = (shared.clone(), key_check.clone(), cancel.clone());
        tokio::spawn(async move {
            connection::serve(stream, shared, key_check, cancel).await;
            drop(permit);
        });
    }
    drop(listener);
    // Every permit back means that every connection has ended.
    let all = permits.acquire_many(CONNECTIONS_MAX as u32);
    if tokio::time::timeout(GRACE, all).await.is_err() {
        tracing::warn!("{}: some requests did not end within {} s", shared.name, GRACE.as_secs());
    }
}

async fn next(listener: &Accept) -> Option<connection::Stream> {
    let accepted = match listener {
        Accept::Tcp(tcp) => tcp.accept().await.map(|(stream, _)| {
            // Answers are written whole; waiting for more to send only delays them.
            let _ = stream.set_nodelay(true);
            connection::Stream::Tcp(stream)
        }),
        Accept::Unix(unix) => unix.accept().await.map(|(stream, _)| connection::Stream::Unix(stream)),
    };
    match accepted {
        Ok(stream) => Some(stream),
        Err(e) => {
            // Out of file descriptors, most likely: some have to go before one more can come.
            tracing::warn!(error = %e, "a connection could not be accepted");
            tokio::time::sleep(Duration::from_millis(100)).await;
            None
        }
    }
}

/// Headers that a sink may ask for; the rest is not carried along, nor kept on an agent's disk.
pub fn is_kept_header(name: &str) -> bool {
    const NAMES: [&str; 6] =
        ["content-type", "content-encoding", "user-agent", "accept", "dd-api-key", "idempotency-key"];
    const PREFIXES: [&str; 6] = ["datadog-", "x-datadog-", "dd-", "x-oriel-", "x-amzn-", "x-honeycomb-"];
    NAMES.contains(&name) || PREFIXES.iter().any(|p| name.starts_with(p))
}

/// Refuses a request without a known key, in the form that the clients of these ports read.
fn check_key(request: &IntakeRequest, key_check: Option<&KeyCheck>) -> std::result::Result<(), IntakeAnswer> {
    let Some(check) = key_check else { return Ok(()) };
    let key = request.header("dd-api-key").map(str::trim).filter(|k| !k.is_empty()).or_else(|| {
        let mut pairs = request.query.split('&').filter_map(|p| p.split_once('='));
        pairs.find(|(k, v)| *k == "api_key" && !v.is_empty()).map(|(_, v)| v)
    });
    match key {
        Some(key) if check(key) => Ok(()),
        _ => Err(IntakeAnswer::json(
            403,
            "{\"errors\":[\"Forbidden: this listener is no loopback one and takes an API key; looked at DD-API-KEY and ?api_key=\"]}",
        )),
    }
}

#[cfg(test)]
mod tests;
