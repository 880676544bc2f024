//! Why a listener is not there.

use oriel_model::Code;
use std::io;

/// What keeps a listener from starting.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address or path can't be had.
    #[error("{listener} cannot listen on {address}: {source}{held_by}; set another address, or off")]
    Bind {
        listener: &'static str,
        address: String,
        source: io::Error,
        /// `, held by NAME (pid N)` where that is known.
        held_by: String,
    },
    /// DogStatsD bears no keys, so it may listen on loopback only.
    #[error(
        "{listener} cannot listen on {address}: its lines bear no key, so it takes loopback addresses only; use 127.0.0.1, or a unix socket"
    )]
    NotLoopback { listener: &'static str, address: String },
    /// Its lines bear no key either, but networks may be named that are to be trusted.
    #[error(
        "{listener} cannot listen on {address}: its lines bear no key; name the networks that may send with --syslog-from, or use 127.0.0.1"
    )]
    NobodyMaySend { listener: &'static str, address: String },
    /// The certificate or its key can't be used.
    #[error("{}: {why}; give certificate and key as PEM files that belong together", path.display())]
    Tls { path: std::path::PathBuf, why: String },
    /// A thread or task can't be started.
    #[error("{listener} cannot start: {source}")]
    Start { listener: &'static str, source: io::Error },
}

impl Error {
    pub fn code(&self) -> Code {
        match self {
            Self::Bind { .. } => Code::Conflict,
            Self::NotLoopback { .. } | Self::NobodyMaySend { .. } | Self::Tls { .. } => Code::Invalid,
            Self::Start { .. } => Code::Internal,
        }
    }
}
