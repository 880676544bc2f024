//! Rules over series: what is read through the query road, and when.

use super::Arithmetic;
use super::window::Window;
use crate::recurrence::WindowUnit;
use oriel_model::{TimeMs, TimeRange};
use oriel_query::{Named, NamedRows, Reducer, Request};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// What is read, and how a group's column becomes one value.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesRule {
    /// Metric queries by name.
    pub queries: Vec<Named>,
    /// Queries over logs, spans and events by name.
    pub row_queries: Vec<NamedRows>,
    /// Over the names of both, for charts; none where there is one query.
    pub formula: Option<String>,
    pub group_by: Vec<String>,
    pub window: Window,
    pub reduction: Reduction,
    /// A missing value means that nothing was counted.
    pub count_like: bool,
    /// Sums and counts: what is missing makes them smaller.
    pub adds_up: bool,
    /// A bucket depends on nothing but the data near it (space aggregation, arithmetic, functions of one point), so that
    /// buckets of the evaluation before can be used again.
    pub local: bool,
    /// A row query gives the window's total in each bucket (percentiles, distinct values): it can't be cut into buckets.
    pub row_totals: bool,
    /// Overrides the default rollup.
    pub step_ms: Option<i64>,
    /// The query's own rollup.
    pub rollup_ms: Option<i64>,
    /// `options.evaluation_delay`.
    pub delay_ms: i64,
}

/// How the values of a window become one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TimeAggregation(pub Reducer);

/// What is done with a group's column.
#[derive(Clone, Debug, PartialEq)]
pub enum Reduction {
    /// `avg(last_5m):…`
    Window(TimeAggregation),
    /// `change(avg(last_5m),last_1h):…`: two requests, of now and of then.
    Change { inner: Inner, percent: bool },
    /// The share of points outside of the band.
    Anomalies { trigger_ms: i64, recovery_ms: i64 },
    /// 1 for an outlier, 0 else.
    Outliers,
    /// The edge of the forecast's band that is nearest to the threshold, the furthest of the window.
    Forecast { upward: bool },
    /// A request a query: each column is reduced, then the numbers are put together.
    Formula { terms: Vec<Term>, arithmetic: Arithmetic },
}

/// The window inside of a `change`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Inner {
    pub aggregation: TimeAggregation,
    /// How long before.
    pub shift_ms: i64,
}

/// A query of a formula.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Term {
    pub aggregation: TimeAggregation,
    /// 0 where a group is in another query and not in this one.
    pub count_like: bool,
}

impl TimeAggregation {
    pub(super) fn adds_up(self) -> bool {
        matches!(self.0, Reducer::Sum | Reducer::Area)
    }

    /// `avg`, `sum`, `min`, `max`, `count`, `last`, `p95` …
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "area" | "l2norm" => None,
            "percentile" => None,
            _ => Reducer::from_word(word).map(Self),
        }
    }
}

impl SeriesRule {
    /// The measured range of the evaluation at `at_ms`. A bucket counts when it ends within it: after its start and at its end
    /// at the latest, so that no bucket that still fills is looked at. Buckets that are longer than the window are looked at
    /// one at a time.
    pub fn window_at(&self, at_ms: TimeMs) -> TimeRange {
        let end = at_ms - self.delay_ms;
        match (&self.window, self.rollup_ms) {
            (Window::Last { ms }, Some(rollup)) if rollup > *ms => {
                let end = end.div_euclid(rollup) * rollup;
                TimeRange::new(end - rollup, end)
            }
            (window, _) => window.range(end),
        }
    }

    pub(super) fn cadence_window_ms(&self) -> i64 {
        match &self.window {
            Window::Last { ms } => *ms,
            // A forecast starts now, and running hours and days are seldom whole.
            Window::Next { .. } | Window::Current { unit: WindowUnit::Hour | WindowUnit::Day, .. } => 0,
            Window::Current { .. } => self.window.len_ms(),
        }
    }

    /// The step that buckets have at least, as far as the rule knows it.
    pub(super) fn step_known_ms(&self) -> i64 {
        self.rollup_ms.or(self.step_ms).unwrap_or(0)
    }

    /// The requests, in the order that [`SeriesRule::reduce`] takes their frames in.
    pub fn requests(&self, at_ms: TimeMs) -> Vec<Request> {
        let window = self.window_at(at_ms);
        match &self.reduction {
            Reduction::Change { inner, .. } => {
                let shift = inner.shift_ms;
                let then = TimeRange::new(window.start - shift, window.end - shift);
                vec![self.request(window, at_ms), self.request(then, at_ms)]
            }
            Reduction::Formula { .. } => {
                let empty = || Request {
                    queries: Vec::new(),
                    row_queries: Vec::new(),
                    formulas: Vec::new(),
                    ..self.request(window, at_ms)
                };
                let metrics =
                    self.queries.iter().map(|query| Request { queries: vec![query.clone()], ..empty() });
                let rows = self.row_queries.iter().map(|query| Request {
                    row_queries: vec![query.clone()],
                    row_totals: !super::rows::is_summable(&query.query.compute),
                    ..empty()
                });
                metrics.chain(rows).collect()
            }
            _ => vec![self.request(window, at_ms)],
        }
    }

    /// Everything in one request, as a chart asks for it.
    pub fn request(&self, range: TimeRange, at_ms: TimeMs) -> Request {
        Request {
            queries: self.queries.clone(),
            formulas: self.formula.iter().map(|text| Named::new("formula", text)).collect(),
            row_queries: self.row_queries.clone(),
            row_totals: self.row_totals,
            step_ms: self.step_ms,
            ..Request::new(range, at_ms)
        }
    }

    pub(super) fn share_key(&self) -> String {
        format!("series {self:?}")
    }
}

/// The step to ask for: so fine that each evaluation has buckets of its own, and no more than 1,500 of them. Up to five hours
/// the default rule does that by itself.
pub(super) fn step_of(window: &Window) -> Option<i64> {
    match *window {
        Window::Last { ms } if ms <= 5 * HOUR => None,
        Window::Last { ms } if ms < 24 * HOUR => Some(MINUTE),
        Window::Last { ms } if ms > 48 * HOUR => Some(30 * MINUTE),
        Window::Current { unit: WindowUnit::Day, .. } => Some(MINUTE),
        Window::Current { unit: WindowUnit::Month, .. } => Some(30 * MINUTE),
        _ => None,
    }
}
