//! Completion for the query editor.

use crate::answer::{Answer, ok};
use crate::api::metrics::recent;
use crate::app::App;
use crate::auth::Reader;
use crate::extract::Query;
use crate::rows::{ns_range, read_rows};
use axum::extract::State;
use oriel_model::Signal;
use oriel_query::rows::complete_search;
use oriel_query::{Completion, ReaderNames};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    text: String,
    cursor: Option<usize>,
}

#[derive(Serialize)]
struct Answered {
    from: usize,
    to: usize,
    options: Vec<Choice>,
}

#[derive(Serialize)]
struct Choice {
    label: String,
    insert: String,
    kind: &'static str,
    detail: String,
}

pub(crate) async fn complete(
    State(app): State<Arc<App>>,
    reader: Reader,
    Query(asked): Query<Asked>,
) -> Answer {
    let range = recent(&app);
    let reader = app.store.metrics(reader.org);
    let completions = tokio::task::spawn_blocking(move || {
        // The page counts UTF-16 units as editors do; the engine counts bytes.
        let cursor = asked.cursor.map_or(asked.text.len(), |c| byte_of(&asked.text, c));
        let found = oriel_query::complete(&asked.text, cursor, &ReaderNames { reader, range });
        let (from, to) = (unit_of(&asked.text, found.from), unit_of(&asked.text, found.to));
        (from, to, found.options)
    })
    .await?;
    let (from, to, options) = completions;
    Ok(ok(&Answered { from, to, options: options.into_iter().map(choice).collect() }))
}

#[derive(Deserialize)]
pub(crate) struct AskedSearch {
    signal: Signal,
    #[serde(default)]
    text: String,
    cursor: Option<usize>,
}

/// `GET /api/ui/rows/complete`: the same for searches of logs, spans and events.
pub(crate) async fn search(
    State(app): State<Arc<App>>,
    reader: Reader,
    Query(asked): Query<AskedSearch>,
) -> Answer {
    let recent = recent(&app);
    let range = ns_range(recent.start, recent.end);
    let (from, to, options) = read_rows(&app, (reader.org, asked.signal), move |rows, cancel| {
        let cursor = asked.cursor.map_or(asked.text.len(), |c| byte_of(&asked.text, c));
        let found = complete_search(rows, (&asked.text, cursor), range, cancel);
        let (from, to) = (unit_of(&asked.text, found.from), unit_of(&asked.text, found.to));
        Ok((from, to, found.options))
    })
    .await?;
    Ok(ok(&Answered { from, to, options: options.into_iter().map(choice).collect() }))
}

fn choice(completion: Completion) -> Choice {
    Choice {
        label: completion.label,
        insert: completion.insert,
        kind: completion.kind.as_str(),
        detail: completion.detail,
    }
}

/// The byte at which the n-th UTF-16 unit starts; the end when there are fewer.
fn byte_of(text: &str, units: usize) -> usize {
    let mut seen = 0;
    for (at, c) in text.char_indices() {
        if seen >= units {
            return at;
        }
        seen += c.len_utf16();
    }
    text.len()
}

/// How many UTF-16 units stand before a byte.
fn unit_of(text: &str, byte: usize) -> usize {
    text.char_indices().take_while(|(at, _)| *at < byte).map(|(_, c)| c.len_utf16()).sum()
}

#[cfg(test)]
mod tests;
