//! Whole requests of local senders (traces, logs, OTLP): kept on disk as they came and posted to the server as they are, so that
//! what they mean is decided in one place. The client is answered here, once its request is on disk.
//!
//! | path | answer |
//! |---|---|
//! | `/info` | what a tracer may do, without the hash that only the server's own answer has |
//! | traces | the server's last sampling rates |
//! | statistics, logs, OTLP | success in the protocol's own form |
//! | `/v0.7/config` | nothing to apply |
//! | `/dogstatsd/v…/proxy` | lines for the agent's own aggregator |
//! | what no server stores | success, counted by path |

use super::buffer::{Payload, Route};
use super::{Forwarder, ZSTD_LEVEL};
use bytes::Bytes;
use oriel_intake::{IntakeAnswer, IntakeRequest, RequestSink};
use oriel_model::ErrorBody;
use serde::{Deserialize, Serialize};
use std::future::Future;
use std::pin::Pin;

/// What a raw record says before its body.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct RawHead {
    /// With its query.
    pub(super) target: String,
    pub(super) headers: Vec<(String, String)>,
}

/// Bytes of a head's length.
const LENGTH: usize = 4;
/// Paths of what is not stored that are counted apart.
const COUNTED_MAX: usize = 64;

/// Takes the lines of a trace agent's DogStatsD proxy; gives how many there were.
pub type Lines = Box<dyn Fn(&[u8]) -> usize + Send + Sync>;

/// What is to be done with a request.
enum Duty {
    Info,
    Config,
    Lines,
    Traces,
    /// Kept; the client is told this status and gets `{}`.
    Kept(u16),
    /// Kept; the answer is an empty message of the request's own encoding.
    Otlp,
    NotStored,
    Unknown,
}

fn duty(request: &IntakeRequest, path: &str) -> Duty {
    match path {
        "/info" => Duty::Info,
        "/v0.7/config" => Duty::Config,
        "/dogstatsd/v1/proxy" | "/dogstatsd/v2/proxy" => Duty::Lines,
        "/v0.3/traces" | "/v0.4/traces" | "/v0.5/traces" | "/v0.7/traces" | "/v1.0/traces" => Duty::Traces,
        "/v0.6/stats" | "/v1/input" => Duty::Kept(200),
        "/v1/traces" | "/v1/metrics" | "/v1/logs" => Duty::Otlp,
        _ if request.method == "GET" => Duty::Unknown,
        // Intakes alone: what an API key does not open would be asked for again and again, and hold up the rest.
        "/api/v2/logs" | "/api/v1/events" | "/api/v2/events" | "/api/v1/import/jsonlines" => Duty::Kept(202),
        _ if path.starts_with("/v1/input/") => Duty::Kept(200),
        _ if path.starts_with("/evp_proxy/") || path.starts_with("/telemetry/proxy/") => Duty::NotStored,
        _ if oriel_wire::apm::COUNTED_PATHS.contains(&path) => Duty::NotStored,
        _ => Duty::Unknown,
    }
}

impl RequestSink for Forwarder {
    fn accept(&self, request: IntakeRequest) -> Pin<Box<dyn Future<Output = IntakeAnswer> + Send + '_>> {
        Box::pin(self.take(request))
    }
}

impl Forwarder {
    /// Where lines of the trace agent's DogStatsD proxy go.
    pub fn feed_lines_to(&self, lines: Lines) {
        *self.lines.lock() = Some(lines);
    }

    async fn take(&self, mut request: IntakeRequest) -> IntakeAnswer {
        let path = oriel_wire::apm::evp_target(&request.path).unwrap_or(&request.path).to_owned();
        let duty = duty(&request, &path);
        request.path = path;
        match duty {
            Duty::Info => {
                let version = env!("CARGO_PKG_VERSION");
                IntakeAnswer::json(200, oriel_wire::apm::info(oriel_wire::apm::Info { version }))
            }
            Duty::Config => IntakeAnswer::json(200, "{}"),
            Duty::Lines => self.lines(&request),
            Duty::Traces => match self.keep(request).await {
                Ok(()) => IntakeAnswer::json(200, self.shared.rates.lock().clone()),
                Err(e) => unkept(&e),
            },
            Duty::Kept(status) => match self.keep(request).await {
                Ok(()) => IntakeAnswer::json(status, "{}"),
                Err(e) => unkept(&e),
            },
            Duty::Otlp => {
                let kind = request.header("content-type").unwrap_or("application/x-protobuf").to_owned();
                match self.keep(request).await {
                    Ok(()) => empty_message(kind),
                    Err(e) => unkept(&e),
                }
            }
            Duty::NotStored => {
                self.count_unstored(&request.path);
                IntakeAnswer::json(202, "{}")
            }
            Duty::Unknown => {
                refusal(404, &format!("nothing answers {} {} here", request.method, request.path))
            }
        }
    }

