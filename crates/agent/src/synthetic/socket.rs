//! Connections: whether a port answers, and what certificate it shows.
//!
//! A peer that drips its handshake holds a thread no longer than the test's own limit.

use super::certificate::Certificate;
use super::verdict::Observed;
use oriel_wire::synthetics::Trust;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, ProtocolVersion, RootCertStore, SignatureScheme,
};
use std::io::ErrorKind;
use std::net::{TcpStream, ToSocketAddrs};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Connects and leaves.
pub(super) async fn tcp((host, port): (&str, u16), limit: Duration) -> Observed {
    let begin = Instant::now();
    let connection = match tokio::time::timeout(limit, tokio::net::TcpStream::connect((host, port))).await {
        Ok(Ok(_)) => "established",
        Ok(Err(e)) if e.kind() == ErrorKind::TimedOut => "timeout",
        Ok(Err(_)) => "refused",
        Err(_) => "timeout",
    };
    Observed { took_ms: begin.elapsed().as_secs_f64() * 1e3, connection, ..Observed::default() }
}

/// Shakes hands and reads the certificate. One that can't be trusted is read too: when it ends is what the test is about.
pub(super) async fn tls(
    (host, port): (&str, u16),
    (server_name, trust): (&str, Trust),
    limit: Duration,
) -> Result<Observed, String> {
    let (host, name) = (host.to_owned(), server_name.to_owned());
    let task = tokio::task::spawn_blocking(move || handshake((&host, port), (&name, trust), limit));
    task.await.map_err(|e| format!("the handshake ended early: {e}"))?
}

fn handshake(
    (host, port): (&str, u16),
    (name, trust): (&str, Trust),
    limit: Duration,
) -> Result<Observed, String> {
    let begin = Instant::now();
    let until = begin + limit;
    let mut socket = match connect((host, port), until)? {
        Ok(socket) => socket,
        Err(how) => return Ok(Observed::unconnected(how)),
    };
    let server =
        ServerName::try_from(name.to_owned()).map_err(|_| format!("{name:?} is no server's name"))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let looker = Arc::new(Looker::new(Arc::clone(&provider)));
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| e.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(Arc::clone(&looker) as Arc<dyn ServerCertVerifier>)
        .with_no_client_auth();
    let mut connection = ClientConnection::new(Arc::new(config), server).map_err(|e| e.to_string())?;
    while connection.is_handshaking() {
        step(&mut connection, &mut socket, until)
            .map_err(|e| format!("the handshake with {host}:{port} failed: {e}"))?;
    }
    let took_ms = begin.elapsed().as_secs_f64() * 1e3;
    let first = connection.peer_certificates().and_then(|chain| chain.first());
    let certificate = first.map(Certificate::read).transpose()?;
    let untrusted = looker.take().filter(|_| trust == Trust::Full);
    // An expired certificate is no good even where any issuer is.
    let days_left = certificate.as_ref().map(|c| c.days_left).filter(|d| *d < 0.0 && trust != Trust::Any);
    let expired = days_left.map(|d| format!("it expired {:.1} days ago", -d));
    Ok(Observed {
        took_ms,
        certificate,
        tls_version: match connection.protocol_version() {
            Some(ProtocolVersion::TLSv1_2) => Some("1.2"),
            Some(ProtocolVersion::TLSv1_3) => Some("1.3"),
            _ => None,
        },
        connection: "established",
        untrusted: expired.or(untrusted),
        ..Observed::default()
    })
}

/// The first address of a name that answers; where none does, the word for it.
fn connect((host, port): (&str, u16), until: Instant) -> Result<Result<TcpStream, &'static str>, String> {
    let addresses: Vec<_> = (host, port).to_socket_addrs().map_err(|e| format!("{host}: {e}"))?.collect();
    if addresses.is_empty() {
        return Err(format!("{host} has no address"));
    }
    let mut how = "refused";
    for address in addresses {
        let Some(left) = left(until) else { return Ok(Err("timeout")) };
        match TcpStream::connect_timeout(&address, left) {
            Ok(socket) => return Ok(Ok(socket)),
            Err(e) if e.kind() == ErrorKind::TimedOut => how = "timeout",
            Err(_) => {}
        }
    }
    Ok(Err(how))
}

/// None once it is over: a time-out of zero is refused by sockets.
fn left(until: Instant) -> Option<Duration> {
    Some(until.saturating_duration_since(Instant::now())).filter(|left| *left > Duration::from_millis(1))
}

/// One read or write, within what is left of the time.
fn step(connection: &mut ClientConnection, socket: &mut TcpStream, until: Instant) -> std::io::Result<()> {
    let left = left(until).ok_or(ErrorKind::TimedOut)?;
    socket.set_read_timeout(Some(left))?;
    socket.set_write_timeout(Some(left))?;
    if connection.wants_write() {
        connection.write_tls(socket)?;
        return Ok(());
    }
    if connection.read_tls(socket)? == 0 {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    connection.process_new_packets().map_err(|e| std::io::Error::new(ErrorKind::InvalidData, e))?;
    Ok(())
}

/// Where systems keep the certificates that they trust.
const BUNDLES: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
    "/etc/ssl/ca-bundle.pem",
];

/// The machine's bundle, or the one that `SSL_CERT_FILE` names.
fn roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    let named = std::env::var("SSL_CERT_FILE").ok();
    let path = named.as_deref().or_else(|| BUNDLES.into_iter().find(|path| Path::new(path).exists()));
    if let Some(Ok(certificates)) = path.map(CertificateDer::pem_file_iter) {
        roots.add_parsable_certificates(certificates.flatten());
    }
    roots
}

/// Checks a certificate, keeps what is wrong with it, and lets the handshake go on.
#[derive(Debug)]
struct Looker {
    provider: Arc<CryptoProvider>,
    wrong: Mutex<Option<String>>,
}

impl Looker {
    fn new(provider: Arc<CryptoProvider>) -> Self {
        Self { provider, wrong: Mutex::new(None) }
    }

    fn take(&self) -> Option<String> {
        self.wrong.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl ServerCertVerifier for Looker {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let verifier =
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots()), Arc::clone(&self.provider))
                .build();
        let wrong = match verifier {
            Ok(v) => {
                let verified =
                    v.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
                verified.err().map(|e| e.to_string())
            }
            Err(_) => Some("this machine trusts no certificates; set SSL_CERT_FILE".to_owned()),
        };
        *self.wrong.lock().unwrap_or_else(PoisonError::into_inner) = wrong;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
