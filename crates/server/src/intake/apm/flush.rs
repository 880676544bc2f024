//! Stores the trace metrics of each ten seconds when they are over, and all that is open before the end.

use crate::app::App;
use crate::sink::{Origin, store_submission};
use oriel_model::{ErrorBody, OrgId, Submission};
use std::collections::VecDeque;
use std::sync::Weak;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// The concentrator's own pace.
const EVERY: Duration = Duration::from_secs(1);
/// Flushes that wait for a store that is busy: five minutes of them.
const WAITING_MAX: usize = 30;
const SOURCE: &str = "apm_metrics";

/// Flushes until the server is gone.
pub(crate) fn start(app: Weak<App>) {
    tokio::spawn(async move {
        let mut waiting = VecDeque::new();
        let mut ticks = tokio::time::interval(EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let Some(app) = app.upgrade() else { return };
            flush(&app, &mut waiting, false).await;
        }
    });
}

/// Stores the open buckets too.
pub(crate) async fn flush_all(app: &App) {
    let mut waiting = VecDeque::new();
    flush(app, &mut waiting, true).await;
    if !waiting.is_empty() {
        tracing::warn!(flushes = waiting.len(), "the last trace metrics could not be stored");
    }
}

/// Points bear their times, so one that was stored and said to have failed is stored again in its place.
async fn flush(app: &App, waiting: &mut VecDeque<(OrgId, Submission)>, all: bool) {
    for org in app.apm.org_ids() {
        let now = app.now_ms();
        let submission = app.apm.concentrate(org, |concentrator| concentrator.flush(now, all));
        if !submission.is_empty() {
            waiting.push_back((org, submission));
        }
    }
    while waiting.len() > WAITING_MAX {
        waiting.pop_front();
        app.apm.tallies.flushes_lost.fetch_add(1, Ordering::Relaxed);
        tracing::warn!("the store has been busy for too long; trace metrics of ten seconds are lost");
    }
    while let Some((org, submission)) = waiting.front() {
        let origin = Origin { org: *org, source: SOURCE, digest: None };
        if let Err(failure) = store_submission(app, origin, submission.clone()).await {
            let error = ErrorBody::from(failure);
            tracing::warn!(%error, "trace metrics could not be stored; they are kept and tried again");
            return;
        }
        waiting.pop_front();
    }
}
