//! Upkeep from outside: sealing and compacting now, over HTTP with an API key, and checking a data folder that nobody serves.

use crate::answer::{Answer, ok};
use crate::app::App;
use crate::auth::Sender;
use axum::extract::State;
use std::sync::Arc;

/// `POST /api/v1/oriel/compact`: seals, compacts all the way, and says what that did.
pub(crate) async fn compact(State(app): State<Arc<App>>, _: Sender) -> Answer {
    Ok(ok(&app.store.compact().await?))
}
