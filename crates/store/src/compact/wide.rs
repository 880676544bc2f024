//! Merging files of wide rows: by service and time, block by block, with whatever takes rows away applied for good.
//!
//! An output is of one org, one absolute window of four hours (STORE 32) and one class of retention (STORE 28). Deleted rows, expired
//! rows and traces that tail sampling lets go are left out (STORE 29). Nothing is parsed again: rows go from decoded columns to
//! the writer's.

use super::Job;
use super::tail_sampling::{Sampler, sampler};
use crate::file::wide::{Census, Effort, WideBatch, WideFile, WideWriter};
use crate::parts::{FileMeta, NS_PER_MS, WideMeta};
use crate::rows::policy::{KeepRules, RowPolicy, Tombstone};
use crate::{Error, NsRange, Result};
use oriel_model::{Core, OrgId, RowBatch, Signal, TimeMs};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

/// A file of level 1 and above lies in one window of this length (STORE 32).
pub(super) const WINDOW_MS: i64 = 4 * 3_600_000;

/// Rows of an output: a plan hands about a million to a job, and what is over by half makes no second file.
const OUTPUT_ROWS_MAX: u64 = 3 << 19;

/// What a job on wide rows needs to know besides its inputs.
pub(crate) struct RowContext {
    pub(crate) policy: Arc<RowPolicy>,
    pub(crate) now_ms: TimeMs,
    /// Every live file: a trace may lie in more files than a job has.
    pub(crate) files: Vec<FileMeta>,
}

/// One input and what is still to be applied to it.
struct Input {
    file: WideFile,
    tombstones: Vec<Arc<Tombstone>>,
    /// The class of all its rows, when it is known.
    class: Option<u8>,
}

/// What decides on rows.
struct Rules<'a> {
    keep: Arc<KeepRules>,
    now_ms: TimeMs,
    sampler: Option<&'a Sampler>,
}

/// Adds the outputs of a job over wide rows.
pub(super) fn run(dir: &Path, job: &Job, context: &RowContext, outputs: &mut Vec<FileMeta>) -> Result<()> {
    let Some(first) = job.inputs.first() else { return Ok(()) };
    let Some(signal) = job.content.signal() else { return Ok(()) };
    let org = OrgId(first.org_min);
    let keep = context.policy.keep(org, signal);
    let mut inputs = Vec::with_capacity(job.inputs.len());
    for meta in &job.inputs {
        inputs.push(Input {
            file: WideFile::open(dir, meta)?,
            tombstones: context.policy.pending_on(meta),
            class: keep
                .rules
                .is_empty()
                .then_some(0)
                .or((meta.wide.rules == keep.version).then_some(meta.wide.class)),
        });
    }
    let sampler = sampler(dir, job, context)?;
    let rules = Rules { keep: Arc::clone(&keep), now_ms: context.now_ms, sampler: sampler.as_ref() };
    let mut census = Census::default();
    inputs.iter().for_each(|input| census.add_file(&input.file));
    if sampler.is_some() {
        census.expect_weights();
    }
    let version = if keep.rules.is_empty() { 0 } else { keep.version };
    for window in windows(&inputs) {
        for class in 0..keep.classes() as u8 {
            let wide = WideMeta {
                rules: version,
                class,
                tombstone: context.policy.newest_tombstone(),
                weighted: false,
            };
            let mut sink = Sink { dir, job, census: &census, of: (org, signal), wide, writer: None, outputs };
            merge(&inputs, &rules, (window, class), &mut sink)?;
            sink.end()?;
        }
    }
    let rows = |files: &[FileMeta]| files.iter().map(|meta| meta.rows).sum::<u64>();
    let gone = rows(&job.inputs).saturating_sub(rows(outputs));
    if gone > 0 {
        tracing::info!(
            "compaction of {} leaves out {gone} rows: deleted, expired or sampled",
            signal.as_str()
        );
    }
    Ok(())
}

/// The windows that blocks of the inputs touch.
fn windows(inputs: &[Input]) -> BTreeSet<i64> {
    let window = |ns: i64| ns.div_euclid(WINDOW_MS * NS_PER_MS);
    let spans = inputs.iter().flat_map(|i| (0..i.file.block_count()).map(|b| i.file.block_span(b)));
    spans.flat_map(|(first, last)| window(first)..=window(last)).collect()
}

fn range_of(window: i64) -> NsRange {
    let start = window.saturating_mul(WINDOW_MS * NS_PER_MS);
    NsRange { start, end: start.saturating_add(WINDOW_MS * NS_PER_MS) }
}

/// The writer of the output at hand, and those that are done.
struct Sink<'a> {
    dir: &'a Path,
    job: &'a Job,
    census: &'a Census,
    of: (OrgId, Signal),
    wide: WideMeta,
    writer: Option<WideWriter>,
    outputs: &'a mut Vec<FileMeta>,
}

impl Sink<'_> {
    /// The writer; `batches` are those at hand, for one that is new.
    fn writer(&mut self, cursors: &[Cursor<'_>]) -> Result<&mut WideWriter> {
        if self.writer.as_ref().is_some_and(|w| w.rows() >= OUTPUT_ROWS_MAX || w.is_full()) {
            self.end()?;
        }
        if self.writer.is_none() {
            let schema = self.census.schema(self.of.0, self.of.1);
            let mut writer =
                WideWriter::create(self.dir, schema, Effort::of_level(self.job.level), self.wide)?;
            for cursor in cursors {
                cursor.attach(&mut writer);
            }
            self.writer = Some(writer);
        }
        self.writer.as_mut().ok_or_else(|| Error::Closed("no file to write to".to_owned()))
    }

    fn end(&mut self) -> Result<()> {
        if let Some(writer) = self.writer.take() {
            self.outputs.extend(writer.finish()?);
        }
        Ok(())
    }
}

