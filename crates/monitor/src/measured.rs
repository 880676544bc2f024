//! What one query said of each group at one moment: made once for all monitors that share the query, read by each.

use crate::outage::Outage;
use crate::status::Status;
use oriel_model::TimeMs;
use std::sync::Arc;

/// All groups of one query, reduced over one window by one time aggregation, at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measured {
    /// The moment of the evaluation.
    pub at_ms: TimeMs,
    /// Every group that the window holds, and every group that was seen before within the retention of groups and is absent
    /// now. Sorted by key.
    pub groups: Vec<GroupMeasure>,
    /// What the reader of the monitor should know: notes of the frame, an error of one part.
    pub notes: Vec<String>,
    /// The newest stretch before that moment in which Oriel took nothing in: what is missing may be on its way still.
    pub outage: Option<Outage>,
}

impl Measured {
    pub fn new(at_ms: TimeMs, groups: Vec<GroupMeasure>) -> Self {
        Self { at_ms, groups, ..Self::default() }
    }
}

/// One group.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupMeasure {
    /// `host:web-1,env:prod`, in the order of the query's `by`; `*` without one.
    pub key: Arc<str>,
    /// NaN when the window holds no value. Of a service check: how many of its newest runs have the newest's status.
    pub value: f64,
    /// Of a monitor whose recovery is measured over another window (anomalies): that value.
    pub recovery: Option<f64>,
    /// A status that is given rather than compared: of service checks (the newest run's) and composites.
    pub status: Option<Status>,
    /// Whether the whole window holds values: `require_full_window` asks for it.
    pub full: bool,
    /// When the group was first seen, for `new_group_delay`. Groups that a new watch finds at its first measurement are not
    /// new: 0.
    pub first_seen_ms: TimeMs,
    /// The end of the newest bucket that held a value, at most the moment of the evaluation. For `no_data_timeframe` and the
    /// retention of groups.
    pub last_seen_ms: TimeMs,
}

impl GroupMeasure {
    /// A group with a value, seen for long.
    pub fn new(key: impl Into<Arc<str>>, value: f64, last_seen_ms: TimeMs) -> Self {
        Self {
            key: key.into(),
            value,
            recovery: None,
            status: None,
            full: true,
            first_seen_ms: 0,
            last_seen_ms,
        }
    }

    /// A group that was seen before and has no value now.
    pub fn absent(key: Arc<str>, first_seen_ms: TimeMs, last_seen_ms: TimeMs) -> Self {
        Self { first_seen_ms, full: false, ..Self::new(key, f64::NAN, last_seen_ms) }
    }
}

/// The key of a group's pairs; `*` without any.
pub fn key(pairs: &[(String, String)]) -> Arc<str> {
    if pairs.is_empty() {
        return Arc::from("*");
    }
    pairs.iter().map(|(k, v)| format!("{k}:{v}")).collect::<Vec<_>>().join(",").into()
}

/// The pairs of a group's key. Values may hold colons; commas end a pair only before the next key. Without knowing the keys
/// (composites, checks by all their tags), each comma ends one.
pub fn pairs<'a>(key: &'a str, by: &[String]) -> Vec<(String, String)> {
    if by.is_empty() || by == [crate::rule::ALL] {
        let split = key.split(',').filter_map(|pair| pair.split_once(':'));
        return split.map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
    }
    let mut found = Vec::new();
    let mut rest: &'a str = key;
    for (n, name) in by.iter().enumerate() {
        let Some(value) = rest.strip_prefix(name.as_str()).and_then(|r| r.strip_prefix(':')) else { break };
        let end = by.get(n + 1).and_then(|next| value.find(&format!(",{next}:"))).unwrap_or(value.len());
        found.push((name.clone(), value[..end].to_owned()));
        rest = value.get(end + 1..).unwrap_or_default();
    }
    found
}
