//! The road of a write through the store: admit, encode, commit, insert, publish, answer.
//!
//! The road runs in a task of its own, so that a sender that hangs up in the middle can't leave a durable row outside of the
//! head. A request whose generation ended under way is admitted and encoded again for the next one (STORE 19).

use super::core::{Core, Totals};
use super::digests::Known;
use super::{Appended, RequestDigest, closed};
use crate::parts::Dataset;
use crate::record::encode_metrics;
use crate::wal::{Commit, Outcome, REQUEST_BYTES_MAX, Record, Stamp};
use crate::{Error, Result};
use oriel_model::{EventBatch, MetricBatch, Rejections, RowBatch};
use std::collections::VecDeque;
use std::sync::Arc;

mod rows;

use rows::{append_events, append_rows};

/// See [`super::Store::append`].
pub(super) async fn metrics(
    core: &Arc<Core>,
    batch: MetricBatch,
    digest: Option<RequestDigest>,
) -> Result<Appended> {
    if batch.is_empty() {
        return Ok(Appended::default());
    }
    let bytes = batch_bytes(&batch);
    let road = Arc::clone(core);
    run(core, bytes, digest, async move |digest| append_metrics(&road, batch, digest).await).await
}

/// See [`super::Store::append_events`].
pub(super) async fn events(
    core: &Arc<Core>,
    batch: EventBatch,
    digest: Option<RequestDigest>,
) -> Result<Appended> {
    if batch.events.is_empty() && batch.checks.is_empty() {
        return Ok(Appended::default());
    }
    let texts: usize = batch.events.iter().map(|e| e.title.len() + e.text.len()).sum();
    let bytes = texts + 256 * (batch.events.len() + batch.checks.len());
    let road = Arc::clone(core);
    run(core, bytes, digest, async move |digest| append_events(&road, batch, digest).await).await
}

/// What both roads begin and end with: memory, the retry table, the totals.
async fn run<F, Road>(
    core: &Arc<Core>,
    bytes: usize,
    digest: Option<RequestDigest>,
    road: F,
) -> Result<Appended>
where
    F: FnOnce(u128) -> Road + Send + 'static,
    Road: Future<Output = Result<Rejections>> + Send + 'static,
{
    core.takes_writes()?;
    Totals::add(&core.totals.requests, 1);
    let digest = digest.map_or(0, |d| d.0);
    let entry = match digest {
        0 => None,
        digest => match core.digests.begin(digest)? {
            Known::New(entry) => Some(entry),
            Known::Repeated => {
                Totals::add(&core.totals.repeated, 1);
                return Ok(Appended { repeated: true, ..Appended::default() });
            }
        },
    };
    let room = core.budget.reserve_request(bytes).inspect_err(|_| shed(core))?;
    let task = tokio::spawn(async move {
        let rejections = road(digest).await?;
        drop(room);
        if let Some(entry) = entry {
            entry.stored();
        }
        Ok(Appended { rejections, repeated: false })
    });
    let result = task.await.unwrap_or_else(|e| Err(closed(&format!("an append stopped: {e}"))));
    if matches!(result, Err(Error::Busy { .. })) {
        shed(core);
    }
    result
}

/// Busy was answered: count it, and have the seal loop look at once.
fn shed(core: &Core) {
    Totals::add(&core.totals.busy, 1);
    core.seal_wanted.notify_one();
}

/// Bytes of a batch in memory and once more encoded.
fn batch_bytes(batch: &MetricBatch) -> usize {
    let bins: usize = batch.sketches.iter().map(|p| p.sketch.bins.len() * 16 + 128).sum();
    batch.ts.len() * 16 * 2 + batch.series.len() * 128 + bins * 2
}

async fn append_metrics(core: &Core, batch: MetricBatch, digest: u128) -> Result<Rejections> {
    let mut rejections = Rejections::default();
    let mut parts = VecDeque::from([batch]);
    while let Some(mut batch) = parts.pop_front() {
        let generation = core.generation(Dataset::Metrics);
        let mut admission = core.registry.admit(&mut batch, generation)?;
        rejections.merge(std::mem::take(&mut admission.rejections));
        let records = encode_metrics(&batch, &admission.defs);
        if records.is_empty() {
            continue;
        }
        if records.iter().map(Vec::len).sum::<usize>() > REQUEST_BYTES_MAX {
            let (first, second) = halves(batch);
            parts.push_front(second);
            parts.push_front(first);
            continue;
        }
        // A request of several parts counts as stored with its last one.
        let digest = if parts.is_empty() { digest } else { 0 };
        let commit = Commit {
            org: batch.org,
            dataset: Dataset::Metrics,
            generation,
            digest,
            records: framed(records),
        };
        match core.wal.commit(commit).await? {
            Outcome::Stale(_) => parts.push_front(batch),
            Outcome::Durable(stamp) => insert(core, &batch, &admission, stamp)?,
        }
    }
    Ok(rejections)
}

