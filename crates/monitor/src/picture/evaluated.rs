//! The evaluated value over time: the window slid over the chart's range and reduced by the very function of evaluations.

use super::Scene;
use crate::Result;
use crate::measured::{GroupMeasure, Measured};
use crate::rule::{Reduction, SeriesRule};
use oriel_model::{Frame, FrameSeries, Kind, TimeMs, TimeRange};
use oriel_query::Request;
use std::collections::BTreeMap;
use std::sync::Arc;

const MINUTE: i64 = 60_000;
/// Moments of a column: what a chart has room for.
const MOMENTS: i64 = 360;
/// Moments that are worked out at most; of more than [`MOMENTS`] the worst stand for their neighbours.
const MOMENTS_MAX: i64 = 10_000;
/// Values that are reduced for one picture: some tenths of a second.
const VALUES_MAX: usize = 60_000_000;
/// Moments of rules whose windows can't share a read.
const ALONE_MAX: i64 = 40;
/// Buckets of one read: more would be made coarser by the plan.
const BUCKETS_MAX: i64 = 1_440;
/// Reads of one picture.
const READS_MAX: i64 = 24;
/// Groups of one picture, the worst first.
const GROUPS_MAX: usize = 100;

impl Scene<'_> {
    /// None where the range is so long that windows would be left out.
    pub(super) fn evaluated(&self, rule: &SeriesRule) -> Result<Option<Frame>> {
        let end_ms = (self.range.end + rule.delay_ms).min(self.at_ms).div_euclid(MINUTE) * MINUTE;
        let span_ms = end_ms - rule.delay_ms - self.range.start;
        if span_ms < 0 {
            return Ok(Some(Frame::default()));
        }
        let newest = self.frames(rule.requests(end_ms))?;
        let window_ms = rule.window_at(end_ms).len_ms().max(MINUTE);
        let steps: Vec<i64> = newest.iter().map(|frame| frame.step_ms).collect();
        let slides = rule.local && !rule.row_totals;
        let stride = match slides {
            // Each minute, as evaluations are; at least so that each point of the data lies in some window.
            true => minutes(span_ms / affordable(&newest)).min(window_ms.div_euclid(MINUTE) * MINUTE),
            false => minutes(span_ms / ALONE_MAX).max(window_ms.div_euclid(MINUTE) * MINUTE),
        };
        if span_ms / stride > MOMENTS_MAX {
            return Ok(None);
        }
        let moments: Vec<TimeMs> = (0..=span_ms / stride).rev().map(|n| end_ms - n * stride).collect();
        let mut columns = Columns::new(rule, &newest, moments.len());
        if slides {
            let reads =
                (span_ms + window_ms) / steps.iter().min().copied().unwrap_or(MINUTE).max(1) / BUCKETS_MAX;
            if reads > READS_MAX {
                return Ok(None);
            }
            self.slide(rule, &steps, &moments, &mut columns)?;
        } else {
            for (n, at_ms) in moments.iter().enumerate() {
                let frames = self.frames(rule.requests(*at_ms))?;
                columns.put(n, rule.reduce(*at_ms, &frames.iter().collect::<Vec<_>>()), &frames);
            }
        }
        let times = moments.iter().map(|at| at - rule.delay_ms).collect();
        let mut frame = columns.frame(times, stride, self.rule.comparator.is_downward());
        frame.series.retain(|series| !self.hides(&crate::measured::key(&series.group)));
        Ok(Some(frame))
    }

    /// Ranges are read at once, in the steps that the windows have by themselves.
    fn slide(
        &self,
        rule: &SeriesRule,
        steps: &[i64],
        moments: &[TimeMs],
        columns: &mut Columns<'_>,
    ) -> Result<()> {
        let mut done = 0;
        while done < moments.len() {
            let first = rule.requests(moments[done]);
            let room = |(request, step): (&Request, &i64)| BUCKETS_MAX * step - request.range.len_ms();
            let room_ms = first.iter().zip(steps).map(room).min().unwrap_or(0).max(0);
            let count = moments[done..].partition_point(|at| at - moments[done] <= room_ms).max(1);
            let last = rule.requests(moments[done + count - 1]);
            let whole = |((a, b), step): ((Request, Request), &i64)| Request {
                range: TimeRange::new(a.range.start, b.range.end),
                step_ms: Some(*step),
                ..b
            };
            let frames = self.frames(first.into_iter().zip(last).zip(steps).map(whole).collect())?;
            let all: Vec<&Frame> = frames.iter().collect();
            for (n, at_ms) in moments.iter().enumerate().skip(done).take(count) {
                columns.put(n, rule.reduce(*at_ms, &all), &frames);
            }
            done += count;
        }
        Ok(())
    }
}

