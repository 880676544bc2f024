//! From a matcher to the ordinals of a day: postings and set arithmetic.
//!
//! Tags of hosts come and go, and a matcher over a range means "at some time of it". Under a `Not` that turns into "not all
//! of the time", so evaluation carries which of the two is asked.

use super::day::Postings;
use crate::Matcher;
use oriel_model::{HostTags, Tags, TimeRange};
use roaring::RoaringBitmap;
use std::collections::BTreeMap;
use std::ops::Bound;

/// A host tag counts when it holds …
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holds {
    /// … at some time of the range.
    Sometime,
    /// … all of the range.
    Throughout,
}

impl Holds {
    fn opposite(self) -> Self {
        match self {
            Self::Sometime => Self::Throughout,
            Self::Throughout => Self::Sometime,
        }
    }
}

/// Evaluates matchers over one day.
pub(crate) struct Matching<'a> {
    pub(crate) postings: &'a Postings,
    pub(crate) host_tags: &'a [HostTags],
    pub(crate) range: TimeRange,
}

impl Matching<'_> {
    /// The series of `universe` that match at some time of the range.
    pub(crate) fn select(&self, matcher: &Matcher, universe: &RoaringBitmap) -> RoaringBitmap {
        self.eval(matcher, universe, Holds::Sometime)
    }

    fn eval(&self, matcher: &Matcher, universe: &RoaringBitmap, holds: Holds) -> RoaringBitmap {
        match matcher {
            Matcher::All => universe.clone(),
            Matcher::Equals { key, value } => self.equals(key, value, holds) & universe,
            Matcher::Glob { key, pattern } => self.glob(key, pattern, holds) & universe,
            Matcher::Bare(tag) => {
                let own = self.postings.tags.get(tag.as_str()).cloned().unwrap_or_default();
                (own | self.by_host_tag(holds, |t| t == tag)) & universe
            }
            Matcher::And(all) => {
                let mut left = universe.clone();
                for m in all {
                    left = self.eval(m, &left, holds);
                }
                left
            }
            Matcher::Or(any) => {
                any.iter().fold(RoaringBitmap::new(), |sum, m| sum | self.eval(m, universe, holds))
            }
            Matcher::Not(m) => universe - self.eval(m, universe, holds.opposite()),
        }
    }

    fn equals(&self, key: &str, value: &str, holds: Holds) -> RoaringBitmap {
        let tag = format!("{key}:{value}");
        let mut found = self.postings.tags.get(tag.as_str()).cloned().unwrap_or_default();
        if key == "host"
            && let Some(list) = self.postings.hosts.get(value)
        {
            found |= list;
        }
        found | self.by_host_tag(holds, |t| t == tag)
    }

    fn glob(&self, key: &str, pattern: &str, holds: Holds) -> RoaringBitmap {
        let prefix = format!("{key}:");
        let mut found = RoaringBitmap::new();
        let literal = pattern.split('*').next().unwrap_or_default();
        for (tag, list) in starting_with(&self.postings.tags, &format!("{prefix}{literal}")) {
            if glob_matches(pattern, &tag[prefix.len()..]) {
                found |= list;
            }
        }
        if key == "host" {
            for (host, list) in starting_with(&self.postings.hosts, literal) {
                if glob_matches(pattern, host) {
                    found |= list;
                }
            }
        }
        let on_host = |tag: &str| match Tags::split(tag) {
            (k, Some(v)) => k == key && glob_matches(pattern, v),
            (_, None) => false,
        };
        found | self.by_host_tag(holds, on_host)
    }

    /// Series of hosts that have such a tag from any source.
    fn by_host_tag(&self, holds: Holds, is: impl Fn(&str) -> bool) -> RoaringBitmap {
        let mut found = RoaringBitmap::new();
        let mut spans: BTreeMap<&str, Vec<(i64, i64)>> = BTreeMap::new();
        for row in self.host_tags.iter().filter(|row| row.tags.iter().any(|t| is(t))) {
            spans.entry(&row.host).or_default().push((row.from_ms, row.to_ms));
        }
        for (host, mut spans) in spans {
            if let Some(list) = self.postings.hosts.get(host)
                && self.holds(&mut spans, holds)
            {
                found |= list;
            }
        }
        found
    }

    fn holds(&self, spans: &mut [(i64, i64)], holds: Holds) -> bool {
        let range = self.range;
        if holds == Holds::Sometime {
            return spans.iter().any(|&(from, to)| from < range.end && to > range.start);
        }
        spans.sort_unstable();
        let mut covered_to = range.start;
        for &mut (from, to) in spans {
            if from <= covered_to {
                covered_to = covered_to.max(to);
            }
        }
        covered_to >= range.end
    }
}

fn starting_with<'a>(
    lists: &'a BTreeMap<Box<str>, RoaringBitmap>,
    prefix: &'a str,
) -> impl Iterator<Item = (&'a str, &'a RoaringBitmap)> {
    lists
        .range::<str, _>((Bound::Included(prefix), Bound::Unbounded))
        .take_while(move |(text, _)| text.starts_with(prefix))
        .map(|(text, list)| (text.as_ref(), list))
}

/// `*` stands for any run; everything else for itself.
pub(crate) fn glob_matches(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(head) else { return false };
    let (middle, tail) = rest.rsplit_once('*').map_or((None, rest), |(m, t)| (Some(m), t));
    for piece in middle.into_iter().flat_map(|m| m.split('*')) {
        match text.find(piece) {
            Some(at) => text = &text[at + piece.len()..],
            None => return false,
        }
    }
    text.len() >= tail.len() && text.ends_with(tail)
}

#[cfg(test)]
mod tests;
