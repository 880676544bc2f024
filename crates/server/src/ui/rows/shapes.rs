//! What lists of rows are framed by: the histogram above, the facets beside, the heat map of durations, and what is different
//! about a selection.

use super::{Scope, Wanted, parse};
use crate::answer::{Answer, ok};
use crate::app::App;
use crate::auth::Reader;
use crate::extract::Payload;
use crate::query::Column;
use crate::rows::{self, read_rows};
use axum::extract::State;
use oriel_model::{Field, Filter, TimeRange};
use oriel_query::rows::{
    Facet, FacetsRequest, HistogramRequest, RowGrid, RowsOf, Selection, compare, facets, heatmap, histogram,
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Instant;

/// Values of a facet that a panel shows before one searches in it.
const VALUES: usize = 15;
const VALUES_MAX: usize = 200;

impl Wanted {
    fn rows_of(&self) -> RowsOf {
        RowsOf { range: self.range, filter: self.filter.clone() }
    }

    fn grid(&self) -> RowGrid {
        RowGrid::bars(TimeRange::new(self.from_ms, self.to_ms))
    }
}

#[derive(Deserialize)]
struct AskedHistogram {
    #[serde(flatten)]
    scope: Scope,
    #[serde(default)]
    split: Option<String>,
}

/// `POST /api/ui/rows/histogram`.
pub(crate) async fn over_time(State(app): State<Arc<App>>, reader: Reader, body: Payload) -> Answer {
    let begin = Instant::now();
    let asked: AskedHistogram = parse(&body)?;
    let wanted = match asked.scope.wanted()? {
        Ok(wanted) => wanted,
        Err(answer) => return Ok(answer),
    };
    let split = asked.split.as_deref().filter(|s| !s.is_empty()).map(|s| Field::parse(wanted.signal, s));
    let request = HistogramRequest { of: wanted.rows_of(), grid: wanted.grid(), split };
    let found =
        read_rows(&app, (reader.org, wanted.signal), move |rows, cancel| histogram(rows, &request, cancel))
            .await?;
    let series: Vec<Value> =
        found.series.iter().map(|s| json!({ "name": s.name, "values": Column(&s.values) })).collect();
    Ok(ok(&json!({
        "step_ms": found.step_ms,
        "times": found.times,
        "series": series,
        "total": found.total,
        "elapsed_ms": begin.elapsed().as_secs_f64() * 1000.0,
        "stats": found.stats,
    })))
}

#[derive(Deserialize)]
struct AskedFacets {
    #[serde(flatten)]
    scope: Scope,
    #[serde(default)]
    fields: Vec<String>,
    #[serde(default)]
    search: String,
    #[serde(default)]
    limit: Option<usize>,
}

/// `POST /api/ui/rows/facets`.
pub(crate) async fn values(State(app): State<Arc<App>>, reader: Reader, body: Payload) -> Answer {
    let asked: AskedFacets = parse(&body)?;
    let wanted = match asked.scope.wanted()? {
        Ok(wanted) => wanted,
        Err(answer) => return Ok(answer),
    };
    let request = FacetsRequest {
        of: wanted.rows_of(),
        fields: asked.fields.iter().map(|f| Field::parse(wanted.signal, f)).collect(),
        search: asked.search,
        limit: asked.limit.unwrap_or(VALUES).clamp(1, VALUES_MAX),
    };
    let found =
        read_rows(&app, (reader.org, wanted.signal), move |rows, cancel| facets(rows, &request, cancel))
            .await?;
    Ok(ok(&json!({ "facets": found.facets.iter().map(facet).collect::<Vec<_>>(), "stats": found.stats })))
}

fn facet(facet: &Facet) -> Value {
    let name = facet.field.to_string();
    let values: Vec<Value> =
        facet.values.iter().map(|(value, count)| json!({ "value": value, "count": count })).collect();
    json!({
        "field": name,
        "title": name.trim_start_matches('@'),
        "kind": facet.kind.as_str(),
        "core": matches!(facet.field, Field::Core(_)),
        "values": values,
        "min": facet.range.map(|r| r.0),
        "max": facet.range.map(|r| r.1),
        "more": facet.more,
    })
}

/// `POST /api/ui/rows/heatmap`.
pub(crate) async fn durations(State(app): State<Arc<App>>, reader: Reader, body: Payload) -> Answer {
    let scope: Scope = parse(&body)?;
    let wanted = match scope.wanted()? {
        Ok(wanted) => wanted,
        Err(answer) => return Ok(answer),
    };
    let (of, grid) = (wanted.rows_of(), wanted.grid());
    let found =
        read_rows(&app, (reader.org, wanted.signal), move |rows, cancel| heatmap(rows, &of, grid, cancel))
            .await?;
    Ok(ok(&json!({
        "times": found.times,
        "step_ms": found.step_ms,
        "bounds_ns": found.bounds_ns,
        "counts": found.counts,
        "errors": found.errors,
        "stats": found.stats,
    })))
}

#[derive(Deserialize)]
struct AskedCompare {
    #[serde(flatten)]
    scope: Scope,
    selection: AskedSelection,
}

#[derive(Deserialize)]
struct AskedSelection {
    from_ms: i64,
    to_ms: i64,
    #[serde(default)]
    duration_min_ns: Option<f64>,
    #[serde(default)]
    duration_max_ns: Option<f64>,
    #[serde(default)]
    query: String,
}

/// `POST /api/ui/rows/compare`.
pub(crate) async fn differences(State(app): State<Arc<App>>, reader: Reader, body: Payload) -> Answer {
    let asked: AskedCompare = parse(&body)?;
    let wanted = match asked.scope.wanted()? {
        Ok(wanted) => wanted,
        Err(answer) => return Ok(answer),
    };
    let part = &asked.selection;
    let selection = Selection {
        range: rows::ns_range(part.from_ms, part.to_ms),
        duration_min_ns: part.duration_min_ns.map(|ns| ns as i64),
        duration_max_ns: part.duration_max_ns.map(|ns| ns as i64),
        filter: match part.query.trim() {
            "" => Filter::All,
            text => rows::filter_or_invalid(wanted.signal, text)?,
        },
    };
    let of = wanted.rows_of();
    let found = read_rows(&app, (reader.org, wanted.signal), move |rows, cancel| {
        compare(rows, &of, &selection, cancel)
    })
    .await?;
    let attributes: Vec<Value> = found
        .fields
        .iter()
        .map(|field| {
            let share = |s: &oriel_query::rows::Share| json!({ "value": s.value, "selected": s.selected, "rest": s.rest });
            let values: Vec<Value> = field.values.iter().map(share).collect();
            json!({ "field": field.field.to_string(), "score": field.score, "values": values })
        })
        .collect();
    Ok(ok(&json!({ "selected": found.selected, "rest": found.rest, "attributes": attributes })))
}
