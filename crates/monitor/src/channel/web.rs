//! Requests to addresses that people configured. An address is checked after its name is resolved, so that a name can't lead where
//! its letters don't say; redirects are refused; proxies of the environment are not asked, since they would resolve for themselves.

use super::{SendError, Sent};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{HeaderName, HeaderValue, RETRY_AFTER};
use serde_json::Value;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

/// A receiver that does not answer in this time is tried again later.
const REQUEST_MAX: Duration = Duration::from_secs(15);
const CONNECT_MAX: Duration = Duration::from_secs(5);
/// Of an answer, as much goes into the log of deliveries.
const ANSWER_CHARS_MAX: usize = 300;
/// Of an answer, as much is read.
const ANSWER_BYTES_MAX: usize = 16 << 10;
/// The longest that a receiver may ask to wait.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(3600);

pub(super) struct Web {
    client: reqwest::Client,
    allow_private: bool,
}

/// Resolves names, and leaves out addresses that may not be reached.
struct Guard {
    allow_private: bool,
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let allow_private = self.allow_private;
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let allowed: Vec<SocketAddr> =
                found.into_iter().filter(|a| allow_private || is_public(a.ip())).collect();
            if allowed.is_empty() {
                return Err(format!("{} leads to a private address; {ALLOW}", name.as_str()).into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

const ALLOW: &str = "ORIEL_WEBHOOK_ALLOW_PRIVATE allows those";

impl Web {
    pub(super) fn new(allow_private: bool) -> reqwest::Result<Self> {
        // Another part of the process may have chosen a provider already, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .user_agent(concat!("oriel/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(REQUEST_MAX)
            .connect_timeout(CONNECT_MAX)
            .dns_resolver(Arc::new(Guard { allow_private }))
            .build()?;
        Ok(Self { client, allow_private })
    }

    pub(super) async fn json(&self, url: &str, headers: &[(&str, String)], body: &Value) -> Sent {
        let mut all = vec![("content-type", "application/json".to_owned())];
        all.extend(headers.iter().map(|(k, v)| (*k, v.clone())));
        self.post(url, &all, body.to_string().into_bytes()).await
    }

    /// Posts a body. Errors never name the URL: those of chat programs are secrets.
    pub(super) async fn post(&self, url: &str, headers: &[(&str, String)], body: Vec<u8>) -> Sent {
        let url = self.check(url)?;
        let mut request = self.client.post(url).body(body);
        for (name, value) in headers {
            let name = HeaderName::try_from(*name);
            let value = HeaderValue::try_from(value.as_str());
            let (Ok(name), Ok(mut value)) = (name, value) else {
                return Err(SendError::Refused("a custom header can't be sent as it is written".to_owned()));
            };
            value.set_sensitive(true);
            request = request.header(name, value);
        }
        match request.send().await {
            Ok(response) => verdict(response).await,
            Err(e) => Err(of_error(&e)),
        }
    }

    /// An address that may be asked. Names are checked when they are resolved.
    fn check(&self, url: &str) -> Result<reqwest::Url, SendError> {
        let refused = |why: &str| SendError::Refused(why.to_owned());
        let url = reqwest::Url::parse(url)
            .map_err(|_| refused("the URL can't be read; write https://host/path"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(refused("the URL must begin with https:// or http://"));
        }
        let address = match url.host() {
            None => return Err(refused("the URL names no host")),
            Some(url::Host::Domain(_)) => None,
            Some(url::Host::Ipv4(ip)) => Some(IpAddr::V4(ip)),
            Some(url::Host::Ipv6(ip)) => Some(IpAddr::V6(ip)),
        };
        match address {
            Some(ip) if !self.allow_private && !is_public(ip) => {
                Err(SendError::Refused(format!("{ip} is a private address; {ALLOW}")))
            }
            _ => Ok(url),
        }
    }
}

fn of_error(e: &reqwest::Error) -> SendError {
    let mut cause: &dyn std::error::Error = e;
    while let Some(next) = cause.source() {
        cause = next;
    }
    let why = cause.to_string();
    if why.contains(ALLOW) {
        return SendError::Refused(why);
    }
    match e.is_timeout() {
        true => SendError::later(format!("no answer within {} s", REQUEST_MAX.as_secs())),
        false => SendError::later(why),
    }
}

async fn verdict(response: reqwest::Response) -> Sent {
    let status = response.status();
    if status.is_success() {
        return Ok(());
    }
    let header = response.headers().get(RETRY_AFTER).and_then(|v| v.to_str().ok()).map(str::to_owned);
    let text = answer(response).await;
    let after = header.as_deref().and_then(|text| retry_after(text, jiff::Timestamp::now()));
    let after = after.or_else(|| asked_in(&text)).map(|after| after.min(RETRY_AFTER_MAX));
    let text = super::short(&text.split_whitespace().collect::<Vec<_>>().join(" "), ANSWER_CHARS_MAX);
    let why = format!("the receiver answered {}: {text}", status.as_u16());
    match status.as_u16() {
        408 | 425 | 429 | 500..=599 => Err(SendError::Later { why, after }),
        300..=399 => Err(SendError::Refused(format!("{why} (redirects are not followed)"))),
        _ if text.contains("Throttl") => Err(SendError::Later { why, after }),
        _ => Err(SendError::Refused(why)),
    }
}

/// `Retry-After`: seconds, or a date.
fn retry_after(text: &str, now: jiff::Timestamp) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds.max(0.0).ceil()).ok();
    }
    let at = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
    Some(Duration::try_from(at.duration_since(now)).unwrap_or_default())
}

/// Discord says in its answer how long to wait, and Telegram deeper in it.
fn asked_in(text: &str) -> Option<Duration> {
    let answer: Value = serde_json::from_str(text).ok()?;
    let asked = answer.get("retry_after").or_else(|| answer.pointer("/parameters/retry_after"))?;
    Duration::try_from_secs_f64(asked.as_f64()?.max(0.0).ceil()).ok()
}

/// The beginning of an answer.
async fn answer(mut response: reqwest::Response) -> String {
    let mut bytes = Vec::new();
    while bytes.len() < ANSWER_BYTES_MAX {
        match response.chunk().await {
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
            _ => break,
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Whether an address is one of the public network: not loopback, private, link-local (where clouds keep their metadata),
/// shared, multicast, reserved or for documentation. Addresses that carry an IPv4 one count as that.
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => {
            if let Some(inner) = ip.to_ipv4_mapped() {
                return is_public_v4(inner);
            }
            let s = ip.segments();
            let inner = |high: u16, low: u16| {
                let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
                Ipv4Addr::new(a, b, c, d)
            };
            match s {
                // NAT64 and 6to4.
                [0x64, 0xff9b, 0, 0, 0, 0, high, low] => is_public_v4(inner(high, low)),
                [0x2002, high, low, ..] => is_public_v4(inner(high, low)),
                // Compatible with IPv4 (and with it loopback and the unspecified one), Teredo, documentation.
                [0, 0, 0, 0, 0, 0, ..] | [0x2001, 0, ..] | [0x2001, 0xdb8, ..] => false,
                // Global unicast is 2000::/3; unique local, link-local, site-local and multicast lie outside.
                [first, ..] => first & 0xe000 == 0x2000,
            }
        }
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let is_shared = a == 100 && (64..128).contains(&b);
    let is_protocol = a == 192 && b == 0 && c == 0;
    let is_benchmark = a == 198 && (b == 18 || b == 19);
    let is_reserved = a == 0 || a >= 240;
    !(ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_documentation()
        || ip.is_multicast()
        || is_shared
        || is_protocol
        || is_benchmark
        || is_reserved)
}

#[cfg(test)]
mod tests {
    use super::{asked_in, retry_after};
    use std::time::Duration;

    #[test]
    fn a_receiver_says_how_long_to_wait_in_seconds_by_date_or_in_its_answer() {
        let now: jiff::Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let of = |text| retry_after(text, now).map(|d| d.as_secs());
        assert_eq!((of("30"), of(" 1.5 "), of("-4"), of("soon")), (Some(30), Some(2), Some(0), None));
        assert_eq!(of("Thu, 01 Jan 2026 00:02:00 GMT"), Some(120));
        assert_eq!(of("Wed, 31 Dec 2025 00:00:00 GMT"), Some(0));
        assert_eq!((of("1e300"), of("nan")), (None, Some(0)));
        assert_eq!(asked_in(r#"{"message": "limited", "retry_after": 0.65}"#), Some(Duration::from_secs(1)));
        let telegram = r#"{"ok": false, "error_code": 429, "parameters": {"retry_after": 14}}"#;
        assert_eq!(asked_in(telegram), Some(Duration::from_secs(14)));
        assert_eq!(asked_in("no JSON"), None);
    }
}
