//! Lists of events and service checks: heads and files together, newest first.

use super::EventFilter;
use super::core::Core;
use crate::file::read_events;
use crate::parts::{Content, Dataset};
use crate::rows::events::{self, event_of, ns_range};
use crate::view::{OpenFile, View};
use crate::{Cancel, Cursor, ListRequest, Order, Result};
use oriel_model::{Core as Name, Event, Field, Filter, OrgId, ServiceCheck, Signal, Test, TimeRange};
use std::collections::HashMap;
use std::sync::Arc;

/// One answer's events at most.
const EVENTS_MAX: usize = 1_000;
/// Runs of one service check in one answer: a thousand hosts every 15 s for four hours.
const CHECK_RUNS_MAX: usize = 1_000_000;
/// The source of OpenTelemetry's exemplars.
const EXEMPLARS: &str = "otel.exemplar";

/// See [`super::Store::events`].
pub(super) fn events(core: &Core, org: OrgId, range: TimeRange, filter: &EventFilter) -> Result<Vec<Event>> {
    let limit = if filter.limit == 0 { EVENTS_MAX } else { filter.limit.min(EVENTS_MAX) };
    let rows = core.rows(org, Signal::Events);
    let mut found = Vec::new();
    let mut after: Option<Cursor> = None;
    loop {
        let (range, filter_of_rows) = (ns_range(range), rough(filter));
        let request =
            ListRequest { range, filter: filter_of_rows, order: Order::Newest, limit: EVENTS_MAX, after };
        let page = rows.list(&request, &Cancel::default())?;
        let events = page.rows.iter().map(|listed| event_of(&listed.row));
        found.extend(events.filter(|event| matches(filter, event)));
        after = page.next;
        if found.len() >= limit || after.is_none() {
            break;
        }
    }
    found.sort_by_key(|event| std::cmp::Reverse((event.time_ms, event.id)));
    found.truncate(limit);
    Ok(found)
}

/// What of the filter rows can be asked for; the rest is looked at on events.
fn rough(filter: &EventFilter) -> Filter {
    let equals = |field: Field, text: &str| Filter::Is(field, Test::Equals(text.into()));
    let mut all = Vec::new();
    if let Some(id) = filter.id {
        all.push(equals(Field::attr(events::ID), &id.to_string()));
    }
    if let Some(priority) = filter.priority {
        all.push(equals(Field::attr(events::PRIORITY), priority.as_str()));
    }
    if !filter.sources.is_empty() {
        let source = |text: &String| equals(Field::Core(Name::Source), text);
        all.push(Filter::Or(filter.sources.iter().map(source).collect()));
    } else {
        // Single measurements that lead charts to traces: many, and nobody's events.
        all.push(Filter::Not(Box::new(equals(Field::Core(Name::Source), EXEMPLARS))));
    }
    if all.is_empty() { Filter::All } else { Filter::And(all) }
}

/// See [`super::Store::checks`].
pub(super) fn checks(
    core: &Core,
    org: OrgId,
    range: TimeRange,
    host: Option<&str>,
) -> Result<Vec<ServiceCheck>> {
    let view = core.view.load_full();
    let mut newest: HashMap<(String, String, Vec<String>), ServiceCheck> = HashMap::new();
    let mut add = |check: &ServiceCheck| {
        if host.is_some_and(|host| host != check.host) {
            return;
        }
        let key = (check.check.clone(), check.host.clone(), check.tags.clone());
        match newest.get_mut(&key) {
            Some(known) if known.time_ms > check.time_ms => {}
            Some(known) => *known = check.clone(),
            None => {
                newest.insert(key, check.clone());
            }
        }
    };
    for file in check_files(&view, org, range) {
        read_events(file.dir(), &file.meta, org, range)?.checks.iter().for_each(&mut add);
    }
    for head in view.row_heads.iter().filter(|head| head.dataset == Dataset::Events) {
        head.visit_checks(org, range, &mut add);
    }
    let mut list: Vec<ServiceCheck> = newest.into_values().collect();
    list.sort_by(|a, b| (&a.check, &a.host, &a.tags).cmp(&(&b.check, &b.host, &b.tags)));
    Ok(list)
}

/// See [`super::Store::check_runs`].
pub(super) fn check_runs(
    core: &Core,
    org: OrgId,
    check: &str,
    range: TimeRange,
) -> Result<Vec<ServiceCheck>> {
    let view = core.view.load_full();
    let mut runs = Vec::new();
    let mut add = |run: &ServiceCheck| {
        if run.check == check && runs.len() <= CHECK_RUNS_MAX {
            runs.push(run.clone());
        }
    };
    for file in check_files(&view, org, range) {
        read_events(file.dir(), &file.meta, org, range)?.checks.iter().for_each(&mut add);
    }
    for head in view.row_heads.iter().filter(|head| head.dataset == Dataset::Events) {
        head.visit_checks(org, range, &mut add);
    }
    if runs.len() > CHECK_RUNS_MAX {
        let message =
            format!("service check {check} ran more than {CHECK_RUNS_MAX} times in the range; ask for less");
        return Err(crate::Error::Refused(message));
    }
    runs.sort_by(|a, b| (a.time_ms, &a.host, &a.tags).cmp(&(b.time_ms, &b.host, &b.tags)));
    Ok(runs)
}

/// Files with checks of the org in the range, oldest commit first.
fn check_files(view: &View, org: OrgId, range: TimeRange) -> Vec<&Arc<OpenFile>> {
    let wanted = |file: &&Arc<OpenFile>| {
        file.meta.content == Content::Events && file.meta.has_org(org) && file.meta.overlaps(range)
    };
    view.files.iter().filter(wanted).collect()
}

fn matches(filter: &EventFilter, event: &Event) -> bool {
    let has_tag = |tag: &String| {
        event.tags.contains(tag) || tag.strip_prefix("host:").is_some_and(|host| host == event.host)
    };
    filter.id.is_none_or(|id| id == event.id)
        && filter.priority.is_none_or(|priority| priority == event.priority)
        && (filter.sources.is_empty() || filter.sources.contains(&event.source))
        && filter.tags.iter().all(has_tag)
}
