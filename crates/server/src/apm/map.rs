//! Who calls whom, from the edge metrics: counted where a span's parent belongs to another service.

use super::{Health, Scope, operations, primary};
use oriel_query::{TotalsRequest, count_totals, sketch_totals};
use oriel_store::{Cancel, Matcher, MetricReader};
use serde::Serialize;
use std::collections::BTreeMap;

const EDGE: &str = "oriel.trace.edge";

/// A service beside another one.
#[derive(Serialize)]
pub(crate) struct Neighbour {
    service: String,
    #[serde(flatten)]
    health: Health,
}

#[derive(Serialize)]
pub(crate) struct Node {
    service: String,
    r#type: String,
    #[serde(flatten)]
    health: Health,
}

#[derive(Serialize)]
pub(crate) struct Edge {
    pub(crate) from: String,
    pub(crate) to: String,
    #[serde(flatten)]
    health: Health,
}

#[derive(Serialize)]
pub(crate) struct ServiceMap {
    nodes: Vec<Node>,
    pub(crate) edges: Vec<Edge>,
}

/// Calls between services that the matcher wants.
pub(crate) fn edges(
    reader: &dyn MetricReader,
    scope: &Scope,
    matcher: &Matcher,
    cancel: &Cancel,
) -> oriel_query::Result<Vec<Edge>> {
    let by = ["from_service", "to_service"];
    let of = |metric: &str| {
        let request = TotalsRequest { metric, matcher, by: &by, range: scope.range };
        count_totals(reader, &request, cancel)
    };
    let (hits, errors) = (of(&format!("{EDGE}.hits"))?, of(&format!("{EDGE}.errors"))?);
    let latency =
        sketch_totals(reader, &TotalsRequest { metric: EDGE, matcher, by: &by, range: scope.range }, cancel)?;
    Ok(hits
        .into_iter()
        .map(|(key, total)| {
            let errors = errors.get(&key).map_or(0.0, |e| e.count);
            let health = Health::new(total.count, errors, latency.get(&key), scope.seconds());
            let [from, to] = <[String; 2]>::try_from(key).unwrap_or_default();
            Edge { from, to, health }
        })
        .collect())
}

/// Everything in the scope.
pub(crate) fn whole(
    reader: &dyn MetricReader,
    scope: &Scope,
    cancel: &Cancel,
) -> oriel_query::Result<ServiceMap> {
    let edges = edges(reader, scope, &env_only(scope), cancel)?;
    let all = operations(reader, scope, None, cancel)?;
    let best = primary(&all);
    let mut nodes: BTreeMap<String, Node> = BTreeMap::new();
    for entry in super::service::list(reader, scope, cancel)? {
        let (service, health) = entry.into_parts();
        let r#type = best.get(service.as_str()).map(|o| o.r#type.clone()).unwrap_or_default();
        nodes.insert(service.clone(), Node { service, r#type, health });
    }
    // A database that is only called has no operation of its own.
    for edge in &edges {
        for service in [&edge.from, &edge.to] {
            nodes.entry(service.clone()).or_insert_with(|| Node {
                service: service.clone(),
                r#type: String::new(),
                health: if *service == edge.to { edge.health.clone() } else { Health::default() },
            });
        }
    }
    Ok(ServiceMap { nodes: nodes.into_values().collect(), edges })
}

/// Callers of a service, and what it calls.
pub(crate) fn neighbours(
    reader: &dyn MetricReader,
    scope: &Scope,
    service: &str,
    cancel: &Cancel,
) -> oriel_query::Result<(Vec<Neighbour>, Vec<Neighbour>)> {
    let of = |key: &str| {
        let matcher = Matcher::And(vec![env_only(scope), super::equals(key, service)]);
        edges(reader, scope, &matcher, cancel)
    };
    let up = of("to_service")?.into_iter().map(|e| Neighbour { service: e.from, health: e.health });
    let down = of("from_service")?.into_iter().map(|e| Neighbour { service: e.to, health: e.health });
    Ok((up.collect(), down.collect()))
}

/// Edges bear no version.
pub(crate) fn env_only(scope: &Scope) -> Matcher {
    Scope { version: None, ..scope.clone() }.matcher(&[])
}
