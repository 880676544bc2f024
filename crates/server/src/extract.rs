//! What handlers take from a request: the parameters of its query string and of its path, and its body. What can't be read is
//! answered in the API's own form, with words that name the parameter, its value and what is allowed.

mod json;
mod parameters;

use crate::answer::{Answer, Failure};
use axum::body::Bytes;
use axum::extract::path::ErrorKind;
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use serde::de::DeserializeOwned;
use std::ops::Deref;

/// Bodies of APIs that configure; the largest dashboards are a few hundred kilobytes. Intakes have their own bound.
pub(crate) const API_BODY_BYTES: usize = 4 << 20;
/// Signs of a refused value that an answer repeats.
const SHOWN_CHARS: usize = 80;

/// The parameters of the query string. A list takes them as they came, `Vec<(String, String)>`, by [`Pairs`].
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Answer<Self> {
        let read = parameters::read(pairs(parts)).map(Self);
        read.map_err(|refused| Failure::invalid(format!("parameter {refused}")))
    }
}

/// The parameters of the query string in their order, those that came several times too.
pub(crate) struct Pairs(pub(crate) Vec<(String, String)>);

impl<S: Send + Sync> FromRequestParts<S> for Pairs {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Answer<Self> {
        Ok(Self(pairs(parts)))
    }
}

fn pairs(parts: &Parts) -> Vec<(String, String)> {
    // Any query string is pairs of texts: what is no UTF-8 is replaced.
    axum::extract::Query::try_from_uri(&parts.uri)
        .map(|axum::extract::Query(pairs)| pairs)
        .unwrap_or_default()
}

/// The parameters of the path.
pub(crate) struct Path<T>(pub(crate) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Answer<Self> {
        match axum::extract::Path::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(path)) => Ok(Self(path)),
            Err(rejection) => Err(of_path(parts, state, rejection).await),
        }
    }
}

async fn of_path<S: Send + Sync>(parts: &mut Parts, state: &S, rejection: PathRejection) -> Failure {
    let names: Vec<String> = match RawPathParams::from_request_parts(parts, state).await {
        Ok(all) => all.iter().map(|(name, _)| name.to_owned()).collect(),
        Err(_) => Vec::new(),
    };
    let name = |index: usize| names.get(index).map_or("parameter", String::as_str);
    let PathRejection::FailedToDeserializePathParams(failed) = rejection else {
        return Failure::of_code(oriel_model::Code::Internal, rejection.body_text());
    };
    let wrong = |name: &str, value: &str, wanted: &str| {
        let wanted = if wanted.starts_with(['i', 'u']) { "a whole number" } else { wanted };
        Failure::invalid(format!("{name} in the path: {} is not {wanted}", shown(value)))
    };
    match failed.into_kind() {
        ErrorKind::ParseErrorAtKey { key, value, expected_type } => wrong(&key, &value, expected_type),
        ErrorKind::ParseErrorAtIndex { index, value, expected_type } => {
            wrong(name(index), &value, expected_type)
        }
        ErrorKind::ParseError { value, expected_type } => wrong(name(0), &value, expected_type),
        ErrorKind::InvalidUtf8InPathParam { key } => {
            Failure::invalid(format!("{key} in the path is not UTF-8"))
        }
        other => Failure::invalid(format!("the path: {other}")),
    }
}

/// A value for people: quoted, its control signs escaped, and cut where it is long.
pub(crate) fn shown(value: &str) -> String {
    match value.char_indices().nth(SHOWN_CHARS) {
        None => format!("{value:?}"),
        Some((end, _)) => format!("{:?}… ({} bytes)", &value[..end], value.len()),
    }
}

/// The body of a request to an API, its encoding undone.
#[derive(Debug)]
pub(crate) struct Payload(Bytes);

/// A body read as JSON; a reason for refusing it says at which field.
pub(crate) fn read_json<T: DeserializeOwned>(body: &[u8]) -> Answer<T> {
    json::read(body).map_err(Failure::invalid)
}

impl Deref for Payload {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl<S: Send + Sync> FromRequest<S> for Payload {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Answer<Self> {
        let encoding = request.headers().get(header::CONTENT_ENCODING).cloned();
        let raw =
            Bytes::from_request(request, state).await.map_err(|rejection| match rejection.status() {
                StatusCode::PAYLOAD_TOO_LARGE => {
                    let message = format!("the body is over {API_BODY_BYTES} bytes; send less at once");
                    Failure::new(StatusCode::PAYLOAD_TOO_LARGE, message)
                }
                status => Failure::new(status, "the body ended early; send it whole"),
            })?;
        let Some(encoding) = encoding else { return Ok(Self(raw)) };
        let encoding = encoding.to_str().map_err(|_| Failure::invalid("Content-Encoding is not ASCII"))?;
        let decoded = oriel_wire::body::decode(Some(encoding), &raw, API_BODY_BYTES)
            .map_err(|e| Failure::of_code(e.code(), e.to_string()))?;
        Ok(Self(Bytes::from(decoded.into_owned())))
    }
}

#[cfg(test)]
mod tests;
