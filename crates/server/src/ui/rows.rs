//! What the pages ask of logs, spans and events, one file a question. A search that can't be read is answered with its place
//! under `error`, so that the input can show it.

pub(crate) mod aggregate;
pub(crate) mod around;
pub(crate) mod delete;
pub(crate) mod patterns;
pub(crate) mod search;
pub(crate) mod shapes;
pub(crate) mod tail;

use crate::answer::{Answer, Failure, ok};
use crate::extract::read_json;
use crate::rows;
use axum::response::Response;
use oriel_model::{Filter, Signal};
use oriel_store::NsRange;
use serde::Deserialize;
use serde_json::json;

/// What every question begins with.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Scope {
    signal: Signal,
    #[serde(default)]
    query: String,
    from_ms: i64,
    to_ms: i64,
}

/// A scope that can be run.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) signal: Signal,
    pub(crate) filter: Filter,
    pub(crate) range: NsRange,
    pub(crate) from_ms: i64,
    pub(crate) to_ms: i64,
}

impl Scope {
    /// The filter and range, or the answer that shows what is wrong with the search.
    pub(crate) fn wanted(&self) -> Answer<Result<Wanted, Response>> {
        if !Signal::WIDE.contains(&self.signal) {
            return Err(Failure::invalid("signal is metrics; expected logs, spans or events"));
        }
        if self.to_ms <= self.from_ms {
            return Err(Failure::invalid("the range is empty; from_ms must lie before to_ms"));
        }
        let (from_ms, to_ms) = (self.from_ms, self.to_ms);
        Ok(match rows::filter(self.signal, &self.query) {
            Ok(filter) => {
                let range = rows::ns_range(from_ms, to_ms);
                Ok(Wanted { signal: self.signal, filter, range, from_ms, to_ms })
            }
            Err(e) => Err(ok(&json!({ "error": rows::problem(&e) }))),
        })
    }
}

/// A body of the pages.
pub(crate) fn parse<T: for<'de> Deserialize<'de>>(body: &[u8]) -> Answer<T> {
    read_json(body)
}
