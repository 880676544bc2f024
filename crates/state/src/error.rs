//! The errors of this room: few, and each says what a caller can do.

use oriel_model::Code;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The thing is not there.
    #[error("{what} {name} does not exist")]
    NotFound { what: &'static str, name: String },
    /// The name is taken.
    #[error("{what} {name} exists already; change it instead, or take another name")]
    Exists { what: &'static str, name: String },
    /// What was given can't be kept.
    #[error("{0}")]
    Invalid(String),
    #[error("state.db: {0}")]
    Database(#[from] sqlx::Error),
    /// Something in the file is not what was written.
    #[error("state.db: {what} {name} is damaged: {why}")]
    Damaged { what: &'static str, name: String, why: String },
    #[error("a password could not be hashed: {0}")]
    Hash(String),
}

impl Error {
    /// The one mapping to status, retry and log level.
    pub fn code(&self) -> Code {
        match self {
            Self::NotFound { .. } => Code::NotFound,
            Self::Exists { .. } => Code::Conflict,
            Self::Invalid(_) => Code::Invalid,
            Self::Database(sqlx::Error::PoolTimedOut) => Code::Busy,
            Self::Database(_) | Self::Damaged { .. } | Self::Hash(_) => Code::Internal,
        }
    }
}

pub type Result<T> = std::result::Result<T, Error>;
