//! Tags of hosts by source, `/api/v1/tags/hosts`. They are rows of the store with a time from which they hold, and join series
//! when a query runs (STORE 7).

use crate::answer::{Answer, Failure, json, ok};
use crate::app::App;
use crate::auth::{Editor, Reader};
use crate::extract::{Path, Payload, Query, read_json};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use oriel_model::normalise_tag;
use oriel_model::{HostTags, OrgId, TimeRange};
use serde::Deserialize;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The source of tags that people set without naming one.
const BY_PEOPLE: &str = "users";

#[derive(Deserialize)]
pub(crate) struct Source {
    source: Option<String>,
}

#[derive(Deserialize)]
struct Body {
    tags: Vec<String>,
}

/// `GET /api/v1/tags/hosts`: each tag with its hosts.
pub(crate) async fn all(State(app): State<Arc<App>>, reader: Reader, Query(of): Query<Source>) -> Answer {
    let mut tags: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in current(&app, reader.org).iter().filter(|r| of.source.as_ref().is_none_or(|s| *s == r.source))
    {
        for tag in &row.tags {
            tags.entry(tag.clone()).or_default().insert(row.host.clone());
        }
    }
    Ok(ok(&json!({ "tags": tags })))
}

/// `GET /api/v1/tags/hosts/{host}`.
pub(crate) async fn of_host(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(host): Path<String>,
    Query(of): Query<Source>,
) -> Answer {
    let sources = by_source(&app, reader.org, &host);
    if sources.is_empty() && app.state.host(reader.org, &host).await?.is_none() {
        return Err(Failure::not_found(format!("host {host:?} is not known; see /api/v1/hosts")));
    }
    let wanted = sources.into_iter().filter(|(s, _)| of.source.as_ref().is_none_or(|w| w == s));
    let tags: BTreeSet<String> = wanted.flat_map(|(_, tags)| tags).collect();
    Ok(ok(&json!({ "host": host, "tags": tags })))
}

/// `POST`: adds tags.
pub(crate) async fn add(
    State(app): State<Arc<App>>,
    editor: Editor,
    Path(host): Path<String>,
    Query(of): Query<Source>,
    body: Payload,
) -> Answer {
    let source = of.source.unwrap_or_else(|| BY_PEOPLE.to_owned());
    let mut tags = by_source(&app, editor.org, &host).remove(&source).unwrap_or_default();
    tags.extend(parse(&body)?);
    set(&app, editor.org, (&host, &source), tags).await
}

/// `PUT`: these and no others.
pub(crate) async fn replace(
    State(app): State<Arc<App>>,
    editor: Editor,
    Path(host): Path<String>,
    Query(of): Query<Source>,
    body: Payload,
) -> Answer {
    let source = of.source.unwrap_or_else(|| BY_PEOPLE.to_owned());
    set(&app, editor.org, (&host, &source), parse(&body)?).await
}

/// `DELETE`: those of one source, or those that people set.
pub(crate) async fn remove(
    State(app): State<Arc<App>>,
    editor: Editor,
    Path(host): Path<String>,
    Query(of): Query<Source>,
) -> Answer {
    let source = of.source.unwrap_or_else(|| BY_PEOPLE.to_owned());
    set(&app, editor.org, (&host, &source), Vec::new()).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn set(app: &App, org: OrgId, (host, source): (&str, &str), tags: Vec<String>) -> Answer {
    let tags: BTreeSet<String> = tags.into_iter().collect();
    let tags: Vec<String> = tags.into_iter().collect();
    set_tags(app, org, (host, source), tags.clone()).await?;
    if app.state.host(org, host).await?.is_none() {
        app.state.touch_hosts(org, &[(host.to_owned(), app.now_ms())]).await?;
    }
    Ok(json(StatusCode::CREATED, &json!({ "host": host, "tags": tags })))
}

/// Makes these the tags of a host and source from now on; nothing is written when they are already.
pub(crate) async fn set_tags(
    app: &App,
    org: OrgId,
    (host, source): (&str, &str),
    tags: Vec<String>,
) -> Answer<()> {
    let mut tags = tags;
    tags.sort_unstable();
    tags.dedup();
    if by_source(app, org, host).remove(source).unwrap_or_default() == tags {
        return Ok(());
    }
    let row = HostTags {
        host: host.to_owned(),
        source: source.to_owned(),
        tags,
        from_ms: app.now_ms(),
        to_ms: i64::MAX,
    };
    Ok(app.store.set_host_tags(org, row).await?)
}

fn parse(body: &[u8]) -> Answer<Vec<String>> {
    let body: Body = read_json(body)?;
    Ok(body.tags.iter().map(|t| normalise_tag(t).into_owned()).filter(|t| !t.is_empty()).collect())
}

/// Rows that hold now.
pub(crate) fn current(app: &App, org: OrgId) -> Vec<HostTags> {
    let now = app.now_ms();
    let rows = app.store.metrics(org).host_tags(TimeRange::new(now, now + 1));
    rows.iter().filter(|r| r.from_ms <= now && now < r.to_ms && !r.tags.is_empty()).cloned().collect()
}

/// A host's tags that hold now, sorted within each source.
pub(crate) fn by_source(app: &App, org: OrgId, host: &str) -> BTreeMap<String, Vec<String>> {
    let mut sources: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in current(app, org).into_iter().filter(|r| r.host == host) {
        sources.entry(row.source).or_default().extend(row.tags);
    }
    for tags in sources.values_mut() {
        tags.sort_unstable();
        tags.dedup();
    }
    sources
}
