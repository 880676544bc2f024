//! Functions over columns. Each works on a column's visible part, or on what lies before it too where it looks back.

pub(crate) mod anomaly;
mod asap;
mod count;
mod outlier;
mod pointwise;
mod rank;
mod regression;
mod window;

use crate::exec::{Table, Value, apply_delta, fill_gaps};
use crate::plan::{Delta, Function};
use oriel_model::Kind;

/// Buckets before the range that a function needs, so that its first points equal those of a longer range.
pub(crate) fn look_back(function: &Function, step_ms: i64) -> usize {
    match function {
        Function::Ewma(span) => span * window::EWMA_SPANS_BACK,
        Function::Median(n) | Function::RollingAvg(n) => n - 1,
        Function::MovingRollup { window_ms, .. } => {
            (window::moving_len(*window_ms, step_ms) - 1).min(window::MOVING_BUCKETS_MAX)
        }
        Function::Delta(_) | Function::Dt => 1,
        _ => 0,
    }
}

pub(crate) fn apply(function: &Function, input: Value) -> Value {
    match input {
        Value::Number(number) => Value::Number(pointwise::number(function, number)),
        Value::Table(table) => Value::Table(on_table(function, table)),
    }
}

fn on_table(function: &Function, mut table: Table) -> Table {
    match function {
        Function::CountNonzero | Function::CountNotNull => return count::groups(function, table),
        Function::Dt => return count::time_between(table),
        Function::ExcludeNull(key) => {
            rank::exclude_absent(&mut table, key.as_deref());
            return table;
        }
        Function::Rank(by) => {
            rank::rank(&mut table, *by);
            return table;
        }
        Function::Autosmooth => asap::smooth(&mut table),
        Function::Outliers(outliers) => outlier::mark(&mut table, *outliers),
        _ => on_columns(function, &mut table),
    }
    for column in &mut table.columns {
        column.wrap(|inner| text(function, inner));
    }
    table
}

fn on_columns(function: &Function, table: &mut Table) {
    let (grid, visible) = (table.grid, table.visible());
    for column in &mut table.columns {
        let gauge = column.kind == Kind::Gauge;
        let values = &mut column.values;
        match function {
            Function::Fill(fill) => fill_gaps(values, &[], *fill, grid.step_ms),
            Function::DefaultZero => pointwise::default_zero(values, gauge, grid.step_ms),
            Function::Delta(delta) => apply_delta(*delta, values, grid.step_s()),
            Function::Cumsum => pointwise::cumsum(values, visible.clone()),
            Function::Integral => pointwise::integral(values, visible.clone(), grid.step_s()),
            Function::TrendLine => regression::trend_line(values, visible.clone()),
            Function::RobustTrend => regression::robust_trend(values, visible.clone()),
            Function::PiecewiseConstant => regression::piecewise_constant(values, visible.clone()),
            Function::MovingRollup { window_ms, method } => {
                window::moving(values, window::moving_len(*window_ms, grid.step_ms), *method);
            }
            Function::RollingAvg(n) => window::rolling_avg(values, *n),
            Function::Median(n) => window::median(values, *n),
            Function::Ewma(span) => window::ewma(values, *span),
            other => values.iter_mut().for_each(|v| *v = pointwise::number(other, *v)),
        }
    }
}

/// How an answer writes the function around its input.
fn text(function: &Function, inner: &str) -> String {
    match function {
        Function::Abs => format!("abs({inner})"),
        Function::Log2 => format!("log2({inner})"),
        Function::Log10 => format!("log10({inner})"),
        Function::Cumsum => format!("cumsum({inner})"),
        Function::Integral => format!("integral({inner})"),
        Function::ClampMin(n) => format!("clamp_min({inner}, {n})"),
        Function::ClampMax(n) => format!("clamp_max({inner}, {n})"),
        Function::CutoffMin(n) => format!("cutoff_min({inner}, {n})"),
        Function::CutoffMax(n) => format!("cutoff_max({inner}, {n})"),
        Function::Fill(fill) => format!("fill({inner}, '{}', {})", fill.method.word(), fill.limit_ms / 1000),
        Function::DefaultZero => format!("default_zero({inner})"),
        Function::Delta(delta) => delta_text(*delta, inner),
        Function::Dt => format!("dt({inner})"),
        Function::RobustTrend => format!("robust_trend({inner})"),
        Function::TrendLine => format!("trend_line({inner})"),
        Function::PiecewiseConstant => format!("piecewise_constant({inner})"),
        Function::MovingRollup { window_ms, method } => {
            format!("moving_rollup({inner}, {}, '{}')", window_ms / 1000, method.word())
        }
        Function::RollingAvg(n) => format!("rollingavg_{n}({inner})"),
        Function::Autosmooth => format!("autosmooth({inner})"),
        Function::Ewma(n) => format!("ewma_{n}({inner})"),
        Function::Median(n) => format!("median_{n}({inner})"),
        Function::Anomalies(anomalies) => anomalies.text(inner),
        Function::Outliers(outliers) => outliers.text(inner),
        Function::Forecast(forecast) => forecast.text(inner),
        Function::CountNonzero => format!("count_nonzero({inner})"),
        Function::CountNotNull => format!("count_not_null({inner})"),
        Function::ExcludeNull(_) | Function::Rank(_) => inner.to_owned(),
    }
}

/// How an answer writes a rate function.
pub(crate) fn delta_text(delta: Delta, inner: &str) -> String {
    let name = match delta {
        Delta::Diff => "diff",
        Delta::MonotonicDiff => "monotonic_diff",
        Delta::Throughput => "throughput",
        Delta::Derivative => "derivative",
        Delta::Rate(60.0) => "per_minute",
        Delta::Rate(3600.0) => "per_hour",
        Delta::Rate(_) => "per_second",
    };
    format!("{name}({inner})")
}
