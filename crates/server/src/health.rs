//! `/health`: 200 when the server can take and answer, else 503 and why.

use crate::answer::{json, ok};
use crate::app::App;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use std::sync::Arc;

#[derive(Serialize)]
struct Health {
    status: &'static str,
    version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

pub(crate) async fn health(State(app): State<Arc<App>>) -> Response {
    match app.store.health() {
        Ok(()) => ok(&Health { status: "ok", version: crate::VERSION, reason: None }),
        Err(reason) => {
            let body = Health { status: "unable", version: crate::VERSION, reason: Some(reason) };
            json(StatusCode::SERVICE_UNAVAILABLE, &body)
        }
    }
}
