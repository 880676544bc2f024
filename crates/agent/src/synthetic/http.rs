//! An HTTP request and its answer.

use super::verdict::Observed;
use oriel_wire::synthetics::HttpProbe;
use reqwest::Method;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// What is read of an answer; assertions on longer bodies see their beginning.
const BODY_BYTES_MAX: usize = 1 << 20;
const REDIRECTS_MAX: usize = 10;

/// The client of one test, and what its names took to be found.
pub(super) struct Client {
    inner: reqwest::Client,
    resolver: Resolver,
}

/// The machine's resolver with a watch.
#[derive(Clone, Default)]
struct Resolver {
    took_us: Arc<AtomicU64>,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let took_us = Arc::clone(&self.took_us);
        Box::pin(async move {
            let begin = Instant::now();
            let found: Vec<_> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let us = u64::try_from(begin.elapsed().as_micros()).unwrap_or(u64::MAX);
            took_us.fetch_add(us, Ordering::Relaxed);
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// Each run opens its own connection, as a visitor does.
pub(super) fn client(probe: &HttpProbe) -> Result<Client, String> {
    // Another part of the process may have chosen a provider already, which serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let redirects = if probe.follow_redirects {
        reqwest::redirect::Policy::limited(REDIRECTS_MAX)
    } else {
        reqwest::redirect::Policy::none()
    };
    let resolver = Resolver::default();
    let mut client = reqwest::Client::builder()
        .user_agent(concat!("oriel-synthetics/", env!("CARGO_PKG_VERSION")))
        .redirect(redirects)
        .danger_accept_invalid_certs(probe.accept_untrusted)
        .pool_max_idle_per_host(0)
        .dns_resolver(Arc::new(resolver.clone()))
        .no_proxy();
    if let Some(proxy) = &probe.proxy {
        let way = reqwest::Proxy::all(&proxy.url).map_err(|e| format!("the proxy: {}", innermost(&e)))?;
        client = client.proxy(way.headers(headers(&proxy.headers)?));
    }
    if let Some(pem) = &probe.identity {
        let identity = reqwest::Identity::from_pem(pem.as_bytes());
        client =
            client.identity(identity.map_err(|e| format!("the client's certificate: {}", innermost(&e)))?);
    }
    let inner = client.build().map_err(|e| format!("there is no HTTP client: {}", innermost(&e)))?;
    Ok(Client { inner, resolver })
}

/// Sends the request and reads the answer.
pub(super) async fn observe(client: &Client, probe: &HttpProbe) -> Result<Observed, String> {
    let method =
        Method::from_bytes(probe.method.as_bytes()).map_err(|_| format!("{} is no method", probe.method))?;
    let mut request = client.inner.request(method, &probe.url).headers(headers(&probe.headers)?);
    if let Some((user, password)) = &probe.basic_auth {
        request = request.basic_auth(user, Some(password));
    }
    if !probe.body.is_empty() {
        request = request.body(probe.body.clone());
    }
    client.resolver.took_us.store(0, Ordering::Relaxed);
    let begin = Instant::now();
    let mut response = request.send().await.map_err(|e| innermost(&e))?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let mut body: Vec<u8> = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|e| innermost(&e))? {
        body.extend_from_slice(&chunk[..chunk.len().min(BODY_BYTES_MAX - body.len())]);
        if body.len() >= BODY_BYTES_MAX {
            break;
        }
    }
    Ok(Observed {
        took_ms: begin.elapsed().as_secs_f64() * 1e3,
        status: Some(status),
        headers,
        dns_ms: client.resolver.took_us.load(Ordering::Relaxed) as f64 / 1e3,
        is_cut: body.len() >= BODY_BYTES_MAX,
        body,
        ..Observed::default()
    })
}

fn headers(given: &[(String, String)]) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    for (name, value) in given {
        let known =
            HeaderName::from_bytes(name.as_bytes()).map_err(|_| format!("{name:?} is no header's name"))?;
        let value = HeaderValue::from_str(value)
            .map_err(|_| format!("the header {name} has characters that none may have"))?;
        headers.append(known, value);
    }
    Ok(headers)
}

/// The cause that says most: clients wrap it several times.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
