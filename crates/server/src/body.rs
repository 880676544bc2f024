//! Bodies of intake requests: a permit of the budget first, then the bytes within their limit and time, then the encodings
//! undone. What is large is decoded on a thread that may block, never on one that serves sockets.

use crate::answer::{Answer, Failure};
use crate::app::{App, PERMIT_BYTES};
use crate::auth::Sender;
use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::{HeaderMap, StatusCode, header};
use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use oriel_store::RequestDigest;
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::SemaphorePermit;

/// A body has to be here within this time; 16 MiB need it on a line of 2 Mbit/s.
const READ: Duration = Duration::from_secs(60);
/// How long a request waits for memory before it is told to come back.
const QUEUE: Duration = Duration::from_secs(2);
/// How much larger bodies usually get when they are decompressed and decoded: JSON of metrics packs about eightfold.
const GROWTH: usize = 8;
/// Bodies that take more than about 100 µs to decode leave the I/O threads.
pub(crate) const INLINE_BYTES: usize = 16 << 10;

/// A request to an intake: who sent it, and its body as it came.
pub(crate) struct Posted {
    pub(crate) sender: Sender,
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) raw: Bytes,
}

impl FromRequest<Arc<App>> for Posted {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Failure> {
        let (mut parts, body) = request.into_parts();
        let sender = Sender::from_request_parts(&mut parts, app).await?;
        let limit = app.limits.body_bytes;
        let said: Option<usize> =
            header_text(&parts.headers, header::CONTENT_LENGTH).and_then(|t| t.parse().ok());
        if said.is_some_and(|n| n > limit) {
            return Err(too_large(limit));
        }
        let _permit = permit(app, said.unwrap_or(PERMIT_BYTES)).await?;
        let raw = read(body, limit).await?;
        let path = parts.uri.path().to_owned();
        Ok(Self { sender, path, headers: parts.headers, raw })
    }
}

impl Posted {
    pub(crate) fn header(&self, name: header::HeaderName) -> Option<&str> {
        header_text(&self.headers, name)
    }

    /// A header by its name in small letters.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|v| v.to_str().ok())
    }

    /// The machine that a request is of which names none: this one for a loopback listener, the one that an agent relays for;
    /// else nobody knows.
    pub(crate) fn local_host<'p>(&'p self, app: &'p App) -> &'p str {
        match self.text("x-oriel-host") {
            Some(host) => host,
            None if self.sender.is_local() => &app.options.hostname,
            None => "",
        }
    }

    /// The body with its encodings undone, within the limit.
    pub(crate) fn decoded(&self, limit: usize) -> Answer<Cow<'_, [u8]>> {
        let encoding = self.header(header::CONTENT_ENCODING);
        oriel_wire::body::decode(encoding, &self.raw, limit)
            .map_err(|e| Failure::of_code(e.code(), e.to_string()))
    }

    /// Tells a repeat of this request from another one (STORE 12).
    pub(crate) fn digest(&self) -> RequestDigest {
        let mut hash = xxhash_rust::xxh3::Xxh3::new();
        hash.update(&self.sender.org.0.to_le_bytes());
        hash.update(&self.sender.key_id.to_le_bytes());
        hash.update(&(self.path.len() as u64).to_le_bytes());
        hash.update(self.path.as_bytes());
        // A sender that names its requests says itself which are the same.
        hash.update(self.text("idempotency-key").unwrap_or_default().as_bytes());
        hash.update(&self.raw);
        RequestDigest(hash.digest128())
    }

    /// Memory for what the body becomes, until it is stored.
    pub(crate) async fn permit<'a>(&self, app: &'a App) -> Answer<SemaphorePermit<'a>> {
        permit(app, (self.raw.len() * GROWTH).min(app.limits.decompressed_bytes)).await
    }
}

async fn permit(app: &App, bytes: usize) -> Answer<SemaphorePermit<'_>> {
    let units = u32::try_from(bytes.div_ceil(PERMIT_BYTES).max(1)).unwrap_or(u32::MAX);
    match tokio::time::timeout(QUEUE, app.bodies.acquire_many(units)).await {
        Ok(Ok(permit)) => Ok(permit),
        _ => Err(Failure::busy("too many bodies are being read at once; send again in 2 s", 2)),
    }
}

async fn read(body: Body, limit: usize) -> Answer<Bytes> {
    let mut whole = BytesMut::new();
    let mut pieces = body.into_data_stream();
    let all = async {
        while let Some(data) = pieces.next().await {
            let data = data.map_err(|e| Failure::invalid(format!("the body ended early: {e}")))?;
            if whole.len() + data.len() > limit {
                return Err(too_large(limit));
            }
            whole.extend_from_slice(&data);
        }
        Ok(())
    };
    match tokio::time::timeout(READ, all).await {
        Ok(done) => done.map(|()| whole.freeze()),
        Err(_) => Err(Failure::new(
            StatusCode::REQUEST_TIMEOUT,
            "the body did not come within 60 s; send smaller requests",
        )),
    }
}

fn too_large(limit: usize) -> Failure {
    Failure::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        format!("the body is over {limit} bytes; send smaller requests"),
    )
}

fn header_text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name).and_then(|v| v.to_str().ok())
}
