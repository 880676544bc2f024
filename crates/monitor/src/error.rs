//! The errors of this room: few, and each says what a caller can do.

use oriel_model::Code;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What was given can't be a monitor, a downtime, an SLO, a channel …: every reason, each naming its field.
    #[error("{}", .0.join("; "))]
    Invalid(Vec<String>),
    /// The thing is not there.
    #[error("{what} {name} does not exist")]
    NotFound { what: &'static str, name: String },
    #[error(transparent)]
    Query(#[from] oriel_query::Error),
    #[error(transparent)]
    State(#[from] oriel_state::Error),
    /// Reading what is stored failed, or was called off.
    #[error("{0}")]
    Source(String),
}

impl Error {
    pub fn invalid(reason: impl Into<String>) -> Self {
        Self::Invalid(vec![reason.into()])
    }

    /// The one mapping to status, retry and log level.
    pub fn code(&self) -> Code {
        match self {
            Self::Invalid(_) => Code::Invalid,
            Self::NotFound { .. } => Code::NotFound,
            Self::Query(error) => error.code(),
            Self::State(error) => error.code(),
            Self::Source(_) => Code::Internal,
        }
    }
}

pub type Result<T> = std::result::Result<T, Error>;
