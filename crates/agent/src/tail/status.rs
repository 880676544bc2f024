//! What `oriel agent status` shows of each tail.

use oriel_model::TimeMs;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// One file, journal or container that is read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TailRow {
    /// Where it is configured: `nginx/conf.yaml:1`.
    pub source: String,
    /// A path, or the journal.
    pub path: String,
    /// `ok`, or what is wrong.
    pub state: String,
    /// Bytes taken by the sink, of those that the file has.
    pub offset: u64,
    pub size: u64,
    /// Logs sent since the start.
    pub logs: u64,
    /// Lines that were longer than a log may be.
    pub cut_lines: u64,
    /// Logs that a rule left out.
    pub left_out: u64,
    /// Logs that the server refused for good.
    pub refused: u64,
    pub last_ms: Option<TimeMs>,
}

/// Rows by source and path.
#[derive(Default)]
pub(crate) struct TailBoard {
    rows: Mutex<BTreeMap<(String, String), TailRow>>,
}

/// Rows shown; each open file has one.
const ROWS_MAX: usize = 5_000;

impl TailBoard {
    pub(crate) fn change(&self, source: &str, path: &str, change: impl FnOnce(&mut TailRow)) {
        let mut rows = self.rows.lock();
        let key = (source.to_owned(), path.to_owned());
        if rows.len() >= ROWS_MAX && !rows.contains_key(&key) {
            return;
        }
        let row = rows.entry(key).or_insert_with(|| TailRow {
            source: source.to_owned(),
            path: path.to_owned(),
            state: "ok".to_owned(),
            ..TailRow::default()
        });
        change(row);
    }

    pub(crate) fn remove(&self, source: &str, path: &str) {
        self.rows.lock().remove(&(source.to_owned(), path.to_owned()));
    }

    pub(crate) fn remove_source(&self, source: &str) {
        self.rows.lock().retain(|(s, _), _| s != source);
    }

    pub(crate) fn rows(&self) -> Vec<TailRow> {
        self.rows.lock().values().cloned().collect()
    }
}

impl fmt::Display for TailRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}  {}  {}  {} logs", self.source, self.path, self.state, self.logs)?;
        if self.size > 0 {
            write!(f, ", {} of {} bytes", self.offset, self.size)?;
        }
        for (n, what) in
            [(self.cut_lines, "lines cut"), (self.left_out, "left out by rules"), (self.refused, "refused")]
        {
            if n > 0 {
                write!(f, ", {n} {what}")?;
            }
        }
        Ok(())
    }
}
