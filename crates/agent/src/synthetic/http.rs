//! An HTTP request and its answer.

use super::verdict::Observed;
use oriel_wire::synthetics::HttpProbe;
use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use std::time::Instant;

/// What is read of an answer; assertions on longer bodies see their beginning.
const BODY_BYTES_MAX: usize = 1 << 20;
const REDIRECTS_MAX: usize = 10;

/// The client of one test: each run opens its own connection, as a visitor does.
pub(super) fn client(probe: &HttpProbe) -> Result<reqwest::Client, String> {
    // Another part of the process may have chosen a provider already, which serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let redirects = if probe.follow_redirects {
        reqwest::redirect::Policy::limited(REDIRECTS_MAX)
    } else {
        reqwest::redirect::Policy::none()
    };
    reqwest::Client::builder()
        .user_agent(concat!("oriel-synthetics/", env!("CARGO_PKG_VERSION")))
        .redirect(redirects)
        .danger_accept_invalid_certs(probe.accept_untrusted)
        .pool_max_idle_per_host(0)
        .no_proxy()
        .build()
        .map_err(|e| format!("there is no HTTP client: {e}"))
}

/// Sends the request and reads the answer.
pub(super) async fn observe(client: &reqwest::Client, probe: &HttpProbe) -> Result<Observed, String> {
    let method =
        Method::from_bytes(probe.method.as_bytes()).map_err(|_| format!("{} is no method", probe.method))?;
    let mut request = client.request(method, &probe.url).headers(headers(probe)?);
    if let Some((user, password)) = &probe.basic_auth {
        request = request.basic_auth(user, Some(password));
    }
    if !probe.body.is_empty() {
        request = request.body(probe.body.clone());
    }
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
        body: String::from_utf8_lossy(&body).into_owned(),
        ..Observed::default()
    })
}

fn headers(probe: &HttpProbe) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    for (name, value) in &probe.headers {
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
