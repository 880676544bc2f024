//! From the hash of raw bytes to a series, without parsing (STORE 4).
//!
//! Two generations a shard: lookups and inserts fill the young table; when it has its share of the pool it becomes the old
//! one, and what was old and not looked up since is forgotten. So the cache stays inside its bound without lists or clocks.
//! An entry is 36 bytes and tables are at most 0.9 full: 40 bytes an entry. Forgetting costs a parse, never an error.

use oriel_model::{MetricId, RawKey, SeriesId, SeriesKey, SeriesRef};
use parking_lot::RwLock;

/// Locks are spread over this many shards: more than the cores that decode at once.
const SHARDS: usize = 16;

/// Entries of a table's first allocation.
const ENTRIES_MIN: usize = 64;

/// Packed so that 36 bytes are 36 bytes. A raw key of 0 marks an empty place.
#[derive(Clone, Copy)]
#[repr(C, packed(4))]
struct Entry {
    raw: RawKey,
    metric: u64,
    series: u64,
    slot: u32,
}

const EMPTY: Entry = Entry { raw: 0, metric: 0, series: 0, slot: 0 };
const ENTRY_BYTES: usize = size_of::<Entry>();

/// Open addressing with linear probing; nothing is ever removed from it.
struct Table {
    entries: Box<[Entry]>,
    len: usize,
}

impl Table {
    fn empty() -> Self {
        Self { entries: Box::default(), len: 0 }
    }

    fn place(&self, raw: RawKey) -> usize {
        // Multiply-shift maps 64 hashed bits onto any length, so that tables need not double.
        let hash = (raw >> 64) as u64;
        ((u128::from(hash) * self.entries.len() as u128) >> 64) as usize
    }

    fn get(&self, raw: RawKey) -> Option<SeriesRef> {
        if self.len == 0 {
            return None;
        }
        let mut at = self.place(raw);
        loop {
            let entry = self.entries[at];
            if entry.raw == raw {
                let key = SeriesKey { metric: MetricId(entry.metric), series: SeriesId(entry.series) };
                return Some(SeriesRef { key, slot: entry.slot });
            }
            if entry.raw == 0 {
                return None;
            }
            at = if at + 1 == self.entries.len() { 0 } else { at + 1 };
        }
    }

    /// Whether one more entry fits without growing: at most nine tenths full, and never quite full.
    fn has_room(&self) -> bool {
        (self.len + 1) * 10 <= self.entries.len() * 9
    }

    fn put(&mut self, entry: Entry) {
        let mut at = self.place(entry.raw);
        loop {
            let there = self.entries[at].raw;
            if there == 0 || there == entry.raw {
                self.len += usize::from(there == 0);
                self.entries[at] = entry;
                return;
            }
            at = if at + 1 == self.entries.len() { 0 } else { at + 1 };
        }
    }

    fn grow(&mut self, entries: usize) {
        let old = std::mem::replace(&mut self.entries, vec![EMPTY; entries].into());
        self.len = 0;
        for entry in old.iter().filter(|e| e.raw != 0) {
            self.put(*entry);
        }
    }
}

struct Shard {
    young: Table,
    old: Table,
}

/// See the module's head.
pub(crate) struct RawCache {
    shards: Box<[RwLock<Shard>]>,
    /// Entries of one table of one shard, at most.
    entries_max: usize,
}

impl RawCache {
    /// A cache of at most `bytes`, both generations together.
    pub(crate) fn new(bytes: usize) -> Self {
        let shards = (0..SHARDS).map(|_| RwLock::new(Shard { young: Table::empty(), old: Table::empty() }));
        Self { shards: shards.collect(), entries_max: (bytes / ENTRY_BYTES / SHARDS / 2).max(ENTRIES_MIN) }
    }

    pub(crate) fn get(&self, raw: RawKey) -> Option<SeriesRef> {
        let shard = self.shard(raw);
        let found = {
            let shard = shard.read();
            if let Some(young) = shard.young.get(raw) {
                return Some(young);
            }
            shard.old.get(raw)
        }?;
        self.put(raw, found);
        Some(found)
    }

    pub(crate) fn put(&self, raw: RawKey, series: SeriesRef) {
        if raw == 0 {
            return;
        }
        let mut shard = self.shard(raw).write();
        if !shard.young.has_room() {
            let entries = shard.young.entries.len();
            if entries < self.entries_max {
                shard.young.grow((entries + entries / 2).clamp(ENTRIES_MIN, self.entries_max));
            } else {
                shard.old = std::mem::replace(&mut shard.young, Table::empty());
                shard.young.grow(ENTRIES_MIN);
            }
        }
        let SeriesRef { key, slot } = series;
        shard.young.put(Entry { raw, metric: key.metric.0, series: key.series.0, slot });
    }

    /// Bytes held now.
    pub(crate) fn bytes(&self) -> usize {
        let of = |shard: &Shard| (shard.young.entries.len() + shard.old.entries.len()) * ENTRY_BYTES;
        self.shards.iter().map(|s| of(&s.read())).sum()
    }

    fn shard(&self, raw: RawKey) -> &RwLock<Shard> {
        &self.shards[raw as usize % SHARDS]
    }
}

#[cfg(test)]
mod tests;
