//! Whether a block may hold a rare term or an id: a bloom filter of the size that the block's items need.
//!
//! Blocks differ much in how many rare terms they have (a front's have few, a service's thousands), so that filters of one size,
//! transposed, would take twice the bytes. A question reads a byte for each hash function and stops at the first bit that is not
//! set, the second on the average.

use super::pack_bytes::{Input, Output};
use crate::file::values::{Damage, Decoded};

/// Hash functions of a filter, at most.
const HASHES_MAX: u32 = 16;

/// Where a block's filter lies, and how it was made. `bits` 0: there is none, since the block has no item.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct BloomPlace {
    pub(super) offset: u64,
    pub(super) bits: u32,
    pub(super) hashes: u32,
}

impl BloomPlace {
    pub(super) fn put(&self, out: &mut Output) {
        out.number(u64::from(self.bits));
        if self.bits > 0 {
            out.number(self.offset);
            out.number(u64::from(self.hashes));
        }
    }

    pub(super) fn take(input: &mut Input<'_>) -> Decoded<Self> {
        let bits = input.small()?;
        if bits == 0 {
            return Ok(Self::default());
        }
        let place = Self { offset: input.number()?, bits, hashes: input.small()? };
        if place.offset > i64::MAX as u64 || place.hashes > HASHES_MAX {
            return Err(Damage::new("a filter that can't be"));
        }
        Ok(place)
    }

    /// The byte and the bit in it of each place that a hash names.
    pub(super) fn places(&self, hash: u64) -> impl Iterator<Item = (u64, u8)> {
        let (bits, offset) = (self.bits, self.offset);
        (0..self.hashes).map(move |i| {
            let place = place(hash, i, bits);
            (offset + u64::from(place / 8), 1 << (place % 8))
        })
    }
}

fn place(hash: u64, i: u32, bits: u32) -> u32 {
    let (low, high) = (hash as u32, (hash >> 32) as u32 | 1);
    let mixed = low.wrapping_add(high.wrapping_mul(i)).wrapping_add(i * i);
    ((u64::from(mixed) * u64::from(bits)) >> 32) as u32
}

/// Appends the filter of a block's items; it lies `at` bytes into the file.
pub(super) fn build(items: &[u64], bits_per_item: u32, at: u64, out: &mut Vec<u8>) -> BloomPlace {
    if items.is_empty() {
        return BloomPlace::default();
    }
    let bits = u32::try_from(items.len() * bits_per_item as usize).unwrap_or(u32::MAX).max(64);
    // ln 2 hash functions a bit are best.
    let hashes = (bits_per_item * 7 / 10).clamp(1, HASHES_MAX);
    let begin = out.len();
    out.resize(begin + bits.div_ceil(8) as usize, 0);
    for &hash in items {
        for i in 0..hashes {
            let place = place(hash, i, bits);
            out[begin + (place / 8) as usize] |= 1 << (place % 8);
        }
    }
    BloomPlace { offset: at + begin as u64, bits, hashes }
}
