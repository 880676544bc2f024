//! `forecast(q, 'linear' | 'seasonal', deviations, …)`: buckets from now on hold what the past lets expect, in its band.

use super::Session;
use super::history::{History, LocalTime, SeasonGrid, Span, calibrated};
use super::table::{Column, Table, Value};
use crate::Result;
use crate::function::anomaly;
use crate::plan::{Forecast, ForecastKind, Grid, Node, Season, StepRule};
use crate::stat::{Profile, Trend};
use jiff::tz::TimeZone;
use oriel_model::{Band, BandSide};

/// Lines know no zone; seasons of a forecast are those of UTC.
static UTC: TimeZone = TimeZone::UTC;

/// Points of the history that a line is drawn through.
const POINTS: i64 = 500;

/// With fewer the history is read again, finer, over what is stored of it.
const POINTS_MIN: i64 = 48;

/// Fewer buckets tell no future.
const KNOWN_MIN: usize = 8;

/// Buckets of the history, however short the interval is that was asked for: with 100 columns they take 16 MiB.
const BUCKETS_MAX: i64 = 20_000;

/// The history of a line unless asked: a week.
const LINE_HISTORY_MS: i64 = 7 * 86_400_000;

/// Buckets of the line before the range that tell how its values relate to those of the history.
const LINE_BACK: usize = 30;

/// A forecast of one input on the line's grid.
struct Asked<'a> {
    spec: &'a Forecast,
    input: &'a Node,
    grid: Grid,
}

/// What a column's future is told by.
enum Future {
    Line(Trend),
    Season(Box<Profile>),
}

impl Future {
    /// The expected value and its spread, so many buckets of the history behind its end.
    fn at(&self, after: f64) -> (f64, f64) {
        match self {
            // A bucket stands for its middle.
            Self::Line(trend) => (trend.at(after - 0.5), trend.spread_at(after - 0.5)),
            Self::Season(profile) => {
                let (level, season) = profile.at(after.floor() as i64);
                let part = after - after.floor() - 0.5;
                let near = if part < 0.0 { season[0] } else { season[2] };
                // Each further season is one more step of the level's own way.
                let seasons = 1.0 + (after / profile.len() as f64).max(0.0) / profile.seasons as f64;
                (level + season[1] + (near - season[1]) * part.abs(), profile.spread * seasons.sqrt())
            }
        }
    }
}

/// Places that a longer bucket is the mean of; the finest season under the coarsest line has more and is sampled.
const SAMPLES_MAX: f64 = 200.0;

impl Future {
    /// The same of a bucket of the line, which begins so far behind the end and is so long.
    fn over(&self, after: f64, len: f64) -> (f64, f64) {
        let samples = len.round().clamp(1.0, SAMPLES_MAX);
        let at = |i: usize| self.at(after + (i as f64 + 0.5) * len / samples);
        let each = (0..samples as usize).map(at);
        let (value, spread) = each.fold((0.0, 0.0_f64), |(sum, widest), (v, s)| (sum + v, widest.max(s)));
        (value / samples, spread)
    }
}

