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
    /// A function of one number, with its limit where it has one.
    Of(Function, Box<Self>, f64),
    Binary(Operator, Box<Self>, Box<Self>),
}

/// Functions of one number; what they have no answer for is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    Log2,
    Log10,
    ClampMin,
    ClampMax,
    CutoffMin,
    CutoffMax,
}

impl Function {
    /// By name and the number of its arguments.
    fn parse(name: &str, arguments: usize) -> Option<Self> {
        Some(match (name, arguments) {
            ("log2", 1) => Self::Log2,
            ("log10", 1) => Self::Log10,
            ("clamp_min", 2) => Self::ClampMin,
            ("clamp_max", 2) => Self::ClampMax,
            ("cutoff_min", 2) => Self::CutoffMin,
            ("cutoff_max", 2) => Self::CutoffMax,
            _ => return None,
        })
    }

    fn value(self, value: f64, limit: f64) -> f64 {
        let finite = |value: f64| if value.is_finite() { value } else { f64::NAN };
        match self {
            Self::Log2 => finite(value.log2()),
            Self::Log10 => finite(value.log10()),
            _ if value.is_nan() => value,
            Self::ClampMin => value.max(limit),
            Self::ClampMax => value.min(limit),
            Self::CutoffMin if value < limit => f64::NAN,
            Self::CutoffMax if value > limit => f64::NAN,
            Self::CutoffMin | Self::CutoffMax => value,
        }
    }
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
                // A group without a value has none already.
                ("exclude_null", [Argument::Expr { expr, .. }]) => Self::read(expr, term)?,
                (name, arguments) => Self::call(name, arguments, term)?,
            },
            leaf => Self::Term(term(leaf)?),
        })
    }

    fn call(
        name: &str,
        arguments: &[Argument],
        term: &mut dyn FnMut(&Expr) -> Result<usize, String>,
    ) -> Result<Self, String> {
        let inner = |argument: Option<&Argument>, term: &mut dyn FnMut(&Expr) -> Result<usize, String>| {
            match argument {
                Some(Argument::Expr { expr, .. }) => Self::read(expr, term),
                _ => Err(format!("{name}() needs a number")),
            }
        };
        let Some(function) = Function::parse(name, arguments.len()) else {
            return Err(format!(
                "{name}() can't be used between numbers of a window; + - * /, abs, default_zero, exclude_null, log2, log10, clamp_min, clamp_max, cutoff_min and cutoff_max can"
            ));
        };
        let value = inner(arguments.first(), term)?;
        let limit = match arguments.get(1) {
            None => f64::NAN,
            limit => match inner(limit, term)? {
                Self::Number(limit) => limit,
                Self::Negative(limit) if matches!(*limit, Self::Number(_)) => -limit.value(&[]),
                _ => return Err(format!("the limit of {name}() is a number")),
            },
        };
        Ok(Self::Of(function, Box::new(value), limit))
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
            Self::Of(function, inner, limit) => function.value(inner.value(terms), *limit),
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
