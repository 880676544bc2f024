//! One memory budget, split into named pools (DESIGN, STORE 35): what is counted, and what happens at a pool's end.
//!
//! Heads past the soft limit are sealed; heads past the hard limit, or requests past theirs, are answered with Busy; a query
//! that would not fit its pool is refused with the number it needed. 30 % of the budget stays outside of the pools, for what
//! nobody counts (stacks, HTTP buffers, allocator slack).

use crate::{Error, Reservation, Result};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A counted part of the budget. Dropping a [`Reservation`] gives its bytes back.
#[derive(Debug)]
pub(crate) struct Pool {
    pub(crate) name: &'static str,
    pub(crate) limit: usize,
    used: AtomicUsize,
}

impl Pool {
    fn new(name: &'static str, limit: usize) -> Arc<Self> {
        Arc::new(Self { name, limit, used: AtomicUsize::new(0) })
    }

    pub(crate) fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    /// States a size that is measured elsewhere (heads, caches).
    pub(crate) fn set_used(&self, bytes: usize) {
        self.used.store(bytes, Ordering::Relaxed);
    }

    /// Takes bytes until the reservation is dropped; the free bytes when they do not fit. A single taker larger than the
    /// whole pool gets it when nobody else has any, so that a large request is slow and not impossible.
    pub(crate) fn take(
        self: &Arc<Self>,
        bytes: usize,
        alone_if_larger: bool,
    ) -> std::result::Result<Reservation, usize> {
        let fits = |used: usize| used + bytes <= self.limit || (alone_if_larger && used == 0);
        let taken =
            self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |u| fits(u).then_some(u + bytes));
        match taken {
            Ok(_) => {
                let pool = Arc::clone(self);
                Ok(Reservation::new(move || {
                    pool.used.fetch_sub(bytes, Ordering::Relaxed);
                }))
            }
            Err(used) => Err(self.limit.saturating_sub(used)),
        }
    }
}

/// The pools of one store.
#[derive(Debug)]
pub(crate) struct Budget {
    /// Requests between their arrival and their insert: batches and encoded records.
    pub(crate) requests: Arc<Pool>,
    /// Heads, the current ones and those being sealed.
    pub(crate) heads: Arc<Pool>,
    /// Sealing and compaction.
    pub(crate) files: Arc<Pool>,
    /// Queries.
    pub(crate) query: Arc<Pool>,
    /// Raw cache, series index, open files.
    pub(crate) caches: Arc<Pool>,
}

/// Seal at this many bytes of head at the latest (STORE 15).
const HEAD_SEAL_BYTES: usize = 64 << 20;

/// Heads of wide rows hold this at most, three that are to be sealed: a burst that files can't keep up with has to end in Busy while
/// the process is well under 1 GiB, however large the machine. Heads of metrics need room by series, and have the whole pool.
const ROW_HEADS_BYTES: usize = 192 << 20;

/// Requests on their way hold this at most, for the same reason.
const REQUESTS_BYTES: usize = 128 << 20;

impl Budget {
    /// 70 % of `bytes` in pools: requests 10, heads 25, files 10, query 15, caches 10. The heads get the most because a slow
    /// disk is waited out in them.
    pub(crate) fn new(bytes: usize) -> Arc<Self> {
        let part = |percent: usize| bytes / 100 * percent;
        Arc::new(Self {
            requests: Pool::new("requests", part(10).min(REQUESTS_BYTES)),
            heads: Pool::new("heads", part(25)),
            files: Pool::new("files", part(10)),
            query: Pool::new("query", part(15)),
            caches: Pool::new("caches", part(10)),
        })
    }

    /// Heads past this are sealed: 64 MiB, or half of the pool where that is less.
    pub(crate) fn seal_bytes(&self) -> usize {
        HEAD_SEAL_BYTES.min(self.heads.limit / 2)
    }

    pub(crate) fn pools(&self) -> [&Arc<Pool>; 5] {
        [&self.requests, &self.heads, &self.files, &self.query, &self.caches]
    }

    /// What heads of wide rows may hold.
    pub(crate) fn row_heads_limit(&self) -> usize {
        ROW_HEADS_BYTES.min(self.heads.limit)
    }

    /// Busy when heads of wide rows hold all they may.
    pub(crate) fn check_row_heads(&self, bytes: usize) -> Result<()> {
        if bytes >= self.row_heads_limit() {
            return Err(Error::Busy { what: "memory of heads", retry_after_s: 2 });
        }
        Ok(())
    }

    /// Room for one request, or Busy.
    pub(crate) fn reserve_request(&self, bytes: usize) -> Result<Reservation> {
        if self.heads.used() >= self.heads.limit {
            return Err(Error::Busy { what: "memory of heads", retry_after_s: 5 });
        }
        self.requests
            .take(bytes, true)
            .map_err(|_| Error::Busy { what: "memory of requests", retry_after_s: 1 })
    }

    /// Room for a query's answer and pages in flight, or how much was needed (STORE 35).
    pub(crate) fn reserve_query(&self, bytes: usize) -> Result<Reservation> {
        self.query.take(bytes, false).map_err(|free| Error::QueryMemory { needed: bytes, free })
    }
}

#[cfg(test)]
mod tests;
