//! Keeps one spare segment ready, so that the writer never waits for room and never meets a full disk in a write (STORE 23).
//!
//! A thread of its own makes the next spare as soon as one was taken. While there is no room it tries again every two seconds,
//! and the writer tries at each rotation: the log goes on by itself when there is room.

use super::Start;
use super::disk::Faults;
use super::segment::Segment;
use crate::{Error, Result};
use parking_lot::{Condvar, Mutex};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Between two tries while the disk is full.
const RETRY: Duration = Duration::from_secs(2);

pub(super) struct Spares {
    dir: PathBuf,
    segment_bytes: usize,
    faults: Faults,
    shelf: Mutex<Shelf>,
    wake: Condvar,
    is_out_of_room: AtomicBool,
}

struct Shelf {
    /// Ready segments: one, or two right after recovery found two.
    ready: Vec<Segment>,
    next_id: u64,
    is_closed: bool,
}

impl Spares {
    pub(super) fn new(start: &Start, faults: Faults) -> Self {
        let mut ready = Vec::new();
        for &id in &start.empty {
            match Segment::reopen(&start.dir, id, start.segment_bytes) {
                Ok(segment) => ready.push(segment),
                Err(e) => tracing::warn!("can't take up the empty segment {id:016x}: {e}"),
            }
        }
        Self {
            dir: start.dir.clone(),
            segment_bytes: start.segment_bytes,
            faults,
            shelf: Mutex::new(Shelf { ready, next_id: start.next_segment, is_closed: false }),
            wake: Condvar::new(),
            is_out_of_room: AtomicBool::new(false),
        }
    }

    /// The spare, or a segment made now.
    pub(super) fn take(&self) -> Result<Segment> {
        let mut shelf = self.shelf.lock();
        if shelf.ready.is_empty() {
            self.make(&mut shelf)?;
        }
        let taken = shelf.ready.remove(0);
        drop(shelf);
        self.wake.notify_all();
        Ok(taken)
    }

    /// The thread that keeps a spare.
    pub(super) fn run(&self) {
        let mut shelf = self.shelf.lock();
        while !shelf.is_closed {
            if !shelf.ready.is_empty() {
                self.wake.wait(&mut shelf);
                continue;
            }
            if let Err(e) = self.make(&mut shelf) {
                tracing::warn!("can't make a spare segment: {e}");
                self.wake.wait_for(&mut shelf, RETRY);
            }
        }
    }

    fn make(&self, shelf: &mut Shelf) -> Result<()> {
        let made = Segment::create(&self.dir, shelf.next_id, self.segment_bytes, &self.faults);
        self.is_out_of_room.store(matches!(made, Err(Error::NoSpace { .. })), Ordering::Relaxed);
        shelf.ready.push(made?);
        shelf.next_id += 1;
        Ok(())
    }

    pub(super) fn is_out_of_room(&self) -> bool {
        self.is_out_of_room.load(Ordering::Relaxed)
    }

    pub(super) fn bytes(&self) -> u64 {
        (self.shelf.lock().ready.len() * self.segment_bytes) as u64
    }

    pub(super) fn close(&self) {
        self.shelf.lock().is_closed = true;
        self.wake.notify_all();
    }
}