/// How many moments of such windows may be reduced for one picture.
fn affordable(window: &[Frame]) -> i64 {
    let values: usize = window.iter().map(|frame| frame.series.len() * frame.times.len()).sum();
    i64::try_from(VALUES_MAX / values.max(1)).unwrap_or(MOMENTS_MAX).clamp(MOMENTS, MOMENTS_MAX)
}

fn minutes(ms: i64) -> i64 {
    ((ms + MINUTE - 1) / MINUTE).max(1) * MINUTE
}

/// Whether the values are still of the query's unit.
pub(super) fn keeps_unit(rule: &SeriesRule) -> bool {
    !matches!(rule.reduction, Reduction::Formula { .. } | Reduction::Change { percent: true, .. })
}

fn own_name(rule: &SeriesRule) -> String {
    rule.formula.clone().unwrap_or_else(|| "change".to_owned())
}

/// A group's pairs, and its values.
type Column = (Vec<(String, String)>, Vec<f64>);

/// A column a group.
struct Columns<'a> {
    rule: &'a SeriesRule,
    len: usize,
    name: String,
    /// Names the unit of the values, where they keep that of the query.
    expression: String,
    groups: BTreeMap<Arc<str>, Column>,
    notes: Vec<String>,
}

impl<'a> Columns<'a> {
    fn new(rule: &'a SeriesRule, frames: &[Frame], len: usize) -> Self {
        let first = frames.iter().flat_map(|frame| &frame.series).next();
        let first = first.filter(|_| keeps_unit(rule));
        Self {
            rule,
            len,
            name: first.map_or_else(|| own_name(rule), |s| s.name.clone()),
            expression: first.map(|s| s.expression.clone()).unwrap_or_default(),
            groups: BTreeMap::new(),
            notes: frames.iter().flat_map(|frame| frame.notes.iter().cloned()).collect(),
        }
    }

    fn put(&mut self, n: usize, measured: Measured, frames: &[Frame]) {
        for GroupMeasure { key, value, .. } in measured.groups {
            if !self.groups.contains_key(&key) {
                let pairs =
                    frames.iter().flat_map(|f| &f.series).find(|s| crate::measured::key(&s.group) == key);
                let pairs = match pairs {
                    Some(series) => series.group.clone(),
                    None => crate::measured::pairs(&key, &self.rule.group_by),
                };
                self.groups.insert(key.clone(), (pairs, vec![f64::NAN; self.len]));
            }
            if let Some((_, values)) = self.groups.get_mut(&key) {
                values[n] = value;
            }
        }
    }

    fn frame(self, times: Vec<TimeMs>, stride: i64, is_downward: bool) -> Frame {
        let Self { rule, name, expression, groups, notes, .. } = self;
        let per_point = times.len().div_ceil(MOMENTS as usize + 1).max(1);
        let worse = |a: f64, b: f64| if is_downward { a.min(b) } else { a.max(b) };
        let series = groups.into_values().map(|(group, mut values)| {
            if rule.count_like {
                // Nothing was counted.
                values.iter_mut().filter(|v| v.is_nan()).for_each(|v| *v = 0.0);
            }
            let scope = group.iter().map(|(k, v)| format!("{k}:{v}")).collect::<Vec<_>>().join(",");
            FrameSeries {
                name: name.clone(),
                expression: expression.clone(),
                scope: if scope.is_empty() { "*".to_owned() } else { scope },
                group,
                aggregator: String::new(),
                kind: Kind::Gauge,
                values: values
                    .rchunks(per_point)
                    .rev()
                    .map(|part| part.iter().copied().fold(f64::NAN, worse))
                    .collect(),
                band: None,
                outlier: None,
            }
        });
        let mut series: Vec<FrameSeries> = series.collect();
        if series.len() > GROUPS_MAX {
            let worst = |s: &FrameSeries| {
                let worst = s.values.iter().copied().fold(f64::NAN, worse);
                if is_downward { worst } else { -worst }
            };
            series.sort_by(|a, b| worst(a).total_cmp(&worst(b)));
            series.truncate(GROUPS_MAX);
        }
        let times: Vec<TimeMs> =
            times.rchunks(per_point).rev().filter_map(|part| part.last().copied()).collect();
        Frame { times, step_ms: stride * per_point as i64, incomplete_from: None, series, notes }
    }
}
