//! Requests that wait for the writer, one line an org, served in turn so that a busy org can't starve the others (STORE 22).
//!
//! Bounded in bytes by the permit that each request holds (`Wal::commit` takes it before it comes here).

use super::rounds::Rounds;
use super::{Commit, Outcome, ROUND_BYTES_MAX};
use crate::Result;
use oriel_model::OrgId;
use parking_lot::{Condvar, Mutex};
use std::collections::VecDeque;
use tokio::sync::{OwnedSemaphorePermit, oneshot};

/// A commit that waits, with the way to answer it.
pub(super) struct Request {
    pub(super) commit: Commit,
    pub(super) bytes: usize,
    pub(super) reply: oneshot::Sender<Result<Outcome>>,
    pub(super) _room: OwnedSemaphorePermit,
}

#[derive(Default)]
pub(super) struct Queue {
    lines: Mutex<Lines>,
    wake: Condvar,
}

#[derive(Default)]
struct Lines {
    /// The org at the front is served next.
    by_org: VecDeque<(OrgId, VecDeque<Request>)>,
    is_closed: bool,
}

impl Queue {
    /// Hands a request to the writer.
    pub(super) fn push(&self, request: Request, rounds: &Rounds) -> Result<()> {
        let mut lines = self.lines.lock();
        if lines.is_closed {
            return Err(rounds.closed());
        }
        lines.push(request);
        drop(lines);
        self.wake.notify_one();
        Ok(())
    }

    /// What is queued, up to one round; waits for the first request. `None` once it is closed and empty.
    pub(super) fn take_round(&self) -> Option<Vec<Request>> {
        let mut lines = self.lines.lock();
        loop {
            let round = lines.take_round();
            if !round.is_empty() {
                return Some(round);
            }
            if lines.is_closed {
                return None;
            }
            self.wake.wait(&mut lines);
        }
    }

    pub(super) fn close(&self) {
        self.lines.lock().is_closed = true;
        self.wake.notify_all();
    }
}

impl Lines {
    fn push(&mut self, request: Request) {
        let org = request.commit.org;
        match self.by_org.iter_mut().find(|(o, _)| *o == org) {
            Some((_, line)) => line.push_back(request),
            None => self.by_org.push_back((org, VecDeque::from([request]))),
        }
    }

    fn take_round(&mut self) -> Vec<Request> {
        let mut round: Vec<Request> = Vec::new();
        let mut bytes = 0;
        while let Some((org, mut line)) = self.by_org.pop_front() {
            let fits = line.front().is_some_and(|r| round.is_empty() || bytes + r.bytes <= ROUND_BYTES_MAX);
            if !fits {
                self.by_org.push_front((org, line));
                break;
            }
            if let Some(request) = line.pop_front() {
                bytes += request.bytes;
                round.push(request);
            }
            if !line.is_empty() {
                self.by_org.push_back((org, line));
            }
        }
        round
    }
}

#[cfg(test)]
mod tests;
