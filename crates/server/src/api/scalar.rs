//! `POST /api/v2/query/scalar`: each group as one number a formula. Each query is reduced over time first, and formulas
//! calculate with the reduced numbers, so that `a / b` of two sums is the ratio of the sums.

use super::query_v2::{Attributes, frames, names, parse, wanted};
use crate::answer::{Answer, Failure, ok};
use crate::app::App;
use crate::auth::Reader;
use crate::extract::Payload;
use crate::query::rows::in_order;
use crate::query::{Column, run, unit_of};
use axum::extract::State;
use axum::response::Response;
use oriel_model::Frame;
use oriel_query::{Expr, Reducer};
use oriel_state::Unit;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Serialize)]
struct Answered<'a> {
    data: AnsweredData<'a>,
}

#[derive(Serialize)]
struct AnsweredData<'a> {
    id: &'static str,
    r#type: &'static str,
    attributes: Columns<'a>,
}

#[derive(Serialize)]
struct Columns<'a> {
    columns: Vec<AnsweredColumn<'a>>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum AnsweredColumn<'a> {
    Group { name: String, values: Vec<Vec<&'a str>> },
    Number { name: String, values: Column<'a>, meta: Meta },
}

#[derive(Serialize)]
struct Meta {
    unit: Option<[Option<Unit>; 2]>,
}

type Group = Vec<(String, String)>;

/// Numbers by group, one a query or formula.
type Numbers = BTreeMap<Group, f64>;

pub(crate) async fn scalar(State(app): State<Arc<App>>, reader: Reader, body: Payload) -> Answer {
    let attributes = parse(&body)?;
    let mut request = wanted(&app, &attributes)?;
    let formulas = std::mem::take(&mut request.formulas);
    // A figure over rows is computed over the whole range at once; every bucket holds it.
    request.row_totals = true;
    let mut reducers = reducers(&attributes)?;
    let names = names(&attributes);
    for (reducer, name) in reducers.iter_mut().zip(&names) {
        if request.row_queries.iter().any(|q| q.name == *name) {
            *reducer = Reducer::Last;
        }
    }
    let outcomes = in_order(run(&app, reader.org, request).await?, &names);
    let frames = frames(&outcomes)?;
    let reduced: BTreeMap<&str, Numbers> = names
        .iter()
        .zip(frames.iter().zip(&reducers))
        .map(|(name, ((_, frame), reducer))| (name.as_str(), numbers(frame, *reducer)))
        .collect();
    let units: Vec<Meta> =
        frames.iter().map(|(text, frame)| Meta { unit: unit(&app, &reader, text, frame) }).collect();
    let columns: Vec<(String, Numbers, Meta)> = if formulas.is_empty() {
        let all = names.iter().zip(units);
        all.map(|(n, meta)| (n.clone(), reduced.get(n.as_str()).cloned().unwrap_or_default(), meta)).collect()
    } else {
        let mut columns = Vec::new();
        for formula in &formulas {
            let parsed = oriel_query::parse_formula(&formula.text).map_err(oriel_query::Error::from)?;
            let unit = names.iter().position(|n| *n == formula.text.trim()).and_then(|i| units[i].unit);
            columns.push((formula.text.clone(), evaluate(&parsed.root, &reduced)?, Meta { unit }));
        }
        columns
    };
    Ok(respond(columns))
}

fn reducers(attributes: &Attributes) -> Answer<Vec<Reducer>> {
    let reducer = |(n, word): (usize, Option<&str>)| {
        match word {
        None => Ok(Reducer::Avg),
        Some(word) => Reducer::from_word(word).ok_or_else(|| {
            Failure::invalid(format!(
                "data.attributes.queries[{n}].aggregator is {word:?}; expected avg, min, max, sum, last, area, l2norm or percentile"
            ))
        }),
    }
    };
    attributes.queries.iter().map(|q| q.aggregator.as_deref()).enumerate().map(reducer).collect()
}

fn numbers(frame: &Frame, reducer: Reducer) -> Numbers {
    let values = oriel_query::scalar(frame, reducer);
    frame.series.iter().map(|s| s.group.clone()).zip(values).collect()
}

fn unit(app: &App, reader: &Reader, text: &str, frame: &Frame) -> Option<[Option<Unit>; 2]> {
    let (unit, per_unit) = unit_of(app, reader.org, frame.series.first()?, text);
    unit.map(|u| [Some(u), per_unit])
}

/// Calculates with reduced numbers, joined by group; a side without groups counts for every group of the other.
fn evaluate(expression: &Expr, reduced: &BTreeMap<&str, Numbers>) -> Answer<Numbers> {
    match expression {
        Expr::Number(n) => Ok(Numbers::from([(Group::new(), *n)])),
        Expr::Name { name, .. } => reduced.get(name.as_str()).cloned().ok_or_else(|| {
            Failure::invalid(format!("the formula names {name:?}, and no query has that name"))
        }),
        Expr::Negative(inner) => Ok(evaluate(inner, reduced)?.into_iter().map(|(g, v)| (g, -v)).collect()),
        Expr::Binary { op, left, right, .. } => {
            Ok(join(op.symbol(), evaluate(left, reduced)?, evaluate(right, reduced)?))
        }
        _ => Err(Failure::invalid(
            "a formula of the scalar API takes names, numbers and + - * /; put functions into the queries",
        )),
    }
}

fn join(symbol: char, left: Numbers, right: Numbers) -> Numbers {
    let apply = |a: f64, b: f64| match symbol {
        '+' => a + b,
        '-' => a - b,
        '*' => a * b,
        _ => a / b,
    };
    let whole =
        |numbers: &Numbers| (numbers.len() == 1).then(|| numbers.get(&Group::new()).copied()).flatten();
    if let Some(b) = whole(&right) {
        return left.into_iter().map(|(g, a)| (g, apply(a, b))).collect();
    }
    if let Some(a) = whole(&left) {
        return right.into_iter().map(|(g, b)| (g, apply(a, b))).collect();
    }
    left.into_iter().filter_map(|(g, a)| right.get(&g).map(|b| (g, apply(a, *b)))).collect()
}

/// One row a group that any column has; group keys in the order they come.
fn respond(columns: Vec<(String, Numbers, Meta)>) -> Response {
    let groups: Vec<&Group> = columns
        .iter()
        .flat_map(|(_, n, _)| n.keys())
        .collect::<std::collections::BTreeSet<_>>()
        .into_iter()
        .collect();
    let mut keys: Vec<&str> = Vec::new();
    for (key, _) in groups.iter().flat_map(|g| g.iter()) {
        if !keys.contains(&key.as_str()) {
            keys.push(key);
        }
    }
    let values_of = |key: &str| -> Vec<Vec<&str>> { groups.iter().map(|g| values_of(g, key)).collect() };
    let mut answered: Vec<AnsweredColumn<'_>> =
        keys.iter().map(|k| AnsweredColumn::Group { name: (*k).to_owned(), values: values_of(k) }).collect();
    let rows: Vec<Vec<f64>> = columns
        .iter()
        .map(|(_, n, _)| groups.iter().map(|g| n.get(*g).copied().unwrap_or(f64::NAN)).collect())
        .collect();
    for ((name, _, meta), values) in columns.iter().zip(&rows) {
        let meta = Meta { unit: meta.unit };
        answered.push(AnsweredColumn::Number { name: name.clone(), values: Column(values), meta });
    }
    ok(&Answered {
        data: AnsweredData { id: "0", r#type: "scalar_response", attributes: Columns { columns: answered } },
    })
}

fn values_of<'a>(group: &'a Group, key: &str) -> Vec<&'a str> {
    group.iter().filter(|(k, _)| k == key).map(|(_, v)| v.as_str()).collect()
}
