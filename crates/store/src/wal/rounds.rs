//! What the log knows besides its bytes: generations and their records on the way to the head, segments and what each still
//! holds, and whether it has failed.
//!
//! One lock over all of it, taken for a few instructions by the writer once a commit and by each append twice.

use super::Start;
use crate::parts::{Dataset, Generation, Lsn};
use crate::{Error, Result};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::Notify;

/// A segment with records in it.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) id: u64,
    pub(crate) path: PathBuf,
    /// Bytes of frames.
    pub(crate) bytes: u64,
    /// Highest LSN by dataset; 0 for none.
    pub(crate) max_lsn: [Lsn; Dataset::COUNT],
}

#[derive(Default)]
struct Flight {
    /// Stamped and not in the head yet.
    pending: usize,
    max_lsn: Lsn,
}

struct State {
    generations: [Generation; Dataset::COUNT],
    flights: BTreeMap<(Dataset, Generation), Flight>,
    /// Oldest first.
    segments: Vec<Kept>,
    /// The one that is being written.
    current: Option<u64>,
    marks: [Lsn; Dataset::COUNT],
    failure: Option<String>,
}

pub(crate) struct Rounds {
    state: Mutex<State>,
    changed: Notify,
    bytes: AtomicU64,
    records: AtomicU64,
    commits: AtomicU64,
    segment_bytes: u64,
}

impl Rounds {
    pub(super) fn new(start: &Start) -> Self {
        let state = State {
            generations: start.generations,
            flights: BTreeMap::new(),
            segments: start.kept.clone(),
            marks: start.marks,
            current: None,
            failure: None,
        };
        let bytes = start.kept.iter().map(|k| k.bytes).sum();
        Self {
            state: Mutex::new(state),
            changed: Notify::new(),
            bytes: AtomicU64::new(bytes),
            records: AtomicU64::new(0),
            commits: AtomicU64::new(0),
            segment_bytes: start.segment_bytes as u64,
        }
    }

    pub(super) fn generation(&self, dataset: Dataset) -> Generation {
        self.state.lock().generations[dataset as usize]
    }

    pub(super) fn rotate(&self, dataset: Dataset) -> Generation {
        let mut state = self.state.lock();
        let ended = state.generations[dataset as usize];
        state.generations[dataset as usize] += 1;
        ended
    }

    /// Counts a record into its generation, unless that has ended. The writer gives LSNs in the order of these calls.
    pub(super) fn stamp(&self, dataset: Dataset, generation: Generation, lsn: Lsn) -> bool {
        let mut state = self.state.lock();
        if state.generations[dataset as usize] != generation {
            return false;
        }
        let flight = state.flights.entry((dataset, generation)).or_default();
        flight.pending += 1;
        flight.max_lsn = lsn;
        true
    }

    /// A stamped record is in the head, or was not written after all.
    pub(super) fn done(&self, dataset: Dataset, generation: Generation) {
        let mut state = self.state.lock();
        if let Some(flight) = state.flights.get_mut(&(dataset, generation)) {
            flight.pending = flight.pending.saturating_sub(1);
        }
        drop(state);
        self.changed.notify_waiters();
    }

    /// See `Wal::settle`.
    pub(super) async fn settle(&self, dataset: Dataset, generation: Generation) -> Result<Lsn> {
        loop {
            let changed = self.changed.notified();
            {
                let mut state = self.state.lock();
                if let Some(reason) = &state.failure {
                    return Err(Error::Closed(reason.clone()));
                }
                match state.flights.get(&(dataset, generation)) {
                    Some(flight) if flight.pending > 0 => {}
                    Some(flight) => {
                        let mark = flight.max_lsn;
                        state.flights.remove(&(dataset, generation));
                        return Ok(mark);
                    }
                    None => return Ok(0),
                }
            }
            changed.await;
        }
    }

    /// The writer begins a segment.
    pub(super) fn begin_segment(&self, id: u64, path: PathBuf) {
        let mut state = self.state.lock();
        state.segments.push(Kept { id, path, bytes: 0, max_lsn: [0; Dataset::COUNT] });
        state.current = Some(id);
        drop(state);
        self.drop_covered();
    }

    /// A commit is durable.
    pub(super) fn committed(&self, records: u64, bytes: u64, max_lsn: [Lsn; Dataset::COUNT]) {
        let mut state = self.state.lock();
        if let Some(current) = state.segments.last_mut() {
            current.bytes += bytes;
            for (kept, new) in current.max_lsn.iter_mut().zip(max_lsn) {
                *kept = (*kept).max(new);
            }
        }
        drop(state);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.records.fetch_add(records, Ordering::Relaxed);
        self.commits.fetch_add(1, Ordering::Relaxed);
    }

    /// See `Wal::release`.
    pub(super) fn release(&self, dataset: Dataset, mark: Lsn) {
        let mut state = self.state.lock();
        let known = &mut state.marks[dataset as usize];
        *known = (*known).max(mark);
        drop(state);
        self.drop_covered();
    }

    pub(super) fn mark(&self, dataset: Dataset) -> Lsn {
        self.state.lock().marks[dataset as usize]
    }

    /// Unlinks segments that marks cover wholly; the one being written stays, and counts nothing once it is covered.
    fn drop_covered(&self) {
        let mut state = self.state.lock();
        let marks = state.marks;
        let current = state.current;
        let mut dropped = Vec::new();
        state.segments.retain(|s| {
            let is_covered = s.max_lsn.iter().zip(marks).all(|(max, mark)| *max <= mark);
            let goes = is_covered && Some(s.id) != current;
            if goes {
                dropped.push(s.path.clone());
            }
            !goes
        });
        let unsealed = |s: &Kept| s.max_lsn.iter().zip(marks).any(|(max, mark)| *max > mark);
        let bytes = state.segments.iter().filter(|s| unsealed(s)).map(|s| s.bytes).sum();
        self.bytes.store(bytes, Ordering::Relaxed);
        drop(state);
        for path in dropped {
            if let Err(e) = std::fs::remove_file(&path) {
                tracing::warn!("can't remove the sealed segment {}: {e}", path.display());
            }
        }
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    pub(super) fn current_segment(&self) -> u64 {
        self.state.lock().current.unwrap_or(0)
    }

    pub(super) fn bytes_through(&self, segment: u64) -> u64 {
        self.state.lock().segments.iter().filter(|s| s.id <= segment).map(|s| s.bytes).sum()
    }

    pub(super) fn disk_bytes(&self) -> u64 {
        self.state.lock().segments.len() as u64 * self.segment_bytes
    }

    pub(super) fn counts(&self) -> (u64, u64) {
        (self.records.load(Ordering::Relaxed), self.commits.load(Ordering::Relaxed))
    }

    /// Stops the log for good; the first reason stays.
    pub(super) fn fail(&self, reason: &str) {
        let mut state = self.state.lock();
        if state.failure.is_none() {
            tracing::error!("the write-ahead log stops: {reason}");
            state.failure = Some(reason.to_owned());
        }
        drop(state);
        self.changed.notify_waiters();
    }

    pub(super) fn failure(&self) -> Option<String> {
        self.state.lock().failure.clone()
    }

    pub(super) async fn failed(&self) -> String {
        loop {
            let changed = self.changed.notified();
            if let Some(reason) = self.failure() {
                return reason;
            }
            changed.await;
        }
    }

    /// The error of a log that takes nothing any more.
    pub(super) fn closed(&self) -> Error {
        Error::Closed(self.failure().unwrap_or_else(|| "it is shutting down".into()))
    }
}
