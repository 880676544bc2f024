//! Which columns stay: ranks and N/A groups. Kept columns keep their text.

use crate::exec::{ABSENT, Table};
use crate::plan::RankBy;

/// The columns that rank first, in the order of their rank; columns without a value are last. Equal ones keep their order.
pub(super) fn rank(table: &mut Table, by: RankBy) {
    let (visible, step_ms) = (table.visible(), table.grid.step_ms);
    let mut keyed: Vec<(f64, _)> = std::mem::take(&mut table.columns)
        .into_iter()
        .map(|column| (by.reducer.reduce(&column.values[visible.clone()], step_ms), column))
        .collect();
    keyed.sort_by(|(a, _), (b, _)| {
        let order = if by.descending { b.total_cmp(a) } else { a.total_cmp(b) };
        a.is_nan().cmp(&b.is_nan()).then(order)
    });
    table.columns = keyed.into_iter().skip(by.offset).take(by.limit).map(|(_, column)| column).collect();
}

/// Leaves out groups whose value of a key (of any key) is N/A.
pub(super) fn exclude_absent(table: &mut Table, key: Option<&str>) {
    let by = &table.by;
    table.columns.retain(|column| {
        !by.iter().zip(column.group.iter()).any(|(k, v)| v == ABSENT && key.is_none_or(|key| key == k))
    });
}
