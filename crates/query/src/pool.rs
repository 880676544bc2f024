//! The engine's own threads: queries never run on the I/O runtime's.
//!
//! The caller of [`Pool::each`] works too and takes what no helper has taken, so that a full pool slows a query down and never
//! blocks it; helpers only ever run jobs that don't wait for other jobs.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

type Job = Box<dyn FnOnce() + Send>;

/// Jobs that wait for a helper. A job that finds no room is done by its caller.
const QUEUE_MAX: usize = 64;

pub(crate) struct Pool {
    sender: Option<SyncSender<Job>>,
    threads: usize,
}

/// One `each` in flight: which indexes are taken, which are done.
struct Round<F> {
    work: F,
    next: AtomicUsize,
    len: usize,
    done: Mutex<usize>,
    all_done: Condvar,
}

impl<F: Fn(usize) + Send + Sync + 'static> Round<F> {
    fn run(&self) {
        loop {
            let index = self.next.fetch_add(1, Ordering::Relaxed);
            if index >= self.len {
                return;
            }
            // A panicking part must not leave the caller waiting: it counts as done, and its slot stays empty.
            let finished = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| (self.work)(index)));
            drop(finished);
            let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
            *done += 1;
            if *done == self.len {
                self.all_done.notify_all();
            }
        }
    }

    fn wait(&self) {
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        while *done < self.len {
            done = self.all_done.wait(done).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Pool {
    /// `threads` counts the caller: one thread means no helper.
    pub(crate) fn new(threads: usize) -> Self {
        let helpers = threads.clamp(1, 64) - 1;
        let (sender, receiver) = sync_channel::<Job>(QUEUE_MAX);
        let receiver = Arc::new(Mutex::new(receiver));
        let mut started = 0;
        for i in 0..helpers {
            let receiver = Arc::clone(&receiver);
            let work = move || {
                loop {
                    let job = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    match job {
                        Ok(job) => job(),
                        Err(_) => return,
                    }
                }
            };
            if std::thread::Builder::new().name(format!("query-{i}")).spawn(work).is_ok() {
                started += 1;
            }
        }
        Self { sender: (started > 0).then_some(sender), threads: started + 1 }
    }

    pub(crate) fn threads(&self) -> usize {
        self.threads
    }

    /// Calls `work` for each index below `len`, on the helpers and here, and returns when all are done.
    pub(crate) fn each(&self, len: usize, work: impl Fn(usize) + Send + Sync + 'static) {
        let round = Arc::new(Round {
            work,
            next: AtomicUsize::new(0),
            len,
            done: Mutex::new(0),
            all_done: Condvar::new(),
        });
        if let Some(sender) = &self.sender {
            for _ in 1..self.threads.min(len) {
                let helper = Arc::clone(&round);
                if sender.try_send(Box::new(move || helper.run())).is_err() {
                    break;
                }
            }
        }
        round.run();
        if len > 0 {
            round.wait();
        }
    }
}

#[cfg(test)]
mod tests;
