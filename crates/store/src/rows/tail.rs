//! Live tails: rows as they become queryable (STORE 34).
//!
//! Each reader has a ring that the append fills and a task that empties it towards the reader. A reader that is slow loses the
//! oldest rows and is told how many; an append never waits for one.

use super::source::RowSource;
use super::{MemoryRows, NsRange, TailItem};
use crate::{Error, Result};
use oriel_model::{Filter, OrgId, Row, Signal};
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::{Notify, mpsc};

/// Readers at once (STORE 34).
const TAILS_MAX: usize = 50;
/// Rows of a ring: more than anybody reads in the second that a page takes to ask again.
const RING_ROWS: usize = 1_000;
/// Rows of one item.
const ITEM_ROWS: usize = 200;

#[derive(Default)]
struct Ring {
    rows: VecDeque<Row>,
    dropped: u64,
}

struct Tail {
    org: OrgId,
    signal: Signal,
    filter: Filter,
    ring: Mutex<Ring>,
    filled: Notify,
    out: mpsc::Sender<TailItem>,
}

/// The readers of a store.
#[derive(Default)]
pub(crate) struct Tails {
    list: Mutex<Vec<Arc<Tail>>>,
    count: AtomicUsize,
}

impl Tails {
    /// A new reader; needs a tokio runtime.
    pub(crate) fn subscribe(
        &self,
        org: OrgId,
        signal: Signal,
        filter: Filter,
    ) -> Result<mpsc::Receiver<TailItem>> {
        let mut list = self.list.lock();
        list.retain(|tail| !tail.out.is_closed());
        if list.len() >= TAILS_MAX {
            return Err(Error::Busy { what: "live tails", retry_after_s: 10 });
        }
        let (out, items) = mpsc::channel(1);
        let (ring, filled) = (Mutex::default(), Notify::new());
        let tail = Arc::new(Tail { org, signal, filter, ring, filled, out });
        list.push(Arc::clone(&tail));
        self.count.store(list.len(), Ordering::Relaxed);
        drop(list);
        tokio::spawn(async move { tail.run().await });
        Ok(items)
    }

    /// A batch has become queryable.
    pub(crate) fn show(&self, rows: &MemoryRows) {
        if self.count.load(Ordering::Relaxed) == 0 {
            return;
        }
        let batch = rows.batch();
        let wants = |tail: &&Arc<Tail>| tail.org == batch.org && tail.signal == batch.signal;
        let readers: Vec<Arc<Tail>> = self.list.lock().iter().filter(wants).cloned().collect();
        for tail in readers {
            if tail.out.is_closed() {
                self.leave(&tail);
            } else if let Err(e) = tail.take(rows) {
                tracing::warn!("a live tail missed a batch: {e}");
            }
        }
    }

    fn leave(&self, gone: &Arc<Tail>) {
        let mut list = self.list.lock();
        list.retain(|tail| !Arc::ptr_eq(tail, gone));
        self.count.store(list.len(), Ordering::Relaxed);
        gone.filled.notify_one();
    }
}

impl Tail {
    /// Puts a batch's wanted rows into the ring; of many only the newest.
    fn take(&self, rows: &MemoryRows) -> Result<()> {
        let range = NsRange { start: i64::MIN, end: i64::MAX };
        let ask = super::source::BlockAsk { org: self.org, range, filter: &self.filter };
        for block in rows.blocks(&ask)?.blocks {
            let open = rows.open(&block)?;
            let selected = self.filter.select(&*open);
            let wanted: Vec<u32> = selected.values().set_indices().map(|row| row as u32).collect();
            let newest = &wanted[wanted.len().saturating_sub(RING_ROWS)..];
            let whole = open.whole(newest)?;
            let mut ring = self.ring.lock();
            ring.dropped += (wanted.len() - newest.len()) as u64;
            ring.rows.extend(whole);
            let over = ring.rows.len().saturating_sub(RING_ROWS);
            ring.rows.drain(..over);
            ring.dropped += over as u64;
        }
        self.filled.notify_one();
        Ok(())
    }

    /// Hands rows on until the reader goes.
    async fn run(&self) {
        loop {
            tokio::select! {
                () = self.filled.notified() => {}
                () = self.out.closed() => return,
            }
            loop {
                let Ok(room) = self.out.reserve().await else { return };
                let Some(item) = self.next() else { break };
                room.send(item);
            }
        }
    }

    fn next(&self) -> Option<TailItem> {
        let mut ring = self.ring.lock();
        if ring.dropped > 0 {
            return Some(TailItem::Dropped(std::mem::take(&mut ring.dropped)));
        }
        if ring.rows.is_empty() {
            return None;
        }
        let rows = ring.rows.len().min(ITEM_ROWS);
        Some(TailItem::Rows(ring.rows.drain(..rows).collect()))
    }
}
