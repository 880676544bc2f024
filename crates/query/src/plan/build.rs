//! Tree to plan.

use super::call::call;
use super::matcher::Filters;
use super::node::{BinaryNode, Convert, Fill, Function, GroupNode, Leaf, Node, Plan, RollupNode};
use crate::lang::{Aggregator, Expr, MetricQuery, Modifier, ParseError, RollupMethod, parse, parse_formula};
use crate::{Named, NamedRows, Request, Result};

pub(super) type Built<T> = std::result::Result<T, ParseError>;

/// Parts of a plan once named queries are put into a formula.
const NODES_MAX: usize = 10_000;

/// Types one of the request's queries or formulas.
pub(crate) fn build(request: &Request, named: &Named) -> Result<Plan> {
    let is_formula = !request.formulas.is_empty();
    let query = if is_formula { parse_formula(&named.text)? } else { parse(&named.text)? };
    let mut builder = Builder { request, nodes: 0, in_formula: is_formula };
    let root = builder.node(&query.root)?;
    Ok(Plan {
        root,
        range: request.range,
        display: request.display,
        step_ms: request.step_ms,
        now_ms: request.now_ms,
    })
}

/// The plan of one of the request's row queries.
pub(crate) fn of_rows(request: &Request, named: &NamedRows) -> Plan {
    Plan {
        root: Node::Rows(Box::new(named.query.clone())),
        range: request.range,
        display: request.display,
        step_ms: request.step_ms,
        now_ms: request.now_ms,
    }
}

pub(super) struct Builder<'a> {
    request: &'a Request,
    nodes: usize,
    in_formula: bool,
}

