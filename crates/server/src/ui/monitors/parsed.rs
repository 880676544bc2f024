//! What a rule measures, as charts take it: the same objects as `/api/ui/query`.

use oriel_model::Signal;
use oriel_monitor::Rule;
use oriel_monitor::rule::{Reduction, SeriesRule, Target};
use oriel_query::rows::Aggregation;
use oriel_query::{NamedRows, Reducer};
use serde_json::{Value, json};

/// `parsed` of answers about monitors.
pub(crate) fn parsed(rule: &Rule) -> Value {
    let now = oriel_model::TimeRange::new(0, 0);
    let window = match &rule.target {
        Target::Series(series) => series.window_at(now.start),
        _ => rule.window(now.start),
    };
    let (queries, formula, aggregation) = match &rule.target {
        Target::Series(series) => {
            (queries(series), series.formula.clone(), Some(time_aggregation(&series.reduction)))
        }
        _ => (Vec::new(), None, None),
    };
    json!({
        "kind": rule.kind.as_str(),
        "time_aggregation": aggregation,
        "window_ms": window.len_ms(),
        "comparator": rule.comparator.as_str(),
        "thresholds": thresholds(rule),
        "group_by": rule.group_by(),
        "queries": queries,
        "formula": formula,
    })
}

pub(crate) fn thresholds(rule: &Rule) -> Value {
    let thresholds = &rule.thresholds;
    json!({
        "critical": thresholds.critical,
        "warning": thresholds.warning,
        "critical_recovery": thresholds.critical_recovery,
        "warning_recovery": thresholds.warning_recovery,
        "ok": thresholds.ok,
        "unknown": thresholds.unknown,
    })
}

fn time_aggregation(reduction: &Reduction) -> String {
    match reduction {
        Reduction::Window(aggregation) => word(aggregation.0),
        Reduction::Change { inner, percent } => {
            let change = if *percent { "pct_change" } else { "change" };
            format!("{change}({})", word(inner.aggregation.0))
        }
        Reduction::Anomalies { .. } => "anomalies".to_owned(),
        Reduction::Outliers => "outliers".to_owned(),
        Reduction::Forecast { .. } => "forecast".to_owned(),
        Reduction::Formula { .. } => "formula".to_owned(),
    }
}

fn word(reducer: Reducer) -> String {
    match reducer {
        Reducer::Percentile(p) => format!("p{p}"),
        other => format!("{other:?}").to_lowercase(),
    }
}

fn queries(series: &SeriesRule) -> Vec<Value> {
    let metrics =
        series.queries.iter().map(|q| json!({ "name": q.name, "data_source": "metrics", "query": q.text }));
    metrics.chain(series.row_queries.iter().map(rows)).collect()
}

fn rows(named: &NamedRows) -> Value {
    let query = &named.query;
    let source = match query.signal {
        Signal::Spans => "spans",
        Signal::Events => "events",
        _ => "logs",
    };
    let aggregation = match query.compute.aggregation {
        Aggregation::Percentile(p) => format!("pc{}", p * 100.0),
        other => format!("{other:?}").to_lowercase(),
    };
    let groups = query.group_by.iter().map(|group| {
        let order = if group.sort.descending { "desc" } else { "asc" };
        json!({ "facet": group.field.to_string(), "limit": group.limit, "sort": { "order": order } })
    });
    json!({
        "name": named.name,
        "data_source": source,
        "search": { "query": query.search },
        "compute": {
            "aggregation": aggregation,
            "metric": query.compute.field.as_ref().map(ToString::to_string),
            "interval": query.interval_ms,
        },
        "group_by": groups.collect::<Vec<_>>(),
    })
}
