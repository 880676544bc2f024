//! What is asked of the engine, and what comes back.

use crate::Error;
use crate::rows::{Compute, GroupBy};
use oriel_model::{Filter, Frame, Signal, TimeMs, TimeRange};
use oriel_store::Cancel;
use std::collections::BTreeMap;
use std::time::Instant;

/// A query or formula with the name by which formulas and answers call it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    pub name: String,
    pub text: String,
}

impl Named {
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self { name: name.into(), text: text.into() }
    }
}

/// What the points are drawn as; decides how many buckets a default rollup gives (`docs/semantics.md`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Display {
    #[default]
    Lines,
    Bars,
}

/// A template variable's choice: `$name` stands for `key:value`, `$name.value` for the value; several values mean any of
/// them; no value, or `*`, means every series.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Variable {
    pub key: String,
    pub values: Vec<String>,
}

/// A query over logs, spans or events whose columns lie on the same grid as those of metrics, so that formulas mix them.
#[derive(Clone, Debug, PartialEq)]
pub struct RowQuery {
    pub signal: Signal,
    pub filter: Filter,
    /// The search as written, for the answer's expressions; [`crate::search::parse`] makes the filter of it.
    pub search: String,
    pub compute: Compute,
    pub group_by: Vec<GroupBy>,
    /// The step that it asks for, as `.rollup(…, seconds)` does in a metric query.
    pub interval_ms: Option<i64>,
}

/// A [`RowQuery`] with its name.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedRows {
    pub name: String,
    pub query: RowQuery,
}

/// A request over one reader.
#[derive(Clone, Debug)]
pub struct Request {
    /// At most 100.
    pub queries: Vec<Named>,
    /// Over the names of `queries`; when there are any, the outcomes are theirs. At most 100.
    pub formulas: Vec<Named>,
    /// Queries over rows; names are shared with `queries`, and outcomes come after theirs. At most 100. Run them by
    /// [`crate::Engine::run_with_rows`].
    pub row_queries: Vec<NamedRows>,
    /// Columns of row queries hold the value of the whole range in every bucket, so that a scalar answer (`query_value`,
    /// `toplist`, `/api/v2/query/scalar`) of a percentile or a ratio is that of the range: reduce by `last`.
    pub row_totals: bool,
    /// Half open.
    pub range: TimeRange,
    pub display: Display,
    /// Overrides the default rollup's step; a query's own `.rollup(…, seconds)` wins.
    pub step_ms: Option<i64>,
    pub variables: BTreeMap<String, Variable>,
    pub now_ms: TimeMs,
    /// Samples at or after this moment are not looked at, also where a gap is filled towards them: the answer is what it was
    /// then, or would have been had everything arrived in time.
    pub as_of_ms: Option<TimeMs>,
    /// Gaps are not drawn through: what differs from the answer with it depends on a later value.
    pub open_gaps: bool,
    pub deadline: Option<Instant>,
    /// Kept by the caller to stop the run.
    pub cancel: Cancel,
}

impl Request {
    /// Lines over a range, without variables or deadline.
    pub fn new(range: TimeRange, now_ms: TimeMs) -> Self {
        Self {
            queries: Vec::new(),
            formulas: Vec::new(),
            row_queries: Vec::new(),
            row_totals: false,
            range,
            display: Display::Lines,
            step_ms: None,
            variables: BTreeMap::new(),
            now_ms,
            as_of_ms: None,
            open_gaps: false,
            deadline: None,
            cancel: Cancel::default(),
        }
    }

    /// With one more query.
    #[must_use]
    pub fn query(mut self, name: impl Into<String>, text: impl Into<String>) -> Self {
        self.queries.push(Named::new(name, text));
        self
    }
}

/// What became of one query or formula; the others are not touched by its error.
#[derive(Debug)]
pub struct Outcome {
    pub name: String,
    pub text: String,
    pub result: Result<Frame, Error>,
}
