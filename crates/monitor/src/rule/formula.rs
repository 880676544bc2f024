//! `formula("query1 / query2 * 100").last("5m")`, whose queries stand in `options.variables`.

use super::chain::Chain;
use super::metric::{delay_ms, starts};
use super::read::Reader;
use super::series::{Reduction, SeriesRule, Term, TimeAggregation, step_of};
use super::window::Window;
use super::{Arithmetic, Comparator, Found, Target, rows};
use oriel_model::Signal;
use oriel_query::{Expr, Modifier, Named, NamedRows, Reducer};
use serde_json::Value;

/// Queries of one formula.
const VARIABLES_MAX: usize = 20;

/// The queries of a formula while they are read.
#[derive(Default)]
pub(super) struct Leaves {
    metrics: Vec<(Named, Term)>,
    rows: Vec<(NamedRows, Term)>,
    by: Vec<String>,
    rollup_ms: Option<i64>,
    adds_up: bool,
}

pub(super) fn parse(
    left: &str,
    comparator: Comparator,
    critical: f64,
    reader: &mut Reader<'_>,
) -> Result<Found, String> {
    let (chain, rest) = Chain::read(left)?;
    if !rest.trim().is_empty() || chain.head != "formula" {
        return Err(format!("{} is not expected after the formula", rest.trim()));
    }
    chain.check(&["last", "current", "rollup"])?;
    let window = starts(rows::window_of(&chain)?, reader);
    let variables = reader.raw("/options/variables");
    let leaves = read_variables(variables)?;
    for named in variables.as_array().into_iter().flatten().filter_map(|v| v.get("indexes")?.as_array()) {
        let names: Vec<String> =
            named.iter().filter_map(Value::as_str).filter(|n| *n != "*").map(str::to_owned).collect();
        rows::warn_of_indexes(&names, reader);
    }
    let target = assemble(leaves, &chain.argument, window, reader)?;
    Ok(Found { target, comparator, critical: Some(critical) })
}

/// The rule over queries that are put together by a formula.
pub(super) fn assemble(
    leaves: Leaves,
    formula: &str,
    window: Window,
    reader: &mut Reader<'_>,
) -> Result<Target, String> {
    let parsed = oriel_query::parse_formula(formula).map_err(|e| format!("formula: {e}"))?;
    let names: Vec<&str> = leaves
        .metrics
        .iter()
        .map(|(named, _)| named.name.as_str())
        .chain(leaves.rows.iter().map(|(named, _)| named.name.as_str()))
        .collect();
    let arithmetic = Arithmetic::read(&parsed.root, &mut |leaf| match leaf {
        Expr::Name { name, .. } => names
            .iter()
            .position(|known| known == name)
            .ok_or_else(|| format!("formula: {name} is not among the variables ({})", names.join(", "))),
        _ => Err("formula: queries are called by their names".to_owned()),
    })?;
    let terms: Vec<Term> =
        leaves.metrics.iter().map(|(_, t)| *t).chain(leaves.rows.iter().map(|(_, t)| *t)).collect();
    let row_totals = leaves.rows.iter().any(|(rows, _)| !rows::is_summable(&rows.query.compute));
    let rule = SeriesRule {
        count_like: terms.iter().all(|term| term.count_like),
        adds_up: leaves.adds_up || terms.iter().any(|term| term.count_like || term.aggregation.adds_up()),
        queries: leaves.metrics.into_iter().map(|(named, _)| named).collect(),
        row_queries: leaves.rows.into_iter().map(|(named, _)| named).collect(),
        formula: Some(formula.trim().to_owned()),
        group_by: leaves.by,
        step_ms: step_of(&window),
        window,
        reduction: Reduction::Formula { terms, arithmetic },
        local: !row_totals,
        row_totals,
        rollup_ms: leaves.rollup_ms,
        delay_ms: delay_ms(reader),
    };
    Ok(Target::Series(rule))
}

impl Leaves {
    pub(super) fn push_rows(&mut self, named: NamedRows, by: &[String]) -> Result<(), String> {
        let compute = &named.query.compute;
        let aggregation = TimeAggregation(rows::reducer(compute));
        let term = Term { aggregation, count_like: rows::counts(compute) };
        self.add(&named.name.clone(), by)?;
        self.rows.push((named, term));
        Ok(())
    }

