//! `GET /api/v1/validate`: whether an API key is good. Agents ask with the key in the query string.

use crate::answer::ok;
use crate::auth::Sender;
use axum::response::Response;
use serde::Serialize;

#[derive(Serialize)]
struct Valid {
    valid: bool,
}

pub(crate) async fn validate(_: Sender) -> Response {
    ok(&Valid { valid: true })
}
