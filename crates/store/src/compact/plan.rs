//! Which files to merge next: pure, from what the catalog says and the time.

use super::Job;
use crate::file::made_ms;
use crate::parts::{Content, DAY_MS, FileMeta, day_of};
use oriel_model::TimeMs;
use std::collections::BTreeMap;

/// Level 1 is written in steps of this (STORE 15).
const STEP_MS: i64 = 2 * 3_600_000;
/// A step's data may be in a head for 10 minutes after its end; 5 more for slow seals.
const GRACE_MS: i64 = 15 * 60_000;
/// A day is done this long after its end: by then its last step has reached level 1.
const DAY_GRACE_MS: i64 = 3 * 3_600_000;
/// Late rows of a day that is done wait this long for company, unless they are many files.
const LATE_MS: i64 = 6 * 3_600_000;
const LATE_FILES: usize = 4;
/// Files on a level that overlap any instant (STORE 15). Definitions and events are read whole, and so are fewer.
const FILES_MAX: usize = 12;
const WHOLE_FILES_MAX: usize = 6;
/// Merging within level 0 takes at least so many files, so that a sample is rewritten there a logarithmic number of times.
const RUN_MIN: usize = 6;

/// The most urgent job at this time, if any.
pub(crate) fn plan(files: &[FileMeta], now_ms: TimeMs) -> Option<Job> {
    Content::NARROW.into_iter().find_map(|content| {
        let files = Files::of(content, files);
        files.level_0(now_ms).or_else(|| files.days(now_ms))
    })
}

/// The next job on the way to as few files as sensible: for `oriel compact`.
pub(crate) fn plan_all(files: &[FileMeta], _now_ms: TimeMs) -> Option<Job> {
    Content::NARROW.into_iter().find_map(|content| {
        let files = Files::of(content, files);
        if !files.fresh.is_empty() {
            return Some(files.job(files.fresh.clone(), 1, TimeMs::MAX));
        }
        let crowded = files.by_day.values().find(|day| day.len() > 1)?;
        Some(files.job(crowded.clone(), 2, TimeMs::MAX))
    })
}

/// Files of one content, oldest sequence first.
struct Files<'a> {
    content: Content,
    fresh: Vec<&'a FileMeta>,
    /// Levels 1 and 2 by org and day.
    by_day: BTreeMap<(u32, i32), Vec<&'a FileMeta>>,
}

impl<'a> Files<'a> {
    fn of(content: Content, all: &'a [FileMeta]) -> Self {
        let mut files: Vec<&FileMeta> = all.iter().filter(|m| m.content == content).collect();
        // Outputs of one job share a sequence; they hold different rows, so that their order says nothing.
        files.sort_by_key(|m| (m.begin_seq, std::cmp::Reverse(m.level)));
        let (fresh, rest): (Vec<_>, Vec<_>) = files.into_iter().partition(|m| m.level == 0);
        let mut by_day: BTreeMap<(u32, i32), Vec<&FileMeta>> = BTreeMap::new();
        for file in rest {
            by_day.entry((file.org_min, day_of(file.first_ms))).or_default().push(file);
        }
        Self { content, fresh, by_day }
    }

    fn job(&self, inputs: Vec<&FileMeta>, level: u8, complete_before: TimeMs) -> Job {
        Job { inputs: inputs.into_iter().cloned().collect(), content: self.content, level, complete_before }
    }

    fn files_max(&self) -> usize {
        if matches!(self.content, Content::Samples | Content::Sketches) { FILES_MAX } else { WHOLE_FILES_MAX }
    }

    fn level_0(&self, now_ms: TimeMs) -> Option<Job> {
        let oldest = self.fresh.first()?;
        let step_end = (now_ms - GRACE_MS).div_euclid(STEP_MS) * STEP_MS;
        // Only samples have windows that compaction must not break; the others go on whole.
        let complete_before = if self.content == Content::Samples { step_end } else { TimeMs::MAX };
        let ready = self.fresh.iter().take_while(|m| m.first_ms < complete_before).count();
        let max = self.files_max();
        let is_crowded = overlap_max(&self.fresh) >= max || self.fresh.len() >= 2 * max;
        // What was made before the step ended waited for its end; what was made since has had its turn.
        let is_due = made_ms(&oldest.id).is_some_and(|made| made < step_end);
        let enough = if is_due { 1 } else { RUN_MIN };
        if (is_due || is_crowded) && ready >= enough {
            return Some(self.job(self.fresh[..ready].to_vec(), 1, complete_before));
        }
        is_crowded.then(|| self.job(self.fresh[run_start(&self.fresh)..].to_vec(), 0, TimeMs::MIN))
    }

    fn days(&self, now_ms: TimeMs) -> Option<Job> {
        self.by_day.iter().find_map(|(&(_, day), files)| {
            let fresh: Vec<&FileMeta> = files.iter().copied().filter(|m| m.level == 1).collect();
            let oldest_ms = fresh.iter().filter_map(|m| made_ms(&m.id)).min()?;
            let is_done = now_ms >= (i64::from(day) + 1).saturating_mul(DAY_MS).saturating_add(DAY_GRACE_MS);
            let is_first = fresh.len() == files.len();
            let waited = now_ms.saturating_sub(oldest_ms) >= LATE_MS;
            if is_done && (is_first || waited || fresh.len() >= LATE_FILES) {
                return Some(self.job(files.clone(), 2, TimeMs::MAX));
            }
            // Twelve whole steps are a day; one more is late rows.
            (fresh.len() > self.files_max()).then(|| self.job(fresh, 1, TimeMs::MAX))
        })
    }
}

/// How many of the files overlap at the busiest instant.
fn overlap_max(files: &[&FileMeta]) -> usize {
    let starts = files.iter().map(|m| (m.first_ms, 1i64));
    // An end counts after a start at the same time: spans are closed.
    let mut edges: Vec<(TimeMs, i64)> = starts.chain(files.iter().map(|m| (m.last_ms, -1))).collect();
    edges.sort_by_key(|&(t, step)| (t, -step));
    let mut open = 0;
    let depths = edges.iter().map(|(_, step)| {
        open += step;
        open
    });
    usize::try_from(depths.max().unwrap_or(0)).unwrap_or(0)
}

/// Where a run at the new end of level 0 begins that is worth merging: at least [`RUN_MIN`] files, and all before them
/// that are no larger than the largest in it, by powers of four.
fn run_start(fresh: &[&FileMeta]) -> usize {
    let tier = |m: &FileMeta| m.samples.max(1).ilog2() / 2;
    let mut start = fresh.len().saturating_sub(RUN_MIN);
    let largest = fresh[start..].iter().map(|m| tier(m)).max().unwrap_or(0);
    while start > 0 && tier(fresh[start - 1]) <= largest {
        start -= 1;
    }
    start
}

#[cfg(test)]
mod tests;
