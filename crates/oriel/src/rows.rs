//! `oriel query` for rows: SQL, and searches of logs, spans and events. Asks the server; lays its answer out.

use crate::Outcome;
use crate::cli::Format;
use serde_json::{Value, json};

/// Rows of a search when nothing is said.
const LIMIT: usize = 100;
/// Wider cells are cut in tables; JSON and CSV have them whole.
const CELL_CHARS: usize = 120;

/// Words that SQL begins with and metric queries don't; what writes is among them, so that the server refuses it by name.
const SQL_WORDS: [&str; 13] = [
    "select", "with", "explain", "show", "describe", "insert", "update", "delete", "drop", "create", "alter",
    "copy", "truncate",
];

/// Whether a query is SQL.
pub(crate) fn is_sql(query: &str) -> bool {
    let mut words = query.split_whitespace();
    let first = words.next().unwrap_or("");
    words.next().is_some() && SQL_WORDS.iter().any(|word| first.eq_ignore_ascii_case(word))
}

/// The path and body that ask for it.
pub(crate) fn sql_request(
    query: &str,
    (from_ms, to_ms): (i64, i64),
    format: Format,
) -> (&'static str, Value) {
    let format = if format == Format::Arrow { "arrow" } else { "json" };
    ("/api/v1/sql", json!({ "query": query, "from_ms": from_ms, "to_ms": to_ms, "format": format }))
}

/// The same for a search, newest first.
pub(crate) fn search_request(
    signal: &str,
    query: &str,
    (from_ms, to_ms): (i64, i64),
) -> (&'static str, Value) {
    let body =
        json!({ "signal": signal, "query": query, "from_ms": from_ms, "to_ms": to_ms, "limit": LIMIT });
    ("/api/ui/rows/search", body)
}

/// Columns and cells of an answer in JSON.
struct Grid {
    names: Vec<String>,
    rows: Vec<Vec<String>>,
}

/// An answer of either call as text.
pub(crate) fn show(answer: &Value, format: Format) -> Outcome<String> {
    if let Some(message) = answer["error"]["message"].as_str() {
        return Err(format!("the query can't be read: {message}").into());
    }
    Ok(match format {
        Format::Json | Format::Arrow => serde_json::to_string_pretty(answer)? + "\n",
        Format::Table => table(&grid(answer)),
        Format::Csv => csv(&grid(answer)),
    })
}

fn grid(answer: &Value) -> Grid {
    let rows: Vec<&Value> = answer["rows"].as_array().into_iter().flatten().collect();
    let named = answer["columns"].as_array().map(|columns| {
        columns.iter().filter_map(|c| c["name"].as_str().map(str::to_owned)).collect::<Vec<_>>()
    });
    let names = named.unwrap_or_else(|| search_columns(&rows));
    let cell = |row: &Value, name: &String| match &row[name.as_str()] {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let rows = rows.iter().map(|row| names.iter().map(|name| cell(row, name)).collect()).collect();
    Grid { names, rows }
}

/// What a search shows: the columns that some row has, in this order.
fn search_columns(rows: &[&Value]) -> Vec<String> {
    const ORDER: [&str; 9] =
        ["time_ms", "status", "host", "service", "name", "resource", "duration_ns", "trace_id", "message"];
    let some = |name: &&str| rows.iter().any(|row| !row[*name].is_null());
    ORDER.into_iter().filter(some).map(str::to_owned).collect()
}

fn table(grid: &Grid) -> String {
    if grid.rows.is_empty() {
        return "no rows in this time\n".to_owned();
    }
    let shown = |text: &String| -> String {
        let line = text.replace(['\n', '\t'], " ");
        match line.char_indices().nth(CELL_CHARS) {
            Some((at, _)) => format!("{}…", &line[..at]),
            None => line,
        }
    };
    let rows: Vec<Vec<String>> = grid.rows.iter().map(|row| row.iter().map(shown).collect()).collect();
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.max().unwrap_or(0).max(grid.names[column].chars().count())
    };
    let widths: Vec<usize> = (0..grid.names.len()).map(width).collect();
    let line = |cells: &[String]| {
        let padded: Vec<String> = cells.iter().zip(&widths).map(|(c, w)| format!("{c:w$}")).collect();
        padded.join("  ").trim_end().to_owned() + "\n"
    };
    std::iter::once(line(&grid.names)).chain(rows.iter().map(|row| line(row))).collect()
}

fn csv(grid: &Grid) -> String {
    let line = |cells: &[String]| {
        let quoted: Vec<String> = cells.iter().map(|c| crate::shape::quoted(c)).collect();
        quoted.join(",") + "\n"
    };
    std::iter::once(line(&grid.names)).chain(grid.rows.iter().map(|row| line(row))).collect()
}

#[cfg(test)]
mod tests;
