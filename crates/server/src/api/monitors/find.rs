//! Monitors that a search finds, in an order, with counts by status, type, tag and mute: behind the API's search and the page's
//! list.

use super::catalog::Entry;
use super::language::Search;
use super::live::{self, Live};
use crate::answer::{Answer, Failure};
use crate::app::App;
use oriel_model::OrgId;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Tags that are counted in one answer, the most frequent first.
const TAGS_COUNTED_MAX: usize = 500;

/// A monitor with what it is at this moment.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) entry: Arc<Entry>,
    pub(crate) live: Live,
}

/// Every monitor of an org that a search finds, by id.
pub(crate) async fn find(app: &App, org: OrgId, search: &str) -> Answer<Vec<Found>> {
    let search = Search::parse(search).map_err(|e| Failure::invalid(format!("query: {e}")))?;
    let entries = app.monitor_catalog.entries(app, org).await?;
    let mut live = live::of_org(app, org)?;
    let downtimes = app.monitoring.runtime()?.downtimes(org).await;
    let active = downtimes.at(app.now_ms());
    let all = entries.values().map(|entry| {
        let mut live = live.remove(&entry.id).unwrap_or_default();
        live.muted = live::muted(&active, entry);
        Found { entry: Arc::clone(entry), live }
    });
    Ok(all.filter(|found| search.matches(&found.entry, &found.live)).collect())
}

/// `field`, `field,asc` or `field,desc`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sort {
    by: By,
    descending: bool,
}

#[derive(Clone, Copy, Debug)]
enum By {
    Name,
    Status,
    Tags,
    Kind,
    Priority,
    Id,
    Triggered,
    Created,
    Modified,
}

impl Sort {
    const FIELDS: [(&'static str, By); 12] = [
        ("name", By::Name),
        ("title", By::Name),
        ("status", By::Status),
        ("tags", By::Tags),
        ("type", By::Kind),
        ("priority", By::Priority),
        ("id", By::Id),
        ("last_triggered", By::Triggered),
        ("last_triggered_ts", By::Triggered),
        ("last_triggered_ms", By::Triggered),
        ("created", By::Created),
        ("modified", By::Modified),
    ];

    /// By status, the worst first, when nothing is said.
    pub(crate) fn parse(text: &str) -> Answer<Self> {
        let text = text.trim();
        let (name, direction) = text.split_once([',', ':']).unwrap_or((text, "asc"));
        let descending = match direction.trim().to_lowercase().as_str() {
            "asc" => false,
            "desc" => true,
            other => return Err(Failure::invalid(format!("sort: {other:?} is neither asc nor desc"))),
        };
        let name = if name.trim().is_empty() { "status" } else { name.trim() };
        let Some((_, by)) = Self::FIELDS.iter().find(|(known, _)| *known == name) else {
            let known = "name, status, tags, type, priority, id, last_triggered, created, modified";
            return Err(Failure::invalid(format!("sort: {name:?} is none of {known}")));
        };
        Ok(Self { by: *by, descending })
    }

    pub(crate) fn order(self, found: &mut [Found]) {
        found.sort_by(|a, b| {
            let order = self.by.compare(a, b);
            let order = if self.descending { order.reverse() } else { order };
            order.then_with(|| By::Name.compare(a, b)).then_with(|| a.entry.id.cmp(&b.entry.id))
        });
    }
}

impl By {
    fn compare(self, a: &Found, b: &Found) -> Ordering {
        let (x, y) = (&a.entry, &b.entry);
        match self {
            Self::Name => x.name_folded.cmp(&y.name_folded),
            // Ascending is the worst first, as pages and the product people know have it.
            Self::Status => b.live.status.severity().cmp(&a.live.status.severity()),
            Self::Tags => x.tags.cmp(&y.tags),
            Self::Kind => x.kind.cmp(&y.kind),
            Self::Priority => x.priority.unwrap_or(i64::MAX).cmp(&y.priority.unwrap_or(i64::MAX)),
            Self::Id => x.id.cmp(&y.id),
            Self::Triggered => a.live.last_triggered_ms.cmp(&b.live.last_triggered_ms),
            Self::Created => x.created_ms.cmp(&y.created_ms),
            Self::Modified => x.modified_ms.cmp(&y.modified_ms),
        }
    }
}

/// Counts over all that was found, page or not.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) status: BTreeMap<&'static str, usize>,
    pub(crate) kind: BTreeMap<String, usize>,
    /// The most frequent first.
    pub(crate) tag: Vec<(String, usize)>,
    pub(crate) muted: usize,
}

impl Counts {
    pub(crate) fn of(found: &[Found]) -> Self {
        let mut counts = Self::default();
        let mut tags: BTreeMap<&str, usize> = BTreeMap::new();
        for Found { entry, live } in found {
            *counts.status.entry(live.status.as_str()).or_default() += 1;
            match counts.kind.get_mut(&entry.kind) {
                Some(n) => *n += 1,
                None => _ = counts.kind.insert(entry.kind.clone(), 1),
            }
            counts.muted += usize::from(live.muted.is_some());
            for tag in &entry.tags {
                *tags.entry(tag).or_default() += 1;
            }
        }
        counts.tag = tags.into_iter().map(|(tag, n)| (tag.to_owned(), n)).collect();
        counts.tag.sort_by(|(a, n), (b, m)| m.cmp(n).then_with(|| a.cmp(b)));
        counts.tag.truncate(TAGS_COUNTED_MAX);
        counts
    }
}

#[cfg(test)]
mod tests;
