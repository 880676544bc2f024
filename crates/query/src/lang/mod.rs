//! The query languages as text: the metric language to a tree whose nodes know where they stood, searches to a filter.
//!
//! Nothing here knows of stores, grids or what a function means; the plan does. The parser never panics, and its input is
//! bounded in length ([`TEXT_BYTES_MAX`]) and nesting ([`DEPTH_MAX`]).

mod ast;
mod filter;
mod lexer;
mod modifier;
mod parser;
mod print;
pub mod search;

pub use ast::{
    Aggregator, Argument, Call, Expr, FillMethod, Filter, MetricQuery, Modifier, Operator, Query,
    RollupMethod,
};
pub use parser::{parse, parse_formula};

/// A query's text; the longest dashboards' expressions are a few hundred bytes, the v1 API's URLs end at 8 KiB.
pub(crate) const TEXT_BYTES_MAX: usize = 16 << 10;

/// Parentheses, calls and boolean groups inside each other; each level costs a few stack frames of the parser.
pub(crate) const DEPTH_MAX: usize = 64;

/// Where the text stopped making sense, and what could have stood there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ParseError {
    pub message: String,
    /// Byte offset into the text.
    pub position: usize,
    pub expected: Vec<String>,
}

impl ParseError {
    pub(crate) fn new(position: usize, message: impl Into<String>, expected: &[&str]) -> Self {
        Self {
            message: message.into(),
            position,
            expected: expected.iter().map(|e| (*e).to_owned()).collect(),
        }
    }
}

pub(crate) type ParseResult<T> = std::result::Result<T, ParseError>;

#[cfg(test)]
mod tests;
