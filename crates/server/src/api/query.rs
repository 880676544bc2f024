//! `GET /api/v1/query`: one or several queries, separated by commas, as lists of points.

use crate::answer::{Answer, Failure, ok};
use crate::app::App;
use crate::auth::Reader;
use crate::extract::Query;
use crate::query::{failure_of, request, run, unit_of};
use axum::extract::State;
use oriel_model::{Frame, FrameSeries, OrgId, TimeRange};
use oriel_state::Unit;
use serde::ser::SerializeSeq;
use serde::{Deserialize, Serialize, Serializer};
use std::sync::Arc;

#[derive(Deserialize)]
pub(crate) struct Asked {
    query: Option<String>,
    from: Option<f64>,
    to: Option<f64>,
    /// Older clients' words for the same.
    start: Option<f64>,
    end: Option<f64>,
}

#[derive(Serialize)]
struct Answered<'a> {
    status: &'static str,
    res_type: &'static str,
    resp_version: u8,
    query: &'a str,
    from_date: i64,
    to_date: i64,
    series: Vec<Series<'a>>,
    values: [u8; 0],
    times: [u8; 0],
    message: String,
    group_by: Vec<&'a str>,
}

#[derive(Serialize)]
struct Series<'a> {
    metric: &'a str,
    display_name: &'a str,
    unit: Option<[Option<Unit>; 2]>,
    pointlist: Points<'a>,
    start: i64,
    end: i64,
    interval: i64,
    length: usize,
    aggr: &'a str,
    scope: &'a str,
    expression: &'a str,
    tag_set: Vec<String>,
    query_index: usize,
    attributes: Empty,
}

#[derive(Serialize)]
struct Empty {}

/// `[[ms, value], …]` of the buckets that have a value.
struct Points<'a> {
    times: &'a [i64],
    values: &'a [f64],
}

impl Points<'_> {
    fn iter(&self) -> impl Iterator<Item = (i64, f64)> + '_ {
        self.times.iter().copied().zip(self.values.iter().copied()).filter(|(_, v)| v.is_finite())
    }
}

impl Serialize for Points<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        for (t, v) in self.iter() {
            // Clients declare the time as a float.
            list.serialize_element(&(t as f64, v))?;
        }
        list.end()
    }
}

pub(crate) async fn query(State(app): State<Arc<App>>, reader: Reader, Query(asked): Query<Asked>) -> Answer {
    let text = asked.query.as_deref().filter(|q| !q.trim().is_empty());
    let Some(text) = text else {
        return Err(Failure::invalid(
            "the parameter \"query\" is missing; expected e.g. query=avg:system.load.1{*}",
        ));
    };
    let (from, to) = (asked.from.or(asked.start), asked.to.or(asked.end));
    let (Some(from), Some(to)) = (from, to) else {
        return Err(Failure::invalid(
            "the parameters \"from\" and \"to\" are missing; expected seconds since the epoch",
        ));
    };
    let range = TimeRange::new((from * 1000.0) as i64, (to * 1000.0) as i64);
    let mut wanted = request(&app, range);
    for (n, part) in split(text).into_iter().enumerate() {
        wanted = wanted.query(format!("query{n}"), part);
    }
    let outcomes = run(&app, reader.org, wanted).await?;
    let mut frames = Vec::with_capacity(outcomes.len());
    for outcome in &outcomes {
        match &outcome.result {
            Ok(frame) => frames.push((outcome.text.as_str(), frame)),
            Err(error) => return Err(failure_of(outcome, error)),
        }
    }
    Ok(ok(&answer(&app, reader.org, (text, range), &frames)))
}

fn answer<'a>(
    app: &App,
    org: OrgId,
    (query, range): (&'a str, TimeRange),
    frames: &[(&'a str, &'a Frame)],
) -> Answered<'a> {
    let mut series = Vec::new();
    let mut group_by: Vec<&str> = Vec::new();
    let mut notes = Vec::new();
    for (query_index, (text, frame)) in frames.iter().enumerate() {
        for column in &frame.series {
            series.push(one(app, org, (text, query_index), frame, column));
            for (key, _) in &column.group {
                if !group_by.contains(&key.as_str()) {
                    group_by.push(key);
                }
            }
        }
        notes.extend(frame.notes.iter().cloned());
    }
    Answered {
        status: "ok",
        res_type: "time_series",
        resp_version: 1,
        query,
        from_date: range.start,
        to_date: range.end,
        series,
        values: [],
        times: [],
        message: notes.join("; "),
        group_by,
    }
}

fn one<'a>(
    app: &App,
    org: OrgId,
    (text, query_index): (&str, usize),
    frame: &'a Frame,
    column: &'a FrameSeries,
) -> Series<'a> {
    let pointlist = Points { times: &frame.times, values: &column.values };
    let (unit, per_unit) = unit_of(app, org, column, text);
    let length = pointlist.iter().count();
    let last = frame.times.last().copied().unwrap_or_default();
    Series {
        metric: &column.name,
        display_name: &column.name,
        unit: unit.map(|u| [Some(u), per_unit]),
        start: frame.times.first().copied().unwrap_or_default(),
        end: last + frame.step_ms.max(1) - 1,
        interval: frame.step_ms / 1000,
        length,
        aggr: &column.aggregator,
        scope: &column.scope,
        expression: &column.expression,
        tag_set: column.group.iter().map(|(k, v)| format!("{k}:{v}")).collect(),
        query_index,
        pointlist,
        attributes: Empty {},
    }
}

/// Splits at commas that stand outside of braces, parentheses and quotes.
fn split(text: &str) -> Vec<&str> {
    let (mut depth, mut quoted, mut start, mut parts) = (0_i32, false, 0, Vec::new());
    for (at, c) in text.char_indices() {
        match c {
            '\'' | '"' => quoted = !quoted,
            '{' | '(' if !quoted => depth += 1,
            '}' | ')' if !quoted => depth -= 1,
            ',' if !quoted && depth == 0 => {
                parts.push(text[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text[start..].trim());
    parts
}

#[cfg(test)]
mod tests;
