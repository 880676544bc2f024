//! DogStatsD: one aggregator behind a lock, a thread for each datagram socket, a task for each stream, and a flusher that
//! hands every 10 s of wall time to the sink.
//!
//! A listener that can't be had does not keep the others from starting; it is named in [`StatsdHandle::figures`] with what
//! is in its way. The lock is taken once for each batch of up to 64 datagrams, so that the sockets don't wait on each other.

mod datagram;
mod figures;
mod flush;
pub(crate) mod socket;
mod stream;

pub use figures::{ListenerFigures, StatsdFigures};

use crate::{Error, Result, Sink};
use figures::{Listener, Tally};
use oriel_model::{Aggregator, AggregatorLimits, Clock, Limits, RawHasher};
use parking_lot::Mutex;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Where to listen; `None` is off.
#[derive(Clone, Debug, Default)]
pub struct StatsdOptions {
    pub udp: Option<SocketAddr>,
    /// Unix datagram socket.
    pub socket: Option<PathBuf>,
    /// Unix stream socket, frames of u32 little-endian length.
    pub stream_socket: Option<PathBuf>,
    /// The host of lines that name none.
    pub default_host: String,
    pub limits: Limits,
    pub aggregator: AggregatorLimits,
}

/// What listeners, flusher and handle share. Lock order: aggregator before tally, and neither across an await.
struct Shared {
    aggregator: Mutex<Aggregator>,
    tally: Mutex<Tally>,
    clock: Arc<dyn Clock>,
    default_host: String,
    limits: Limits,
    stop: AtomicBool,
}

impl Shared {
    fn decoder(&self) -> oriel_wire::statsd::Decoder {
        oriel_wire::statsd::Decoder::new(self.default_host.clone(), self.limits.clone())
    }

    /// Adds one packet; returns its lines.
    fn packet(&self, decoder: &mut oriel_wire::statsd::Decoder, packet: &[u8]) -> usize {
        let now_ms = self.clock.now_ms();
        let mut aggregator = self.aggregator.lock();
        aggregator.advance(now_ms);
        decoder.packet(packet, now_ms, &mut aggregator)
    }

