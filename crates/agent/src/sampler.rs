//! From what an instance submits in one run to series: Datadog's naming rules, then the shared aggregator of check runs.
//!
//! One sampler lives as long as its instance, because rates and monotonic counts need the value before. Nothing here
//! reads a clock: the caller says when the run was.

use crate::check::{Bucket, Run, Sample};
use oriel_model::{BucketSample, CheckAggregator, CheckSample, Reason, SeriesDef, Submission, TimeMs};
use oriel_wire::datadog::{Names, series_def};
use std::borrow::Cow;

/// Series of one instance: about 40 MB of state at worst; a PostgreSQL with 300 tables makes 10,000.
const CONTEXTS_MAX: usize = 200_000;

/// What is filled in where a check says nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Defaults {
    /// Empty with `empty_default_hostname`.
    pub(crate) host: String,
    /// Appended to everything: `service:…` of the configuration.
    pub(crate) tags: Vec<String>,
    /// 0 for less than a second.
    pub(crate) interval_s: u32,
}

impl Defaults {
    /// The time that a run's rows bear.
    pub(crate) fn stamp(&self, now_ms: TimeMs) -> TimeMs {
        if self.interval_s == 0 { now_ms } else { now_ms - now_ms.rem_euclid(1000) }
    }
}

pub(crate) struct Sampler {
    aggregator: CheckAggregator,
}

impl Default for Sampler {
    fn default() -> Self {
        Self { aggregator: CheckAggregator::new(CONTEXTS_MAX) }
    }
}

impl Sampler {
    /// The series of a run that ended at `now_ms`, in whole seconds from intervals of a second on: rates are of the exact
    /// time between, but even times are what the store keeps best. What was refused becomes a warning of the run.
    pub(crate) fn commit(&mut self, run: &mut Run, now_ms: TimeMs, defaults: &Defaults) -> Submission {
        let mut bad_names = 0;
        for sample in std::mem::take(&mut run.samples) {
            let Sample { kind, name, value, tags, host, flush_first } = sample;
            match define(&name, &host, &tags, defaults) {
                Ok(def) => self.aggregator.submit(CheckSample { kind, def, value, flush_first }, now_ms),
                Err(_) => bad_names += 1,
            }
        }
        for bucket in std::mem::take(&mut run.buckets) {
            let Bucket { name, count, lower, upper, monotonic, tags, host, flush_first } = bucket;
            match define(&name, &host, &tags, defaults) {
                Ok(def) => {
                    let sample = BucketSample { def, count, lower, upper, monotonic, flush_first };
                    self.aggregator.bucket(sample, now_ms);
                }
                Err(_) => bad_names += 1,
            }
        }
        let (mut submission, mut rejections) = self.aggregator.commit(now_ms, defaults.interval_s);
        let stamp_ms = defaults.stamp(now_ms);
        submission.series.iter_mut().flat_map(|s| &mut s.points).for_each(|p| p.0 = stamp_ms);
        submission.sketches.iter_mut().flat_map(|s| &mut s.points).for_each(|p| p.0 = stamp_ms);
        rejections.add(Reason::BadName, bad_names, || "a metric's name needs a letter".to_owned());
        if !rejections.is_empty() {
            let example = rejections.examples().first().map_or("", |e| e.text.as_str());
            run.warn(format!("{}; for example {example}", rejections.summary()));
        }
        submission
    }
}

fn define(name: &str, host: &str, tags: &[String], defaults: &Defaults) -> Result<SeriesDef, Reason> {
    let host = if host.is_empty() { defaults.host.as_str() } else { host };
    let tags = tags.iter().chain(&defaults.tags).map(|t| Cow::Borrowed(t.as_str())).collect();
    series_def(&Names { metric: name.into(), host: host.into(), device: "".into(), tags })
}

#[cfg(test)]
mod tests;
