//! What services did, read from the trace metrics, which count all traffic before any sampling.
//!
//! A service is known by the operations it was entered through; its *primary* operation is the one most often entered as a
//! server or consumer, else the busiest. Everything here is totals over a range; charts are ordinary metric queries.

pub(crate) mod map;
pub(crate) mod service;

use crate::app::App;
use crate::rows::on_turn;
use oriel_model::{OrgId, Sketch, TimeMs, TimeRange};
use oriel_query::{CountTotal, SketchTotal, TotalsRequest, count_totals, sketch_totals};
use oriel_store::{Cancel, Matcher, MetricReader};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Metric of an operation: `trace.<operation>` is its latency in seconds, with these endings beside it.
const PREFIX: &str = "trace.";
const HITS: &str = ".hits";
const ERRORS: &str = ".errors";

/// Answers within this are satisfied, within four times this tolerated (Apdex 1.1; the product people know starts at 0.5 s).
const APDEX_S: f64 = 0.5;

/// What is asked, of every page of services.
#[derive(Clone, Debug)]
pub(crate) struct Scope {
    pub(crate) env: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) range: TimeRange,
}

impl Scope {
    pub(crate) fn matcher(&self, more: &[(&str, &str)]) -> Matcher {
        let named = [("env", &self.env), ("version", &self.version)];
        let mut all: Vec<Matcher> = named
            .iter()
            .filter_map(|(key, value)| value.as_deref().filter(|v| !v.is_empty()).map(|v| equals(key, v)))
            .collect();
        all.extend(more.iter().map(|(key, value)| equals(key, value)));
        Matcher::And(all)
    }

    fn seconds(&self) -> f64 {
        (self.range.len_ms() as f64 / 1000.0).max(1.0)
    }
}

fn equals(key: &str, value: &str) -> Matcher {
    Matcher::Equals { key: key.into(), value: value.into() }
}

/// Requests, errors and latency of something over a range.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Health {
    pub(crate) hits: f64,
    pub(crate) hits_per_s: f64,
    pub(crate) errors: f64,
    pub(crate) error_rate: f64,
    pub(crate) avg_ms: Option<f64>,
    pub(crate) p50_ms: Option<f64>,
    pub(crate) p75_ms: Option<f64>,
    pub(crate) p90_ms: Option<f64>,
    pub(crate) p95_ms: Option<f64>,
    pub(crate) p99_ms: Option<f64>,
    pub(crate) total_ms: f64,
    pub(crate) apdex: Option<f64>,
}

impl Health {
    pub(crate) fn new(hits: f64, errors: f64, latency: Option<&SketchTotal>, seconds: f64) -> Self {
        let ms = |q: f64| latency.map(|l| l.sketch.quantile(q) * 1000.0);
        Self {
            hits,
            hits_per_s: hits / seconds,
            errors,
            error_rate: if hits > 0.0 { errors / hits } else { 0.0 },
            avg_ms: latency.map(|l| l.sum / l.count as f64 * 1000.0),
            p50_ms: ms(0.5),
            p75_ms: ms(0.75),
            p90_ms: ms(0.9),
            p95_ms: ms(0.95),
            p99_ms: ms(0.99),
            total_ms: latency.map_or(0.0, |l| l.sum * 1000.0),
            apdex: latency.map(|l| apdex(&l.sketch, errors)),
        }
    }
}

/// Satisfied and half of the tolerated over all; an error satisfies nobody.
fn apdex(latency: &Sketch, errors: f64) -> f64 {
    let within = |limit_s: f64| -> f64 {
        let bins = latency.bins.iter().filter(|(key, _)| latency.mapping.value(*key) <= limit_s);
        bins.map(|&(_, n)| n as f64).sum()
    };
    let all = latency.count as f64;
    if all == 0.0 {
        return 0.0;
    }
    let (satisfied, tolerated) = (within(APDEX_S), within(4.0 * APDEX_S));
    let score = (satisfied + (tolerated - satisfied) / 2.0 - errors) / all;
    score.clamp(0.0, 1.0)
}

/// One operation of one service.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    pub(crate) name: String,
    pub(crate) service: String,
    pub(crate) kind: String,
    pub(crate) r#type: String,
    pub(crate) hits: f64,
    pub(crate) envs: BTreeSet<String>,
    pub(crate) versions: BTreeSet<String>,
    pub(crate) last_ms: TimeMs,
}

