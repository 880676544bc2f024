//! The metrics summary: what there is, what it costs, and its tags.

use crate::answer::{Answer, Failure, ok};
use crate::api::metrics::{recent, tags_of};
use crate::app::App;
use crate::auth::Reader;
use crate::extract::{Path, Query};
use crate::query::read;
use axum::extract::State;
use oriel_model::{OrgId, Tags, TimeRange};
use oriel_state::unit_by_name;
use oriel_store::{Matcher, MetricReader, MetricUsage, SeriesEntry};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// Metrics in one answer; a page draws a window of it.
const LIMIT_MAX: usize = 10_000;
/// Values shown of each tag.
const VALUES_MAX: usize = 50;
/// Values offered for a template variable.
const CHOICES_MAX: usize = 1000;

#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    search: String,
    limit: Option<usize>,
    offset: Option<usize>,
}

#[derive(Serialize)]
struct Entry {
    name: String,
    kind: &'static str,
    unit: Option<EntryUnit>,
    description: Option<String>,
    series: u64,
    hosts: usize,
    tag_keys: Vec<String>,
    bytes: u64,
    samples: u64,
    last_ms: Option<i64>,
}

#[derive(Serialize)]
struct EntryUnit {
    name: String,
    short_name: String,
}

/// `GET /api/ui/metrics`.
pub(crate) async fn list(State(app): State<Arc<App>>, reader: Reader, Query(asked): Query<Asked>) -> Answer {
    let org = reader.org;
    let usage = usage(&app, org).await?;
    let range = recent(&app);
    let (total, metrics) = read(&app, move |app| {
        let reader = app.store.metrics(org);
        let search = asked.search.trim().to_lowercase();
        let names = all_names(&*reader, &usage, range)?;
        let found: Vec<&String> = names.iter().filter(|n| n.to_lowercase().contains(&search)).collect();
        let page = found
            .iter()
            .skip(asked.offset.unwrap_or(0))
            .take(asked.limit.unwrap_or(LIMIT_MAX).min(LIMIT_MAX));
        let mut metrics = Vec::new();
        for name in page {
            let entries = reader.select(name, &Matcher::All, range)?;
            metrics.push(entry(app, org, name, (&entries, usage.get(*name))));
        }
        Ok((found.len(), metrics))
    })
    .await?;
    Ok(ok(&json!({ "total": total, "metrics": metrics })))
}

/// `GET /api/ui/metrics/{name}`.
pub(crate) async fn one(State(app): State<Arc<App>>, reader: Reader, Path(name): Path<String>) -> Answer {
    let org = reader.org;
    let usage = usage(&app, org).await?;
    let range = recent(&app);
    let found = read(&app, move |app| {
        let entries = app.store.metrics(org).select(&name, &Matcher::All, range)?;
        if entries.is_empty() && !usage.contains_key(&name) {
            return Ok(Err(name));
        }
        let tags: Vec<_> = by_key(&entries)
            .into_iter()
            .map(|(key, values)| {
                let shown: Vec<&String> = values.iter().take(VALUES_MAX).collect();
                json!({ "key": key, "cardinality": values.len(), "values": shown })
            })
            .collect();
        Ok(Ok((entry(app, org, &name, (&entries, usage.get(&name))), tags)))
    })
    .await?;
    let (entry, tags) = found
        .map_err(|name| Failure::not_found(format!("metric {name:?} has no data; see /metrics/summary")))?;
    let mut body = serde_json::to_value(&entry).unwrap_or_default();
    body["tags"] = json!(tags);
    Ok(ok(&body))
}

#[derive(Deserialize)]
pub(crate) struct AskedTags {
    #[serde(default)]
    metric: String,
    #[serde(default)]
    key: String,
    #[serde(default)]
    search: String,
}

