//! Answers: one failure type that every handler returns, and the forms that the Datadog clients need. An answer is never
//! empty on 200 or 202; a v1 success has no key `errors`; an error is `{"errors":["what, where, what to do"]}`.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use oriel_model::{Code, ErrorBody, Rejections};
use serde::Serialize;

/// Seconds that a client waits when nothing better is known: a seal frees memory in about that time.
const RETRY_AFTER_S: u32 = 2;

/// Why a request failed, as the client is told.
#[derive(Debug)]
pub(crate) struct Failure {
    status: StatusCode,
    errors: Vec<String>,
    retry_after_s: Option<u32>,
}

pub(crate) type Answer<T = Response> = std::result::Result<T, Failure>;

impl Failure {
    pub(crate) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, errors: vec![message.into()], retry_after_s: None }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// Every reason on its own.
    pub(crate) fn invalid_each(errors: Vec<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, errors, retry_after_s: None }
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    pub(crate) fn forbidden(message: impl AsRef<str>) -> Self {
        Self::new(StatusCode::FORBIDDEN, format!("Forbidden: {}", message.as_ref()))
    }

    pub(crate) fn busy(message: impl Into<String>, retry_after_s: u32) -> Self {
        Self {
            status: StatusCode::TOO_MANY_REQUESTS,
            errors: vec![message.into()],
            retry_after_s: Some(retry_after_s),
        }
    }

    /// Every reason on its own.
    pub(crate) fn errors(&self) -> &[String] {
        &self.errors
    }

    /// What the client sent is at fault, not this server.
    pub(crate) fn is_of_client(&self) -> bool {
        self.status.is_client_error() && self.retry_after_s.is_none()
    }

    /// Status, message and when to come back, for protocols that have a form of their own.
    pub(crate) fn parts(&self) -> (StatusCode, String, Option<u32>) {
        (self.status, self.errors.join("; "), self.retry_after_s)
    }

    /// The same failure for a client that does not know its status.
    pub(crate) fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    pub(crate) fn of_code(code: Code, message: String) -> Self {
        if code == Code::Internal {
            tracing::error!("{message}");
        }
        let status = StatusCode::from_u16(code.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after_s = code.is_retryable().then_some(RETRY_AFTER_S);
        Self { status, errors: vec![message], retry_after_s }
    }
}

impl From<oriel_store::Error> for Failure {
    fn from(error: oriel_store::Error) -> Self {
        let retry = match &error {
            oriel_store::Error::Busy { retry_after_s, .. } => Some(*retry_after_s),
            _ => None,
        };
        let mut failure = Self::of_code(error.code(), error.to_string());
        failure.retry_after_s = retry.or(failure.retry_after_s);
        failure
    }
}

impl From<oriel_state::Error> for Failure {
    fn from(error: oriel_state::Error) -> Self {
        Self::of_code(error.code(), error.to_string())
    }
}

impl From<oriel_pipeline::Error> for Failure {
    fn from(error: oriel_pipeline::Error) -> Self {
        Self::of_code(error.code(), error.to_string())
    }
}

impl From<oriel_query::Error> for Failure {
    fn from(error: oriel_query::Error) -> Self {
        Self::of_code(error.code(), error.to_string())
    }
}

impl From<oriel_monitor::Error> for Failure {
    fn from(error: oriel_monitor::Error) -> Self {
        match error {
            oriel_monitor::Error::Invalid(reasons) => Self::invalid_each(reasons),
            other => Self::of_code(other.code(), other.to_string()),
        }
    }
}

impl From<ErrorBody> for Failure {
    fn from(error: ErrorBody) -> Self {
        Self::of_code(error.code, error.message)
    }
}

impl From<tokio::task::JoinError> for Failure {
    fn from(error: tokio::task::JoinError) -> Self {
        Self::of_code(Code::Internal, format!("a task of the request ended early: {error}"))
    }
}

impl From<Failure> for ErrorBody {
    fn from(failure: Failure) -> Self {
        let code = match failure.status.as_u16() {
            429 => Code::Busy,
            503 => Code::NoSpace,
            504 => Code::Timeout,
            400..=499 => Code::Invalid,
            _ => Code::Internal,
        };
        Self::new(code, failure.errors.join("; "))
    }
}

#[derive(Serialize)]
struct Errors<'a> {
    errors: &'a [String],
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = json(self.status, &Errors { errors: &self.errors });
        if let Some(seconds) = self.retry_after_s {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            // The name that the Python client waits by.
            response.headers_mut().insert("x-ratelimit-reset", HeaderValue::from(seconds));
        }
        response
    }
}

/// A JSON answer. Numbers that are not finite become `null`.
pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Response {
    match serde_json::to_vec(body) {
        Ok(bytes) => (status, [(header::CONTENT_TYPE, "application/json")], bytes).into_response(),
        Err(e) => {
            tracing::error!(error = %e, "an answer could not be written as JSON");
            let text = "{\"errors\":[\"the answer could not be written\"]}";
            (StatusCode::INTERNAL_SERVER_ERROR, [(header::CONTENT_TYPE, "application/json")], text)
                .into_response()
        }
    }
}

pub(crate) fn ok(body: &impl Serialize) -> Response {
    json(StatusCode::OK, body)
}

#[derive(Serialize)]
struct V1Accepted {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    warnings: Option<Vec<String>>,
}

/// What v1 intakes answer: never a key `errors`.
pub(crate) fn accepted_v1(refused: &Rejections) -> Response {
    let warnings = (!refused.is_empty()).then(|| vec![refused.summary()]);
    json(StatusCode::ACCEPTED, &V1Accepted { status: "ok", warnings })
}

/// What v2 intakes answer: the refused rows are among `errors`.
pub(crate) fn accepted_v2(refused: &Rejections) -> Response {
    let errors = if refused.is_empty() { Vec::new() } else { vec![refused.summary()] };
    json(StatusCode::ACCEPTED, &Errors { errors: &errors })
}
