//! What can go wrong for a caller of the agent.

use oriel_model::{Code, ErrorBody};
use std::path::PathBuf;

/// Errors of the agent's public calls. What a check does wrong is a row in the status, never one of these.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A setting can't work; the message says which and what to write instead.
    #[error("{0}")]
    Setting(String),
    /// A file or folder the agent needs.
    #[error("{path}: {source}")]
    Io { path: PathBuf, source: std::io::Error },
    /// No agent answers at the status socket.
    #[error(
        "no agent answers at {path}: {reason}; start `oriel server` or `oriel agent` with this data folder"
    )]
    NoAgent { path: PathBuf, reason: String },
}

impl Error {
    pub(crate) fn io(path: impl Into<PathBuf>, source: std::io::Error) -> Self {
        Self::Io { path: path.into(), source }
    }

    /// The code that fixes status, retry and log level.
    pub fn code(&self) -> Code {
        match self {
            Self::Setting(_) => Code::Invalid,
            Self::Io { source, .. } if source.kind() == std::io::ErrorKind::StorageFull => Code::NoSpace,
            Self::Io { .. } => Code::Internal,
            Self::NoAgent { .. } => Code::NotFound,
        }
    }
}

impl From<Error> for ErrorBody {
    fn from(e: Error) -> Self {
        ErrorBody::new(e.code(), e.to_string())
    }
}
