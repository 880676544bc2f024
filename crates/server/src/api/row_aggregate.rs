//! `POST /api/v2/logs/analytics/aggregate` and `POST /api/v2/spans/analytics/aggregate`: computes by group, as totals or over time.

use super::row_search::{Bounds, meta, parse, parse_wrapped};
use crate::answer::{Answer, Failure, ok};
use crate::app::App;
use crate::auth::Reader;
use crate::extract::Payload;
use crate::iso::iso_8601;
use crate::rows::{filter_or_invalid, ns_range, read_rows};
use crate::ui::rows::aggregate::compute;
use axum::extract::State;
use oriel_model::{Field, Signal, TimeRange};
use oriel_query::rows::{AggregateRequest, Aggregated, Compute, Group, GroupBy, RowGrid, Sort, aggregate};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::Instant;

/// Groups of a facet when the client says nothing, and at most.
const LIMIT: usize = 10;
const LIMIT_MAX: usize = 1_000;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Body {
    filter: Bounds,
    compute: Vec<AskedCompute>,
    group_by: Vec<AskedGroup>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct AskedCompute {
    aggregation: String,
    metric: Option<String>,
    r#type: Option<String>,
    interval: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct AskedGroup {
    facet: String,
    limit: Option<usize>,
    missing: Option<Value>,
    total: Option<Value>,
    histogram: Option<Value>,
    sort: Option<AskedSort>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct AskedSort {
    aggregation: Option<String>,
    metric: Option<String>,
    order: Option<String>,
}

pub(crate) async fn logs(State(app): State<Arc<App>>, reader: Reader, body: Payload) -> Answer {
    let begin = Instant::now();
    let body: Body = parse(&body)?;
    let (names, found, over_time) = run(&app, reader, Signal::Logs, body).await?;
    let buckets: Vec<Value> = found
        .groups
        .iter()
        .map(|group| json!({ "by": by(&names, group), "computes": computes(&found, group, &over_time) }))
        .collect();
    Ok(ok(&json!({ "data": { "buckets": buckets }, "meta": meta(begin) })))
}

pub(crate) async fn spans(State(app): State<Arc<App>>, reader: Reader, body: Payload) -> Answer {
    let begin = Instant::now();
    let body: Body = parse_wrapped(&body)?;
    let (names, found, over_time) = run(&app, reader, Signal::Spans, body).await?;
    let buckets: Vec<Value> = found
        .groups
        .iter()
        .enumerate()
        .map(|(n, group)| {
            let attributes =
                json!({ "by": by(&names, group), "computes": computes(&found, group, &over_time) });
            json!({ "id": format!("bucket-{n}"), "type": "bucket", "attributes": attributes })
        })
        .collect();
    Ok(ok(&json!({ "data": buckets, "meta": meta(begin) })))
}

async fn run(
    app: &Arc<App>,
    reader: Reader,
    signal: Signal,
    body: Body,
) -> Answer<(Vec<String>, Aggregated, Vec<bool>)> {
    let (from_ms, to_ms) = body.filter.times(app.now_ms())?;
    let mut asked = body.compute;
    if asked.is_empty() {
        asked.push(AskedCompute { aggregation: "count".into(), ..AskedCompute::default() });
    }
    let computes = asked.iter().map(|c| compute(signal, &c.aggregation, c.metric.as_deref()));
    let mut computes = computes.collect::<Answer<Vec<_>>>()?;
    let groups = body.group_by.iter().map(|g| group(signal, g, &mut computes));
    let group_by = groups.collect::<Answer<Vec<_>>>()?;
    let over_time: Vec<bool> = asked.iter().map(|c| c.r#type.as_deref() == Some("timeseries")).collect();
    let range = TimeRange::new(from_ms, to_ms);
    let grid = match over_time.iter().position(|t| *t) {
        None => None,
        Some(at) => Some(match asked[at].interval.as_deref() {
            Some(interval) => RowGrid::stepped(range, interval_ms(interval)?)?,
            None => RowGrid::bars(range),
        }),
    };
    let request = AggregateRequest {
        range: ns_range(from_ms, to_ms),
        filter: filter_or_invalid(signal, body.filter.query.as_deref().unwrap_or("*"))?,
        group_by,
        computes,
        grid,
    };
    let names = body.group_by.iter().map(|g| g.facet.clone()).collect();
    let totals: Vec<Option<String>> = body.group_by.iter().map(|g| total_text(g.total.as_ref())).collect();
    let found = read_rows(app, (reader.org, signal), move |rows, cancel| {
        let mut found = aggregate(rows, &request, cancel)?;
        for (at, text) in totals.into_iter().enumerate() {
            let Some(text) = text else { continue };
            let mut whole = request.clone();
            whole.group_by.remove(at);
            found.groups.extend(aggregate(rows, &whole, cancel)?.groups.into_iter().map(|mut group| {
                group.by.insert(at, text.clone());
                group
            }));
        }
        Ok(found)
    })
    .await?;
    Ok((names, found, over_time))
}

/// How the group over all values of a facet is called; `None` when it is not asked for.
fn total_text(asked: Option<&Value>) -> Option<String> {
    match asked? {
        Value::Bool(false) | Value::Null => None,
        Value::Bool(true) => Some("__TOTAL__".into()),
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// A compute that groups are only sorted by comes after those that are answered.
fn group(signal: Signal, asked: &AskedGroup, computes: &mut Vec<Compute>) -> Answer<GroupBy> {
    if asked.facet.is_empty() {
        return Err(Failure::invalid("a group_by names no facet; write it as @http.status_code or service"));
    }
    if asked.histogram.is_some() {
        return Err(Failure::invalid(format!(
            "group_by {:?} asks for a histogram, which this server has not; leave it out",
            asked.facet
        )));
    }
    let mut sort = Sort::default();
    if let Some(wanted) = &asked.sort {
        sort.descending = wanted.order.as_deref() != Some("asc");
        if let Some(word) = wanted.aggregation.as_deref() {
            let by = compute(signal, word, wanted.metric.as_deref())?;
            sort.compute = computes.iter().position(|c| *c == by).unwrap_or_else(|| {
                computes.push(by);
                computes.len() - 1
            });
        }
    }
    let missing = asked.missing.as_ref().map(|m| m.as_str().map_or_else(|| m.to_string(), str::to_owned));
    Ok(GroupBy {
        limit: asked.limit.unwrap_or(LIMIT).clamp(1, LIMIT_MAX),
        sort,
        missing,
        ..GroupBy::new(Field::parse(signal, &asked.facet))
    })
}

/// `5m`, `1h`, or milliseconds.
fn interval_ms(text: &str) -> Answer<i64> {
    let span = crate::rows::time::parse_time(&format!("now+{text}"), 0);
    let plain = text.parse::<i64>().ok();
    plain.or(span).filter(|ms| *ms > 0).ok_or_else(|| {
        Failure::invalid(format!("interval is {text:?}; expected a span as 5m or a number of milliseconds"))
    })
}

fn by(names: &[String], group: &Group) -> Map<String, Value> {
    names.iter().cloned().zip(group.by.iter().map(|v| Value::from(v.as_str()))).collect()
}

fn computes(found: &Aggregated, group: &Group, over_time: &[bool]) -> Map<String, Value> {
    let one = |(n, over_time): (usize, &bool)| {
        let value = if *over_time {
            let values = group.series.get(n).map_or(&[][..], Vec::as_slice);
            let points = found.times.iter().zip(values).filter(|(_, v)| !v.is_nan());
            points.map(|(time, value)| json!({ "time": iso_8601(*time), "value": number(*value) })).collect()
        } else {
            number(group.totals.get(n).copied().unwrap_or(f64::NAN))
        };
        (format!("c{n}"), value)
    };
    over_time.iter().enumerate().map(one).collect()
}

/// Whole numbers without a fraction: counts are typed as such by clients.
fn number(value: f64) -> Value {
    const WHOLE_MAX: f64 = 9_007_199_254_740_992.0;
    if value.fract() == 0.0 && value.abs() < WHOLE_MAX {
        return Value::from(value as i64);
    }
    serde_json::Number::from_f64(value).map_or(Value::Null, Value::Number)
}
