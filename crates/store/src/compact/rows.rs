//! Sketches, definitions and events: rows of few bytes, always written anew, one file an org and day.

use super::Job;
use super::merge::{Merge, Scan};
use crate::Result;
use crate::file::{EventRow, EventScan, EventWriter, SeriesScan, SeriesWriter, SketchScan, SketchWriter};
use crate::parts::{FileMeta, SeriesRow, SketchChunk, day_of, window_ms, window_start};
use oriel_model::{OrgId, SeriesKey, Sketch, TimeMs};
use std::collections::BTreeSet;
use std::path::Path;

/// A scan that leaves out rows of other days.
struct OfDay<S, D> {
    scan: S,
    day: Option<i32>,
    day_of: D,
}

impl<S: Scan, D: Fn(&S::Row) -> i32> Scan for OfDay<S, D> {
    type Row = S::Row;
    type Key = S::Key;

    fn next(&mut self) -> Result<Option<S::Row>> {
        loop {
            let row = self.scan.next()?;
            match (&row, self.day) {
                (Some(found), Some(day)) if (self.day_of)(found) != day => {}
                _ => return Ok(row),
            }
        }
    }

    fn key(row: &S::Row) -> S::Key {
        S::key(row)
    }
}

impl Scan for SeriesScan {
    type Row = SeriesRow;
    type Key = (OrgId, SeriesKey, i32);

    fn next(&mut self) -> Result<Option<SeriesRow>> {
        SeriesScan::next(self)
    }

    fn key(row: &SeriesRow) -> Self::Key {
        (row.org, row.key, row.day)
    }
}

impl Scan for EventScan {
    type Row = (OrgId, EventRow);
    type Key = (OrgId, TimeMs);

    fn next(&mut self) -> Result<Option<Self::Row>> {
        EventScan::next(self)
    }

    fn key((org, row): &Self::Row) -> Self::Key {
        (*org, row.time_ms())
    }
}

impl Scan for SketchScan {
    type Row = SketchChunk;
    type Key = (OrgId, SeriesKey);

    fn next(&mut self) -> Result<Option<SketchChunk>> {
        SketchScan::next(self)
    }

    fn key(row: &SketchChunk) -> Self::Key {
        (row.org, row.key)
    }
}

fn day_of_sketches(row: &SketchChunk) -> i32 {
    day_of(row.points.first().map_or(0, |p| p.0))
}

fn day_of_event((_, row): &(OrgId, EventRow)) -> i32 {
    day_of(row.time_ms())
}

/// Days that the job's outputs are split on: none on level 0, where a file may span several.
fn days<S: Scan>(
    job: &Job,
    open: &impl Fn(&FileMeta) -> Result<S>,
    day_of: impl Fn(&S::Row) -> i32,
) -> Result<Vec<Option<i32>>> {
    if job.level == 0 {
        return Ok(vec![None]);
    }
    let mut days = BTreeSet::new();
    for input in &job.inputs {
        let mut scan = open(input)?;
        while let Some(row) = scan.next()? {
            days.insert(day_of(&row));
        }
    }
    Ok(days.into_iter().map(Some).collect())
}

fn merge_of<S: Scan, D: Fn(&S::Row) -> i32 + Copy>(
    job: &Job,
    open: &impl Fn(&FileMeta) -> Result<S>,
    (day, day_of): (Option<i32>, D),
) -> Result<Merge<OfDay<S, D>>> {
    let mut scans = Vec::with_capacity(job.inputs.len());
    for input in &job.inputs {
        scans.push(OfDay { scan: open(input)?, day, day_of });
    }
    Merge::new(scans)
}

/// The writer of the current org: above level 0 a file has one (STORE 27).
struct PerOrg<W> {
    level: u8,
    writer: Option<(OrgId, W)>,
}

impl<W> PerOrg<W> {
    fn new(level: u8) -> Self {
        Self { level, writer: None }
    }

    /// The writer for rows of `org`; an earlier org's is ended.
    fn of(
        &mut self,
        org: OrgId,
        create: impl FnOnce() -> Result<W>,
        end: impl FnOnce(W) -> Result<()>,
    ) -> Result<&mut W> {
        let writer = match self.writer.take() {
            Some((of, writer)) if of == org || self.level == 0 => writer,
            Some((_, earlier)) => {
                end(earlier)?;
                create()?
            }
            None => create()?,
        };
        Ok(&mut self.writer.insert((org, writer)).1)
    }

