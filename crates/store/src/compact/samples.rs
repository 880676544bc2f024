//! Samples: rows of one series are copied where nothing touches them, else decoded, merged and cut into whole windows.
//!
//! One pass for each day of the inputs, since outputs of level 1 and above are of one day; a pass reads only the keys and
//! times of rows that are not its day's. In memory at a time: a series' rows of a day, and a row group of the output.

use super::Job;
use super::merge::{Merge, Scan};
use crate::Result;
use crate::file::{Effort, FINAL, SampleFile, SampleScan, SampleWriter, StoredRow};
use crate::parts::{CHUNK_SAMPLES_MAX, Chunk, DAY_MS, FileMeta, day_of, window_ms, window_start};
use oriel_model::{Kind, OrgId, SeriesKey, TimeMs, TimeRange};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

impl Scan for SampleScan {
    type Row = StoredRow;
    type Key = (OrgId, SeriesKey);

    fn next(&mut self) -> Result<Option<StoredRow>> {
        SampleScan::next(self)
    }

    fn key(row: &StoredRow) -> Self::Key {
        (row.org, row.key)
    }
}

/// Adds the outputs of a job over samples.
pub(super) fn run(dir: &Path, job: &Job, outputs: &mut Vec<FileMeta>) -> Result<()> {
    let mut files = Vec::with_capacity(job.inputs.len());
    for input in &job.inputs {
        files.push(Arc::new(SampleFile::open(dir, input)?));
    }
    let mut days = BTreeSet::new();
    for file in &files {
        file.visit_starts(&mut |t0| {
            days.insert(day_of(t0));
        })?;
    }
    if job.level == 0 {
        return pass(dir, job, &files, TimeRange::all(), outputs);
    }
    for day in days {
        let start = i64::from(day).saturating_mul(DAY_MS);
        pass(dir, job, &files, TimeRange::new(start, start.saturating_add(DAY_MS)), outputs)?;
    }
    Ok(())
}

/// Merges what the files have of a range.
fn pass(
    dir: &Path,
    job: &Job,
    files: &[Arc<SampleFile>],
    range: TimeRange,
    outputs: &mut Vec<FileMeta>,
) -> Result<()> {
    let mut merge = Merge::new(files.iter().map(|file| file.scan(range)).collect())?;
    let mut out = Output { dir, job, whole: None, open: None, done: Vec::new() };
    let mut series = Series::default();
    let mut rows = Vec::new();
    let merged = (|| {
        while merge.next(&mut rows)? {
            rows.sort_by_key(|(source, row)| (row.t0, *source));
            series.write(&merge, &rows, &mut out)?;
        }
        out.end()
    })();
    outputs.append(&mut out.done);
    merged
}

/// The files being written: whole windows at the job's level, one org a file; and what has to wait at level 0.
struct Output<'a> {
    dir: &'a Path,
    job: &'a Job,
    whole: Option<(OrgId, SampleWriter)>,
    open: Option<SampleWriter>,
    done: Vec<FileMeta>,
}

impl Output<'_> {
    fn whole(&mut self, org: OrgId) -> Result<&mut SampleWriter> {
        let same = self.whole.take_if(|(of, _)| *of == org || self.job.level == 0);
        let writer = match same {
            Some((_, writer)) => writer,
            None => {
                self.end_whole()?;
                SampleWriter::create(self.dir, self.job.level)?
            }
        };
        Ok(&mut self.whole.insert((org, writer)).1)
    }

    fn copy(&mut self, row: &StoredRow) -> Result<()> {
        self.whole(row.org)?.push_row(row.clone())
    }

    /// `ends_ms` is the end of the chunk's window.
    fn push(&mut self, chunk: &Chunk, ends_ms: TimeMs) -> Result<()> {
        if self.job.level == 0 {
            return self.whole(chunk.org)?.push(chunk, Effort::Fast);
        }
        if ends_ms <= self.job.complete_before {
            return self.whole(chunk.org)?.push(chunk, Effort::Full);
        }
        let writer = match self.open.take() {
            Some(writer) => writer,
            None => SampleWriter::create(self.dir, 0)?,
        };
        self.open.insert(writer).push(chunk, Effort::Fast)
    }

    fn end_whole(&mut self) -> Result<()> {
        if let Some((_, writer)) = self.whole.take() {
            self.done.extend(writer.finish()?);
        }
        Ok(())
    }

    fn end(&mut self) -> Result<()> {
        self.end_whole()?;
        if let Some(writer) = self.open.take() {
            self.done.extend(writer.finish()?);
        }
        Ok(())
    }
}

/// What a run of samples shares; a change of it starts a new chunk (STORE 10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Shape {
    kind: u8,
    interval_s: u32,
}

#[derive(Clone, Copy, Debug)]
struct Sample {
    time_ms: TimeMs,
    source: usize,
    value: f64,
    shape: Shape,
    reset: bool,
}

/// Buffers for one series at a time.
#[derive(Default)]
struct Series {
    samples: Vec<Sample>,
    times: Vec<TimeMs>,
    values: Vec<f64>,
}

