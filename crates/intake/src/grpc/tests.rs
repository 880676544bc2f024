//! Calls as SDKs make them, over a real connection's service: frames, compression, codes and trailers.

use super::service::Exports;
use crate::{IntakeAnswer, IntakeRequest, RequestSink};
use bytes::{BufMut, Bytes, BytesMut};
use http_body_util::{BodyExt, Full};
use hyper::Request;
use parking_lot::Mutex;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use tower::ServiceExt;

/// Answers as it is told, and keeps what came.
struct Told {
    answer: IntakeAnswer,
    came: Mutex<Vec<IntakeRequest>>,
}

impl RequestSink for Told {
    fn accept(&self, request: IntakeRequest) -> Pin<Box<dyn Future<Output = IntakeAnswer> + Send + '_>> {
        self.came.lock().push(request);
        Box::pin(async { self.answer.clone() })
    }
}

fn fixture(name: &str) -> Vec<u8> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/otlp").join(name);
    std::fs::read(path).unwrap()
}

const TRACES: &str = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

/// What a call gave: code, message, names of trailers, body.
struct Outcome {
    code: String,
    message: String,
    trailers: Vec<String>,
    body: Bytes,
}

async fn call(exports: Exports, path: &str, message: &[u8], encoding: Option<&str>) -> Outcome {
    let mut frame = BytesMut::new();
    frame.put_u8(u8::from(encoding.is_some()));
    frame.put_u32(message.len() as u32);
    frame.put_slice(message);
    let mut request = Request::post(path).header("content-type", "application/grpc").header("te", "trailers");
    if let Some(encoding) = encoding {
        request = request.header("grpc-encoding", encoding);
    }
    let request = request.body(Full::new(frame.freeze())).unwrap();
    let response = exports.oneshot(request).await.unwrap();
    let mut all = response.headers().clone();
    let body = response.into_body().collect().await.unwrap();
    if let Some(trailers) = body.trailers() {
        all.extend(trailers.clone());
    }
    let text = |name: &str| all.get(name).map(|v| v.to_str().unwrap().to_owned()).unwrap_or_default();
    Outcome {
        code: text("grpc-status"),
        message: text("grpc-message"),
        trailers: all.keys().map(|k| k.as_str().to_owned()).collect(),
        body: body.to_bytes(),
    }
}

fn told(answer: IntakeAnswer) -> (Arc<Told>, Exports) {
    let sink = Arc::new(Told { answer, came: Mutex::default() });
    (sink.clone(), Exports::new(sink, None, 1 << 20))
}

fn protobuf(status: u16, body: Vec<u8>) -> IntakeAnswer {
    let headers = vec![("content-type".to_owned(), "application/x-protobuf".to_owned())];
    IntakeAnswer { status, headers, body: body.into() }
}

#[tokio::test]
async fn a_message_is_handed_on_as_it_is() {
    let message = fixture("grpc-trace.pb");
    let (sink, exports) = told(protobuf(200, Vec::new()));
    let outcome = call(exports, TRACES, &message, None).await;
    assert_eq!((outcome.code.as_str(), outcome.body.len()), ("0", 5));
    let came = sink.came.lock();
    assert_eq!((came[0].path.as_str(), &came[0].body[..]), ("/v1/traces", &message[..]));
}

#[tokio::test]
async fn gzip_is_undone_by_the_frames_flag() {
    let (sink, exports) = told(protobuf(200, Vec::new()));
    let outcome = call(exports, TRACES, &fixture("http-traces-gzip.pb.gz"), Some("gzip")).await;
    assert_eq!(outcome.code, "0");
    assert!(!sink.came.lock()[0].body.is_empty());
    assert_ne!(&sink.came.lock()[0].body[..2], [0x1f, 0x8b]);
}

#[tokio::test]
async fn partial_success_comes_through_and_a_relays_own_answer_does_not() {
    let (_, exports) = told(protobuf(200, vec![0x0a, 2, 8, 1]));
    assert_eq!(&call(exports, TRACES, &[], None).await.body[5..], [0x0a, 2, 8, 1]);
    let (_, exports) = told(IntakeAnswer::json(202, "{}"));
    let outcome = call(exports, TRACES, &[], None).await;
    assert_eq!((outcome.code.as_str(), outcome.body.len()), ("0", 5));
}

#[tokio::test]
async fn too_much_is_told_in_both_trailers() {
    let status = oriel_wire::otlp::failure(oriel_wire::otlp::Encoding::Protobuf, 8, "too much");
    for (http, code) in [(429, "8"), (503, "14")] {
        let mut answer = protobuf(http, status.clone());
        answer.headers.push(("retry-after".to_owned(), "7".to_owned()));
        let (_, exports) = told(answer);
        let outcome = call(exports, TRACES, &[], None).await;
        assert_eq!((outcome.code.as_str(), outcome.message.as_str()), (code, "too%20much"));
        for trailer in ["grpc-status-details-bin", "google.rpc.retryinfo-bin"] {
            assert!(outcome.trailers.iter().any(|t| t == trailer), "{trailer}: {:?}", outcome.trailers);
        }
    }
}

#[tokio::test]
async fn what_no_retry_helps_says_so() {
    let (_, exports) = told(IntakeAnswer::json(400, "{\"errors\":[\"bad\"]}"));
    let outcome = call(exports, TRACES, &[], None).await;
    assert_eq!((outcome.code.as_str(), outcome.message.as_str()), ("3", "bad"));
    let (_, exports) = told(protobuf(200, Vec::new()));
    assert_eq!(call(exports, "/other.Service/Call", &[], None).await.code, "12");
}

#[tokio::test]
async fn beyond_loopback_a_key_is_demanded() {
    let sink = Arc::new(Told { answer: protobuf(200, Vec::new()), came: Mutex::default() });
    let check: crate::http::KeyCheck = Arc::new(|key: &str| key == "good");
    let exports = Exports::new(sink.clone(), Some(check), 1 << 20);
    assert_eq!(call(exports, TRACES, &[], None).await.code, "16");
    assert!(sink.came.lock().is_empty());
}
