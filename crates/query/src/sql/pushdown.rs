//! Conditions of a plan as the store's filter.
//!
//! The rule: rows for which a condition is *true* pass its filter. Where the filter wants exactly those, the engine need not test
//! them again. Null is never true, which is why `<>` also asks for a value.

use super::literal::{literal, number, text, time_ns};
use super::schema::{Kind, TableColumn};
use datafusion::logical_expr::expr::{InList, Like};
use datafusion::logical_expr::{Between, BinaryExpr, Expr, Operator};
use oriel_model::{Bound, Bounds, Core, Field, Filter, Glob, GlobPart, Pattern, Test};
use oriel_store::NsRange;
use std::sync::Arc;

/// All times.
pub(super) const EVER: NsRange = NsRange { start: i64::MIN, end: i64::MAX };

/// Values of a list that become a filter; longer ones are left to the engine.
const LIST_MAX: usize = 1_000;

/// A condition that the store takes over, wholly or in part.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pushed {
    pub(super) filter: Filter,
    pub(super) range: NsRange,
    pub(super) exact: bool,
}

impl Pushed {
    fn filter(filter: Filter, exact: bool) -> Self {
        Self { filter, range: EVER, exact }
    }

    fn range(start: i64, end: i64) -> Self {
        Self { filter: Filter::All, range: NsRange { start, end }, exact: true }
    }

    fn and(self, other: Self) -> Self {
        Self {
            filter: Filter::And(vec![self.filter, other.filter]),
            range: NsRange {
                start: self.range.start.max(other.range.start),
                end: self.range.end.min(other.range.end),
            },
            exact: self.exact && other.exact,
        }
    }
}

/// All conditions of a scan together.
pub(super) fn all(columns: &[TableColumn], conditions: &[Expr]) -> Pushed {
    let known = conditions.iter().filter_map(|condition| push(columns, condition));
    known.fold(Pushed::filter(Filter::All, true), Pushed::and)
}

/// What the store can take over of a condition.
pub(super) fn push(columns: &[TableColumn], condition: &Expr) -> Option<Pushed> {
    match condition {
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::And, right }) => {
            match (push(columns, left), push(columns, right)) {
                (Some(a), Some(b)) => Some(a.and(b)),
                (Some(one), None) | (None, Some(one)) => Some(Pushed { exact: false, ..one }),
                (None, None) => None,
            }
        }
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::Or, right }) => {
            let (a, b) = (push(columns, left)?, push(columns, right)?);
            let timeless = a.range == EVER && b.range == EVER;
            timeless.then(|| Pushed::filter(Filter::Or(vec![a.filter, b.filter]), a.exact && b.exact))
        }
        Expr::BinaryExpr(BinaryExpr { left, op, right }) => match (literal(right), literal(left)) {
            (Some(value), _) => compare(kind(columns, left)?, *op, value),
            (_, Some(value)) => compare(kind(columns, right)?, op.swap()?, value),
            _ => None,
        },
        Expr::Not(inner) => {
            let pushed = push(columns, inner).filter(|p| p.exact && p.range == EVER)?;
            Some(Pushed::filter(Filter::Not(Box::new(pushed.filter)), false))
        }
        Expr::IsNotNull(inner) => exists(kind(columns, inner)?),
        Expr::IsNull(inner) => {
            let pushed = exists(kind(columns, inner)?).filter(|p| p.exact)?;
            Some(Pushed::filter(Filter::Not(Box::new(pushed.filter)), true))
        }
        Expr::Between(Between { expr, negated: false, low, high }) => {
            let column = kind(columns, expr)?;
            let low = compare(column, Operator::GtEq, literal(low)?)?;
            Some(low.and(compare(column, Operator::LtEq, literal(high)?)?))
        }
        Expr::InList(list) => in_list(columns, list),
        Expr::Like(like) => self::like(columns, like),
        Expr::Column(_) => match kind(columns, condition)? {
            Kind::Bool(field) => Some(equals(field, "true", false)),
            _ => None,
        },
        _ => None,
    }
}

fn kind<'c>(columns: &'c [TableColumn], expr: &Expr) -> Option<&'c Kind> {
    let Expr::Column(named) = expr else { return None };
    columns.iter().find(|column| column.name == named.name).map(|column| &column.kind)
}

fn equals(field: &Field, value: &str, exact: bool) -> Pushed {
    Pushed::filter(Filter::Is(field.clone(), Test::Equals(value.into())), exact)
}

fn exists(column: &Kind) -> Option<Pushed> {
    let (field, exact) = match column {
        Kind::Text(field) | Kind::Id(field) | Kind::Bool(field) | Kind::Number(field) => {
            (field.clone(), true)
        }
        Kind::Duration => (Field::Core(Core::Duration), true),
        Kind::Mixed { field, lists: false } => (field.clone(), true),
        Kind::Mixed { .. } | Kind::Time | Kind::Attributes | Kind::Weight => return None,
    };
    Some(Pushed::filter(Filter::Is(field, Test::Exists), exact))
}

