//! The compact loop: plans on the files of the newest view, writes, commits in one transaction, swaps (STORE 11, 15).

use super::CompactReport;
use super::core::{Core, Totals};
use crate::compact::{self, Job, RowContext};
use crate::parts::{Content, FileMeta};
use crate::{Error, Result};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// How often the loop looks when no seal calls it: windows end with time alone.
const TICK: Duration = Duration::from_secs(60);
/// After a failure, a full disk for one.
const RETRY: Duration = Duration::from_secs(10);
/// Jobs of one call of `oriel compact` at most; each leaves fewer or larger files, so that it ends long before.
const JOBS_MAX: usize = 10_000;

/// Runs until `stopped`; a job that is under way is finished first.
pub(super) async fn run(core: Arc<Core>, mut stopped: watch::Receiver<bool>) {
    while !*stopped.borrow() && stopped.has_changed().is_ok() {
        tokio::select! {
            _ = stopped.changed() => return,
            () = core.compact_wanted.notified() => {}
            () = tokio::time::sleep(TICK) => {}
        }
        while !*stopped.borrow() {
            match step(&core, false).await {
                Ok(true) => {}
                Ok(false) => break,
                Err(e) => {
                    tracing::error!("can't compact: {e}");
                    pause(&mut stopped).await;
                    break;
                }
            }
        }
    }
}

/// Waits before the next try, but not for a store that closes.
async fn pause(stopped: &mut watch::Receiver<bool>) {
    let _ = tokio::time::timeout(RETRY, stopped.changed()).await;
}

/// See [`super::Store::compact`].
pub(super) async fn all_the_way(core: &Arc<Core>) -> Result<CompactReport> {
    core.seal_all().await?;
    let before = metas(core);
    for _ in 0..JOBS_MAX {
        if !step(core, true).await? {
            break;
        }
    }
    core.tidy().await?;
    let after = metas(core);
    let bytes = |files: &[FileMeta]| files.iter().map(|m| m.bytes).sum();
    let is_data = |m: &&FileMeta| m.content != Content::Series;
    Ok(CompactReport {
        files_before: before.len(),
        files_after: after.len(),
        bytes_before: bytes(&before),
        bytes_after: bytes(&after),
        samples: after.iter().filter(is_data).map(|m| m.samples).sum(),
    })
}

fn metas(core: &Core) -> Vec<FileMeta> {
    core.view.load().files.iter().map(|file| file.meta.clone()).collect()
}

/// One job; false when there is none. `full`: also what is worth it only when asked for.
async fn step(core: &Arc<Core>, full: bool) -> Result<bool> {
    let _one = core.compacting.lock().await;
    let planned = core.blocking(move |core| Ok(plan(core, full))).await?;
    let Some((job, context)) = planned else { return Ok(false) };
    let job = Arc::new(job);
    let known = context.as_ref().map(|context| context.policy.newest_tombstone());
    let running = Arc::clone(&job);
    let outputs = core.blocking(move |core| match context {
        Some(context) => compact::run_rows(&core.files, &running, &context),
        None => compact::run(&core.files, &running),
    });
    let outputs = outputs.await?;
    if known.is_some_and(|known| is_overtaken(core, &job, known)) {
        outputs.iter().for_each(|meta| crate::file::remove(&core.files, meta));
        return Ok(true);
    }
    let committed = core.catalog.replace(&job.inputs, &outputs).await;
    // These two errors say for certain that nothing was committed.
    if matches!(committed, Err(Error::NoSpace { .. } | Error::Corrupt { .. })) {
        outputs.iter().for_each(|meta| crate::file::remove(&core.files, meta));
    }
    committed?;
    core.replace_files(&job.inputs, &outputs);
    Totals::add(&core.totals.compactions, 1);
    if let Err(e) = core.tidy().await {
        tracing::warn!("can't shrink the catalog's log: {e}");
    }
    Ok(true)
}

/// Whether a deletion that came while the job ran has to be applied to its inputs (STORE 29): it is done again then. One that comes
/// later still masks the outputs, which say that they do not know it.
fn is_overtaken(core: &Core, job: &Job, known: u64) -> bool {
    let view = core.view.load();
    let newer = view.policy.tombstones.iter().filter(|t| t.id > known);
    newer.into_iter().any(|t| job.inputs.iter().any(|meta| t.is_pending_on(meta)))
}

/// The next job, with what one over wide rows needs.
fn plan(core: &Core, full: bool) -> Option<(Job, Option<RowContext>)> {
    let files = metas(core);
    let now_ms = core.clock.now_ms();
    let job = if full { compact::plan_all(&files, now_ms) } else { compact::plan(&files, now_ms) };
    if let Some(job) = job {
        return Some((job, None));
    }
    let context = RowContext { policy: core.policy_for_compaction(), now_ms, files };
    compact::plan_rows(&context, full).map(|job| (job, Some(context)))
}
