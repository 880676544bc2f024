//! The inverted index of one org's series on one UTC day (STORE 6).
//!
//! Postings are roaring bitmaps over dense ordinals that mean something only here. New series queue beside the index and are
//! taken in by the next reader, so that a write never waits for one.

use crate::registry::resident::{KeyMap, def_bytes};
use oriel_model::{Kind, SeriesDef, SeriesKey};
use parking_lot::{Mutex, RwLock, RwLockReadGuard};
use roaring::RoaringBitmap;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// A series as a day knows it.
#[derive(Clone, Debug)]
pub(crate) struct DaySeries {
    pub(crate) key: SeriesKey,
    pub(crate) def: Arc<SeriesDef>,
    pub(crate) kind: Kind,
    pub(crate) interval_s: u32,
}

/// Bytes of a series beside its texts: row, map slot, and its bits in postings of a dozen tags.
const SERIES_BYTES: usize = 120;

/// Bytes of a posting list beside its text: tree slot and the first container.
const POSTING_BYTES: usize = 160;

/// Dense ordinals and their postings.
#[derive(Default)]
pub(crate) struct Postings {
    pub(crate) series: Vec<DaySeries>,
    by_key: KeyMap<SeriesKey, u32>,
    pub(crate) metrics: BTreeMap<Box<str>, RoaringBitmap>,
    /// Under whole tags, `key:value` or bare.
    pub(crate) tags: BTreeMap<Box<str>, RoaringBitmap>,
    pub(crate) hosts: BTreeMap<Box<str>, RoaringBitmap>,
    /// Series whose key was another definition's; they are left out.
    pub(crate) collisions: u64,
}

impl Postings {
    /// Takes a series in, or brings its kind and interval up to date. Gives the bytes it added.
    pub(crate) fn add(&mut self, new: DaySeries) -> usize {
        if let Some(&n) = self.by_key.get(&new.key) {
            let known = &mut self.series[n as usize];
            if !Arc::ptr_eq(&known.def, &new.def) && known.def != new.def {
                self.collisions += 1;
                return 0;
            }
            known.kind = new.kind;
            if new.interval_s != 0 {
                known.interval_s = new.interval_s;
            }
            return 0;
        }
        let ordinal = self.series.len() as u32;
        let mut bytes = SERIES_BYTES;
        bytes += post(&mut self.metrics, &new.def.metric, ordinal);
        if !new.def.host.is_empty() {
            bytes += post(&mut self.hosts, &new.def.host, ordinal);
        }
        for tag in new.def.tags.iter() {
            bytes += post(&mut self.tags, tag, ordinal);
        }
        if Arc::strong_count(&new.def) == 1 {
            bytes += def_bytes(&new.def);
        }
        self.by_key.insert(new.key, ordinal);
        self.series.push(new);
        bytes
    }

    pub(crate) fn metric(&self, name: &str) -> Option<&RoaringBitmap> {
        self.metrics.get(name)
    }
}

/// Sets a bit; gives the bytes it added.
fn post(lists: &mut BTreeMap<Box<str>, RoaringBitmap>, text: &str, ordinal: u32) -> usize {
    if let Some(list) = lists.get_mut(text) {
        list.insert(ordinal);
        return 0;
    }
    lists.insert(text.into(), RoaringBitmap::from_iter([ordinal]));
    POSTING_BYTES + text.len()
}

/// One org's day; see the module's head.
#[derive(Default)]
pub(crate) struct Day {
    postings: RwLock<Postings>,
    /// At most the org's active series in each generation; readers and the next load empty it.
    queued: Mutex<Vec<DaySeries>>,
    bytes: AtomicUsize,
    /// When it was last read, on the registry's count of reads.
    pub(crate) used: AtomicU64,
}

impl Day {
    /// Queues a series for the next reader.
    pub(crate) fn queue(&self, series: DaySeries) {
        self.queued.lock().push(series);
    }

    /// Fills the index before anybody reads it.
    pub(crate) fn load(
        &self,
        fill: impl FnOnce(&mut dyn FnMut(DaySeries)) -> crate::Result<()>,
    ) -> crate::Result<()> {
        let mut postings = self.postings.write();
        let mut bytes = 0;
        fill(&mut |series| bytes += postings.add(series))?;
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        Ok(())
    }

    /// The index with everything that was queued.
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, Postings> {
        self.settle();
        self.postings.read()
    }

    /// Takes the queue into the index.
    pub(crate) fn settle(&self) {
        let queued = std::mem::take(&mut *self.queued.lock());
        if !queued.is_empty() {
            let mut postings = self.postings.write();
            let bytes: usize = queued.into_iter().map(|s| postings.add(s)).sum();
            self.bytes.fetch_add(bytes, Ordering::Relaxed);
        }
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed) + self.queued.lock().len() * size_of::<DaySeries>()
    }
}
