//! `GET /api/ui/monitors`: the list of monitors with states, groups by status, mutes and counts.

use crate::answer::{Answer, Failure, ok};
use crate::api::monitors::find::{Counts, Found, Sort, find};
use crate::app::App;
use crate::auth::Reader;
use crate::extract::Query;
use axum::extract::State;
use oriel_monitor::status::Status;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Rows of a page when nothing is asked, and at most.
const PER_PAGE_DEFAULT: usize = 100;
const PER_PAGE_MAX: usize = 1000;

#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    query: String,
    /// Statuses with commas between them.
    #[serde(default)]
    status: String,
    /// From 0.
    page: Option<usize>,
    per_page: Option<usize>,
    #[serde(default)]
    sort: String,
}

pub(crate) async fn list(State(app): State<Arc<App>>, reader: Reader, Query(asked): Query<Asked>) -> Answer {
    let words = asked.status.split(',').map(str::trim).filter(|w| !w.is_empty());
    let statuses = words
        .map(|w| {
            let known = "OK, Warn, Alert, No Data, Unknown";
            Status::parse(w).ok_or_else(|| Failure::invalid(format!("status: {w:?} is none of {known}")))
        })
        .collect::<Answer<Vec<Status>>>()?;
    let mut found = find(&app, reader.org, &asked.query).await?;
    // Counts are of the search alone, so that the other statuses stay on offer.
    let counts = counts(&found);
    found.retain(|f| statuses.is_empty() || statuses.contains(&f.live.status));
    Sort::parse(&asked.sort)?.order(&mut found);
    let per_page = asked.per_page.unwrap_or(PER_PAGE_DEFAULT).clamp(1, PER_PAGE_MAX);
    let skip = asked.page.unwrap_or(0).saturating_mul(per_page);
    let monitors: Vec<Value> = found.iter().skip(skip).take(per_page).map(row).collect();
    Ok(ok(&json!({ "monitors": monitors, "counts": counts, "total": found.len() })))
}

fn counts(found: &[Found]) -> Value {
    let counts = Counts::of(found);
    let tags: Map<String, Value> = counts.tag.into_iter().map(|(tag, n)| (tag, json!(n))).collect();
    json!({ "status": counts.status, "type": counts.kind, "tag": tags, "muted": counts.muted })
}

fn row(Found { entry, live }: &Found) -> Value {
    json!({
        "id": entry.id,
        "name": entry.name,
        "type": entry.kind,
        "status": live.status.as_str(),
        "priority": entry.priority,
        "tags": entry.tags,
        "query": entry.query,
        "groups": live.groups,
        "muted": live.muted,
        "last_triggered_ms": live.last_triggered_ms,
        "modified_ms": entry.modified_ms,
        "creator": entry.creator,
        "builtin": entry.is_built_in(),
        "draft": entry.draft,
        "evaluation": { "last_ms": live.evaluated_ms, "error": live.error },
    })
}
