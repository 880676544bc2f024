//! The engine: a request over one reader becomes outcomes, one a query or formula.

use crate::pool::Pool;
use crate::request::{Outcome, Request};
use crate::rows::RowAggregator;
use crate::{Error, Result, exec, plan};
use oriel_store::MetricReader;
use std::sync::Arc;

/// Queries, and formulas, of one request; the largest widgets have a dozen.
const QUERIES_MAX: usize = 100;

/// Runs metric queries on threads of its own.
pub struct Engine {
    pool: Arc<Pool>,
}

impl Engine {
    /// With this many threads for one query, its caller among them.
    pub fn new(threads: usize) -> Self {
        Self { pool: Arc::new(Pool::new(threads)) }
    }

    /// Answers every query or, when there are formulas, every formula. CPU-bound and blocking: never call it on an I/O thread.
    /// An error of one query is in its outcome; `Err` means the request itself can't be run.
    pub fn run(&self, reader: &Arc<dyn MetricReader>, request: &Request) -> Result<Vec<Outcome>> {
        self.run_with_rows(reader, None, request)
    }

    /// The same with [`Request::row_queries`], whose rows come from `rows` ([`crate::rows::StoreRows`]): formulas may use them
    /// beside metric queries. Without formulas the outcomes of row queries follow those of metric queries.
    pub fn run_with_rows(
        &self,
        reader: &Arc<dyn MetricReader>,
        rows: Option<&dyn RowAggregator>,
        request: &Request,
    ) -> Result<Vec<Outcome>> {
        check(request)?;
        let by_formula = !request.formulas.is_empty();
        let wanted = if by_formula { &request.formulas } else { &request.queries };
        let mut session =
            exec::Session::new(Arc::clone(reader), Arc::clone(&self.pool), request).with_rows(rows);
        let mut outcomes: Vec<Outcome> = wanted
            .iter()
            .map(|named| Outcome {
                name: named.name.clone(),
                text: named.text.clone(),
                result: plan::build(request, named).and_then(|plan| session.run(&plan)),
            })
            .collect();
        for named in request.row_queries.iter().filter(|_| !by_formula) {
            outcomes.push(Outcome {
                name: named.name.clone(),
                text: named.query.search.clone(),
                result: session.run(&plan::of_rows(request, named)),
            });
        }
        Ok(outcomes)
    }
}

/// Times that a range may have: until the year 2286. Sums of them and shifts of ten years stay far from overflow.
const TIME_MS_MAX: i64 = 10_000_000_000_000;

fn check(request: &Request) -> Result<()> {
    let sound = |t: i64| (-TIME_MS_MAX..=TIME_MS_MAX).contains(&t);
    if !sound(request.range.start) || !sound(request.range.end) {
        return Err(Error::Request(
            "the time range lies outside of what can be stored; give milliseconds".into(),
        ));
    }
    if request.range.is_empty() {
        return Err(Error::Request("the time range is empty; its start must lie before its end".into()));
    }
    if request.queries.len() + request.row_queries.len() > QUERIES_MAX || request.formulas.len() > QUERIES_MAX
    {
        return Err(Error::Request("a request has at most 100 queries and 100 formulas; split it".into()));
    }
    if request.step_ms.is_some_and(|s| s < 1000) {
        return Err(Error::Request("the step must be at least one second".into()));
    }
    Ok(())
}