impl Operation {
    /// Entered from outside, in order of how surely.
    fn rank(&self) -> (bool, f64) {
        let entered = matches!(self.kind.as_str(), "server" | "consumer")
            || matches!(self.r#type.as_str(), "web" | "worker" | "serverless" | "rpc");
        (entered, self.hits)
    }
}

/// Names of operations that have trace metrics in the range.
pub(crate) fn operation_names(
    reader: &dyn MetricReader,
    range: TimeRange,
) -> oriel_query::Result<Vec<String>> {
    let names = reader.metrics(range)?;
    Ok(names
        .iter()
        .filter_map(|n| n.strip_prefix(PREFIX)?.strip_suffix(HITS))
        .filter(|n| !n.is_empty())
        .map(str::to_owned)
        .collect())
}

/// Every operation of every service in the scope, or of one service.
pub(crate) fn operations(
    reader: &dyn MetricReader,
    scope: &Scope,
    service: Option<&str>,
    cancel: &Cancel,
) -> oriel_query::Result<Vec<Operation>> {
    let only: Vec<(&str, &str)> = service.map(|s| ("service", s)).into_iter().collect();
    let matcher = scope.matcher(&only);
    let mut found: BTreeMap<(String, String), Operation> = BTreeMap::new();
    for name in operation_names(reader, scope.range)? {
        let metric = format!("{PREFIX}{name}{HITS}");
        let by = ["service", "env", "version", "span.kind", "type"];
        let request = TotalsRequest { metric: &metric, matcher: &matcher, by: &by, range: scope.range };
        for (key, total) in count_totals(reader, &request, cancel)? {
            let [service, env, version, kind, r#type] = <[String; 5]>::try_from(key).unwrap_or_default();
            let place = (service.clone(), name.clone());
            let operation = found.entry(place).or_insert_with(|| Operation {
                name: name.clone(),
                service,
                kind: String::new(),
                r#type: String::new(),
                hits: 0.0,
                envs: BTreeSet::new(),
                versions: BTreeSet::new(),
                last_ms: i64::MIN,
            });
            operation.take((env, version, kind, r#type), &total);
        }
    }
    Ok(found.into_values().collect())
}

impl Operation {
    fn take(&mut self, (env, version, kind, r#type): (String, String, String, String), total: &CountTotal) {
        self.hits += total.count;
        self.last_ms = self.last_ms.max(total.last_ms);
        let keep = |set: &mut BTreeSet<String>, value: String| {
            if !value.is_empty() {
                set.insert(value);
            }
        };
        keep(&mut self.envs, env);
        keep(&mut self.versions, version);
        // The kind that enters a service says more than the others.
        if self.kind.is_empty() || matches!(kind.as_str(), "server" | "consumer") {
            self.kind = kind;
        }
        if self.r#type.is_empty() {
            self.r#type = r#type;
        }
    }
}

/// The primary operation of each service.
pub(crate) fn primary(operations: &[Operation]) -> BTreeMap<&str, &Operation> {
    let mut best: BTreeMap<&str, &Operation> = BTreeMap::new();
    for operation in operations {
        let held = best.entry(&operation.service).or_insert(operation);
        if operation.rank() > held.rank() {
            *held = operation;
        }
    }
    best
}

/// Requests, errors and latency of an operation by some tags.
pub(crate) fn health_by(
    reader: &dyn MetricReader,
    scope: &Scope,
    (operation, matcher, by): (&str, &Matcher, &[&str]),
    cancel: &Cancel,
) -> oriel_query::Result<BTreeMap<Vec<String>, (Health, CountTotal)>> {
    let of = |metric: &str| -> oriel_query::Result<BTreeMap<Vec<String>, CountTotal>> {
        let request = TotalsRequest { metric, matcher, by, range: scope.range };
        count_totals(reader, &request, cancel)
    };
    let hits = of(&format!("{PREFIX}{operation}{HITS}"))?;
    let errors = of(&format!("{PREFIX}{operation}{ERRORS}"))?;
    let metric = format!("{PREFIX}{operation}");
    let request = TotalsRequest { metric: &metric, matcher, by, range: scope.range };
    let latency = sketch_totals(reader, &request, cancel)?;
    let seconds = scope.seconds();
    Ok(hits
        .into_iter()
        .map(|(key, total)| {
            let errors = errors.get(&key).map_or(0.0, |e| e.count);
            let health = Health::new(total.count, errors, latency.get(&key), seconds);
            (key, (health, total))
        })
        .collect())
}

/// Runs a read of metrics, in turn with every other read.
pub(crate) async fn read_metrics<T, F>(app: &Arc<App>, org: OrgId, work: F) -> crate::answer::Answer<T>
where
    T: Send + 'static,
    F: FnOnce(&dyn MetricReader, &Cancel) -> oriel_query::Result<T> + Send + 'static,
{
    on_turn(app, move |app, cancel| work(&*app.store.metrics(org), cancel)).await
}

#[cfg(test)]
mod tests;
