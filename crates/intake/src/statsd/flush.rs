//! The flusher: at every 10 s of wall time what is due goes to the sink, in order, and is tried again while it may succeed.

use super::Shared;
use crate::Sink;
use oriel_model::{BUCKET_MS, Submission, TimeMs};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Flushes kept while the sink refuses them: five minutes.
const WAITING_MAX: usize = 30;
/// Looks at the clock at least this often, so that a changed clock is noticed.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// A sink that takes longer is asked again; points bear their own time, so that twice is no harm.
const SUBMIT_TIMEOUT: Duration = Duration::from_secs(60);
/// Tries of the last flushes at shutdown, half a second apart.
const LAST_TRIES: usize = 10;

/// `next` is the first boundary after the start, not after this task's first turn.
pub(super) async fn run(
    shared: Arc<Shared>,
    sink: Arc<dyn Sink>,
    cancel: CancellationToken,
    mut next: TimeMs,
) {
    let mut waiting = VecDeque::new();
    loop {
        let left = Duration::from_millis((next - shared.clock.now_ms()).clamp(1, BUCKET_MS).unsigned_abs());
        tokio::select! {
            () = tokio::time::sleep(left.min(LOOK_EVERY)) => {}
            () = cancel.cancelled() => break,
        }
        let now_ms = shared.clock.now_ms();
        let jumped_back = next - now_ms > 2 * BUCKET_MS;
        if now_ms >= next || jumped_back {
            collect(&shared, &mut waiting, |a| a.flush(now_ms));
            next = next_boundary(now_ms);
            drain(&shared, &*sink, &mut waiting).await;
        } else if !waiting.is_empty() {
            drain(&shared, &*sink, &mut waiting).await;
        }
    }
    let now_ms = shared.clock.now_ms();
    collect(&shared, &mut waiting, |a| a.finish(now_ms));
    for _ in 0..LAST_TRIES {
        drain(&shared, &*sink, &mut waiting).await;
        if waiting.is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    tracing::warn!("{} statsd flushes were lost at shutdown: nobody took them", waiting.len());
}

pub(super) fn next_boundary(now_ms: TimeMs) -> TimeMs {
    (now_ms.div_euclid(BUCKET_MS) + 1) * BUCKET_MS
}

fn collect(
    shared: &Shared,
    waiting: &mut VecDeque<Submission>,
    take: impl FnOnce(&mut oriel_model::Aggregator) -> (Submission, oriel_model::Rejections),
) {
    let (submission, rejections) = take(&mut shared.aggregator.lock());
    let mut tally = shared.tally.lock();
    tally.refused(&rejections);
    if submission.is_empty() {
        return;
    }
    if waiting.len() == WAITING_MAX {
        waiting.pop_front();
        tally.flushes_lost += 1;
        tracing::warn!("a statsd flush was lost: the sink has taken none for {WAITING_MAX} flushes");
    }
    waiting.push_back(submission);
}

/// Hands over what waits, oldest first, until one has to wait on.
async fn drain(shared: &Shared, sink: &dyn Sink, waiting: &mut VecDeque<Submission>) {
    while let Some(submission) = waiting.front() {
        match tokio::time::timeout(SUBMIT_TIMEOUT, sink.submit(submission.clone())).await {
            Ok(Ok(())) => shared.tally.lock().flushes += 1,
            Ok(Err(e)) if e.code.is_retryable() => return,
            Ok(Err(e)) => {
                shared.tally.lock().flushes_lost += 1;
                tracing::warn!("a statsd flush was refused: {e}");
            }
            Err(_) => return,
        }
        waiting.pop_front();
    }
}
