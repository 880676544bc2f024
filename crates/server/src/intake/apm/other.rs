//! What tracers ask and say besides traces: `/info`, remote configuration, DogStatsD lines, and what is counted and not stored.

use crate::answer::{Answer, Failure, json, ok};
use crate::app::App;
use crate::body::Posted;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use std::sync::Arc;

/// `/info`; the same bytes as long as the process lives, because tracers compare their hash.
pub(crate) async fn info(State(app): State<Arc<App>>) -> Answer {
    let headers = [(header::CONTENT_TYPE, "application/json")];
    Ok((StatusCode::OK, headers, app.apm.info.clone()).into_response())
}

/// `/v0.7/config`: nothing to apply, whatever the client has.
pub(crate) async fn config(_: Posted) -> Answer {
    Ok(ok(&serde_json::json!({})))
}

/// `/dogstatsd/v1/proxy` and `/dogstatsd/v2/proxy`: lines as on the socket.
pub(crate) async fn dogstatsd(State(app): State<Arc<App>>, posted: Posted) -> Answer {
    let body = posted.decoded(app.limits.decompressed_bytes)?;
    let fed = app.statsd.lock().as_ref().map(|statsd| statsd.feed(&body));
    match fed {
        Some(lines) => Ok(ok(&serde_json::json!({ "lines": lines }))),
        None => {
            Err(Failure::new(StatusCode::SERVICE_UNAVAILABLE, "DogStatsD is off; start it with --statsd"))
        }
    }
}

/// What nothing here stores: taken, so that clients are calm, and counted by path for settings.
pub(crate) async fn counted(State(app): State<Arc<App>>, posted: Posted) -> Answer {
    app.state.count_agent_path(&posted.path).await?;
    Ok(json(StatusCode::ACCEPTED, &serde_json::json!({})))
}
