//! Pairs that a rule's scope fixes: a monitor over `{host:web-1}` speaks of that host, though it groups by nothing.

use crate::rule::{Rule, Target};
use oriel_query::{Argument, Expr, Filter};

/// Pairs of one rule; messages and downtimes look at few.
const PAIRS_MAX: usize = 32;

/// `key:value` terms that everything measured has.
pub fn fixed(rule: &Rule) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    match &rule.target {
        Target::Series(series) => {
            for named in &series.queries {
                if let Ok(query) = oriel_query::parse(&named.text) {
                    of_expr(&query.root, &mut pairs);
                }
            }
        }
        Target::Checks(check) => check.over.iter().for_each(|tag| of_tag(tag, &mut pairs)),
        Target::Composite(_) | Target::Slo(_) => {}
    }
    pairs
}

/// The pairs of a group with those that the scope fixes behind; the group's own value of a key wins.
pub fn with_fixed(mut group: Vec<(String, String)>, fixed: &[(String, String)]) -> Vec<(String, String)> {
    for (key, value) in fixed {
        if !group.iter().any(|(k, _)| k == key) {
            group.push((key.clone(), value.clone()));
        }
    }
    group
}

fn of_expr(expr: &Expr, pairs: &mut Vec<(String, String)>) {
    match expr {
        Expr::Metric(metric) => of_filter(&metric.filter, pairs),
        Expr::Negative(inner) | Expr::Modified { input: inner, .. } | Expr::Grouped { input: inner, .. } => {
            of_expr(inner, pairs);
        }
        Expr::Binary { left, right, .. } => {
            of_expr(left, pairs);
            of_expr(right, pairs);
        }
        Expr::Call(call) => {
            for argument in &call.arguments {
                if let Argument::Expr { expr, .. } = argument {
                    of_expr(expr, pairs);
                }
            }
        }
        Expr::Number(_) | Expr::Name { .. } => {}
    }
}

fn of_filter(filter: &Filter, pairs: &mut Vec<(String, String)>) {
    match filter {
        Filter::Tag { text, .. } => of_tag(text, pairs),
        Filter::And(parts) => parts.iter().for_each(|part| of_filter(part, pairs)),
        Filter::In { key, values, .. } if values.len() == 1 => of_tag(&format!("{key}:{}", values[0]), pairs),
        Filter::All | Filter::In { .. } | Filter::Or(_) | Filter::Not(_) => {}
    }
}

fn of_tag(tag: &str, pairs: &mut Vec<(String, String)>) {
    let Some((key, value)) = tag.split_once(':') else { return };
    let plain = !value.is_empty() && !value.contains('*') && !key.starts_with('$');
    if plain && pairs.len() < PAIRS_MAX && !pairs.iter().any(|(k, _)| k == key) {
        pairs.push((key.to_owned(), value.to_owned()));
    }
}

#[cfg(test)]
mod tests;
