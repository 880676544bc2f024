//! Downtimes: who is not told, from when to when, and what is owed once that ends.
//!
//! A downtime never changes a status; it decides whether a transition becomes a notice. A round of evaluations takes
//! [`Downtimes::at`] once, [`Active::of_monitor`] once a monitor that has something to tell, and asks [`Muting::muted`] for each
//! group; so ten thousand monitors without news cost nothing.
//!
//! What mutes: downtimes by scope and monitor, `options.silenced` of the monitor itself, and hosts that were muted by name.

mod document;
mod end;
mod preview;
mod scope;
mod window;

pub use document::{Identifier, attributes, legacy, legacy_id, merge, of_legacy, one_time, validate};
pub use end::{EndKind, Ended};
pub use preview::{Phase, covers, matches, next_windows, phase};
pub use scope::Scope;
pub use window::{Schedule, Span};

use crate::Result;
use crate::status::TransitionKind;
use oriel_model::{TimeMs, TimeRange};
use serde_json::Value;
use std::sync::Arc;

/// A downtime that was read and checked.
#[derive(Debug)]
pub struct Downtime {
    pub id: Arc<str>,
    pub scope: Scope,
    pub monitor: Identifier,
    pub schedule: Schedule,
    pub canceled_ms: Option<TimeMs>,
    pub mute_first_recovery: bool,
    /// Statuses that are told again once it ends; see [`Ended`].
    pub end_states: Vec<crate::status::Status>,
    pub end_kinds: Vec<EndKind>,
    pub message: String,
}

/// What a downtime may choose a monitor by.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    pub id: i64,
    pub tags: &'a [String],
    /// `options.silenced` of the monitor: `{"*": null, "host:a": 1700000000}`.
    pub silenced: Option<&'a Value>,
}

/// Why nobody is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Muted {
    /// In words: `downtime <id> until …`, `host web-1 is muted`, `silenced by the monitor's options`.
    pub reason: String,
    /// None when a host or the monitor's options mute.
    pub downtime: Option<Arc<str>>,
    pub start_ms: TimeMs,
    /// None: until somebody ends it.
    pub until_ms: Option<TimeMs>,
    pub mute_first_recovery: bool,
}

impl Muted {
    /// Whether this transition is kept back. The recovery of an episode that began before is told, unless the downtime mutes
    /// first recoveries; `triggered_ms` is when the episode began.
    pub fn keeps_back(&self, kind: TransitionKind, triggered_ms: Option<TimeMs>) -> bool {
        let recovery = matches!(
            kind,
            TransitionKind::AlertRecovery
                | TransitionKind::WarningRecovery
                | TransitionKind::NoDataRecovery
                | TransitionKind::UnknownRecovery
        );
        let before = triggered_ms.is_some_and(|t| t < self.start_ms);
        !(recovery && before && self.downtime.is_some() && !self.mute_first_recovery)
    }
}

/// All downtimes of an organisation, read once after each change.
#[derive(Debug, Default)]
pub struct Downtimes {
    all: Vec<Arc<Downtime>>,
    /// Muted hosts, and until when.
    hosts: Vec<(String, Option<TimeMs>)>,
}

impl Downtimes {
    /// Of documents (`id` and body) and muted hosts (name, and the end in ms). What can't be read is left out and named.
    pub fn read<'a>(
        documents: impl IntoIterator<Item = (&'a str, &'a Value)>,
        hosts: Vec<(String, Option<TimeMs>)>,
    ) -> (Self, Vec<String>) {
        let mut problems = Vec::new();
        let mut all = Vec::new();
        for (id, body) in documents {
            match Downtime::read(id, body) {
                Ok(one) => all.push(Arc::new(one)),
                Err(e) => problems.push(format!("downtime {id}: {e}")),
            }
        }
        (Self { all, hosts }, problems)
    }

    pub fn all(&self) -> &[Arc<Downtime>] {
        &self.all
    }

    /// Those that are under way at a moment.
    pub fn at(&self, at_ms: TimeMs) -> Active<'_> {
        let downtimes =
            self.all.iter().filter_map(|d| d.span_at(at_ms).map(|span| (Arc::as_ref(d), span))).collect();
        let hosts = self.hosts.iter().filter(|(_, end)| end.is_none_or(|e| at_ms < e)).collect();
        Active { at_ms, downtimes, hosts }
    }

    /// One group of one monitor; rounds use [`Downtimes::at`].
    pub fn muted(&self, monitor: &Subject<'_>, group: &[(String, String)], at_ms: TimeMs) -> Option<Muted> {
        self.at(at_ms).of_monitor(monitor).muted(group)
    }

    /// Downtimes that ended in the range, by themselves or by hand.
    pub fn ended(&self, range: TimeRange) -> Vec<Ended> {
        self.all.iter().flat_map(|d| end::ends(d, range)).collect()
    }
}

