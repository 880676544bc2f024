//! The store's errors: few, and each says what a caller can do.

use oriel_model::Code;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Over a bound that passes by itself: queue, memory, unsealed WAL. Nothing was stored.
    #[error("the store is busy ({what}); send again in {retry_after_s} s")]
    Busy { what: &'static str, retry_after_s: u32 },
    /// No room on disk for another WAL segment or file. Nothing was stored; queries go on.
    #[error("no space left in {path}; free some and send again")]
    NoSpace { path: String },
    /// A query needs more than its pool has.
    #[error(
        "the query needs {needed} bytes of memory and {free} are free; ask for less time, fewer groups or a larger step"
    )]
    QueryMemory { needed: usize, free: usize },
    /// Asked for what can't be; says why.
    #[error("{0}")]
    Refused(String),
    #[error("the query was cancelled or took longer than allowed")]
    Cancelled,
    /// The process stops taking writes: an fsync failed, or it is closing.
    #[error("the store is closed: {0}")]
    Closed(String),
    /// Something on disk is not what was written.
    #[error("{path} is damaged: {what}")]
    Corrupt { path: String, what: String },
    #[error("{path}: {source}")]
    Io { path: String, source: std::io::Error },
    #[error("catalog: {0}")]
    Catalog(#[from] sqlx::Error),
}

impl Error {
    /// The one mapping to status, retry and log level.
    pub fn code(&self) -> Code {
        match self {
            Self::Busy { .. } => Code::Busy,
            Self::NoSpace { .. } => Code::NoSpace,
            Self::QueryMemory { .. } | Self::Refused(_) => Code::Invalid,
            Self::Cancelled => Code::Timeout,
            Self::Closed(_) | Self::Corrupt { .. } | Self::Io { .. } | Self::Catalog(_) => Code::Internal,
        }
    }
}

pub type Result<T> = std::result::Result<T, Error>;
