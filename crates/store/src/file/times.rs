//! A chunk's times as bytes, relative to its first: equal runs of different series give equal bytes, so that the file's
//! dictionary keeps each distinct vector once (STORE 9).
//!
//! The first byte says how: a regular step; a regular step with a bitmap of the places that are taken; or the distances
//! between neighbours, as pco numbers of 32 or 64 bits. Sharing one vector among the series of a scrape is worth more
//! than any codec: 0.001 bytes a sample against 0.3 and more.

use super::values::{Damage, Effort, compress, decompress};
use oriel_model::TimeMs;

const REGULAR: u8 = 0;
const GAPS: u8 = 1;
const DISTANCES_32: u8 = 2;
const DISTANCES_64: u8 = 3;

/// A bitmap over more places than this for each time takes more than distances do: about 3 bits a jittered time.
const PLACES_PER_TIME_MAX: u64 = 3;

/// Appends the encoding of `times`: strictly rising, at least one.
pub(crate) fn encode(times: &[TimeMs], effort: Effort, out: &mut Vec<u8>) -> Result<(), Damage> {
    if times.is_empty() {
        return Err(Damage::new("no times to encode"));
    }
    if times.windows(2).any(|w| w[0] >= w[1]) {
        return Err(Damage::new("times that do not rise"));
    }
    let mut distances: Vec<u64> = Vec::with_capacity(times.len());
    distances.extend(times.windows(2).map(|w| w[1].wrapping_sub(w[0]) as u64));
    let step = distances.iter().copied().min().unwrap_or(0);
    if distances.iter().all(|&d| d == step) {
        out.push(REGULAR);
        put_varint(step, out);
        return Ok(());
    }
    if put_gaps(&distances, step, out) {
        return Ok(());
    }
    match distances.iter().map(|&d| u32::try_from(d)).collect::<Result<Vec<u32>, _>>() {
        Ok(short) => compress(DISTANCES_32, &short, effort, out),
        Err(_) => compress(DISTANCES_64, &distances, effort, out),
    }
}

/// Replaces `out` with the `n` times that begin at `first`.
pub(crate) fn decode(blob: &[u8], first: TimeMs, n: usize, out: &mut Vec<TimeMs>) -> Result<(), Damage> {
    out.clear();
    if n == 0 {
        return Err(Damage::new("a chunk without times"));
    }
    let (tag, body) = blob.split_first().ok_or_else(|| Damage::new("an empty times chunk"))?;
    out.reserve(n);
    match *tag {
        REGULAR => {
            let (step, _) = take_varint(body)?;
            out.extend((0..n as u64).map(|i| first.wrapping_add_unsigned(step.wrapping_mul(i))));
        }
        GAPS => take_gaps(body, first, n, out)?,
        DISTANCES_32 => {
            let mut distances: Vec<u32> = Vec::new();
            decompress(body, n - 1, &mut distances)?;
            add_up(first, distances.iter().map(|&d| u64::from(d)), out);
        }
        DISTANCES_64 => {
            let mut distances: Vec<u64> = Vec::new();
            decompress(body, n - 1, &mut distances)?;
            add_up(first, distances.iter().copied(), out);
        }
        other => return Err(Damage::new(format!("unknown times encoding {other}"))),
    }
    Ok(())
}

fn add_up(first: TimeMs, distances: impl Iterator<Item = u64>, out: &mut Vec<TimeMs>) {
    let mut at = first;
    out.push(at);
    out.extend(distances.map(|d| {
        at = at.wrapping_add_unsigned(d);
        at
    }));
}

/// Writes step, number of places and bitmap, if the times lie on few enough places of a regular grid.
fn put_gaps(distances: &[u64], step: u64, out: &mut Vec<u8>) -> bool {
    let limit = PLACES_PER_TIME_MAX * (distances.len() as u64 + 1);
    let mut places = 1u64;
    for d in distances {
        places = places.saturating_add(d / step);
        if d % step != 0 || places > limit {
            return false;
        }
    }
    let mut bits = vec![0u8; places.div_ceil(8) as usize];
    let mut at = 0u64;
    bits[0] = 1;
    for d in distances {
        at += d / step;
        bits[(at / 8) as usize] |= 1 << (at % 8);
    }
    out.push(GAPS);
    put_varint(step, out);
    put_varint(places, out);
    out.extend_from_slice(&bits);
    true
}

fn take_gaps(body: &[u8], first: TimeMs, n: usize, out: &mut Vec<TimeMs>) -> Result<(), Damage> {
    let (step, body) = take_varint(body)?;
    let (places, bits) = take_varint(body)?;
    if bits.len() as u64 != places.div_ceil(8) {
        return Err(Damage::new("a bitmap of times of the wrong length"));
    }
    for (i, &byte) in bits.iter().enumerate() {
        let mut left = byte;
        while left != 0 {
            let place = i as u64 * 8 + u64::from(left.trailing_zeros());
            out.push(first.wrapping_add_unsigned(step.wrapping_mul(place)));
            left &= left - 1;
        }
    }
    if out.len() != n {
        return Err(Damage::new(format!("{} of {n} times in a chunk", out.len())));
    }
    Ok(())
}

/// LEB128.
pub(crate) fn put_varint(mut n: u64, out: &mut Vec<u8>) {
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

/// The reverse of [`put_varint`], with the bytes after it.
pub(crate) fn take_varint(bytes: &[u8]) -> Result<(u64, &[u8]), Damage> {
    let mut n = 0u64;
    for (i, &byte) in bytes.iter().enumerate().take(10) {
        n |= u64::from(byte & 0x7f) << (7 * i);
        if byte < 0x80 {
            return Ok((n, &bytes[i + 1..]));
        }
    }
    Err(Damage::new("a number without end"))
}

#[cfg(test)]
mod tests;
