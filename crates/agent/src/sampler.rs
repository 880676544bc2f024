//! Turns what an instance submits in one run into series: the agent's check sampler.
//!
//! One sampler lives as long as its instance, because rates and monotonic counts need the value before. Nothing here
//! reads a clock: the caller says when the run was.

use crate::check::{Bucket, Run, Sample, SampleKind};
use oriel_model::{Kind, Series, Sketch, SketchSeries, TimeMs};
use std::collections::HashMap;

/// What tells one series from another within an instance.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Context {
    kind: SampleKind,
    name: String,
    tags: Vec<String>,
    host: String,
}

#[derive(Clone, Copy)]
struct Last {
    value: f64,
    time_ms: TimeMs,
}

/// What is filled in where a check says nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Defaults {
    /// Empty with `empty_default_hostname`.
    pub(crate) host: String,
    /// Appended to everything: `service:…` of the configuration.
    pub(crate) tags: Vec<String>,
    pub(crate) interval_s: u32,
}

/// The state of one instance. See the module's head.
#[derive(Default)]
pub(crate) struct Sampler {
    last: HashMap<Context, Last>,
    last_bucket: HashMap<(String, Vec<String>, u64), Last>,
}

/// Values before are forgotten after this, as the Datadog agent does for stateful metrics (25 h).
const STATE_AGE_MS_MAX: i64 = 25 * 3600 * 1000;
/// Contexts remembered by an instance: about 40 MB at worst; past it the state starts afresh, losing one interval.
const CONTEXTS_MAX: usize = 200_000;
/// Values of one histogram kept in a run; more are sampled away from the end.
const HISTOGRAM_VALUES_MAX: usize = 100_000;

impl Sampler {
    /// The series of a run that ended at `now_ms`.
    pub(crate) fn commit(
        &mut self,
        run: &mut Run,
        now_ms: TimeMs,
        defaults: &Defaults,
    ) -> (Vec<Series>, Vec<SketchSeries>) {
        self.forget(now_ms);
        let mut open: Vec<(Context, Vec<f64>)> = Vec::new();
        let mut places: HashMap<Context, usize> = HashMap::new();
        for sample in std::mem::take(&mut run.samples) {
            if !sample.value.is_finite() || sample.name.is_empty() {
                continue;
            }
            let (context, value, flush_first) = context_of(sample, defaults);
            let Some(value) = self.step(&context, Last { value, time_ms: now_ms }, flush_first) else {
                continue;
            };
            let place = *places.entry(context.clone()).or_insert_with(|| {
                open.push((context, Vec::new()));
                open.len() - 1
            });
            if open[place].1.len() < HISTOGRAM_VALUES_MAX {
                open[place].1.push(value);
            } else if let Some(last) = open[place].1.last_mut() {
                *last = value;
            }
        }
        let series =
            open.into_iter().flat_map(|(c, values)| flush(c, values, now_ms, defaults.interval_s)).collect();
        let buckets = std::mem::take(&mut run.buckets);
        let sketches = buckets.into_iter().filter_map(|b| self.bucket(b, now_ms, defaults)).collect();
        (series, merge_sketches(sketches))
    }

    fn forget(&mut self, now_ms: TimeMs) {
        if self.last.len() > CONTEXTS_MAX {
            self.last.clear();
        }
        if self.last_bucket.len() > CONTEXTS_MAX {
            self.last_bucket.clear();
        }
        self.last.retain(|_, l| now_ms - l.time_ms < STATE_AGE_MS_MAX);
        self.last_bucket.retain(|_, l| now_ms - l.time_ms < STATE_AGE_MS_MAX);
    }

    /// What this sample adds: itself, a rate, or what grew; none when it is the first of its kind.
    fn step(&mut self, context: &Context, now: Last, flush_first: bool) -> Option<f64> {
        use SampleKind as K;
        match context.kind {
            K::Gauge | K::Count | K::Counter | K::Histogram => Some(now.value),
            K::MonotonicCount => {
                let before = self.last.insert(context.clone(), now);
                grown(before.map(|b| b.value), now.value, flush_first)
            }
            K::Rate | K::Historate => {
                let before = self.last.insert(context.clone(), now)?;
                let seconds = (now.time_ms - before.time_ms) as f64 / 1000.0;
                let rate = (now.value - before.value) / seconds;
                (seconds > 0.0 && rate >= 0.0).then_some(rate)
            }
        }
    }

