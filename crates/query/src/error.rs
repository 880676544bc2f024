//! The query room's errors: what is wrong with the text (with its place), or what the store could not do.

use crate::lang::ParseError;
use oriel_model::Code;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The text of a query or formula: where, and what was expected.
    #[error("{0}")]
    Text(#[from] ParseError),
    /// The request around the queries.
    #[error("{0}")]
    Request(String),
    /// A statement of SQL: what is wrong with it, or why it is refused.
    #[error("{0}")]
    Sql(String),
    #[error(transparent)]
    Store(#[from] oriel_store::Error),
}

impl Error {
    /// The one mapping to status, retry and log level.
    pub fn code(&self) -> Code {
        match self {
            Self::Text(_) | Self::Request(_) | Self::Sql(_) => Code::Invalid,
            Self::Store(error) => error.code(),
        }
    }

    /// Byte offset into the text, when the text is at fault.
    pub fn position(&self) -> Option<usize> {
        match self {
            Self::Text(error) => Some(error.position),
            _ => None,
        }
    }

    /// What could have stood there.
    pub fn expected(&self) -> &[String] {
        match self {
            Self::Text(error) => &error.expected,
            _ => &[],
        }
    }
}

pub type Result<T> = std::result::Result<T, Error>;
