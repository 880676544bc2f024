//! The codes that errors map to, once for the whole product: each fixes status, retry and log level.

/// What a caller can do about an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    /// The request is wrong and will stay wrong: 400.
    Invalid,
    /// No or unknown key: 403 (401 where the protocol says so).
    Forbidden,
    /// The thing does not exist: 404.
    NotFound,
    /// Somebody else changed it, or it exists: 409.
    Conflict,
    /// The body is over a limit: 413.
    TooLarge,
    /// Come back later, nothing was stored: 429.
    Busy,
    /// No room on disk; retry later: 503.
    NoSpace,
    /// Took too long: 504.
    Timeout,
    /// Our fault: 500, logged as an error.
    Internal,
}

impl Code {
    pub fn http_status(self) -> u16 {
        match self {
            Self::Invalid => 400,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::Conflict => 409,
            Self::TooLarge => 413,
            Self::Busy => 429,
            Self::NoSpace => 503,
            Self::Timeout => 504,
            Self::Internal => 500,
        }
    }

    /// Whether the same request may succeed later.
    pub fn is_retryable(self) -> bool {
        matches!(self, Self::Busy | Self::NoSpace | Self::Timeout)
    }
}

/// An error as clients see it: what, where, what to do. Lower case, names the thing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ErrorBody {
    pub code: Code,
    pub message: String,
}

impl ErrorBody {
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}
