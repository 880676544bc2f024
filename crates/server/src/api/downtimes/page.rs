//! What the page of downtimes shows: each with its next times and the monitors that it silences, and a preview of a draft.

use super::{Kept, listed};
use crate::answer::{Answer, ok};
use crate::api::monitors::catalog::Entry;
use crate::api::monitors::live;
use crate::app::App;
use crate::auth::Reader;
use crate::extract::{Payload, Query, read_json};
use axum::extract::State;
use oriel_model::{OrgId, TimeMs};
use oriel_monitor::downtime::{
    Downtime, Phase, Schedule, Span, Subject, covers, next_windows, phase, validate,
};
use oriel_monitor::measured::pairs;
use oriel_monitor::rule::Rule;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// Times that come next, as the page lists them.
const NEXT: usize = 5;
/// Monitors of one downtime that are listed, and groups of one monitor; the counts tell how many there are.
const MONITORS_MAX: usize = 100;
const GROUPS_MAX: usize = 50;

#[derive(Deserialize)]
pub(crate) struct Listed {
    #[serde(default)]
    active: bool,
}

/// `GET /api/ui/downtimes`.
pub(crate) async fn list(State(app): State<Arc<App>>, reader: Reader, Query(asked): Query<Listed>) -> Answer {
    let now = app.now_ms();
    let entries = app.monitor_catalog.entries(&app, reader.org).await?;
    let mut downtimes = Vec::new();
    for kept in listed(&app, reader.org).await? {
        let state = phase(&kept.downtime, now);
        if asked.active && state != Phase::Active {
            continue;
        }
        let muting: Vec<i64> = match state {
            Phase::Active => {
                covered(&kept.downtime, entries.values()).map(|e| e.id).take(MONITORS_MAX).collect()
            }
            _ => Vec::new(),
        };
        downtimes.push(shown(&kept, state, &muting, now));
    }
    Ok(ok(&json!({ "downtimes": downtimes })))
}

fn spans(list: &[Span]) -> Vec<Value> {
    list.iter().map(|s| json!({"start_ms": s.start_ms, "end_ms": s.end_ms})).collect()
}

fn shown(kept: &Kept, state: Phase, muting: &[i64], now: TimeMs) -> Value {
    let body = &kept.document.body;
    let next = match state {
        Phase::Active | Phase::Scheduled => next_windows(&kept.downtime, now, NEXT),
        Phase::Ended | Phase::Canceled => Vec::new(),
    };
    let (span, timezone) = match &kept.downtime.schedule {
        Schedule::Once(span) => (Some(*span), body["display_timezone"].clone()),
        Schedule::Recurring(_) => (next.first().copied(), body["schedule"]["timezone"].clone()),
    };
    json!({
        "id": kept.document.id,
        "scope": kept.downtime.scope.to_string(),
        "monitor": body["monitor_identifier"],
        "message": body["message"],
        "status": state.as_str(),
        "start_ms": span.map_or(kept.document.created_ms, |s| s.start_ms),
        "end_ms": kept.downtime.canceled_ms.or_else(|| span.and_then(|s| s.end_ms)),
        "recurrence": body["schedule"].get("recurrences"),
        "timezone": timezone,
        "next": spans(&next),
        "muting": muting,
        "mute_first_recovery": kept.downtime.mute_first_recovery,
        "creator": body["created_by"],
    })
}

fn covered<'a>(
    downtime: &'a Downtime,
    entries: impl Iterator<Item = &'a Arc<Entry>> + 'a,
) -> impl Iterator<Item = &'a Arc<Entry>> + 'a {
    entries.filter(|e| covers(downtime, &Subject { id: e.id, tags: &e.tags, silenced: None }))
}

/// `POST /api/ui/downtimes/preview`: the next times of a draft, and whom it would silence.
pub(crate) async fn preview(State(app): State<Arc<App>>, reader: Reader, body: Payload) -> Answer {
    let body: Value = read_json(&body)?;
    let now = app.now_ms();
    let draft = Downtime::read("draft", &validate(&body["downtime"], now)?)?;
    let entries = app.monitor_catalog.entries(&app, reader.org).await?;
    let mut monitors = Vec::new();
    for entry in covered(&draft, entries.values()) {
        if monitors.len() >= MONITORS_MAX {
            break;
        }
        if let Some(groups) = groups(&app, reader.org, &draft, entry).await? {
            monitors.push(json!({"id": entry.id, "name": entry.name, "groups": groups}));
        }
    }
    Ok(ok(&json!({ "next": spans(&next_windows(&draft, now, NEXT)), "monitors": monitors })))
}

/// The groups of a monitor that the scope means; none when it means nothing of it. A monitor whose groups nobody has seen yet
/// is listed without them.
async fn groups(app: &App, org: OrgId, draft: &Downtime, entry: &Entry) -> Answer<Option<Vec<String>>> {
    if draft.scope.is_all() || draft.scope.matches(&entry.pairs) {
        return Ok(Some(Vec::new()));
    }
    if !entry.multi {
        return Ok(None);
    }
    let monitor = app.state.monitor(org, entry.id).await?;
    let Ok(rule) = Rule::parse(&monitor.body) else { return Ok(None) };
    let mut found = Vec::new();
    for group in live::groups(app, org, entry.id)? {
        let mut tags = pairs(&group.key, rule.group_by());
        tags.extend(entry.pairs.iter().cloned());
        if draft.scope.matches(&tags) && found.len() < GROUPS_MAX {
            found.push(group.key.to_string());
        }
    }
    Ok((!found.is_empty()).then_some(found))
}
