//! `GET /api/v1/monitor` and `GET /api/v1/monitor/{id}`.

use super::catalog::Entry;
use super::form::{self, Shown};
use super::live::{self, Group};
use crate::answer::{Answer, Failure, ok};
use crate::app::App;
use crate::auth::Reader;
use crate::extract::{Path, Query};
use axum::extract::State;
use oriel_model::{OrgId, TimeMs};
use oriel_monitor::downtime::{Downtime, Downtimes, Phase, Subject, covers, legacy_id, next_windows, phase};
use oriel_monitor::status::Status;
use oriel_state::Monitor;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Monitors on a page when nothing else is asked, and at most.
const PAGE_DEFAULT: usize = 100;
const PAGE_MAX: usize = 1000;
/// Monitors that are read one by one, some 50 µs each; of more, one statement reads all there are.
const SINGLES_MAX: usize = PAGE_DEFAULT;

/// The parameters of both calls. Flags come as `true`, `True` or `1`.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    group_states: Option<String>,
    with_downtimes: Option<bool>,
    name: Option<String>,
    tags: Option<String>,
    monitor_tags: Option<String>,
    id_offset: Option<i64>,
    page: Option<usize>,
    page_size: Option<usize>,
}

impl Asked {
    fn with_downtimes(&self) -> bool {
        self.with_downtimes.unwrap_or(false)
    }

    /// Statuses of groups to show; none when groups are not asked for, empty for all.
    fn statuses(&self) -> Answer<Option<Vec<Status>>> {
        let Some(text) = &self.group_states else { return Ok(None) };
        let mut wanted = Vec::new();
        for word in text.split(',').map(str::trim).filter(|w| !w.is_empty()) {
            if word.eq_ignore_ascii_case("all") {
                return Ok(Some(Vec::new()));
            }
            wanted.push(Status::parse(word).ok_or_else(|| {
                Failure::invalid(format!("group_states: {word:?} is none of all, alert, warn, no data, ok"))
            })?);
        }
        Ok((!wanted.is_empty()).then_some(wanted))
    }

    fn matches(&self, entry: &Entry) -> bool {
        let list = |text: &Option<String>| -> Vec<String> {
            text.iter()
                .flat_map(|t| t.split(','))
                .map(|t| t.trim().to_lowercase())
                .filter(|t| !t.is_empty())
                .collect()
        };
        let has = |have: &[String], want: &[String]| {
            want.iter().all(|w| have.iter().any(|h| h.eq_ignore_ascii_case(w)))
        };
        let named = self.name.as_ref().is_none_or(|n| entry.name.to_lowercase().contains(&n.to_lowercase()));
        named && has(&entry.tags, &list(&self.monitor_tags)) && has(&entry.scopes, &list(&self.tags))
    }
}

/// `GET /api/v1/monitor`: by id; all of them unless a page is asked for.
pub(crate) async fn list(State(app): State<Arc<App>>, reader: Reader, Query(asked): Query<Asked>) -> Answer {
    let entries = app.monitor_catalog.entries(&app, reader.org).await?;
    let after = asked.id_offset.unwrap_or(i64::MIN);
    let found = entries.values().filter(|e| e.id > after && asked.matches(e));
    let paged = asked.page.is_some() || asked.page_size.is_some() || asked.id_offset.is_some();
    let (skip, take) = if paged {
        let size = asked.page_size.unwrap_or(PAGE_DEFAULT).clamp(1, PAGE_MAX);
        (asked.page.unwrap_or(0).saturating_mul(size), size)
    } else {
        (0, usize::MAX)
    };
    let page: Vec<i64> = found.skip(skip).take(take).map(|e| e.id).collect();
    let monitors = match page.len() {
        // A handful is read one by one; else one statement reads them all.
        0..=SINGLES_MAX => {
            let mut all = Vec::with_capacity(page.len());
            for id in page {
                match app.state.monitor(reader.org, id).await {
                    Err(oriel_state::Error::NotFound { .. }) => {}
                    monitor => all.push(monitor?),
                }
            }
            all
        }
        _ => {
            let mut all = app.state.monitors(reader.org).await?;
            all.retain(|m| page.binary_search(&m.id).is_ok());
            all
        }
    };
    Ok(ok(&shown_all(&app, reader.org, monitors, &asked, &entries).await?))
}

/// `GET /api/v1/monitor/{id}`.
pub(crate) async fn one(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    let monitor = app.state.monitor(reader.org, super::number(&id)?).await?;
    Ok(ok(&shown(&app, reader.org, monitor, &asked).await?))
}

/// One monitor as it is answered.
pub(crate) async fn shown(app: &App, org: OrgId, monitor: Monitor, asked: &Asked) -> Answer<Value> {
    Ok(shown_all(app, org, vec![monitor], asked, &BTreeMap::new()).await?.pop().unwrap_or_default())
}

/// `known` holds what was derived before from documents as they are.
async fn shown_all(
    app: &App,
    org: OrgId,
    monitors: Vec<Monitor>,
    asked: &Asked,
    known: &BTreeMap<i64, Arc<Entry>>,
) -> Answer<Vec<Value>> {
    let statuses = asked.statuses()?;
    let downtimes = match asked.with_downtimes() {
        true => Some(app.monitoring.runtime()?.downtimes(org).await),
        false => None,
    };
    // A handful is asked one by one.
    let mut all_live = if monitors.len() > SINGLES_MAX { live::of_org(app, org)? } else { HashMap::new() };
    let mut all = Vec::with_capacity(monitors.len());
    for monitor in monitors {
        let groups = match &statuses {
            Some(wanted) => Some(wanted_groups(app, org, monitor.id, wanted)?),
            None => None,
        };
        let entry = known.get(&monitor.id).cloned().unwrap_or_else(|| Arc::new(Entry::of(&monitor)));
        let downtimes = downtimes.as_ref().map(|all| matching(all, &entry, app.now_ms()));
        let live = match all_live.remove(&monitor.id) {
            Some(live) => live,
            None => live::of_one(app, org, monitor.id)?,
        };
        all.push(form::whole(monitor, Shown { org, entry: &entry, live: &live, groups, downtimes }));
    }
    Ok(all)
}

fn wanted_groups(app: &App, org: OrgId, id: i64, wanted: &[Status]) -> Answer<Vec<Group>> {
    let mut groups = live::groups(app, org, id)?;
    groups.retain(|g| wanted.is_empty() || wanted.contains(&g.status));
    Ok(groups)
}

/// The downtimes under way or to come that mute any group of a monitor.
fn matching(downtimes: &Downtimes, entry: &Entry, now: TimeMs) -> Vec<Value> {
    let subject = Subject { id: entry.id, tags: &entry.tags, silenced: None };
    let ahead = |d: &Downtime| matches!(phase(d, now), Phase::Active | Phase::Scheduled);
    let meant = downtimes.all().iter().filter(|d| ahead(d) && covers(d, &subject));
    meant
        .filter_map(|d| {
            let span = next_windows(d, now, 1).into_iter().next()?;
            Some(json!({
                "id": legacy_id(&d.id),
                "scope": [d.scope.to_string()],
                "start": span.start_ms / 1000,
                "end": span.end_ms.map(|ms| ms / 1000),
            }))
        })
        .collect()
}
