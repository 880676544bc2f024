//! Running totals of OTLP streams, as last seen: what tells a reset, and turns cumulative histograms into what happened since.
//!
//! A request's changes are kept apart until its rows are durable; a request that failed and comes again finds things as they
//! were. A stream that began while Oriel was listening counts from zero; of one that was there before, the first point only
//! says where it stands.

use super::histograms::Buckets;
use std::collections::HashMap;

/// Streams remembered; at some 300 bytes each 60 MB. Past it the half that was silent longest is forgotten.
const STREAMS_MAX: usize = 200_000;

/// A stream as of its last point.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) start_ns: u64,
    pub(super) time_ns: u64,
    /// Of histograms.
    pub(super) buckets: Option<Buckets>,
}

/// How a point follows what was seen of its stream.
#[derive(Debug)]
pub(super) enum Follows<'s> {
    /// Nobody knows what of the total is old.
    Unknown,
    /// The total counts from zero.
    Anew,
    /// A repeat, or a point that came late.
    Repeats,
    After(&'s Seen),
}

/// See the module's head. Keys are hashes of stream identities.
#[derive(Debug, Default)]
pub struct Streams {
    seen: HashMap<u128, Seen>,
    /// When listening began.
    since_ns: u64,
}

/// What a request changes once it is stored.
#[derive(Debug, Default)]
pub struct Changes(HashMap<u128, Seen>);

impl Streams {
    pub fn new(since_ns: i64) -> Self {
        Self { seen: HashMap::new(), since_ns: u64::try_from(since_ns).unwrap_or(0) }
    }

    /// What a request changed is so from now on.
    pub fn commit(&mut self, changes: Changes) {
        self.seen.extend(changes.0);
        if self.seen.len() > STREAMS_MAX {
            let mut times: Vec<u64> = self.seen.values().map(|s| s.time_ns).collect();
            let middle = times.len() / 2;
            let (_, &mut median, _) = times.select_nth_unstable(middle);
            self.seen.retain(|_, s| s.time_ns > median);
        }
    }

    pub(super) fn follows<'s>(
        &'s self,
        changes: &'s Changes,
        key: u128,
        (start_ns, time_ns): (u64, u64),
    ) -> Follows<'s> {
        match changes.0.get(&key).or_else(|| self.seen.get(&key)) {
            None if start_ns > 0 && start_ns >= self.since_ns => Follows::Anew,
            None => Follows::Unknown,
            Some(seen) if start_ns > seen.start_ns => Follows::Anew,
            Some(seen) if time_ns <= seen.time_ns => Follows::Repeats,
            Some(seen) => Follows::After(seen),
        }
    }
}

impl Changes {
    pub(super) fn note(&mut self, key: u128, seen: Seen) {
        self.0.insert(key, seen);
    }
}
