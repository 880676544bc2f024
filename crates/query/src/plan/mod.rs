//! From a tree of text to one typed plan: functions and their arguments checked, filters made matchers, template variables
//! filled in, named queries put into formulas, and the time grid decided.

mod arguments;
mod build;
mod call;
mod catalogue;
mod grid;
mod matcher;
mod node;
mod statistics;
mod step;

pub(crate) use build::{build, of_rows};
pub use catalogue::{FunctionInfo, functions};
pub(crate) use grid::{Grid, STEPS_S};
pub(crate) use node::{
    BinaryNode, CalendarShift, Convert, Delta, Fill, Function, GroupNode, Leaf, MovingMethod, Node, Plan,
    RankBy, RollupNode, Shift,
};
pub(crate) use statistics::{Algorithm, Anomalies, Forecast, ForecastKind, Outliers, Season};
pub(crate) use step::StepRule;
