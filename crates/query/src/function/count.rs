//! Functions that make one column of all: how many groups have a value, and the seconds between points.

use crate::exec::{Column, Table};
use crate::plan::Function;
use oriel_model::Kind;
use std::sync::Arc;

/// How many columns are not null, or neither null nor zero, at each time.
pub(super) fn groups(function: &Function, table: Table) -> Table {
    let counted = |v: &f64| match function {
        Function::CountNonzero => v.is_finite() && *v != 0.0,
        _ => v.is_finite(),
    };
    let mut values = vec![f64::NAN; table.grid.len];
    for column in &table.columns {
        for (n, _) in values.iter_mut().zip(&column.values).filter(|(_, v)| !v.is_nan()) {
            *n = n.max(0.0);
        }
        for (n, _) in values.iter_mut().zip(&column.values).filter(|(_, v)| counted(v)) {
            *n += 1.0;
        }
    }
    single(table, values, |inner| super::text(function, inner))
}

/// Seconds since the last time at which any column had a value.
pub(super) fn time_between(table: Table) -> Table {
    let step_s = table.grid.step_s();
    let mut before: Option<usize> = None;
    let values = (0..table.grid.len)
        .map(|i| {
            if table.columns.iter().all(|c| c.values[i].is_nan()) {
                return f64::NAN;
            }
            let seconds = before.map_or(f64::NAN, |at| (i - at) as f64 * step_s);
            before = Some(i);
            seconds
        })
        .collect();
    single(table, values, |inner| super::text(&Function::Dt, inner))
}

/// One column, without groups, of a metric's table.
fn single(table: Table, values: Vec<f64>, around: impl FnOnce(&str) -> String) -> Table {
    let Some(first) = table.columns.first() else {
        return Table { by: Vec::new(), columns: Vec::new(), ..table };
    };
    let (expression, scope) = match &table.columns[..] {
        [only] => (only.expression.clone(), only.scope.clone()),
        _ => (
            format!("{}:{}{{*}} by {{{}}}", first.aggregator, first.name, table.by.join(",")),
            "*".to_owned(),
        ),
    };
    let column = Column {
        group: Arc::from([]),
        values,
        band: None,
        outlier: None,
        kind: Kind::Gauge,
        counts: false,
        name: Arc::clone(&first.name),
        expression: around(&expression),
        scope,
        aggregator: Arc::clone(&first.aggregator),
    };
    Table { grid: table.grid, by: Vec::new(), columns: vec![column] }
}
