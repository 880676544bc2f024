//! `/api/v2/downtime`: who is not told, and when. A downtime that ended or was cancelled is listed for a week, so that people can
//! see what was silenced.

pub(crate) mod legacy;
pub(crate) mod page;

use crate::answer::{Answer, Failure, json as respond, ok};
use crate::api::bounds;
use crate::app::App;
use crate::auth::{Editor, Reader};
use crate::extract::{Path, Payload, Query, read_json};
use crate::iso::iso_8601;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use oriel_model::{OrgId, TimeMs};
use oriel_monitor::downtime::{
    Downtime, Identifier, Phase, Subject, attributes, covers, merge, next_windows, phase, validate,
};
use oriel_state::{Document, DocumentKind};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// What Datadog's list gives when nothing is said.
const PAGE: usize = 30;
const PAGE_MAX: usize = 1_000;
/// How long a downtime is still listed after its end.
const KEPT_MS: i64 = 7 * 86_400_000;

/// A downtime as it is kept and as it is meant.
pub(crate) struct Kept {
    pub(crate) document: Document,
    pub(crate) downtime: Downtime,
}

impl Kept {
    fn of(document: Document) -> Answer<Self> {
        let downtime = Downtime::read(&document.id, &document.body)?;
        Ok(Self { document, downtime })
    }

    fn resource(&self, now: TimeMs) -> Value {
        let Document { id, body, created_ms, modified_ms } = &self.document;
        let mut relationships = json!({
            "created_by": {"data": {"id": body["created_by"].as_str().unwrap_or_default(), "type": "users"}},
        });
        if let Identifier::Monitor(monitor) = self.downtime.monitor {
            relationships["monitor"] = json!({"data": {"id": monitor.to_string(), "type": "monitors"}});
        }
        json!({
            "id": id,
            "type": "downtime",
            "attributes": attributes(body, &self.downtime, (*created_ms, *modified_ms), now),
            "relationships": relationships,
        })
    }
}

/// Every downtime of an org that can be read, the newest first.
pub(crate) async fn all(app: &App, org: OrgId) -> Answer<Vec<Kept>> {
    let documents = app.state.documents(org, DocumentKind::Downtime).await?;
    let mut found: Vec<Kept> = documents.into_iter().filter_map(|d| Kept::of(d).ok()).collect();
    found.reverse();
    Ok(found)
}

/// Those that people look at: what ended a week ago and more is left out.
async fn listed(app: &App, org: OrgId) -> Answer<Vec<Kept>> {
    let long_ago = app.now_ms() - KEPT_MS;
    let mut found = all(app, org).await?;
    found.retain(|k| !matches!(phase(&k.downtime, long_ago), Phase::Ended | Phase::Canceled));
    Ok(found)
}

async fn one(app: &App, org: OrgId, id: &str) -> Answer<Kept> {
    Kept::of(app.state.document(org, DocumentKind::Downtime, id).await?)
}

/// Stores a checked body. Where no more fit, what ended long ago makes room.
pub(crate) async fn store(app: &App, editor: &Editor, mut body: Value) -> Answer<Kept> {
    bounds::check(&body)?;
    if let Some(monitor) = body["monitor_identifier"]["monitor_id"].as_i64() {
        app.state.monitor(editor.org, monitor).await?;
    }
    body["created_by"] = json!(editor.name);
    let create = |body| app.state.create_document(editor.org, DocumentKind::Downtime, None, body);
    let made = match create(body.clone()).await {
        Err(oriel_state::Error::Invalid(_)) if prune(app, editor.org).await? > 0 => create(body).await,
        made => made,
    };
    Kept::of(made?)
}

/// Takes out what ended a week ago and more; says how much that was.
async fn prune(app: &App, org: OrgId) -> Answer<usize> {
    let long_ago = app.now_ms() - KEPT_MS;
    let mut pruned = 0;
    for old in all(app, org).await? {
        let past = matches!(phase(&old.downtime, long_ago), Phase::Ended | Phase::Canceled);
        if past && old.document.modified_ms < long_ago {
            app.state.delete_document(org, DocumentKind::Downtime, &old.document.id).await?;
            pruned += 1;
        }
    }
    Ok(pruned)
}

async fn replace(app: &App, org: OrgId, id: &str, body: Value) -> Answer<Kept> {
    Kept::of(app.state.replace_document(org, DocumentKind::Downtime, id, body).await?)
}

/// Ends a downtime now; one that was cancelled stays as it was.
pub(crate) async fn cancel_one(app: &App, org: OrgId, kept: Kept) -> Answer<()> {
    if kept.downtime.canceled_ms.is_none() {
        let mut body = kept.document.body;
        body["canceled"] = json!(iso_8601(app.now_ms()));
        replace(app, org, &kept.document.id, body).await?;
    }
    Ok(())
}

/// `data.attributes` of a JSON:API body.
fn sent(body: &[u8]) -> Answer<Value> {
    let body: Value = read_json(body)?;
    body.pointer("/data/attributes").cloned().ok_or_else(|| {
        Failure::invalid(
            "data.attributes is missing; send {\"data\": {\"type\": \"downtime\", \"attributes\": {…}}}",
        )
    })
}

