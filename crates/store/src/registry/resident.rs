//! The series that are active: their definitions, and in which generation each was last logged (STORE 5, 6).
//!
//! A slot is a hint that is checked against the key, so a slot may be used again. A series leaves when no open head logged
//! it and nobody looked it up for an hour; whoever meets it afterwards parses it again.

use crate::parts::Generation;
use oriel_model::{OrgId, SeriesDef, SeriesKey, SeriesRef};
use parking_lot::RwLock;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};

/// Locks are spread over this many shards; the low bits of a slot name one.
const SHARDS: usize = 16;

/// A series idle this long and in no open head stops counting as active.
const IDLE_MINUTES: u32 = 60;

/// No generation has logged the series yet; generations count from 1.
const NEVER: u64 = 0;

/// Fixed bytes of a resident series beside its texts: entry, map slot, and the `Arc` of its definition.
const ENTRY_BYTES: usize = 160;

/// Series keys are hashes already; this only folds them.
#[derive(Default)]
pub(crate) struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &b in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(b);
        }
    }

    fn write_u32(&mut self, n: u32) {
        self.0 = self.0.rotate_left(32) ^ u64::from(n);
    }

    fn write_u64(&mut self, n: u64) {
        self.0 = self.0.rotate_left(23) ^ n;
    }
}

pub(crate) type KeyMap<K, V> = HashMap<K, V, BuildHasherDefault<KeyHasher>>;

/// The shard of a key, of `shards`.
pub(crate) fn shard_of(key: SeriesKey, shards: usize) -> usize {
    ((key.series.0 ^ key.metric.0.rotate_left(17)) >> 7) as usize % shards
}

struct Resident {
    org: OrgId,
    key: SeriesKey,
    def: Arc<SeriesDef>,
    logged: AtomicU64,
    seen_minute: AtomicU32,
}

#[derive(Default)]
struct Shard {
    by_key: KeyMap<(OrgId, SeriesKey), u32>,
    entries: Vec<Option<Resident>>,
    free: Vec<u32>,
}

impl Shard {
    fn at(&self, slot: u32) -> Option<&Resident> {
        self.entries.get(slot as usize / SHARDS)?.as_ref()
    }

    fn find(&self, org: OrgId, key: SeriesKey) -> Option<(u32, &Resident)> {
        let &index = self.by_key.get(&(org, key))?;
        Some((index, self.entries[index as usize].as_ref()?))
    }
}

/// A series that was found or taken in.
pub(crate) struct Admitted {
    pub(crate) slot: u32,
    pub(crate) def: Arc<SeriesDef>,
    /// Its definition is durable in the generation asked for.
    pub(crate) logged: bool,
}

/// Why a newcomer stays out.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    Limit,
    Collision,
}

/// See the module's head.
pub(crate) struct ResidentTable {
    shards: Box<[RwLock<Shard>]>,
    series_per_org: usize,
    counts: RwLock<HashMap<OrgId, Arc<AtomicUsize>>>,
    bytes: AtomicUsize,
    minute: AtomicU32,
}

impl ResidentTable {
    pub(crate) fn new(series_per_org: usize, now_ms: i64) -> Self {
        Self {
            shards: (0..SHARDS).map(|_| RwLock::default()).collect(),
            series_per_org,
            counts: RwLock::default(),
            bytes: AtomicUsize::new(0),
            minute: AtomicU32::new(minute_of(now_ms)),
        }
    }

    /// Whether a cached reference still stands for a resident series; looking at it keeps it resident.
    pub(crate) fn holds(&self, org: OrgId, series: SeriesRef) -> bool {
        let shard = self.shards[series.slot as usize % SHARDS].read();
        match shard.at(series.slot) {
            Some(r) if r.key == series.key && r.org == org => {
                r.seen_minute.store(self.minute.load(Ordering::Relaxed), Ordering::Relaxed);
                true
            }
            _ => false,
        }
    }

    /// A resident series and whether `generation` has logged it.
    #[inline]
    pub(crate) fn get(&self, org: OrgId, key: SeriesKey, generation: Generation) -> Option<Admitted> {
        let number = shard_of(key, SHARDS);
        let shard = self.shards[number].read();
        let (index, r) = shard.find(org, key)?;
        r.seen_minute.store(self.minute.load(Ordering::Relaxed), Ordering::Relaxed);
        Some(admitted(r, index, number, generation))
    }

    /// Like `get` for a series known to be logged: `None` unless it is, without touching its definition.
    #[inline]
    pub(crate) fn is_logged(&self, org: OrgId, series: SeriesRef, generation: Generation) -> bool {
        let shard = self.shards[series.slot as usize % SHARDS].read();
        let found = shard.at(series.slot).filter(|r| r.key == series.key && r.org == org);
        found.is_some_and(|r| {
            r.seen_minute.store(self.minute.load(Ordering::Relaxed), Ordering::Relaxed);
            r.logged.load(Ordering::Acquire) == generation
        })
    }

