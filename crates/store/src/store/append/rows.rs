//! The road of wide rows, and of events and service checks, which share a commit.

use super::{Core, Totals, note_head_bytes};
use crate::Result;
use crate::parts::{Dataset, Generation};
use crate::record::{Parts, ROWS_CODEC, encode_events, encode_rows, parts};
use crate::rows::{Join, events};
use crate::store::closed;
use crate::wal::{Commit, Outcome, REQUEST_BYTES_MAX, Record, Stamp};
use oriel_model::{EventBatch, OrgId, Reason, Rejections, RowBatch, ServiceCheck, Signal};
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

/// What goes into one commit.
struct Part {
    rows: Arc<RowBatch>,
    /// Of the dataset `events`, in the last part.
    checks: Vec<ServiceCheck>,
    records: Vec<Record>,
}

/// A batch's records, cut into commits. What is too large for any is refused by reason.
pub(super) async fn append_rows(core: &Core, batch: RowBatch, digest: u128) -> Result<Rejections> {
    let (org, signal) = (batch.org, batch.signal);
    let (parts, rejections) = cut(Arc::new(batch));
    commit_all(core, (org, signal), parts, digest).await?;
    Ok(rejections)
}

pub(super) async fn append_events(core: &Core, batch: EventBatch, digest: u128) -> Result<Rejections> {
    let EventBatch { org, events, checks } = batch;
    let (mut parts, rejections) = cut(Arc::new(events::batch_of(org, &events)));
    if !checks.is_empty() {
        add_checks(org, checks, &mut parts);
    }
    commit_all(core, (org, Signal::Events), parts, digest).await?;
    Ok(rejections)
}

fn record_bytes(records: &[Record]) -> usize {
    records.iter().map(|record| record.payload.len()).sum()
}

/// Checks go with the last part where they fit, else in parts of their own.
fn add_checks(org: OrgId, checks: Vec<ServiceCheck>, parts: &mut VecDeque<Part>) {
    let batch = EventBatch { org, events: Vec::new(), checks };
    let records: Vec<Record> = encode_events(&batch).into_iter().map(|r| Record::new(0, r)).collect();
    let bytes = record_bytes(&records);
    let checks = batch.checks;
    if bytes > REQUEST_BYTES_MAX && checks.len() > 1 {
        let mut first = checks;
        let second = first.split_off(first.len() / 2);
        add_checks(org, first, parts);
        add_checks(org, second, parts);
        return;
    }
    match parts.back_mut() {
        Some(last) if last.checks.is_empty() && record_bytes(&last.records) + bytes <= REQUEST_BYTES_MAX => {
            last.checks = checks;
            last.records.extend(records);
        }
        _ => {
            let rows = Arc::new(RowBatch::new(org, Signal::Events));
            parts.push_back(Part { rows, checks, records });
        }
    }
}

/// Records of a batch by commit. A batch that fits one, which is the rule, stays as it is.
fn cut(batch: Arc<RowBatch>) -> (VecDeque<Part>, Rejections) {
    let Parts { records: ranges, oversized } = parts(&batch);
    let mut rejections = Rejections::default();
    for row in oversized {
        let time_ms = batch.time_ns[row].div_euclid(crate::parts::NS_PER_MS);
        rejections.add(Reason::TextTooLong, 1, || format!("row at {time_ms} ms: over 4 MiB in all"));
    }
    let mut commits: Vec<(Vec<Range<usize>>, Vec<Record>)> = Vec::new();
    for range in ranges {
        let record = Record::new(ROWS_CODEC, encode_rows(&batch, range.clone()));
        match commits.last_mut() {
            Some((ranges, records)) if record_bytes(records) + record.payload.len() <= REQUEST_BYTES_MAX => {
                ranges.push(range);
                records.push(record);
            }
            _ => commits.push((vec![range], vec![record])),
        }
    }
    let is_whole = commits.len() == 1 && rejections.is_empty();
    let part = |(ranges, records): (Vec<Range<usize>>, Vec<Record>)| {
        let rows = if is_whole { Arc::clone(&batch) } else { copy(&batch, ranges) };
        Part { rows, checks: Vec::new(), records }
    };
    (commits.into_iter().map(part).collect(), rejections)
}

fn copy(batch: &RowBatch, ranges: Vec<Range<usize>>) -> Arc<RowBatch> {
    let mut join = Join::new(batch.org, batch.signal);
    ranges.into_iter().for_each(|range| join.add(batch, range));
    Arc::new(join.finish())
}

/// A request of several parts counts as stored with its last one.
async fn commit_all(
    core: &Core,
    (org, signal): (OrgId, Signal),
    mut parts: VecDeque<Part>,
    digest: u128,
) -> Result<()> {
    let dataset = Dataset::of(signal);
    while let Some(mut part) = parts.pop_front() {
        let digest = if parts.is_empty() { digest } else { 0 };
        loop {
            let generation = core.generation(dataset);
            let records = std::mem::take(&mut part.records);
            match core.wal.commit(Commit { org, dataset, generation, digest, records }).await? {
                // A record says nothing of its generation.
                Outcome::Stale(records) => part.records = records,
                Outcome::Durable(stamp) => {
                    insert(core, &part, (dataset, generation), stamp)?;
                    break;
                }
            }
        }
    }
    Ok(())
}

/// A durable part becomes queryable.
fn insert(
    core: &Core,
    part: &Part,
    (dataset, generation): (Dataset, Generation),
    stamp: Stamp,
) -> Result<()> {
    let view = core.view.load();
    let head = view.row_heads.iter().find(|h| h.dataset == dataset && h.generation == generation);
    let head = head.ok_or_else(|| closed("the head of a durable record is gone"))?;
    let piece = (!part.rows.is_empty()).then(|| head.insert(Arc::clone(&part.rows), stamp.lsn));
    head.insert_checks(part.rows.org, &part.checks, stamp.lsn);
    stamp.inserted();
    let total = match dataset {
        Dataset::Logs => &core.totals.logs,
        Dataset::Spans => &core.totals.spans,
        Dataset::Events | Dataset::Metrics => &core.totals.events,
    };
    Totals::add(total, part.rows.len() + part.checks.len());
    note_head_bytes(core);
    if let Some(piece) = piece {
        core.tails.show(&piece);
    }
    Ok(())
}