impl Builder<'_> {
    pub(super) fn node(&mut self, expr: &Expr) -> Built<Node> {
        self.nodes += 1;
        if self.nodes > NODES_MAX {
            return Err(ParseError::new(0, "this formula has more than 10,000 parts with its queries", &[]));
        }
        Ok(match expr {
            Expr::Number(n) => Node::Number(*n),
            Expr::Name { name, position } => self.named(name, *position)?,
            Expr::Metric(query) => Node::Leaf(Box::new(self.leaf(query)?)),
            Expr::Negative(inner) => Node::Negative(Box::new(self.node(inner)?)),
            Expr::Binary { op, left, right, position } => Node::Binary(Box::new(BinaryNode {
                op: *op,
                left: self.node(left)?,
                right: self.node(right)?,
                position: *position,
            })),
            Expr::Call(inner) => call(self, inner)?,
            Expr::Modified { input, modifier, position } => {
                let input = self.node(input)?;
                modified(input, modifier, *position)?
            }
            Expr::Grouped { input, aggregator, by, .. } => Node::Group(Box::new(GroupNode {
                aggregator: *aggregator,
                by: by.clone(),
                input: self.node(input)?,
            })),
        })
    }

    /// A formula's name: the query of that name, typed where it stands.
    fn named(&mut self, name: &str, position: usize) -> Built<Node> {
        if !self.in_formula {
            return Err(ParseError::new(position, format!("{name} is not a metric query"), &["a metric"]));
        }
        if let Some(rows) = self.request.row_queries.iter().find(|rows| rows.name == name) {
            return Ok(Node::Rows(Box::new(rows.query.clone())));
        }
        let Some(query) = self.request.queries.iter().find(|q| q.name == name) else {
            let mut error = ParseError::new(position, format!("there is no query named {name}"), &[]);
            let rows = self.request.row_queries.iter().map(|q| q.name.clone());
            error.expected = self.request.queries.iter().map(|q| q.name.clone()).chain(rows).collect();
            return Err(error);
        };
        let inside = |error: ParseError| {
            let message = format!("query {name}: {} at {}", error.message, error.position);
            ParseError { message, position, expected: error.expected }
        };
        let tree = parse(&query.text).map_err(inside)?;
        self.in_formula = false;
        let node = self.node(&tree.root).map_err(inside);
        self.in_formula = true;
        node
    }

    fn leaf(&self, query: &MetricQuery) -> Built<Leaf> {
        let filters = Filters { variables: &self.request.variables };
        let mut leaf = Leaf {
            metric: query.metric.clone(),
            aggregator: query.aggregator,
            matcher: filters.matcher(&query.filter)?,
            by: self.keys(&query.by, query.position)?,
            method: None,
            seconds: None,
            convert: Convert::None,
            fill: None,
            weighted: false,
            delta: None,
            filter_text: self.filter_text(&filters, query),
            modifiers_text: query.modifiers.iter().map(Modifier::text).collect(),
            position: query.metric_position,
        };
        for modifier in &query.modifiers {
            match modifier {
                Modifier::Rollup { method, seconds } => {
                    leaf.method = method.and_then(own_method);
                    leaf.seconds = *seconds;
                }
                Modifier::AsCount => leaf.convert = Convert::Count,
                Modifier::AsRate => leaf.convert = Convert::Rate,
                Modifier::Fill { method, limit_s } => leaf.fill = Some(Fill::new(*method, *limit_s)),
                Modifier::Weighted => leaf.weighted = true,
            }
        }
        Ok(leaf)
    }

    /// Keys of `by`; a template variable there stands for its values.
    fn keys(&self, by: &[String], position: usize) -> Built<Vec<String>> {
        let filters = Filters { variables: &self.request.variables };
        let mut keys = Vec::new();
        for key in by {
            for filled in filters.filled(key, position)? {
                if filled != "*" && !keys.contains(&filled) {
                    keys.push(filled);
                }
            }
        }
        Ok(keys)
    }

    /// The filter as an answer's scope shows it: `$env` as `env:prod`.
    fn filter_text(&self, filters: &Filters<'_>, query: &MetricQuery) -> String {
        let mut text = query.filter_text.clone();
        if !text.contains('$') {
            return text;
        }
        for (name, variable) in filters.variables {
            let values = match variable.values.as_slice() {
                [] => "*".to_owned(),
                values => values.join(" OR "),
            };
            text = text.replace(&format!("${name}.value"), &values);
            let shown = match variable.values.as_slice() {
                [one] if one != "*" && !variable.key.is_empty() => format!("{}:{one}", variable.key),
                [] | [_] => values,
                many => {
                    let each: Vec<String> = many.iter().map(|v| format!("{}:{v}", variable.key)).collect();
                    format!("({})", each.join(" OR "))
                }
            };
            text = text.replace(&format!("${name}"), &shown);
        }
        text
    }
}

/// The rollup ways that a metric's own samples know.
pub(super) fn own_method(aggregator: Aggregator) -> Option<RollupMethod> {
    RollupMethod::from_word(&aggregator.word())
}

/// A modifier around something that is not a bare metric.
fn modified(input: Node, modifier: &Modifier, position: usize) -> Built<Node> {
    Ok(match modifier {
        Modifier::Rollup { method, seconds } => rolled_up(input, *method, *seconds),
        Modifier::Fill { method, limit_s } => {
            Node::Apply { function: Function::Fill(Fill::new(*method, *limit_s)), input: Box::new(input) }
        }
        other => {
            let message = format!("{} belongs right after a metric's filter", other.text());
            return Err(ParseError::new(position, message, &[".rollup", ".fill"]));
        }
    })
}

/// The first rollup of a bare metric is its own; any other is a layer.
pub(super) fn rolled_up(input: Node, method: Option<Aggregator>, seconds: Option<u32>) -> Node {
    match input {
        Node::Leaf(mut leaf)
            if leaf.seconds.is_none()
                && leaf.method.is_none()
                && leaf.delta.is_none()
                && method.is_none_or(|m| own_method(m).is_some()) =>
        {
            leaf.method = method.and_then(own_method);
            leaf.seconds = seconds;
            leaf.modifiers_text.push_str(&Modifier::Rollup { method, seconds }.text());
            Node::Leaf(leaf)
        }
        input => {
            Node::Rollup(Box::new(RollupNode { method: method.unwrap_or(Aggregator::Avg), seconds, input }))
        }
    }
}
