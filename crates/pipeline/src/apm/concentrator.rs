//! Counts spans in buckets of ten seconds by when they ended, and gives each bucket away once.
//!
//! A bucket stays open for [`LINGER_MS`] after its end, for tracers send every second or two. Spans that come later are counted in
//! the bucket of their own time too, and given with the next flush: its points lie some milliseconds further into the bucket, so
//! that they add to those that went before and never replace them (the same series and time would).

use super::edges::{Edge, Edges};
use super::group::{GroupKey, SpanKind, Tally};
use super::observed::Observed;
use super::{ApmLimits, BUCKET_MS, Overflow, flush};
use hashbrown::{HashMap, HashSet};
use oriel_model::{Sketch, Submission, TimeMs};
use std::collections::BTreeMap;

/// How long a bucket waits for what is on its way.
const LINGER_MS: i64 = 4_000;
/// How often [`Concentrator::flush`] is to be called, at least.
pub(crate) const FLUSH_MS: i64 = 1_000;
/// Resources that came first keep their place for this long.
const RESOURCES_MS: i64 = 3_600_000;
/// The resource of what had no room.
const OTHER: &str = "other";

/// What a client counted of spans that agree in everything.
#[derive(Clone, Copy, Debug)]
pub struct StatsRow<'a> {
    pub start_ms: TimeMs,
    pub service: &'a str,
    pub operation: &'a str,
    pub env: &'a str,
    pub version: &'a str,
    pub resource: &'a str,
    /// The span's type.
    pub kind: &'a str,
    pub span_kind: &'a str,
    pub http_status: u16,
    pub synthetics: bool,
    pub hits: u64,
    pub errors: u64,
    pub duration_ns: u64,
    /// Durations in nanoseconds.
    pub ok: &'a Sketch,
    pub error: &'a Sketch,
}

#[derive(Default)]
pub(crate) struct Bucket {
    pub(crate) groups: HashMap<GroupKey, Tally>,
    pub(crate) edges: HashMap<Edge, Tally>,
}

/// See the module's head.
pub struct Concentrator {
    limits: ApmLimits,
    buckets: BTreeMap<TimeMs, Bucket>,
    groups: usize,
    edges: Edges,
    /// The resources of each service since `resources_since`.
    resources: HashMap<Box<str>, HashSet<Box<str>>>,
    resources_since: TimeMs,
    overflow: Overflow,
}

impl Concentrator {
    pub fn new(limits: ApmLimits) -> Self {
        Self {
            edges: Edges::new(&limits),
            limits,
            buckets: BTreeMap::new(),
            groups: 0,
            resources: HashMap::new(),
            resources_since: 0,
            overflow: Overflow::default(),
        }
    }

    /// Counts what was read of a batch.
    pub fn apply(&mut self, observed: Observed, now_ms: TimeMs) {
        for (bucket, key, tally) in observed.groups {
            self.add(bucket, key, &tally, now_ms);
        }
        let (limits, overflow) = (&self.limits, &mut self.overflow);
        let (buckets, groups) = (&mut self.buckets, &mut self.groups);
        self.edges.apply(&observed.edges, |call| {
            let edges = &mut buckets.entry(call.bucket).or_default().edges;
            if !edges.contains_key(&call.edge) {
                if *groups >= limits.groups {
                    overflow.groups += 1;
                    return;
                }
                *groups += 1;
            }
            edges.entry(call.edge).or_default().add(call.duration_ns, call.is_error, limits.apdex_s);
        });
    }

    /// How fast a request has to be; [`Observed::of`] asks.
    pub fn apdex_s(&self) -> f64 {
        self.limits.apdex_s
    }

    /// Counts what a client counted.
    pub fn observe_stats(&mut self, row: &StatsRow<'_>, now_ms: TimeMs) {
        let apdex_s = self.limits.apdex_s;
        let mut tally = Tally {
            hits: row.hits,
            errors: row.errors,
            duration_s: row.duration_ns as f64 / 1e9,
            ..Tally::default()
        };
        tally.add_sketch(row.ok, false, apdex_s);
        tally.add_sketch(row.error, true, apdex_s);
        let key = GroupKey {
            service: row.service.into(),
            operation: row.operation.into(),
            env: row.env.into(),
            version: row.version.into(),
            resource: row.resource.into(),
            kind: row.kind.into(),
            span_kind: SpanKind::parse(row.span_kind),
            synthetics: row.synthetics,
            http_status: if (100..600).contains(&row.http_status) { row.http_status } else { 0 },
        };
        self.add(bucket_of(row.start_ms, now_ms), key, &tally, now_ms);
    }

    fn add(&mut self, bucket: TimeMs, mut key: GroupKey, tally: &Tally, now_ms: TimeMs) {
        if !self.admits(&key, now_ms) {
            self.overflow.resources += tally.hits;
            key.resource = OTHER.into();
        }
        let groups = &mut self.buckets.entry(bucket).or_default().groups;
        if let Some(known) = groups.get_mut(&key) {
            return known.merge(tally);
        }
        if self.groups >= self.limits.groups {
            self.overflow.groups += tally.hits;
            return;
        }
        self.groups += 1;
        groups.insert(key, tally.clone());
    }

    /// Whether a resource has a place among its service's.
    fn admits(&mut self, key: &GroupKey, now_ms: TimeMs) -> bool {
        if now_ms - self.resources_since > RESOURCES_MS || now_ms < self.resources_since {
            self.resources.clear();
            self.resources_since = now_ms;
        }
        if !self.resources.contains_key(&key.service) {
            if self.resources.len() >= self.limits.services {
                return false;
            }
            self.resources.insert(key.service.clone(), HashSet::new());
        }
        let Some(known) = self.resources.get_mut(&key.service) else { return false };
        if known.contains(&key.resource) {
            return true;
        }
        known.len() < self.limits.resources_per_service && known.insert(key.resource.clone())
    }

    /// The metrics of the buckets that are over; with `all` of every one, as before the end.
    pub fn flush(&mut self, now_ms: TimeMs, all: bool) -> Submission {
        let mut out = Submission::default();
        // Flushes are told apart for ten thousand times this: nobody's late spans come a second time at the same one.
        let shift = now_ms.div_euclid(FLUSH_MS).rem_euclid(BUCKET_MS);
        let due: Vec<TimeMs> =
            self.buckets.keys().copied().filter(|b| all || b + BUCKET_MS + LINGER_MS <= now_ms).collect();
        for start in due {
            let Some(bucket) = self.buckets.remove(&start) else { continue };
            self.groups = self.groups.saturating_sub(bucket.groups.len() + bucket.edges.len());
            flush::write(&bucket, start + shift, &self.edges, &mut out);
        }
        out
    }

    /// What had no room since the start.
    pub fn overflow(&self) -> Overflow {
        let (services, pending) = self.edges.overflow();
        Overflow { services, pending, ..self.overflow }
    }
}

/// The bucket of a time; what is said to end later than now ends now.
pub(super) fn bucket_of(time_ms: TimeMs, now_ms: TimeMs) -> TimeMs {
    let time_ms = time_ms.min(now_ms);
    time_ms - time_ms.rem_euclid(BUCKET_MS)
}