/// `GET /api/ui/tags`: values of a key, of one metric or of all.
pub(crate) async fn tag_values(
    State(app): State<Arc<App>>,
    reader: Reader,
    Query(asked): Query<AskedTags>,
) -> Answer {
    let (org, range) = (reader.org, recent(&app));
    let known_hosts: Vec<String> = if asked.key == "host" && asked.metric.is_empty() {
        app.state.hosts(org).await?.into_iter().map(|h| h.name).collect()
    } else {
        Vec::new()
    };
    let values = read(&app, move |app| {
        let reader = app.store.metrics(org);
        let mut values: BTreeSet<String> = known_hosts.into_iter().collect();
        let metrics =
            if asked.metric.is_empty() { reader.metrics(range)? } else { vec![asked.metric.as_str().into()] };
        for metric in metrics {
            // Enough to choose from; hosts are known already.
            if values.len() >= CHOICES_MAX || (asked.key == "host" && asked.metric.is_empty()) {
                break;
            }
            values.extend(
                by_key(&reader.select(&metric, &Matcher::All, range)?).remove(&asked.key).unwrap_or_default(),
            );
        }
        for row in reader.host_tags(range).iter() {
            values.extend(row.tags.iter().filter_map(|t| match Tags::split(t) {
                (k, Some(v)) if k == asked.key => Some(v.to_owned()),
                _ => None,
            }));
        }
        let search = asked.search.to_lowercase();
        values.retain(|v| v.to_lowercase().contains(&search));
        Ok(values.into_iter().take(CHOICES_MAX).collect::<Vec<_>>())
    })
    .await?;
    Ok(ok(&json!({ "values": values })))
}

async fn usage(app: &App, org: OrgId) -> Answer<HashMap<String, MetricUsage>> {
    Ok(app.store.usage(org).await?.into_iter().map(|u| (u.metric.clone(), u)).collect())
}

/// Metrics of the last day, and those that only cost disk by now.
fn all_names(
    reader: &dyn MetricReader,
    usage: &HashMap<String, MetricUsage>,
    range: TimeRange,
) -> Result<BTreeSet<String>, oriel_store::Error> {
    let mut names: BTreeSet<String> = usage.keys().cloned().collect();
    names.extend(reader.metrics(range)?.iter().map(|n| n.to_string()));
    Ok(names)
}

fn entry(
    app: &App,
    org: OrgId,
    name: &str,
    (entries, usage): (&[SeriesEntry], Option<&MetricUsage>),
) -> Entry {
    let metadata = app.state.metric_metadata(org, name);
    let hosts: BTreeSet<&str> = entries.iter().map(|e| &*e.def.host).filter(|h| !h.is_empty()).collect();
    let keys: BTreeSet<&str> =
        entries.iter().flat_map(|e| e.def.tags.iter()).map(|t| Tags::split(t).0).collect();
    Entry {
        name: name.to_owned(),
        kind: entries.first().map_or("gauge", |e| e.kind.as_str()),
        unit: unit(&metadata),
        description: metadata.description,
        series: usage.map_or(0, |u| u.series).max(entries.len() as u64),
        hosts: hosts.len(),
        tag_keys: keys.into_iter().map(str::to_owned).collect(),
        bytes: usage.map_or(0, |u| u.bytes),
        samples: usage.map_or(0, |u| u.samples),
        last_ms: usage.map(|u| u.last_ms),
    }
}

fn unit(metadata: &oriel_state::MetricMetadata) -> Option<EntryUnit> {
    let unit = unit_by_name(metadata.unit.as_deref()?)?;
    let per = metadata.per_unit.as_deref().and_then(unit_by_name);
    let (name, short_name) = match per {
        Some(per) => {
            (format!("{} per {}", unit.name, per.name), format!("{}/{}", unit.short_name, per.short_name))
        }
        None => (unit.name.to_owned(), unit.short_name.to_owned()),
    };
    Some(EntryUnit { name, short_name })
}

/// Values of each key, host included.
fn by_key(entries: &[SeriesEntry]) -> BTreeMap<String, BTreeSet<String>> {
    let mut keys: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for tag in tags_of(entries) {
        match Tags::split(&tag) {
            (key, Some(value)) => keys.entry(key.to_owned()).or_default().insert(value.to_owned()),
            (key, None) => keys.entry(key.to_owned()).or_default().insert(String::new()),
        };
    }
    keys
}
