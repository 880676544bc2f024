//! Pictures of states: members of a composite, runs of a service check, and what the monitor made of them.

use super::facts::Past;
use super::{Picture, SEEN_MS, Scene};
use crate::Result;
use crate::measured::{key, pairs};
use crate::replay::Segment;
use crate::rule::{ALL, CheckRule, CompositeRule};
use crate::status::{Status, Transition};
use oriel_model::{ServiceCheck, TimeMs, TimeRange};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Rows of one picture, the worst first.
const ROWS_MAX: usize = 30;
/// A run says how things are until the next one; after this many of the usual gaps nothing is known.
const GAPS_MAX: i64 = 3;
/// The gap of checks that ran once.
const GAP_MS: i64 = 60_000;

/// What one thing was, from when to when. What is not covered is not known.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StateRow {
    pub name: String,
    /// The group that the states are of; `*` for the worst of all.
    pub group: Arc<str>,
    /// The monitor whose states these are; none of runs.
    pub monitor: Option<i64>,
    pub segments: Vec<Segment>,
}

impl Scene<'_> {
    fn shown(&self) -> TimeRange {
        TimeRange::new(self.range.start, self.range.end.min(self.at_ms + SEEN_MS).max(self.range.start))
    }

    pub(super) fn composite(&self, rule: &CompositeRule) -> Picture {
        let mut states = Vec::new();
        for (place, id) in rule.monitors.iter().enumerate() {
            let letter = char::from(b'a' + (place % 26) as u8);
            let row = |name: String, group: Arc<str>, segments| StateRow {
                name,
                group,
                monitor: Some(*id),
                segments,
            };
            states.push(match self.facts.pasts.get(id) {
                Some(past) => {
                    let group = self.group_of(past);
                    let segments = worst(past, &group, self.shown());
                    row(format!("{letter}: {}", past.name), group, segments)
                }
                None => row(format!("{letter}: monitor {id}, deleted"), "*".into(), Vec::new()),
            });
        }
        states.extend(self.own());
        let caption = "What its members were; the last line is what that came to".to_owned();
        Picture { caption, states, ..Picture::default() }
    }

    /// The group of a member that the group asked for is made of; all of them when its keys are others.
    fn group_of(&self, past: &Past) -> Arc<str> {
        let asked = self.group.map(|group| pairs(group, &[])).unwrap_or_default();
        let of = |name: &String| asked.iter().find(|(k, _)| k == name).cloned();
        match past.by.iter().map(of).collect::<Option<Vec<_>>>() {
            Some(found) if !found.is_empty() => key(&found),
            _ => "*".into(),
        }
    }

    /// What the monitor itself was.
    fn own(&self) -> Option<StateRow> {
        let id = self.facts.own?;
        let past = self.facts.pasts.get(&id)?;
        let group: Arc<str> = self.group.unwrap_or("*").into();
        let segments = worst(past, &group, self.shown());
        Some(StateRow { name: "This monitor".to_owned(), group, monitor: Some(id), segments })
    }

    pub(super) fn checks(&self, rule: &CheckRule) -> Result<Picture> {
        let range = self.shown();
        // What a run before the range said holds into it.
        let read = TimeRange::new(range.start - rule.look_back_ms, range.end);
        let runs = self.source.check_runs(self.org, &rule.check, read)?;
        let by_place = ["location".to_owned()];
        let each = [ALL.to_owned()];
        // Of a cluster each check is a line of its own: the share of those that fail is what is judged.
        let by: &[String] = match (rule.places, rule.cluster) {
            (Some(_), _) => &by_place,
            (None, Some(_)) => &each,
            (None, None) => &rule.by,
        };
        let mut rows: BTreeMap<Arc<str>, Vec<&ServiceCheck>> = BTreeMap::new();
        for run in runs.iter().filter(|run| rule.wants(run)) {
            let key = CheckRule::key_of(run, by);
            if rule.places.is_some() || rule.cluster.is_some() || !self.hides(&key) {
                rows.entry(key).or_default().push(run);
            }
        }
        let row = |(key, runs): (Arc<str>, Vec<&ServiceCheck>)| StateRow {
            name: if &*key == "*" { rule.check.clone() } else { key.to_string() },
            group: key,
            monitor: None,
            segments: of_runs(&runs, range),
        };
        let mut states: Vec<StateRow> = rows.into_iter().map(row).collect();
        states
            .sort_by(|a, b| bad_ms(&b.segments).cmp(&bad_ms(&a.segments)).then_with(|| a.name.cmp(&b.name)));
        states.truncate(ROWS_MAX);
        states.extend(self.own());
        Ok(Picture { caption: format!("Runs of {}", rule.check), states, ..Picture::default() })
    }
}

fn bad_ms(segments: &[Segment]) -> i64 {
    let weight = |s: &Segment| i64::from(s.status.severity().saturating_sub(1)) * (s.to_ms - s.from_ms);
    segments.iter().map(weight).sum()
}

/// The states of a group, or the worst of all groups', from the monitor's beginning on.
fn worst(past: &Past, group: &str, range: TimeRange) -> Vec<Segment> {
    let mut states: BTreeMap<&str, Status> = BTreeMap::new();
    let start = range.start.max(past.history.since_ms.min(range.end));
    let mut segments = Vec::new();
    let (mut from_ms, mut status) = (start, Status::Ok);
    // What became of a group before the range comes first, group by group.
    let mut changes: Vec<&Transition> = past.history.transitions.iter().collect();
    changes.sort_by_key(|change| change.at_ms);
    for change in changes.iter().filter(|c| c.at_ms < range.end && (group == "*" || group == &*c.group)) {
        states.insert(&change.group, change.to);
        let now = states.values().copied().max_by_key(|s| s.severity()).unwrap_or_default();
        let at_ms = change.at_ms.max(start);
        if now != status {
            push(&mut segments, Segment { from_ms, to_ms: at_ms, status });
            (from_ms, status) = (at_ms, now);
        }
    }
    push(&mut segments, Segment { from_ms, to_ms: range.end, status });
    segments
}

fn push(segments: &mut Vec<Segment>, segment: Segment) {
    if segment.to_ms <= segment.from_ms {
        return;
    }
    match segments.last_mut() {
        Some(last) if last.status == segment.status && last.to_ms == segment.from_ms => {
            last.to_ms = segment.to_ms
        }
        _ => segments.push(segment),
    }
}

/// Each run holds until the next, unless that is long in coming.
fn of_runs(runs: &[&ServiceCheck], range: TimeRange) -> Vec<Segment> {
    let mut gaps: Vec<i64> = runs.windows(2).map(|pair| pair[1].time_ms - pair[0].time_ms).collect();
    gaps.sort_unstable();
    let longest = gaps.get(gaps.len() / 2).copied().unwrap_or(GAP_MS).max(1000) * GAPS_MAX;
    let mut segments = Vec::new();
    for (n, run) in runs.iter().enumerate() {
        let next: TimeMs = runs.get(n + 1).map_or(range.end, |next| next.time_ms);
        let to_ms = next.min(run.time_ms + longest).min(range.end);
        push(
            &mut segments,
            Segment { from_ms: run.time_ms.max(range.start), to_ms, status: CheckRule::status_of(run) },
        );
    }
    segments
}
