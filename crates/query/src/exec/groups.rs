//! Which group a series belongs to, and when: resolved once a series, as ranges of buckets.

use super::matching::{host_values, matches};
use super::table::ABSENT;
use crate::plan::Grid;
use hashbrown::HashMap;
use oriel_model::{HostTags, SeriesDef, TimeRange};
use oriel_store::{Matcher, SeriesEntry};
use std::sync::Arc;

/// A series with many values of `by` keys is in a group for each combination, up to this many.
const GROUPS_PER_SERIES_MAX: usize = 64;

/// A series is in a group during these buckets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) series: u32,
    pub(super) group: u32,
    pub(super) from: u32,
    pub(super) to: u32,
}

/// Every series' groups, in the order of the series.
#[derive(Debug, Default)]
pub(super) struct Groups {
    pub(super) members: Vec<Member>,
    /// Values of the `by` keys, a group.
    pub(super) values: Vec<Arc<[String]>>,
}

/// Buckets during which a host's tags stay the same.
struct Span<'a> {
    from: usize,
    to: usize,
    tags: Vec<&'a str>,
}

/// What is asked of the store. It selects by the tags that a host has at *any* time of the range, so that a negation would lose
/// a series whose host had the tag for a part of it: where tags change, negations are left to the grouping.
pub(super) struct Selection {
    pub(super) matcher: Matcher,
    /// Whether the grouping must look at each series again.
    pub(super) exact: bool,
}

impl Selection {
    pub(super) fn of(matcher: &Matcher, host_tags: &[HostTags], range: TimeRange) -> Self {
        let inside = |t: i64| range.start < t && t < range.end;
        let change = host_tags.iter().any(|t| inside(t.from_ms) || inside(t.to_ms));
        if change && negates(matcher) {
            Self { matcher: without_negations(matcher), exact: true }
        } else {
            Self { matcher: matcher.clone(), exact: false }
        }
    }
}

fn negates(matcher: &Matcher) -> bool {
    match matcher {
        Matcher::Not(_) => true,
        Matcher::And(parts) | Matcher::Or(parts) => parts.iter().any(negates),
        _ => false,
    }
}

/// A matcher that takes at least what this one takes.
fn without_negations(matcher: &Matcher) -> Matcher {
    match matcher {
        Matcher::Not(_) => Matcher::All,
        Matcher::And(parts) => Matcher::And(parts.iter().map(without_negations).collect()),
        Matcher::Or(parts) => Matcher::Or(parts.iter().map(without_negations).collect()),
        plain => plain.clone(),
    }
}

pub(super) struct Grouping<'a> {
    pub(super) by: &'a [String],
    pub(super) matcher: &'a Matcher,
    /// Series may not match at any time: see [`Selection`].
    pub(super) exact: bool,
    pub(super) grid: Grid,
    pub(super) host_tags: &'a [HostTags],
}

impl Grouping<'_> {
    pub(super) fn resolve(&self, entries: &[SeriesEntry]) -> Groups {
        let by_host = self.spans_by_host();
        let always = vec![Span { from: 0, to: self.grid.len, tags: Vec::new() }];
        let mut ids: HashMap<Vec<String>, u32> = HashMap::new();
        let mut groups = Groups::default();
        for (index, entry) in entries.iter().enumerate() {
            let spans = by_host.get(&*entry.def.host).unwrap_or(&always);
            for span in spans {
                if (self.exact || spans.len() > 1) && !matches(self.matcher, &entry.def, &span.tags) {
                    continue;
                }
                for key in self.keys(&entry.def, &span.tags) {
                    let next = groups.values.len() as u32;
                    let group = *ids.entry(key.clone()).or_insert_with(|| {
                        groups.values.push(key.into());
                        next
                    });
                    push(
                        &mut groups.members,
                        Member { series: index as u32, group, from: span.from as u32, to: span.to as u32 },
                    );
                }
            }
        }
        groups
    }

    fn spans_by_host(&self) -> HashMap<&str, Vec<Span<'_>>> {
        let mut by_host: HashMap<&str, Vec<&HostTags>> = HashMap::new();
        for tags in self.host_tags {
            by_host.entry(&tags.host).or_default().push(tags);
        }
        by_host.into_iter().map(|(host, tags)| (host, self.spans(&tags))).collect()
    }

    fn spans<'a>(&self, tags: &[&'a HostTags]) -> Vec<Span<'a>> {
        let mut cuts = vec![0, self.grid.len];
        cuts.extend(tags.iter().flat_map(|t| [self.bucket_at(t.from_ms), self.bucket_at(t.to_ms)]));
        cuts.sort_unstable();
        cuts.dedup();
        let data = self.grid.data();
        cuts.windows(2)
            .map(|cut| {
                let at = data.start + (cut[0] as i64 + 1) * self.grid.step_ms - 1;
                let holds = tags.iter().filter(|t| t.from_ms <= at && at < t.to_ms);
                let tags = holds.flat_map(|t| t.tags.iter().map(String::as_str)).collect();
                Span { from: cut[0], to: cut[1], tags }
            })
            .collect()
    }

    /// The bucket a time falls into. A bucket's own time is its last instant, so that a tag set just now shows at once.
    fn bucket_at(&self, time_ms: i64) -> usize {
        let data = self.grid.data();
        if time_ms <= data.start {
            return 0;
        }
        if time_ms >= data.end {
            return self.grid.len;
        }
        ((time_ms - data.start) / self.grid.step_ms) as usize
    }

    /// Every combination of the values that the series and its host have.
    fn keys(&self, def: &SeriesDef, host_tags: &[&str]) -> Vec<Vec<String>> {
        let mut keys = vec![Vec::with_capacity(self.by.len())];
        for key in self.by {
            let mut values: Vec<&str> = def.tags.values(key).collect();
            if key == "host" && !def.host.is_empty() {
                values.push(&def.host);
            }
            values.extend(host_values(host_tags, key));
            values.sort_unstable();
            values.dedup();
            if values.is_empty() {
                values.push(ABSENT);
            }
            values.truncate((GROUPS_PER_SERIES_MAX / keys.len()).max(1));
            if let [one] = values[..] {
                keys.iter_mut().for_each(|k| k.push(one.to_owned()));
                continue;
            }
            keys = keys
                .iter()
                .flat_map(|k| {
                    values.iter().map(move |v| k.iter().cloned().chain([(*v).to_owned()]).collect())
                })
                .collect();
        }
        keys
    }
}

/// Adds a membership, or lengthens the one before when nothing changed between them.
fn push(members: &mut Vec<Member>, new: Member) {
    match members.last_mut() {
        Some(last) if last.series == new.series && last.group == new.group && last.to == new.from => {
            last.to = new.to;
        }
        _ => members.push(new),
    }
}
