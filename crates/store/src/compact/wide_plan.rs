//! Which files of wide rows to merge next: pure, from what the catalog says, the policy and the time.
//!
//! Level 0 becomes level 1 once it is worth a full file, or is many or old; files of a window that stayed small are merged when they
//! are many or the window is over. Rows of a full file are so written twice in their life, and a third time only to take some away.

use super::Job;
use super::tail_sampling::SAMPLED_LEVEL;
use super::wide::{RowContext, WINDOW_MS};
use crate::file::made_ms;
use crate::parts::{Content, FileMeta};
use crate::rows::policy::RowPolicy;
use oriel_model::{OrgId, TimeMs};
use std::collections::BTreeMap;

/// Contents that are planned here.
const CONTENTS: [Content; 3] = [Content::EventRows, Content::Logs, Content::Spans];

/// Rows of a job over level 0, and of a full file: one index of 128 blocks.
const FULL_ROWS: u64 = 1 << 20;
/// A file of fewer rows is small: merging it with another is worth it.
const SMALL_ROWS: u64 = FULL_ROWS / 2;
/// A file with longer rows is full earlier, also one that ended since its index was.
const SMALL_BYTES: u64 = 24 << 20;
/// Files of level 0 at most (STORE 15 has 12 that overlap an instant; half of them are left for small ones of level 1).
const FRESH_MAX: usize = 6;
/// Level 0 waits so long for company: its words are not indexed.
const FRESH_AGE_MS: i64 = 60 * 60_000;
/// Small files of a window that is not over, at most.
const SMALL_MAX: usize = 6;
/// Rows come so late without being late.
const GRACE_MS: i64 = 30 * 60_000;

/// The most urgent job, if any. `full`: also what is worth it only when asked for.
pub(crate) fn plan(context: &RowContext, full: bool) -> Option<Job> {
    let mut by_org: BTreeMap<(Content, u32), Vec<&FileMeta>> = BTreeMap::new();
    for file in context.files.iter().filter(|m| CONTENTS.contains(&m.content)) {
        by_org.entry((file.content, file.org_min)).or_default().push(file);
    }
    by_org.into_iter().find_map(|((content, org), mut files)| {
        files.sort_by_key(|m| (m.begin_seq, m.first_ms));
        Files { content, org: OrgId(org), files, context }.plan(full)
    })
}

/// Live files of one content and org, oldest sequence first.
struct Files<'a> {
    content: Content,
    org: OrgId,
    files: Vec<&'a FileMeta>,
    context: &'a RowContext,
}

impl Files<'_> {
    fn plan(&self, full: bool) -> Option<Job> {
        self.fresh(full).or_else(|| self.small(full)).or_else(|| self.taking_away())
    }

    fn job(&self, inputs: &[&FileMeta], level: u8) -> Job {
        let inputs = inputs.iter().map(|&m| m.clone()).collect();
        Job { inputs, content: self.content, level, complete_before: TimeMs::MAX }
    }

    /// Level 0 into level 1.
    fn fresh(&self, full: bool) -> Option<Job> {
        let fresh: Vec<&FileMeta> = self.files.iter().copied().filter(|m| m.level == 0).collect();
        let oldest = fresh.first()?;
        let rows: u64 = fresh.iter().map(|m| m.rows).sum();
        let is_old = made_ms(&oldest.id).is_some_and(|made| self.context.now_ms - made >= FRESH_AGE_MS);
        let pending = fresh.iter().any(|m| self.is_pending(m));
        if !(full || is_old || pending || rows >= FULL_ROWS || fresh.len() > FRESH_MAX) {
            return None;
        }
        Some(self.job(&fresh[..up_to_full(&fresh)], 1))
    }

    /// Small files of a window into fewer.
    fn small(&self, full: bool) -> Option<Job> {
        let mut windows: BTreeMap<(i64, u8, u8, bool), Vec<&FileMeta>> = BTreeMap::new();
        for &file in self.files.iter().filter(|m| m.level > 0 && is_small(m)) {
            // Sampled and other files, and classes of retention, stay apart.
            let class = if file.wide.rules == 0 { 0 } else { file.wide.class };
            let window = file.first_ms.div_euclid(WINDOW_MS);
            let key = (window, class, u8::from(file.level >= SAMPLED_LEVEL), file.wide.rules == 0);
            windows.entry(key).or_default().push(file);
        }
        windows.into_iter().find_map(|((window, ..), files)| {
            let is_over = (window + 1) * WINDOW_MS + GRACE_MS <= self.context.now_ms;
            let n = up_to_full(&files);
            if n < 2 || !(full || is_over || files.len() > SMALL_MAX) {
                return None;
            }
            let sampled = files[0].level >= SAMPLED_LEVEL;
            let level = match (sampled, is_over) {
                (true, _) => SAMPLED_LEVEL,
                (false, true) => 2,
                (false, false) => 1,
            };
            Some(self.job(&files[..n], level))
        })
    }

    /// A file that rows have to go from.
    fn taking_away(&self) -> Option<Job> {
        let file = self.files.iter().find(|m| self.is_pending(m) || self.is_unsorted(m));
        if let Some(&file) = file {
            return Some(self.job(&[file], file.level.max(1)));
        }
        let rule = self.policy().thinning.get(&self.org).filter(|_| self.content == Content::Spans)?;
        let is_due = |m: &FileMeta| {
            m.level > 0 && m.level < SAMPLED_LEVEL && m.last_ms < self.context.now_ms - rule.rule.after_ms
        };
        let due = self.files.iter().find(|m| is_due(m))?;
        Some(self.job(&[*due], SAMPLED_LEVEL))
    }

    fn policy(&self) -> &RowPolicy {
        &self.context.policy
    }

    /// Whether deleted rows are in it.
    fn is_pending(&self, meta: &FileMeta) -> bool {
        self.policy().tombstones.iter().any(|t| t.is_pending_on(meta))
    }

    /// Whether rows of several classes are in it, some of which may have expired.
    fn is_unsorted(&self, meta: &FileMeta) -> bool {
        let Some(signal) = self.content.signal() else { return false };
        let keep = self.policy().keep(self.org, signal);
        let is_mixed = !keep.rules.is_empty() && meta.wide.rules != keep.version;
        is_mixed && meta.first_ms < self.context.now_ms.saturating_sub(keep.shortest_ms())
    }
}

fn is_small(meta: &FileMeta) -> bool {
    meta.rows < SMALL_ROWS && meta.bytes < SMALL_BYTES
}

/// How many of the first files make a full one.
fn up_to_full(files: &[&FileMeta]) -> usize {
    let mut rows = 0;
    let fits = |m: &&&FileMeta| {
        rows += m.rows;
        rows <= FULL_ROWS + FULL_ROWS / 4
    };
    files.iter().take_while(fits).count().max(1)
}

#[cfg(test)]
mod tests;