    /// Finds the series or takes it in, within the org's limit.
    pub(crate) fn admit(
        &self,
        org: OrgId,
        key: SeriesKey,
        def: &Arc<SeriesDef>,
        generation: Generation,
    ) -> Result<Admitted, Refusal> {
        let limit = self.series_per_org;
        self.take_in((org, key), def, generation, limit)
    }

    /// Takes a series in that the WAL holds, whatever the limit.
    pub(crate) fn restore(&self, org: OrgId, key: SeriesKey, def: &Arc<SeriesDef>, generation: Generation) {
        if self.take_in((org, key), def, generation, usize::MAX).is_ok() {
            self.logged(org, key, generation);
        }
    }

    fn take_in(
        &self,
        (org, key): (OrgId, SeriesKey),
        def: &Arc<SeriesDef>,
        generation: Generation,
        limit: usize,
    ) -> Result<Admitted, Refusal> {
        let number = shard_of(key, SHARDS);
        let count = self.count(org);
        let mut shard = self.shards[number].write();
        if let Some((index, r)) = shard.find(org, key) {
            let same = Arc::ptr_eq(&r.def, def) || r.def == *def;
            return if same { Ok(admitted(r, index, number, generation)) } else { Err(Refusal::Collision) };
        }
        if count.fetch_add(1, Ordering::Relaxed) >= limit {
            count.fetch_sub(1, Ordering::Relaxed);
            return Err(Refusal::Limit);
        }
        self.bytes.fetch_add(ENTRY_BYTES + def_bytes(def), Ordering::Relaxed);
        let resident = Resident {
            org,
            key,
            def: def.clone(),
            logged: AtomicU64::new(NEVER),
            seen_minute: AtomicU32::new(self.minute.load(Ordering::Relaxed)),
        };
        let index = match shard.free.pop() {
            Some(index) => index,
            None => {
                shard.entries.push(None);
                shard.entries.len() as u32 - 1
            }
        };
        let admitted = admitted(&resident, index, number, generation);
        shard.entries[index as usize] = Some(resident);
        shard.by_key.insert((org, key), index);
        Ok(admitted)
    }

    /// The series' definition is durable in this generation's part of the WAL, and in its head.
    pub(crate) fn logged(&self, org: OrgId, key: SeriesKey, generation: Generation) {
        let shard = self.shards[shard_of(key, SHARDS)].read();
        if let Some((_, r)) = shard.find(org, key) {
            r.logged.fetch_max(generation, Ordering::AcqRel);
        }
    }

    /// Moves the coarse clock and lets idle series go that no head from `oldest_open` on has logged.
    pub(crate) fn retire(&self, now_ms: i64, oldest_open: Generation) {
        let minute = minute_of(now_ms);
        self.minute.store(minute, Ordering::Relaxed);
        for shard in &self.shards {
            self.retire_shard(&mut shard.write(), minute, oldest_open);
        }
    }

    fn retire_shard(&self, shard: &mut Shard, minute: u32, oldest_open: Generation) {
        let idle = |r: &Resident| {
            r.logged.load(Ordering::Acquire) < oldest_open
                && minute.saturating_sub(r.seen_minute.load(Ordering::Relaxed)) >= IDLE_MINUTES
        };
        for index in 0..shard.entries.len() {
            if !shard.entries[index].as_ref().is_some_and(idle) {
                continue;
            }
            if let Some(gone) = shard.entries[index].take() {
                shard.by_key.remove(&(gone.org, gone.key));
                shard.free.push(index as u32);
                self.bytes.fetch_sub(ENTRY_BYTES + def_bytes(&gone.def), Ordering::Relaxed);
                self.count(gone.org).fetch_sub(1, Ordering::Relaxed);
            }
        }
    }

    /// Active series of an org.
    pub(crate) fn len(&self, org: OrgId) -> usize {
        self.counts.read().get(&org).map_or(0, |n| n.load(Ordering::Relaxed))
    }

    /// Bytes held, by account.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    /// The resident copy of a definition, so that indexes share it.
    pub(crate) fn def(&self, org: OrgId, key: SeriesKey) -> Option<Arc<SeriesDef>> {
        let shard = self.shards[shard_of(key, SHARDS)].read();
        shard.find(org, key).map(|(_, r)| r.def.clone())
    }

    fn count(&self, org: OrgId) -> Arc<AtomicUsize> {
        if let Some(count) = self.counts.read().get(&org) {
            return count.clone();
        }
        self.counts.write().entry(org).or_default().clone()
    }
}

fn minute_of(now_ms: i64) -> u32 {
    u32::try_from(now_ms / 60_000).unwrap_or(0)
}

fn admitted(r: &Resident, index: u32, shard: usize, generation: Generation) -> Admitted {
    Admitted {
        slot: index * SHARDS as u32 + shard as u32,
        def: r.def.clone(),
        logged: r.logged.load(Ordering::Acquire) == generation,
    }
}

/// Heap bytes of a definition: its texts and one box a tag.
pub(crate) fn def_bytes(def: &SeriesDef) -> usize {
    const BOX_BYTES: usize = 32;
    def.metric.len() + def.host.len() + def.tags.iter().map(|t| t.len() + BOX_BYTES).sum::<usize>()
}

#[cfg(test)]
mod tests;
