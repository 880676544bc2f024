//! Syslog over UDP, TCP and TLS: frames to logs, handed on as requests of `/api/v2/logs` every second, or sooner when many come.
//!
//! Its lines bear no key: it takes them from loopback, and from the networks that are named. A stream that is faster than the
//! sink is read no further until the sink has caught up; datagrams that find no room are lost, and counted.

mod batch;
mod stream;
mod tls;

pub use tls::TlsFiles;

use crate::holder::{Transport, holder_of};
use crate::http::HttpListener;
use crate::{Error, RequestSink, Result};
use ipnet::IpNet;
use oriel_model::{Clock, Limits, TimeMs};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::net::{TcpListener, UdpSocket};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Frames that wait for the batcher: a burst of a second at 8,000 a second, as most are about 200 bytes.
const FRAMES_MAX: usize = 8192;
/// The largest datagram.
const DATAGRAM_BYTES: usize = 65_536;

/// Where to listen, and what to keep to.
pub struct SyslogOptions {
    /// UDP and TCP.
    pub plain: Option<SocketAddr>,
    pub tls: Option<(SocketAddr, TlsFiles)>,
    /// Who may send besides loopback.
    pub from: Vec<IpNet>,
    /// The host of frames from loopback that name none.
    pub default_host: String,
    pub limits: Limits,
}

/// Networks as people write them, with commas or spaces between: `10.0.0.0/8, 192.0.2.7`.
pub fn networks(text: &str) -> std::result::Result<Vec<IpNet>, String> {
    let parse = |text: &str| {
        let address = text.parse::<IpAddr>().map(IpNet::from);
        address.or_else(|_| text.parse()).map_err(|_| format!("{text:?} is no network; expected 10.0.0.0/8"))
    };
    text.split([',', ' ']).filter(|t| !t.is_empty()).map(parse).collect()
}

/// What came in and what was lost, since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SyslogFigures {
    pub frames: u64,
    /// Datagrams that found no room.
    pub lost: u64,
    /// Connections and datagrams from addresses that may not send.
    pub refused: u64,
}

/// One frame and where it came from.
struct Frame {
    bytes: Box<[u8]>,
    peer: IpAddr,
    /// When it came, for those that do not say when they were sent.
    time_ms: TimeMs,
}

/// What the listeners share.
struct Shared {
    frames: mpsc::Sender<Frame>,
    clock: Arc<dyn Clock>,
    from: Vec<IpNet>,
    limits: Limits,
    cancel: CancellationToken,
    received: AtomicU64,
    lost: AtomicU64,
    refused: AtomicU64,
}

impl Shared {
    /// Counts who may not.
    fn may_send(&self, peer: IpAddr) -> bool {
        let peer = peer.to_canonical();
        let may = peer.is_loopback() || self.from.iter().any(|net| net.contains(&peer));
        if !may {
            self.refused.fetch_add(1, Ordering::Relaxed);
        }
        may
    }
}

/// Running listeners. Dropping it without [`SyslogHandle::shutdown`] leaves them running.
pub struct SyslogHandle {
    shared: Arc<Shared>,
    listeners: Vec<HttpListener>,
    tasks: Vec<JoinHandle<()>>,
    batcher: JoinHandle<()>,
    udp: Option<SocketAddr>,
    tcp: Option<SocketAddr>,
    tls: Option<SocketAddr>,
}

/// Starts what is asked for and can be had; what can't is logged and among [`SyslogHandle::listeners`]. Must be called inside a
/// tokio runtime.
pub fn start(options: SyslogOptions, sink: Arc<dyn RequestSink>, clock: Arc<dyn Clock>) -> SyslogHandle {
    let (frames, waiting) = mpsc::channel(FRAMES_MAX);
    let shared = Arc::new(Shared {
        frames,
        clock: Arc::clone(&clock),
        from: options.from,
        limits: options.limits.clone(),
        cancel: CancellationToken::new(),
        received: AtomicU64::new(0),
        lost: AtomicU64::new(0),
        refused: AtomicU64::new(0),
    });
    let batcher = batch::Batcher { sink, clock, limits: options.limits, default_host: options.default_host };
    let mut handle = SyslogHandle {
        batcher: tokio::spawn(batcher.run(waiting, shared.cancel.clone())),
        shared,
        listeners: Vec::new(),
        tasks: Vec::new(),
        udp: None,
        tcp: None,
        tls: None,
    };
    if let Some(address) = options.plain {
        let started = handle.start_udp(address);
        handle.note("syslog-udp", address, started);
        // With port 0 both take the same one.
        let address = handle.udp.unwrap_or(address);
        let started = handle.start_tcp(address);
        handle.note("syslog-tcp", address, started);
    }
    if let Some((address, files)) = options.tls {
        let started = handle.start_tls(address, &files);
        handle.note("syslog-tls", address, started);
    }
    handle
}

