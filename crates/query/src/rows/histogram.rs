//! How many rows when: a bar a bucket, split by a field when one is given.

use super::request::{AggregateRequest, Compute, GroupBy};
use super::source::{Rows, RowsOf};
use super::{RowGrid, aggregate};
use crate::Result;
use oriel_model::{Field, TimeMs};
use oriel_store::{Cancel, ScanStats};

/// Colours that a stack of bars can be told apart by.
const SPLIT_MAX: usize = 12;

/// Rows without the field of a split.
const MISSING: &str = "N/A";

#[derive(Clone, Debug)]
pub struct HistogramRequest {
    pub of: RowsOf,
    pub grid: RowGrid,
    pub split: Option<Field>,
}

#[derive(Clone, Debug, Default)]
pub struct Histogram {
    pub times: Vec<TimeMs>,
    pub step_ms: i64,
    /// Largest first; one without a name when there is no split. What a split leaves over is `others`.
    pub series: Vec<HistogramSeries>,
    pub total: f64,
    pub stats: ScanStats,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct HistogramSeries {
    pub name: String,
    pub values: Vec<f64>,
}

/// Counts over time.
pub fn histogram<R: Rows>(rows: &R, request: &HistogramRequest, cancel: &Cancel) -> Result<Histogram> {
    let by = |field: &Field| GroupBy {
        limit: usize::MAX,
        missing: Some(MISSING.to_owned()),
        ..GroupBy::new(field.clone())
    };
    let asked = AggregateRequest {
        range: request.of.range,
        filter: request.of.filter.clone(),
        group_by: request.split.iter().map(by).collect(),
        computes: vec![Compute::count()],
        grid: Some(request.grid),
    };
    let found = aggregate(rows, &asked, cancel)?;
    let total = found.groups.iter().filter_map(|group| group.totals.first()).sum();
    let mut series: Vec<HistogramSeries> = Vec::new();
    for (place, mut group) in found.groups.into_iter().enumerate() {
        let values = group.series.pop().unwrap_or_default();
        match series.last_mut() {
            Some(others) if place > SPLIT_MAX => {
                others.values.iter_mut().zip(&values).for_each(|(sum, value)| *sum += value);
            }
            _ => {
                let name = group.by.pop().unwrap_or_default();
                series.push(HistogramSeries {
                    name: if place == SPLIT_MAX { "others".into() } else { name },
                    values,
                });
            }
        }
    }
    Ok(Histogram { times: found.times, step_ms: found.step_ms, series, total, stats: found.stats })
}
