//! `GET /api/v1/slo/search`: by words of the name and by `key:value` (a tag, `type:`, `status:`), with how each stands.

use super::{Kept, all, figures, history};
use crate::answer::{Answer, ok};
use crate::app::App;
use crate::auth::Reader;
use crate::extract::Query;
use axum::extract::State;
use oriel_monitor::slo::{Report, WindowReport};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

const PAGE: usize = 10;
const PAGE_MAX: usize = 200;

/// Whether an SLO is meant: every word.
pub(crate) fn matches(query: &str, kept: &Kept, status: Option<&str>) -> bool {
    query.split_whitespace().all(|word| {
        let word = word.trim_matches('"');
        match word.split_once(':') {
            Some(("status", wanted)) => status.is_none_or(|s| s.eq_ignore_ascii_case(wanted)),
            Some(("type" | "slo_type", wanted)) => kept.document.body["type"] == wanted,
            Some(("id", wanted)) => kept.document.id == wanted,
            Some(("tag", wanted)) => kept.slo.tags.iter().any(|t| t == wanted),
            Some(_) => kept.slo.tags.iter().any(|t| t == word),
            None => kept.slo.name.to_lowercase().contains(&word.to_lowercase()),
        }
    })
}

#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    query: String,
    #[serde(default, rename = "page[size]")]
    size: Option<usize>,
    #[serde(default, rename = "page[number]")]
    number: usize,
    #[serde(default)]
    include_facets: bool,
}

/// The handler.
pub(crate) async fn search(
    State(app): State<Arc<App>>,
    reader: Reader,
    Query(asked): Query<Asked>,
) -> Answer {
    let mut found = all(&app, reader.org).await?;
    found.retain(|k| matches(&asked.query, k, None));
    let by_status = asked.query.contains("status:");
    let size = asked.size.unwrap_or(PAGE).clamp(1, PAGE_MAX);
    let (mut slos, mut total) = (Vec::new(), 0);
    for kept in &found {
        // Without a status in the query, only the page's own need their figures.
        let on_page = total / size == asked.number;
        if !by_status && !on_page {
            total += 1;
            continue;
        }
        let report = figures::of(&app, reader.org, kept).await?;
        let status = report.windows.first().map(|w| w.status.as_str());
        if matches(&asked.query, kept, status) {
            if total / size == asked.number {
                slos.push(entry(kept, &report));
            }
            total += 1;
        }
    }
    let mut attributes = json!({ "slos": slos });
    if asked.include_facets {
        attributes["facets"] = facets(&found);
    }
    Ok(ok(&json!({
        "data": {"type": "", "attributes": attributes},
        "meta": {"pagination": {
            "number": asked.number, "size": size, "total": total, "first_number": 0,
            "last_number": total.saturating_sub(1) / size, "type": "number_size",
        }},
    })))
}

fn number(value: f64) -> Value {
    if value.is_finite() { json!(value) } else { Value::Null }
}

fn standing(report: &Report, window: &WindowReport, word: &str) -> Value {
    let left = window.remaining();
    let raw = (window.sum.total * (100.0 - window.objective.target) / 100.0
        - (window.sum.total - window.sum.good))
        .max(0.0);
    json!({
        "state": window.status.as_str(),
        word: number(window.sum.sli()),
        "error_budget_remaining": number(left),
        "raw_error_budget_remaining": {"unit": "events", "value": raw},
        "indexed_at": report.at_ms / 1_000,
        "span_precision": 2,
    })
}

fn entry(kept: &Kept, report: &Report) -> Value {
    let shown = kept.shown();
    let of = |key: &str| -> Vec<&str> {
        kept.slo.tags.iter().filter_map(|t| t.strip_prefix(key)?.strip_prefix(':')).collect()
    };
    let overall: Vec<Value> = report
        .windows
        .iter()
        .map(|w| {
            let mut one = standing(report, w, "status");
            one["error"] = Value::Null;
            one["target"] = json!(w.objective.target);
            one["timeframe"] = json!(w.objective.timeframe);
            one
        })
        .collect();
    let status = report.windows.first().map(|w| {
        let mut one = standing(report, w, "sli");
        one["calculation_error"] = Value::Null;
        one
    });
    json!({"data": {"id": kept.document.id, "type": "slo", "attributes": {
        "name": kept.slo.name,
        "description": shown["description"],
        "slo_type": shown["type"],
        "all_tags": kept.slo.tags,
        "env_tags": of("env"),
        "service_tags": of("service"),
        "team_tags": of("team"),
        "groups": shown.get("groups"),
        "monitor_ids": kept.slo.monitors(),
        "query": {
            "numerator": shown["query"]["numerator"].as_str().unwrap_or_default(),
            "denominator": shown["query"]["denominator"].as_str().unwrap_or_default(),
            "metrics": null,
        },
        "thresholds": shown["thresholds"],
        "overall_status": overall,
        "status": status,
        "created_at": shown["created_at"],
        "modified_at": shown["modified_at"],
        "creator": {"name": shown["creator"]["name"], "email": shown["creator"]["email"], "id": 0},
    }}})
}

fn facets(found: &[Kept]) -> Value {
    let count = |names: Vec<String>| {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for name in names {
            *counts.entry(name).or_default() += 1;
        }
        counts.into_iter().map(|(name, count)| json!({"name": name, "count": count})).collect::<Vec<_>>()
    };
    let tags = |key: Option<&str>| -> Vec<String> {
        let all = found.iter().flat_map(|k| &k.slo.tags);
        match key {
            None => all.cloned().collect(),
            Some(key) => {
                all.filter_map(|t| Some(t.strip_prefix(key)?.strip_prefix(':')?.to_owned())).collect()
            }
        }
    };
    // Types and targets are numbers to typed clients.
    let numbers = |all: Vec<f64>| {
        let mut counts: Vec<(f64, usize)> = Vec::new();
        for number in all {
            match counts.iter_mut().find(|(n, _)| *n == number) {
                Some((_, count)) => *count += 1,
                None => counts.push((number, 1)),
            }
        }
        counts.into_iter().map(|(name, count)| json!({"name": name, "count": count})).collect::<Vec<_>>()
    };
    let kinds = found.iter().map(|k| f64::from(history::type_id(&k.slo.kind))).collect();
    let targets = found.iter().flat_map(|k| &k.slo.objectives).map(|o| o.target).collect();
    let creators =
        found.iter().filter_map(|k| k.document.body["author"].as_str().map(str::to_owned)).collect();
    json!({
        "all_tags": count(tags(None)),
        "env_tags": count(tags(Some("env"))),
        "service_tags": count(tags(Some("service"))),
        "team_tags": count(tags(Some("team"))),
        "slo_type": numbers(kinds),
        "target": numbers(targets),
        "creator_name": count(creators),
    })
}
