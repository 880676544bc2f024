//! The retain loop: drops files whose every row is older than its signal's retention, and host tags that nothing can join any
//! more (STORE 28).

use super::core::{Core, Totals};
use crate::Result;
use crate::parts::{FileMeta, day_of};
use crate::retain;
use oriel_model::Signal;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Expiry is by the day; ten minutes keep its steps small.
const TICK: Duration = Duration::from_secs(600);

/// Runs until `stopped`.
pub(super) async fn run(core: Arc<Core>, mut stopped: watch::Receiver<bool>) {
    loop {
        if let Err(e) = expire(&core).await {
            tracing::error!("can't expire: {e}");
        }
        tokio::select! {
            _ = stopped.changed() => return,
            () = tokio::time::sleep(TICK) => {}
        }
    }
}

/// One round.
pub(super) async fn expire(core: &Arc<Core>) -> Result<()> {
    let _one = core.compacting.lock().await;
    let metrics = core.accepted(Signal::Metrics).start;
    let events = core.accepted(Signal::Events).start;
    let files: Vec<FileMeta> = core.view.load().files.iter().map(|file| file.meta.clone()).collect();
    let policy = Arc::clone(&core.view.load().policy);
    let expired = retain::expired(&files, (metrics, events), &policy, core.clock.now_ms());
    if !expired.is_empty() {
        let rows: u64 = expired.iter().map(|meta| meta.rows).sum();
        tracing::info!("retention drops {} files with {rows} rows", expired.len());
        core.catalog.replace(&expired, &[]).await?;
        core.replace_files(&expired, &[]);
        Totals::add(&core.totals.expired_files, expired.len());
    }
    core.registry.days.drop_before(day_of(metrics));
    core.catalog.expire_host_tags(metrics.min(events)).await?;
    core.tidy().await
}
