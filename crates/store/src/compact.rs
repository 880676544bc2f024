//! Compaction: fewer and fuller files, each sample encoded for good once (STORE 11, 15).
//!
//! Level 0 is what heads leave behind; level 1 holds whole windows of one org and day; level 2 is a day of an org in one
//! file, mostly copied. Order of commit is order of truth: the inputs of a job are contiguous in sequence among the files
//! that overlap them in time, and its outputs take the highest sequence of its inputs. That holds because a job takes the
//! *oldest* files of level 0, and at a day either all of level 1 or all of it with level 2; so, at any time, what is on a
//! higher level is older.

mod merge;
mod plan;
mod rows;
mod samples;
mod tail_sampling;
mod wide;
mod wide_plan;

use crate::Result;
use crate::file::{remove, verify};
use crate::parts::{Content, FileMeta};
use oriel_model::TimeMs;
use std::path::Path;

pub(crate) use plan::{plan, plan_all};
pub(crate) use wide::RowContext;
pub(crate) use wide_plan::plan as plan_rows;

/// Files of one content to be replaced by fewer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Job {
    /// Oldest sequence first.
    pub(crate) inputs: Vec<FileMeta>,
    pub(crate) content: Content,
    /// Of the outputs.
    pub(crate) level: u8,
    /// Samples in windows that end later stay on level 0, so that no window is encoded for good before it is complete.
    pub(crate) complete_before: TimeMs,
}

/// Writes the outputs of a job over metrics or checks and gives them with their sequence. The inputs stay as they are; after an
/// error there are no outputs. A damaged input is found before anything is written from it.
pub(crate) fn run(dir: &Path, job: &Job) -> Result<Vec<FileMeta>> {
    let mut outputs = outputs_of(dir, job, |outputs| match job.content {
        Content::Samples => samples::run(dir, job, outputs),
        Content::Sketches => rows::sketches(dir, job, outputs),
        Content::Series => rows::series(dir, job, outputs),
        Content::Events => rows::events(dir, job, outputs),
        Content::EventRows | Content::Logs | Content::Spans => {
            Err(crate::Error::Closed("wide rows are merged with their policy".to_owned()))
        }
    })?;
    // Of service checks it says that there is nothing else.
    let tombstone = job.inputs.iter().map(|m| m.wide.tombstone).min().unwrap_or(0);
    outputs.iter_mut().for_each(|meta| meta.wide.tombstone = tombstone);
    Ok(outputs)
}

/// The same for a job over wide rows.
pub(crate) fn run_rows(dir: &Path, job: &Job, context: &RowContext) -> Result<Vec<FileMeta>> {
    outputs_of(dir, job, |outputs| wide::run(dir, job, context, outputs))
}

fn outputs_of(
    dir: &Path,
    job: &Job,
    write: impl FnOnce(&mut Vec<FileMeta>) -> Result<()>,
) -> Result<Vec<FileMeta>> {
    for input in &job.inputs {
        verify(dir, input)?;
    }
    let mut outputs = Vec::new();
    if let Err(e) = write(&mut outputs) {
        outputs.iter().for_each(|meta| remove(dir, meta));
        return Err(e);
    }
    let sequence = job.inputs.iter().map(|m| m.begin_seq).max().unwrap_or(0);
    outputs.iter_mut().for_each(|meta| meta.begin_seq = sequence);
    Ok(outputs)
}