    fn push_metric(&mut self, name: &str, query: &str, aggregator: &str) -> Result<(), String> {
        let parsed = oriel_query::parse(query).map_err(|e| format!("options.variables: {name}: {e}"))?;
        let Expr::Metric(metric) = &parsed.root else {
            return Err(format!(
                "options.variables: {name} must be one metric; put functions into the formula"
            ));
        };
        let count_like = metric.modifiers.contains(&Modifier::AsCount);
        let aggregation = if count_like {
            TimeAggregation(Reducer::Sum)
        } else {
            TimeAggregation::parse(aggregator)
                .ok_or_else(|| format!("options.variables: {name}: aggregator {aggregator} is not known"))?
        };
        self.add(name, &metric.by)?;
        self.adds_up |= super::metric::adds_up(metric);
        self.rollup_ms = self.rollup_ms.max(super::metric::rollup_ms(&parsed.root));
        self.metrics.push((Named::new(name, query), Term { aggregation, count_like }));
        Ok(())
    }

    fn add(&mut self, name: &str, by: &[String]) -> Result<(), String> {
        let known = |n: &str| {
            self.metrics.iter().any(|(m, _)| m.name == n) || self.rows.iter().any(|(r, _)| r.name == n)
        };
        if known(name) {
            return Err(format!("options.variables: {name} comes twice"));
        }
        if self.metrics.len() + self.rows.len() >= VARIABLES_MAX {
            return Err(format!("options.variables: at most {VARIABLES_MAX} queries"));
        }
        let alike = by.len() == self.by.len() && by.iter().all(|key| self.by.contains(key));
        if !by.is_empty() && !self.by.is_empty() && !alike {
            return Err(format!("options.variables: {name} groups by other keys than the queries before it"));
        }
        if self.by.is_empty() {
            self.by = by.to_vec();
        }
        Ok(())
    }
}

fn read_variables(variables: &Value) -> Result<Leaves, String> {
    let Some(list) = variables.as_array().filter(|list| !list.is_empty()) else {
        return Err("formula(…) needs options.variables with its queries".to_owned());
    };
    let mut leaves = Leaves::default();
    for variable in list {
        let text = |name: &str| variable.get(name).and_then(Value::as_str);
        let name = text("name").ok_or("options.variables: each query needs a name")?;
        match text("data_source").unwrap_or_default() {
            "metrics" => {
                let query = text("query").ok_or_else(|| format!("options.variables: {name} has no query"))?;
                leaves.push_metric(name, query, text("aggregator").unwrap_or("avg"))?;
            }
            "logs" => push_rows(&mut leaves, Signal::Logs, (name, variable))?,
            "spans" => push_rows(&mut leaves, Signal::Spans, (name, variable))?,
            "events" => push_rows(&mut leaves, Signal::Events, (name, variable))?,
            other => {
                return Err(format!(
                    "options.variables: {name}: data source {other:?} is not supported; metrics, logs, spans and events are"
                ));
            }
        }
    }
    Ok(leaves)
}

fn push_rows(leaves: &mut Leaves, signal: Signal, (name, variable): (&str, &Value)) -> Result<(), String> {
    let text = |pointer: &str| variable.pointer(pointer).and_then(Value::as_str);
    let search = text("/search/query").unwrap_or("*");
    let compute =
        rows::compute(signal, text("/compute/aggregation").unwrap_or("count"), text("/compute/metric"))
            .map_err(|e| format!("options.variables: {name}: {e}"))?;
    let group_by = variable.get("group_by").and_then(Value::as_array).cloned().unwrap_or_default();
    let by: Vec<String> =
        group_by.iter().filter_map(|g| g.get("facet")?.as_str()).map(str::to_owned).collect();
    let (query, keys) =
        rows::query(signal, search, compute, &by).map_err(|e| format!("options.variables: {name}: {e}"))?;
    leaves.push_rows(NamedRows { name: name.to_owned(), query }, &keys)
}
