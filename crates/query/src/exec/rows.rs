//! A query over rows as a leaf of the plan: its groups are columns on the grid that metrics have.

use super::Session;
use super::table::{ABSENT, Column, Table};
use crate::plan::Grid;
use crate::request::RowQuery;
use crate::rows::{AggregateRequest, Aggregation, RowGrid};
use crate::{Error, Result};
use oriel_model::{Kind, TimeRange};
use oriel_store::NsRange;
use std::sync::Arc;

impl Session<'_> {
    pub(super) fn row_query(&mut self, query: &RowQuery, grid: Grid) -> Result<Table> {
        let Some(rows) = self.rows else {
            return Err(Error::Request(format!("queries over {} can't be run here", query.signal.as_str())));
        };
        let data = self.rows_of.unwrap_or_else(|| grid.data());
        let laid = RowGrid { start_ms: data.start, step_ms: grid.step_ms, len: grid.len };
        let request = AggregateRequest {
            range: nanoseconds(data),
            filter: query.filter.clone(),
            group_by: query.group_by.clone(),
            computes: vec![query.compute.clone()],
            grid: self.rows_of.is_none().then_some(laid),
        };
        let found = rows.aggregate(query.signal, &request, (&self.cancel, self.deadline))?;
        self.notes.extend(found.notes);
        let by: Vec<String> = query.group_by.iter().map(|by| by.field.to_string()).collect();
        let columns = found
            .groups
            .into_iter()
            .map(|mut group| {
                let total = group.totals.first().copied().unwrap_or(f64::NAN);
                let values = group.series.pop().unwrap_or_else(|| vec![total; grid.len]);
                column(query, &by, (group.by, values))
            })
            .collect();
        Ok(Table { grid, by, columns })
    }
}

fn nanoseconds(range: TimeRange) -> NsRange {
    NsRange { start: range.start.saturating_mul(1_000_000), end: range.end.saturating_mul(1_000_000) }
}

fn column(query: &RowQuery, by: &[String], (group, values): (Vec<String>, Vec<f64>)) -> Column {
    let is_count = query.compute.aggregation == Aggregation::Count;
    let aggregator = word(query.compute.aggregation);
    let signal = query.signal.as_str();
    let measured = query.compute.field.as_ref().map(|field| format!(", {field}")).unwrap_or_default();
    let named: Vec<&str> =
        group.iter().map(|value| if value.is_empty() { ABSENT } else { value.as_str() }).collect();
    let mut scope: Vec<String> = by.iter().zip(&named).map(|(key, value)| format!("{key}:{value}")).collect();
    if !query.search.trim().is_empty() && query.search.trim() != "*" {
        scope.push(query.search.clone());
    }
    Column {
        group: named.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>().into(),
        values,
        band: None,
        outlier: None,
        kind: if is_count { Kind::Count } else { Kind::Gauge },
        counts: is_count,
        name: Arc::from(signal),
        expression: format!("{signal}({:?}).rollup({aggregator}{measured})", query.search),
        scope: if scope.is_empty() { "*".to_owned() } else { scope.join(",") },
        aggregator: aggregator.into(),
    }
}

fn word(aggregation: Aggregation) -> String {
    match aggregation {
        Aggregation::Count => "count".to_owned(),
        Aggregation::Cardinality => "cardinality".to_owned(),
        Aggregation::Sum => "sum".to_owned(),
        Aggregation::Avg => "avg".to_owned(),
        Aggregation::Min => "min".to_owned(),
        Aggregation::Max => "max".to_owned(),
        Aggregation::Percentile(q) => format!("pc{}", q * 100.0),
    }
}
