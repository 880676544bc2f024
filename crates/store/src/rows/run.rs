//! How a query goes over blocks: the most promising first, on several threads.
//!
//! Pieces and blocks lie in one queue by their best time. A worker takes the best entry: a piece is asked for its blocks, which
//! go back into the queue; a block is read. What lies beyond the bound that the query has reached by then is left out. Each
//! worker gives its turn up after every entry, so that a long query does not keep a short one waiting (STORE 35).

use super::source::{BlockAsk, BlockRef, Candidates};
use super::view::{Piece, RowsView};
use super::{NsRange, ScanStats};
use crate::{Cancel, Error, Result};
use oriel_model::Filter;
use parking_lot::{Condvar, Mutex};
use std::collections::BinaryHeap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Threads that work on queries at once, over all of them: one a core.
pub(crate) struct Turns {
    free: Mutex<usize>,
    changed: Condvar,
    pub(crate) workers: usize,
}

impl Turns {
    pub(crate) fn new() -> Self {
        let workers = std::thread::available_parallelism().map_or(2, usize::from);
        Self { free: Mutex::new(workers), changed: Condvar::new(), workers }
    }

    fn take(&self) -> Turn<'_> {
        let mut free = self.free.lock();
        while *free == 0 {
            self.changed.wait(&mut free);
        }
        *free -= 1;
        Turn(self)
    }
}

/// Leave to work on one entry.
struct Turn<'a>(&'a Turns);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        *self.0.free.lock() += 1;
        self.0.changed.notify_one();
    }
}

/// Rows below which a second thread is not worth its start.
const ALONE_ROWS: u64 = 12_000;

/// Which end of time comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Newest,
    Oldest,
}

impl Direction {
    /// The best that a span can hold; larger is better.
    pub(super) fn rank(self, (first_ns, last_ns): (i64, i64)) -> i64 {
        match self {
            Self::Newest => last_ns,
            Self::Oldest => first_ns.saturating_neg(),
        }
    }
}

/// What a run looks for.
pub(super) struct Ask<'a> {
    pub(super) range: NsRange,
    pub(super) filter: &'a Filter,
    pub(super) direction: Direction,
}

/// A block of a piece.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    pub(super) number: usize,
    pub(super) piece: &'a Piece,
    pub(super) block: BlockRef,
}

enum Work {
    Piece(usize),
    Block(usize, BlockRef),
}

struct Entry {
    rank: i64,
    work: Work,
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.rank == other.rank
    }
}

impl Eq for Entry {}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.rank.cmp(&other.rank)
    }
}

#[derive(Default)]
struct Queue {
    entries: BinaryHeap<Entry>,
    /// Workers that may still add entries.
    expanding: usize,
    stats: ScanStats,
}

struct Run<'a> {
    view: &'a RowsView,
    ask: &'a Ask<'a>,
    cancel: &'a Cancel,
    queue: Mutex<Queue>,
    changed: Condvar,
    stopped: AtomicBool,
}