impl Series {
    /// `rows` are all the inputs have of a series and the pass's range, in the order of time.
    fn write(
        &mut self,
        merge: &Merge<SampleScan>,
        rows: &[(usize, StoredRow)],
        out: &mut Output<'_>,
    ) -> Result<()> {
        let mut rest = rows;
        while !rest.is_empty() {
            let (cluster, after) = rest.split_at(cluster_len(rest));
            rest = after;
            if out.job.level > 0 && is_finished(cluster) {
                for (_, row) in cluster {
                    out.copy(row)?;
                }
                continue;
            }
            self.decode(merge, cluster)?;
            self.cut(cluster[0].1.org, cluster[0].1.key, out)?;
        }
        Ok(())
    }

    /// The samples of a cluster, sorted, the newest source's where several have one time (STORE 11).
    fn decode(&mut self, merge: &Merge<SampleScan>, cluster: &[(usize, StoredRow)]) -> Result<()> {
        self.samples.clear();
        for (source, row) in cluster {
            merge.scan(*source).decode(row, &mut self.times, &mut self.values)?;
            let shape = Shape { kind: row.kind, interval_s: row.interval_s };
            let mut reset = row.is_reset();
            for (&time_ms, &value) in self.times.iter().zip(&self.values) {
                self.samples.push(Sample { time_ms, source: *source, value, shape, reset });
                reset = false;
            }
        }
        let rises = self.samples.windows(2).all(|w| w[0].time_ms < w[1].time_ms);
        if !rises {
            self.samples.sort_by_key(|s| (s.time_ms, s.source));
            self.samples.dedup_by(|later, kept| {
                let same = later.time_ms == kept.time_ms;
                if same {
                    *kept = *later;
                }
                same
            });
        }
        Ok(())
    }

    /// Cuts the samples where their shape changes, at marks of reset, at windows, and at the most a chunk may hold.
    fn cut(&mut self, org: OrgId, key: SeriesKey, out: &mut Output<'_>) -> Result<()> {
        let runs = self.samples.chunk_by(|a, b| a.shape == b.shape && !b.reset);
        for run in runs {
            let window = match run[0].shape.interval_s {
                0 => window_ms(median_interval_s(run)),
                known => window_ms(known),
            };
            let same_window =
                |a: &Sample, b: &Sample| window_start(a.time_ms, window) == window_start(b.time_ms, window);
            for part in run.chunk_by(same_window) {
                let ends_ms = window_start(part[0].time_ms, window).saturating_add(window);
                let pieces = part.len().div_ceil(CHUNK_SAMPLES_MAX);
                for piece in part.chunks(part.len().div_ceil(pieces)) {
                    out.push(&chunk(org, key, piece), ends_ms)?;
                }
            }
        }
        Ok(())
    }
}

fn chunk(org: OrgId, key: SeriesKey, samples: &[Sample]) -> Chunk {
    Chunk {
        org,
        key,
        kind: Kind::from_u8(samples[0].shape.kind).unwrap_or(Kind::Gauge),
        interval_s: samples[0].shape.interval_s,
        reset: samples[0].reset,
        times: samples.iter().map(|s| s.time_ms).collect(),
        values: samples.iter().map(|s| s.value).collect(),
    }
}

/// Whole seconds between neighbours, as most of them have it.
fn median_interval_s(run: &[Sample]) -> u32 {
    let mut distances: Vec<i64> = run.windows(2).map(|w| w[1].time_ms.saturating_sub(w[0].time_ms)).collect();
    if distances.is_empty() {
        return 0;
    }
    let middle = distances.len() / 2;
    let (_, median, _) = distances.select_nth_unstable(middle);
    u32::try_from(median.saturating_add(500) / 1000).unwrap_or(u32::MAX)
}

/// The window a stored row was cut at: by its interval, or by the mean distance of its samples.
fn window_of(row: &StoredRow) -> (TimeMs, TimeMs) {
    let seen = row.t1.saturating_sub(row.t0) / i64::from(row.n.max(2) - 1) / 1000;
    let interval_s =
        if row.interval_s == 0 { u32::try_from(seen).unwrap_or(u32::MAX) } else { row.interval_s };
    let window = window_ms(interval_s);
    let start = window_start(row.t0, window);
    (start, start.saturating_add(window).max(row.t1.saturating_add(1)))
}

/// How many rows from the first on belong together: they overlap, or lie in one window. Rows come in the order of time.
fn cluster_len(rows: &[(usize, StoredRow)]) -> usize {
    let mut end_ms = window_of(&rows[0].1).1;
    let mut len = 1;
    while let Some((_, next)) = rows.get(len).filter(|(_, r)| r.t0 < end_ms) {
        end_ms = end_ms.max(window_of(next).1);
        len += 1;
    }
    len
}

/// Whether a cluster is as it should be: written for good together, and nothing overlaps.
fn is_finished(cluster: &[(usize, StoredRow)]) -> bool {
    let source = cluster[0].0;
    cluster.iter().all(|(s, row)| *s == source && row.flags & FINAL != 0)
        && cluster.windows(2).all(|w| w[0].1.t1 < w[1].1.t0)
}

#[cfg(test)]
mod tests;
