//! Which blocks may hold a rare term or an id: bloom filters of a row group's blocks, transposed.
//!
//! All blocks of a group share a number of bits; bit `i` of each lies together, one or two bytes. A question reads the few places
//! that its hash names, and the answer for all blocks of the group is their conjunction.

use super::pack_bytes::{Input, Output};
use crate::file::values::Decoded;

/// Blocks of a row group, at most.
pub(super) const GROUP_BLOCKS: usize = 16;

/// Hash functions asked for, whatever a head says.
const HASHES_MAX: u32 = 16;

/// Where a group's filter lies, and how it was made. `bits` 0: there is none, since no block has an item.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct BloomPlace {
    pub(super) offset: u64,
    pub(super) bits: u32,
    pub(super) hashes: u32,
}

impl BloomPlace {
    pub(super) fn put(&self, out: &mut Output) {
        out.number(self.offset);
        out.number(u64::from(self.bits));
        out.number(u64::from(self.hashes));
    }

    pub(super) fn take(input: &mut Input<'_>) -> Decoded<Self> {
        let place = Self { offset: input.number()?, bits: input.small()?, hashes: input.small()? };
        Ok(Self { hashes: place.hashes.min(HASHES_MAX), ..place })
    }

    /// The places of two bytes each that a hash names.
    pub(super) fn rows(&self, hash: u64) -> impl Iterator<Item = u64> {
        let (bits, offset) = (self.bits, self.offset);
        (0..self.hashes).map(move |i| offset + 2 * u64::from(place(hash, i, bits)))
    }
}

fn place(hash: u64, i: u32, bits: u32) -> u32 {
    let (low, high) = (hash as u32, (hash >> 32) as u32 | 1);
    let mixed = low.wrapping_add(high.wrapping_mul(i)).wrapping_add(i * i);
    ((u64::from(mixed) * u64::from(bits)) >> 32) as u32
}

/// Makes the filter of a group: items by the block of the group that has them. Gives its bits and hash functions.
pub(super) fn build(items: &[Vec<u64>], bits_per_item: u32, out: &mut Vec<u8>) -> (u32, u32) {
    let most = items.iter().map(Vec::len).max().unwrap_or(0);
    if most == 0 {
        return (0, 0);
    }
    let bits = u32::try_from(most * bits_per_item as usize).unwrap_or(u32::MAX).max(64);
    // ln 2 hash functions a bit are best.
    let hashes = (bits_per_item * 7 / 10).clamp(1, HASHES_MAX);
    let mut rows = vec![0u16; bits as usize];
    for (block, items) in items.iter().enumerate().take(GROUP_BLOCKS) {
        for &hash in items {
            (0..hashes).for_each(|i| rows[place(hash, i, bits) as usize] |= 1 << block);
        }
    }
    rows.iter().for_each(|row| out.extend_from_slice(&row.to_le_bytes()));
    (bits, hashes)
}
