//! Answers, in the encoding of the request: success, with what was refused; failure as `google.rpc.Status`; and when to come
//! back, as gRPC's trailers say it.

use super::{Encoding, Kind};
use crate::protobuf::{Fields, Writer};
use oriel_model::Rejections;
use serde_json::json;

/// An `Export…ServiceResponse`. With nothing refused it is empty, which in protobuf is no byte at all.
pub fn success(kind: Kind, encoding: Encoding, refused: &Rejections) -> Vec<u8> {
    let rejected = refused.total();
    match (encoding, rejected) {
        (Encoding::Protobuf, 0) => Vec::new(),
        (Encoding::Json, 0) => b"{}".to_vec(),
        (Encoding::Protobuf, rejected) => {
            let mut out = Writer::default();
            out.message(1, |partial| {
                partial.varint(1, rejected);
                partial.text(2, &refused.summary());
            });
            out.finish()
        }
        (Encoding::Json, rejected) => {
            let field = match kind {
                Kind::Traces => "rejectedSpans",
                Kind::Logs => "rejectedLogRecords",
                Kind::Metrics => "rejectedDataPoints",
            };
            // 64-bit numbers are texts in protobuf's JSON.
            let partial = json!({ field: rejected.to_string(), "errorMessage": refused.summary() });
            json!({ "partialSuccess": partial }).to_string().into_bytes()
        }
    }
}

/// A `google.rpc.Status`; `code` is one of gRPC's.
pub fn failure(encoding: Encoding, code: i32, message: &str) -> Vec<u8> {
    match encoding {
        Encoding::Protobuf => status(code, message, None),
        Encoding::Json => json!({ "code": code, "message": message }).to_string().into_bytes(),
    }
}

/// gRPC's code for an HTTP status.
pub fn grpc_code(http_status: u16) -> i32 {
    match http_status {
        200..=299 => 0,
        400 | 415 | 422 => 3,
        404 => 12,
        401 => 16,
        403 => 7,
        // Too large is resource exhaustion by the book, which clients send again, for ever.
        413 => 3,
        429 => 8,
        _ => 14,
    }
}

/// A `google.rpc.RetryInfo`: what stands in the trailer `google.rpc.retryinfo-bin`.
pub fn retry_info(seconds: u32) -> Vec<u8> {
    let mut out = Writer::default();
    out.message(1, |delay| delay.varint(1, u64::from(seconds)));
    out.finish()
}

/// A `google.rpc.Status`, with when to come back: what stands in `grpc-status-details-bin`.
pub fn status(code: i32, message: &str, retry_s: Option<u32>) -> Vec<u8> {
    let mut out = Writer::default();
    out.int(1, i64::from(code));
    out.text(2, message);
    if let Some(seconds) = retry_s {
        out.message(3, |any| {
            any.text(1, "type.googleapis.com/google.rpc.RetryInfo");
            any.bytes(2, &retry_info(seconds));
        });
    }
    out.finish()
}

/// The message of a `google.rpc.Status`, or of a refusal in Datadog's form; `None` for a text that is neither.
pub fn failure_message(body: &[u8]) -> Option<String> {
    if let Ok(json) = serde_json::from_slice::<serde_json::Value>(body) {
        let errors = json["errors"].as_array().map(|all| {
            let texts: Vec<&str> = all.iter().filter_map(serde_json::Value::as_str).collect();
            texts.join("; ")
        });
        return errors.or_else(|| json["message"].as_str().map(str::to_owned));
    }
    let mut fields = Fields::new(body);
    while let Some((number, value)) = fields.next().ok()? {
        if number == 2 {
            return Some(String::from_utf8_lossy(value.bytes()).into_owned());
        }
    }
    None
}
