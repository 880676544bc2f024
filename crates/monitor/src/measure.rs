//! From what was read to one value a group.
//!
//! A bucket belongs to a window when it ends in it: later than its start and not after its end. So a bucket that still fills is
//! never looked at, and a frame of a longer range gives the same answer as one of the window alone.

use crate::measured::{GroupMeasure, Measured, key};
use crate::rule::{Inner, Reduction, SeriesRule, Term, TimeAggregation};
use crate::{Error, Result};
use oriel_model::{Band, BandSide, Frame, FrameSeries, TimeMs, TimeRange};
use oriel_query::{Outcome, Reducer};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// The one frame of a request: its only query's or its formula's.
pub fn frame_of(outcomes: Vec<Outcome>) -> Result<Frame> {
    let last = outcomes.into_iter().next_back();
    last.ok_or_else(|| Error::Source("the query gave no answer".to_owned()))?.result.map_err(Error::Query)
}

impl SeriesRule {
    /// The frames of [`SeriesRule::requests`], in their order, as one value a group at `at_ms`. Groups are sorted by key; groups
    /// without a value in the window are left out.
    pub fn reduce(&self, at_ms: TimeMs, frames: &[&Frame]) -> Measured {
        let window = self.window_at(at_ms);
        let notes = frames.iter().flat_map(|frame| frame.notes.iter().cloned()).collect();
        let Some(frame) = frames.first() else {
            return Measured { notes, ..Measured::new(at_ms, Vec::new()) };
        };
        let buckets = buckets_of(frame, window);
        let each = |measure: &dyn Fn(&FrameSeries) -> Option<GroupMeasure>| {
            frame.series.iter().filter_map(measure).collect::<Vec<_>>()
        };
        let mut groups = match &self.reduction {
            Reduction::Window(aggregation) => each(&|s| self.windowed(frame, s, &buckets, *aggregation)),
            Reduction::Change { inner, percent } => {
                let then = frames.get(1).copied().unwrap_or(frame);
                changed(frame, then, &buckets, (inner, *percent))
            }
            Reduction::Anomalies { trigger_ms, recovery_ms } => {
                let tail = |ms: &i64| buckets_of(frame, TimeRange::new(window.end - ms, window.end));
                let (trigger, recovery) = (tail(trigger_ms), tail(recovery_ms));
                each(&|s| anomalous(frame, s, &trigger, &recovery))
            }
            Reduction::Outliers => each(&|s| outlying(frame, s, &buckets)),
            Reduction::Forecast { upward } => each(&|s| forecast(frame, s, (window, *upward))),
            Reduction::Formula { terms, .. } => self.formula(window, terms, frames),
        };
        groups.sort_unstable_by(|a, b| a.key.cmp(&b.key));
        Measured { notes, ..Measured::new(at_ms, groups) }
    }

    fn windowed(
        &self,
        frame: &Frame,
        series: &FrameSeries,
        buckets: &Range<usize>,
        aggregation: TimeAggregation,
    ) -> Option<GroupMeasure> {
        let values = series.values.get(buckets.clone())?;
        let value = aggregation.0.reduce(values, frame.step_ms);
        // Where rows are counted, buckets of nothing are zeros and not signs of life.
        let zeros = self.count_like && !self.row_queries.is_empty();
        let sight = Sight::of(frame, values, buckets, zeros)?;
        Some(sight.group(series, value))
    }

    fn formula(&self, window: TimeRange, terms: &[Term], frames: &[&Frame]) -> Vec<GroupMeasure> {
        let Reduction::Formula { arithmetic, .. } = &self.reduction else { return Vec::new() };
        let mut joined = Joined::default();
        for (place, (term, frame)) in terms.iter().zip(frames).enumerate() {
            let buckets = buckets_of(frame, window);
            for series in &frame.series {
                let Some(values) = series.values.get(buckets.clone()) else { continue };
                let rows = place >= self.queries.len();
                let Some(sight) = Sight::of(frame, values, &buckets, rows && term.count_like) else {
                    continue;
                };
                joined.put(self.key(series), (place, terms.len()), term.reduce(values, frame.step_ms), sight);
            }
        }
        joined.finish(terms, |values| arithmetic.value(values))
    }

