//! Windows slid over ranges that are read at once.

use crate::measured::Measured;
use crate::rule::{Ask, Rule, SeriesRule};
use crate::watch::{FILL_MS, World, read};
use crate::{Error, Result};
use oriel_model::{Frame, OrgId, TimeMs, TimeRange};
use oriel_query::Request;

/// Points that a column may have; more would be made coarser by the plan.
const POINTS_MAX: i64 = 1_500;
/// Values of one frame: 64 MiB, twice.
const VALUES_MAX: usize = 8 << 20;
/// Runs of checks are read by this span at once.
const CHECKS_MS: i64 = 4 * 3_600_000;

type Show<'a> = &'a mut dyn FnMut(Measured) -> Result<()>;

/// Whether buckets of a long range are what those of each window are.
pub(super) fn may(series: &SeriesRule) -> bool {
    series.local && !series.row_totals
}

pub(super) fn measure(
    world: &World<'_>,
    (org, rule, series): (OrgId, &Rule, &SeriesRule),
    moments: &[TimeMs],
    show: Show<'_>,
) -> Result<()> {
    let mut rest = moments;
    let mut groups = 1;
    while let Some(&first) = rest.first() {
        // The first is read by itself, and says which steps its windows have.
        let requests = series.requests(first);
        let frames = read::frames(world, org, requests.clone())?;
        show(series.reduce(first, &frames.iter().collect::<Vec<_>>()))?;
        groups = groups.max(frames.iter().map(|f| f.series.len()).max().unwrap_or(0));
        let steps: Vec<i64> = frames.iter().map(|f| f.step_ms).collect();
        let n = span(&rest[1..], &requests, &steps, groups);
        let (now, later) = rest[1..].split_at(n);
        rest = later;
        let Some(&last) = now.last() else { continue };
        let chunk = Chunk::read(world, org, (series, &steps), (now[0], last))?;
        for &at_ms in now {
            let slid = chunk.as_ref().filter(|chunk| chunk.is_exact(&series.requests(at_ms), at_ms));
            show(match slid {
                Some(chunk) => series.reduce(at_ms, &chunk.frames.iter().collect::<Vec<_>>()),
                None => read::measure(world, org, rule, at_ms)?,
            })?;
        }
    }
    Ok(())
}

/// How many of the moments one read may serve: as long as no column has too many points, nor the frame too many values.
fn span(moments: &[TimeMs], requests: &[Request], steps: &[i64], groups: usize) -> usize {
    let points = POINTS_MAX.min((VALUES_MAX / groups.max(1)) as i64);
    let room = |(request, step): (&Request, &i64)| (points - 4) * step - request.range.len_ms();
    let room_ms = requests.iter().zip(steps).map(room).min().unwrap_or(0);
    let Some(&first) = moments.first() else { return 0 };
    moments.partition_point(|at| at - first <= room_ms)
}

/// The frames of several evaluations, by request.
struct Chunk {
    frames: Vec<Frame>,
    /// Starts of buckets that a later value has changed: a gap was filled towards it.
    filled: Vec<Vec<TimeMs>>,
}

impl Chunk {
    /// None when the range can't be read as the windows are.
    fn read(
        world: &World<'_>,
        org: OrgId,
        (series, steps): (&SeriesRule, &[i64]),
        (first, last): (TimeMs, TimeMs),
    ) -> Result<Option<Self>> {
        let mut chunk = Self { frames: Vec::new(), filled: Vec::new() };
        let ends = series.requests(last);
        for ((begin, end), step) in series.requests(first).into_iter().zip(ends).zip(steps) {
            let range = TimeRange::new(begin.range.start, end.range.end);
            // The step is that of the windows, which a longer range would not have by itself.
            let request = Request { range, now_ms: last, step_ms: Some(*step), ..begin };
            let frame = read::frame(world, org, &request)?;
            let limit = request.row_queries.iter().flat_map(|q| &q.query.group_by).map(|g| g.limit).min();
            // Of more groups than the limit others may be the first ones of each window.
            if frame.step_ms != *step || limit.is_some_and(|limit| frame.series.len() >= limit) {
                return Ok(None);
            }
            let open = match request.queries.is_empty() {
                true => None,
                false => Some(read::frame(world, org, &Request { open_gaps: true, ..request })?),
            };
            chunk.filled.push(open.map(|open| differing(&frame, &open)).unwrap_or_default());
            chunk.frames.push(frame);
        }
        Ok(Some(chunk))
    }

    /// Whether an evaluation at a moment would have seen these buckets.
    fn is_exact(&self, requests: &[Request], at_ms: TimeMs) -> bool {
        requests.iter().zip(&self.filled).all(|(request, filled)| {
            let from = filled.partition_point(|t| *t < at_ms - FILL_MS);
            filled.get(from).is_none_or(|t| *t >= request.range.end)
        })
    }
}

/// Starts of the buckets that are not alike in both frames, sorted.
fn differing(frame: &Frame, open: &Frame) -> Vec<TimeMs> {
    let alike = |a: f64, b: f64| a == b || a.is_nan() && b.is_nan();
    if frame.times != open.times || frame.series.len() != open.series.len() {
        return frame.times.clone();
    }
    let is_unlike = |i: usize| {
        frame
            .series
            .iter()
            .zip(&open.series)
            .any(|(a, b)| a.group != b.group || !alike(a.values[i], b.values[i]))
    };
    (0..frame.times.len()).filter(|i| is_unlike(*i)).map(|i| frame.times[i]).collect()
}

/// Runs of service checks, read for many evaluations at once.
pub(super) fn checks(
    world: &World<'_>,
    org: OrgId,
    rule: &Rule,
    moments: &[TimeMs],
    show: Show<'_>,
) -> Result<()> {
    let mut rest = moments;
    while let Some(&first) = rest.first() {
        let (now, later) = rest.split_at(rest.partition_point(|at| at - first < CHECKS_MS));
        rest = later;
        let range = TimeRange::new(rule.window(first).start, rule.window(now[now.len() - 1]).end);
        let Ask::Checks { rule: check, .. } = rule.ask(first) else {
            return Err(Error::invalid("the rule is not of a service check"));
        };
        let runs = world.source.check_runs(org, &check.check, range)?;
        for &at_ms in now {
            let window = rule.window(at_ms);
            let from = runs.partition_point(|run| run.time_ms < window.start);
            let to = runs.partition_point(|run| run.time_ms < window.end);
            show(check.reduce(at_ms, &runs[from..to.max(from)]))?;
        }
    }
    Ok(())
}
