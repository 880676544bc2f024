//! A query's answer as a table for people or as CSV: a row a time, a column a series.

use oriel_server::iso_8601;
use serde_json::Value;
use std::collections::BTreeMap;

/// Column names, and rows of values by time.
struct Grid {
    names: Vec<String>,
    rows: BTreeMap<i64, Vec<Option<f64>>>,
}

fn grid(answer: &Value) -> Grid {
    let series: Vec<&Value> = answer["series"].as_array().into_iter().flatten().collect();
    let several = series.iter().any(|s| s["metric"] != series[0]["metric"]);
    let name = |s: &&Value| {
        let (metric, scope) = (s["metric"].as_str().unwrap_or(""), s["scope"].as_str().unwrap_or("*"));
        match (several, scope) {
            (false, "*") => metric.to_owned(),
            (false, scope) => scope.to_owned(),
            (true, scope) => format!("{metric}{{{scope}}}"),
        }
    };
    let mut rows: BTreeMap<i64, Vec<Option<f64>>> = BTreeMap::new();
    for (column, one) in series.iter().enumerate() {
        for point in one["pointlist"].as_array().into_iter().flatten() {
            let Some(time) = point[0].as_f64() else { continue };
            let row = rows.entry(time as i64).or_insert_with(|| vec![None; series.len()]);
            row[column] = point[1].as_f64();
        }
    }
    Grid { names: series.iter().map(name).collect(), rows }
}

pub(crate) fn table(answer: &Value) -> String {
    let grid = grid(answer);
    if grid.rows.is_empty() {
        return "no data in this time\n".to_owned();
    }
    let cells: Vec<Vec<String>> =
        grid.rows.values().map(|row| row.iter().map(|v| number(*v)).collect()).collect();
    let width = |column: usize| {
        let longest = cells.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        longest.max(grid.names[column].chars().count())
    };
    let widths: Vec<usize> = (0..grid.names.len()).map(width).collect();
    let line = |first: &str, texts: &[String]| {
        let columns: Vec<String> = texts.iter().zip(&widths).map(|(t, w)| format!("{t:>w$}")).collect();
        format!("{first:20}  {}\n", columns.join("  "))
    };
    let mut text = line("time", &grid.names);
    for (time, row) in grid.rows.keys().zip(&cells) {
        text.push_str(&line(&time_text(*time), row));
    }
    text
}

pub(crate) fn csv(answer: &Value) -> String {
    let grid = grid(answer);
    let mut text = String::from("time");
    for name in &grid.names {
        text.push(',');
        text.push_str(&quoted(name));
    }
    text.push('\n');
    for (time, row) in &grid.rows {
        text.push_str(&time_text(*time));
        for value in row {
            text.push(',');
            text.push_str(&value.map(|v| v.to_string()).unwrap_or_default());
        }
        text.push('\n');
    }
    text
}

/// Seconds are enough for buckets.
fn time_text(ms: i64) -> String {
    let iso = iso_8601(ms);
    iso.get(..19).map_or(iso.clone(), |t| format!("{t}Z"))
}

fn number(value: Option<f64>) -> String {
    match value {
        None => "-".to_owned(),
        Some(v) if v == v.trunc() && v.abs() < 1e15 => format!("{v}"),
        Some(v) if v.abs() >= 0.001 => format!("{v:.4}"),
        Some(v) => format!("{v:e}"),
    }
}

/// A cell of CSV.
pub(crate) fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests;
