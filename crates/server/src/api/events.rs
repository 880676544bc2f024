//! Events: `GET /api/v1/events` and `GET /api/v1/events/{id}`. Posting them is an intake.

use crate::answer::{Answer, Failure, ok};
use crate::app::App;
use crate::auth::Reader;
use crate::extract::{Path, Query};
use axum::extract::State;
use oriel_model::{Event, Priority, TimeRange};
use oriel_store::EventFilter;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// Events in an answer of this API.
const EVENTS_MAX: usize = 1000;

#[derive(Deserialize)]
pub(crate) struct Asked {
    start: Option<i64>,
    end: Option<i64>,
    priority: Option<String>,
    sources: Option<String>,
    tags: Option<String>,
}

/// `GET /api/v1/events`, newest first.
pub(crate) async fn list(State(app): State<Arc<App>>, reader: Reader, Query(asked): Query<Asked>) -> Answer {
    let (Some(start), Some(end)) = (asked.start, asked.end) else {
        return Err(Failure::invalid(
            "the parameters \"start\" and \"end\" are missing; expected seconds since the epoch",
        ));
    };
    let list = |text: Option<String>| -> Vec<String> {
        text.iter()
            .flat_map(|t| t.split(','))
            .map(|t| t.trim().to_owned())
            .filter(|t| !t.is_empty())
            .collect()
    };
    let filter = EventFilter {
        tags: list(asked.tags),
        sources: list(asked.sources),
        priority: asked.priority.as_deref().and_then(Priority::parse),
        id: None,
        limit: EVENTS_MAX,
    };
    // The API's end is inclusive, in whole seconds.
    let range = TimeRange::new(start.saturating_mul(1000), end.saturating_add(1).saturating_mul(1000));
    let events = app.store.events(reader.org, range, filter).await?;
    let events: Vec<Value> = events.iter().map(|e| event_json(&app, e)).collect();
    Ok(ok(&json!({ "events": events })))
}

/// `GET /api/v1/events/{id}`.
pub(crate) async fn one(State(app): State<Arc<App>>, reader: Reader, Path(id): Path<String>) -> Answer {
    let number: u64 = id.parse().map_err(|_| Failure::invalid(format!("event id {id:?} is not a number")))?;
    let filter = EventFilter { id: Some(number), limit: 1, ..EventFilter::default() };
    let found = app.store.events(reader.org, TimeRange::all(), filter).await?;
    match found.first() {
        Some(event) => Ok(ok(&json!({ "event": event_json(&app, event) }))),
        None => Err(Failure::not_found(format!("event {id} does not exist"))),
    }
}

/// An event as the v1 API gives it.
pub(crate) fn event_json(app: &App, event: &Event) -> Value {
    json!({
        "id": event.id,
        "id_str": event.id.to_string(),
        "title": event.title,
        "text": event.text,
        "date_happened": event.time_ms / 1000,
        "handle": Value::Null,
        "host": event.host,
        "device_name": Value::Null,
        "priority": event.priority.as_str(),
        "alert_type": event.alert_type.as_str(),
        "source": event.source,
        "aggregation_key": event.aggregation_key,
        "is_aggregate": false,
        "related_event_id": Value::Null,
        "tags": event.tags,
        "resource": format!("/api/v1/events/{}", event.id),
        "url": format!("{}/api/v1/events/{}", app.options.base_url, event.id),
        "children": [],
        "comments": [],
    })
}
