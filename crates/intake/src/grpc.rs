//! OTLP over gRPC: HTTP/2 on a port of its own, one unary call for each signal. A message is undone and handed on as the bytes of
//! the same request over HTTP, so that it is decoded once, where it is stored.
//!
//! Nothing that may succeed later is answered with a code that SDKs give up on; when to come back stands in both trailers that
//! clients look at.

mod codec;
mod service;

use crate::holder::{Transport, holder_of};
use crate::http::{HttpListener, KeyCheck};
use crate::{Error, RequestSink, Result};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use service::Exports;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// The setting's name.
const NAME: &str = "otlp-grpc";
/// Connections at a time: each process of a busy host keeps one.
const CONNECTIONS_MAX: usize = 1024;
/// How long open calls may take once the listener is asked to leave.
const GRACE: Duration = Duration::from_secs(5);
/// A connection that has fallen silent is asked at this pace whether it is still there.
const KEEP_ALIVE: Duration = Duration::from_secs(60);

/// Where to listen, and what to keep to.
pub struct GrpcOptions {
    pub address: SocketAddr,
    /// Asked on an address that is not loopback.
    pub key_check: Option<KeyCheck>,
    /// The largest message, decompressed.
    pub message_bytes_max: usize,
}

/// A running listener. Dropping it without [`GrpcHandle::shutdown`] leaves it running.
pub struct GrpcHandle {
    listener: HttpListener,
    local: Option<SocketAddr>,
    cancel: CancellationToken,
    task: Option<JoinHandle<()>>,
}

/// Starts listening; what is in its way is logged and stands in [`GrpcHandle::listener`]. Must be called inside a tokio runtime.
pub fn start(options: GrpcOptions, sink: Arc<dyn RequestSink>) -> GrpcHandle {
    let cancel = CancellationToken::new();
    let address = options.address.to_string();
    match bind(&options) {
        Ok((listener, local)) => {
            // Loopback demands no key.
            let key_check = options.key_check.filter(|_| !options.address.ip().is_loopback());
            let exports = Exports::new(sink, key_check, options.message_bytes_max);
            let task = tokio::spawn(accept(listener, exports, cancel.clone()));
            let listener = HttpListener { name: NAME.to_owned(), address: local.to_string(), error: None };
            GrpcHandle { listener, local: Some(local), cancel, task: Some(task) }
        }
        Err(e) => {
            tracing::warn!("{e}");
            let listener = HttpListener { name: NAME.to_owned(), address, error: Some(e.to_string()) };
            GrpcHandle { listener, local: None, cancel, task: None }
        }
    }
}

impl GrpcHandle {
    pub fn listener(&self) -> &HttpListener {
        &self.listener
    }

    /// The address that is listened on; of use when port 0 was asked for.
    pub fn local_addr(&self) -> Option<SocketAddr> {
        self.local
    }

    /// Stops listening and lets open calls finish, within a bound.
    pub async fn shutdown(self) {
        self.cancel.cancel();
        if let Some(task) = self.task {
            // A loop that panicked has no open calls.
            let _ = task.await;
        }
    }
}

fn bind(options: &GrpcOptions) -> Result<(TcpListener, SocketAddr)> {
    let address = options.address;
    if !address.ip().is_loopback() && options.key_check.is_none() {
        return Err(Error::NotLoopback { listener: NAME, address: address.to_string() });
    }
    let bound = std::net::TcpListener::bind(address).and_then(|listener| {
        listener.set_nonblocking(true)?;
        let listener = TcpListener::from_std(listener)?;
        let local = listener.local_addr()?;
        Ok((listener, local))
    });
    bound.map_err(|source| Error::Bind {
        listener: NAME,
        address: address.to_string(),
        held_by: holder_of(Transport::Tcp, address.port()),
        source,
    })
}

/// The accept loop; its connections are tasks that it waits for.
async fn accept(listener: TcpListener, exports: Exports, cancel: CancellationToken) {
    let permits = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let Ok(permit) = permits.clone().acquire_owned().await else { break };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = cancel.cancelled() => break,
        };
        match accepted {
            Ok((stream, _)) => {
                let speak = speak(stream, exports.clone(), cancel.clone());
                tokio::spawn(async move {
                    speak.await;
                    drop(permit);
                });
            }
            Err(e) => {
                // Out of file descriptors, most likely: some have to go before one more can come.
                tracing::warn!(error = %e, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
    drop(listener);
    // Every permit back means that every connection has ended.
    let all = permits.acquire_many(CONNECTIONS_MAX as u32);
    if tokio::time::timeout(GRACE, all).await.is_err() {
        tracing::warn!("{NAME}: some calls did not end within {} s", GRACE.as_secs());
    }
}

async fn speak(stream: TcpStream, exports: Exports, cancel: CancellationToken) {
    // Answers are written whole; waiting for more to send only delays them.
    let _ = stream.set_nodelay(true);
    let mut builder = auto::Builder::new(TokioExecutor::new()).http2_only();
    builder.http2().timer(TokioTimer::new()).keep_alive_interval(Some(KEEP_ALIVE));
    let connection = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(exports));
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = cancel.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(e) = ended {
        // Clients leave in the middle all the time.
        tracing::debug!(error = %e, "a connection ended early");
    }
}

#[cfg(test)]
mod tests;
