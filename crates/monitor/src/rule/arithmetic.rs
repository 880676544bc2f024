//! Arithmetic over numbers of a whole window: `errors / requests * 100` where both are first summed up.

use oriel_query::{Argument, Expr, Operator};

/// A formula over terms, by their places.
#[derive(Clone, Debug, PartialEq)]
pub enum Arithmetic {
    Number(f64),
    Term(usize),
    Negative(Box<Self>),
    Abs(Box<Self>),
    /// 0 for a missing value.
    DefaultZero(Box<Self>),
    Binary(Operator, Box<Self>, Box<Self>),
}

impl Arithmetic {
    /// Reads a formula; `term` finds the place of a leaf.
    pub(super) fn read(
        expr: &Expr,
        term: &mut dyn FnMut(&Expr) -> Result<usize, String>,
    ) -> Result<Self, String> {
        Ok(match expr {
            Expr::Number(number) => Self::Number(*number),
            Expr::Negative(inner) => Self::Negative(Box::new(Self::read(inner, term)?)),
            Expr::Binary { op, left, right, .. } => {
                Self::Binary(*op, Box::new(Self::read(left, term)?), Box::new(Self::read(right, term)?))
            }
            Expr::Call(call) => match (call.name.as_str(), call.arguments.as_slice()) {
                ("abs", [Argument::Expr { expr, .. }]) => Self::Abs(Box::new(Self::read(expr, term)?)),
                ("default_zero", [Argument::Expr { expr, .. }]) => {
                    Self::DefaultZero(Box::new(Self::read(expr, term)?))
                }
                (name, _) => {
                    return Err(format!(
                        "{name}() can't be used between numbers of a window; + - * /, abs and default_zero can"
                    ));
                }
            },
            leaf => Self::Term(term(leaf)?),
        })
    }

    /// Whether nothing but arithmetic stands around the metrics.
    pub(super) fn is_plain(expr: &Expr) -> bool {
        match expr {
            Expr::Number(_) | Expr::Metric(_) => true,
            Expr::Negative(inner) => Self::is_plain(inner),
            Expr::Binary { left, right, .. } => Self::is_plain(left) && Self::is_plain(right),
            Expr::Call(call) => match (call.name.as_str(), call.arguments.as_slice()) {
                ("abs" | "default_zero", [Argument::Expr { expr, .. }]) => Self::is_plain(expr),
                _ => false,
            },
            _ => false,
        }
    }

    /// The value; NaN where a term is missing, or where 0 divides.
    pub fn value(&self, terms: &[f64]) -> f64 {
        match self {
            Self::Number(number) => *number,
            Self::Term(n) => terms.get(*n).copied().unwrap_or(f64::NAN),
            Self::Negative(inner) => -inner.value(terms),
            Self::Abs(inner) => inner.value(terms).abs(),
            Self::DefaultZero(inner) => {
                let value = inner.value(terms);
                if value.is_nan() { 0.0 } else { value }
            }
            Self::Binary(op, left, right) => {
                let (left, right) = (left.value(terms), right.value(terms));
                match op {
                    Operator::Add => left + right,
                    Operator::Subtract => left - right,
                    Operator::Multiply => left * right,
                    Operator::Divide if right == 0.0 => f64::NAN,
                    Operator::Divide => left / right,
                }
            }
        }
    }
}
