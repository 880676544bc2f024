//! Frames to requests: a batch a second, or when it is full; one after the other, each until the sink has taken it.

use super::Frame;
use crate::{IntakeRequest, RequestSink};
use bytes::Bytes;
use oriel_model::{Clock, Limits, OrgId, RowBatchBuilder, Signal, TimeRange};
use oriel_wire::logs::{Defaults, encode};
use oriel_wire::syslog::{Decoder, Received};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// The longest a frame waits before it is handed on.
const EVERY: Duration = Duration::from_secs(1);
/// Frames of one batch.
const ROWS_MAX: usize = 1000;
/// Bytes of one batch: a quarter of what the agent's protocol allows a request of logs.
const BYTES_MAX: usize = 1 << 20;
/// First and longest pause before a batch is offered again.
const PAUSE_MIN: Duration = Duration::from_millis(500);
const PAUSE_MAX: Duration = Duration::from_secs(30);
/// Statuses that no retry changes.
const REFUSED: [u16; 4] = [400, 401, 403, 413];
/// Offers of a batch once the listener is asked to leave.
const LAST_OFFERS: u32 = 2;

pub(super) struct Batcher {
    pub(super) sink: Arc<dyn RequestSink>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) limits: Limits,
    pub(super) default_host: String,
}

impl Batcher {
    /// Ends when every listener has gone and what they read is handed on.
    pub(super) async fn run(self, mut waiting: mpsc::Receiver<Frame>, cancel: CancellationToken) {
        let mut frames = Vec::new();
        // Equal lines of one second may come in two batches and are two logs all the same: each batch has a name of its own.
        let started_ms = self.clock.now_ms();
        let mut batches = 0_u64;
        while let Some(first) = waiting.recv().await {
            let mut bytes = first.bytes.len();
            frames.push(first);
            let until = tokio::time::sleep(EVERY);
            tokio::pin!(until);
            while frames.len() < ROWS_MAX && bytes < BYTES_MAX {
                let frame = tokio::select! {
                    frame = waiting.recv() => frame,
                    () = &mut until => break,
                };
                let Some(frame) = frame else { break };
                bytes += frame.bytes.len();
                frames.push(frame);
            }
            let body = self.body(&frames);
            frames.clear();
            if let Some(body) = body {
                batches += 1;
                self.offer(body, format!("syslog-{started_ms}-{batches}"), &cancel).await;
            }
        }
    }

    fn body(&self, frames: &[Frame]) -> Option<Bytes> {
        let offset_s = local_offset_s(self.clock.now_ms());
        let all = TimeRange::new(i64::MIN, i64::MAX);
        // Who the rows belong to is the sink's to say.
        let mut rows = RowBatchBuilder::new(OrgId(0), Signal::Logs, &self.limits, all);
        let defaults = Defaults::default();
        let mut decoder = Decoder::new(&defaults, &mut rows);
        for frame in frames {
            let peer = frame.peer.to_canonical();
            let named = (!peer.is_loopback()).then(|| peer.to_string());
            let now_ns = frame.time_ms.saturating_mul(1_000_000);
            let host = named.as_deref().unwrap_or(&self.default_host);
            decoder.frame(&frame.bytes, &Received { now_ns, host, offset_s });
        }
        let (batch, refused) = rows.finish();
        if !refused.is_empty() {
            tracing::warn!("syslog: {}", refused.summary());
        }
        (!batch.is_empty()).then(|| Bytes::from(encode(&batch)))
    }

    async fn offer(&self, body: Bytes, name: String, cancel: &CancellationToken) {
        let mut pause = PAUSE_MIN;
        let mut last_offers = 0;
        loop {
            let headers = vec![
                ("content-type".to_owned(), "application/json".to_owned()),
                ("idempotency-key".to_owned(), name.clone()),
            ];
            let answer = self.sink.accept(IntakeRequest::post("/api/v2/logs", headers, body.clone())).await;
            if answer.is_success() {
                return;
            }
            let text = String::from_utf8_lossy(&answer.body).chars().take(300).collect::<String>();
            last_offers += u32::from(cancel.is_cancelled());
            if REFUSED.contains(&answer.status) || last_offers >= LAST_OFFERS {
                tracing::warn!(status = answer.status, %text, "syslog: a batch was not taken and is lost");
                return;
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = cancel.cancelled(), if last_offers == 0 => {}
            }
            pause = (pause * 2).min(PAUSE_MAX);
        }
    }
}

/// Seconds east of UTC, here and now.
fn local_offset_s(now_ms: i64) -> i32 {
    let now = jiff::Timestamp::from_millisecond(now_ms).unwrap_or_default();
    jiff::tz::TimeZone::system().to_offset(now).seconds()
}
