//! `GET /api/v1/monitor/search` and `GET /api/v1/monitor/groups/search`.

use super::catalog::Entry;
use super::find::{Counts, Found, Sort, find};
use super::form;
use super::language::Search;
use super::live::{self, Group};
use crate::answer::{Answer, Failure, ok};
use crate::app::App;
use crate::auth::Reader;
use crate::extract::Query;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Entries on a page when nothing is asked, and at most.
const PER_PAGE_DEFAULT: usize = 30;
const PER_PAGE_MAX: usize = 1000;
/// Groups that one search looks through: 100 monitors of 1,000 hosts.
const GROUPS_MAX: usize = 100_000;

#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    query: String,
    page: Option<usize>,
    per_page: Option<usize>,
    #[serde(default)]
    sort: String,
}

impl Asked {
    fn per_page(&self) -> usize {
        self.per_page.unwrap_or(PER_PAGE_DEFAULT).clamp(1, PER_PAGE_MAX)
    }

    fn page<T>(&self, all: Vec<T>) -> Vec<T> {
        let skip = self.page.unwrap_or(0).saturating_mul(self.per_page());
        all.into_iter().skip(skip).take(self.per_page()).collect()
    }

    fn metadata(&self, total: usize) -> Value {
        let page_count = total.div_ceil(self.per_page());
        json!({ "page": self.page.unwrap_or(0), "page_count": page_count, "per_page": self.per_page(), "total_count": total })
    }
}

/// `GET /api/v1/monitor/search`.
pub(crate) async fn monitors(
    State(app): State<Arc<App>>,
    reader: Reader,
    Query(asked): Query<Asked>,
) -> Answer {
    let mut found = find(&app, reader.org, &asked.query).await?;
    let sort = if asked.sort.is_empty() { "name,asc" } else { &asked.sort };
    Sort::parse(sort)?.order(&mut found);
    let counts = Counts::of(&found);
    let metadata = asked.metadata(found.len());
    let monitors: Vec<Value> = asked.page(found).iter().map(|f| result(f, reader.org.0)).collect();
    let muted = [(json!(true), counts.muted), (json!(false), total(&metadata).saturating_sub(counts.muted))];
    let counts = json!({
        "status": counted(counts.status.into_iter().map(|(name, n)| (json!(name), n))),
        "type": counted(counts.kind.into_iter().map(|(name, n)| (json!(name), n))),
        "tag": counted(counts.tag.into_iter().map(|(name, n)| (json!(name), n))),
        "muted": counted(muted.into_iter()),
    });
    Ok(ok(&json!({ "counts": counts, "metadata": metadata, "monitors": monitors })))
}

fn total(metadata: &Value) -> usize {
    metadata["total_count"].as_u64().and_then(|n| usize::try_from(n).ok()).unwrap_or(0)
}

fn counted(counts: impl Iterator<Item = (Value, usize)>) -> Vec<Value> {
    counts.filter(|(_, n)| *n > 0).map(|(name, n)| json!({ "name": name, "count": n })).collect()
}

fn result(Found { entry, live }: &Found, org: u32) -> Value {
    let notifications: Vec<Value> = entry
        .handles
        .iter()
        .map(|h| json!({ "handle": h.trim_start_matches('@'), "name": h.trim_start_matches('@') }))
        .collect();
    json!({
        "classification": entry.kinds().last(),
        "creator": form::creator(&entry.creator),
        "id": entry.id,
        "last_triggered_ts": live.last_triggered_ms.map(|ms| ms / 1000),
        "metrics": entry.metrics,
        "name": entry.name,
        "notifications": notifications,
        "org_id": org,
        "priority": entry.priority,
        "quality_issues": [],
        "query": entry.query,
        "scopes": entry.scopes,
        "status": live.status.as_str(),
        "tags": entry.tags,
        "type": entry.kind,
    })
}

/// `GET /api/v1/monitor/groups/search`: groups of the monitors that are found; `group_status:` and `group:` choose among them.
pub(crate) async fn groups(
    State(app): State<Arc<App>>,
    reader: Reader,
    Query(asked): Query<Asked>,
) -> Answer {
    let found = find(&app, reader.org, &asked.query).await?;
    let search = Search::parse(&asked.query).map_err(Failure::invalid)?;
    let mut all: Vec<(Arc<Entry>, Group)> = Vec::new();
    for Found { entry, .. } in found {
        for group in live::groups(&app, reader.org, entry.id)? {
            if search.matches_group(&group.key, group.status) {
                all.push((Arc::clone(&entry), group));
            }
        }
        if all.len() > GROUPS_MAX {
            return Err(Failure::invalid(format!(
                "query: it finds more than {GROUPS_MAX} groups; ask for fewer monitors"
            )));
        }
    }
    let (mut statuses, mut kinds) = (BTreeMap::<&str, usize>::new(), BTreeMap::<String, usize>::new());
    for (entry, group) in &all {
        *statuses.entry(group.status.as_str()).or_default() += 1;
        *kinds.entry(entry.kind.clone()).or_default() += 1;
    }
    order(&mut all, &asked.sort)?;
    let counts = json!({
        "status": counted(statuses.into_iter().map(|(name, n)| (json!(name), n))),
        "type": counted(kinds.into_iter().map(|(name, n)| (json!(name), n))),
    });
    let metadata = asked.metadata(all.len());
    let groups: Vec<Value> =
        asked.page(all).iter().map(|(entry, group)| group_result(entry, group)).collect();
    Ok(ok(&json!({ "counts": counts, "groups": groups, "metadata": metadata })))
}

fn order(all: &mut [(Arc<Entry>, Group)], sort: &str) -> Answer<()> {
    let (name, direction) = sort.split_once(',').unwrap_or((sort, "asc"));
    let key =
        |(entry, group): &(Arc<Entry>, Group)| (entry.name_folded.clone(), entry.id, Arc::clone(&group.key));
    match name {
        "" | "status" => all.sort_by_cached_key(|pair| (u8::MAX - pair.1.status.severity(), key(pair))),
        "name" => all.sort_by_cached_key(key),
        "group" => all.sort_by_cached_key(|pair| (Arc::clone(&pair.1.key), key(pair))),
        "last_triggered" | "last_triggered_ts" => {
            all.sort_by_cached_key(|pair| (pair.1.last_triggered_ms, key(pair)));
        }
        other => {
            let known = "status, name, group, last_triggered";
            return Err(Failure::invalid(format!("sort: {other:?} is none of {known}")));
        }
    }
    if direction == "desc" {
        all.reverse();
    }
    Ok(())
}

fn group_result(entry: &Entry, group: &Group) -> Value {
    let tags: Vec<&str> = if &*group.key == "*" { Vec::new() } else { group.key.split(',').collect() };
    let mut result = json!({
        "group": group.key,
        "group_tags": tags,
        "last_triggered_ts": group.last_triggered_ms.map(|ms| ms / 1000),
        "monitor_id": entry.id,
        "monitor_name": entry.name,
        "status": group.status.as_str(),
    });
    if let (Some(fields), oriel_monitor::status::Status::NoData, Some(ms)) =
        (result.as_object_mut(), group.status, group.since_ms)
    {
        fields.insert("last_nodata_ts".to_owned(), json!(ms / 1000));
    }
    result
}
