//! Decoded pages of files, kept while there is room: caches of the process, in the budget's `caches` pool.
//!
//! Pages are of immutable files, so an entry is never wrong. Eviction is second chance: a page that was used since the
//! hand last passed stays once more.

use super::page::Page;
use hashbrown::HashMap;
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};

/// Taken until somebody says otherwise: a fortieth of the default budget of the smallest machine we aim at (1 GiB).
const DEFAULT_BYTES: usize = 24 << 20;

/// Enough that query threads seldom meet; the memory is split evenly.
const SHARDS: usize = 8;

/// A page's place: a number of the open file, a group of its columns, and the page's place among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct PageKey {
    pub(crate) file: u64,
    pub(crate) group: u32,
    pub(crate) column: u16,
    pub(crate) page: u32,
}

/// What the cache keeps, and the memory it holds.
pub(crate) trait Held {
    fn bytes(&self) -> usize;
}

struct Shard<V> {
    pages: HashMap<PageKey, (Arc<V>, bool)>,
    hand: VecDeque<PageKey>,
    bytes: usize,
}

impl<V> Default for Shard<V> {
    fn default() -> Self {
        Self { pages: HashMap::new(), hand: VecDeque::new(), bytes: 0 }
    }
}

/// See the module's head.
pub(crate) struct Cache<V> {
    shards: [Mutex<Shard<V>>; SHARDS],
    limit: AtomicUsize,
    next_file: AtomicU64,
}

/// Pages of files of samples, sketches and definitions.
pub(crate) type PageCache = Cache<Page>;

impl PageCache {
    /// The process's cache. Files have numbers of their own in it, so several stores (in tests) do not meet.
    pub(crate) fn shared() -> &'static Self {
        static SHARED: LazyLock<PageCache> = LazyLock::new(PageCache::default);
        &SHARED
    }
}

impl<V> Default for Cache<V> {
    fn default() -> Self {
        Self {
            shards: Default::default(),
            limit: AtomicUsize::new(DEFAULT_BYTES),
            next_file: AtomicU64::new(0),
        }
    }
}

impl<V: Held> Cache<V> {
    /// The bytes it may take from now on.
    pub(crate) fn set_limit(&self, bytes: usize) {
        self.limit.store(bytes, Ordering::Relaxed);
    }

    pub(crate) fn bytes(&self) -> usize {
        self.shards.iter().map(|s| s.lock().bytes).sum()
    }

    /// A number for a file that was just opened.
    pub(crate) fn file_number(&self) -> u64 {
        self.next_file.fetch_add(1, Ordering::Relaxed)
    }

    /// The page, read by `load` when it is not here. Two readers may load it at once; one stays.
    pub(crate) fn get<E>(&self, key: PageKey, load: impl FnOnce() -> Result<V, E>) -> Result<Arc<V>, E> {
        let shard = &self.shards[(key.file as usize ^ key.page as usize ^ usize::from(key.column)) % SHARDS];
        if let Some((page, used)) = shard.lock().pages.get_mut(&key) {
            *used = true;
            return Ok(Arc::clone(page));
        }
        let page = Arc::new(load()?);
        let mut shard = shard.lock();
        let size = page.bytes();
        if let Some((before, _)) = shard.pages.insert(key, (Arc::clone(&page), false)) {
            shard.bytes -= before.bytes();
        } else {
            shard.hand.push_back(key);
        }
        shard.bytes += size;
        shard.evict(self.limit.load(Ordering::Relaxed) / SHARDS);
        Ok(page)
    }

    /// Forgets the pages of a file that is closed.
    pub(crate) fn forget(&self, file: u64) {
        for shard in &self.shards {
            let mut shard = shard.lock();
            let mut freed = 0;
            shard.pages.retain(|key, (page, _)| {
                let stays = key.file != file;
                freed += if stays { 0 } else { page.bytes() };
                stays
            });
            shard.hand.retain(|key| key.file != file);
            shard.bytes -= freed;
        }
    }
}

impl<V: Held> Shard<V> {
    fn evict(&mut self, limit: usize) {
        while self.bytes > limit {
            let Some(key) = self.hand.pop_front() else { break };
            match self.pages.get_mut(&key) {
                Some((_, used)) if *used => {
                    *used = false;
                    self.hand.push_back(key);
                }
                _ => {
                    if let Some((page, _)) = self.pages.remove(&key) {
                        self.bytes -= page.bytes();
                    }
                }
            }
        }
    }
}
