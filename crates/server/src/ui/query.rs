//! `POST /api/ui/query`: what charts draw: columns, bands, units and the numbers of legends. A query that fails takes only its
//! own chart with it.

use crate::answer::{Answer, Failure, ok};
use crate::app::App;
use crate::auth::Reader;
use crate::extract::{Payload, read_json};
use crate::query::rows::{self, AskedRows, in_order, signal_of};
use crate::query::{Column, request, run, unit_of};
use axum::extract::State;
use oriel_model::{Band, BandSide, Frame, FrameSeries, OrgId, TimeRange};
use oriel_query::{Display, Named, Outcome, Reducer, Request, Variable};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

#[derive(Deserialize)]
struct Asked {
    from_ms: i64,
    to_ms: i64,
    #[serde(default)]
    display: Option<String>,
    #[serde(default)]
    step_s: Option<i64>,
    queries: Vec<AskedQuery>,
    #[serde(default)]
    formulas: Vec<AskedFormula>,
    /// Choices of template variables by name, when the page leaves `$name` in its queries.
    #[serde(default)]
    variables: BTreeMap<String, AskedVariable>,
}

#[derive(Deserialize)]
struct AskedQuery {
    name: String,
    /// Of a metric query.
    #[serde(default)]
    query: String,
    #[serde(default)]
    data_source: String,
    #[serde(flatten)]
    rows: AskedRows,
}

#[derive(Deserialize)]
struct AskedFormula {
    formula: String,
    #[serde(default)]
    alias: Option<String>,
}

#[derive(Deserialize)]
struct AskedVariable {
    key: String,
    #[serde(default)]
    values: Vec<String>,
}

#[derive(Serialize)]
struct Answered<'a> {
    results: Vec<Drawn<'a>>,
    elapsed_ms: f64,
}

#[derive(Serialize)]
struct Drawn<'a> {
    name: &'a str,
    query: &'a str,
    error: Option<Problem<'a>>,
    step_ms: i64,
    incomplete_from_ms: Option<i64>,
    times: &'a [i64],
    series: Vec<DrawnSeries<'a>>,
    notes: &'a [String],
}

#[derive(Serialize)]
struct Problem<'a> {
    message: String,
    position: Option<usize>,
    expected: &'a [String],
}

#[derive(Serialize)]
struct DrawnSeries<'a> {
    name: &'a str,
    scope: &'a str,
    expression: &'a str,
    group: &'a [(String, String)],
    kind: &'static str,
    unit: Option<DrawnUnit>,
    values: Column<'a>,
    band: Option<DrawnBand<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outlier: Option<bool>,
    stats: Stats,
}

#[derive(Serialize)]
struct DrawnUnit {
    family: &'static str,
    name: &'static str,
    short_name: String,
    scale_factor: f64,
}

#[derive(Serialize)]
struct DrawnBand<'a> {
    lower: Column<'a>,
    upper: Column<'a>,
    /// The one side on which points count as anomalies.
    #[serde(skip_serializing_if = "Option::is_none")]
    side: Option<&'static str>,
}

/// What legends show; missing where a column has no value.
#[derive(Serialize)]
struct Stats {
    avg: f64,
    min: f64,
    max: f64,
    sum: f64,
    last: f64,
}

pub(crate) async fn query(State(app): State<Arc<App>>, reader: Reader, body: Payload) -> Answer {
    let begin = Instant::now();
    let asked: Asked = read_json(&body)?;
    let names: Vec<String> = asked.queries.iter().map(|q| q.name.clone()).collect();
    let has_formulas = !asked.formulas.is_empty();
    let (request, mut outcomes) = wanted(&app, asked)?;
    outcomes.extend(run(&app, reader.org, request).await?);
    if !has_formulas {
        outcomes = in_order(outcomes, &names);
    }
    let results = outcomes.iter().map(|o| drawn(&app, reader.org, o)).collect();
    Ok(ok(&Answered { results, elapsed_ms: begin.elapsed().as_secs_f64() * 1000.0 }))
}

impl Asked {
    fn tells_the_future(&self) -> bool {
        let mut texts = self.queries.iter().map(|q| &q.query).chain(self.formulas.iter().map(|f| &f.formula));
        texts.any(|text| text.contains("forecast("))
    }
}

/// The end of a chart's range: one that ends now shows half as much of what is to come.
fn with_future(range: TimeRange, now_ms: i64) -> i64 {
    let len_ms = range.len_ms();
    // Pages ask a little late, and round to buckets.
    let slack_ms = (len_ms / 50).max(NOW_SLACK_MS);
    let ends_now = len_ms > 0 && (now_ms - slack_ms..=now_ms + slack_ms).contains(&range.end);
    if ends_now { range.end.saturating_add(len_ms / 2) } else { range.end }
}

