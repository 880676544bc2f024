//! One service: its operations, resources, versions, neighbours and errors.

use super::{Health, Operation, Scope, health_by, map, operations, primary};
use oriel_model::{Core, Field, Filter, Test};
use oriel_store::{Block, Cancel, MetricReader, RowSnapshot, ScanRequest};
use serde::Serialize;
use std::collections::BTreeMap;

/// Resources of one answer; more than anybody scrolls through, and the concentrator's own bound of a service.
const RESOURCES_MAX: usize = 2_000;
/// Kinds of errors in one answer.
const ISSUES_MAX: usize = 100;

#[derive(Serialize)]
pub(crate) struct ServiceEntry {
    name: String,
    r#type: String,
    operation: String,
    envs: Vec<String>,
    versions: Vec<String>,
    #[serde(flatten)]
    health: Health,
    last_seen_ms: i64,
}

impl ServiceEntry {
    pub(super) fn into_parts(self) -> (String, Health) {
        (self.name, self.health)
    }
}

#[derive(Serialize)]
pub(crate) struct OperationEntry {
    name: String,
    r#type: String,
    hits: f64,
}

#[derive(Serialize)]
pub(crate) struct ResourceEntry {
    resource: String,
    #[serde(flatten)]
    health: Health,
}

#[derive(Serialize)]
pub(crate) struct VersionEntry {
    version: String,
    first_seen_ms: i64,
    last_seen_ms: i64,
    #[serde(flatten)]
    health: Health,
}