impl Session<'_> {
    pub(super) fn forecast(
        &mut self,
        spec: &Forecast,
        input: &Node,
        grid: Grid,
        rule: &mut StepRule,
    ) -> Result<Value> {
        let mut table = match self.eval(input, grid.looking_back(LINE_BACK), rule)? {
            Value::Table(table) => table,
            number => return Ok(number),
        };
        let data = table.grid.data();
        let future = (0..table.grid.len).find(|i| data.start + *i as i64 * table.grid.step_ms >= self.now_ms);
        match future {
            Some(from) => self.foresee(&Asked { spec, input, grid }, &mut table, from, rule)?,
            None => self.notes.push("the range ends in the past: there is nothing to forecast".to_owned()),
        }
        for column in &mut table.columns {
            column.wrap(|inner| spec.text(inner));
        }
        Ok(Value::Table(table.trimmed(LINE_BACK)))
    }

    fn foresee(
        &mut self,
        asked: &Asked<'_>,
        table: &mut Table,
        from: usize,
        rule: &mut StepRule,
    ) -> Result<()> {
        let spec = asked.spec;
        let Some((history, span, periods)) = self.past(asked, rule)? else { return Ok(()) };
        let scale = calibrated(table, &history, &span);
        let data = table.grid.data();
        let mut unknown = 0;
        for column in &mut table.columns {
            self.check_deadline()?;
            let values = history.columns.get(&column.group).map_or(&[][..], Vec::as_slice);
            // Buckets that have ended; the one of now tells only a part.
            let ended =
                (self.now_ms.div_euclid(span.step_ms) - history.first).clamp(0, values.len() as i64) as usize;
            let end_ms = (history.first + ended as i64) * span.step_ms;
            let future = learnt(spec, &values[..ended], &periods);
            unknown += usize::from(future.is_none());
            // The bucket of now holds what has come of it; when nothing has, it is foreseen too.
            let from = if from > 0 && column.values[from - 1].is_nan() { from - 1 } else { from };
            let Some(future) = future else {
                column.values[from..].fill(f64::NAN);
                continue;
            };
            let line_ms = table.grid.step_ms;
            let after = |i: usize| (data.start + i as i64 * line_ms - end_ms) as f64 / span.step_ms as f64;
            draw(column, from, spec.deviations, |i| {
                let (value, spread) = future.over(after(i), line_ms as f64 / span.step_ms as f64);
                (value * scale, spread * scale)
            });
        }
        if unknown > 0 {
            let needed = match spec.kind {
                ForecastKind::Linear(_) => "8 points",
                ForecastKind::Seasonal(_) => "two seasons",
            };
            self.notes.push(format!("{unknown} lines have no forecast: it takes {needed} of history"));
        }
        Ok(())
    }

    /// The history, how it was read, and its seasons. None when the line's buckets are too coarse for the season.
    fn past(
        &mut self,
        asked: &Asked<'_>,
        rule: &mut StepRule,
    ) -> Result<Option<(History, Span<'static>, Vec<usize>)>> {
        let (spec, input, grid) = (asked.spec, asked.input, asked.grid);
        let asked_ms = spec.interval_s.map(|s| i64::from(s) * 1000);
        // Finer than its points a line has no steps of its own.
        let sent_ms = i64::from(self.interval_s(input, grid.data())?).max(1) * 1000;
        let history_ms = spec.history_s.map(|s| i64::from(s) * 1000);
        match spec.kind {
            ForecastKind::Linear(_) => {
                let wanted = history_ms.unwrap_or(LINE_HISTORY_MS);
                let step_ms = asked_ms.unwrap_or_else(|| (wanted / POINTS).max(sent_ms) / 1_000 * 1_000);
                let (mut span, mut history) = self.read(asked, (step_ms, wanted), rule)?;
                if asked_ms.is_none()
                    && let Some(known_ms) =
                        known_ms(&history, self.now_ms, step_ms).filter(|ms| *ms < POINTS_MIN * step_ms)
                {
                    let finer = (known_ms / POINTS).max(sent_ms) / 1_000 * 1_000;
                    (span, history) = self.read(asked, (finer, known_ms), rule)?;
                }
                Ok(Some((history, span, Vec::new())))
            }
            ForecastKind::Seasonal(season) => {
                let line_ms = asked_ms.unwrap_or(grid.step_ms.max(sent_ms));
                let Some(seasons) = SeasonGrid::of(season, line_ms)
                    .or_else(|| SeasonGrid::of(season, asked_ms.unwrap_or(sent_ms)))
                else {
                    self.notes.push(coarse(season, asked_ms));
                    return Ok(None);
                };
                let wanted = history_ms.unwrap_or(seasons.seasons * seasons.season_ms);
                let (span, history) = self.read(asked, (seasons.step_ms, wanted), rule)?;
                Ok(Some((history, span, seasons.periods)))
            }
        }
    }

    fn read(
        &mut self,
        asked: &Asked<'_>,
        (step_ms, history_ms): (i64, i64),
        rule: &mut StepRule,
    ) -> Result<(Span<'static>, History)> {
        let (grid, finest_ms) = (asked.grid, history_ms / BUCKETS_MAX / 1_000 * 1_000 + 1_000);
        let step_ms = if history_ms / step_ms > BUCKETS_MAX { finest_ms } else { step_ms };
        let from_local_ms = (self.now_ms - history_ms).div_euclid(step_ms) * step_ms;
        let span = Span { step_ms, from_local_ms, time: LocalTime { zone: &UTC }, zero_counts: false };
        // The future holds nothing to read; what lies between the history and now is read whatever the range is.
        let start_ms = (self.now_ms - grid.shift_ms).div_euclid(step_ms) * step_ms;
        let until = Grid { start_ms, step_ms, len: 1, before: 0, shift_ms: grid.shift_ms };
        let history = self.history(asked.input, until, &span, rule)?;
        Ok((span, history))
    }
}

fn coarse(season: Season, asked_ms: Option<i64>) -> String {
    let seconds = asked_ms.unwrap_or(0) / 1000;
    format!("an interval of {seconds} s shows no {} season: there is no forecast", season.word())
}

/// From the first value of any column to now.
fn known_ms(history: &History, now_ms: i64, step_ms: i64) -> Option<i64> {
    let first =
        history.columns.values().filter_map(|values| values.iter().position(|v| v.is_finite())).min()?;
    Some((now_ms - (history.first + first as i64) * step_ms).max(step_ms))
}

fn learnt(spec: &Forecast, values: &[f64], periods: &[usize]) -> Option<Future> {
    if values.iter().filter(|v| v.is_finite()).count() < KNOWN_MIN {
        return None;
    }
    match spec.kind {
        ForecastKind::Linear(memory) => Trend::fit(values, memory).map(Future::Line),
        ForecastKind::Seasonal(_) => {
            Profile::learn(values, periods).map(|profile| Future::Season(Box::new(profile)))
        }
    }
}

/// The forecast's values in place of what is not known yet, in their band.
fn draw(column: &mut Column, from: usize, deviations: f64, expected: impl Fn(usize) -> (f64, f64)) {
    let mut band = Band::unknown(column.values.len(), BandSide::Both);
    for i in from..column.values.len() {
        column.values[i] = f64::NAN;
        let (value, spread) = expected(i);
        if value.is_finite() {
            let half = (deviations * spread).max(anomaly::narrowest(value));
            column.values[i] = value;
            band.lower[i] = value - half;
            band.upper[i] = value + half;
        }
    }
    column.band = Some(band);
}