/// Calls `read` for blocks that may hold wanted rows, until `is_beyond` says of a rank that nothing there is wanted any more.
/// Each worker has an accumulator of its own.
pub(super) fn run<A: Send>(
    view: &RowsView,
    (ask, cancel): (&Ask<'_>, &Cancel),
    make: impl Fn() -> A + Sync,
    read: impl Fn(&mut A, &At<'_>, &mut ScanStats) -> Result<()> + Sync,
    is_beyond: impl Fn(i64) -> bool + Sync,
) -> Result<(Vec<A>, ScanStats)> {
    let mut queue = Queue::default();
    let mut rows = 0;
    for (number, piece) in view.pieces.iter().enumerate() {
        let range = piece.clamped(ask.range);
        if piece.first_ns < range.end && piece.last_ns >= range.start {
            rows += piece.rows;
            let rank = ask.direction.rank((piece.first_ns, piece.last_ns));
            queue.entries.push(Entry { rank, work: Work::Piece(number) });
        }
    }
    let workers = if rows <= ALONE_ROWS { 1 } else { view.turns.workers };
    let queue = Mutex::new(queue);
    let run = Run { view, ask, cancel, queue, changed: Condvar::new(), stopped: AtomicBool::new(false) };
    let work = || run.work(&make, &read, &is_beyond);
    let results = on_threads(workers, &work);
    let accumulators = results.into_iter().collect::<Result<Vec<A>>>()?;
    Ok((accumulators, run.queue.into_inner().stats))
}

/// Runs `work` on the caller's thread and on others beside it. With fewer threads than asked for it takes longer.
fn on_threads<A: Send>(threads: usize, work: &(impl Fn() -> Result<A> + Sync)) -> Vec<Result<A>> {
    std::thread::scope(|scope| {
        let start = |_| std::thread::Builder::new().name("oriel-query".into()).spawn_scoped(scope, work).ok();
        let started: Vec<_> = (1..threads).filter_map(start).collect();
        let own = work();
        let joined = started.into_iter().map(|thread| thread.join().unwrap_or_else(|_| Err(panicked())));
        joined.chain([own]).collect()
    })
}

fn panicked() -> Error {
    Error::Closed("a query stopped because of a fault in the program; the log has its place".to_owned())
}

/// Does something with each of a few things, on all threads; results come in no order.
pub(super) fn for_each<T: Sync, R: Send>(
    turns: &Turns,
    things: &[T],
    cancel: &Cancel,
    read: impl Fn(&T) -> Result<R> + Sync,
) -> Result<Vec<R>> {
    let next = AtomicUsize::new(0);
    let body = || {
        let mut done = Vec::new();
        while let Some(thing) = things.get(next.fetch_add(1, Ordering::Relaxed)) {
            if cancel.is_cancelled() {
                return Err(Error::Cancelled);
            }
            let _turn = turns.take();
            done.push(read(thing)?);
        }
        Ok(done)
    };
    let work = || catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|_| Err(panicked()));
    let results = on_threads(turns.workers.min(things.len()), &work);
    let mut all = Vec::with_capacity(things.len());
    for result in results {
        all.extend(result?);
    }
    Ok(all)
}

impl Run<'_> {
    /// One worker, to the end of the queue; a fault in it stops the others.
    fn work<A>(
        &self,
        make: &impl Fn() -> A,
        read: &impl Fn(&mut A, &At<'_>, &mut ScanStats) -> Result<()>,
        is_beyond: &impl Fn(i64) -> bool,
    ) -> Result<A> {
        let body = || {
            let mut accumulator = make();
            let mut stats = ScanStats::default();
            while let Some(entry) = self.next(is_beyond)? {
                let _turn = self.view.turns.take();
                match entry.work {
                    Work::Piece(number) => self.expand(number)?,
                    Work::Block(number, block) => {
                        let at = At { number, piece: &self.view.pieces[number], block };
                        stats.blocks_read += 1;
                        stats.rows_scanned += u64::from(block.rows);
                        read(&mut accumulator, &at, &mut stats)?;
                    }
                }
            }
            self.queue.lock().stats.add(&stats);
            Ok(accumulator)
        };
        let result = catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|_| Err(panicked()));
        if result.is_err() {
            self.stop();
        }
        result
    }

    fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
        // Under the lock, so that no worker misses it on its way to sleep.
        let _queue = self.queue.lock();
        self.changed.notify_all();
    }

    /// The best entry; `None` when there is and will be none.
    fn next(&self, is_beyond: &impl Fn(i64) -> bool) -> Result<Option<Entry>> {
        let mut queue = self.queue.lock();
        loop {
            if self.cancel.is_cancelled() {
                return Err(Error::Cancelled);
            }
            if self.stopped.load(Ordering::Relaxed) {
                return Ok(None);
            }
            match queue.entries.pop() {
                Some(entry) if is_beyond(entry.rank) => {
                    // All others are worse.
                    queue.entries.clear();
                }
                Some(entry) => {
                    queue.expanding += usize::from(matches!(entry.work, Work::Piece(_)));
                    return Ok(Some(entry));
                }
                None if queue.expanding == 0 => return Ok(None),
                None => self.changed.wait(&mut queue),
            }
        }
    }

    fn expand(&self, number: usize) -> Result<()> {
        let piece = &self.view.pieces[number];
        let range = piece.clamped(self.ask.range);
        let found = piece.source().and_then(|source| {
            let (org, filter) = (self.view.org, self.ask.filter);
            source.blocks(&BlockAsk { org, range, filter })
        });
        let mut queue = self.queue.lock();
        queue.expanding -= 1;
        let Candidates { blocks, pruned } = found?;
        queue.stats.blocks_pruned += pruned;
        for block in blocks {
            let rank = self.ask.direction.rank((block.first_ns, block.last_ns));
            queue.entries.push(Entry { rank, work: Work::Block(number, block) });
        }
        drop(queue);
        self.changed.notify_all();
        Ok(())
    }
}

impl ScanStats {
    fn add(&mut self, other: &Self) {
        self.rows_scanned += other.rows_scanned;
        self.rows_matched += other.rows_matched;
        self.blocks_pruned += other.blocks_pruned;
        self.blocks_read += other.blocks_read;
    }
}
