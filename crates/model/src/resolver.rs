//! From raw bytes of a name and its tags, as they came, to a known series: one hash and no parsing (STORE 3 to 5).
//!
//! The store implements [`SeriesResolver`] over its raw cache. A miss costs a parse, never an error. Nothing is
//! *published* here: an entry appears only after the WAL record with the series' definition is durable.

use crate::{MetricId, OrgId, SeriesDef, SeriesId, SeriesKey};
use xxhash_rust::xxh3::{Xxh3, xxh3_128_with_secret};

/// 128-bit hash, with a secret of the process, over (org, decoder, default host, raw bytes).
pub type RawKey = u128;

/// The part of a [`RawKey`] that is the same for a whole request.
#[derive(Clone, Copy, Debug)]
pub struct RawPrefix(u128);

/// Makes [`RawKey`]s with the process's secret.
#[derive(Clone)]
pub struct RawHasher {
    secret: [u8; 192],
}

impl RawHasher {
    pub fn new(secret: [u8; 192]) -> Self {
        Self { secret }
    }

    /// `decoder` names the decoder and whatever of its options changes the meaning of equal bytes.
    pub fn prefix(&self, org: OrgId, decoder: &str, default_host: &str) -> RawPrefix {
        let mut hash = self.streaming();
        hash.update(&org.0.to_le_bytes());
        hash.update(&(decoder.len() as u64).to_le_bytes());
        hash.update(decoder.as_bytes());
        hash.update(default_host.as_bytes());
        RawPrefix(hash.digest128())
    }

    /// The key of one contiguous piece of raw bytes.
    #[inline]
    pub fn key(&self, prefix: RawPrefix, raw: &[u8]) -> RawKey {
        xxh3_128_with_secret(raw, &self.secret) ^ prefix.0
    }

    /// The key of several pieces; the boundaries count.
    pub fn key_of(&self, prefix: RawPrefix, pieces: &[&[u8]]) -> RawKey {
        let mut hash = self.streaming();
        for piece in pieces {
            hash.update(&(piece.len() as u64).to_le_bytes());
            hash.update(piece);
        }
        hash.digest128() ^ prefix.0
    }

    fn streaming(&self) -> Xxh3 {
        Xxh3::with_secret(self.secret)
    }
}

/// A series the store knows: its identity, and where its resident entry probably is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeriesRef {
    pub key: SeriesKey,
    /// A hint only; the store checks it against `key`.
    pub slot: u32,
}

/// The store's raw cache, as decoders see it. One per org.
pub trait SeriesResolver: Send + Sync {
    fn hasher(&self) -> &RawHasher;

    /// The series published under a raw key.
    fn lookup(&self, raw: RawKey) -> Option<SeriesRef>;

    /// The keyed hash of a definition. Pure: registers nothing.
    fn identify(&self, def: &SeriesDef) -> SeriesKey;
}

/// A resolver that knows no series: for tools, tests and fuzzers that only decode. Its keys are hashes without a secret.
#[derive(Clone)]
pub struct Unresolved(RawHasher);

impl Default for Unresolved {
    fn default() -> Self {
        Self(RawHasher::new([0x5a; 192]))
    }
}

impl SeriesResolver for Unresolved {
    fn hasher(&self) -> &RawHasher {
        &self.0
    }

    fn lookup(&self, _: RawKey) -> Option<SeriesRef> {
        None
    }

    fn identify(&self, def: &SeriesDef) -> SeriesKey {
        let mut bytes = Vec::with_capacity(256);
        bytes.extend_from_slice(def.host.as_bytes());
        bytes.push(0);
        def.tags.encode(&mut bytes);
        let id = |bytes: &[u8]| xxh3_128_with_secret(bytes, &self.0.secret) as u64;
        SeriesKey { metric: MetricId(id(def.metric.as_bytes())), series: SeriesId(id(&bytes)) }
    }
}
