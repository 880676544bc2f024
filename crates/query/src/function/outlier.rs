//! `outliers(q, algorithm, tolerance)`: which columns behave unlike the others over the range.

use crate::exec::Table;
use crate::plan::Outliers;
use crate::stat::{dbscan, mad};

pub(super) fn mark(table: &mut Table, outliers: Outliers) {
    let visible = table.visible();
    let columns: Vec<&[f64]> = table.columns.iter().map(|c| &c.values[visible.clone()]).collect();
    let flags = match outliers.share {
        None => dbscan(&columns, outliers.how),
        Some(share) => mad(&columns, outliers.how, share),
    };
    for (column, flag) in table.columns.iter_mut().zip(flags) {
        column.outlier = Some(flag);
    }
}
