//! `POST /api/v2/query/timeseries`: named queries and formulas over them, as columns on one list of times.

use crate::answer::{Answer, Failure, ok};
use crate::app::App;
use crate::auth::Reader;
use crate::extract::{Payload, read_json};
use crate::query::rows::{self, AskedRows, in_order, signal_of};
use crate::query::{Column, failure_of, request, run, unit_of};
use axum::extract::State;
use oriel_model::{Frame, OrgId, TimeRange};
use oriel_query::{Named, Outcome, Reducer, Request};
use oriel_state::Unit;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;

#[derive(Deserialize)]
pub(super) struct Body {
    pub(super) data: Data,
}

#[derive(Deserialize)]
pub(super) struct Data {
    pub(super) attributes: Attributes,
}

#[derive(Deserialize)]
pub(super) struct Attributes {
    /// Milliseconds.
    pub(super) from: i64,
    pub(super) to: i64,
    /// Milliseconds between points.
    #[serde(default)]
    pub(super) interval: Option<i64>,
    pub(super) queries: Vec<AskedQuery>,
    #[serde(default)]
    pub(super) formulas: Vec<AskedFormula>,
}

#[derive(Deserialize)]
pub(super) struct AskedQuery {
    #[serde(default)]
    pub(super) name: Option<String>,
    pub(super) data_source: String,
    #[serde(default)]
    pub(super) query: Option<String>,
    /// How the scalar API reduces over time.
    #[serde(default)]
    pub(super) aggregator: Option<String>,
    /// Of a query over logs, spans or events.
    #[serde(flatten)]
    rows: AskedRows,
}

#[derive(Deserialize)]
pub(super) struct AskedFormula {
    pub(super) formula: String,
    #[serde(default)]
    pub(super) limit: Option<Limit>,
}

#[derive(Clone, Deserialize)]
pub(super) struct Limit {
    #[serde(default)]
    count: Option<usize>,
    #[serde(default)]
    order: Option<String>,
}

#[derive(Serialize)]
struct Answered<'a> {
    data: AnsweredData<'a>,
}

#[derive(Serialize)]
struct AnsweredData<'a> {
    id: &'static str,
    r#type: &'static str,
    attributes: AnsweredAttributes<'a>,
}

#[derive(Serialize)]
struct AnsweredAttributes<'a> {
    series: Vec<Series>,
    times: Vec<i64>,
    values: Vec<Column<'a>>,
}

#[derive(Serialize)]
struct Series {
    group_tags: Vec<String>,
    query_index: usize,
    unit: Option<[Option<Unit>; 2]>,
}

pub(crate) async fn timeseries(State(app): State<Arc<App>>, reader: Reader, body: Payload) -> Answer {
    let attributes = parse(&body)?;
    let mut outcomes = run(&app, reader.org, wanted(&app, &attributes)?).await?;
    if attributes.formulas.is_empty() {
        outcomes = in_order(outcomes, &names(&attributes));
    }
    let frames = frames(&outcomes)?;
    let times: Vec<i64> =
        frames.iter().flat_map(|(_, f)| &f.times).copied().collect::<BTreeSet<_>>().into_iter().collect();
    let mut series = Vec::new();
    let mut columns: Vec<Vec<f64>> = Vec::new();
    for (query_index, (text, frame)) in frames.iter().enumerate() {
        let limit = attributes.formulas.get(query_index).and_then(|f| f.limit.as_ref());
        for at in limited(frame, limit) {
            series.push(described(&app, reader.org, (text, query_index), frame, at));
            columns.push(on_grid(&times, frame, &frame.series[at].values));
        }
    }
    let values = columns.iter().map(|c| Column(c)).collect();
    let attributes = AnsweredAttributes { series, times, values };
    Ok(ok(&Answered { data: AnsweredData { id: "0", r#type: "timeseries_response", attributes } }))
}

pub(super) fn parse(body: &[u8]) -> Answer<Attributes> {
    let body: Body = read_json(body)?;
    Ok(body.data.attributes)
}

/// The engine's request. Data sources that are not stored are refused by name, and so is a search that can't be read.
pub(super) fn wanted(app: &App, attributes: &Attributes) -> Answer<Request> {
    let mut wanted = request(app, TimeRange::new(attributes.from, attributes.to));
    wanted.step_ms = attributes.interval;
    let mut failed = Vec::new();
    for (n, query) in attributes.queries.iter().enumerate() {
        let name = query.name.clone().unwrap_or_else(|| format!("query{}", n + 1));
        if let Some(signal) = signal_of(&query.data_source)? {
            rows::add(&mut wanted, &mut failed, (name, signal), &query.rows)?;
            continue;
        }
        let Some(text) = &query.query else {
            return Err(Failure::invalid(format!("data.attributes.queries[{n}].query is missing")));
        };
        wanted.queries.push(Named::new(name, text.as_str()));
    }
    for outcome in &failed {
        if let Err(e) = &outcome.result {
            return Err(failure_of(outcome, e));
        }
    }
    let formulas = attributes.formulas.iter().map(|f| Named::new(f.formula.as_str(), f.formula.as_str()));
    wanted.formulas.extend(formulas);
    Ok(wanted)
}

/// Names of the queries, in their order.
pub(super) fn names(attributes: &Attributes) -> Vec<String> {
    let name =
        |(n, query): (usize, &AskedQuery)| query.name.clone().unwrap_or_else(|| format!("query{}", n + 1));
    attributes.queries.iter().enumerate().map(name).collect()
}

/// The frames with their texts, or the first error.
pub(super) fn frames(outcomes: &[Outcome]) -> Answer<Vec<(&str, &Frame)>> {
    let frame = |o: &'_ Outcome| o.result.as_ref().map_err(|e| failure_of(o, e)).map(|_| ());
    outcomes.iter().try_for_each(frame)?;
    Ok(outcomes.iter().filter_map(|o| o.result.as_ref().ok().map(|f| (o.text.as_str(), f))).collect())
}

/// The columns that a formula's limit leaves, in its order: by average over time.
pub(super) fn limited(frame: &Frame, limit: Option<&Limit>) -> Vec<usize> {
    let mut order: Vec<usize> = (0..frame.series.len()).collect();
    let Some(limit) = limit else { return order };
    let weight: Vec<f64> = oriel_query::scalar(frame, Reducer::Avg);
    let descending = limit.order.as_deref() != Some("asc");
    order.sort_by(|&a, &b| {
        // A column without a value comes last in both orders.
        let missing = weight[a].is_nan().cmp(&weight[b].is_nan());
        let values =
            if descending { weight[b].total_cmp(&weight[a]) } else { weight[a].total_cmp(&weight[b]) };
        missing.then(values)
    });
    order.truncate(limit.count.unwrap_or(usize::MAX));
    order
}

fn described(app: &App, org: OrgId, (text, query_index): (&str, usize), frame: &Frame, at: usize) -> Series {
    let column = &frame.series[at];
    let (unit, per_unit) = unit_of(app, org, column, text);
    Series {
        group_tags: column.group.iter().map(|(k, v)| format!("{k}:{v}")).collect(),
        query_index,
        unit: unit.map(|u| [Some(u), per_unit]),
    }
}

/// A column's values at the times of the answer; queries with rollups of their own have coarser grids.
fn on_grid(times: &[i64], frame: &Frame, values: &[f64]) -> Vec<f64> {
    if times == frame.times {
        return values.to_vec();
    }
    let at =
        |t: &i64| frame.times.binary_search(t).ok().and_then(|i| values.get(i).copied()).unwrap_or(f64::NAN);
    times.iter().map(at).collect()
}
