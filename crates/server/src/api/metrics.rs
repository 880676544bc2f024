//! Names, metadata and tags of metrics: `/api/v1/metrics`, `/api/v1/metrics/{name}`, `/api/v2/metrics`,
//! `/api/v2/metrics/{name}/all-tags`.

use crate::answer::{Answer, Failure, ok};
use crate::app::App;
use crate::auth::{Editor, Reader};
use crate::extract::{Path, Payload, Query, read_json};
use crate::query::read;
use axum::extract::State;
use oriel_model::{OrgId, TimeRange};
use oriel_state::MetricMetadata;
use oriel_store::{Matcher, SeriesEntry};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;

/// How far back a metric may have been heard of to be listed without a time: a day, as the series index is kept by day.
const ACTIVE_MS: i64 = 24 * 3600 * 1000;

#[derive(Deserialize)]
pub(crate) struct Since {
    from: Option<i64>,
    host: Option<String>,
    tag_filter: Option<String>,
}

/// `GET /api/v1/metrics`: names with data since a time.
pub(crate) async fn active(
    State(app): State<Arc<App>>,
    reader: Reader,
    Query(since): Query<Since>,
) -> Answer {
    let now = app.now_ms();
    let from = since.from.map_or(now - 3600 * 1000, |s| s.saturating_mul(1000));
    let range = TimeRange::new(from, now + app.limits.future_ms);
    let matcher = matcher(since.host.as_deref(), since.tag_filter.as_deref());
    let metrics = names(&app, reader.org, range, matcher).await?;
    Ok(ok(&json!({ "from": (from / 1000).to_string(), "metrics": metrics })))
}

#[derive(Deserialize)]
pub(crate) struct Window {
    #[serde(rename = "window[seconds]")]
    seconds: Option<i64>,
    #[serde(rename = "filter[tags]")]
    tags: Option<String>,
}

#[derive(Serialize)]
struct Entry<'a> {
    r#type: &'static str,
    id: &'a str,
}

/// `GET /api/v2/metrics`: the same as resources.
pub(crate) async fn list_v2(
    State(app): State<Arc<App>>,
    reader: Reader,
    Query(window): Query<Window>,
) -> Answer {
    let now = app.now_ms();
    let length = window.seconds.map_or(ACTIVE_MS, |s| s.saturating_mul(1000));
    let range = TimeRange::new(now.saturating_sub(length), now + app.limits.future_ms);
    let metrics = names(&app, reader.org, range, matcher(None, window.tags.as_deref())).await?;
    let data: Vec<Entry<'_>> = metrics.iter().map(|m| Entry { r#type: "metrics", id: m }).collect();
    Ok(ok(&json!({ "data": data })))
}

/// `GET /api/v2/metrics/{name}/all-tags`.
pub(crate) async fn all_tags(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(name): Path<String>,
) -> Answer {
    let (org, range, metric) = (reader.org, recent(&app), name.clone());
    let tags = read(&app, move |app| {
        let entries = app.store.metrics(org).select(&metric, &Matcher::All, range)?;
        Ok(tags_of(&entries))
    })
    .await?;
    if tags.is_empty() && !is_known(&app, reader.org, &name).await? {
        return Err(unknown(&name));
    }
    Ok(ok(&json!({ "data": { "type": "metrics", "id": name, "attributes": { "tags": tags } } })))
}

#[derive(Serialize)]
struct Metadata {
    r#type: Option<String>,
    description: Option<String>,
    short_name: Option<String>,
    unit: Option<String>,
    per_unit: Option<String>,
    statsd_interval: Option<i64>,
    integration: Option<&'static str>,
}

/// `GET /api/v1/metrics/{name}`.
pub(crate) async fn metadata(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(name): Path<String>,
) -> Answer {
    let (org, range, metric) = (reader.org, recent(&app), name.clone());
    let entries = read(&app, move |app| app.store.metrics(org).select(&metric, &Matcher::All, range)).await?;
    if entries.is_empty() && !app.state.has_metric_metadata(org, &name) {
        return Err(unknown(&name));
    }
    let known = app.state.metric_metadata(org, &name);
    let kind = entries.iter().map(|e| api_kind(e.kind)).next();
    Ok(ok(&described(&name, known, kind)))
}

