//! Tail sampling: which traces of old spans stay, and what the survivors stand for.
//!
//! Errors stay, and what was slower than its resource is as a rule, shapes that are seldom seen, and traces that somebody looked at.
//! Of the rest a share stays, told by the hash of the trace's id, so that every file decides alike. Traces of one shape share the
//! weight of those of it that went: their number stays right.

use super::Job;
use super::wide::RowContext;
use crate::Result;
use crate::file::wide::WideFile;
use crate::parts::{Content, FileMeta};
use crate::{NsRange, TailSampling};
use hashbrown::HashMap;
use oriel_model::{Core, OrgId, RowBatch};
use std::path::Path;
use xxhash_rust::xxh3::xxh3_64;

/// The level of files that were sampled: they are not sampled again.
pub(super) const SAMPLED_LEVEL: u8 = 3;
/// Shapes with so few traces in a job stay whole.
const RARE_TRACES: usize = 10;
/// Spans of a trace may lie in a file that ends or begins so much from the job's.
const APART_MS: i64 = 60_000;

/// What becomes of traces.
#[derive(Debug, Default)]
pub(super) struct Sampler {
    /// Traces that stay, with what each of their spans stands for.
    factors: HashMap<u128, f32>,
}

impl Sampler {
    /// What a trace's spans stand for; `None` when they go.
    pub(super) fn factor(&self, trace: u128) -> Option<f32> {
        self.factors.get(&trace).copied()
    }
}

/// What is known of a trace.
#[derive(Clone, Copy, Debug, Default)]
struct Trace {
    has_error: bool,
    /// Of the root span; 0 when it was not seen.
    resource: u64,
    root_ns: i64,
    /// A bit for each pair of service and operation.
    operations: u128,
}

/// The sampler of a job; `None` when it only merges.
pub(super) fn sampler(dir: &Path, job: &Job, context: &RowContext) -> Result<Option<Sampler>> {
    let Some(org) = job.inputs.first().map(|meta| OrgId(meta.org_min)) else { return Ok(None) };
    let Some(thinning) = context.policy.thinning.get(&org) else { return Ok(None) };
    if job.content != Content::Spans || job.level < SAMPLED_LEVEL {
        return Ok(None);
    }
    let mut traces: HashMap<u128, Trace> = HashMap::new();
    for input in &job.inputs {
        each_batch(dir, input, NsRange { start: i64::MIN, end: i64::MAX }, |batch| {
            (0..batch.len()).for_each(|row| note(batch, row, true, &mut traces));
        })?;
    }
    for neighbour in context.files.iter().filter(|meta| is_neighbour(meta, job)) {
        each_batch(dir, neighbour, reach(job), |batch| {
            (0..batch.len()).for_each(|row| note(batch, row, false, &mut traces));
        })?;
    }
    let viewed = |id: u128| thinning.viewed.contains(&id);
    Ok(Some(decide(&traces, &thinning.rule, viewed)))
}

fn reach(job: &Job) -> NsRange {
    let first = job.inputs.iter().map(|m| m.first_ms).min().unwrap_or(0) - APART_MS;
    let last = job.inputs.iter().map(|m| m.last_ms).max().unwrap_or(0) + APART_MS;
    let ns = |ms: i64| ms.saturating_mul(crate::parts::NS_PER_MS);
    NsRange { start: ns(first), end: ns(last) }
}

fn is_neighbour(meta: &FileMeta, job: &Job) -> bool {
    let is_input = job.inputs.iter().any(|input| input.id == meta.id);
    let same_org = job.inputs.first().is_some_and(|input| input.org_min == meta.org_min);
    meta.content == job.content && same_org && !is_input && meta.overlaps_ns(reach(job))
}

fn each_batch(dir: &Path, meta: &FileMeta, range: NsRange, mut show: impl FnMut(&RowBatch)) -> Result<()> {
    let file = WideFile::open(dir, meta)?;
    for block in 0..file.block_count() {
        let (first, last) = file.block_span(block);
        if last >= range.start && first < range.end {
            show(&file.batch(block)?.batch);
        }
    }
    Ok(())
}

/// Adds what a span says of its trace. `is_ours`: traces that are new are noted.
fn note(batch: &RowBatch, row: usize, is_ours: bool, traces: &mut HashMap<u128, Trace>) {
    let id = batch.trace_id.get(row).copied().unwrap_or(0);
    if id == 0 || (!is_ours && !traces.contains_key(&id)) {
        return;
    }
    let trace = traces.entry(id).or_default();
    trace.has_error |= batch.text(Core::Status, row) == "error";
    let operation = [batch.text(Core::Service, row), "\0", batch.text(Core::Name, row)].concat();
    trace.operations |= 1 << (xxh3_64(operation.as_bytes()) % 128);
    if batch.parent_id.get(row).is_none_or(|&parent| parent == 0) {
        trace.resource = xxh3_64(batch.text(Core::Resource, row).as_bytes()) | 1;
        trace.root_ns = batch.duration_ns.get(row).copied().unwrap_or(0);
    }
}

/// A shape, and its traces that nothing else keeps.
type Shapes = HashMap<(u64, u128), Vec<u128>>;

fn decide(traces: &HashMap<u128, Trace>, rule: &TailSampling, viewed: impl Fn(u128) -> bool) -> Sampler {
    let slow = slow_from(traces, rule.slow_quantile);
    let mut sampler = Sampler::default();
    let mut shapes = Shapes::new();
    for (&id, trace) in traces {
        let is_slow = slow.get(&trace.resource).is_some_and(|&from| trace.root_ns > from);
        if trace.has_error || is_slow || viewed(id) {
            sampler.factors.insert(id, 1.0);
        } else {
            shapes.entry((trace.resource, trace.operations)).or_default().push(id);
        }
    }
    for mut ids in shapes.into_values() {
        ids.sort_unstable_by_key(|id| (xxh3_64(&id.to_le_bytes()), *id));
        let share = rule.keep.clamp(0.0, 1.0);
        let is_in = |id: &&u128| (xxh3_64(&id.to_le_bytes()) as f64) < share * u64::MAX as f64;
        let kept = match ids.len() {
            few if few <= RARE_TRACES => few,
            _ => ids.iter().take_while(is_in).count().max(1),
        };
        let factor = ids.len() as f32 / kept as f32;
        sampler.factors.extend(ids[..kept].iter().map(|&id| (id, factor)));
    }
    sampler
}

/// For each root resource the duration above which a trace is slow.
fn slow_from(traces: &HashMap<u128, Trace>, quantile: f64) -> HashMap<u64, i64> {
    let mut durations: HashMap<u64, Vec<i64>> = HashMap::new();
    for trace in traces.values().filter(|t| t.resource != 0) {
        durations.entry(trace.resource).or_default().push(trace.root_ns);
    }
    let at = |mut all: Vec<i64>| {
        all.sort_unstable();
        let place = (quantile.clamp(0.0, 1.0) * all.len() as f64).ceil() as usize;
        all[place.clamp(1, all.len()) - 1]
    };
    durations.into_iter().map(|(resource, all)| (resource, at(all))).collect()
}

#[cfg(test)]
mod tests;
