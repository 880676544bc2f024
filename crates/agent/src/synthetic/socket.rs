//! Connections: whether a port answers, and what certificate it shows.

use super::verdict::Observed;
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
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

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
    (server_name, accept_untrusted): (&str, bool),
    limit: Duration,
) -> Result<Observed, String> {
    let (host, name) = (host.to_owned(), server_name.to_owned());
    let task = tokio::task::spawn_blocking(move || handshake((&host, port), &name, accept_untrusted, limit));
    task.await.map_err(|e| format!("the handshake ended early: {e}"))?
}

fn handshake(
    (host, port): (&str, u16),
    name: &str,
    accept_untrusted: bool,
    limit: Duration,
) -> Result<Observed, String> {
    let begin = Instant::now();
    let address = (host, port).to_socket_addrs().map_err(|e| format!("{host}: {e}"))?.next();
    let address = address.ok_or_else(|| format!("{host} has no address"))?;
    let mut socket = match TcpStream::connect_timeout(&address, limit) {
        Ok(socket) => socket,
        Err(e) if e.kind() == ErrorKind::TimedOut => return Ok(Observed::unconnected("timeout")),
        Err(_) => return Ok(Observed::unconnected("refused")),
    };
    let bound = |result: std::io::Result<()>| result.map_err(|e| format!("{host}:{port}: {e}"));
    bound(socket.set_read_timeout(Some(limit)))?;
    bound(socket.set_write_timeout(Some(limit)))?;
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
        connection
            .complete_io(&mut socket)
            .map_err(|e| format!("the handshake with {host}:{port} failed: {e}"))?;
    }
    let first = connection.peer_certificates().and_then(|chain| chain.first());
    let days_left = first.map(days_left).transpose()?;
    let untrusted = looker.take().filter(|_| !accept_untrusted);
    // An expired certificate is no good even where any issuer is.
    let expired = days_left.filter(|d| *d < 0.0).map(|d| format!("it expired {:.1} days ago", -d));
    Ok(Observed {
        took_ms: begin.elapsed().as_secs_f64() * 1e3,
        days_left,
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

fn days_left(certificate: &CertificateDer<'_>) -> Result<f64, String> {
    let (_, parsed) = x509_parser::parse_x509_certificate(certificate.as_ref())
        .map_err(|e| format!("the certificate can't be read: {e}"))?;
    let ends_s = parsed.validity().not_after.timestamp() as f64;
    let now_s = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |d| d.as_secs_f64());
    Ok((ends_s - now_s) / 86_400.0)
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
