//! The number view of a column: numbers, texts that hold one, and a list's numbers each.

use arrow_array::{Array, StringArray};
use oriel_model::{Column, Value};

/// Shows each number of a column with its row.
pub(crate) fn each_number(column: &Column, mut visit: impl FnMut(usize, f64)) {
    match column {
        Column::Absent | Column::Bools(_) | Column::TraceIds(_) | Column::SpanIds(_) => {}
        Column::Ints(a) => shown(a, |i| a.value(i) as f64, visit),
        Column::Uints(a) => shown(a, |i| a.value(i) as f64, visit),
        Column::Floats(a) => shown(a, |i| a.value(i), visit),
        Column::Texts(a) => (0..a.len()).filter(|&i| a.is_valid(i)).for_each(|i| {
            if let Some(number) = parsed(a.value(i)) {
                visit(i, number);
            }
        }),
        Column::Words(words) => {
            let Some(words) = words.downcast_dict::<StringArray>() else { return };
            let numbers: Vec<Option<f64>> = words.values().iter().map(|t| t.and_then(parsed)).collect();
            for (row, key) in words.keys().iter().enumerate() {
                let number = key.and_then(|key| *numbers.get(usize::try_from(key).ok()?)?);
                if let Some(number) = number {
                    visit(row, number);
                }
            }
        }
        Column::Mixed(values) => {
            for (row, value) in values.iter().enumerate() {
                match value {
                    Value::List(list) => list.iter().filter_map(Value::number).for_each(|n| visit(row, n)),
                    one => one.number().into_iter().for_each(|n| visit(row, n)),
                }
            }
        }
    }
}

/// As [`Value::number`] reads a text.
fn parsed(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|x: &f64| x.is_finite())
}

fn shown(array: &dyn Array, value: impl Fn(usize) -> f64, mut visit: impl FnMut(usize, f64)) {
    if array.null_count() == 0 {
        (0..array.len()).for_each(|i| visit(i, value(i)));
    } else {
        (0..array.len()).filter(|&i| array.is_valid(i)).for_each(|i| visit(i, value(i)));
    }
}
