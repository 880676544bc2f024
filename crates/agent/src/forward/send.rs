//! Sends what is buffered, in order, one request at a time.
//!
//! | answer | what follows |
//! |---|---|
//! | 2xx | the body leaves the buffer |
//! | 400, 404, 405, 413, 415 | dropped and counted: it would be refused for ever |
//! | 401, 403 | kept; the state says that the key is wrong; asked again every half minute |
//! | 429, 503 with `Retry-After` | kept; asked again when the server says |
//! | anything else, or no answer | kept; asked again after 1, 2, 4 … 64 s, each with jitter |

use super::Shared;
use super::buffer::{Payload, Place, Route};
use super::relay::{RawHead, bears_rates, unpack};
use crate::Error;
use reqwest::header::{HeaderMap, HeaderValue, RETRY_AFTER};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::watch;

const REQUEST_MAX: Duration = Duration::from_secs(30);
const CONNECT_MAX: Duration = Duration::from_secs(10);
const PAUSE_MIN: Duration = Duration::from_secs(1);
const PAUSE_MAX: Duration = Duration::from_secs(64);
/// A wrong key is corrected by a person.
const KEY_PAUSE: Duration = Duration::from_secs(30);
/// The longest a server may put us off.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(300);
/// Rates of some thousands of services.
const RATES_BYTES_MAX: usize = 1 << 20;
/// What is shown of a server's answer.
const ANSWER_BYTES_MAX: usize = 200;

pub(super) struct Sender {
    client: reqwest::Client,
    shared: Arc<Shared>,
    pause: Duration,
}

/// What to do with the body that was sent.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Taken,
    Refused(u16),
    Later { pause: Option<Duration> },
}

