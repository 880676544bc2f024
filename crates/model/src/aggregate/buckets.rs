//! The 10 s aggregator. One open bucket; `advance` closes it when time has passed its end.
//!
//! The first bucket of a process starts at its first full second, so that its stamp can't meet the stamp of the last one of
//! the process before; all others start on multiples of 10 s.

use super::context::{Cell, ContextId, Contexts, SampleKind, named};
use super::histogram::WEIGHT_MAX;
use crate::{
    Event, Kind, OrgId, RawHasher, RawKey, RawPrefix, Reason, Rejections, Series, SeriesDef, ServiceCheck,
    Submission, TimeMs,
};
use std::collections::BTreeMap;

/// Length of a bucket, and the interval of what comes out.
pub const BUCKET_S: u32 = 10;
pub const BUCKET_MS: i64 = BUCKET_S as i64 * 1000;

/// A silent counter goes on with 0 for this long (the agent's `dogstatsd_expiry_seconds`).
pub(super) const IDLE_MS: i64 = 300_000;
/// Buckets between two sweeps of contexts that nobody used for [`IDLE_MS`].
const SWEEP_EVERY: u32 = 6;

/// Bounds of an [`Aggregator`].
#[derive(Clone, Debug)]
pub struct AggregatorLimits {
    /// Contexts at a time; at about 500 bytes each, 100 MB when all are in use.
    pub contexts: usize,
    /// Spellings at a time; past it all are forgotten, which costs a parse each.
    pub raw_keys: usize,
    /// Members of one set in one bucket.
    pub set_members: usize,
    /// Points with their own time between two flushes.
    pub timed_points: usize,
    /// Events and service checks between two flushes.
    pub events: usize,
}

impl Default for AggregatorLimits {
    fn default() -> Self {
        Self {
            contexts: 200_000,
            raw_keys: 800_000,
            set_members: 100_000,
            timed_points: 500_000,
            events: 20_000,
        }
    }
}

/// See the module's head.
pub struct Aggregator {
    limits: AggregatorLimits,
    hasher: RawHasher,
    prefix: RawPrefix,
    contexts: Contexts,
    bucket_start: TimeMs,
    bucket_end: TimeMs,
    closed_since_sweep: u32,
    timed: BTreeMap<ContextId, Vec<(TimeMs, f64)>>,
    timed_points: usize,
    pending: Submission,
    rejections: Rejections,
}

impl Aggregator {
    /// `hasher` bears the process's secret.
    pub fn new(limits: AggregatorLimits, hasher: RawHasher, now_ms: TimeMs) -> Self {
        let start = now_ms.saturating_add(999).div_euclid(1000) * 1000;
        Self {
            contexts: Contexts::new(limits.contexts, limits.raw_keys),
            limits,
            prefix: hasher.prefix(OrgId(0), "aggregator", ""),
            hasher,
            bucket_start: start,
            bucket_end: align(start) + BUCKET_MS,
            closed_since_sweep: 0,
            timed: BTreeMap::new(),
            timed_points: 0,
            pending: Submission::default(),
            rejections: Rejections::default(),
        }
    }

    /// The key of a sample's raw bytes without its value.
    #[inline]
    pub fn key(&self, raw: &[u8]) -> RawKey {
        self.hasher.key(self.prefix, raw)
    }

    /// Contexts in use.
    pub fn contexts(&self) -> usize {
        self.contexts.len()
    }

    /// The context under a raw key; `define` parses it when the key is new. The caller counts a refusal.
    #[inline]
    pub fn context(
        &mut self,
        raw: RawKey,
        kind: SampleKind,
        define: impl FnOnce() -> Result<SeriesDef, Reason>,
    ) -> Result<ContextId, Reason> {
        match self.contexts.known(raw) {
            Some(id) => Ok(id),
            None => self.contexts.learn(raw, kind, self.bucket_start, define),
        }
    }

    /// Adds a value; `weight` is 1 over the sample rate. A value that is not finite is refused.
    #[inline]
    pub fn add(&mut self, id: ContextId, value: f64, weight: f64) {
        let Some(context) = self.contexts.get_mut(id) else { return };
        if !value.is_finite() {
            let metric = &context.def.metric;
            return self.rejections.add(Reason::NotFinite, 1, || format!("{metric}: value {value}"));
        }
        let weight =
            if (1.0..=WEIGHT_MAX).contains(&weight) { weight } else { weight.clamp(1.0, WEIGHT_MAX) };
        context.used_ms = self.bucket_start;
        match &mut context.cell {
            Cell::Gauge(last) => *last = Some(value),
            Cell::Count { sum, touched, last_bucket } => {
                *sum += value * weight;
                *touched = true;
                *last_bucket = Some(self.bucket_start);
            }
            Cell::Histogram(h) => h.add(value, weight),
            Cell::Sketch(s) => s.insert(value, weight.round() as u64),
            Cell::Set(_) => {}
        }
    }