fn framed(records: Vec<Vec<u8>>) -> Vec<Record> {
    records.into_iter().map(|payload| Record::new(0, payload)).collect()
}

/// A durable batch becomes queryable, and its series known.
fn insert(
    core: &Core,
    batch: &MetricBatch,
    admission: &crate::registry::Admission,
    stamp: Stamp,
) -> Result<()> {
    let view = core.view.load();
    let head = view.metric_heads.iter().find(|h| h.generation == admission.generation);
    let head = head.ok_or_else(|| closed("the head of a durable record is gone"))?;
    let new_days = head.insert(batch, &admission.defs, stamp.lsn)?;
    core.registry.publish(batch, admission, &new_days);
    stamp.inserted();
    Totals::add(&core.totals.samples, batch.ts.len());
    Totals::add(&core.totals.sketches, batch.sketches.len());
    note_head_bytes(core);
    Ok(())
}

/// Tells the pool what heads hold, and the seal loop when that is too much.
fn note_head_bytes(core: &Core) {
    let bytes = core.view.load().head_bytes();
    core.budget.heads.set_used(bytes);
    if bytes >= core.budget.seal_bytes() {
        core.seal_wanted.notify_one();
    }
}

/// See [`super::Store::append_rows`].
pub(super) async fn rows(
    core: &Arc<Core>,
    batch: RowBatch,
    digest: Option<RequestDigest>,
) -> Result<Appended> {
    if batch.is_empty() {
        return Ok(Appended::default());
    }
    core.budget.check_row_heads(core.view.load().row_bytes()).inspect_err(|_| shed(core))?;
    let (bytes, road) = (batch.heap_bytes() * 2, Arc::clone(core));
    run(core, bytes, digest, async move |digest| append_rows(&road, batch, digest).await).await
}

/// Cuts a batch that is too large for one commit: between series, or through the only one.
fn halves(batch: MetricBatch) -> (MetricBatch, MetricBatch) {
    if batch.series.len() < 2 {
        return halves_of_one(batch);
    }
    let middle = batch.series.len() / 2;
    let cut = |from: usize, to: usize| {
        let mut part = MetricBatch { series: batch.series[from..to].to_vec(), ..empty(&batch) };
        for series in &mut part.series {
            let (times, values) = batch.samples(series);
            series.first = u32::try_from(part.ts.len()).unwrap_or(u32::MAX);
            part.ts.extend_from_slice(times);
            part.values.extend_from_slice(values);
        }
        let inside = |p: &&oriel_model::SketchPoint| (from..to).contains(&(p.series as usize));
        part.sketches = batch.sketches.iter().filter(inside).cloned().collect();
        for point in &mut part.sketches {
            point.series -= u32::try_from(from).unwrap_or(0);
        }
        part
    };
    (cut(0, middle), cut(middle, batch.series.len()))
}

fn halves_of_one(mut batch: MetricBatch) -> (MetricBatch, MetricBatch) {
    let mut second = MetricBatch { series: batch.series.clone(), ..empty(&batch) };
    second.ts = batch.ts.split_off(batch.ts.len() / 2);
    second.values = batch.values.split_off(batch.ts.len());
    second.sketches = batch.sketches.split_off(batch.sketches.len() / 2);
    for part in [&mut batch, &mut second] {
        if let Some(series) = part.series.first_mut() {
            series.first = 0;
            series.len = u32::try_from(part.ts.len()).unwrap_or(u32::MAX);
        }
    }
    (batch, second)
}

fn empty(batch: &MetricBatch) -> MetricBatch {
    MetricBatch {
        org: batch.org,
        series: Vec::new(),
        ts: Vec::new(),
        values: Vec::new(),
        sketches: Vec::new(),
    }
}

#[cfg(test)]
mod tests;
