//! One connection: requests read whole within their bounds, the sink's answers written back. `Host` is not looked at: over a unix
//! socket a client puts anything there.

use super::{KeyCheck, Shared, check_key, is_kept_header};
use crate::{IntakeAnswer, IntakeRequest};
use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::net::{TcpStream, UnixStream};
use tokio_util::sync::CancellationToken;

/// Request headers have to be here within this time. Clients keep idle connections, so it is long.
const HEADERS: Duration = Duration::from_secs(120);
/// A body has to be here within this time.
const READ: Duration = Duration::from_secs(60);
/// How long a request waits for memory before its sender is told to come back.
const QUEUE: Duration = Duration::from_secs(2);

/// Either transport.
pub(super) enum Stream {
    Tcp(TcpStream),
    Unix(UnixStream),
}

pub(super) async fn serve(
    stream: Stream,
    shared: Arc<Shared>,
    key_check: Option<KeyCheck>,
    cancel: CancellationToken,
) {
    match stream {
        Stream::Tcp(stream) => speak(TokioIo::new(stream), shared, key_check, cancel).await,
        Stream::Unix(stream) => speak(TokioIo::new(stream), shared, key_check, cancel).await,
    }
}

async fn speak<S>(io: S, shared: Arc<Shared>, key_check: Option<KeyCheck>, cancel: CancellationToken)
where
    S: hyper::rt::Read + hyper::rt::Write + Unpin + Send + 'static,
{
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEADERS);
    let service = service_fn(move |request| {
        let (shared, key_check) = (shared.clone(), key_check.clone());
        async move { Ok::<_, Infallible>(respond(answer(request, &shared, key_check.as_ref()).await)) }
    });
    let connection = builder.serve_connection(io, service);
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = cancel.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(e) = ended {
        // Clients leave in the middle all the time.
        tracing::debug!(error = %e, "a connection ended early");
    }
}

async fn answer(request: Request<Incoming>, shared: &Shared, key_check: Option<&KeyCheck>) -> IntakeAnswer {
    shared.requests.fetch_add(1, Ordering::Relaxed);
    let (parts, body) = request.into_parts();
    let headers = parts.headers.iter().filter(|(name, _)| is_kept_header(name.as_str()));
    let headers = headers
        .map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        })
        .collect();
    let mut request = IntakeRequest {
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers,
        body: Bytes::new(),
    };
    if let Err(refused) = check_key(&request, key_check) {
        shared.refused.fetch_add(1, Ordering::Relaxed);
        return refused;
    }
    let said = body.size_hint().upper().and_then(|n| usize::try_from(n).ok());
    let wanted = said.unwrap_or(shared.body_bytes_max).clamp(1, shared.body_bytes_max);
    let permits = u32::try_from(wanted).unwrap_or(u32::MAX);
    let permit = tokio::time::timeout(QUEUE, shared.bodies.acquire_many(permits)).await;
    let Ok(Ok(_permit)) = permit else {
        shared.refused.fetch_add(1, Ordering::Relaxed);
        return busy();
    };
    match read(body, said, shared.body_bytes_max).await {
        Ok(whole) => request.body = whole,
        Err(refused) => {
            shared.refused.fetch_add(1, Ordering::Relaxed);
            return refused;
        }
    }
    shared.sink.accept(request).await
}

async fn read(body: Incoming, said: Option<usize>, max: usize) -> Result<Bytes, IntakeAnswer> {
    if said.is_some_and(|n| n > max) {
        return Err(too_large(max));
    }
    let all = async {
        let mut body = body;
        let mut first = Bytes::new();
        let mut whole = BytesMut::new();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|e| refusal(400, &format!("the body ended early: {e}")))?;
            let Ok(data) = frame.into_data() else { continue };
            if first.len() + whole.len() + data.len() > max {
                return Err(too_large(max));
            }
            // A body of one piece is not copied.
            match (first.is_empty(), whole.is_empty()) {
                (true, true) => first = data,
                (false, true) => {
                    whole.reserve(said.unwrap_or(0).max(first.len() + data.len()));
                    whole.extend_from_slice(&std::mem::take(&mut first));
                    whole.extend_from_slice(&data);
                }
                _ => whole.extend_from_slice(&data),
            }
        }
        Ok(if whole.is_empty() { first } else { whole.freeze() })
    };
    match tokio::time::timeout(READ, all).await {
        Ok(done) => done,
        Err(_) => Err(refusal(408, "the body did not come within 60 s; send smaller requests")),
    }
}

fn too_large(max: usize) -> IntakeAnswer {
    refusal(413, &format!("the body is over {max} bytes; send smaller requests"))
}

fn busy() -> IntakeAnswer {
    let mut answer = refusal(429, "too many bodies are being read at once; send again in 2 s");
    answer.headers.push(("retry-after".to_owned(), "2".to_owned()));
    answer
}

fn refusal(status: u16, message: &str) -> IntakeAnswer {
    // The messages of this file have nothing that JSON would escape but quotes of causes.
    let message = message.replace(['"', '\\'], "'");
    IntakeAnswer::json(status, format!("{{\"errors\":[\"{message}\"]}}"))
}

fn respond(answer: IntakeAnswer) -> Response<Full<Bytes>> {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = Response::new(Full::new(answer.body));
    *response.status_mut() = status;
    for (name, value) in answer.headers {
        let name = hyper::header::HeaderName::try_from(name);
        let value = hyper::header::HeaderValue::try_from(value);
        if let (Ok(name), Ok(value)) = (name, value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
