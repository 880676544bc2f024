//! What is asked about rows, and what comes back.

use super::RowGrid;
use oriel_model::{Field, Filter, TimeMs};
use oriel_store::{NsRange, ScanStats};

/// What is computed of the rows of a group.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Aggregation {
    /// Rows, by weight; with a field, rows that have it.
    Count,
    /// Distinct values of the field: exact up to 16,384 of a group, then within about 2 %.
    Cardinality,
    Sum,
    Avg,
    Min,
    Max,
    /// Nearest rank, 0 to 1: exact up to some two million values in all, then within 1 % for the groups with the most.
    Percentile(f64),
}

impl Aggregation {
    /// `count`, `cardinality`, `sum`, `avg`, `min`, `max`, `median`, `pc95`, also `p95` and `p99.9`.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "count" => Self::Count,
            "cardinality" => Self::Cardinality,
            "sum" => Self::Sum,
            "avg" => Self::Avg,
            "min" => Self::Min,
            "max" => Self::Max,
            "median" => Self::Percentile(0.5),
            other => {
                let percent = other.strip_prefix("pc").or_else(|| other.strip_prefix('p'))?;
                let percent: f64 = percent.parse().ok()?;
                return (0.0..=100.0).contains(&percent).then_some(Self::Percentile(percent / 100.0));
            }
        })
    }

    /// Whether it means nothing without a field.
    pub fn needs_field(self) -> bool {
        self != Self::Count
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Compute {
    pub aggregation: Aggregation,
    pub field: Option<Field>,
}

impl Compute {
    pub fn count() -> Self {
        Self { aggregation: Aggregation::Count, field: None }
    }
}

/// How groups are ranked: by a compute over the whole range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    /// Into the request's computes.
    pub compute: usize,
    pub descending: bool,
}

impl Default for Sort {
    fn default() -> Self {
        Self { compute: 0, descending: true }
    }
}

/// Groups by a field's text view; a list's row is in the group of each of its elements.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupBy {
    pub field: Field,
    /// Groups of this field that stay, inside each group of the fields before it.
    pub limit: usize,
    pub sort: Sort,
    /// The group of rows without the field; they are in none when this is absent.
    pub missing: Option<String>,
}

impl GroupBy {
    /// The ten largest by the first compute.
    pub fn new(field: Field) -> Self {
        Self { field, limit: 10, sort: Sort::default(), missing: None }
    }
}

#[derive(Clone, Debug)]
pub struct AggregateRequest {
    pub range: NsRange,
    pub filter: Filter,
    pub group_by: Vec<GroupBy>,
    /// At least one.
    pub computes: Vec<Compute>,
    /// Also over time; totals alone without it.
    pub grid: Option<RowGrid>,
}

/// The groups, ranked by the first field's sort.
#[derive(Clone, Debug, Default)]
pub struct Aggregated {
    pub groups: Vec<Group>,
    /// Groups that there were before the limits.
    pub total_groups: usize,
    /// Of the grid; empty without one.
    pub times: Vec<TimeMs>,
    pub step_ms: i64,
    pub notes: Vec<String>,
    pub stats: ScanStats,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Group {
    /// By the request's `group_by`.
    pub by: Vec<String>,
    /// By the request's computes, over the whole range; NaN where there is nothing to compute from.
    pub totals: Vec<f64>,
    /// By the request's computes, a value a bucket: 0 for counts of nothing, NaN else. Empty without a grid.
    pub series: Vec<Vec<f64>>,
}