    fn end(self, end: impl FnOnce(W) -> Result<()>) -> Result<()> {
        self.writer.map_or(Ok(()), |(_, writer)| end(writer))
    }
}

/// Adds the outputs of a job over definitions: the newest kind of a series and day stays, and the newest interval that was
/// said.
pub(super) fn series(dir: &Path, job: &Job, outputs: &mut Vec<FileMeta>) -> Result<()> {
    let open = |meta: &FileMeta| SeriesScan::open(dir, meta);
    for day in days(job, &open, |row| row.day)? {
        let mut merge = merge_of(job, &open, (day, |row: &SeriesRow| row.day))?;
        let mut files = PerOrg::new(job.level);
        let mut group = Vec::new();
        while merge.next(&mut group)? {
            let interval_s = group.iter().rev().map(|(_, r)| r.interval_s).find(|&s| s > 0).unwrap_or(0);
            let Some((_, mut row)) = group.pop() else { continue };
            row.interval_s = interval_s;
            let create = || SeriesWriter::create(dir, job.level);
            files.of(row.org, create, |w| keep(w.finish(), outputs))?.push(&row)?;
        }
        files.end(|w| keep(w.finish(), outputs))?;
    }
    Ok(())
}

/// Adds the outputs of a job over events. Nothing is left out: two equal events are two.
pub(super) fn events(dir: &Path, job: &Job, outputs: &mut Vec<FileMeta>) -> Result<()> {
    let open = |meta: &FileMeta| EventScan::open(dir, meta);
    for day in days(job, &open, day_of_event)? {
        let mut merge = merge_of(job, &open, (day, day_of_event))?;
        let mut files = PerOrg::new(job.level);
        let mut group = Vec::new();
        while merge.next(&mut group)? {
            for (_, (org, row)) in group.drain(..) {
                let create = || EventWriter::create(dir, job.level);
                files.of(org, create, |w| keep(w.finish(), outputs))?.push(org, &row)?;
            }
        }
        files.end(|w| keep(w.finish(), outputs))?;
    }
    Ok(())
}

/// Adds the outputs of a job over sketches: points of one time merge (STORE 11), windows become whole.
pub(super) fn sketches(dir: &Path, job: &Job, outputs: &mut Vec<FileMeta>) -> Result<()> {
    let open = |meta: &FileMeta| SketchScan::open(dir, meta);
    for day in days(job, &open, day_of_sketches)? {
        let mut merge = merge_of(job, &open, (day, day_of_sketches))?;
        let mut files = PerOrg::new(job.level);
        let mut group = Vec::new();
        while merge.next(&mut group)? {
            for chunk in windows(&mut group) {
                let create = || SketchWriter::create(dir, job.level);
                files.of(chunk.org, create, |w| keep(w.finish(), outputs))?.push(&chunk)?;
            }
        }
        files.end(|w| keep(w.finish(), outputs))?;
    }
    Ok(())
}

fn keep(finished: Result<Option<FileMeta>>, outputs: &mut Vec<FileMeta>) -> Result<()> {
    outputs.extend(finished?);
    Ok(())
}

/// The points of one series, merged and cut into windows; the newest interval that was said holds for all.
fn windows(group: &mut Vec<(usize, SketchChunk)>) -> Vec<SketchChunk> {
    let interval_s = group.iter().rev().map(|(_, c)| c.interval_s).find(|&s| s > 0).unwrap_or(0);
    let Some((_, first)) = group.first() else { return Vec::new() };
    let (org, key) = (first.org, first.key);
    let mut points: Vec<(TimeMs, Sketch)> = group.drain(..).flat_map(|(_, c)| c.points).collect();
    points.sort_by_key(|(t, _)| *t);
    points.dedup_by(|later, kept| {
        let same = later.0 == kept.0;
        if same {
            kept.1.merge(&later.1);
        }
        same
    });
    let window = window_ms(interval_s);
    points
        .chunk_by(|a, b| window_start(a.0, window) == window_start(b.0, window))
        .map(|part| SketchChunk { org, key, interval_s, points: part.to_vec() })
        .collect()
}

#[cfg(test)]
mod tests;