/// `POST /api/v2/downtime`.
pub(crate) async fn create(State(app): State<Arc<App>>, editor: Editor, body: Payload) -> Answer {
    let kept = store(&app, &editor, validate(&sent(&body)?, app.now_ms())?).await?;
    Ok(ok(&json!({ "data": kept.resource(app.now_ms()) })))
}

/// `PATCH /api/v2/downtime/{id}`.
pub(crate) async fn update(
    State(app): State<Arc<App>>,
    editor: Editor,
    Path(id): Path<String>,
    body: Payload,
) -> Answer {
    let was = one(&app, editor.org, &id).await?;
    if was.downtime.canceled_ms.is_some() {
        return Err(Failure::invalid(format!("downtime {id} was cancelled; make a new one")));
    }
    let body = merge(&was.document.body, &sent(&body)?, app.now_ms())?;
    let kept = replace(&app, editor.org, &id, body).await?;
    Ok(ok(&json!({ "data": kept.resource(app.now_ms()) })))
}

/// `DELETE /api/v2/downtime/{id}`: cancels.
pub(crate) async fn cancel(State(app): State<Arc<App>>, editor: Editor, Path(id): Path<String>) -> Answer {
    let kept = one(&app, editor.org, &id).await?;
    cancel_one(&app, editor.org, kept).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

#[derive(Deserialize)]
pub(crate) struct Listed {
    #[serde(default)]
    current_only: bool,
    #[serde(default)]
    include: String,
    #[serde(default, rename = "page[offset]")]
    offset: usize,
    #[serde(default, rename = "page[limit]")]
    limit: Option<usize>,
}

impl Listed {
    fn page(&self) -> (usize, usize) {
        (self.offset, self.limit.unwrap_or(PAGE).clamp(1, PAGE_MAX))
    }
}

/// `GET /api/v2/downtime`.
pub(crate) async fn list(State(app): State<Arc<App>>, reader: Reader, Query(asked): Query<Listed>) -> Answer {
    let now = app.now_ms();
    let mut found = listed(&app, reader.org).await?;
    found.retain(|k| !asked.current_only || phase(&k.downtime, now) == Phase::Active);
    let (offset, limit) = asked.page();
    let total = found.len();
    let page: Vec<Kept> = found.into_iter().skip(offset).take(limit).collect();
    let included = included(&app, &reader, &asked.include, &page).await?;
    Ok(ok(&json!({
        "data": page.iter().map(|k| k.resource(now)).collect::<Vec<_>>(),
        "included": included,
        "meta": {"page": {"total_filtered_count": total}},
    })))
}

/// `GET /api/v2/downtime/{id}`.
pub(crate) async fn read(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(id): Path<String>,
    Query(asked): Query<Listed>,
) -> Answer {
    let kept = one(&app, reader.org, &id).await?;
    let included = included(&app, &reader, &asked.include, std::slice::from_ref(&kept)).await?;
    Ok(ok(&json!({ "data": kept.resource(app.now_ms()), "included": included })))
}

/// The monitors that a page of downtimes names, when they are asked for.
async fn included(app: &App, reader: &Reader, include: &str, page: &[Kept]) -> Answer<Vec<Value>> {
    let mut found: Vec<Value> = Vec::new();
    if !include.split(',').any(|word| word.trim() == "monitor") {
        return Ok(found);
    }
    for kept in page {
        let Identifier::Monitor(id) = kept.downtime.monitor else { continue };
        let Ok(monitor) = app.state.monitor(reader.org, id).await else { continue };
        if !found.iter().any(|m| m["id"] == json!(id)) {
            found.push(json!({"id": id, "type": "monitors", "attributes": {"name": monitor.body["name"]}}));
        }
    }
    Ok(found)
}

/// `GET /api/v2/monitor/{id}/downtime_matches`: what mutes a monitor now or will.
pub(crate) async fn matching(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(id): Path<i64>,
    Query(asked): Query<Listed>,
) -> Answer {
    let now = app.now_ms();
    let monitor = app.state.monitor(reader.org, id).await?;
    let tags: Vec<String> = monitor.body["tags"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|t| t.as_str().map(str::to_owned))
        .collect();
    let subject = Subject { id, tags: &tags, silenced: None };
    let mut found = Vec::new();
    for kept in all(&app, reader.org).await? {
        let open = matches!(phase(&kept.downtime, now), Phase::Active | Phase::Scheduled);
        let Some(span) = next_windows(&kept.downtime, now, 1).first().copied().filter(|_| open) else {
            continue;
        };
        if covers(&kept.downtime, &subject) {
            found.push(json!({
                "id": kept.document.id,
                "type": "downtime_match",
                "attributes": {
                    "scope": kept.downtime.scope.to_string(),
                    "start": iso_8601(span.start_ms),
                    "end": span.end_ms.map(iso_8601),
                    "groups": [],
                },
            }));
        }
    }
    let (offset, limit) = asked.page();
    let total = found.len();
    let page: Vec<Value> = found.into_iter().skip(offset).take(limit).collect();
    Ok(respond(StatusCode::OK, &json!({ "data": page, "meta": {"page": {"total_filtered_count": total}} })))
}
