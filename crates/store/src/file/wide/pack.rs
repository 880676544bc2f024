//! Integer packings of Parquet: the hybrid of runs and bits (levels, dictionary places) and DELTA_BINARY_PACKED.
//!
//! Decoders take any bytes: what does not fit is [`Damage`], never a panic, and never more memory than the asked number of
//! values needs.

use crate::file::times::{put_varint, take_varint};
use crate::file::values::{Damage, Decoded};

/// Values of a block of DELTA_BINARY_PACKED, and of each of its miniblocks.
const DELTA_BLOCK: usize = 128;
const MINIBLOCK: usize = 32;
const MINIBLOCKS: usize = DELTA_BLOCK / MINIBLOCK;

/// A run of equal values shorter than this costs less as bits.
const RUN_MIN: usize = 8;

/// Bits that hold every number up to `max`, at least one.
pub(super) fn width_of(max: u32) -> u32 {
    (32 - max.leading_zeros()).max(1)
}

/// Appends the hybrid encoding of numbers that fit `width` bits.
pub(super) fn put_hybrid(values: &[u32], width: u32, out: &mut Vec<u8>) {
    let mut literal = 0;
    let mut at = 0;
    while at < values.len() {
        let run = values[at..].iter().take_while(|v| **v == values[at]).count();
        // Bits come in groups of eight values.
        let fill = (8 - (at - literal) % 8) % 8;
        if run < RUN_MIN + fill {
            at += run;
            continue;
        }
        put_bits_run(&values[literal..at + fill], width, out);
        put_varint(((run - fill) as u64) << 1, out);
        out.extend_from_slice(&values[at].to_le_bytes()[..width.div_ceil(8) as usize]);
        at += run;
        literal = at;
    }
    put_bits_run(&values[literal..], width, out);
}

fn put_bits_run(values: &[u32], width: u32, out: &mut Vec<u8>) {
    if values.is_empty() {
        return;
    }
    let groups = values.len().div_ceil(8);
    put_varint((groups as u64) << 1 | 1, out);
    let end = out.len() + groups * width as usize;
    put_bits(values.iter().map(|&v| u64::from(v)), width, out);
    out.resize(end, 0);
}

/// Appends numbers of `width` bits each, lowest bit first; the last byte is filled with zeros.
fn put_bits(values: impl Iterator<Item = u64>, width: u32, out: &mut Vec<u8>) {
    let (mut held, mut bits) = (0u128, 0);
    for value in values {
        held |= u128::from(value) << bits;
        bits += width;
        while bits >= 8 {
            out.push(held as u8);
            held >>= 8;
            bits -= 8;
        }
    }
    if bits > 0 {
        out.push(held as u8);
    }
}

/// Reads `n` numbers of `width` bits at most 32 in the hybrid encoding.
pub(super) fn take_hybrid(mut bytes: &[u8], width: u32, n: usize) -> Decoded<Vec<u32>> {
    if !(1..=32).contains(&width) {
        return Err(Damage::new(format!("places of {width} bits")));
    }
    let mut out = Vec::with_capacity(n);
    while out.len() < n {
        let (header, rest) = take_varint(bytes)?;
        let count = usize::try_from(header >> 1).map_err(|_| Damage::new("a run too long"))?;
        let left = n - out.len();
        if header & 1 == 0 {
            let len = width.div_ceil(8) as usize;
            let (value, rest) =
                rest.split_at_checked(len).ok_or_else(|| Damage::new("a run without value"))?;
            let mut word = [0; 4];
            word[..len].copy_from_slice(value);
            out.resize(out.len() + count.min(left), u32::from_le_bytes(word));
            if count == 0 {
                return Err(Damage::new("an empty run"));
            }
            bytes = rest;
        } else {
            let len = count.checked_mul(width as usize).ok_or_else(|| Damage::new("a run too long"))?;
            let (packed, rest) =
                rest.split_at_checked(len).ok_or_else(|| Damage::new("bits that end early"))?;
            if count == 0 {
                return Err(Damage::new("an empty run"));
            }
            unpack(packed, width, count.saturating_mul(8).min(left), |v| out.push(v as u32));
            bytes = rest;
        }
    }
    Ok(out)
}

