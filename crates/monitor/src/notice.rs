//! What is told: a notice is made in the transaction that changes a group's state, and is then rendered once and delivered.

use crate::status::{Status, Transition};
use oriel_model::{OrgId, TimeMs, TimeRange};
use serde::{Deserialize, Serialize};

/// The facts of one notice, kept as JSON until it is rendered. Everything that its content needs beside what is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    /// Of org, monitor, group, moment and kind: the same after a restart. 32 hex digits. Receivers may drop repeats by it.
    pub key: String,
    pub org: u32,
    pub monitor: i64,
    pub transition: Transition,
    /// Pairs of the group.
    pub tags: Vec<(String, String)>,
    /// The window that was measured.
    pub window: Window,
    /// `first_triggered_at`, and the newest change to a triggered status.
    pub triggered_ms: Option<TimeMs>,
    pub last_triggered_ms: Option<TimeMs>,
    /// Groups that a `notify_by` folded into this notice, the worst first, at most 50 of them.
    #[serde(default)]
    pub folded: Vec<(String, Status, Option<f64>)>,
    /// How many there were.
    #[serde(default)]
    pub folded_total: usize,
    /// The monitor's document at that moment: a change of the monitor does not change what is told.
    pub body: serde_json::Value,
}

/// A range that goes through JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    pub start_ms: TimeMs,
    pub end_ms: TimeMs,
}

impl From<TimeRange> for Window {
    fn from(range: TimeRange) -> Self {
        Self { start_ms: range.start, end_ms: range.end }
    }
}

impl Notice {
    pub fn org(&self) -> OrgId {
        OrgId(self.org)
    }

    /// The key of a notice.
    pub fn key_of(org: OrgId, monitor: i64, transition: &Transition) -> String {
        use sha2::Digest;
        let text = format!(
            "{}\n{monitor}\n{}\n{}\n{:?}\n{}",
            org.0,
            transition.group,
            transition.at_ms,
            transition.kind,
            transition.to.as_str()
        );
        sha2::Sha256::digest(text.as_bytes()).iter().take(16).map(|b| format!("{b:02x}")).collect()
    }
}
