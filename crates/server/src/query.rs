//! The one road of a read, for pages and APIs alike: take a reader, run the engine on a thread that may block, and stop it when
//! the client goes away.

pub(crate) mod rows;

use crate::answer::{Answer, Failure};
use crate::app::App;
use oriel_model::{Code, FrameSeries, OrgId, TimeRange};
use oriel_query::rows::StoreRows;
use oriel_query::{Outcome, Request};
use oriel_state::Unit;
use oriel_store::Cancel;
use serde::{Serialize, Serializer};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::OwnedSemaphorePermit;

/// A query takes at most this long; the pages' own patience is shorter.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);
/// How long a query waits for its turn before the client is told to come back.
const QUEUE: Duration = Duration::from_secs(10);

/// Cancels the run when the handler's future is dropped.
pub(crate) struct CancelOnDrop(pub(crate) Cancel);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// A place among the reads that run at once.
pub(crate) async fn turn(app: &App) -> Answer<OwnedSemaphorePermit> {
    match tokio::time::timeout(QUEUE, app.turns.clone().acquire_owned()).await {
        Ok(Ok(turn)) => Ok(turn),
        _ => Err(Failure::busy("too many queries run at once; ask again in 5 s", 5)),
    }
}

/// Runs a request over a fresh reader of the org; counted and timed.
pub(crate) async fn run(app: &Arc<App>, org: OrgId, mut request: Request) -> Answer<Vec<Outcome>> {
    let turn = turn(app).await?;
    let begin = Instant::now();
    request.deadline = Some(begin + DEADLINE);
    let guard = CancelOnDrop(request.cancel.clone());
    let worker = Arc::clone(app);
    let task = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        let reader = worker.store.metrics(org);
        let rows = StoreRows { store: Arc::clone(&worker.store), org };
        worker.engine.run_with_rows(&reader, Some(&rows), &request)
    });
    let outcomes = task.await??;
    drop(guard);
    app.figures.query(begin.elapsed(), outcomes.iter().filter(|o| o.result.is_err()).count());
    Ok(outcomes)
}

/// Runs something over a reader on a thread that may block.
pub(crate) async fn read<T, F>(app: &Arc<App>, work: F) -> Answer<T>
where
    T: Send + 'static,
    F: FnOnce(&App) -> Result<T, oriel_store::Error> + Send + 'static,
{
    let app = Arc::clone(app);
    Ok(tokio::task::spawn_blocking(move || work(&app)).await??)
}

/// A request for lines over a range, now.
pub(crate) fn request(app: &App, range: TimeRange) -> Request {
    Request::new(range, app.now_ms())
}

/// The failure of one query, when an answer has room for one only.
pub(crate) fn failure_of(outcome: &Outcome, error: &oriel_query::Error) -> Failure {
    let expected = match error.expected() {
        [] => String::new(),
        words => format!("; expected {}", words.join(" or ")),
    };
    let place = error.position().map(|p| format!(" at position {p}")).unwrap_or_default();
    let mut text = error.to_string();
    // The error's own text may say both already.
    if !text.contains("position") {
        text.push_str(&place);
    }
    if !text.contains("expected") {
        text.push_str(&expected);
    }
    let code = error.code();
    let message = if code == Code::Invalid { format!("query {:?}: {text}", outcome.text) } else { text };
    Failure::of_code(code, message)
}

/// The unit of a column, and whether it is per second.
pub(crate) fn unit_of(
    app: &App,
    org: OrgId,
    series: &FrameSeries,
    text: &str,
) -> (Option<Unit>, Option<Unit>) {
    let names = |metric: String| {
        let metadata = app.state.metric_metadata(org, &metric);
        (metadata.unit, metadata.per_unit)
    };
    let found = if series.name.bytes().all(is_metric_byte) {
        Some(names(series.name.clone()))
    } else {
        // A calculated column is named after its whole expression, also where a formula only wrote `a - b`. A sum or difference
        // of one unit has that unit.
        let expression = if series.name.contains('{') { &series.name } else { text };
        let mut terms = terms(expression).into_iter().map(|term| only_metric(term).map(names));
        let first = terms.next().flatten();
        if terms.all(|term| term == first) { first } else { None }
    };
    let Some((unit, per_unit)) = found else { return (None, None) };
    let find = |name: Option<String>| name.and_then(|n| oriel_state::unit_by_name(&n));
    (find(unit), find(per_unit))
}

/// The terms of a sum: what stands between pluses and minuses outside of braces and parentheses.
fn terms(text: &str) -> Vec<&str> {
    let (mut depth, mut start, mut parts) = (0_i32, 0, Vec::new());
    for (at, c) in text.char_indices() {
        match c {
            '{' | '(' => depth += 1,
            '}' | ')' => depth -= 1,
            '+' | '-' if depth == 0 && text[at + 1..].starts_with(' ') => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

fn is_metric_byte(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.')
}

/// Functions whose result has the unit of what they are given.
const KEEPS_UNIT: [&str; 24] = [
    "abs",
    "anomalies",
    "autosmooth",
    "calendar_shift",
    "clamp_max",
    "clamp_min",
    "cutoff_max",
    "cutoff_min",
    "day_before",
    "default_zero",
    "diff",
    "exclude_null",
    "fill",
    "forecast",
    "hour_before",
    "month_before",
    "moving_rollup",
    "outliers",
    "robust_trend",
    "rollup",
    "timeshift",
    "top",
    "trend_line",
    "week_before",
];

/// The metric of a query that reads just one and keeps its unit, read off the text: what stands before its one `{`, when every
/// function around it keeps units and nothing is calculated.
fn only_metric(text: &str) -> Option<String> {
    let mut metric: Option<&str> = None;
    let (mut depth, mut quoted) = (0_u32, false);
    for (at, c) in text.char_indices() {
        match c {
            '\'' | '"' => quoted = !quoted,
            _ if quoted => {}
            '{' if depth == 0 => {
                depth = 1;
                match word_before(text, at) {
                    "by" => {}
                    word if metric.is_some_and(|m| m != word) || word.is_empty() => return None,
                    word => metric = Some(word),
                }
            }
            '{' => depth += 1,
            '}' => depth = depth.checked_sub(1)?,
            _ if depth > 0 => {}
            '+' | '*' | '/' => return None,
            '-' if text[at + 1..].starts_with(' ') => return None,
            '(' if !keeps_unit(word_before(text, at)) => return None,
            _ => {}
        }
    }
    metric.map(str::to_owned)
}

/// The name that ends at a byte, blanks skipped.
fn word_before(text: &str, at: usize) -> &str {
    let head = text[..at].trim_end();
    let start = head.bytes().rposition(|b| !is_metric_byte(b)).map_or(0, |i| i + 1);
    &head[start..]
}

fn keeps_unit(function: &str) -> bool {
    // A modifier comes after the metric; `.as_rate()` and its like change what is counted, not the word for it.
    function.is_empty()
        || function.starts_with('.')
        || KEEPS_UNIT.contains(&function)
        || ["ewma_", "median_", "top", "bottom", "rollingavg_"].iter().any(|p| function.starts_with(p))
}

/// Serialises a number so that what is not finite becomes `null`.
pub(crate) struct Column<'a>(pub(crate) &'a [f64]);

impl Serialize for Column<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // serde_json writes NaN and infinities as null, which is what readers expect of a missing value.
        serializer.collect_seq(self.0)
    }
}

#[cfg(test)]
mod tests;