    fn stopping(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

/// Running listeners. Dropping it without [`StatsdHandle::shutdown`] leaves them running.
pub struct StatsdHandle {
    shared: Arc<Shared>,
    listeners: Vec<Arc<Listener>>,
    threads: Vec<JoinHandle<()>>,
    cancel: CancellationToken,
    flusher: tokio::task::JoinHandle<()>,
    udp: Option<SocketAddr>,
}

/// Starts every listener that is asked for and can be had. Must be called inside a tokio runtime.
pub fn start(options: StatsdOptions, sink: Arc<dyn Sink>, clock: Arc<dyn Clock>) -> Result<StatsdHandle> {
    let hasher = RawHasher::new(secret());
    let now_ms = clock.now_ms();
    let shared = Arc::new(Shared {
        aggregator: Mutex::new(Aggregator::new(options.aggregator.clone(), hasher, now_ms)),
        tally: Mutex::new(Tally::default()),
        clock,
        default_host: options.default_host.clone(),
        limits: options.limits.clone(),
        stop: AtomicBool::new(false),
    });
    let cancel = CancellationToken::new();
    let first = flush::next_boundary(now_ms);
    let flusher = tokio::spawn(flush::run(shared.clone(), sink, cancel.clone(), first));
    let mut handle =
        StatsdHandle { shared, listeners: Vec::new(), threads: Vec::new(), cancel, flusher, udp: None };
    if let Some(address) = options.udp {
        let started = handle.start_udp(address);
        handle.note("statsd", address.to_string(), started);
    }
    if let Some(path) = &options.socket {
        let started = handle.start_unix_datagram(path);
        handle.note("statsd-socket", path.display().to_string(), started);
    }
    if let Some(path) = &options.stream_socket {
        let started = handle.start_unix_stream(path);
        handle.note("statsd-stream-socket", path.display().to_string(), started);
    }
    Ok(handle)
}

/// Takes lines that came another way than by a socket; gives how many were read.
pub type Feeder = Box<dyn Fn(&[u8]) -> usize + Send + Sync>;

impl StatsdHandle {
    fn start_udp(&mut self, address: SocketAddr) -> Result<Arc<Listener>> {
        let socket = socket::udp("statsd", address)?;
        let local = socket.local_addr().unwrap_or(address);
        self.udp = Some(local);
        let listener =
            Arc::new(Listener::running("statsd", local.to_string(), socket::receive_buffer(&socket)));
        self.spawn_datagrams(listener.clone(), socket.into())?;
        Ok(listener)
    }

    fn start_unix_datagram(&mut self, path: &Path) -> Result<Arc<Listener>> {
        let socket = socket::unix_datagram("statsd-socket", path)?;
        let buffer = socket::receive_buffer(&socket);
        let listener = Arc::new(Listener::running("statsd-socket", path.display().to_string(), buffer));
        self.spawn_datagrams(listener.clone(), socket.into())?;
        Ok(listener)
    }

    fn spawn_datagrams(&mut self, listener: Arc<Listener>, socket: std::os::fd::OwnedFd) -> Result<()> {
        let name = listener.name();
        let shared = self.shared.clone();
        let thread = std::thread::Builder::new()
            .name(format!("oriel-{name}"))
            .spawn(move || datagram::run(&shared, &listener, socket))
            .map_err(|source| Error::Start { listener: name, source })?;
        self.threads.push(thread);
        Ok(())
    }

    fn start_unix_stream(&mut self, path: &Path) -> Result<Arc<Listener>> {
        let socket = socket::unix_stream("statsd-stream-socket", path)?;
        let listener = Arc::new(Listener::running("statsd-stream-socket", path.display().to_string(), 0));
        tokio::spawn(stream::run(self.shared.clone(), listener.clone(), socket, self.cancel.clone()));
        Ok(listener)
    }

    fn note(&mut self, name: &'static str, address: String, started: Result<Arc<Listener>>) {
        let listener = started.unwrap_or_else(|e| {
            tracing::warn!("{e}");
            Arc::new(Listener::failed(name, address, e.to_string()))
        });
        self.listeners.push(listener);
    }

    /// The address of the UDP socket, when it is there; of use when port 0 was asked for.
    pub fn udp_addr(&self) -> Option<SocketAddr> {
        self.udp
    }

    /// Adds lines that came another way, such as a trace agent's `/dogstatsd/v2/proxy`. Returns how many there were.
    pub fn feed(&self, packet: &[u8]) -> usize {
        self.shared.packet(&mut self.shared.decoder(), packet)
    }

    /// [`StatsdHandle::feed`] for somebody who outlives the handle's owner.
    pub fn feeder(&self) -> Feeder {
        let shared = self.shared.clone();
        Box::new(move |packet| shared.packet(&mut shared.decoder(), packet))
    }

    /// What came in, what was refused and what was lost, since the start.
    pub fn figures(&self) -> StatsdFigures {
        let contexts = self.shared.aggregator.lock().contexts();
        self.shared.tally.lock().figures(contexts, &self.listeners)
    }

    /// Stops listening, then hands the open bucket to the sink.
    pub async fn shutdown(self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        let threads = self.threads;
        let joined = tokio::task::spawn_blocking(move || threads.into_iter().for_each(|t| drop(t.join())));
        if joined.await.is_err() {
            tracing::warn!("a statsd thread ended badly");
        }
        self.cancel.cancel();
        if self.flusher.await.is_err() {
            tracing::warn!("the statsd flusher ended badly");
        }
    }
}

/// The process's secret for the hashes of raw names, from the randomness that the standard library seeds its maps with.
fn secret() -> [u8; 192] {
    use std::hash::{BuildHasher, RandomState};
    let mut secret = [0; 192];
    for (i, word) in secret.chunks_mut(8).enumerate() {
        word.copy_from_slice(&RandomState::new().hash_one(i).to_le_bytes());
    }
    secret
}