    /// The group's key, its pairs in the order of the rule.
    fn key(&self, series: &FrameSeries) -> Arc<str> {
        let found = |name: &String| series.group.iter().find(|(k, _)| k == name).cloned();
        match self.group_by.iter().map(found).collect::<Option<Vec<_>>>() {
            Some(pairs) if pairs.len() == series.group.len() => key(&pairs),
            _ => key(&series.group),
        }
    }
}

impl Term {
    /// Of counts, buckets without any are zeros.
    fn reduce(&self, values: &[f64], step_ms: i64) -> f64 {
        match self.aggregation.0 {
            Reducer::Avg if self.count_like => {
                Reducer::Sum.reduce(values, step_ms) / values.len().max(1) as f64
            }
            reducer => reducer.reduce(values, step_ms),
        }
    }
}

/// When a group's window held values.
#[derive(Clone, Copy)]
struct Sight {
    last_seen_ms: TimeMs,
    full: bool,
}

impl Sight {
    fn of(frame: &Frame, values: &[f64], buckets: &Range<usize>, zeros: bool) -> Option<Self> {
        let is_there = |v: &f64| !(v.is_nan() || zeros && *v == 0.0);
        let first = values.iter().position(is_there)?;
        let last = values.iter().rposition(is_there)?;
        let last_seen_ms = frame.times.get(buckets.start + last)? + frame.step_ms;
        // The first fifth: a sender that is a little late or slower than the step still fills its window.
        Some(Self { last_seen_ms, full: first <= values.len() / 5 })
    }

    fn group(self, series: &FrameSeries, value: f64) -> GroupMeasure {
        GroupMeasure { full: self.full, ..GroupMeasure::new(key(&series.group), value, self.last_seen_ms) }
    }
}

/// Columns of several queries, by group.
#[derive(Default)]
struct Joined {
    groups: BTreeMap<Arc<str>, (Vec<f64>, Sight)>,
    /// Values of queries without groups stand beside each group's.
    overall: Vec<f64>,
}

impl Joined {
    fn put(&mut self, key: Arc<str>, (place, places): (usize, usize), value: f64, sight: Sight) {
        if &*key == "*" {
            self.overall.resize(places, f64::NAN);
            self.overall[place] = value;
        }
        let entry = self.groups.entry(key).or_insert_with(|| (vec![f64::NAN; places], sight));
        entry.0[place] = value;
        entry.1.last_seen_ms = entry.1.last_seen_ms.max(sight.last_seen_ms);
        entry.1.full |= sight.full;
    }

    fn finish(self, terms: &[Term], value: impl Fn(&[f64]) -> f64) -> Vec<GroupMeasure> {
        let grouped = self.groups.keys().any(|key| &**key != "*");
        let mut found = Vec::with_capacity(self.groups.len());
        for (key, (mut values, sight)) in self.groups {
            if grouped && &*key == "*" {
                continue;
            }
            for (place, value) in values.iter_mut().enumerate().filter(|(_, v)| v.is_nan()) {
                *value = match self.overall.get(place) {
                    Some(overall) if !overall.is_nan() => *overall,
                    _ if terms[place].count_like => 0.0,
                    _ => f64::NAN,
                };
            }
            let value = value(&values);
            // What can't be worked out (0 divided by 0) is no value.
            if value.is_finite() {
                found.push(GroupMeasure {
                    full: sight.full,
                    ..GroupMeasure::new(key, value, sight.last_seen_ms)
                });
            }
        }
        found
    }
}

/// The buckets that end in the window.
fn buckets_of(frame: &Frame, window: TimeRange) -> Range<usize> {
    let first = frame.times.partition_point(|t| t + frame.step_ms <= window.start);
    let end = frame.times.partition_point(|t| t + frame.step_ms <= window.end);
    first..end.max(first)
}

