//! Paths that a Datadog agent posts to and that nothing here takes yet: answered with success, since an agent would try again
//! for ever, and counted for settings. Everybody else gets 404 as JSON, or a page.

use crate::answer::{Answer, Failure, json};
use crate::app::App;
use crate::assets;
use crate::auth::Sender;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use std::sync::Arc;

/// What no route takes.
pub(crate) async fn unknown(State(app): State<Arc<App>>, request: Request) -> Answer {
    let (mut parts, _) = request.into_parts();
    if is_agent(&parts.headers) {
        Sender::from_request_parts(&mut parts, &app).await?;
        app.state.count_agent_path(parts.uri.path()).await?;
        return Ok(json(StatusCode::ACCEPTED, &serde_json::json!({})));
    }
    if matches!(parts.method, Method::GET | Method::HEAD)
        && let Some(page) = assets::find(parts.uri.path())
    {
        return Ok(page);
    }
    let message = format!("Not found: nothing answers {} {} here", parts.method, parts.uri.path());
    Err(Failure::not_found(message))
}

fn is_agent(headers: &HeaderMap) -> bool {
    let user_agent = headers.get(header::USER_AGENT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    user_agent.starts_with("datadog-agent/") || headers.contains_key("dd-agent-version")
}
