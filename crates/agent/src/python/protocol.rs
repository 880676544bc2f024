//! The frames between the agent and its Python host: a four-byte little-endian length and a JSON object.

use crate::check::{Bucket, Failure, Run, Sample, SampleKind, Signal};
use oriel_model::{AlertType, CheckStatus, Event, Priority};
use serde::Deserialize;
use serde_json::{Map, Value};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Longest frame, the host's bound too: half a million samples.
const FRAME_BYTES_MAX: usize = 64 << 20;

/// What the host says: an answer to a run, or a line for the log.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Message {
    pub(super) id: Option<u64>,
    pub(super) log: Option<i64>,
    pub(super) pong: bool,
    pub(super) text: String,
    pub(super) rss: u64,
    metrics: Vec<(i64, String, f64, Vec<String>, String, bool)>,
    service_checks: Vec<(String, i64, Vec<String>, String, String)>,
    events: Vec<Map<String, Value>>,
    buckets: Vec<RawBucket>,
    lost: u64,
    warnings: Vec<String>,
    error: Option<RawError>,
}

/// name, value, lower and upper (as text: they may be infinite), monotonic, host, tags, flush first
type RawBucket = (String, i64, String, String, bool, String, Vec<String>, bool);

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RawError {
    message: String,
    file: Option<String>,
    line: Option<u32>,
    hint: Option<String>,
    traceback: String,
}

impl Message {
    /// The run that an answer tells of.
    pub(super) fn into_run(self, check: &str) -> Run {
        let mut run = Run { warnings: self.warnings, ..Run::default() };
        run.samples = self.metrics.into_iter().filter_map(sample).collect();
        run.signals = self.service_checks.into_iter().map(signal).collect();
        run.buckets = self.buckets.into_iter().filter_map(bucket).collect();
        run.events = self.events.iter().map(|e| event(e, check)).collect();
        if self.lost > 0 {
            run.warn(format!("{} submissions were over the limit of one run and were left out", self.lost));
        }
        run.failure = self.error.map(|e| {
            if !e.traceback.is_empty() {
                tracing::debug!(check, traceback = %e.traceback, "a check raised");
            }
            Failure { message: e.message, file: e.file, line: e.line, hint: e.hint, pending: false }
        });
        run
    }
}

fn sample(
    (kind, name, value, tags, host, flush_first): (i64, String, f64, Vec<String>, String, bool),
) -> Option<Sample> {
    Some(Sample { kind: SampleKind::from_code(kind)?, name, value, tags, host, flush_first })
}

fn signal((check, status, tags, host, message): (String, i64, Vec<String>, String, String)) -> Signal {
    Signal {
        check,
        status: CheckStatus::from_code(status).unwrap_or(CheckStatus::Unknown),
        tags,
        host,
        message,
    }
}

fn bucket((name, count, lower, upper, monotonic, host, tags, flush_first): RawBucket) -> Option<Bucket> {
    let (lower, upper) = (lower.parse().ok()?, upper.parse().ok()?);
    Some(Bucket { name, count, lower, upper, monotonic, tags, host, flush_first })
}

/// An event's dictionary may lack any key; a missing time is the run's.
fn event(raw: &Map<String, Value>, check: &str) -> Event {
    let text = |key: &str| match raw.get(key) {
        Some(Value::String(s)) => s.clone(),
        None | Some(Value::Null) => String::new(),
        Some(other) => other.to_string(),
    };
    let source = text("source_type_name");
    Event {
        id: 0,
        time_ms: raw.get("timestamp").and_then(Value::as_f64).map_or(0, |s| (s * 1000.0) as i64),
        title: text("msg_title"),
        text: text("msg_text"),
        host: text("host"),
        source: if source.is_empty() { check.to_owned() } else { source },
        aggregation_key: text("aggregation_key"),
        priority: Priority::parse(&text("priority")).unwrap_or_default(),
        alert_type: AlertType::parse(&text("alert_type")).unwrap_or_default(),
        tags: crate::collect::strings(raw.get("tags")),
    }
}

/// Writes one frame.
pub(super) async fn write(to: &mut (impl AsyncWrite + Unpin), message: &Value) -> std::io::Result<()> {
    let body = message.to_string();
    let len = u32::try_from(body.len()).map_err(|_| std::io::Error::other("frame too long"))?;
    to.write_all(&[&len.to_le_bytes()[..], body.as_bytes()].concat()).await
}

/// Reads one frame; none at the end.
pub(super) async fn read(from: &mut (impl AsyncRead + Unpin)) -> std::io::Result<Option<Message>> {
    let mut head = [0; 4];
    match from.read_exact(&mut head).await {
        Ok(_) => {}
        Err(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(e) => return Err(e),
    }
    let len = u32::from_le_bytes(head) as usize;
    if len > FRAME_BYTES_MAX {
        return Err(std::io::Error::other(format!("the Python host sent a frame of {len} bytes")));
    }
    let mut body = vec![0; len];
    from.read_exact(&mut body).await?;
    serde_json::from_slice(&body).map(Some).or_else(|e| {
        let text = String::from_utf8_lossy(&body[..body.len().min(200)]).into_owned();
        tracing::warn!(error = %e, frame = %text, "the Python host sent a frame that can't be read");
        Ok(Some(Message::default()))
    })
}
