//! The past of an expression's columns, at a step that fits their season, numbered in the local time of its zone.

use super::Session;
use super::table::{Table, Value};
use crate::Result;
use crate::plan::{Grid, Node, Season, StepRule};
use crate::stat::median;
use hashbrown::HashMap;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use oriel_model::{Kind, TimeMs};
use std::sync::Arc;

const DAY_MS: i64 = 86_400_000;

/// Steps at which a season may be read, in seconds.
const STEPS_S: [i64; 16] =
    [20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 10_800, 14_400, 21_600, 43_200, 86_400];

/// Fewer buckets show no season.
const PERIOD_MIN: i64 = 6;

/// More than the local time of any zone differs from UTC's at two moments.
const OFFSETS_MS: i64 = 7_200_000;

/// How a season is read: its buckets, and how many seasons of them.
#[derive(Clone, Debug)]
pub(super) struct SeasonGrid {
    pub(super) step_ms: i64,
    pub(super) season_ms: i64,
    /// Lengths of its seasons in buckets; a week has days.
    pub(super) periods: Vec<usize>,
    pub(super) seasons: i64,
}

impl SeasonGrid {
    /// For a line of this step; None when its buckets are too coarse for the season.
    pub(super) fn of(season: Season, line_ms: i64) -> Option<Self> {
        let season_ms = season.seconds() * 1000;
        // About 200 to 350 buckets a season; together at most six weeks.
        let (finest_s, seasons) = match season {
            Season::Hourly => (20, 12),
            Season::Daily => (300, 7),
            Season::Weekly => (1800, 5),
        };
        let wanted = line_ms.max(finest_s * 1000);
        let fits = |step: &i64| *step >= wanted && season_ms % step == 0 && season_ms / step >= PERIOD_MIN;
        let step_ms = STEPS_S.iter().map(|s| s * 1000).find(fits)?;
        let mut periods = Vec::new();
        if season == Season::Weekly && DAY_MS / step_ms >= PERIOD_MIN {
            periods.push((DAY_MS / step_ms) as usize);
        }
        periods.push((season_ms / step_ms) as usize);
        Some(Self { step_ms, season_ms, periods, seasons })
    }

    pub(super) fn period(&self) -> usize {
        self.periods.last().copied().unwrap_or(1)
    }
}

/// Local time, in which days begin at midnight.
pub(super) struct LocalTime<'a> {
    pub(super) zone: &'a TimeZone,
}

impl LocalTime<'_> {
    pub(super) fn of(&self, at: TimeMs) -> i64 {
        if *self.zone == TimeZone::UTC {
            return at;
        }
        let offset = |t| i64::from(self.zone.to_offset(t).seconds()) * 1000;
        at + Timestamp::from_millisecond(at).map_or(0, offset)
    }
}

/// What a read of history covers.
pub(super) struct Span<'a> {
    pub(super) step_ms: i64,
    /// Local; a multiple of the step.
    pub(super) from_local_ms: i64,
    pub(super) time: LocalTime<'a>,
    pub(super) zero_counts: bool,
}

/// Values by group; `values[i]` is that of the local bucket `first + i`.
pub(super) struct History {
    pub(super) first: i64,
    pub(super) columns: HashMap<Arc<[String]>, Vec<f64>>,
}

impl Session<'_> {
    /// Reads the input over the span up to the grid's end. Notes of this read say nothing about the answer and are left out.
    pub(super) fn history(
        &mut self,
        input: &Node,
        grid: Grid,
        span: &Span<'_>,
        rule: &mut StepRule,
    ) -> Result<History> {
        let data = grid.data();
        let back_ms = span.time.of(data.start) - span.from_local_ms + OFFSETS_MS;
        let start_ms = (grid.start_ms - back_ms).div_euclid(span.step_ms) * span.step_ms;
        let end_ms = grid.start_ms + grid.len as i64 * grid.step_ms;
        let len = (end_ms - start_ms + span.step_ms - 1).div_euclid(span.step_ms).max(1) as usize;
        let coarse = Grid { start_ms, step_ms: span.step_ms, len, before: 0, shift_ms: grid.shift_ms };
        let (noted, ruled) = (self.notes.len(), rule.notes.len());
        let value = self.eval(input, coarse, rule)?;
        self.notes.truncate(noted);
        rule.notes.truncate(ruled);
        match value {
            Value::Table(table) => Ok(self.numbered(table, span)),
            Value::Number(_) => Ok(History { first: 0, columns: HashMap::new() }),
        }
    }

    fn numbered(&self, table: Table, span: &Span<'_>) -> History {
        let first = span.from_local_ms.div_euclid(span.step_ms);
        let data = table.grid.data();
        let middle = |i: usize| data.start + i as i64 * table.grid.step_ms + table.grid.step_ms / 2;
        let places: Vec<i64> =
            (0..table.grid.len).map(|i| span.time.of(middle(i)).div_euclid(span.step_ms) - first).collect();
        let len = places.iter().copied().max().map_or(0, |last| (last + 1).max(0) as usize);
        let begun = |i: usize| data.start + i as i64 * table.grid.step_ms < self.now_ms;
        let mut columns = HashMap::with_capacity(table.columns.len());
        for column in table.columns {
            let zeros = span.zero_counts && column.kind != Kind::Gauge;
            let mut values = vec![f64::NAN; len];
            let mut is_known = false;
            for (i, value) in column.values.iter().enumerate() {
                is_known |= !value.is_nan();
                let value = if zeros && value.is_nan() && is_known && begun(i) { 0.0 } else { *value };
                // The hour that a change of clocks repeats counts once; one that it leaves out is a gap.
                if let Some(slot) = usize::try_from(places[i]).ok().and_then(|at| values.get_mut(at)) {
                    *slot = if slot.is_nan() { value } else { *slot };
                }
            }
            columns.insert(column.group, values);
        }
        History { first, columns }
    }
}

/// What coarse values are multiplied with to be those of the line's own buckets: 1, or the ratio of the steps where the values
/// are sums over their buckets. The values themselves tell which.
pub(super) fn calibrated(lines: &Table, history: &History, span: &Span<'_>) -> f64 {
    let ratio = lines.grid.step_ms as f64 / span.step_ms as f64;
    let data = lines.grid.data();
    let place = |i: usize| {
        span.time.of(data.start + i as i64 * lines.grid.step_ms).div_euclid(span.step_ms) - history.first
    };
    let places: Vec<i64> = (0..lines.grid.len).map(place).collect();
    let found = median(lines.columns.iter().filter_map(|column| {
        let coarse = history.columns.get(&column.group)?;
        let pairs = column.values.iter().zip(&places).filter_map(|(fine, place)| {
            let coarse = coarse.get(usize::try_from(*place).ok()?)?;
            (fine.is_finite() && coarse.is_finite()).then(|| (fine.abs(), coarse.abs()))
        });
        let (fine, coarse) = pairs.fold((0.0, 0.0), |(a, b), (fine, coarse)| (a + fine, b + coarse));
        Some(fine / coarse)
    }));
    if found > 0.0 && (found / ratio).ln().abs() < found.ln().abs() { ratio } else { 1.0 }
}
