//! Pieces of a query written back, for the expressions that answers carry.

use super::ast::{Modifier, Operator};

impl Modifier {
    /// As a query writes it, with its dot.
    pub fn text(&self) -> String {
        match self {
            Self::Rollup { method, seconds } => {
                let parts: Vec<String> = method
                    .iter()
                    .map(super::Aggregator::word)
                    .chain(seconds.map(|s| s.to_string()))
                    .collect();
                format!(".rollup({})", parts.join(", "))
            }
            Self::AsCount => ".as_count()".into(),
            Self::AsRate => ".as_rate()".into(),
            Self::Fill { method, limit_s: None } => format!(".fill({})", method.word()),
            Self::Fill { method, limit_s: Some(s) } => format!(".fill({}, {s})", method.word()),
            Self::Weighted => ".weighted()".into(),
        }
    }
}

impl Operator {
    /// Both sides written as one expression.
    pub fn join(self, left: &str, right: &str) -> String {
        format!("{left} {} {right}", self.symbol())
    }
}