/// The change itself is made bucket by bucket and then aggregated; in percent the aggregates are compared, since a bucket of
/// zero has no percentage.
fn changed(
    now: &Frame,
    then: &Frame,
    buckets: &Range<usize>,
    (inner, percent): (&Inner, bool),
) -> Vec<GroupMeasure> {
    let before: BTreeMap<&[(String, String)], &FrameSeries> =
        then.series.iter().map(|s| (s.group.as_slice(), s)).collect();
    let pairs = |series: &FrameSeries, old: &FrameSeries| -> (Vec<f64>, Vec<f64>) {
        let pair = |n: usize| {
            let past = now.times.get(n)? - inner.shift_ms;
            let at = then.times.partition_point(|t| *t <= past).checked_sub(1)?;
            let old = *old.values.get(at)?;
            Some((*series.values.get(n)?, if past < then.times[at] + then.step_ms { old } else { f64::NAN }))
        };
        buckets.clone().filter_map(pair).unzip()
    };
    let one = |series: &FrameSeries| {
        let values = series.values.get(buckets.clone())?;
        let sight = Sight::of(now, values, buckets, false)?;
        let (new, old) = pairs(series, before.get(series.group.as_slice())?);
        let reduce = |values: &[f64]| inner.aggregation.0.reduce(values, now.step_ms);
        let value = if percent {
            let (new, old) = (reduce(&new), reduce(&old));
            (new - old) / old.abs() * 100.0
        } else {
            reduce(&new.iter().zip(&old).map(|(n, o)| n - o).collect::<Vec<_>>())
        };
        value.is_finite().then(|| sight.group(series, value))
    };
    now.series.iter().filter_map(one).collect()
}

/// The share of points outside of the band, over both windows.
fn anomalous(
    frame: &Frame,
    series: &FrameSeries,
    trigger: &Range<usize>,
    recovery: &Range<usize>,
) -> Option<GroupMeasure> {
    let band = series.band.as_ref()?;
    let sight = Sight::of(frame, series.values.get(trigger.clone())?, trigger, false)?;
    let value = share_outside(series, band, trigger)?;
    let recovery = if recovery == trigger { None } else { share_outside(series, band, recovery) };
    // Without a recovery window of its own, the trigger's is looked at.
    Some(GroupMeasure { recovery: recovery.or(Some(value)), ..sight.group(series, value) })
}

fn share_outside(series: &FrameSeries, band: &Band, buckets: &Range<usize>) -> Option<f64> {
    let (mut points, mut outside) = (0u32, 0u32);
    for n in buckets.clone() {
        let (value, lower, upper) = (*series.values.get(n)?, *band.lower.get(n)?, *band.upper.get(n)?);
        if value.is_nan() || lower.is_nan() || upper.is_nan() {
            continue;
        }
        points += 1;
        outside += u32::from(match band.side {
            BandSide::Both => value < lower || value > upper,
            BandSide::Above => value > upper,
            BandSide::Below => value < lower,
        });
    }
    (points > 0).then(|| f64::from(outside) / f64::from(points))
}

fn outlying(frame: &Frame, series: &FrameSeries, buckets: &Range<usize>) -> Option<GroupMeasure> {
    let sight = Sight::of(frame, series.values.get(buckets.clone())?, buckets, false)?;
    Some(sight.group(series, f64::from(u8::from(series.outlier?))))
}

/// The band's edge that is nearest to the threshold: above for `>`, below for `<`.
fn forecast(
    frame: &Frame,
    series: &FrameSeries,
    (window, upward): (TimeRange, bool),
) -> Option<GroupMeasure> {
    let first = frame.times.partition_point(|t| t + frame.step_ms <= window.start);
    let edge = match &series.band {
        Some(band) if upward => &band.upper,
        Some(band) => &band.lower,
        None => &series.values,
    };
    let end = frame.times.partition_point(|t| *t < window.end);
    let reducer = if upward { Reducer::Max } else { Reducer::Min };
    let value = reducer.reduce(edge.get(first..end)?, frame.step_ms);
    let group = GroupMeasure::new(key(&series.group), value, window.start);
    (!value.is_nan()).then_some(group)
}

#[cfg(test)]
mod tests;
