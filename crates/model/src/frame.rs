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
    /// Whether `outliers()` set this series apart from the others; None where it was not asked.
    pub outlier: Option<bool>,
}

/// The expected range around a series: of `anomalies()`, or of the buckets that `forecast()` added. NaN in both where nothing is
/// expected yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Band {
    pub lower: Vec<f64>,
    pub upper: Vec<f64>,
    /// Charts draw both edges; only values past this one, or either, count as anomalies.
    pub side: BandSide,
}

/// `direction` of `anomalies()`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BandSide {
    #[default]
    Both,
    Above,
    Below,
}

impl Band {
    /// A band that is nowhere yet.
    pub fn unknown(len: usize, side: BandSide) -> Self {
        Self { lower: vec![f64::NAN; len], upper: vec![f64::NAN; len], side }
    }

    /// Whether the value of bucket `i` lies outside on a side that counts; None where there is no value or no band.
    pub fn is_outside(&self, i: usize, value: f64) -> Option<bool> {
        let (lower, upper) = (*self.lower.get(i)?, *self.upper.get(i)?);
        if value.is_nan() || lower.is_nan() || upper.is_nan() {
            return None;
        }
        Some(match self.side {
            BandSide::Both => value < lower || value > upper,
            BandSide::Above => value > upper,
            BandSide::Below => value < lower,
        })
    }
}