    fn lines(&self, request: &IntakeRequest) -> IntakeAnswer {
        match self.lines.lock().as_ref() {
            Some(lines) => IntakeAnswer::json(200, format!("{{\"lines\":{}}}", lines(&request.body))),
            None => refusal(503, "DogStatsD is off; start it with --statsd"),
        }
    }

    /// Appends a request to the buffer; on success it survives a crash.
    async fn keep(&self, request: IntakeRequest) -> Result<(), ErrorBody> {
        let hostname = self.hostname.clone();
        self.append(move || Ok(vec![payload(&request, &hostname)?])).await
    }

    fn count_unstored(&self, path: &str) {
        let mut counted = self.shared.unstored.lock();
        let path = if counted.contains_key(path) || counted.len() < COUNTED_MAX { path } else { "others" };
        *counted.entry(path.to_owned()).or_default() += 1;
    }
}

/// A request as it is kept: what the server needs of its head, and the body, compressed when it was not.
fn payload(request: &IntakeRequest, hostname: &str) -> std::io::Result<Payload> {
    let target = match request.query.as_str() {
        "" => request.path.clone(),
        query => format!("{}?{query}", request.path),
    };
    let is_ours = |name: &str| matches!(name, "dd-api-key" | "user-agent" | "x-oriel-host");
    let mut headers: Vec<_> = request.headers.iter().filter(|(name, _)| !is_ours(name)).cloned().collect();
    let said = request.header("x-oriel-host").unwrap_or(hostname);
    headers.push(("x-oriel-host".to_owned(), said.to_owned()));
    let body = if request.header("content-encoding").is_none_or(|e| e.trim().is_empty()) {
        headers.retain(|(name, _)| name != "content-encoding");
        headers.push(("content-encoding".to_owned(), "zstd".to_owned()));
        zstd::encode_all(&request.body[..], ZSTD_LEVEL)?
    } else {
        request.body.to_vec()
    };
    let head = serde_json::to_vec(&RawHead { target, headers })?;
    let mut record = Vec::with_capacity(LENGTH + head.len() + body.len());
    record.extend_from_slice(&u32::try_from(head.len()).unwrap_or(u32::MAX).to_le_bytes());
    record.extend_from_slice(&head);
    record.extend_from_slice(&body);
    Ok(Payload { route: Route::Raw, body: record })
}

/// A kept request's head and body; none when it is damaged.
pub(super) fn unpack(record: &[u8]) -> Option<(RawHead, &[u8])> {
    let (length, rest) = record.split_first_chunk::<LENGTH>()?;
    let (head, body) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    Some((serde_json::from_slice(head).ok()?, body))
}

/// Whether the server's answer to a target bears sampling rates.
pub(super) fn bears_rates(target: &str) -> bool {
    target.starts_with("/v0.") && target.contains("/traces")
}

fn empty_message(content_type: String) -> IntakeAnswer {
    let body = if content_type.contains("json") { Bytes::from_static(b"{}") } else { Bytes::new() };
    IntakeAnswer { status: 200, headers: vec![("content-type".to_owned(), content_type)], body }
}

/// The disk did not take it: the client keeps it and tries again.
fn unkept(error: &ErrorBody) -> IntakeAnswer {
    let mut answer = refusal(503, &error.message);
    answer.headers.push(("retry-after".to_owned(), "2".to_owned()));
    answer
}

fn refusal(status: u16, message: &str) -> IntakeAnswer {
    IntakeAnswer::json(status, serde_json::json!({ "errors": [message] }).to_string())
}

#[cfg(test)]
mod tests;
