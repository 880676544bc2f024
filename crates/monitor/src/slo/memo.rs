//! Reports that were worked out a moment ago: a page of many SLOs asks for each, and several people look at once.

use super::Report;
use oriel_model::{OrgId, TimeMs};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;

/// An SLO moves slower than this.
const FRESH_MS: i64 = 60_000;
/// Reports that are kept; an org has at most 2,000 SLOs, and a report is some kilobytes.
const KEPT_MAX: usize = 2_000;

/// What a report is of: the org, the SLO, and when it and its corrections were last changed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MemoKey {
    pub org: OrgId,
    pub slo: Arc<str>,
    pub modified_ms: TimeMs,
}

/// See the module's head. One lock, held for a look-up.
#[derive(Debug, Default)]
pub struct Memo(Mutex<HashMap<MemoKey, (TimeMs, Arc<Report>)>>);

impl Memo {
    pub fn get(&self, key: &MemoKey, now_ms: TimeMs) -> Option<Arc<Report>> {
        let kept = self.0.lock();
        let (at, report) = kept.get(key)?;
        (now_ms - at < FRESH_MS && *at <= now_ms).then(|| report.clone())
    }

    pub fn put(&self, key: MemoKey, now_ms: TimeMs, report: Arc<Report>) {
        let mut kept = self.0.lock();
        if kept.len() >= KEPT_MAX {
            kept.retain(|_, (at, _)| now_ms - *at < FRESH_MS);
        }
        if kept.len() < KEPT_MAX {
            kept.insert(key, (now_ms, report));
        }
    }
}