    /// Adds a member to a set.
    pub fn add_member(&mut self, id: ContextId, member: &[u8]) {
        let key = self.hasher.key(self.prefix, member);
        let Some(context) = self.contexts.get_mut(id) else { return };
        context.used_ms = self.bucket_start;
        let Cell::Set(members) = &mut context.cell else { return };
        if members.len() >= self.limits.set_members && !members.contains(&key) {
            let metric = &context.def.metric;
            return self.rejections.add(Reason::TooManyPoints, 1, || {
                format!("{metric}: a set holds at most {} members", self.limits.set_members)
            });
        }
        members.insert(key);
    }

    /// Adds a gauge or count that bears its own time: it is passed on as it is, a count as its rate over 10 s.
    pub fn add_timed(&mut self, id: ContextId, time_ms: TimeMs, value: f64) {
        let Some(context) = self.contexts.get_mut(id) else { return };
        let metric = &context.def.metric;
        let value = match context.kind {
            SampleKind::Gauge => value,
            SampleKind::Count => value / f64::from(BUCKET_S),
            _ => {
                return self.rejections.add(Reason::UnsupportedType, 1, || {
                    format!("{metric}: only gauges and counts may bear a time")
                });
            }
        };
        if !value.is_finite() {
            return self.rejections.add(Reason::NotFinite, 1, || format!("{metric}: value {value}"));
        }
        if self.timed_points >= self.limits.timed_points {
            return self.rejections.add(Reason::TooManyPoints, 1, || {
                format!("{metric}: over {} points with a time in one flush", self.limits.timed_points)
            });
        }
        context.used_ms = self.bucket_start;
        self.timed_points += 1;
        self.timed.entry(id).or_default().push((time_ms, value));
    }

    /// Passes an event on with the next flush.
    pub fn event(&mut self, event: Event) {
        if self.room_for_events(|| event.title.clone()) {
            self.pending.events.push(event);
        }
    }

    /// Passes a service check on with the next flush.
    pub fn check(&mut self, check: ServiceCheck) {
        if self.room_for_events(|| check.check.clone()) {
            self.pending.checks.push(check);
        }
    }

    fn room_for_events(&mut self, name: impl FnOnce() -> String) -> bool {
        let full = self.pending.events.len() + self.pending.checks.len() >= self.limits.events;
        if full {
            let most = self.limits.events;
            self.rejections.add(Reason::TooManyPoints, 1, || format!("{}: over {most} in one flush", name()));
        }
        !full
    }

    /// Counts rows that a decoder refused.
    pub fn reject(&mut self, reason: Reason, rows: u64, text: impl FnOnce() -> String) {
        self.rejections.add(reason, rows, text);
    }

    /// Closes the buckets that ended by `now_ms`. To be called before the samples of that moment are added.
    #[inline]
    pub fn advance(&mut self, now_ms: TimeMs) {
        if now_ms >= self.bucket_end || now_ms < self.bucket_start - BUCKET_MS {
            self.advance_slow(now_ms);
        }
    }

    #[cold]
    fn advance_slow(&mut self, now_ms: TimeMs) {
        // A gap longer than zeros last needs no bucket a step: one more than that closes the open one and all zeros.
        let steps = (IDLE_MS / BUCKET_MS) as usize + 2;
        for _ in 0..steps {
            if now_ms < self.bucket_end {
                break;
            }
            self.close();
        }
        if now_ms >= self.bucket_end || now_ms < self.bucket_start - BUCKET_MS {
            // The clock jumped: what is open is closed under its own stamp, and the count starts anew.
            self.close();
            self.bucket_start = align(now_ms);
            self.bucket_end = self.bucket_start + BUCKET_MS;
        }
    }

    /// What is due by `now_ms`, and what was refused since the last flush.
    pub fn flush(&mut self, now_ms: TimeMs) -> (Submission, Rejections) {
        self.advance(now_ms);
        for (id, points) in std::mem::take(&mut self.timed) {
            if let Some(context) = self.contexts.get_mut(id) {
                let kind = if context.kind == SampleKind::Count { Kind::Rate } else { Kind::Gauge };
                self.pending.series.push(Series { points, ..named(&context.def, kind) });
            }
        }
        self.timed_points = 0;
        (std::mem::take(&mut self.pending), std::mem::take(&mut self.rejections))
    }

    /// The last flush: the open bucket too, under its own stamp.
    pub fn finish(&mut self, now_ms: TimeMs) -> (Submission, Rejections) {
        self.advance(now_ms);
        self.close();
        self.flush(now_ms)
    }

    fn close(&mut self) {
        let stamp = self.bucket_start;
        self.contexts.each(|context| context.close(stamp, &mut self.pending));
        self.bucket_start = self.bucket_end;
        self.bucket_end += BUCKET_MS;
        self.closed_since_sweep += 1;
        if self.closed_since_sweep >= SWEEP_EVERY {
            self.closed_since_sweep = 0;
            let (oldest, timed) = (self.bucket_start - IDLE_MS, &self.timed);
            self.contexts.sweep(|id, context| context.used_ms >= oldest || timed.contains_key(&id));
        }
    }
}

fn align(ms: TimeMs) -> TimeMs {
    ms.div_euclid(BUCKET_MS) * BUCKET_MS
}

#[cfg(test)]
mod tests;
