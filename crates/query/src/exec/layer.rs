//! Further layers of aggregation over columns: over time (a second rollup) and over groups (a second `by`).

use super::table::{Column, Table, Value};
use crate::lang::Aggregator;
use crate::plan::{Grid, GroupNode, RollupNode};
use crate::scalar::{Reducer, nearest_rank};
use hashbrown::HashMap;
use std::sync::Arc;

/// Values of a finer grid folded into the outer one's buckets.
pub(super) fn over_time(layer: &RollupNode, input: Value, grid: Grid) -> Value {
    let Value::Table(mut table) = input else { return input };
    let per = (grid.step_ms / table.grid.step_ms).max(1) as usize;
    for column in &mut table.columns {
        column.values =
            column.values.chunks(per).take(grid.len).map(|part| fold(layer.method, part)).collect();
        column.band = None;
        column.outlier = None;
        let seconds = layer.seconds.map(|s| format!(", {s}")).unwrap_or_default();
        column.wrap(|inner| format!("rollup({inner}, '{}'{seconds})", layer.method.word()));
    }
    table.grid = grid;
    Value::Table(table)
}

/// Columns of the same values of `by` become one.
pub(super) fn over_groups(layer: &GroupNode, input: Value) -> Value {
    let Value::Table(table) = input else { return input };
    let places: Vec<Option<usize>> = layer.by.iter().map(|k| table.by.iter().position(|b| b == k)).collect();
    let mut order: Vec<Arc<[String]>> = Vec::new();
    let mut groups: HashMap<Arc<[String]>, Vec<&Column>> = HashMap::new();
    for column in &table.columns {
        let key: Arc<[String]> = places
            .iter()
            .map(|place| place.map_or_else(|| super::ABSENT.to_owned(), |i| column.group[i].clone()))
            .collect();
        groups
            .entry(Arc::clone(&key))
            .or_insert_with(|| {
                order.push(key);
                Vec::new()
            })
            .push(column);
    }
    order.sort();
    let columns =
        order.into_iter().filter_map(|key| merged(layer, &key, groups.get(&key)?, table.grid.len)).collect();
    Value::Table(Table { grid: table.grid, by: layer.by.clone(), columns })
}

fn merged(layer: &GroupNode, key: &Arc<[String]>, columns: &[&Column], len: usize) -> Option<Column> {
    let first = columns.first()?;
    let mut part = Vec::with_capacity(columns.len());
    let values = (0..len)
        .map(|i| {
            part.clear();
            part.extend(columns.iter().map(|c| c.values[i]));
            fold(layer.aggregator, &part)
        })
        .collect();
    let word = layer.aggregator.word();
    let tags: Vec<String> = layer.by.iter().zip(key.iter()).map(|(k, v)| format!("{k}:{v}")).collect();
    let scope = if tags.is_empty() { "*".to_owned() } else { tags.join(",") };
    Some(Column {
        group: Arc::clone(key),
        values,
        band: None,
        outlier: None,
        kind: first.kind,
        counts: first.counts,
        name: Arc::clone(&first.name),
        expression: format!("{word}({}){{{scope}}}", first.name),
        scope,
        aggregator: word.into(),
    })
}

/// The values that are there, as one; NaN when there is none.
fn fold(aggregator: Aggregator, values: &[f64]) -> f64 {
    match aggregator {
        Aggregator::Avg => Reducer::Avg.reduce(values, 1000),
        Aggregator::Sum => Reducer::Sum.reduce(values, 1000),
        Aggregator::Min => Reducer::Min.reduce(values, 1000),
        Aggregator::Max => Reducer::Max.reduce(values, 1000),
        Aggregator::Count => {
            let n = values.iter().filter(|v| !v.is_nan()).count();
            if n == 0 { f64::NAN } else { n as f64 }
        }
        Aggregator::Stddev => {
            let mean = Reducer::Avg.reduce(values, 1000);
            let squares: Vec<f64> = values.iter().map(|v| (v - mean) * (v - mean)).collect();
            Reducer::Avg.reduce(&squares, 1000).sqrt()
        }
        Aggregator::Percentile(p) => {
            let mut present: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
            nearest_rank(&mut present, p / 100.0)
        }
    }
}
