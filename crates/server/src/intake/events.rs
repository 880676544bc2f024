//! `POST /api/v1/events` and `/api/v2/events`: one event, given back with its id. A repeat of a v1 request that bears its own
//! time is told, and the event that was stored the first time is given back.

use super::rows::{RowIntake, take_rows};
use super::{note_client, unreadable};
use crate::answer::{Answer, Failure, json};
use crate::api::events::event_json;
use crate::app::App;
use crate::body::Posted;
use crate::sink::{Origin, store_events};
use axum::extract::State;
use axum::http::StatusCode;
use oriel_model::{Event, EventBatch, OrgId, Rejections, RowBatchBuilder, Signal, TimeRange};
use oriel_store::EventFilter;
use serde_json::json;
use std::sync::Arc;

pub(crate) async fn create(State(app): State<Arc<App>>, posted: Posted) -> Answer {
    note_client(&app, &posted);
    let body = posted.decoded(app.limits.decompressed_bytes)?;
    let now = app.now_ms();
    let mut event = oriel_wire::datadog::event_v1(&body, now).map_err(unreadable)?;
    event.id = app.store.event_id();
    // The decoder gives the time of arrival to an event that bears none.
    let own_time = event.time_ms != now;
    let org = posted.sender.org;
    let origin = Origin { org, source: "events", digest: own_time.then(|| posted.digest()) };
    let batch = EventBatch { org, events: vec![event.clone()], checks: Vec::new() };
    let (refused, repeated) = store_events(&app, origin, batch, Rejections::default()).await?;
    if !refused.is_empty() {
        return Err(Failure::invalid(refused.summary()));
    }
    if repeated {
        event = stored_before(&app, org, event).await?;
    }
    Ok(json(StatusCode::ACCEPTED, &json!({ "status": "ok", "event": event_json(&app, &event) })))
}

async fn stored_before(app: &App, org: OrgId, event: Event) -> Answer<Event> {
    let at = TimeRange::new(event.time_ms, event.time_ms + 1);
    let found = app.store.events(org, at, EventFilter::default()).await?;
    Ok(found.into_iter().find(|e| e.title == event.title && e.text == event.text).unwrap_or(event))
}

/// `POST /api/v2/events`: a change or an alert, given back with its id.
pub(crate) async fn create_v2(State(app): State<Arc<App>>, posted: Posted) -> Answer {
    let id = app.store.event_id();
    let now_ns = app.now_ms().saturating_mul(1_000_000);
    let decode =
        move |body: &[u8], rows: &mut RowBatchBuilder| oriel_wire::datadog::event_v2(body, id, now_ns, rows);
    let options = String::new();
    let intake = RowIntake { source: "events_v2", signal: Signal::Events, options, decode };
    let url = format!("{}/api/v1/events/{id}", app.options.base_url);
    let refused = take_rows(&app, posted, intake).await?;
    if !refused.is_empty() {
        return Err(Failure::invalid(refused.summary()));
    }
    let evt = json!({ "id": id.to_string(), "uid": id.to_string() });
    let data = json!({ "type": "event", "attributes": { "attributes": { "evt": evt } } });
    Ok(json(StatusCode::ACCEPTED, &json!({ "data": data, "links": { "self": url } })))
}
