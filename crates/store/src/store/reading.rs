//! Lists of events and service checks: heads and files together, newest first.

use super::EventFilter;
use super::core::Core;
use crate::Result;
use crate::file::read_events;
use crate::parts::Content;
use crate::view::{OpenFile, View};
use oriel_model::{Event, OrgId, ServiceCheck, TimeRange};
use std::collections::HashMap;
use std::sync::Arc;

/// One answer's events at most.
const EVENTS_MAX: usize = 1_000;

/// See [`super::Store::events`].
pub(super) fn events(core: &Core, org: OrgId, range: TimeRange, filter: &EventFilter) -> Result<Vec<Event>> {
    let view = core.view.load_full();
    let limit = if filter.limit == 0 { EVENTS_MAX } else { filter.limit.min(EVENTS_MAX) };
    let mut newest = Newest { limit, events: Vec::new() };
    for head in &view.event_heads {
        head.visit_events(org, range, &mut |event| {
            if matches(filter, event) {
                newest.add(event.clone());
            }
        });
    }
    let mut files = event_files(&view, org, range);
    files.sort_by_key(|file| std::cmp::Reverse(file.meta.last_ms));
    for file in files {
        // Files come newest first: past the oldest kept one nothing can enter.
        if newest.oldest_ms().is_some_and(|oldest| file.meta.last_ms < oldest) {
            break;
        }
        let rows = read_events(file.dir(), &file.meta, org, range)?;
        rows.events.into_iter().filter(|event| matches(filter, event)).for_each(|event| newest.add(event));
    }
    Ok(newest.finish())
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
    for file in event_files(&view, org, range) {
        read_events(file.dir(), &file.meta, org, range)?.checks.iter().for_each(&mut add);
    }
    for head in &view.event_heads {
        head.visit_checks(org, range, &mut add);
    }
    let mut list: Vec<ServiceCheck> = newest.into_values().collect();
    list.sort_by(|a, b| (&a.check, &a.host, &a.tags).cmp(&(&b.check, &b.host, &b.tags)));
    Ok(list)
}

/// Files with events or checks of the org in the range, oldest commit first.
fn event_files(view: &View, org: OrgId, range: TimeRange) -> Vec<&Arc<OpenFile>> {
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

/// Keeps the newest few.
struct Newest {
    limit: usize,
    events: Vec<Event>,
}

impl Newest {
    fn add(&mut self, event: Event) {
        self.events.push(event);
        // Sorting at twice the limit costs a few comparisons an event.
        if self.events.len() >= self.limit * 2 {
            self.cut();
        }
    }

    fn cut(&mut self) {
        self.events.sort_by_key(|event| std::cmp::Reverse((event.time_ms, event.id)));
        self.events.truncate(self.limit);
    }

    /// The time below which nothing enters; `None` while there is room.
    fn oldest_ms(&mut self) -> Option<i64> {
        self.cut();
        (self.events.len() == self.limit).then(|| self.events.last().map_or(i64::MIN, |event| event.time_ms))
    }

    fn finish(mut self) -> Vec<Event> {
        self.cut();
        self.events
    }
}