const NOW_SLACK_MS: i64 = 60_000;

/// The engine's request, and the outcomes of searches that can't be read.
fn wanted(app: &App, asked: Asked) -> Answer<(Request, Vec<Outcome>)> {
    let mut wanted = request(app, TimeRange::new(asked.from_ms, asked.to_ms));
    if asked.tells_the_future() {
        wanted.range.end = with_future(wanted.range, wanted.now_ms);
    }
    wanted.display = match asked.display.as_deref() {
        None | Some("line") => Display::Lines,
        Some("bar") => Display::Bars,
        Some(other) => {
            return Err(Failure::invalid(format!("display is {other:?}; expected \"line\" or \"bar\"")));
        }
    };
    wanted.step_ms = asked.step_s.map(|s| s.saturating_mul(1000));
    let mut failed = Vec::new();
    for query in asked.queries {
        match signal_of(&query.data_source)? {
            None => wanted.queries.push(Named::new(query.name, query.query)),
            Some(signal) => rows::add(&mut wanted, &mut failed, (query.name, signal), &query.rows)?,
        }
    }
    wanted.formulas = asked
        .formulas
        .into_iter()
        .map(|f| {
            Named::new(f.alias.filter(|a| !a.is_empty()).unwrap_or_else(|| f.formula.clone()), f.formula)
        })
        .collect();
    wanted.variables = asked
        .variables
        .into_iter()
        .map(|(name, v)| (name, Variable { key: v.key, values: v.values }))
        .collect();
    Ok((wanted, failed))
}

/// Outcomes as this path answers them, for pages that show them beside other things.
pub(crate) fn drawn_results(app: &App, org: OrgId, outcomes: &[Outcome]) -> serde_json::Value {
    let results: Vec<Drawn<'_>> = outcomes.iter().map(|o| drawn(app, org, o)).collect();
    serde_json::to_value(results).unwrap_or_default()
}

fn drawn<'a>(app: &App, org: OrgId, outcome: &'a Outcome) -> Drawn<'a> {
    let (name, query) = (outcome.name.as_str(), outcome.text.as_str());
    match &outcome.result {
        Ok(frame) => Drawn {
            name,
            query,
            error: None,
            step_ms: frame.step_ms,
            incomplete_from_ms: frame.incomplete_from,
            times: &frame.times,
            series: frame.series.iter().map(|s| drawn_series(app, org, query, frame, s)).collect(),
            notes: &frame.notes,
        },
        Err(error) => {
            let problem = Problem {
                message: error.to_string(),
                position: error.position(),
                expected: error.expected(),
            };
            let none = (0, None, &[][..], Vec::new(), &[][..]);
            let (step_ms, incomplete_from_ms, times, series, notes) = none;
            Drawn { name, query, error: Some(problem), step_ms, incomplete_from_ms, times, series, notes }
        }
    }
}

fn drawn_series<'a>(
    app: &App,
    org: OrgId,
    text: &str,
    frame: &Frame,
    series: &'a FrameSeries,
) -> DrawnSeries<'a> {
    let of = |reducer: Reducer| reducer.reduce(&series.values, frame.step_ms);
    DrawnSeries {
        name: &series.name,
        scope: &series.scope,
        expression: &series.expression,
        group: &series.group,
        kind: series.kind.as_str(),
        unit: drawn_unit(app, org, text, series),
        values: Column(&series.values),
        band: series.band.as_ref().map(drawn_band),
        outlier: series.outlier,
        stats: Stats {
            avg: of(Reducer::Avg),
            min: of(Reducer::Min),
            max: of(Reducer::Max),
            sum: of(Reducer::Sum),
            last: of(Reducer::Last),
        },
    }
}

fn drawn_band(band: &Band) -> DrawnBand<'_> {
    let side = match band.side {
        BandSide::Both => None,
        BandSide::Above => Some("above"),
        BandSide::Below => Some("below"),
    };
    DrawnBand { lower: Column(&band.lower), upper: Column(&band.upper), side }
}

fn drawn_unit(app: &App, org: OrgId, text: &str, series: &FrameSeries) -> Option<DrawnUnit> {
    let (unit, per) = unit_of(app, org, series, text);
    let unit = unit?;
    let short_name = match per {
        Some(per) => format!("{}/{}", unit.short_name, per.short_name),
        None => unit.short_name.to_owned(),
    };
    Some(DrawnUnit { family: unit.family, name: unit.name, short_name, scale_factor: unit.scale_factor })
}

#[cfg(test)]
mod tests;