fn compare(column: &Kind, op: Operator, value: &datafusion::common::ScalarValue) -> Option<Pushed> {
    match column {
        Kind::Time => times(op, time_ns(value)?),
        Kind::Duration => numbers(&Field::Core(Core::Duration), op, number(value)?, false),
        // Whole numbers past 2^53 are compared as floats on both sides.
        Kind::Number(field) => numbers(field, op, number(value)?, false),
        Kind::Text(field) => texts(field, op, text(value)?),
        Kind::Id(field) | Kind::Mixed { field, lists: false } => match op {
            Operator::Eq => Some(equals(field, text(value)?, false)),
            Operator::NotEq => exists(column).map(|p| Pushed { exact: false, ..p }),
            Operator::RegexMatch => Some(Pushed { exact: false, ..regex(field, text(value)?)? }),
            _ => None,
        },
        Kind::Bool(field) => match (op, value) {
            (Operator::Eq, datafusion::common::ScalarValue::Boolean(Some(b))) => {
                Some(equals(field, if *b { "true" } else { "false" }, false))
            }
            _ => None,
        },
        Kind::Mixed { .. } | Kind::Attributes | Kind::Weight => None,
    }
}

fn times(op: Operator, at: i64) -> Option<Pushed> {
    let after = at.saturating_add(1);
    Some(match op {
        Operator::Eq => Pushed::range(at, after),
        Operator::Gt => Pushed::range(after, EVER.end),
        Operator::GtEq => Pushed::range(at, EVER.end),
        Operator::Lt => Pushed::range(EVER.start, at),
        Operator::LtEq => Pushed::range(EVER.start, after),
        _ => return None,
    })
}

fn numbers(field: &Field, op: Operator, number: f64, exact: bool) -> Option<Pushed> {
    let bound = |inclusive| Some(Bound { text: number.to_string().into(), number: Some(number), inclusive });
    let bounds = match op {
        Operator::Eq => Bounds { low: bound(true), high: bound(true) },
        Operator::Gt => Bounds { low: bound(false), high: None },
        Operator::GtEq => Bounds { low: bound(true), high: None },
        Operator::Lt => Bounds { low: None, high: bound(false) },
        Operator::LtEq => Bounds { low: None, high: bound(true) },
        _ => return None,
    };
    Some(Pushed::filter(Filter::Is(field.clone(), Test::Range(bounds)), exact))
}

/// On a core text, whose values are nothing but texts.
fn texts(field: &Field, op: Operator, value: &str) -> Option<Pushed> {
    let bound = |inclusive| Some(Bound { text: value.into(), number: None, inclusive });
    let bounds = match op {
        Operator::Eq => return Some(equals(field, value, true)),
        Operator::NotEq => {
            let other = Filter::Not(Box::new(equals(field, value, true).filter));
            let there = Filter::Is(field.clone(), Test::Exists);
            return Some(Pushed::filter(Filter::And(vec![there, other]), true));
        }
        Operator::RegexMatch => return regex(field, value),
        Operator::Gt => Bounds { low: bound(false), high: None },
        Operator::GtEq => Bounds { low: bound(true), high: None },
        Operator::Lt => Bounds { low: None, high: bound(false) },
        Operator::LtEq => Bounds { low: None, high: bound(true) },
        _ => return None,
    };
    Some(Pushed::filter(Filter::Is(field.clone(), Test::Range(bounds)), true))
}

fn regex(field: &Field, pattern: &str) -> Option<Pushed> {
    let pattern = Pattern(Arc::new(regex::Regex::new(pattern).ok()?));
    Some(Pushed::filter(Filter::Is(field.clone(), Test::Regex(pattern)), true))
}

fn in_list(columns: &[TableColumn], list: &InList) -> Option<Pushed> {
    let column = kind(columns, &list.expr)?;
    if list.list.len() > LIST_MAX || list.list.iter().any(|item| literal(item).is_none()) {
        return None;
    }
    let op = if list.negated { Operator::NotEq } else { Operator::Eq };
    let each: Option<Vec<Pushed>> =
        list.list.iter().map(|item| compare(column, op, literal(item)?)).collect();
    let each = each.filter(|each| each.iter().all(|p| p.range == EVER))?;
    let exact = each.iter().all(|p| p.exact);
    let filters = each.into_iter().map(|p| p.filter).collect();
    Some(Pushed::filter(if list.negated { Filter::And(filters) } else { Filter::Or(filters) }, exact))
}

fn like(columns: &[TableColumn], like: &Like) -> Option<Pushed> {
    let (field, exact) = match kind(columns, &like.expr)? {
        Kind::Text(field) => (field, true),
        Kind::Id(field) | Kind::Mixed { field, lists: false } => (field, false),
        _ => return None,
    };
    if like.case_insensitive || like.negated {
        return None;
    }
    let glob = glob(text(literal(&like.pattern)?)?, like.escape_char.unwrap_or('\\'));
    Some(Pushed::filter(Filter::Is(field.clone(), Test::Glob(glob)), exact))
}

/// `%` is any run, `_` one character.
fn glob(pattern: &str, escape: char) -> Glob {
    let mut chars = pattern.chars();
    let mut parts = Vec::new();
    while let Some(c) = chars.next() {
        parts.push(match c {
            '%' => GlobPart::Any,
            '_' => GlobPart::One,
            c if c == escape => GlobPart::Literal(chars.next().unwrap_or(escape).to_string().into()),
            c => GlobPart::Literal(c.to_string().into()),
        });
    }
    Glob::new(parts)
}

#[cfg(test)]
mod tests;
