//! Expiry: whole files whose every row is older than its signal is kept (STORE 28). Pure; whoever drops them logs it.
//!
//! A file of level 1 and above is of one day, so what outlives its retention does so by a day and a head at most; reads
//! leave expired rows out at once.

use crate::parts::{Dataset, FileMeta};
use oriel_model::TimeMs;

/// Files with nothing at or after the start of their dataset's retention.
pub(crate) fn expired(files: &[FileMeta], metrics_from: TimeMs, events_from: TimeMs) -> Vec<FileMeta> {
    let starts = |dataset: Dataset| match dataset {
        Dataset::Metrics => metrics_from,
        Dataset::Events | Dataset::Logs | Dataset::Spans => events_from,
    };
    files.iter().filter(|m| m.last_ms < starts(m.dataset)).cloned().collect()
}

#[cfg(test)]
mod tests;
