//! Why a body as a whole can't be read.

use oriel_model::Code;

/// A body that is refused as a whole. Single bad rows are `Rejections` instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No decoder for this `Content-Encoding`.
    #[error("content encoding {0:?} is not known: send identity, gzip, deflate, zstd or snappy")]
    UnknownEncoding(String),
    /// The compressed body is damaged.
    #[error("the body is not valid {encoding}: {detail}")]
    BadCompression { encoding: &'static str, detail: String },
    /// More bytes than the limit, before or after decompression.
    #[error("the body is over {limit} bytes after decompression: send smaller requests")]
    TooLarge { limit: usize },
    /// The body is not of its format.
    #[error("the body is not valid {format}: {detail}")]
    Syntax { format: &'static str, detail: String },
}

impl Error {
    pub fn code(&self) -> Code {
        match self {
            Self::TooLarge { .. } => Code::TooLarge,
            _ => Code::Invalid,
        }
    }
}

impl From<Error> for oriel_model::ErrorBody {
    fn from(e: Error) -> Self {
        Self::new(e.code(), e.to_string())
    }
}
