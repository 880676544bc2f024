//! Requests of the last 10 minutes by their digest (STORE 12): a retry after a lost reply is told apart from a new request.
//!
//! Bounded by count, oldest out first. What the log still holds is rebuilt by replay; what is sealed is kept in the catalog
//! with the mark, so that the table outlives the log's segments.

use crate::{Error, Result};
use oriel_model::{Clock, TimeMs};
use parking_lot::Mutex;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// A repeat after this is a new request.
pub(super) const MEMORY_MS: i64 = 10 * 60 * 1000;
/// Requests remembered: 109 a second over 10 minutes, 4 MiB of table.
const REQUESTS_MAX: usize = 65_536;
/// Of these, the newest this many go into the catalog with a mark: 384 KiB at most.
const SEALED_MAX: usize = 16_384;

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Being stored now.
    Pending,
    Stored,
}

#[derive(Default)]
struct Table {
    states: HashMap<u128, State>,
    /// Oldest first.
    order: VecDeque<(u128, TimeMs)>,
}

pub(super) struct Digests {
    clock: Arc<dyn Clock>,
    table: Mutex<Table>,
}

/// What is known of a request that comes in.
pub(super) enum Known {
    /// Stored before.
    Repeated,
    /// To be stored now; tell the entry how it went.
    New(Entry),
}

/// A request that is being stored. Dropped before [`Entry::stored`], it is forgotten.
pub(super) struct Entry {
    digests: Arc<Digests>,
    digest: u128,
    is_stored: bool,
}

impl Digests {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self { clock, table: Mutex::default() })
    }

    /// Takes a request in. Its twin that is being stored at this moment makes it Busy: the answer of the first decides.
    pub(super) fn begin(self: &Arc<Self>, digest: u128) -> Result<Known> {
        let mut table = self.table.lock();
        table.expire(self.clock.now_ms() - MEMORY_MS);
        match table.states.get(&digest) {
            Some(State::Stored) => Ok(Known::Repeated),
            Some(State::Pending) => Err(Error::Busy { what: "the same request", retry_after_s: 1 }),
            None => {
                table.states.insert(digest, State::Pending);
                Ok(Known::New(Entry { digests: Arc::clone(self), digest, is_stored: false }))
            }
        }
    }

    /// A request that was found in the log or the catalog. Its time in the log is not known: it counts from now.
    pub(super) fn restore(&self, digest: u128, at_ms: Option<TimeMs>) {
        if digest != 0 {
            let at_ms = at_ms.unwrap_or_else(|| self.clock.now_ms());
            self.table.lock().store(digest, at_ms);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.table.lock().order.len()
    }

    /// The newest requests as bytes, 24 each: digest and time, little-endian.
    pub(super) fn export(&self) -> Vec<u8> {
        let mut table = self.table.lock();
        table.expire(self.clock.now_ms() - MEMORY_MS);
        let skipped = table.order.len().saturating_sub(SEALED_MAX);
        let mut out = Vec::with_capacity(table.order.len().min(SEALED_MAX) * 24);
        for (digest, at_ms) in table.order.iter().skip(skipped) {
            out.extend_from_slice(&digest.to_le_bytes());
            out.extend_from_slice(&at_ms.to_le_bytes());
        }
        out
    }

    /// The reverse of [`Digests::export`]; other bytes are left out.
    pub(super) fn import(&self, bytes: &[u8]) {
        let (rows, _) = bytes.as_chunks::<24>();
        for row in rows {
            let (digest, at_ms) = row.split_at(16);
            if let (Some(digest), Some(at_ms)) = (digest.first_chunk(), at_ms.first_chunk()) {
                self.restore(u128::from_le_bytes(*digest), Some(i64::from_le_bytes(*at_ms)));
            }
        }
    }
}

impl Table {
    fn store(&mut self, digest: u128, at_ms: TimeMs) {
        if self.states.insert(digest, State::Stored) != Some(State::Stored) {
            self.order.push_back((digest, at_ms));
        }
        while self.order.len() > REQUESTS_MAX {
            if let Some((oldest, _)) = self.order.pop_front() {
                self.states.remove(&oldest);
            }
        }
    }

    fn expire(&mut self, before_ms: TimeMs) {
        while let Some(&(digest, at_ms)) = self.order.front() {
            if at_ms >= before_ms {
                break;
            }
            self.order.pop_front();
            self.states.remove(&digest);
        }
    }
}

impl Entry {
    /// The request is durable.
    pub(super) fn stored(mut self) {
        self.is_stored = true;
        let now = self.digests.clock.now_ms();
        self.digests.table.lock().store(self.digest, now);
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        if !self.is_stored {
            self.digests.table.lock().states.remove(&self.digest);
        }
    }
}

#[cfg(test)]
mod tests;
