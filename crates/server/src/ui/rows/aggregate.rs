//! `POST /api/ui/rows/aggregate`: groups by any fields with any computes, as a table or over time.

use super::{Scope, Wanted, parse};
use crate::answer::{Answer, Failure, ok};
use crate::app::App;
use crate::auth::Reader;
use crate::extract::Payload;
use crate::query::Column;
use crate::rows::read_rows;
use axum::extract::State;
use axum::response::Response;
use oriel_model::{Field, Signal, TimeRange};
use oriel_query::rows::{
    AggregateRequest, Aggregated, Aggregation, Compute, GroupBy, RowGrid, Sort, aggregate,
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Instant;

/// Groups of a field when nothing is said, and at most.
const LIMIT: usize = 10;
const LIMIT_MAX: usize = 1_000;
const FIELDS_MAX: usize = 4;
const COMPUTES_MAX: usize = 10;

#[derive(Deserialize)]
struct Asked {
    #[serde(flatten)]
    scope: Scope,
    #[serde(default)]
    group_by: Vec<AskedGroup>,
    computes: Vec<AskedCompute>,
    #[serde(default)]
    display: Option<String>,
    #[serde(default)]
    step_ms: Option<i64>,
    #[serde(default)]
    sort: Option<AskedSort>,
}

#[derive(Deserialize)]
struct AskedGroup {
    field: String,
    #[serde(default)]
    limit: Option<usize>,
}

#[derive(Deserialize)]
struct AskedCompute {
    aggregation: String,
    #[serde(default)]
    field: Option<String>,
}

#[derive(Deserialize)]
struct AskedSort {
    #[serde(default)]
    compute: usize,
    #[serde(default)]
    order: Option<String>,
}

pub(crate) async fn aggregated(State(app): State<Arc<App>>, reader: Reader, body: Payload) -> Answer {
    let begin = Instant::now();
    let asked: Asked = parse(&body)?;
    let wanted = match asked.scope.wanted()? {
        Ok(wanted) => wanted,
        Err(answer) => return Ok(answer),
    };
    let signal = wanted.signal;
    let request = request(&asked, wanted)?;
    let fields: Vec<String> = asked.group_by.iter().map(|g| g.field.clone()).collect();
    let found =
        read_rows(&app, (reader.org, signal), move |rows, cancel| aggregate(rows, &request, cancel)).await?;
    Ok(respond(&fields, &found, asked.display.as_deref() == Some("timeseries"), begin))
}

fn request(asked: &Asked, wanted: Wanted) -> Answer<AggregateRequest> {
    if asked.group_by.len() > FIELDS_MAX || asked.computes.len() > COMPUTES_MAX || asked.computes.is_empty() {
        return Err(Failure::invalid(format!(
            "groups go by at most {FIELDS_MAX} fields, and there are 1 to {COMPUTES_MAX} computes"
        )));
    }
    let signal = wanted.signal;
    let computes = asked.computes.iter().map(|c| compute(signal, &c.aggregation, c.field.as_deref()));
    let computes = computes.collect::<Answer<Vec<_>>>()?;
    let sort = sort(asked.sort.as_ref(), computes.len());
    let group_by = asked.group_by.iter().map(|g| GroupBy {
        limit: g.limit.unwrap_or(LIMIT).clamp(1, LIMIT_MAX),
        sort,
        ..GroupBy::new(Field::parse(signal, &g.field))
    });
    let range = TimeRange::new(wanted.from_ms, wanted.to_ms);
    let grid = match (asked.display.as_deref(), asked.step_ms) {
        (Some("timeseries"), Some(step_ms)) => Some(RowGrid::stepped(range, step_ms)?),
        (Some("timeseries"), None) => Some(RowGrid::bars(range)),
        _ => None,
    };
    Ok(AggregateRequest {
        range: wanted.range,
        filter: wanted.filter,
        group_by: group_by.collect(),
        computes,
        grid,
    })
}

fn sort(asked: Option<&AskedSort>, computes: usize) -> Sort {
    asked.filter(|s| s.compute < computes).map_or_else(Sort::default, |s| Sort {
        compute: s.compute,
        descending: s.order.as_deref() != Some("asc"),
    })
}

/// A compute by its word; every one but `count` needs a field.
pub(crate) fn compute(signal: Signal, word: &str, field: Option<&str>) -> Answer<Compute> {
    let aggregation = Aggregation::parse(word).ok_or_else(|| {
        Failure::invalid(format!(
            "aggregation is {word:?}; expected count, cardinality, sum, avg, min, max, median or pc75 to pc99"
        ))
    })?;
    // A count of everything is written with a star where the API demands a field.
    let field = field.filter(|f| !f.is_empty() && *f != "*").map(|f| Field::parse(signal, f));
    if field.is_none() && aggregation.needs_field() {
        return Err(Failure::invalid(format!("aggregation {word} needs a field; name one as @duration")));
    }
    Ok(Compute { aggregation, field })
}

fn respond(fields: &[String], found: &Aggregated, over_time: bool, begin: Instant) -> Response {
    let by = |values: &[String]| -> Vec<(String, String)> {
        fields.iter().cloned().zip(values.iter().cloned()).collect()
    };
    let elapsed_ms = begin.elapsed().as_secs_f64() * 1000.0;
    if !over_time {
        let groups: Vec<Value> =
            found.groups.iter().map(|g| json!({ "by": by(&g.by), "values": Column(&g.totals) })).collect();
        return ok(&json!({
            "groups": groups,
            "total_groups": found.total_groups,
            "notes": found.notes,
            "elapsed_ms": elapsed_ms,
            "stats": found.stats,
        }));
    }
    let mut series = Vec::new();
    for group in &found.groups {
        for (compute, values) in group.series.iter().enumerate() {
            series.push(json!({ "by": by(&group.by), "compute": compute, "values": Column(values), "total": Column(&group.totals[compute..=compute]) }));
        }
    }
    ok(&json!({
        "step_ms": found.step_ms,
        "times": found.times,
        "series": series,
        "total_groups": found.total_groups,
        "notes": found.notes,
        "elapsed_ms": elapsed_ms,
        "stats": found.stats,
    }))
}
