//! What a downtime is doing, will do, and about whom.

use super::window::{Schedule, Span};
use super::{Downtime, Subject};
use oriel_model::{TimeMs, TimeRange};

/// `status` of a downtime.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    Active,
    Scheduled,
    Ended,
    Canceled,
}

impl Phase {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Scheduled => "scheduled",
            Self::Ended => "ended",
            Self::Canceled => "canceled",
        }
    }
}

pub fn phase(downtime: &Downtime, now_ms: TimeMs) -> Phase {
    if downtime.canceled_ms.is_some_and(|c| c <= now_ms) {
        return Phase::Canceled;
    }
    match next_windows(downtime, now_ms, 1).first() {
        Some(span) if span.start_ms <= now_ms => Phase::Active,
        Some(_) => Phase::Scheduled,
        None => Phase::Ended,
    }
}

/// The present and the next times of being under way, at most `limit`.
pub fn next_windows(downtime: &Downtime, now_ms: TimeMs, limit: usize) -> Vec<Span> {
    let rules = match &downtime.schedule {
        Schedule::Once(span) => {
            let open = span.end_ms.is_none_or(|end| end > now_ms);
            return if open { vec![*span] } else { Vec::new() };
        }
        Schedule::Recurring(rules) => rules,
    };
    let mut found = rules.spans(TimeRange::new(now_ms, now_ms + 1));
    let mut t = now_ms;
    while found.len() < limit {
        let next = rules.recurrences.iter().filter_map(|(rule, d)| rule.next_after(t).map(|s| (s, *d))).min();
        let Some((start_ms, duration)) = next else { break };
        found.push(Span { start_ms, end_ms: Some(start_ms + duration) });
        t = start_ms;
    }
    found.truncate(limit);
    found
}

/// Whether a downtime may mute any group of a monitor.
pub fn covers(downtime: &Downtime, monitor: &Subject<'_>) -> bool {
    downtime.monitor.names(monitor)
}

/// Whether a downtime is about one group of a monitor, at whatever time.
pub fn matches(downtime: &Downtime, monitor: &Subject<'_>, group: &[(String, String)]) -> bool {
    downtime.monitor.names(monitor) && downtime.scope.matches(group)
}
