//! The socket of `--http`: HTTP/1.1 and HTTP/2, with TLS when a certificate is given. One plain loop accepts; each connection
//! is a task; at the end open requests are finished within a bound.

use axum::Router;
use axum::extract::Extension;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::future::Future;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls;

/// Connections at once; clients keep a few each, and a connection costs some 20 KiB.
const CONNECTIONS_MAX: usize = 4096;
/// Request headers have to be here within this time.
const HEADERS: Duration = Duration::from_secs(15);
/// A TLS handshake has to be done within this time.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How long open requests may take once the server is asked to leave.
const GRACE: Duration = Duration::from_secs(5);

/// Why the address can't be had.
#[derive(Debug, thiserror::Error)]
#[error("{name} cannot listen on {address}: {source}{held_by}; set another address with --{name}")]
pub struct BindError {
    name: &'static str,
    address: SocketAddr,
    source: std::io::Error,
    /// `, held by NAME (pid N)` where that is known.
    held_by: String,
}

/// Binds an address; an error names who holds it where that is known.
pub async fn bind(name: &'static str, address: SocketAddr) -> Result<TcpListener, BindError> {
    TcpListener::bind(address).await.map_err(|source| {
        let taken = source.kind() == std::io::ErrorKind::AddrInUse;
        let held_by = if taken {
            oriel_intake::holder_of(oriel_intake::Transport::Tcp, address.port())
        } else {
            String::new()
        };
        BindError { name, address, source, held_by }
    })
}

/// The other end of a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) SocketAddr);

/// Certificate chain and key, both PEM.
#[derive(Clone, Debug)]
pub struct Tls {
    pub cert: PathBuf,
    pub key: PathBuf,
}

/// Why TLS can't be had.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("{path}: {why}; give a PEM file that this user can read")]
    File { path: PathBuf, why: String },
    #[error("certificate and key do not make a TLS server: {0}")]
    Pair(#[from] rustls::Error),
}

impl Tls {
    /// Whether both files can be read and belong together.
    pub fn check(&self) -> Result<(), TlsError> {
        self.acceptor().map(|_| ())
    }

    pub(crate) fn acceptor(&self) -> Result<TlsAcceptor, TlsError> {
        use rustls::pki_types::pem::PemObject;
        use rustls::pki_types::{CertificateDer, PrivateKeyDer};
        let bad = |path: &Path, why: String| TlsError::File { path: path.to_owned(), why };
        let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(&self.cert)
            .and_then(Iterator::collect)
            .map_err(|e| bad(&self.cert, e.to_string()))?;
        let key = PrivateKeyDer::from_pem_file(&self.key).map_err(|e| bad(&self.key, e.to_string()))?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, key)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}

/// Accepts until `stop` is done, then lets open requests finish.
pub(crate) async fn serve(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    router: Router,
    stop: impl Future<Output = ()>,
) {
    let graceful = GracefulShutdown::new();
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    tokio::pin!(stop);
    loop {
        let permit = tokio::select! {
            permit = Arc::clone(&room).acquire_owned() => permit,
            () = &mut stop => break,
        };
        let Ok(permit) = permit else { break };
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => connect((stream, peer), tls.clone(), &router, (&graceful, permit)),
                Err(e) => {
                    // Out of descriptors, mostly: others have to go before one more can come.
                    tracing::warn!(error = %e, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            },
            () = &mut stop => break,
        }
    }
    drop(listener);
    if tokio::time::timeout(GRACE, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests did not end within {} s and were dropped", GRACE.as_secs());
    }
}

fn connect(
    (stream, peer): (TcpStream, SocketAddr),
    tls: Option<TlsAcceptor>,
    router: &Router,
    (graceful, permit): (&GracefulShutdown, OwnedSemaphorePermit),
) {
    // Answers are written whole; waiting for more to send only delays them.
    if let Err(e) = stream.set_nodelay(true) {
        tracing::debug!(error = %e, "TCP_NODELAY could not be set");
    }
    let router = router.clone().layer(Extension(Peer(peer)));
    let watcher = graceful.watcher();
    tokio::spawn(async move {
        let _permit = permit;
        match tls {
            None => speak(stream, router, watcher).await,
            Some(acceptor) => match tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await {
                Ok(Ok(stream)) => speak(stream, router, watcher).await,
                Ok(Err(e)) => tracing::debug!(%peer, error = %e, "a TLS handshake failed"),
                Err(_) => tracing::debug!(%peer, "a TLS handshake took too long"),
            },
        }
    });
}

async fn speak<S>(stream: S, router: Router, watcher: hyper_util::server::graceful::Watcher)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEADERS);
    builder.http2().timer(TokioTimer::new()).keep_alive_interval(Some(Duration::from_secs(30)));
    let service = TowerToHyperService::new(router);
    let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), service);
    if let Err(e) = watcher.watch(connection).await {
        // Clients leave in the middle all the time.
        tracing::debug!(error = %e, "a connection ended early");
    }
}
