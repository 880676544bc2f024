//! Query languages to one typed plan to a Frame.
//!
//! [`parse`] makes a tree of text, the plan types it and decides the time grid, and [`Engine::run`] executes it over the one
//! [`oriel_store::MetricReader`] that the caller took: select series, scan with a sink that rolls up straight from pieces,
//! interpolate, group, aggregate over space, apply functions. The page, the APIs and (later) monitors take this road alike.
//!
//! Never here: HTTP, foreign answer formats, files, clocks ("now" comes with the request).

mod complete;
mod engine;
mod error;
mod exec;
mod function;
mod lang;
mod plan;
mod pool;
mod request;
pub mod rows;
mod scalar;
mod sql;
mod stat;
mod totals;
pub mod trace;

pub use complete::{Completion, CompletionKind, Completions, Names, ReaderNames, complete};
pub use engine::Engine;
pub use error::{Error, Result};
pub use lang::search;
pub use lang::{
    Aggregator, Argument, Call, Expr, FillMethod, Filter, MetricQuery, Modifier, Operator, ParseError, Query,
    RollupMethod, parse, parse_formula,
};
/// What a [`Request`] is stopped by.
pub use oriel_store::Cancel;
pub use plan::{FunctionInfo, functions};
pub use request::{Display, Named, NamedRows, Outcome, Request, RowQuery, Variable};
pub use scalar::{Reducer, scalar};
pub use sql::{SqlAnswer, SqlEngine, SqlLimits};
pub use totals::{CountTotal, GroupKey, SketchTotal, TotalsRequest, count_totals, sketch_totals};
