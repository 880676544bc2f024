//! The one way from checks to the sink: a bounded queue and a task that gathers what is there and submits it.
//!
//! A sink that is busy is asked again with back-off while the queue fills; past its bound new submissions are dropped and
//! counted. Order is kept.

use crate::board::Board;
use oriel_intake::Sink;
use oriel_model::Submission;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Submissions that wait: at two dozen runs a quarter minute, ten minutes of a sink that takes nothing.
const QUEUE_MAX: usize = 1024;
/// Series gathered into one submission: a few hundred kilobytes on the wire.
const SERIES_MAX: usize = 5_000;
/// First and longest pause when the sink is busy.
const PAUSE_MIN: Duration = Duration::from_millis(250);
const PAUSE_MAX: Duration = Duration::from_secs(15);

/// Takes submissions without waiting.
#[derive(Clone)]
pub(crate) struct Outbox {
    queue: mpsc::Sender<Submission>,
    board: Arc<Board>,
}

impl Outbox {
    /// The outbox and its task, which ends when every outbox is dropped and the queue is empty.
    pub(crate) fn open(sink: Arc<dyn Sink>, board: Arc<Board>) -> (Self, JoinHandle<()>) {
        let (queue, receiver) = mpsc::channel(QUEUE_MAX);
        let task = tokio::spawn(pump(receiver, sink, Arc::clone(&board)));
        (Self { queue, board }, task)
    }

    pub(crate) fn send(&self, submission: Submission) {
        if !submission.is_empty() && self.queue.try_send(submission).is_err() {
            self.board.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

async fn pump(mut receiver: mpsc::Receiver<Submission>, sink: Arc<dyn Sink>, board: Arc<Board>) {
    while let Some(mut submission) = receiver.recv().await {
        while submission.series.len() + submission.sketches.len() < SERIES_MAX {
            let Ok(more) = receiver.try_recv() else { break };
            append(&mut submission, more);
        }
        deliver(submission, sink.as_ref(), &board).await;
    }
}

async fn deliver(submission: Submission, sink: &dyn Sink, board: &Board) {
    let mut pause = PAUSE_MIN;
    loop {
        match sink.submit(submission.clone()).await {
            Ok(()) => return,
            Err(e) if e.code.is_retryable() => {
                tracing::debug!(error = %e, "the sink is busy, asking again");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(PAUSE_MAX);
            }
            Err(e) => {
                tracing::error!(error = %e, "the sink refused what the checks collected");
                board.dropped.fetch_add(1, Ordering::Relaxed);
                return;
            }
        }
    }
}

fn append(to: &mut Submission, mut more: Submission) {
    to.series.append(&mut more.series);
    to.sketches.append(&mut more.sketches);
    to.checks.append(&mut more.checks);
    to.events.append(&mut more.events);
    to.host_metadata.append(&mut more.host_metadata);
}
