//! What the server counts of its own work between two reports: requests, rows, latencies. [`Figures::take`] hands over the
//! period and starts a new one; `own` turns it into `oriel.*` series.

use oriel_model::Sketch;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::time::Duration;

/// Counts of one period. Keys are closed lists (routes, sources), so that the tables are bounded.
#[derive(Default)]
pub(crate) struct Period {
    /// By route and class of status (`2xx` …).
    pub(crate) requests: BTreeMap<(String, &'static str), u64>,
    pub(crate) rows: BTreeMap<&'static str, u64>,
    pub(crate) queries: u64,
    pub(crate) query_errors: u64,
    /// Milliseconds.
    pub(crate) append_ms: Sketch,
    pub(crate) query_ms: Sketch,
}

/// One lock, held for a few additions a request.
#[derive(Default)]
pub(crate) struct Figures(Mutex<Period>);

/// Routes that are told apart; the router has fewer than this.
const ROUTES_MAX: usize = 200;

impl Figures {
    pub(crate) fn request(&self, route: &str, status: u16) {
        let class = match status {
            100..=199 => "1xx",
            200..=299 => "2xx",
            300..=399 => "3xx",
            400..=499 => "4xx",
            _ => "5xx",
        };
        let mut period = self.0.lock();
        let route = if period.requests.len() < ROUTES_MAX { route } else { "other" };
        *period.requests.entry((route.to_owned(), class)).or_default() += 1;
    }

    pub(crate) fn rows(&self, source: &'static str, rows: usize) {
        *self.0.lock().rows.entry(source).or_default() += rows as u64;
    }

    pub(crate) fn append(&self, took: Duration) {
        self.0.lock().append_ms.insert(took.as_secs_f64() * 1000.0, 1);
    }

    pub(crate) fn query(&self, took: Duration, errors: usize) {
        let mut period = self.0.lock();
        period.queries += 1;
        period.query_errors += errors as u64;
        period.query_ms.insert(took.as_secs_f64() * 1000.0, 1);
    }

    pub(crate) fn take(&self) -> Period {
        std::mem::take(&mut *self.0.lock())
    }
}
