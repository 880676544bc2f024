//! Rows that were refused, by source and reason, with the last ten as examples: what settings show and what Oriel's own
//! metrics count.

use oriel_model::{Reason, Rejections};
use parking_lot::Mutex;
use std::collections::{BTreeMap, VecDeque};

/// Examples kept of each source and reason.
const EXAMPLES: usize = 10;

#[derive(Default)]
struct Entry {
    count: u64,
    /// Counted since the last report of own metrics.
    unreported: u64,
    examples: VecDeque<String>,
}

/// A line of settings.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub(crate) struct RefusedLine {
    pub(crate) source: &'static str,
    pub(crate) reason: &'static str,
    pub(crate) count: u64,
    pub(crate) examples: Vec<String>,
}

/// Bounded by sources times reasons, both closed lists. One lock, taken only when something was refused.
#[derive(Default)]
pub(crate) struct Refused(Mutex<BTreeMap<(&'static str, Reason), Entry>>);

impl Refused {
    pub(crate) fn add(&self, source: &'static str, rejections: &Rejections) {
        if rejections.is_empty() {
            return;
        }
        let mut table = self.0.lock();
        for &(reason, rows) in rejections.counts() {
            let entry = table.entry((source, reason)).or_default();
            entry.count += rows;
            entry.unreported += rows;
        }
        for example in rejections.examples() {
            let entry = table.entry((source, example.reason)).or_default();
            if entry.examples.len() == EXAMPLES {
                entry.examples.pop_front();
            }
            entry.examples.push_back(example.text.clone());
        }
    }

    pub(crate) fn lines(&self) -> Vec<RefusedLine> {
        let table = self.0.lock();
        let line = |(&(source, reason), entry): (&(&'static str, Reason), &Entry)| RefusedLine {
            source,
            reason: reason.as_str(),
            count: entry.count,
            examples: entry.examples.iter().cloned().collect(),
        };
        table.iter().map(line).collect()
    }

    /// What was refused since the last call.
    pub(crate) fn take_unreported(&self) -> Vec<(&'static str, &'static str, u64)> {
        let mut table = self.0.lock();
        table
            .iter_mut()
            .map(|(&(source, reason), entry)| {
                (source, reason.as_str(), std::mem::take(&mut entry.unreported))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests;