impl Sender {
    pub(super) fn new(server: &str, api_key: &str, shared: Arc<Shared>) -> Result<Self, Error> {
        let is_url =
            reqwest::Url::parse(server).is_ok_and(|u| matches!(u.scheme(), "http" | "https") && u.has_host());
        if !is_url {
            return Err(Error::Setting(format!("the server's URL is {server:?}; write http://HOST:8080")));
        }
        let key = HeaderValue::from_str(api_key)
            .map_err(|_| Error::Setting("the API key has characters that no header may have".to_owned()))?;
        let mut headers = HeaderMap::new();
        headers.insert("DD-API-KEY", key);
        headers.insert("Content-Encoding", HeaderValue::from_static("zstd"));
        // Another part of the process may have chosen a provider already, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .default_headers(headers)
            .user_agent(concat!("oriel-agent/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .timeout(REQUEST_MAX)
            .connect_timeout(CONNECT_MAX)
            .build()
            .map_err(|e| Error::Setting(format!("no HTTP client: {e}")))?;
        Ok(Self { client, shared, pause: PAUSE_MIN })
    }

    pub(super) async fn run(mut self, mut stopped: watch::Receiver<bool>) {
        loop {
            let wait = match self.first().await {
                Some((payload, place)) => tokio::select! {
                    _ = stopped.changed() => return,
                    wait = self.send(payload, place) => wait,
                },
                None => {
                    self.shared.progress.lock().state = "ok".to_owned();
                    tokio::select! {
                        _ = stopped.changed() => return,
                        () = self.shared.filled.notified() => continue,
                    }
                }
            };
            if let Some(wait) = wait {
                tokio::select! {
                    _ = stopped.changed() => return,
                    () = tokio::time::sleep(wait) => {}
                }
            }
        }
    }

    /// Reads from the disk, off the runtime's own threads.
    async fn first(&self) -> Option<(Payload, Place)> {
        let shared = Arc::clone(&self.shared);
        tokio::task::spawn_blocking(move || shared.buffer.lock().first()).await.ok().flatten()
    }

    /// Sends one body; gives how long to wait before the next, when to wait at all.
    async fn send(&mut self, payload: Payload, place: Place) -> Option<Duration> {
        let (target, request) = match self.request(payload) {
            Some(request) => request,
            None => {
                self.note(|p| count(&mut p.refused, "damaged"));
                self.shared.buffer.lock().sent(place);
                return None;
            }
        };
        let (verdict, told) = match request.send().await {
            Ok(response) => {
                let status = response.status().as_u16();
                let verdict = judge(status, response.headers());
                let told = match verdict {
                    Verdict::Taken if bears_rates(&target) => self.keep_rates(response).await,
                    Verdict::Taken => String::new(),
                    _ => answer(response).await,
                };
                (verdict, format!("the server answers {status}{told}"))
            }
            Err(e) => (Verdict::Later { pause: None }, format!("no answer: {}", innermost(&e))),
        };
        match verdict {
            Verdict::Taken => {
                self.note(|p| {
                    p.state = "ok".to_owned();
                    p.sent += 1;
                    p.last_sent_ms = now_ms();
                });
            }
            Verdict::Refused(status) => {
                tracing::warn!(%told, target, "the server refused a body for good; it was dropped");
                self.note(|p| count(&mut p.refused, &format!("status_{status}")));
            }
            Verdict::Later { pause } => return Some(self.later(told, pause)),
        }
        self.pause = PAUSE_MIN;
        self.shared.buffer.lock().sent(place);
        None
    }

    /// The request of a kept body, and what it is posted to; none for one that can't be read any more.
    fn request(&self, payload: Payload) -> Option<(String, reqwest::RequestBuilder)> {
        if payload.route != Route::Raw {
            let target = payload.route.path().to_owned();
            let request = self.client.post(format!("{}{target}", self.shared.server));
            return Some((
                target,
                request.header("Content-Type", payload.route.content_type()).body(payload.body),
            ));
        }
        let (RawHead { target, headers }, body) = unpack(&payload.body)?;
        let mut request = self.client.post(format!("{}{target}", self.shared.server));
        for (name, value) in headers {
            request = request.header(name, value);
        }
        Some((target, request.body(body.to_vec())))
    }

    /// What tracers here are told from now on.
    async fn keep_rates(&self, response: reqwest::Response) -> String {
        let body = response.bytes().await.unwrap_or_default();
        if body.len() <= RATES_BYTES_MAX && body.starts_with(b"{\"rate_by_service\":") {
            *self.shared.rates.lock() = body;
        }
        String::new()
    }

    fn later(&mut self, told: String, pause: Option<Duration>) -> Duration {
        self.note(|p| {
            if p.state != told {
                tracing::warn!(state = %told, "the server can't be sent to; what is collected is kept on disk");
            }
            p.state = told;
        });
        pause.unwrap_or_else(|| {
            let wait = self.pause.mul_f64(0.5 + rand::random::<f64>() / 2.0);
            self.pause = (self.pause * 2).min(PAUSE_MAX);
            wait
        })
    }

    fn note(&self, change: impl FnOnce(&mut super::Progress)) {
        change(&mut self.shared.progress.lock());
    }
}

fn judge(status: u16, headers: &HeaderMap) -> Verdict {
    match status {
        200..=299 => Verdict::Taken,
        400 | 404 | 405 | 413 | 415 => Verdict::Refused(status),
        401 | 403 => Verdict::Later { pause: Some(KEY_PAUSE) },
        _ => {
            let seconds = headers.get(RETRY_AFTER).and_then(|v| v.to_str().ok()?.trim().parse::<f64>().ok());
            let pause = seconds
                .filter(|s| s.is_finite() && *s >= 0.0)
                .map(|s| Duration::from_secs_f64(s.min(RETRY_AFTER_MAX.as_secs_f64())));
            Verdict::Later { pause }
        }
    }
}

/// The beginning of what the server says, in one line.
async fn answer(response: reqwest::Response) -> String {
    let status = response.status().as_u16();
    let hint = if matches!(status, 401 | 403) { " (is --api-key one of this server's?)" } else { "" };
    let body = response.bytes().await.unwrap_or_default();
    let text = String::from_utf8_lossy(&body[..body.len().min(ANSWER_BYTES_MAX)]).replace('\n', " ");
    format!("{hint}: {}", text.trim())
}

/// The cause that a person can act on: "connection refused", not "error sending request".
fn innermost(e: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = e;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

fn count(list: &mut Vec<(String, u64)>, reason: &str) {
    match list.iter_mut().find(|(r, _)| r == reason) {
        Some((_, n)) => *n += 1,
        None => list.push((reason.to_owned(), 1)),
    }
}

fn now_ms() -> Option<i64> {
    SystemTime::now().duration_since(UNIX_EPOCH).ok().and_then(|d| i64::try_from(d.as_millis()).ok())
}