/// `PUT /api/v1/metrics/{name}`.
pub(crate) async fn change_metadata(
    State(app): State<Arc<App>>,
    editor: Editor,
    Path(name): Path<String>,
    body: Payload,
) -> Answer {
    let change: MetricMetadata = read_json(&body)?;
    if let Some(unit) =
        change.unit.as_deref().filter(|u| !u.is_empty() && oriel_state::unit_by_name(u).is_none())
    {
        return Err(Failure::invalid(format!(
            "unit {unit:?} is not known; take e.g. byte, second, percent or request"
        )));
    }
    let merged = app.state.change_metric_metadata(editor.org, &name, change).await?;
    Ok(ok(&described(&name, merged, None)))
}

fn described(name: &str, known: MetricMetadata, kind: Option<&str>) -> Metadata {
    let integration = ["system", "postgresql", "oriel"]
        .into_iter()
        .find(|p| name.strip_prefix(p).is_some_and(|rest| rest.starts_with('.')));
    Metadata {
        r#type: known.kind.or_else(|| kind.map(str::to_owned)),
        description: known.description,
        short_name: known.short_name,
        unit: known.unit,
        per_unit: known.per_unit,
        statsd_interval: known.statsd_interval,
        integration,
    }
}

/// The metadata API has no word for running totals; its readers take them for counts.
pub(crate) fn api_kind(kind: oriel_model::Kind) -> &'static str {
    if kind == oriel_model::Kind::Cumulative { "count" } else { kind.as_str() }
}

/// Names with data in a range, sorted, whose series match.
async fn names(app: &Arc<App>, org: OrgId, range: TimeRange, matcher: Matcher) -> Answer<Vec<Arc<str>>> {
    read(app, move |app| {
        let reader = app.store.metrics(org);
        let mut names = reader.metrics(range)?;
        if matcher != Matcher::All {
            let mut kept = Vec::new();
            for name in names {
                if !reader.select(&name, &matcher, range)?.is_empty() {
                    kept.push(name);
                }
            }
            names = kept;
        }
        Ok(names)
    })
    .await
}

async fn is_known(app: &Arc<App>, org: OrgId, name: &str) -> Answer<bool> {
    let range = recent(app);
    let names = read(app, move |app| app.store.metrics(org).metrics(range)).await?;
    Ok(names.iter().any(|n| &**n == name))
}

fn unknown(name: &str) -> Failure {
    Failure::not_found(format!("metric {name:?} has no data of the last day; see /api/v1/metrics"))
}

/// The last day, and what clocks that go ahead may have sent.
pub(crate) fn recent(app: &App) -> TimeRange {
    let now = app.now_ms();
    TimeRange::new(now - ACTIVE_MS, now + app.limits.future_ms)
}

/// Tags of series, host included, sorted.
pub(crate) fn tags_of(entries: &[SeriesEntry]) -> BTreeSet<String> {
    let mut tags = BTreeSet::new();
    for entry in entries {
        tags.extend(entry.def.tags.iter().map(str::to_owned));
        if !entry.def.host.is_empty() {
            tags.insert(format!("host:{}", entry.def.host));
        }
    }
    tags
}

fn matcher(host: Option<&str>, tags: Option<&str>) -> Matcher {
    let tag = |text: &str| match text.split_once(':') {
        Some((key, value)) if value.contains('*') => {
            Matcher::Glob { key: key.to_owned(), pattern: value.to_owned() }
        }
        Some((key, value)) => Matcher::Equals { key: key.to_owned(), value: value.to_owned() },
        None => Matcher::Bare(text.to_owned()),
    };
    let mut all: Vec<Matcher> = tags
        .unwrap_or_default()
        .split(',')
        .map(str::trim)
        .filter(|t| !t.is_empty() && *t != "*")
        .map(tag)
        .collect();
    if let Some(host) = host.filter(|h| !h.is_empty()) {
        all.push(Matcher::Equals { key: "host".to_owned(), value: host.to_owned() });
    }
    if all.is_empty() { Matcher::All } else { Matcher::And(all) }
}