impl SyslogHandle {
    fn check(&self, listener: &'static str, address: SocketAddr) -> Result<()> {
        if address.ip().is_loopback() || !self.shared.from.is_empty() {
            return Ok(());
        }
        Err(Error::NobodyMaySend { listener, address: address.to_string() })
    }

    fn start_udp(&mut self, address: SocketAddr) -> Result<SocketAddr> {
        self.check("syslog", address)?;
        let bound = crate::statsd::socket::udp_any("syslog", address).and_then(|socket| {
            let ready = socket.set_nonblocking(true).and_then(|()| UdpSocket::from_std(socket));
            let local = ready.and_then(|socket| Ok((socket.local_addr()?, socket)));
            local.map_err(|source| Error::Start { listener: "syslog", source })
        });
        let (local, socket) = bound?;
        self.udp = Some(local);
        self.tasks.push(tokio::spawn(datagrams(socket, self.shared.clone())));
        Ok(local)
    }

    fn start_tcp(&mut self, address: SocketAddr) -> Result<SocketAddr> {
        self.check("syslog", address)?;
        let (listener, local) = bind("syslog", address)?;
        self.tcp = Some(local);
        self.tasks.push(tokio::spawn(stream::accept(listener, None, self.shared.clone())));
        Ok(local)
    }

    fn start_tls(&mut self, address: SocketAddr, files: &TlsFiles) -> Result<SocketAddr> {
        self.check("syslog-tls", address)?;
        let acceptor = files.acceptor()?;
        let (listener, local) = bind("syslog-tls", address)?;
        self.tls = Some(local);
        self.tasks.push(tokio::spawn(stream::accept(listener, Some(acceptor), self.shared.clone())));
        Ok(local)
    }

    fn note(&mut self, name: &str, address: SocketAddr, started: Result<SocketAddr>) {
        let (address, error) = match started {
            Ok(local) => (local, None),
            Err(e) => {
                tracing::warn!("{e}");
                (address, Some(e.to_string()))
            }
        };
        self.listeners.push(HttpListener { name: name.to_owned(), address: address.to_string(), error });
    }

    pub fn listeners(&self) -> &[HttpListener] {
        &self.listeners
    }

    /// Addresses of UDP, TCP and TLS where they are there; of use when port 0 was asked for.
    pub fn local_addrs(&self) -> [Option<SocketAddr>; 3] {
        [self.udp, self.tcp, self.tls]
    }

    pub fn figures(&self) -> SyslogFigures {
        let get = |n: &AtomicU64| n.load(Ordering::Relaxed);
        SyslogFigures {
            frames: get(&self.shared.received),
            lost: get(&self.shared.lost),
            refused: get(&self.shared.refused),
        }
    }

    /// Stops listening, then hands on what was read.
    pub async fn shutdown(self) {
        self.shared.cancel.cancel();
        for task in self.tasks {
            // A loop that panicked reads no more.
            let _ = task.await;
        }
        drop(self.shared);
        if self.batcher.await.is_err() {
            tracing::warn!("the syslog batcher ended badly");
        }
    }
}

fn bind(name: &'static str, address: SocketAddr) -> Result<(TcpListener, SocketAddr)> {
    let bound = std::net::TcpListener::bind(address).and_then(|listener| {
        listener.set_nonblocking(true)?;
        let listener = TcpListener::from_std(listener)?;
        let local = listener.local_addr()?;
        Ok((listener, local))
    });
    bound.map_err(|source| Error::Bind {
        listener: name,
        address: address.to_string(),
        held_by: holder_of(Transport::Tcp, address.port()),
        source,
    })
}

/// A datagram is a frame.
async fn datagrams(socket: UdpSocket, shared: Arc<Shared>) {
    let mut buffer = vec![0; DATAGRAM_BYTES];
    loop {
        let received = tokio::select! {
            received = socket.recv_from(&mut buffer) => received,
            () = shared.cancel.cancelled() => return,
        };
        let Ok((len, peer)) = received else { continue };
        if !shared.may_send(peer.ip()) {
            continue;
        }
        let frame = Frame { bytes: buffer[..len].into(), peer: peer.ip(), time_ms: shared.clock.now_ms() };
        let counter = match shared.frames.try_send(frame) {
            Ok(()) => &shared.received,
            Err(_) => &shared.lost,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests;
