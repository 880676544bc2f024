//! Who a series is, in 128 bits: keyed hashes of its name and of its tags and host (STORE 3).
//!
//! The key lives in the catalog, so that nobody outside can aim for a collision. The two halves hash under separate domains.

use oriel_model::{MetricId, SeriesDef, SeriesId, SeriesKey};
use siphasher::sip::SipHasher13;
use std::hash::Hasher;

/// Makes identities under the catalog's key.
#[derive(Clone)]
pub(crate) struct Identity {
    key: [u8; 16],
    /// Bits that tests cut away to get collisions.
    mask: u64,
}

impl Identity {
    pub(crate) fn new(key: [u8; 16]) -> Self {
        Self { key, mask: u64::MAX }
    }

    /// Keeps only the bits of `mask`, so that different series collide.
    #[cfg(test)]
    pub(crate) fn weakened(key: [u8; 16], mask: u64) -> Self {
        Self { key, mask }
    }

    pub(crate) fn metric(&self, name: &str) -> MetricId {
        let mut hash = self.domain(1);
        hash.write(name.as_bytes());
        MetricId(hash.finish() & self.mask)
    }

    pub(crate) fn series(&self, def: &SeriesDef) -> SeriesKey {
        let mut hash = self.domain(2);
        write_text(&mut hash, &def.host);
        for tag in def.tags.iter() {
            write_text(&mut hash, tag);
        }
        SeriesKey { metric: self.metric(&def.metric), series: SeriesId(hash.finish() & self.mask) }
    }

    fn domain(&self, domain: u8) -> SipHasher13 {
        let mut hash = SipHasher13::new_with_key(&self.key);
        hash.write(&[domain]);
        hash
    }
}

/// Length and bytes, so that the boundaries count.
fn write_text(hash: &mut SipHasher13, text: &str) {
    hash.write(&(text.len() as u64).to_le_bytes());
    hash.write(text.as_bytes());
}
