//! `GET /api/v1/service_dependencies` and `/{service}`: who calls whom in an environment.

use crate::answer::{Answer, Failure, ok};
use crate::apm::{self, Scope, map};
use crate::app::App;
use crate::auth::Reader;
use crate::extract::{Path, Query};
use axum::extract::State;
use oriel_model::TimeRange;
use serde::Deserialize;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What is asked when nothing is said: the last hour, as the API has it.
const SPAN_S: i64 = 3600;

#[derive(Deserialize)]
pub(crate) struct Asked {
    env: Option<String>,
    /// Seconds.
    start: Option<i64>,
    end: Option<i64>,
}

type Calls = BTreeMap<String, BTreeSet<String>>;

pub(crate) async fn all(State(app): State<Arc<App>>, reader: Reader, Query(asked): Query<Asked>) -> Answer {
    let mut calls = calls(&app, &reader, asked).await?;
    let called: BTreeSet<String> = calls.values().flatten().cloned().collect();
    called.into_iter().for_each(|service| {
        calls.entry(service).or_default();
    });
    let body: BTreeMap<_, _> = calls.iter().map(|(from, to)| (from, json!({ "calls": to }))).collect();
    Ok(ok(&body))
}

pub(crate) async fn one(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(service): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    let calls = calls(&app, &reader, asked).await?;
    let by: BTreeSet<&String> =
        calls.iter().filter(|(_, to)| to.contains(&service)).map(|(from, _)| from).collect();
    let to = calls.get(&service).cloned().unwrap_or_default();
    Ok(ok(&json!({ "name": service, "called_by": by, "calls": to })))
}

async fn calls(app: &Arc<App>, reader: &Reader, asked: Asked) -> Answer<Calls> {
    let env = asked.env.filter(|e| !e.is_empty()).ok_or_else(|| {
        Failure::invalid("the parameter \"env\" is missing; name an environment, or * for all of them")
    })?;
    let end = asked.end.unwrap_or_else(|| app.now_ms() / 1000 + 1);
    let start = asked.start.unwrap_or(end - SPAN_S);
    let range = TimeRange::new(start.saturating_mul(1000), end.saturating_mul(1000));
    let scope = Scope { env: Some(env).filter(|e| e != "*"), version: None, range };
    let edges = apm::read_metrics(app, reader.org, move |reader, cancel| {
        map::edges(reader, &scope, &map::env_only(&scope), cancel)
    });
    let mut calls = Calls::new();
    for edge in edges.await? {
        calls.entry(edge.from).or_default().insert(edge.to);
    }
    Ok(calls)
}
