//! The one thread that writes the log: take a round, stamp it, write it, sync it, answer it.
//!
//! Nothing is answered before its sync, and the next round is written only after it, so that whatever lies beyond a torn frame
//! belongs to the same commit (STORE 20).

use super::disk::Faults;
use super::frame::{HEADER_BYTES, Header};
use super::queue::{Queue, Request};
use super::rounds::Rounds;
use super::segment::Segment;
use super::spare::Spares;
use super::{Outcome, Stamp, Start};
use crate::parts::Lsn;
use crate::{Error, Result};
use std::io::IoSlice;
use std::sync::Arc;

pub(super) struct Writer {
    queue: Arc<Queue>,
    rounds: Arc<Rounds>,
    spares: Arc<Spares>,
    faults: Faults,
    current: Option<Segment>,
    next_lsn: Lsn,
    next_commit: u64,
}

impl Writer {
    pub(super) fn new(
        start: &Start,
        queue: &Arc<Queue>,
        rounds: &Arc<Rounds>,
        spares: &Arc<Spares>,
        faults: Faults,
    ) -> Self {
        Self {
            queue: Arc::clone(queue),
            rounds: Arc::clone(rounds),
            spares: Arc::clone(spares),
            faults,
            current: None,
            next_lsn: start.next_lsn,
            next_commit: start.next_commit,
        }
    }

    pub(super) fn run(mut self) {
        while let Some(round) = self.queue.take_round() {
            if self.rounds.failure().is_some() {
                self.refuse(round, || self.rounds.closed());
                continue;
            }
            let bytes = round.iter().map(|r| r.bytes).sum();
            match self.make_room(bytes) {
                Ok(()) => self.write(round),
                Err(Error::NoSpace { path }) => {
                    self.refuse(round, || Error::NoSpace { path: path.clone() });
                }
                Err(e) => {
                    self.rounds.fail(&e.to_string());
                    self.refuse(round, || self.rounds.closed());
                }
            }
        }
    }

    fn refuse(&self, round: Vec<Request>, error: impl Fn() -> Error) {
        for request in round {
            let _ = request.reply.send(Err(error()));
        }
    }

    /// A segment in which a round of this size fits. The old one is ended durably before the new one is written.
    fn make_room(&mut self, bytes: usize) -> Result<()> {
        if self.current.as_ref().is_some_and(|s| s.has_room(bytes)) {
            return Ok(());
        }
        let next = self.spares.take()?;
        if let Some(mut full) = self.current.take() {
            let end = Header::end(self.next_lsn.saturating_sub(1), self.next_commit.saturating_sub(1));
            full.end(&end, &self.faults).map_err(|source| stop(&full, &source))?;
        }
        self.rounds.begin_segment(next.id, next.path.clone());
        self.current = Some(next);
        Ok(())
    }

    fn write(&mut self, round: Vec<Request>) {
        let stamped = self.stamp(round);
        if stamped.is_empty() {
            return;
        }
        match self.write_frames(&stamped) {
            Ok(()) => self.answer(stamped),
            Err(reason) => {
                // Whether these rows survive is unknown; the sender hears an error, and a restart reads what is there.
                self.rounds.fail(&reason.to_string());
                for (request, stamp) in stamped {
                    stamp.inserted();
                    let _ = request.reply.send(Err(self.rounds.closed()));
                }
            }
        }
    }

    /// Gives LSNs; requests of an ended generation go back to be encoded again.
    fn stamp(&mut self, round: Vec<Request>) -> Vec<(Request, Stamp)> {
        let mut stamped = Vec::with_capacity(round.len());
        for request in round {
            let (dataset, generation) = (request.commit.dataset, request.commit.generation);
            if !self.rounds.stamp(dataset, generation, self.next_lsn) {
                let _ = request.reply.send(Ok(Outcome::Stale(request.commit.records)));
                continue;
            }
            let rounds = Arc::clone(&self.rounds);
            let stamp = Stamp { lsn: self.next_lsn, dataset, generation, rounds, is_inserted: false };
            self.next_lsn += 1;
            stamped.push((request, stamp));
        }
        stamped
    }

    fn write_frames(&mut self, stamped: &[(Request, Stamp)]) -> Result<()> {
        let Some(segment) = &mut self.current else {
            return Err(Error::Closed("the log has no segment".into()));
        };
        let headers = headers(segment.id, self.next_commit, stamped);
        let payloads = stamped.iter().flat_map(|(r, _)| &r.commit.records);
        let mut slices: Vec<IoSlice<'_>> = Vec::with_capacity(headers.len() * 2);
        for (header, record) in headers.iter().zip(payloads) {
            slices.push(IoSlice::new(header));
            slices.push(IoSlice::new(&record.payload));
        }
        let bytes: usize = slices.iter().map(|s| s.len()).sum();
        segment.commit(&mut slices, &self.faults).map_err(|source| stop(segment, &source))?;
        self.next_commit += 1;
        let mut max_lsn = [0; crate::parts::Dataset::COUNT];
        for (_, stamp) in stamped {
            max_lsn[stamp.dataset as usize] = stamp.lsn;
        }
        self.rounds.committed(headers.len() as u64, bytes as u64, max_lsn);
        Ok(())
    }

    fn answer(&self, stamped: Vec<(Request, Stamp)>) {
        for (request, stamp) in stamped {
            // A receiver that is gone drops the stamp, which stops the log: a durable row must reach the head.
            let _ = request.reply.send(Ok(Outcome::Durable(stamp)));
        }
    }
}

/// The headers of a commit's frames, in order.
fn headers(segment: u64, commit: u64, stamped: &[(Request, Stamp)]) -> Vec<[u8; HEADER_BYTES]> {
    let frames: usize = stamped.iter().map(|(r, _)| r.commit.records.len()).sum();
    let mut headers = Vec::with_capacity(frames);
    for (request, stamp) in stamped {
        let records = &request.commit.records;
        for (i, record) in records.iter().enumerate() {
            let header = Header {
                dataset: Some(request.commit.dataset),
                last_of_commit: headers.len() + 1 == frames,
                lsn: stamp.lsn,
                commit,
                generation: request.commit.generation,
                org: request.commit.org,
                digest: if i + 1 == records.len() { request.commit.digest } else { 0 },
                ..Header::of(record)
            };
            headers.push(header.encode(segment));
        }
    }
    headers
}

fn stop(segment: &Segment, source: &std::io::Error) -> Error {
    Error::Closed(format!("{}: {source}; restart to go on", segment.path.display()))
}
