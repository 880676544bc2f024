//! The errors of this room: what is wrong with a definition, said so that whoever wrote it can mend it.

use oriel_model::Code;

/// Why a pipeline, a rule or a metric can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The JSON has not the form that is asked for.
    #[error("{0}")]
    Form(String),
    /// A processor of a kind that is not built in.
    #[error(
        "processor type {0:?} is not supported here; take it out, or use one of: {known}",
        known = crate::definition::KINDS.join(", ")
    )]
    Unsupported(String),
    /// A search query that does not parse.
    #[error("the query {query:?} of {of}: {why}")]
    Query { of: String, query: String, why: String },
    /// A pattern that can't be compiled.
    #[error("{of}: {why}")]
    Pattern { of: String, why: String },
    /// More of something than is taken.
    #[error("{what}: {n} given, at most {max}; take some out")]
    TooMany { what: &'static str, n: usize, max: usize },
}

impl Error {
    /// Everything here is the writer's to mend.
    pub fn code(&self) -> Code {
        Code::Invalid
    }

    pub(crate) fn pattern(of: impl Into<String>, why: impl Into<String>) -> Self {
        Self::Pattern { of: of.into(), why: why.into() }
    }
}

pub type Result<T> = std::result::Result<T, Error>;
