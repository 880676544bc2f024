//! Queries over logs, spans and events in the form that widgets and the v2 APIs have: `data_source`, `search`, `compute`,
//! `group_by`.

use crate::answer::{Answer, Failure};
use crate::rows;
use crate::ui::rows::aggregate::compute;
use oriel_model::{Field, Signal};
use oriel_query::rows::{Compute, GroupBy, Sort};
use oriel_query::{NamedRows, Outcome, Request, RowQuery};
use serde::Deserialize;

/// Groups of a facet when nothing is said, and at most.
const LIMIT: usize = 10;
const LIMIT_MAX: usize = 1_000;

/// What such a query has beside its name and data source.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct AskedRows {
    search: AskedSearch,
    compute: AskedCompute,
    group_by: Vec<AskedGroup>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct AskedSearch {
    query: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct AskedCompute {
    aggregation: Option<String>,
    metric: Option<String>,
    /// Milliseconds.
    interval: Option<i64>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct AskedGroup {
    facet: String,
    limit: Option<usize>,
    sort: Option<AskedSort>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct AskedSort {
    order: Option<String>,
}

/// The signal of a data source; `None` for metrics.
pub(crate) fn signal_of(data_source: &str) -> Answer<Option<Signal>> {
    match data_source {
        "" | "metrics" => Ok(None),
        "logs" => Ok(Some(Signal::Logs)),
        "spans" | "apm" => Ok(Some(Signal::Spans)),
        "events" => Ok(Some(Signal::Events)),
        other => Err(Failure::invalid(format!(
            "data_source is {other:?}; this server has metrics, logs, spans and events"
        ))),
    }
}

/// Adds the query to a request; a search that can't be read becomes its outcome at once.
pub(crate) fn add(
    request: &mut Request,
    failed: &mut Vec<Outcome>,
    (name, signal): (String, Signal),
    asked: &AskedRows,
) -> Answer<()> {
    let search = asked.search.query.trim();
    let filter = match rows::filter(signal, search) {
        Ok(filter) => filter,
        Err(e) => {
            failed.push(Outcome { name, text: search.to_owned(), result: Err(e.into()) });
            return Ok(());
        }
    };
    let word = asked.compute.aggregation.as_deref().unwrap_or("count");
    let compute: Compute = compute(signal, word, asked.compute.metric.as_deref())?;
    let group_by = asked.group_by.iter().filter(|g| !g.facet.is_empty()).map(|g| GroupBy {
        limit: g.limit.unwrap_or(LIMIT).clamp(1, LIMIT_MAX),
        sort: Sort {
            compute: 0,
            descending: g.sort.as_ref().and_then(|s| s.order.as_deref()) != Some("asc"),
        },
        ..GroupBy::new(Field::parse(signal, &g.facet))
    });
    let query = RowQuery {
        signal,
        filter,
        search: search.to_owned(),
        compute,
        group_by: group_by.collect(),
        interval_ms: asked.compute.interval.filter(|ms| *ms > 0),
    };
    request.row_queries.push(NamedRows { name, query });
    Ok(())
}

/// Outcomes in the order that their queries were asked in.
pub(crate) fn in_order(mut outcomes: Vec<Outcome>, names: &[String]) -> Vec<Outcome> {
    outcomes.sort_by_key(|o| names.iter().position(|n| *n == o.name).unwrap_or(usize::MAX));
    outcomes
}
