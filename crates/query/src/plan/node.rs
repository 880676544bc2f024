//! The typed plan: what is read from the store, and what is done to the columns that come of it.

use super::statistics::{Anomalies, Forecast, Outliers};
use crate::Display;
use crate::lang::{Aggregator, FillMethod, Operator, RollupMethod};
use crate::request::RowQuery;
use crate::scalar::Reducer;
use oriel_model::{TimeMs, TimeRange};
use oriel_store::Matcher;

/// One query or formula, ready to run.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) root: Node,
    pub(crate) range: TimeRange,
    pub(crate) display: Display,
    /// The step that the request asks for.
    pub(crate) step_ms: Option<i64>,
    pub(crate) now_ms: TimeMs,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Node {
    Number(f64),
    Leaf(Box<Leaf>),
    Rows(Box<RowQuery>),
    Apply { function: Function, input: Box<Node> },
    Negative(Box<Node>),
    Binary(Box<BinaryNode>),
    Shift { shift: Shift, input: Box<Node> },
    Rollup(Box<RollupNode>),
    Group(Box<GroupNode>),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct BinaryNode {
    pub(crate) op: Operator,
    pub(crate) left: Node,
    pub(crate) right: Node,
    /// Of the operator, for errors that only the data shows.
    pub(crate) position: usize,
}

/// A further layer of time aggregation.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RollupNode {
    pub(crate) method: Aggregator,
    pub(crate) seconds: Option<u32>,
    pub(crate) input: Node,
}

/// A further layer of space aggregation.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct GroupNode {
    pub(crate) aggregator: Aggregator,
    pub(crate) by: Vec<String>,
    pub(crate) input: Node,
}

/// What one metric query reads.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Leaf {
    pub(crate) metric: String,
    pub(crate) aggregator: Aggregator,
    pub(crate) matcher: Matcher,
    pub(crate) by: Vec<String>,
    /// None means the kind's own: avg, or sum after `.as_count()` and `.as_rate()`.
    pub(crate) method: Option<RollupMethod>,
    pub(crate) seconds: Option<u32>,
    pub(crate) convert: Convert,
    /// None means the kind's own: linear for gauges, else nothing.
    pub(crate) fill: Option<Fill>,
    pub(crate) weighted: bool,
    /// A rate function right around the metric works on each series before space aggregation.
    pub(crate) delta: Option<Delta>,
    /// The filter as written, variables filled in.
    pub(crate) filter_text: String,
    /// Modifiers as written.
    pub(crate) modifiers_text: String,
    /// Of the metric's name.
    pub(crate) position: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Convert {
    None,
    Count,
    Rate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fill {
    pub(crate) method: FillMethod,
    pub(crate) limit_ms: i64,
}

impl Fill {
    /// 300 s unless asked, 600 s at most.
    pub(crate) fn new(method: FillMethod, limit_s: Option<u32>) -> Self {
        Self { method, limit_ms: i64::from(limit_s.unwrap_or(300).min(600)) * 1000 }
    }
}

/// How a value is compared with the one before it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Delta {
    Diff,
    /// Falls are left out.
    MonotonicDiff,
    /// Change over time, times this: 1 for a second, 60 for a minute.
    Rate(f64),
    /// The same as per second, under its other name.
    Derivative,
    /// Value over the seconds of its bucket.
    Throughput,
}

/// What columns are ranked by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct RankBy {
    pub(crate) reducer: Reducer,
    pub(crate) descending: bool,
    pub(crate) limit: usize,
    pub(crate) offset: usize,
}

/// Functions over columns.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Function {
    Abs,
    Log2,
    Log10,
    Cumsum,
    Integral,
    CountNonzero,
    CountNotNull,
    /// Of one key, or any.
    ExcludeNull(Option<String>),
    ClampMin(f64),
    ClampMax(f64),
    CutoffMin(f64),
    CutoffMax(f64),
    Fill(Fill),
    DefaultZero,
    Rank(RankBy),
    Delta(Delta),
    Dt,
    RobustTrend,
    TrendLine,
    PiecewiseConstant,
    MovingRollup {
        window_ms: i64,
        method: MovingMethod,
    },
    RollingAvg(usize),
    Autosmooth,
    Ewma(usize),
    Median(usize),
    Anomalies(Box<Anomalies>),
    Outliers(Outliers),
    Forecast(Box<Forecast>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MovingMethod {
    Avg,
    Sum,
    Min,
    Max,
    Count,
    Median,
}

/// How far back a part is read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Shift {
    /// Negative is the past.
    Ms(i64),
    Calendar(CalendarShift),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CalendarShift {
    pub(crate) months: i64,
    pub(crate) days: i64,
}

impl Node {
    /// Calls `visit` for each leaf.
    pub(crate) fn leaves<'a>(&'a self, visit: &mut dyn FnMut(&'a Leaf)) {
        match self {
            Self::Number(_) | Self::Rows(_) => {}
            Self::Leaf(leaf) => visit(leaf),
            Self::Apply { input, .. } | Self::Shift { input, .. } | Self::Negative(input) => {
                input.leaves(visit)
            }
            Self::Binary(binary) => {
                binary.left.leaves(visit);
                binary.right.leaves(visit);
            }
            Self::Rollup(layer) => layer.input.leaves(visit),
            Self::Group(layer) => layer.input.leaves(visit),
        }
    }
}

impl Node {
    /// Calls `visit` for each function.
    pub(crate) fn functions<'a>(&'a self, visit: &mut dyn FnMut(&'a Function)) {
        match self {
            Self::Number(_) | Self::Rows(_) | Self::Leaf(_) => {}
            Self::Apply { function, input } => {
                visit(function);
                input.functions(visit);
            }
            Self::Shift { input, .. } | Self::Negative(input) => input.functions(visit),
            Self::Binary(binary) => {
                binary.left.functions(visit);
                binary.right.functions(visit);
            }
            Self::Rollup(layer) => layer.input.functions(visit),
            Self::Group(layer) => layer.input.functions(visit),
        }
    }
}

impl Function {
    /// The name of a function whose result is no measurement.
    pub(crate) fn statistic(&self) -> Option<&'static str> {
        Some(match self {
            Self::Anomalies(_) => "anomalies",
            Self::Outliers(_) => "outliers",
            Self::Forecast(_) => "forecast",
            Self::Cumsum => "cumsum",
            Self::Integral => "integral",
            Self::PiecewiseConstant => "piecewise_constant",
            Self::RobustTrend => "robust_trend",
            Self::TrendLine => "trend_line",
            _ => return None,
        })
    }
}

impl MovingMethod {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Avg => "avg",
            Self::Sum => "sum",
            Self::Min => "min",
            Self::Max => "max",
            Self::Count => "count",
            Self::Median => "median",
        }
    }
}
