//! What the first walk over a chunk finds: the fixed fields of each span, and what holds for all of them.

use hashbrown::HashMap;

/// The fixed fields of one span, borrowed from the body.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Head<'a> {
    pub(super) service: &'a str,
    pub(super) name: &'a str,
    pub(super) resource: &'a str,
    pub(super) kind: &'a str,
    /// Low half.
    pub(super) trace_id: u64,
    /// Known by the formats that have a field for it.
    pub(super) trace_id_high: u64,
    pub(super) span_id: u64,
    pub(super) parent_id: u64,
    pub(super) start: i64,
    pub(super) duration: i64,
    pub(super) error: bool,
    /// `_dd.top_level` or `_top_level` came with it.
    pub(super) is_marked: bool,
    /// The encoded parts, which the second walk reads.
    pub(super) meta: &'a [u8],
    pub(super) metrics: &'a [u8],
    pub(super) structs: &'a [u8],
    pub(super) links: &'a [u8],
    pub(super) events: &'a [u8],
}

/// What holds for a whole chunk.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Whole<'a> {
    pub(super) trace_id_high: u64,
    pub(super) env: &'a str,
    pub(super) version: &'a str,
    pub(super) host: &'a str,
    pub(super) origin: &'a str,
    pub(super) priority: Option<i32>,
    pub(super) dropped: bool,
}

impl<'a> Whole<'a> {
    /// Looks at a text that some span of the chunk has.
    pub(super) fn note_text(&mut self, key: &[u8], value: &'a [u8]) {
        match key {
            b"_dd.p.tid" => {
                let high = std::str::from_utf8(value).ok().and_then(|t| u64::from_str_radix(t, 16).ok());
                self.trace_id_high = high.unwrap_or(self.trace_id_high);
            }
            b"env" if self.env.is_empty() => self.env = std::str::from_utf8(value).unwrap_or_default(),
            b"_dd.hostname" if self.host.is_empty() => {
                self.host = std::str::from_utf8(value).unwrap_or_default();
            }
            _ => {}
        }
    }

    /// Looks at a number that some span of the chunk has. Whether it marks a service-entry span.
    pub(super) fn note_number(&mut self, key: &[u8], value: f64) -> bool {
        match key {
            b"_sampling_priority_v1" => {
                self.priority.get_or_insert(value as i32);
                false
            }
            b"_dd.top_level" | b"_top_level" => value == 1.0,
            _ => false,
        }
    }
}

/// From here on parents are found by a map instead of a walk.
const WALK_MAX: usize = 24;

/// Which spans enter a service: those whose parent is not in the chunk, or is another service's.
pub(super) fn top_level(heads: &[Head<'_>], marked: bool, out: &mut Vec<bool>) {
    out.clear();
    if marked {
        out.extend(heads.iter().map(|h| h.is_marked));
        return;
    }
    let enters = |head: &Head<'_>, parent: Option<usize>| match parent {
        Some(i) => heads[i].service != head.service,
        None => true,
    };
    if heads.len() <= WALK_MAX {
        let parent_of = |h: &Head<'_>| heads.iter().position(|p| p.span_id == h.parent_id);
        out.extend(heads.iter().map(|h| h.parent_id == 0 || enters(h, parent_of(h))));
        return;
    }
    let places: HashMap<u64, usize> = heads.iter().enumerate().map(|(i, h)| (h.span_id, i)).collect();
    out.extend(heads.iter().map(|h| h.parent_id == 0 || enters(h, places.get(&h.parent_id).copied())));
}
