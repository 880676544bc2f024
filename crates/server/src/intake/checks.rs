//! `/api/v1/check_run`: one service check or a list of them.

use super::{note_client, unreadable};
use crate::answer::{Answer, accepted_v1};
use crate::app::App;
use crate::body::Posted;
use crate::sink::{Origin, store_events};
use axum::extract::State;
use oriel_model::EventBatch;
use std::sync::Arc;

pub(crate) async fn check_run(State(app): State<Arc<App>>, posted: Posted) -> Answer {
    let _permit = posted.permit(&app).await?;
    note_client(&app, &posted);
    let body = posted.decoded(app.limits.decompressed_bytes)?;
    let (checks, refused) = oriel_wire::datadog::check_run(&body, app.now_ms()).map_err(unreadable)?;
    // A repeated state is the same state, so nothing is lost by not telling repeats.
    let origin = Origin { org: posted.sender.org, source: "check_run", digest: None };
    let batch = EventBatch { org: origin.org, events: Vec::new(), checks };
    let (refused, _) = store_events(&app, origin, batch, refused).await?;
    Ok(accepted_v1(&refused))
}
