//! A bound on failed logins: by address and by user name, so that neither one machine nor one name can be tried for long.

use oriel_model::TimeMs;
use parking_lot::Mutex;
use std::collections::HashMap;

/// Failures within the window after which a login has to wait; a person mistypes a few times.
const FAILURES_MAX: u32 = 10;
/// How long failures are remembered.
const WINDOW_MS: i64 = 5 * 60 * 1000;
/// Addresses and names that are remembered; past it the oldest half goes.
const ENTRIES_MAX: usize = 10_000;

#[derive(Clone, Copy)]
struct Entry {
    failures: u32,
    since_ms: TimeMs,
}

/// Failed logins by address and by name. One lock, held for a lookup.
#[derive(Default)]
pub(crate) struct Attempts(Mutex<HashMap<String, Entry>>);

impl Attempts {
    /// Seconds to wait when one of these has failed too often.
    pub(crate) fn wait_s(&self, who: &[&str], now: TimeMs) -> Option<u32> {
        let table = self.0.lock();
        who.iter()
            .filter_map(|w| table.get(*w))
            .filter(|e| e.failures >= FAILURES_MAX && e.since_ms + WINDOW_MS > now)
            .map(|e| u32::try_from((e.since_ms + WINDOW_MS - now) / 1000 + 1).unwrap_or(1))
            .max()
    }

    pub(crate) fn failed(&self, who: &[&str], now: TimeMs) {
        let mut table = self.0.lock();
        if table.len() >= ENTRIES_MAX {
            table.retain(|_, e| e.since_ms + WINDOW_MS / 2 > now);
        }
        for name in who {
            let entry = table.entry((*name).to_owned()).or_insert(Entry { failures: 0, since_ms: now });
            if entry.since_ms + WINDOW_MS <= now {
                *entry = Entry { failures: 0, since_ms: now };
            }
            entry.failures += 1;
        }
    }

    pub(crate) fn succeeded(&self, who: &[&str]) {
        let mut table = self.0.lock();
        for name in who {
            table.remove(*name);
        }
    }
}

#[cfg(test)]
mod tests;
