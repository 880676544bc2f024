//! `GET /api/ui/monitors/{id}/history`: what became of each group, as stretches of one status and as the changes between them, with
//! the outages of Oriel itself.

use super::graph::range;
use crate::answer::{Answer, ok};
use crate::app::App;
use crate::auth::Reader;
use crate::extract::{Path, Query};
use axum::extract::State;
use oriel_model::{OrgId, TimeMs, TimeRange};
use oriel_monitor::replay::Segment;
use oriel_monitor::runtime::Recorded;
use oriel_monitor::status::Status;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Groups whose time lines are answered, the worst first.
const GROUPS_MAX: usize = 100;
const TRANSITIONS: usize = 200;
const TRANSITIONS_MAX: usize = 10_000;

#[derive(Deserialize)]
pub(crate) struct Asked {
    from_ms: TimeMs,
    to_ms: TimeMs,
    #[serde(default)]
    group: Option<String>,
    #[serde(default)]
    limit: Option<usize>,
}

pub(crate) async fn history(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(id): Path<i64>,
    Query(asked): Query<Asked>,
) -> Answer {
    let range = range(asked.from_ms, asked.to_ms)?;
    app.state.monitor(reader.org, id).await?;
    let all = recorded(&app, (reader.org, id), range, asked.group.as_deref()).await?;
    let to_ms = asked.to_ms.min(app.now_ms());
    let mut lines = lines(&all, TimeRange::new(asked.from_ms, to_ms.max(asked.from_ms)));
    let known = app.monitoring.runtime()?.overview(reader.org, id, GROUPS_MAX).map(|o| o.groups);
    for group in known.into_iter().flatten() {
        let wanted = asked.group.as_deref().is_none_or(|g| *group.key == *g);
        // Groups that never changed have no transition: they are what they are.
        if wanted && !lines.contains_key(&group.key) && lines.len() < GROUPS_MAX {
            let status = group.state.status;
            lines.insert(group.key, vec![Segment { from_ms: asked.from_ms, to_ms, status }]);
        }
    }
    let limit = asked.limit.unwrap_or(TRANSITIONS).min(TRANSITIONS_MAX);
    let within = all.iter().rev().filter(|r| range.contains(r.transition.at_ms)).take(limit);
    Ok(ok(&json!({
        "transitions": within.map(shown).collect::<Vec<_>>(),
        "groups": worst_first(lines),
        "outages": app.monitoring.runtime()?.outages(range),
    })))
}

/// The newest transition of each group before a range and those within, by time.
pub(super) async fn recorded(
    app: &App,
    (org, id): (OrgId, i64),
    range: TimeRange,
    group: Option<&str>,
) -> Answer<Vec<Recorded>> {
    let before = app.state.monitor_transitions_before(org, id, range.start).await?;
    let mut within = app.state.monitor_transitions((org, id), range, group, TRANSITIONS_MAX).await?;
    within.reverse();
    let read = |body: &String| serde_json::from_str::<Recorded>(body).ok();
    let wanted = |r: &Recorded| group.is_none_or(|g| *r.transition.group == *g);
    Ok(before.iter().chain(&within).filter_map(read).filter(wanted).collect())
}

type Lines = BTreeMap<Arc<str>, Vec<Segment>>;

fn lines(all: &[Recorded], range: TimeRange) -> Lines {
    let mut lines = Lines::new();
    for recorded in all {
        let transition = &recorded.transition;
        let segments = lines.entry(transition.group.clone()).or_default();
        if transition.from == transition.to {
            continue;
        }
        let at_ms = transition.at_ms.clamp(range.start, range.end);
        let before = Segment { from_ms: range.start, to_ms: at_ms, status: transition.from };
        match segments.last_mut() {
            Some(last) => last.to_ms = at_ms,
            None if at_ms > range.start => segments.push(before),
            None => {}
        }
        segments.retain(|s| s.to_ms > s.from_ms);
        segments.push(Segment { from_ms: at_ms, to_ms: range.end, status: transition.to });
    }
    lines.retain(|_, segments| !segments.is_empty());
    lines
}

fn worst_first(lines: Lines) -> Vec<Value> {
    let bad_ms = |segments: &[Segment]| -> i64 {
        let weight = |s: &Segment| i64::from(s.status.severity().saturating_sub(1)) * (s.to_ms - s.from_ms);
        segments.iter().map(weight).sum()
    };
    let mut all: Vec<_> = lines.into_iter().collect();
    all.sort_by(|a, b| bad_ms(&b.1).cmp(&bad_ms(&a.1)).then_with(|| a.0.cmp(&b.0)));
    all.truncate(GROUPS_MAX);
    all.into_iter().map(|(group, segments)| json!({ "group": group, "segments": segments })).collect()
}

/// A transition as pages show it.
pub(super) fn shown(recorded: &Recorded) -> Value {
    let transition = &recorded.transition;
    json!({
        "at_ms": transition.at_ms,
        "group": transition.group,
        "from": Status::as_str(transition.from),
        "to": Status::as_str(transition.to),
        "kind": transition.kind,
        "value": transition.value,
        "tells": transition.tells,
        "notice_key": recorded.notice,
        "muted": recorded.muted,
    })
}

#[cfg(test)]
mod tests;
