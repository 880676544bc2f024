//! The write-ahead log: small, our own, and the only queue on the road of a write.
//!
//! One OS thread takes what queued during the last fsync as one *commit*, writes it with one system call, syncs it, and only
//! then answers; it waits on no timer (STORE 22). A record is stamped here with its LSN, and is taken only when it was encoded
//! for its dataset's current generation, so that a generation's records have no gap and no stranger among their LSNs (STORE 19).
//! An fsync error stops the log for good; a full disk is met only when the next segment is preallocated (STORE 23).

pub(crate) mod disk;
pub(crate) mod frame;
mod queue;
pub(crate) mod recover;
mod rounds;
pub(crate) mod scan;
pub(crate) mod segment;
mod spare;
mod writer;

use crate::parts::{Dataset, Generation, Lsn};
use crate::{Error, Result};
use disk::Faults;
use oriel_model::OrgId;
use queue::{Queue, Request};
use rounds::Rounds;
use spare::Spares;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, oneshot};

/// A segment's room. 16 MiB hold about a minute of 20 busy hosts; two of them (the one written and the spare) and the reserve
/// file are what an idle store occupies: 2 × 16 + 4 = 36 MiB.
pub(crate) const SEGMENT_BYTES: usize = 16 << 20;
/// One frame's payload, at most (STORE 22).
pub(crate) const FRAME_BYTES_MAX: usize = 4 << 20;
/// What one commit takes from the queue. A single larger request goes alone, up to [`REQUEST_BYTES_MAX`].
const ROUND_BYTES_MAX: usize = 8 << 20;
/// All frames of a request go into one commit, which lies in one segment.
pub(crate) const REQUEST_BYTES_MAX: usize = 12 << 20;
/// Records that wait for the writer: four full rounds.
const QUEUE_BYTES_MAX: usize = 32 << 20;
/// How long a request waits for room in the queue before it is answered with Busy.
const QUEUE_DEADLINE: Duration = Duration::from_secs(5);
/// Log that files do not cover yet (STORE 22).
pub(crate) const UNSEALED_BYTES_MAX: u64 = 1 << 30;

/// A payload, compressed and summed by its intake's thread.
pub(crate) struct Record {
    pub(crate) codec: u8,
    pub(crate) payload: Vec<u8>,
    crc: u32,
}

impl Record {
    pub(crate) fn new(codec: u8, payload: Vec<u8>) -> Self {
        let crc = crc32c::crc32c(&payload);
        Self { codec, payload, crc }
    }
}

/// What to commit: the records of one request.
pub(crate) struct Commit {
    pub(crate) org: OrgId,
    pub(crate) dataset: Dataset,
    /// The generation the records were encoded for.
    pub(crate) generation: Generation,
    /// 0 for none.
    pub(crate) digest: u128,
    pub(crate) records: Vec<Record>,
}

impl Commit {
    fn bytes(&self) -> usize {
        self.records.iter().map(|r| r.payload.len() + frame::HEADER_BYTES).sum()
    }

    /// Callers cut requests before they come here; what is too large all the same would not be read back.
    fn check(&self) -> Result<()> {
        let lens = || self.records.iter().map(|r| r.payload.len());
        if lens().all(|len| len <= FRAME_BYTES_MAX) && lens().sum::<usize>() <= REQUEST_BYTES_MAX {
            return Ok(());
        }
        let source = std::io::Error::from(std::io::ErrorKind::FileTooLarge);
        Err(Error::Io { path: "a record for the write-ahead log".into(), source })
    }
}

/// What became of a commit.
pub(crate) enum Outcome {
    /// Durable. The stamp has to be told when its rows are in the head.
    Durable(Stamp),
    /// The generation went on in the meantime, and the records come back: encode again for the current one where they depend
    /// on it. Nothing was stored.
    Stale(Vec<Record>),
}

/// A durable request's place in the log. Its generation is not sealed before [`Stamp::inserted`].
pub(crate) struct Stamp {
    pub(crate) lsn: Lsn,
    dataset: Dataset,
    generation: Generation,
    rounds: Arc<Rounds>,
    is_inserted: bool,
}

impl Stamp {
    /// The rows are in the head of the stamp's generation.
    pub(crate) fn inserted(mut self) {
        self.is_inserted = true;
    }
}

impl Drop for Stamp {
    fn drop(&mut self) {
        if !self.is_inserted {
            self.rounds.fail("a durable record did not reach the head; restart to replay it");
        }
        self.rounds.done(self.dataset, self.generation);
    }
}

/// Where a log goes on.
#[derive(Clone, Debug)]
pub(crate) struct Start {
    pub(crate) dir: PathBuf,
    pub(crate) next_lsn: Lsn,
    pub(crate) next_commit: u64,
    pub(crate) next_segment: u64,
    pub(crate) generations: [Generation; Dataset::COUNT],
    /// Up to here files cover a dataset's records.
    pub(crate) marks: [Lsn; Dataset::COUNT],
    /// Segments that recovery kept because of unsealed records.
    pub(crate) kept: Vec<rounds::Kept>,
    /// Empty segments that recovery found.
    pub(crate) empty: Vec<u64>,
    pub(crate) segment_bytes: usize,
}