/// Shows `n` numbers of `width` bits, at most 64; `packed` holds all of them.
fn unpack(packed: &[u8], width: u32, n: usize, mut show: impl FnMut(u64)) {
    if width == 0 {
        (0..n).for_each(|_| show(0));
        return;
    }
    let mask = u64::MAX >> (64 - width);
    let width = width as usize;
    // Whole words can be loaded up to here; a number of up to 57 bits lies within the eight bytes at its first one.
    let fast = if width <= 57 && packed.len() >= 8 { ((packed.len() - 8) * 8 / width + 1).min(n) } else { 0 };
    for i in 0..fast {
        let bit = i * width;
        let word = packed.get(bit / 8..).and_then(|rest| rest.first_chunk::<8>());
        show(u64::from_le_bytes(word.copied().unwrap_or_default()) >> (bit % 8) & mask);
    }
    for i in fast..n {
        let (bit, mut word) = (i * width, [0; 16]);
        let tail = &packed[(bit / 8).min(packed.len())..];
        let len = tail.len().min(16);
        word[..len].copy_from_slice(&tail[..len]);
        show((u128::from_le_bytes(word) >> (bit % 8)) as u64 & mask);
    }
}

fn zigzag(n: i64) -> u64 {
    (n << 1 ^ n >> 63) as u64
}

fn unzigzag(n: u64) -> i64 {
    (n >> 1) as i64 ^ -((n & 1) as i64)
}

/// Appends DELTA_BINARY_PACKED.
pub(super) fn put_delta(values: &[i64], out: &mut Vec<u8>) {
    put_varint(DELTA_BLOCK as u64, out);
    put_varint(MINIBLOCKS as u64, out);
    put_varint(values.len() as u64, out);
    put_varint(zigzag(values.first().copied().unwrap_or(0)), out);
    let deltas: Vec<i64> = values.windows(2).map(|w| w[1].wrapping_sub(w[0])).collect();
    for block in deltas.chunks(DELTA_BLOCK) {
        let least = block.iter().copied().min().unwrap_or(0);
        put_varint(zigzag(least), out);
        let widths_at = out.len();
        out.extend_from_slice(&[0; MINIBLOCKS]);
        for (i, part) in block.chunks(MINIBLOCK).enumerate() {
            let over = |d: &i64| d.wrapping_sub(least) as u64;
            let width = 64 - part.iter().map(over).fold(0, |a, b| a | b).leading_zeros();
            out[widths_at + i] = width as u8;
            let end = out.len() + MINIBLOCK / 8 * width as usize;
            put_bits(part.iter().map(over), width, out);
            out.resize(end, 0);
        }
    }
}

/// Reads exactly `n` numbers of DELTA_BINARY_PACKED and gives the bytes after them.
pub(super) fn take_delta(bytes: &[u8], n: usize) -> Decoded<(Vec<i64>, &[u8])> {
    let (block, bytes) = take_varint(bytes)?;
    let (miniblocks, bytes) = take_varint(bytes)?;
    let (count, bytes) = take_varint(bytes)?;
    let (first, mut bytes) = take_varint(bytes)?;
    if (block, miniblocks) != (DELTA_BLOCK as u64, MINIBLOCKS as u64) || count != n as u64 {
        return Err(Damage::new("deltas of another shape"));
    }
    let mut out = Vec::with_capacity(n);
    let mut last = unzigzag(first);
    if n > 0 {
        out.push(last);
    }
    while out.len() < n {
        let (least, rest) = take_varint(bytes)?;
        let least = unzigzag(least);
        let (widths, mut rest) =
            rest.split_first_chunk::<MINIBLOCKS>().ok_or_else(|| Damage::new("deltas without widths"))?;
        for &width in widths {
            let left = n - out.len();
            if left == 0 {
                break;
            }
            if width > 64 {
                return Err(Damage::new(format!("deltas of {width} bits")));
            }
            let (packed, after) = rest
                .split_at_checked(MINIBLOCK / 8 * usize::from(width))
                .ok_or_else(|| Damage::new("deltas that end early"))?;
            unpack(packed, u32::from(width), left.min(MINIBLOCK), |over| {
                last = last.wrapping_add(least).wrapping_add(over as i64);
                out.push(last);
            });
            rest = after;
        }
        bytes = rest;
    }
    Ok((out, bytes))
}

#[cfg(test)]
mod tests;
