//! An answer: columns on one time grid.

use crate::{Kind, TimeMs};

/// What a query gives: one grid, a column of values a group.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Frame {
    /// Starts of the buckets, ms since the epoch.
    pub times: Vec<TimeMs>,
    pub step_ms: i64,
    /// The first bucket that has begun and not ended, if any.
    pub incomplete_from: Option<TimeMs>,
    pub series: Vec<FrameSeries>,
    /// Things the reader should know (an empty metric, sketches of unequal mappings …).
    pub notes: Vec<String>,
}

/// One group's column. A missing value is NaN.
#[derive(Clone, Debug, PartialEq)]
pub struct FrameSeries {
    /// The metric, or the expression for a formula.
    pub name: String,
    /// How the query would write this column's part: `avg:m{host:a}`.
    pub expression: String,
    /// The filter with this group's tags: `host:a,env:prod`, `*` when there is none.
    pub scope: String,
    /// The group: `by` keys with their values, in the order of `by`.
    pub group: Vec<(String, String)>,
    /// The space aggregator's word, `avg` …
    pub aggregator: String,
    pub kind: Kind,
    pub values: Vec<f64>,
    pub band: Option<Band>,
}

/// The expected range around a series (anomalies).
#[derive(Clone, Debug, PartialEq)]
pub struct Band {
    pub lower: Vec<f64>,
    pub upper: Vec<f64>,
}
