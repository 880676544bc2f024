//! The way from a lone agent to its server: a buffer on disk and a sender that never loses what fits in it.
//!
//! A submission becomes ready-made request bodies, and a request of a local sender stays what it is (`relay`); they are appended to the buffer and fsynced before the
//! sink returns. One
//! task sends them in order; a body leaves the buffer when the server has taken it, or refused it for good.

mod buffer;
mod relay;
mod send;

pub use relay::Lines;

use crate::{Error, ForwarderStatus};
use buffer::{Buffer, Payload, Route};
use bytes::Bytes;
use oriel_intake::Sink;
use oriel_model::{Code, ErrorBody, Submission};
use oriel_wire::datadog::encode;
use parking_lot::Mutex;
use send::Sender;
use std::collections::BTreeMap;
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

/// Where to send, and how much to keep while that is not possible.
#[derive(Clone, Debug)]
pub struct ForwarderOptions {
    /// `http://host:8080` or `https://…`; paths of the Datadog agent's API are appended.
    pub server_url: String,
    pub api_key: String,
    /// The buffer's folder; made when it does not exist.
    pub buffer_dir: PathBuf,
    /// The oldest payloads are dropped, and counted, past this.
    pub buffer_bytes_max: u64,
    /// The host of relayed requests that name none.
    pub hostname: String,
}

/// Series of one request: about half a megabyte raw, a tenth of what the agent's protocol allows.
const SERIES_PER_BODY: usize = 5_000;
/// Checks, events and sketches of one request.
const ROWS_PER_BODY: usize = 1_000;
/// The agent's own level: above it bodies shrink by a few percent and cost twice the time.
const ZSTD_LEVEL: i32 = 3;
/// The longest a shutdown goes on sending.
const LAST_SENDS_MAX: Duration = Duration::from_secs(2);

/// A sink whose success means: in the agent's disk buffer, fsynced.
pub struct Forwarder {
    shared: Arc<Shared>,
    stop: watch::Sender<bool>,
    task: tokio::sync::Mutex<Option<JoinHandle<()>>>,
    hostname: String,
    lines: Mutex<Option<Lines>>,
}

/// What the sink and the sender share.
struct Shared {
    server: String,
    buffer: Mutex<Buffer>,
    /// Rung when something was appended.
    filled: Notify,
    progress: Mutex<Progress>,
    /// What tracers are told: the server's last answer to traces.
    rates: Mutex<Bytes>,
    /// Requests that no server stores, by path.
    unstored: Mutex<BTreeMap<String, u64>>,
}

#[derive(Default)]
struct Progress {
    state: String,
    sent: u64,
    last_sent_ms: Option<i64>,
    refused: Vec<(String, u64)>,
}

impl Forwarder {
    /// Opens the buffer and starts sending what is in it; must be called inside a tokio runtime.
    pub fn open(options: ForwarderOptions) -> Result<Arc<Self>, Error> {
        let buffer = Buffer::open(&options.buffer_dir, options.buffer_bytes_max)?;
        let server = options.server_url.trim_end_matches('/').to_owned();
        let shared = Arc::new(Shared {
            server: server.clone(),
            buffer: Mutex::new(buffer),
            filled: Notify::new(),
            progress: Mutex::new(Progress { state: "starting".to_owned(), ..Progress::default() }),
            rates: Mutex::new(Bytes::from(oriel_wire::apm::answer_rates(&[], 1.0))),
            unstored: Mutex::default(),
        });
        let sender = Sender::new(&server, &options.api_key, Arc::clone(&shared))?;
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(sender.run(stopped));
        let task = tokio::sync::Mutex::new(Some(task));
        Ok(Arc::new(Self { shared, stop, task, hostname: options.hostname, lines: Mutex::default() }))
    }

    pub fn status(&self) -> ForwarderStatus {
        let (bytes, payloads, bytes_max, mut dropped) = {
            let buffer = self.shared.buffer.lock();
            (buffer.bytes(), buffer.payloads(), buffer.bytes_max(), buffer.dropped())
        };
        let progress = self.shared.progress.lock();
        dropped.extend(progress.refused.iter().cloned());
        let unstored = self.shared.unstored.lock();
        dropped.extend(unstored.iter().map(|(path, n)| (format!("not_stored:{path}"), *n)));
        drop(unstored);
        ForwarderStatus {
            server: self.shared.server.clone(),
            state: progress.state.clone(),
            buffered_bytes: bytes,
            buffered_payloads: payloads,
            buffer_bytes_max: bytes_max,
            sent_payloads: progress.sent,
            last_sent_ms: progress.last_sent_ms,
            dropped,
        }
    }

    /// Tries once more to send what is buffered, for at most two seconds, and stops. What is left stays on disk.
    pub async fn shutdown(&self) {
        let until = tokio::time::Instant::now() + LAST_SENDS_MAX;
        while self.shared.buffer.lock().payloads() > 0 && tokio::time::Instant::now() < until {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.stop.send_replace(true);
        if let Some(task) = self.task.lock().await.take() {
            // A sender that panicked has nothing to finish.
            let _ = task.await;
        }
    }
}

impl Forwarder {
    /// Appends what `make` gives to the buffer, on a thread that may block.
    async fn append(
        &self,
        make: impl FnOnce() -> std::io::Result<Vec<Payload>> + Send + 'static,
    ) -> Result<(), ErrorBody> {
        let shared = Arc::clone(&self.shared);
        let appended = tokio::task::spawn_blocking(move || {
            let payloads = make().map_err(|e| Error::io("a request body", e))?;
            let appended = shared.buffer.lock().append(&payloads);
            shared.filled.notify_one();
            appended
        });
        match appended.await {
            Ok(done) => done.map_err(ErrorBody::from),
            Err(e) => Err(ErrorBody::new(Code::Internal, e.to_string())),
        }
    }
}

impl Sink for Forwarder {
    fn submit(
        &self,
        submission: Submission,
    ) -> Pin<Box<dyn Future<Output = Result<(), ErrorBody>> + Send + '_>> {
        Box::pin(self.append(move || payloads(&submission)))
    }
}

/// The request bodies of a submission, compressed.
fn payloads(submission: &Submission) -> std::io::Result<Vec<Payload>> {
    let mut raw: Vec<(Route, Vec<u8>)> = Vec::new();
    let s = submission;
    raw.extend(s.series.chunks(SERIES_PER_BODY).map(|c| (Route::Series, encode::series_v2(c))));
    raw.extend(s.sketches.chunks(ROWS_PER_BODY).map(|c| (Route::Sketches, encode::sketches(c))));
    raw.extend(s.checks.chunks(ROWS_PER_BODY).map(|c| (Route::Checks, encode::checks(c))));
    raw.extend(s.events.chunks(ROWS_PER_BODY).map(|c| (Route::Intake, encode::events_intake(c, &c[0].host))));
    raw.extend(s.host_metadata.iter().map(|m| (Route::Intake, encode::host_metadata(m))));
    raw.into_iter()
        .map(|(route, body)| Ok(Payload { route, body: zstd::encode_all(body.as_slice(), ZSTD_LEVEL)? }))
        .collect()
}
