//! Logs as request bodies, and the way to the sink: one request in flight, sent until it is taken.

use super::config::LogSource;
use bytes::Bytes;
use oriel_intake::{IntakeRequest, RequestSink};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Logs of one request, as the API allows.
const RECORDS_PER_BODY: usize = 1_000;
/// Messages of one request together: the API takes 5 MB.
const BODY_BYTES: usize = 4 << 20;
const PAUSE_MIN: Duration = Duration::from_millis(200);
const PAUSE_MAX: Duration = Duration::from_secs(30);
/// Refused for good: the same body would be refused again.
const REFUSED: [u16; 3] = [400, 413, 415];

/// One log.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    pub(crate) message: String,
    pub(crate) time_ns: i64,
    pub(crate) status: Option<&'static str>,
    pub(crate) service: String,
    pub(crate) source: String,
    pub(crate) tags: Vec<String>,
    /// Beside the message; an object's fields are attributes.
    pub(crate) attributes: Map<String, Value>,
}

impl Record {
    pub(crate) fn new(source: &LogSource, message: String, time_ns: i64) -> Self {
        Self {
            message,
            time_ns,
            service: source.service.clone(),
            source: source.source.clone(),
            tags: source.tags.clone(),
            ..Self::default()
        }
    }

    fn json(self, host: &str) -> Value {
        let mut out = self.attributes;
        out.insert("message".to_owned(), self.message.into());
        out.insert("timestamp".to_owned(), rfc_3339(self.time_ns).into());
        out.insert("hostname".to_owned(), host.into());
        for (key, text) in
            [("service", self.service), ("ddsource", self.source), ("ddtags", self.tags.join(","))]
        {
            if !text.is_empty() {
                out.insert(key.to_owned(), text.into());
            }
        }
        if let Some(status) = self.status {
            out.insert("status".to_owned(), status.into());
        }
        Value::Object(out)
    }
}

/// Times of logs that do not bear one: now, and never the same twice, so that lines keep their order.
#[derive(Default)]
pub(crate) struct Stamps {
    last_ns: i64,
}

impl Stamps {
    pub(crate) fn next(&mut self, now_ms: i64) -> i64 {
        self.last_ns = (now_ms.saturating_mul(1_000_000)).max(self.last_ns + 1_000);
        self.last_ns
    }
}

/// Sends to the one sink; cloned for each source.
#[derive(Clone)]
pub(crate) struct Shipper {
    pub(crate) sink: Arc<dyn RequestSink>,
    pub(crate) host: Arc<str>,
}

/// How a batch ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Shipped {
    /// With the logs that were refused for good.
    Taken { refused: u64 },
    /// Told to stop before; nothing of it counts as taken.
    Stopped,
}

impl Shipper {
    /// Returns when the sink has taken all of them.
    pub(crate) async fn ship(
        &self,
        records: Vec<Record>,
        stopped: &mut watch::Receiver<bool>,
        note: impl Fn(Option<&str>),
    ) -> Shipped {
        let mut refused = 0;
        for (n, body) in bodies(records, &self.host) {
            match self.send(body, stopped, &note).await {
                Some(true) => {}
                Some(false) => refused += n,
                None => return Shipped::Stopped,
            }
        }
        Shipped::Taken { refused }
    }

    /// Whether it was taken; nothing when told to stop.
    async fn send(
        &self,
        body: Bytes,
        stopped: &mut watch::Receiver<bool>,
        note: &impl Fn(Option<&str>),
    ) -> Option<bool> {
        let mut pause = PAUSE_MIN;
        loop {
            let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
            let request = IntakeRequest::post("/api/v2/logs", headers, body.clone());
            let answer = self.sink.accept(request).await;
            if answer.is_success() {
                note(None);
                return Some(true);
            }
            let text = String::from_utf8_lossy(&answer.body).chars().take(300).collect::<String>();
            note(Some(&format!("the sink answers {}: {text}", answer.status)));
            if REFUSED.contains(&answer.status) {
                tracing::warn!(status = answer.status, %text, "logs were refused for good");
                return Some(false);
            }
            tokio::select! {
                _ = stopped.wait_for(|s| *s) => return None,
                () = tokio::time::sleep(pause) => {}
            }
            pause = (pause * 2).min(PAUSE_MAX);
        }
    }
}

/// JSON arrays within the API's bounds, each with how many logs it has.
fn bodies(records: Vec<Record>, host: &str) -> Vec<(u64, Bytes)> {
    let mut out = Vec::new();
    let (mut list, mut bytes) = (Vec::new(), 0);
    for record in records {
        let size = record.message.len();
        if list.len() >= RECORDS_PER_BODY || (bytes + size > BODY_BYTES && !list.is_empty()) {
            out.push(body(std::mem::take(&mut list)));
            bytes = 0;
        }
        bytes += size;
        list.push(record.json(host));
    }
    if !list.is_empty() {
        out.push(body(list));
    }
    out
}

fn body(list: Vec<Value>) -> (u64, Bytes) {
    (list.len() as u64, json!(list).to_string().into())
}

/// `2024-06-05T13:02:11.123456789Z`.
fn rfc_3339(time_ns: i64) -> String {
    let (seconds, nanoseconds) = (time_ns.div_euclid(1_000_000_000), time_ns.rem_euclid(1_000_000_000));
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // The civil calendar from days: years begin in March, so that the leap day is their last.
    let shifted = days + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{nanoseconds:09}Z")
}

#[cfg(test)]
mod tests;
