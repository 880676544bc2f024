//! Pages of services: the list, one service, one resource, the map.

use crate::answer::{Answer, Failure, ok};
use crate::apm::{self, Scope, map, service};
use crate::app::App;
use crate::auth::Reader;
use crate::extract::{Path, Query};
use crate::rows;
use axum::extract::State;
use oriel_model::{Core, Field, Filter, Signal, Test, TimeRange};
use oriel_query::trace::duration_histogram;
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;

#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    env: Option<String>,
    #[serde(default)]
    version: Option<String>,
    #[serde(default)]
    operation: Option<String>,
    #[serde(default)]
    resource: Option<String>,
    from_ms: i64,
    to_ms: i64,
}

impl Asked {
    fn scope(&self) -> Answer<Scope> {
        let range = TimeRange::new(self.from_ms, self.to_ms);
        if range.is_empty() {
            return Err(Failure::invalid("the range is empty; from_ms must lie before to_ms"));
        }
        Ok(Scope { env: self.env.clone(), version: self.version.clone(), range })
    }
}

/// `GET /api/ui/services`.
pub(crate) async fn list(State(app): State<Arc<App>>, reader: Reader, Query(asked): Query<Asked>) -> Answer {
    let scope = asked.scope()?;
    let (envs, services) = apm::read_metrics(&app, reader.org, move |reader, cancel| {
        // Environments are offered whatever is chosen.
        let every = Scope { env: None, version: None, ..scope.clone() };
        let all = apm::operations(reader, &every, None, cancel)?;
        let envs: BTreeSet<String> = all.into_iter().flat_map(|o| o.envs).collect();
        Ok((envs, service::list(reader, &scope, cancel)?))
    })
    .await?;
    Ok(ok(&json!({ "envs": envs, "services": services })))
}

/// `GET /api/ui/services/{name}`.
pub(crate) async fn one(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(name): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    let scope = asked.scope()?;
    let (wanted, of) = (scope.clone(), name.clone());
    let found = apm::read_metrics(&app, reader.org, move |reader, cancel| {
        service::one(reader, &wanted, (&of, asked.operation.as_deref()), cancel)
    });
    let of = name.clone();
    let issues = rows::read_rows(&app, (reader.org, Signal::Spans), move |rows, cancel| {
        service::issues(rows, &scope, &of, cancel)
    });
    let (found, issues) = tokio::try_join!(found, issues)?;
    let Some(service) = found else {
        return Err(Failure::not_found(format!("service {name:?} sent nothing in this range")));
    };
    let mut body = serde_json::to_value(&service).unwrap_or_default();
    body["error_issues"] = json!(issues);
    Ok(ok(&body))
}

/// `GET /api/ui/services/{name}/resources/summary`: how long a resource took, from its spans.
pub(crate) async fn resource(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(name): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    let scope = asked.scope()?;
    let named = [
        (Core::Service, Some(name)),
        (Core::Resource, asked.resource),
        (Core::Name, asked.operation),
        (Core::Env, asked.env),
        (Core::Version, asked.version),
    ];
    let filter = Filter::And(
        named
            .into_iter()
            .filter_map(|(core, text)| text.filter(|t| !t.is_empty()).map(|t| (core, t)))
            .map(|(core, text)| Filter::Is(Field::Core(core), Test::Equals(text.into())))
            .collect(),
    );
    let range = rows::ns_range(scope.range.start, scope.range.end);
    let summary = rows::read_rows(&app, (reader.org, Signal::Spans), move |rows, cancel| {
        duration_histogram(rows, range, &filter, cancel)
    })
    .await?;
    let hits: f64 = summary.counts.iter().sum();
    let errors: f64 = summary.errors.iter().sum();
    Ok(ok(&json!({
        "hits": hits,
        "errors": errors,
        "avg_spans_per_trace": summary.spans_per_trace,
        "distribution": { "bounds_ns": summary.bounds_ns, "counts": summary.counts, "errors": summary.errors },
    })))
}

/// `GET /api/ui/service-map`.
pub(crate) async fn service_map(
    State(app): State<Arc<App>>,
    reader: Reader,
    Query(asked): Query<Asked>,
) -> Answer {
    let scope = asked.scope()?;
    let map =
        apm::read_metrics(&app, reader.org, move |reader, cancel| map::whole(reader, &scope, cancel)).await?;
    Ok(ok(&map))
}
