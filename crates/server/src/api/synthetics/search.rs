//! `GET /api/v1/synthetics/tests/search`, by words of the name, tags, and `type:`, `subtype:` and `status:`; and where tests run
//! that name no place.

use super::{Kept, all};
use crate::answer::{Answer, ok};
use crate::app::App;
use crate::auth::Reader;
use crate::extract::Query;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// Tests of a page when nothing is said, and at most.
const PAGE: usize = 50;
const PAGE_MAX: usize = 1_000;

#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    text: String,
    #[serde(default)]
    start: usize,
    count: Option<usize>,
    #[serde(default)]
    include_full_config: bool,
}

fn matches(text: &str, kept: &Kept) -> bool {
    let body = &kept.document.body;
    let name = body["name"].as_str().unwrap_or_default().to_lowercase();
    let tags: Vec<&str> = body["tags"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    text.split_whitespace().all(|word| {
        let word = word.trim_matches('"');
        match word.split_once(':') {
            Some((field @ ("type" | "subtype" | "status"), wanted)) => body[field] == wanted,
            Some(("tag", wanted)) => tags.contains(&wanted.trim_matches('"')),
            Some(_) => tags.contains(&word),
            None => name.contains(&word.to_lowercase()),
        }
    })
}

/// The handler.
pub(crate) async fn search(
    State(app): State<Arc<App>>,
    reader: Reader,
    Query(asked): Query<Asked>,
) -> Answer {
    let mut found = all(&app, reader.org).await?;
    found.retain(|kept| matches(&asked.text, kept));
    let page = found.iter().skip(asked.start).take(asked.count.unwrap_or(PAGE).min(PAGE_MAX));
    let tests: Vec<Value> = page
        .map(|kept| {
            let mut shown = kept.shown();
            if let Some(fields) = shown.as_object_mut().filter(|_| !asked.include_full_config) {
                fields.remove("config");
            }
            shown
        })
        .collect();
    Ok(ok(&json!({ "tests": tests, "total": found.len() })))
}

/// `GET /api/v1/synthetics/settings/default_locations`: the server's own agent.
pub(crate) async fn default_locations(State(app): State<Arc<App>>, _: Reader) -> Answer {
    Ok(ok(&json!([app.options.hostname])))
}