    fn bucket(&mut self, b: Bucket, now_ms: TimeMs, defaults: &Defaults) -> Option<SketchSeries> {
        let host = if b.host.is_empty() { defaults.host.clone() } else { b.host };
        let tags = with_tags(b.tags, &defaults.tags);
        let mut count = b.count as f64;
        if b.monotonic {
            let key = (
                format!("{}\0{host}", b.name),
                tags.clone(),
                b.lower.to_bits() ^ b.upper.to_bits().rotate_left(1),
            );
            let before = self.last_bucket.insert(key, Last { value: count, time_ms: now_ms });
            count = grown(before.map(|l| l.value), count, b.flush_first)?;
        }
        if count < 1.0 {
            return None;
        }
        let sketch = spread(b.lower, b.upper, count as u64);
        let interval_s = defaults.interval_s;
        Some(SketchSeries { metric: b.name, host, tags, interval_s, points: vec![(now_ms, sketch)] })
    }
}

/// What a running total grew by; a reset counts from zero only where first values count.
fn grown(before: Option<f64>, now: f64, flush_first: bool) -> Option<f64> {
    match before {
        Some(b) if now >= b => Some(now - b),
        _ => flush_first.then_some(now),
    }
}

fn with_tags(mut tags: Vec<String>, more: &[String]) -> Vec<String> {
    tags.extend(more.iter().cloned());
    tags.sort_unstable();
    tags.dedup();
    tags
}

/// A tag `host:` is the host slot, as in DogStatsD; it is never also among the tags.
fn context_of(sample: Sample, defaults: &Defaults) -> (Context, f64, bool) {
    let host = if sample.host.is_empty() { defaults.host.clone() } else { sample.host };
    let tags = with_tags(sample.tags, &defaults.tags);
    (Context { kind: sample.kind, name: sample.name, tags, host }, sample.value, sample.flush_first)
}

/// The series of one context.
fn flush(context: Context, mut values: Vec<f64>, now_ms: TimeMs, interval_s: u32) -> Vec<Series> {
    use SampleKind as K;
    let sum: f64 = values.iter().sum();
    let last = values.last().copied().unwrap_or_default();
    let seconds = f64::from(interval_s.max(1));
    let one = |suffix: &str, kind: Kind, value: f64| Series {
        metric: format!("{}{suffix}", context.name),
        host: context.host.clone(),
        tags: context.tags.clone(),
        kind,
        interval_s,
        points: vec![(now_ms, value)],
    };
    match context.kind {
        K::Gauge | K::Rate => vec![one("", Kind::Gauge, last)],
        K::Count | K::MonotonicCount => vec![one("", Kind::Count, sum)],
        K::Counter => vec![one("", Kind::Rate, sum / seconds)],
        K::Histogram | K::Historate => {
            values.sort_unstable_by(f64::total_cmp);
            let n = values.len();
            let rank = |q: f64| values[(((n - 1) as f64) * q) as usize];
            vec![
                one(".max", Kind::Gauge, values[n - 1]),
                one(".median", Kind::Gauge, rank(0.5)),
                one(".avg", Kind::Gauge, sum / n as f64),
                one(".95percentile", Kind::Gauge, rank(0.95)),
                one(".count", Kind::Rate, n as f64 / seconds),
            ]
        }
    }
}

/// Spreads a bucket's count evenly over the values it covers; a bucket without an upper end stands at its lower one.
fn spread(lower: f64, upper: f64, count: u64) -> Sketch {
    /// Steps across one bucket: within 1 % of its width, a tenth of what a bucket hides anyway.
    const STEPS: u64 = 100;
    let mut sketch = Sketch::default();
    let low = if lower.is_finite() { lower } else { upper };
    let high = if upper.is_finite() { upper } else { lower };
    let steps = count.clamp(1, STEPS);
    for i in 0..steps {
        let weight = count / steps + u64::from(i < count % steps);
        sketch.insert(low + (high - low) * (i as f64 + 0.5) / steps as f64, weight);
    }
    sketch
}

/// Buckets of one metric are one sketch.
fn merge_sketches(all: Vec<SketchSeries>) -> Vec<SketchSeries> {
    let mut out: Vec<SketchSeries> = Vec::new();
    let mut places: HashMap<(String, String, Vec<String>), usize> = HashMap::new();
    for s in all {
        let key = (s.metric.clone(), s.host.clone(), s.tags.clone());
        match places.get(&key) {
            Some(&i) => {
                for (have, more) in out[i].points.iter_mut().zip(&s.points) {
                    have.1.merge(&more.1);
                }
            }
            None => {
                places.insert(key, out.len());
                out.push(s);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests;
