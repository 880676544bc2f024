//! Rules over series: metric queries of every kind, and what log, span, event and process queries become.

use super::read::Reader;
use super::window::Window;
use super::{Comparator, Found, Target};
use oriel_model::{TimeMs, TimeRange};
use oriel_query::{Named, NamedRows, Reducer, Request};

/// What is read, and how a group's column becomes one value.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesRule {
    /// Metric queries by name.
    pub queries: Vec<Named>,
    /// Queries over logs, spans and events by name.
    pub row_queries: Vec<NamedRows>,
    /// Over the names of both; none where there is one query.
    pub formula: Option<String>,
    pub group_by: Vec<String>,
    pub window: Window,
    pub reduction: Reduction,
    /// A missing value means that nothing was counted.
    pub count_like: bool,
    /// A bucket depends on nothing but the data near it (space aggregation, arithmetic, functions of one point), so that
    /// buckets of the evaluation before can be used again.
    pub local: bool,
    /// Row queries give the window's total in each bucket (percentiles, distinct values): they can't be cut into buckets.
    pub row_totals: bool,
    /// Overrides the default rollup.
    pub step_ms: Option<i64>,
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
    /// Each query's column is reduced, then the formula is worked out on the numbers: sums of counts that are divided.
    Formula(TimeAggregation),
}

/// The window inside of a `change`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Inner {
    pub aggregation: TimeAggregation,
    /// How long before.
    pub shift_ms: i64,
}

impl TimeAggregation {
    /// `avg`, `sum`, `min`, `max`, `count`, `last`, `p95` …
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "area" | "l2norm" => None,
            _ => Reducer::from_word(word).map(Self),
        }
    }
}

impl SeriesRule {
    /// The moment up to which data counts.
    fn end_ms(&self, at_ms: TimeMs) -> TimeMs {
        at_ms - self.delay_ms
    }

    /// The measured range of the evaluation at `at_ms`. A bucket counts when it ends within it: at its start at the earliest
    /// and at its end at the latest, so that no bucket that still fills is looked at.
    pub fn window_at(&self, at_ms: TimeMs) -> TimeRange {
        self.window.range(self.end_ms(at_ms))
    }

    pub(super) fn cadence_window_ms(&self) -> i64 {
        match self.window {
            Window::Last { ms } => ms,
            // Forecasts and running days are looked at each minute: they start now.
            Window::Next { .. } | Window::Current { .. } => 0,
        }
    }

    /// The requests, in the order that [`SeriesRule::reduce`] takes their frames in.
    pub fn requests(&self, at_ms: TimeMs) -> Vec<Request> {
        let now = self.request(self.window_at(at_ms), at_ms);
        match &self.reduction {
            Reduction::Change { inner, .. } => {
                let shift = inner.shift_ms;
                let range = TimeRange::new(now.range.start - shift, now.range.end - shift);
                vec![now, self.request(range, at_ms)]
            }
            _ => vec![now],
        }
    }

    fn request(&self, range: TimeRange, at_ms: TimeMs) -> Request {
        let formulas = self.formula.iter().map(|text| Named::new("formula", text)).collect();
        Request {
            queries: self.queries.clone(),
            formulas,
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

/// `avg(last_5m):avg:m{host:web-1} > 800` and its kin.
pub(super) fn parse(query: &str, reader: &mut Reader<'_>) -> Result<Found, String> {
    let (left, comparator, critical) = split_comparison(query)?;
    let (call, metric) = left.split_once(':').ok_or("write avg(last_5m):avg:metric{*} > 5")?;
    let (word, window) = call
        .trim()
        .strip_suffix(')')
        .and_then(|call| call.split_once('('))
        .ok_or("it starts with a time aggregation: avg(last_5m):…")?;
    let aggregation = TimeAggregation::parse(word.trim()).ok_or_else(|| {
        format!("{word} is not a time aggregation; avg, sum, min, max, count, last and p95 are")
    })?;
    let window = Window::parse(window)?;
    let metric = metric.trim();
    let parsed = oriel_query::parse(metric).map_err(|e| e.to_string())?;
    let mut group_by = Vec::new();
    collect_by(&parsed.root, &mut group_by);
    let delay_ms = delay_ms(reader);
    let target = Target::Series(SeriesRule {
        queries: vec![Named::new("query", metric)],
        row_queries: Vec::new(),
        formula: None,
        group_by,
        window,
        reduction: Reduction::Window(aggregation),
        count_like: false,
        local: true,
        row_totals: false,
        step_ms: None,
        delay_ms,
    });
    Ok(Found { target, comparator, critical: Some(critical) })
}

/// The delay is a part of what is measured, so it is read here too.
pub(super) fn delay_ms(reader: &mut Reader<'_>) -> i64 {
    let raw = reader.raw("/options/evaluation_delay");
    let seconds = raw.as_i64().or_else(|| raw.as_str().and_then(|s| s.trim().parse().ok()));
    seconds.filter(|s| (0..=86_400).contains(s)).unwrap_or(0) * 1000
}

fn collect_by(expr: &oriel_query::Expr, by: &mut Vec<String>) {
    use oriel_query::{Argument, Expr};
    match expr {
        Expr::Metric(metric) => {
            for key in &metric.by {
                if !by.contains(key) {
                    by.push(key.clone());
                }
            }
        }
        Expr::Grouped { by: keys, .. } => {
            by.extend(keys.iter().filter(|k| !by.contains(k)).cloned().collect::<Vec<_>>())
        }
        Expr::Negative(inner) | Expr::Modified { input: inner, .. } => collect_by(inner, by),
        Expr::Binary { left, right, .. } => {
            collect_by(left, by);
            collect_by(right, by);
        }
        Expr::Call(call) => {
            for argument in &call.arguments {
                if let Argument::Expr { expr, .. } = argument {
                    collect_by(expr, by);
                }
            }
        }
        Expr::Number(_) | Expr::Name { .. } => {}
    }
}

/// `… > 5` apart: the comparison is the last one outside of quotes, braces and parentheses.
pub(super) fn split_comparison(query: &str) -> Result<(&str, Comparator, f64), String> {
    let missing = || "it ends with a comparison: … > 5".to_owned();
    let mut depth = 0i32;
    let mut quote = None;
    let mut found = None;
    for (at, c) in query.char_indices() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '(' | '{' | '[') => depth += 1,
            (None, ')' | '}' | ']') => depth -= 1,
            (None, '>' | '<' | '=' | '!') if depth == 0 => found = found.or(Some(at)),
            _ => {}
        }
    }
    let at = found.ok_or_else(missing)?;
    let rest = &query[at..];
    let len = rest.find(|c| !matches!(c, '>' | '<' | '=' | '!')).ok_or_else(missing)?;
    let comparator = Comparator::parse(&rest[..len])
        .ok_or_else(|| format!("{} is not a comparison; > >= < <= == != are", &rest[..len]))?;
    let number = rest[len..].trim();
    let threshold = number.parse().ok().filter(|n: &f64| n.is_finite());
    let threshold = threshold.ok_or_else(|| format!("{number} is not a number to compare with"))?;
    Ok((query[..at].trim_end(), comparator, threshold))
}
