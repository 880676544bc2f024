//! `Content-Encoding` undone, with a bound on what comes out.
//!
//! Compressed bodies may be several frames or members in a row (the agent's builders make them so); all are read, to the end.
//! `deflate` is zlib by the standard and raw deflate in the wild; the first bytes tell. `zstd1` is what
//! `datadog-api-client` calls zstd. `snappy` is one block (remote write), or the framed format by its magic.

use crate::{Error, Result};
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use std::borrow::Cow;
use std::io::Read;

/// Encodings that one header may list; clients send one.
const CODINGS_MAX: usize = 3;
/// The largest zstd window we decode: 2^27 bytes, zstd's own default bound.
const ZSTD_WINDOW_LOG_MAX: u32 = 27;
/// How a framed snappy stream begins.
const SNAPPY_FRAMED: &[u8] = b"\xff\x06\x00\x00sNaPpY";

/// Undoes the encodings of a `Content-Encoding` header. No header, an empty one and `identity` leave the body as it is.
pub fn decode<'a>(content_encoding: Option<&str>, body: &'a [u8], limit: usize) -> Result<Cow<'a, [u8]>> {
    let header = content_encoding.unwrap_or("");
    let codings: Vec<&str> = header.split(',').map(str::trim).filter(|c| !c.is_empty()).collect();
    if codings.len() > CODINGS_MAX {
        return Err(Error::UnknownEncoding(header.to_owned()));
    }
    let mut body = Cow::Borrowed(body);
    for coding in codings.iter().rev() {
        if let Some(decoded) = undo(coding, &body, limit)? {
            body = Cow::Owned(decoded);
        }
    }
    if body.len() > limit {
        return Err(Error::TooLarge { limit });
    }
    Ok(body)
}

fn undo(coding: &str, body: &[u8], limit: usize) -> Result<Option<Vec<u8>>> {
    let decoded = match coding.to_ascii_lowercase().as_str() {
        "identity" => return Ok(None),
        "gzip" | "x-gzip" => read_all("gzip", MultiGzDecoder::new(body), limit)?,
        "deflate" => deflate(body, limit)?,
        "zstd" | "zstd1" => zstd(body, limit)?,
        "snappy" => snappy(body, limit)?,
        _ => return Err(Error::UnknownEncoding(coding.to_owned())),
    };
    Ok(Some(decoded))
}

fn read_all(encoding: &'static str, reader: impl Read, limit: usize) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    append(encoding, reader, limit, &mut out)?;
    Ok(out)
}

/// Reads to the end; one byte more than the limit shows that there was more.
fn append(encoding: &'static str, reader: impl Read, limit: usize, out: &mut Vec<u8>) -> Result<()> {
    let room = (limit - out.len().min(limit)) as u64 + 1;
    reader.take(room).read_to_end(out).map_err(|e| bad(encoding, &e))?;
    if out.len() > limit { Err(Error::TooLarge { limit }) } else { Ok(()) }
}

/// Zlib members in a row, or one raw stream.
fn deflate(body: &[u8], limit: usize) -> Result<Vec<u8>> {
    let raw = || read_all("deflate", DeflateDecoder::new(body), limit);
    if !is_zlib(body) {
        return raw();
    }
    match zlib_members(body, limit) {
        // One raw stream in 500 begins like a zlib header.
        Err(e @ Error::BadCompression { .. }) => raw().map_err(|_| e),
        decoded => decoded,
    }
}

fn zlib_members(body: &[u8], limit: usize) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    let mut rest = body;
    while !rest.is_empty() {
        let mut decoder = ZlibDecoder::new(rest);
        append("deflate", &mut decoder, limit, &mut out)?;
        let used = usize::try_from(decoder.total_in()).unwrap_or(rest.len());
        rest = &rest[used.clamp(1, rest.len())..];
    }
    Ok(out)
}

/// RFC 1950: method 8, and a header that is a multiple of 31.
fn is_zlib(body: &[u8]) -> bool {
    match body {
        [cmf, flg, ..] => cmf & 0x0f == 8 && (u16::from(*cmf) << 8 | u16::from(*flg)).is_multiple_of(31),
        _ => false,
    }
}

fn zstd(body: &[u8], limit: usize) -> Result<Vec<u8>> {
    let mut decoder = ::zstd::stream::read::Decoder::with_buffer(body).map_err(|e| bad("zstd", &e))?;
    decoder.window_log_max(ZSTD_WINDOW_LOG_MAX).map_err(|e| bad("zstd", &e))?;
    read_all("zstd", decoder, limit)
}

fn snappy(body: &[u8], limit: usize) -> Result<Vec<u8>> {
    if body.starts_with(SNAPPY_FRAMED) {
        return read_all("snappy", snap::read::FrameDecoder::new(body), limit);
    }
    let len = snap::raw::decompress_len(body).map_err(|e| bad("snappy", &e))?;
    if len > limit {
        return Err(Error::TooLarge { limit });
    }
    // A block of n bytes expands to at most 64 n / 3 (three bytes copy 64): a forged length allocates no more than that.
    if len > body.len().saturating_mul(22) {
        return Err(bad("snappy", &"its length is forged"));
    }
    snap::raw::Decoder::new().decompress_vec(body).map_err(|e| bad("snappy", &e))
}

fn bad(encoding: &'static str, detail: &dyn std::fmt::Display) -> Error {
    Error::BadCompression { encoding, detail: detail.to_string() }
}

#[cfg(test)]
mod tests;
