//! `GET /api/v1/search?q=`: names of metrics and hosts that contain a text; `metrics:` and `hosts:` narrow it to one of them.

use crate::answer::{Answer, ok};
use crate::api::metrics::recent;
use crate::app::App;
use crate::auth::Reader;
use crate::extract::Query;
use crate::query::read;
use axum::extract::State;
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;

/// Names of each sort in an answer.
const RESULTS_MAX: usize = 1000;

#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    q: String,
}

pub(crate) async fn search(
    State(app): State<Arc<App>>,
    reader: Reader,
    Query(asked): Query<Asked>,
) -> Answer {
    let (facet, text) = match asked.q.split_once(':') {
        Some((facet @ ("metrics" | "hosts"), text)) => (Some(facet), text.trim().to_owned()),
        _ => (None, asked.q.trim().to_owned()),
    };
    let mut results = serde_json::Map::new();
    if facet != Some("metrics") {
        let hosts = app.state.hosts(reader.org).await?;
        let found: Vec<&str> =
            hosts.iter().map(|h| h.name.as_str()).filter(|h| h.contains(&text)).take(RESULTS_MAX).collect();
        results.insert("hosts".to_owned(), json!(found));
    }
    if facet != Some("hosts") {
        let (org, range) = (reader.org, recent(&app));
        let names = read(&app, move |app| app.store.metrics(org).metrics(range)).await?;
        let found: Vec<&str> =
            names.iter().map(|n| &**n).filter(|n| n.contains(&text)).take(RESULTS_MAX).collect();
        results.insert("metrics".to_owned(), json!(found));
    }
    Ok(ok(&json!({ "results": results })))
}