/// The log's handle. Dropping it stops the writer after what is queued.
pub(crate) struct Wal {
    queue: Arc<Queue>,
    rounds: Arc<Rounds>,
    spares: Arc<Spares>,
    room: Arc<Semaphore>,
    threads: parking_lot::Mutex<Vec<std::thread::JoinHandle<()>>>,
}

/// The queue's room is counted in these, because a semaphore's permits are 32 bits wide.
const PERMIT_BYTES: usize = 1024;

impl Wal {
    /// Starts the writer, and the thread that keeps a spare segment.
    pub(crate) fn start(start: Start, faults: &Faults) -> Result<Self> {
        let queue = Arc::new(Queue::default());
        let rounds = Arc::new(Rounds::new(&start));
        let spares = Arc::new(Spares::new(&start, faults.clone()));
        let writer = writer::Writer::new(&start, &queue, &rounds, &spares, faults.clone());
        let spare_keeper = Arc::clone(&spares);
        let threads = vec![
            spawn("oriel-wal", move || writer.run())?,
            spawn("oriel-wal-spare", move || spare_keeper.run())?,
        ];
        let room = Arc::new(Semaphore::new(QUEUE_BYTES_MAX / PERMIT_BYTES));
        Ok(Self { queue, rounds, spares, room, threads: parking_lot::Mutex::new(threads) })
    }

    /// Durable on return. Busy when the queue stays full until its deadline.
    pub(crate) async fn commit(&self, commit: Commit) -> Result<Outcome> {
        let bytes = commit.bytes();
        commit.check()?;
        let permits = bytes.div_ceil(PERMIT_BYTES).min(QUEUE_BYTES_MAX / PERMIT_BYTES);
        let wanted = Arc::clone(&self.room).acquire_many_owned(u32::try_from(permits).unwrap_or(u32::MAX));
        let busy = Error::Busy { what: "queue of the write-ahead log", retry_after_s: 2 };
        let Ok(Ok(room)) = tokio::time::timeout(QUEUE_DEADLINE, wanted).await else { return Err(busy) };
        if self.rounds.bytes() >= UNSEALED_BYTES_MAX {
            return Err(Error::Busy { what: "unsealed write-ahead log", retry_after_s: 5 });
        }
        let (reply, answer) = oneshot::channel();
        self.queue.push(Request { commit, bytes, reply, _room: room }, &self.rounds)?;
        answer.await.unwrap_or_else(|_| Err(self.rounds.closed()))
    }

    /// The generation that records of a dataset are encoded for now.
    pub(crate) fn generation(&self, dataset: Dataset) -> Generation {
        self.rounds.generation(dataset)
    }

    /// Ends a dataset's current generation, which is returned. The head of the next one must be in the view already.
    pub(crate) fn rotate(&self, dataset: Dataset) -> Generation {
        self.rounds.rotate(dataset)
    }

    /// Waits until all stamped records of an ended generation are in its head; its highest LSN, which is its mark (0 when it
    /// has none).
    pub(crate) async fn settle(&self, dataset: Dataset, generation: Generation) -> Result<Lsn> {
        self.rounds.settle(dataset, generation).await
    }

    /// Drops segments whose every record lies at or below its dataset's mark.
    pub(crate) fn release(&self, dataset: Dataset, mark: Lsn) {
        self.rounds.release(dataset, mark);
    }

    /// Up to here files cover a dataset's records.
    pub(crate) fn mark(&self, dataset: Dataset) -> Lsn {
        self.rounds.mark(dataset)
    }

    /// Bytes of log that files do not cover yet.
    pub(crate) fn bytes(&self) -> u64 {
        self.rounds.bytes()
    }

    /// The segment that is being written; 0 before the first.
    pub(crate) fn current_segment(&self) -> u64 {
        self.rounds.current_segment()
    }

    /// Bytes of frames in the segments that are still there, up to this one.
    pub(crate) fn bytes_through(&self, segment: u64) -> u64 {
        self.rounds.bytes_through(segment)
    }

    /// Bytes that the log's files occupy, spare included.
    pub(crate) fn disk_bytes(&self) -> u64 {
        self.rounds.disk_bytes() + self.spares.bytes()
    }

    /// Records and commits since the start.
    pub(crate) fn counts(&self) -> (u64, u64) {
        self.rounds.counts()
    }

    /// Why nothing can be taken, if so.
    pub(crate) fn health(&self) -> std::result::Result<(), String> {
        if let Some(reason) = self.rounds.failure() {
            return Err(reason);
        }
        if self.spares.is_out_of_room() {
            return Err("no space left for the write-ahead log; free some, it goes on by itself".into());
        }
        Ok(())
    }

    /// Resolves when an error has stopped the log for good.
    pub(crate) async fn failed(&self) -> String {
        self.rounds.failed().await
    }

    /// Commits what is queued and stops. Further commits are answered with Closed.
    pub(crate) fn close(&self) {
        self.queue.close();
        self.spares.close();
        for thread in self.threads.lock().drain(..) {
            if thread.join().is_err() {
                self.rounds.fail("a thread of the write-ahead log panicked");
            }
        }
    }
}

impl Drop for Wal {
    fn drop(&mut self) {
        self.close();
    }
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> Result<std::thread::JoinHandle<()>> {
    let made = std::thread::Builder::new().name(name.into()).spawn(run);
    made.map_err(|source| Error::Io { path: format!("thread {name}"), source })
}

#[cfg(test)]
mod tests;