/// See [`Downtimes::at`].
#[derive(Debug)]
pub struct Active<'d> {
    at_ms: TimeMs,
    downtimes: Vec<(&'d Downtime, Span)>,
    hosts: Vec<&'d (String, Option<TimeMs>)>,
}

impl<'d> Active<'d> {
    pub fn is_empty(&self) -> bool {
        self.downtimes.is_empty() && self.hosts.is_empty()
    }

    /// What may mute groups of this monitor.
    pub fn of_monitor(&self, monitor: &Subject<'_>) -> Muting<'d> {
        let downtimes =
            self.downtimes.iter().filter(|(d, _)| d.monitor.names(monitor)).map(|(d, s)| (*d, *s)).collect();
        let silenced = monitor.silenced.and_then(Value::as_object).map_or_else(Vec::new, |all| {
            let kept = all.iter().filter_map(|(scope, end)| {
                let end_ms = end.as_i64().map(|s| s.saturating_mul(1000));
                let scope = Scope::parse(scope).ok()?;
                end_ms.is_none_or(|e| self.at_ms < e).then_some((scope, end_ms))
            });
            kept.collect()
        });
        Muting { downtimes, silenced, hosts: self.hosts.clone() }
    }
}

/// See [`Active::of_monitor`].
#[derive(Debug)]
pub struct Muting<'d> {
    downtimes: Vec<(&'d Downtime, Span)>,
    silenced: Vec<(Scope, Option<TimeMs>)>,
    hosts: Vec<&'d (String, Option<TimeMs>)>,
}

impl Muting<'_> {
    pub fn is_empty(&self) -> bool {
        self.downtimes.is_empty() && self.silenced.is_empty() && self.hosts.is_empty()
    }

    /// The mute that lasts longest, when the group (pairs of its key, and those that the query's scope fixes) is muted. Of several
    /// that overlap, one that mutes first recoveries is enough, and what began under any of them began muted.
    pub fn muted(&self, group: &[(String, String)]) -> Option<Muted> {
        let downtimes =
            self.downtimes.iter().filter(|(d, _)| d.scope.matches(group)).map(|(d, span)| d.muted(*span));
        let silenced = self
            .silenced
            .iter()
            .filter(|(scope, _)| scope.matches(group))
            .map(|(scope, end)| simple(format!("silenced for {scope} by the monitor's options"), *end));
        let hosts = self
            .hosts
            .iter()
            .filter(|(name, _)| group.iter().any(|(k, v)| k == "host" && v == name))
            .map(|(name, end)| simple(format!("host {name} is muted"), *end));
        let all: Vec<Muted> = downtimes.chain(silenced).chain(hosts).collect();
        let start_ms = all.iter().map(|m| m.start_ms).min()?;
        let mute_first_recovery = all.iter().any(|m| m.mute_first_recovery);
        let longest =
            all.into_iter().max_by_key(|m| (m.until_ms.unwrap_or(TimeMs::MAX), m.downtime.is_some()))?;
        Some(Muted { start_ms, mute_first_recovery, ..longest })
    }
}

fn simple(reason: String, until_ms: Option<TimeMs>) -> Muted {
    Muted { reason, downtime: None, start_ms: TimeMs::MIN, until_ms, mute_first_recovery: true }
}

impl Downtime {
    /// Of a document's body.
    pub fn read(id: &str, body: &Value) -> Result<Self> {
        document::read(id, body)
    }

    /// The span that holds a moment.
    pub fn span_at(&self, at_ms: TimeMs) -> Option<Span> {
        if self.canceled_ms.is_some_and(|c| c <= at_ms) {
            return None;
        }
        self.schedule.at(at_ms)
    }

    fn muted(&self, span: Span) -> Muted {
        Muted {
            reason: format!("downtime {} for {}", self.id, self.scope),
            downtime: Some(self.id.clone()),
            start_ms: span.start_ms,
            until_ms: span.end_ms,
            mute_first_recovery: self.mute_first_recovery,
        }
    }
}

#[cfg(test)]
mod tests;
