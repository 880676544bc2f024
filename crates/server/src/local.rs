//! The loopback listeners' way in: a whole request goes through the server's own router, as one that came over `--http` with a
//! key of the default organisation. So a path means the same wherever it is asked, and has one handler.

use crate::app::App;
use crate::router;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use bytes::Bytes;
use oriel_intake::{IntakeAnswer, IntakeRequest, RequestSink};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use tower::ServiceExt;

/// Put onto a request by this file alone: its sender is whoever reaches a loopback address.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Loopback;

/// The largest answer of an intake: sampling rates of a few thousand services.
const ANSWER_BYTES_MAX: usize = 1 << 20;

/// See the module's head.
pub(crate) struct LocalSink(Router);

impl LocalSink {
    pub(crate) fn new(app: Arc<App>) -> Self {
        Self(router::router(app))
    }

    async fn answer(&self, request: IntakeRequest) -> IntakeAnswer {
        let request = match into_http(request) {
            Ok(request) => request,
            Err(e) => return refusal(StatusCode::BAD_REQUEST, &format!("the request can't be read: {e}")),
        };
        let response = match self.0.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        let status = response.status().as_u16();
        let headers = response.headers().iter();
        let headers = headers
            .map(|(name, value)| {
                (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
            })
            .collect();
        match to_bytes(response.into_body(), ANSWER_BYTES_MAX).await {
            Ok(body) => IntakeAnswer { status, headers, body },
            Err(e) => refusal(StatusCode::SERVICE_UNAVAILABLE, &format!("the answer ended early: {e}")),
        }
    }
}

impl RequestSink for LocalSink {
    fn accept(&self, request: IntakeRequest) -> Pin<Box<dyn Future<Output = IntakeAnswer> + Send + '_>> {
        Box::pin(self.answer(request))
    }
}

fn into_http(request: IntakeRequest) -> Result<Request<Body>, axum::http::Error> {
    let path = oriel_wire::apm::evp_target(&request.path).unwrap_or(&request.path);
    let uri = match request.query.as_str() {
        "" => path.to_owned(),
        query => format!("{path}?{query}"),
    };
    let mut builder = Request::builder().method(request.method.as_str()).uri(uri).extension(Loopback);
    for (name, value) in &request.headers {
        builder = builder.header(name, value);
    }
    builder.body(Body::from(request.body))
}

fn refusal(status: StatusCode, message: &str) -> IntakeAnswer {
    let body = serde_json::json!({ "errors": [message] }).to_string();
    IntakeAnswer::json(status.as_u16(), Bytes::from(body))
}
