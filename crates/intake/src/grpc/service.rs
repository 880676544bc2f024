//! The three `Export` calls, and their answers in gRPC's codes.

use super::codec::Raw;
use crate::http::KeyCheck;
use crate::{IntakeAnswer, IntakeRequest, RequestSink};
use bytes::Bytes;
use hyper::{Request, Response};
use oriel_wire::otlp;
use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::Semaphore;
use tonic::body::Body;
use tonic::codec::CompressionEncoding;
use tonic::metadata::{MetadataMap, MetadataValue};
use tonic::server::{Grpc, UnaryService};
use tonic::{Code, Status};

/// Calls at once: each may hold a message of the largest size, and then twice while it is decompressed.
const CALLS_MAX: usize = 16;
/// How long a call waits for its turn before its sender is told to come back.
const QUEUE: Duration = Duration::from_secs(2);
/// Seconds that a client waits when nothing better is known.
const RETRY_S: u32 = 2;

/// The calls, and the same requests over HTTP.
const CALLS: [(&str, &str); 3] = [
    ("/opentelemetry.proto.collector.trace.v1.TraceService/Export", "/v1/traces"),
    ("/opentelemetry.proto.collector.logs.v1.LogsService/Export", "/v1/logs"),
    ("/opentelemetry.proto.collector.metrics.v1.MetricsService/Export", "/v1/metrics"),
];

/// The service of one listener.
#[derive(Clone)]
pub(super) struct Exports {
    sink: Arc<dyn RequestSink>,
    key_check: Option<KeyCheck>,
    message_bytes_max: usize,
    turns: Arc<Semaphore>,
}

impl Exports {
    pub(super) fn new(
        sink: Arc<dyn RequestSink>,
        key_check: Option<KeyCheck>,
        message_bytes_max: usize,
    ) -> Self {
        Self { sink, key_check, message_bytes_max, turns: Arc::new(Semaphore::new(CALLS_MAX)) }
    }

    async fn answer<B>(self, request: Request<B>) -> Response<Body>
    where
        B: hyper::body::Body + Send + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>> + Send,
    {
        let call = CALLS.iter().find(|(call, _)| *call == request.uri().path());
        let Some((_, path)) = call else {
            let what = format!("{} is not served here; OTLP's Export calls are", request.uri().path());
            return Status::unimplemented(what).into_http();
        };
        let Ok(Ok(_turn)) = tokio::time::timeout(QUEUE, self.turns.acquire()).await else {
            return again(Code::ResourceExhausted, "too many calls at once; send again", RETRY_S).into_http();
        };
        let mut grpc = Grpc::new(Raw).max_decoding_message_size(self.message_bytes_max);
        for encoding in [CompressionEncoding::Gzip, CompressionEncoding::Deflate, CompressionEncoding::Zstd] {
            grpc = grpc.accept_compressed(encoding);
        }
        let export = Export { sink: self.sink.clone(), key_check: self.key_check.clone(), path };
        grpc.unary(export, request).await
    }
}

impl<B> tower::Service<Request<B>> for Exports
where
    B: hyper::body::Body + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>> + Send,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let exports = self.clone();
        Box::pin(async move { Ok(exports.answer(request).await) })
    }
}

/// One call.
struct Export {
    sink: Arc<dyn RequestSink>,
    key_check: Option<KeyCheck>,
    path: &'static str,
}

impl UnaryService<Bytes> for Export {
    type Response = Bytes;
    type Future = Pin<Box<dyn Future<Output = Result<tonic::Response<Bytes>, Status>> + Send>>;

    fn call(&mut self, request: tonic::Request<Bytes>) -> Self::Future {
        let (sink, path) = (self.sink.clone(), self.path);
        let allowed = check(self.key_check.as_ref(), request.metadata());
        Box::pin(async move {
            allowed?;
            let headers = vec![
                ("content-type".to_owned(), otlp::Encoding::Protobuf.content_type().to_owned()),
                (
                    "user-agent".to_owned(),
                    text(request.metadata(), "user-agent").unwrap_or_default().to_owned(),
                ),
            ];
            let request = IntakeRequest::post(path, headers, request.into_inner());
            into_grpc(sink.accept(request).await)
        })
    }
}

fn text<'m>(metadata: &'m MetadataMap, name: &str) -> Option<&'m str> {
    metadata.get(name).and_then(|v| v.to_str().ok())
}

fn check(key_check: Option<&KeyCheck>, metadata: &MetadataMap) -> Result<(), Status> {
    let Some(check) = key_check else { return Ok(()) };
    let bearer = text(metadata, "authorization").and_then(|t| t.strip_prefix("Bearer "));
    match text(metadata, "dd-api-key").or(bearer).map(str::trim) {
        Some(key) if check(key) => Ok(()),
        Some(_) => Err(Status::permission_denied("the API key is not known here")),
        None => Err(Status::unauthenticated(
            "this listener is no loopback one and takes an API key; looked at dd-api-key and authorization",
        )),
    }
}

/// An answer over HTTP as gRPC has it. What relays answers success in a form of its own: then nothing was refused yet.
fn into_grpc(answer: IntakeAnswer) -> Result<tonic::Response<Bytes>, Status> {
    if answer.is_success() {
        let ours = answer.header("content-type") == Some(otlp::Encoding::Protobuf.content_type());
        return Ok(tonic::Response::new(if ours { answer.body } else { Bytes::new() }));
    }
    let message = message_of(&answer);
    let code = Code::from(otlp::grpc_code(answer.status));
    if matches!(code, Code::ResourceExhausted | Code::Unavailable) {
        let seconds = answer.header("retry-after").and_then(|s| s.parse().ok()).unwrap_or(RETRY_S);
        return Err(again(code, &message, seconds));
    }
    Err(Status::new(code, message))
}

/// What went wrong, from either form of a refusal.
fn message_of(answer: &IntakeAnswer) -> String {
    match otlp::failure_message(&answer.body) {
        Some(message) => message,
        None => String::from_utf8_lossy(&answer.body).into_owned(),
    }
}

/// A status that says when to come back, in the standard's trailer and in the one that Python reads.
fn again(code: Code, message: &str, seconds: u32) -> Status {
    let details = otlp::status(code as i32, message, Some(seconds));
    let mut metadata = MetadataMap::new();
    let retry = MetadataValue::from_bytes(&otlp::retry_info(seconds));
    metadata.insert_bin("google.rpc.retryinfo-bin", retry);
    Status::with_details_and_metadata(code, message, Bytes::from(details), metadata)
}