#[derive(Serialize)]
pub(crate) struct Service {
    name: String,
    operations: Vec<OperationEntry>,
    operation: String,
    #[serde(flatten)]
    health: Health,
    envs: Vec<String>,
    resources: Vec<ResourceEntry>,
    versions: Vec<VersionEntry>,
    upstream: Vec<map::Neighbour>,
    downstream: Vec<map::Neighbour>,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Issue {
    r#type: String,
    message: String,
    count: f64,
    first_ms: i64,
    last_ms: i64,
    trace_id: String,
}

/// Every service with its primary operation.
pub(crate) fn list(
    reader: &dyn MetricReader,
    scope: &Scope,
    cancel: &Cancel,
) -> oriel_query::Result<Vec<ServiceEntry>> {
    let all = operations(reader, scope, None, cancel)?;
    let best = primary(&all);
    let mut by_operation: BTreeMap<&str, Vec<&Operation>> = BTreeMap::new();
    best.values().for_each(|o| by_operation.entry(&o.name).or_default().push(o));
    let mut entries = Vec::new();
    for (name, services) in by_operation {
        let health = health_by(reader, scope, (name, &scope.matcher(&[]), &["service"]), cancel)?;
        for operation in services {
            let key = vec![operation.service.clone()];
            let health = health.get(&key).map(|(h, _)| h.clone()).unwrap_or_default();
            entries.push(entry(operation, health));
        }
    }
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(entries)
}

fn entry(operation: &Operation, health: Health) -> ServiceEntry {
    ServiceEntry {
        name: operation.service.clone(),
        r#type: operation.r#type.clone(),
        operation: operation.name.clone(),
        envs: operation.envs.iter().cloned().collect(),
        versions: operation.versions.iter().cloned().collect(),
        health,
        last_seen_ms: operation.last_ms,
    }
}

/// One service; `None` when nothing was heard of it in the range.
pub(crate) fn one(
    reader: &dyn MetricReader,
    scope: &Scope,
    (name, operation): (&str, Option<&str>),
    cancel: &Cancel,
) -> oriel_query::Result<Option<Service>> {
    let mut all = operations(reader, scope, Some(name), cancel)?;
    all.sort_by(|a, b| b.hits.total_cmp(&a.hits));
    let chosen = operation.and_then(|o| all.iter().find(|known| known.name == o));
    let Some(chosen) = chosen.or_else(|| primary(&all).into_values().next()) else { return Ok(None) };
    let matcher = scope.matcher(&[("service", name)]);
    let by = |keys: &[&str]| health_by(reader, scope, (&chosen.name, &matcher, keys), cancel);
    let (upstream, downstream) = map::neighbours(reader, scope, name, cancel)?;
    Ok(Some(Service {
        name: name.to_owned(),
        operation: chosen.name.clone(),
        health: by(&[])?.into_values().next().map(|(h, _)| h).unwrap_or_default(),
        envs: chosen.envs.iter().cloned().collect(),
        resources: resources(by(&["resource"])?),
        versions: versions(by(&["version"])?),
        upstream,
        downstream,
        operations: all
            .iter()
            .map(|o| OperationEntry { name: o.name.clone(), r#type: o.r#type.clone(), hits: o.hits })
            .collect(),
    }))
}

type ByKey = BTreeMap<Vec<String>, (Health, oriel_query::CountTotal)>;

fn resources(by_resource: ByKey) -> Vec<ResourceEntry> {
    let mut list: Vec<ResourceEntry> = by_resource
        .into_iter()
        .map(|(key, (health, _))| ResourceEntry { resource: first(key), health })
        .collect();
    list.sort_by(|a, b| b.health.total_ms.total_cmp(&a.health.total_ms));
    list.truncate(RESOURCES_MAX);
    list
}

fn versions(by_version: ByKey) -> Vec<VersionEntry> {
    let mut list: Vec<VersionEntry> = by_version
        .into_iter()
        .filter(|(key, _)| key.first().is_some_and(|v| !v.is_empty()))
        .map(|(key, (health, total))| VersionEntry {
            version: first(key),
            first_seen_ms: total.first_ms,
            last_seen_ms: total.last_ms,
            health,
        })
        .collect();
    list.sort_by_key(|v| std::cmp::Reverse(v.first_seen_ms));
    list
}

fn first(key: Vec<String>) -> String {
    key.into_iter().next().unwrap_or_default()
}

/// Kinds of errors of a service, by type and message, read from its error spans.
pub(crate) fn issues(
    rows: &RowSnapshot,
    scope: &Scope,
    name: &str,
    cancel: &Cancel,
) -> oriel_query::Result<Vec<Issue>> {
    let is = |core: Core, text: &str| Filter::Is(Field::Core(core), Test::Equals(text.into()));
    let mut all = vec![is(Core::Service, name), is(Core::Status, "error")];
    all.extend(scope.env.as_deref().filter(|e| !e.is_empty()).map(|env| is(Core::Env, env)));
    all.extend(scope.version.as_deref().filter(|v| !v.is_empty()).map(|v| is(Core::Version, v)));
    let request = ScanRequest {
        range: crate::rows::ns_range(scope.range.start, scope.range.end),
        filter: Filter::And(all),
        fields: vec![Field::attr("error.type"), Field::attr("error.message"), Field::Core(Core::TraceId)],
    };
    let (parts, _) = rows.scan(&request, cancel, BTreeMap::new, |issues, block| {
        count_issues(issues, block);
        Ok(())
    })?;
    let mut merged: BTreeMap<(String, String), Issue> = BTreeMap::new();
    for (key, issue) in parts.into_iter().flatten() {
        let held = merged.entry(key).or_insert_with(|| Issue { count: 0.0, ..issue.clone() });
        held.count += issue.count;
        held.first_ms = held.first_ms.min(issue.first_ms);
        if issue.last_ms >= held.last_ms {
            held.last_ms = issue.last_ms;
            held.trace_id = issue.trace_id;
        }
    }
    let mut list: Vec<Issue> = merged.into_values().collect();
    list.sort_by(|a, b| b.count.total_cmp(&a.count).then(b.last_ms.cmp(&a.last_ms)));
    list.truncate(ISSUES_MAX);
    Ok(list)
}

/// Different messages that one worker keeps; the rest count under their type alone.
const MESSAGES_MAX: usize = 5_000;

fn count_issues(issues: &mut BTreeMap<(String, String), Issue>, block: &Block) {
    for row in 0..block.rows() {
        let text = |column: usize| {
            block.columns[column].value(row).text().map(|t| t.into_owned()).unwrap_or_default()
        };
        let time_ms = block.time_ns[row].div_euclid(1_000_000);
        let mut key = (text(0), without_numbers(&text(1)));
        if issues.len() >= MESSAGES_MAX && !issues.contains_key(&key) {
            key.1 = String::new();
        }
        let issue = issues.entry(key).or_insert_with_key(|key| Issue {
            r#type: key.0.clone(),
            message: text(1),
            count: 0.0,
            first_ms: time_ms,
            last_ms: i64::MIN,
            trace_id: String::new(),
        });
        issue.count += block.weight(row);
        issue.first_ms = issue.first_ms.min(time_ms);
        if time_ms >= issue.last_ms {
            issue.last_ms = time_ms;
            issue.trace_id = text(2);
        }
    }
}

/// Messages that differ in numbers only are one kind of error.
fn without_numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '0'..='9' if out.ends_with('#') => {}
            '0'..='9' => out.push('#'),
            other => out.push(other),
        }
    }
    out
}
