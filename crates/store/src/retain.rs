//! Expiry: whole files whose every row is older than it is kept (STORE 28). Pure; whoever drops them logs it.
//!
//! A file of level 1 and above is of one day at most, and of one class of retention, so what outlives its retention does so by
//! a day and a head at most; reads leave expired rows out at once.

use crate::parts::FileMeta;
use crate::rows::policy::RowPolicy;
use oriel_model::{OrgId, TimeMs};

/// Files with nothing that is still kept. `metrics_from` and `events_from` are the starts of what has one span for all.
pub(crate) fn expired(
    files: &[FileMeta],
    (metrics_from, events_from): (TimeMs, TimeMs),
    policy: &RowPolicy,
    now_ms: TimeMs,
) -> Vec<FileMeta> {
    let from = |meta: &FileMeta| match (meta.content.signal(), meta.dataset) {
        (Some(signal), _) => {
            let keep = policy.keep(OrgId(meta.org_min), signal);
            now_ms.saturating_sub(keep.keep_of(meta).unwrap_or_else(|| keep.longest_ms()))
        }
        (None, crate::parts::Dataset::Metrics) => metrics_from,
        (None, _) => events_from,
    };
    files.iter().filter(|meta| meta.last_ms < from(meta)).cloned().collect()
}

#[cfg(test)]
mod tests;