/// Where the merge is in an input.
struct Cursor<'a> {
    slot: usize,
    input: &'a Input,
    next_block: usize,
    open: Option<WideBatch<'a>>,
    /// The rows of the open block that go on, and their weights where they change.
    rows: Vec<(u32, f32)>,
    at: usize,
}

impl<'a> Cursor<'a> {
    fn batch(&self) -> Option<&RowBatch> {
        self.open.as_ref().map(|open| &open.batch)
    }

    fn attach(&self, writer: &mut WideWriter) {
        if let Some(batch) = self.batch() {
            writer.attach(self.slot, batch);
        }
    }

    /// Service and time of the next row; `None` at the end.
    fn key(&self) -> Option<(&str, i64)> {
        let batch = self.batch()?;
        let &(row, _) = self.rows.get(self.at)?;
        Some((batch.text(Core::Service, row as usize), batch.time_ns[row as usize]))
    }

    /// Opens the next block that has rows for the output, if the open one is used up; whether another one is open.
    fn advance(&mut self, rules: &Rules<'_>, (range, class): (NsRange, u8)) -> Result<bool> {
        let mut moved = false;
        while self.at >= self.rows.len() {
            self.open = None;
            moved = true;
            if self.next_block >= self.input.file.block_count() {
                return Ok(false);
            }
            let block = self.next_block;
            self.next_block += 1;
            let (first, last) = self.input.file.block_span(block);
            if last < range.start || first >= range.end {
                continue;
            }
            let open = self.input.file.batch(block)?;
            self.rows = rows_of(&open, self.input, rules, (range, class))?;
            self.at = 0;
            self.open = Some(open);
        }
        Ok(moved)
    }
}

/// The rows of a block that go on into an output, each with its weight.
fn rows_of(
    open: &WideBatch<'_>,
    input: &Input,
    rules: &Rules<'_>,
    (range, class): (NsRange, u8),
) -> Result<Vec<(u32, f32)>> {
    let batch = &open.batch;
    let mut stays: Vec<bool> = batch.time_ns.iter().map(|&t| range.start <= t && t < range.end).collect();
    for tombstone in &input.tombstones {
        let gone = tombstone.filter.select(open.columns());
        for row in gone.values().set_indices() {
            let time_ns = batch.time_ns[row];
            stays[row] &= time_ns < tombstone.range.start || time_ns >= tombstone.range.end;
        }
    }
    match input.class {
        Some(of) => stays.iter_mut().for_each(|stays| *stays &= of == class),
        None => {
            let classes = rules.keep.classes_of(open.columns());
            stays.iter_mut().zip(classes).for_each(|(stays, of)| *stays &= of == class);
        }
    }
    open.check()?;
    let oldest = rules.now_ms.saturating_sub(rules.keep.keep_ms(class)).saturating_mul(NS_PER_MS);
    let mut rows = Vec::with_capacity(batch.len());
    for (row, stays) in stays.into_iter().enumerate() {
        if !stays || batch.time_ns[row] < oldest {
            continue;
        }
        let factor = match (rules.sampler, batch.trace_id.get(row)) {
            (Some(sampler), Some(&trace)) if trace != 0 => sampler.factor(trace),
            _ => Some(1.0),
        };
        if let Some(factor) = factor {
            rows.push((row as u32, batch.weight(row) * factor));
        }
    }
    Ok(rows)
}

fn merge(inputs: &[Input], rules: &Rules<'_>, (window, class): (i64, u8), sink: &mut Sink<'_>) -> Result<()> {
    let of = (range_of(window), class);
    let mut cursors: Vec<Cursor<'_>> = inputs
        .iter()
        .filter(|input| input.class.is_none_or(|known| known == class))
        .enumerate()
        .map(|(slot, input)| Cursor { slot, input, next_block: 0, open: None, rows: Vec::new(), at: 0 })
        .collect();
    for cursor in &mut cursors {
        cursor.advance(rules, of)?;
    }
    loop {
        let first = cursors.iter().enumerate().filter_map(|(i, c)| Some((c.key()?, i))).min();
        let Some((_, first)) = first else { return Ok(()) };
        let others = cursors.iter().enumerate().filter(|(i, _)| *i != first);
        let bound = others.filter_map(|(i, c)| Some((c.key()?, i))).min();
        let run = run_of(&cursors[first], bound, first);
        let writer = sink.writer(&cursors)?;
        let cursor = &mut cursors[first];
        if let Some(open) = &cursor.open {
            for &(row, weight) in &cursor.rows[cursor.at..cursor.at + run] {
                writer.push(cursor.slot, &open.batch, row as usize, weight)?;
            }
        }
        cursor.at += run;
        if cursor.advance(rules, of)? {
            cursor.attach(writer);
        }
    }
}

/// How many rows of a cursor come before any other's, at least one.
fn run_of(cursor: &Cursor<'_>, bound: Option<((&str, i64), usize)>, place: usize) -> usize {
    let rest = &cursor.rows[cursor.at..];
    let (Some(batch), Some((bound, other))) = (cursor.batch(), bound) else { return rest.len() };
    let comes_first = |&&(row, _): &&(u32, f32)| {
        let key = (batch.text(Core::Service, row as usize), batch.time_ns[row as usize]);
        (key, place) < (bound, other)
    };
    rest.iter().take_while(comes_first).count().max(1)
}

#[cfg(test)]
mod tests;
