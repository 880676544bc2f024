//! An SLO over time: at each moment of a chart what an alert would compare with its thresholds.

use super::evidence::stepped;
use super::{Bucket, Evidence, Facts, Slo, Sum, minute, tiles};
use crate::rule::SloRule;
use crate::source::Source;
use crate::{Error, Result};
use oriel_model::{OrgId, TimeMs, TimeRange};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Moments of a chart: more than a picture has room for would not be told apart.
const MOMENTS_MAX: i64 = 240;

/// The moments, and a group's figures at each.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Course {
    pub times: Vec<TimeMs>,
    pub step_ms: i64,
    /// By key; `*` alone when the SLO has no groups.
    pub groups: Vec<CourseGroup>,
}

/// As [`crate::rule::SloMeasure`], a value a moment; NaN where nothing happened.
#[derive(Clone, Debug, PartialEq)]
pub struct CourseGroup {
    pub key: Arc<str>,
    pub long: Vec<f64>,
    pub short: Vec<f64>,
}

/// Works it out for the moments of a range, its end included. Facts must reach back a [`super::span`] before it.
pub fn course(
    source: &dyn Source,
    org: OrgId,
    slo: &Slo,
    facts: &Facts<'_>,
    (rule, range): (&SloRule, TimeRange),
) -> Result<Course> {
    let (start, end) = (minute(range.start), minute(range.end));
    let step_ms = tiles::ceil(((end - start) / MOMENTS_MAX).max(1), tiles::MINUTE_MS);
    let count = (end - start) / step_ms;
    let times: Vec<TimeMs> = (0..=count).rev().map(|n| end - n * step_ms).collect();
    let (SloRule::ErrorBudget { over_ms, .. } | SloRule::BurnRate { over_ms, .. }) = rule;
    let target = slo.objective(*over_ms).map(|o| o.target);
    let target = target.ok_or_else(|| Error::invalid("the SLO has no target"))?;
    // What lies before the chart moves its figures less than what happens in it: there coarser buckets do.
    let before = TimeRange::new(start - rule.span_ms(), start);
    let bucket_ms = fine_ms(rule, end - start);
    let mut sums = Sums::default();
    for part in [(before, tiles::coarse_ms(before.len_ms())), (TimeRange::new(start, end), bucket_ms)] {
        if !part.0.is_empty() {
            sums.add(stepped(source, org, slo, facts, part)?);
        }
    }
    let figure = |group: &Running, at: TimeMs, ms: i64| match rule {
        SloRule::ErrorBudget { .. } => group.within(at - ms, at).consumed(target),
        SloRule::BurnRate { .. } => group.within(at - ms, at).burn_rate(target),
    };
    let (long_ms, short_ms) = match rule {
        SloRule::ErrorBudget { over_ms, .. } => (*over_ms, *over_ms),
        SloRule::BurnRate { long_ms, short_ms, .. } => (*long_ms, *short_ms),
    };
    // A moment stands for those since the one before: for the worst of them, so that no alert falls between two. The newest
    // stands for itself.
    let parts = |at: TimeMs| if at == end { 1 } else { (step_ms / bucket_ms).max(1) };
    let worst =
        |running: &Running, at: TimeMs| {
            let moments = (0..parts(at)).map(|n| at - n * bucket_ms);
            let figures = moments.map(|at| (figure(running, at, long_ms), figure(running, at, short_ms)));
            figures.fold((f64::NAN, f64::NAN), |worst, now| {
                if worst.0.min(worst.1) >= now.0.min(now.1) { worst } else { now }
            })
        };
    let groups = sums.groups().into_iter().map(|(key, running)| {
        let (long, short) = times.iter().map(|at| worst(&running, *at)).unzip();
        CourseGroup { key, long, short }
    });
    Ok(Course { groups: groups.collect(), times, step_ms })
}

/// Buckets of what a chart shows: minutes for two days, as two requests read them; never longer than a short window.
fn fine_ms(rule: &SloRule, span_ms: i64) -> i64 {
    const DAY: i64 = 86_400_000;
    let coarse = tiles::coarse_ms(span_ms);
    match rule {
        _ if span_ms <= 2 * DAY => tiles::MINUTE_MS,
        // Three months of five minutes are eighteen requests.
        SloRule::BurnRate { short_ms, .. } if span_ms <= 90 * DAY && *short_ms < coarse => {
            5 * tiles::MINUTE_MS
        }
        _ => coarse,
    }
}

/// Buckets of a group, by time, and those of all of it.
#[derive(Default)]
struct Sums {
    overall: Vec<Bucket>,
    groups: BTreeMap<Arc<str>, Vec<Bucket>>,
}

impl Sums {
    fn add(&mut self, found: Evidence) {
        self.overall.extend(found.overall);
        for group in found.groups {
            self.groups.entry(group.key).or_default().extend(group.buckets);
        }
    }

    fn groups(self) -> Vec<(Arc<str>, Running)> {
        if self.groups.is_empty() {
            return vec![("*".into(), Running::of(self.overall))];
        }
        self.groups.into_iter().map(|(key, buckets)| (key, Running::of(buckets))).collect()
    }
}

/// What there was from the start on, after each bucket.
struct Running {
    buckets: Vec<Bucket>,
    sums: Vec<Sum>,
}

impl Running {
    fn of(buckets: Vec<Bucket>) -> Self {
        let mut sums = vec![Sum::default()];
        for bucket in &buckets {
            let last = sums[sums.len() - 1];
            sums.push(Sum { good: last.good + bucket.good, total: last.total + bucket.total });
        }
        Self { buckets, sums }
    }

    fn within(&self, from: TimeMs, to: TimeMs) -> Sum {
        let (a, b) = (self.until(from), self.until(to));
        // Sums of many floats: what cancels out must not be left over.
        let rest = |a: f64, b: f64| if (b - a).abs() <= b.abs() * 1e-12 { 0.0 } else { b - a };
        Sum { good: rest(a.good, b.good), total: rest(a.total, b.total) }
    }

    /// Of a bucket that is cut, its share.
    fn until(&self, at: TimeMs) -> Sum {
        let whole = self.buckets.partition_point(|b| b.end_ms <= at);
        let sum = self.sums[whole];
        match self.buckets.get(whole).filter(|b| b.start_ms < at) {
            Some(cut) => {
                let part = (at - cut.start_ms) as f64 / (cut.end_ms - cut.start_ms) as f64;
                Sum { good: sum.good + cut.good * part, total: sum.total + cut.total * part }
            }
            None => sum,
        }
    }
}
