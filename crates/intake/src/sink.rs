//! Where submissions and whole requests go.

use bytes::Bytes;
use oriel_model::{ErrorBody, Submission};
use std::future::Future;
use std::pin::Pin;

/// Takes submissions. A successful return means durable: stored by the server, or in the agent's disk buffer. A retry after an
/// error is safe when every point bears its own time, which an aggregator's flush does.
pub trait Sink: Send + Sync + 'static {
    fn submit(
        &self,
        submission: Submission,
    ) -> Pin<Box<dyn Future<Output = Result<(), ErrorBody>> + Send + '_>>;
}

/// A request of a local sender, as it came. What it means is decided where it is stored, so that the agent can keep it on disk
/// and hand it on unread.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IntakeRequest {
    /// In capitals: `POST`, `PUT`, `GET`.
    pub method: String,
    /// With its leading slash, without the query.
    pub path: String,
    /// What stands after `?`; empty when nothing does.
    pub query: String,
    /// Names in small letters; only those that a decoder may ask for (see `http::KEPT_HEADERS`).
    pub headers: Vec<(String, String)>,
    /// As sent: encodings (`content-encoding`) are not undone.
    pub body: Bytes,
}

impl IntakeRequest {
    /// A `POST` without a query.
    pub fn post(path: impl Into<String>, headers: Vec<(String, String)>, body: Bytes) -> Self {
        Self { method: "POST".to_owned(), path: path.into(), query: String::new(), headers, body }
    }

    /// A header by its name in small letters.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

/// What the sender is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntakeAnswer {
    pub status: u16,
    /// Names in small letters.
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
}

impl IntakeAnswer {
    /// A JSON answer; never give it an empty text, which a tracer counts as a lost payload.
    pub fn json(status: u16, body: impl Into<Bytes>) -> Self {
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        Self { status, headers, body: body.into() }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// Takes whole requests. A 2xx answer means durable: stored and queryable in the server, in the agent's disk buffer otherwise.
pub trait RequestSink: Send + Sync + 'static {
    fn accept(&self, request: IntakeRequest) -> Pin<Box<dyn Future<Output = IntakeAnswer> + Send + '_>>;
}
