//! Paths that a Datadog agent posts to and that nothing here takes yet: answered with success, since an agent would try again
//! for ever, and counted for settings. Everybody else gets 404 as JSON, or a page.

use crate::answer::{Answer, Failure, json};
use crate::api::absent;
use crate::app::App;
use crate::assets;
use crate::auth::Sender;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use std::sync::Arc;

/// What no route takes.
pub(crate) async fn unknown(State(app): State<Arc<App>>, request: Request) -> Answer {
    let (mut parts, _) = request.into_parts();
    if is_agent(&parts.headers) {
        return counted(&app, &mut parts).await;
    }
    if matches!(parts.method, Method::GET | Method::HEAD)
        && let Some(page) = assets::find(parts.uri.path())
    {
        return Ok(page);
    }
    if let Some(absent) = absent::reason(parts.uri.path()) {
        return Err(absent);
    }
    let message = format!("Not found: nothing answers {} {} here", parts.method, parts.uri.path());
    Err(Failure::not_found(message))
}

/// A path that is taken, by another method; the router adds which.
pub(crate) async fn wrong_method(State(app): State<Arc<App>>, request: Request) -> Answer {
    let (mut parts, _) = request.into_parts();
    if is_agent(&parts.headers) {
        return counted(&app, &mut parts).await;
    }
    let message =
        format!("{} does not take {}; the header Allow says what it takes", parts.uri.path(), parts.method);
    Err(Failure::new(StatusCode::METHOD_NOT_ALLOWED, message))
}

async fn counted(app: &Arc<App>, parts: &mut Parts) -> Answer {
    Sender::from_request_parts(parts, app).await?;
    app.state.count_agent_path(parts.uri.path()).await?;
    Ok(json(StatusCode::ACCEPTED, &serde_json::json!({})))
}

fn is_agent(headers: &HeaderMap) -> bool {
    let user_agent = headers.get(header::USER_AGENT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    user_agent.starts_with("datadog-agent/") || headers.contains_key("dd-agent-version")
}
