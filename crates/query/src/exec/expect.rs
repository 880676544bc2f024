//! `anomalies(q, 'agile' | 'robust', …)`: what is expected of each bucket, from the seasons before it.
//!
//! The expectation is learnt at a step that fits the season and laid on the line's own grid, so that a chart of an hour and one of
//! a week know the same days. What a bucket is expected to be never depends on values after it.

use super::Session;
use super::history::{History, LocalTime, SeasonGrid, Span, calibrated};
use super::table::{Column, Table, Value};
use crate::Result;
use crate::function::anomaly;
use crate::plan::{Algorithm, Anomalies, Grid, Node, StepRule};
use crate::stat::{Expected, Profile, smooth, spread};
use oriel_model::{Band, Kind};

/// Buckets of the line before the range: they tell how much its own buckets scatter.
const LINE_BACK: usize = 240;

/// Fewer of them tell nothing.
const ERRORS_MIN: usize = 20;

/// Robust bands are learnt anew this often over one answer, at most: each time reads its own seasons.
const BLOCKS_MAX: i64 = 6;

/// What a spread is widened by, since it is itself an estimate from a few seasons: without it one sound point in 250 lies beyond
/// three spreads, with it one in 1,000 (`tests/oracle/test_statistics.py`).
const CAUTION: f64 = 1.2;

/// A column's model.
enum Model {
    /// Each from a local bucket on.
    Profiles(Vec<(i64, Profile)>),
    /// Of the local buckets from the first one on.
    Smooth(i64, Expected),
}

impl Model {
    /// What the middle of a place `part` of a bucket (-0.5 to 0.5) off its middle is expected to be, and the spread around it.
    fn at(&self, place: i64, part: f64) -> Option<(f64, f64)> {
        let (level, season, spread) = match self {
            Self::Profiles(profiles) => {
                let known = profiles.partition_point(|(from, _)| *from <= place).saturating_sub(1);
                let (from, profile) = profiles.get(known)?;
                let (level, season) = profile.at(place - from);
                (level, season, profile.spread)
            }
            Self::Smooth(first, expected) => {
                let at = usize::try_from(place - first).ok()?;
                (*expected.level.get(at)?, *expected.season.get(at)?, *expected.spread.get(at)?)
            }
        };
        let (near, weight) = if part < 0.0 { (season[0], -part) } else { (season[2], part) };
        let middle = level + season[1] + (near - season[1]) * weight;
        middle.is_finite().then_some((middle, spread))
    }
}

/// How a request's columns are modelled.
struct Modelling<'a> {
    spec: &'a Anomalies,
    season: SeasonGrid,
    /// Local starts of the blocks that robust models are learnt for.
    blocks: Vec<i64>,
}

impl<'a> Modelling<'a> {
    /// None when the line's buckets are too coarse for its season.
    fn of(spec: &'a Anomalies, grid: Grid, sent_ms: i64) -> Option<Self> {
        let season = SeasonGrid::of(spec.season, grid.step_ms.max(sent_ms))?;
        let time = LocalTime { zone: &spec.zone };
        let (from, to) = (time.of(grid.data().start), time.of(grid.data().end));
        let seasons = (to - from).div_euclid(season.season_ms) + 1;
        let block = season.season_ms * ((seasons + BLOCKS_MAX - 1) / BLOCKS_MAX);
        let first = from.div_euclid(block) * block;
        let blocks = (0..).map(|i| first + i * block).take_while(|start| *start < to).collect();
        Some(Self { spec, season, blocks })
    }

    fn span(&self) -> Span<'a> {
        let first = self.blocks.first().copied().unwrap_or(0);
        Span {
            step_ms: self.season.step_ms,
            from_local_ms: first - self.season.seasons * self.season.season_ms,
            time: LocalTime { zone: &self.spec.zone },
            zero_counts: self.spec.zero_counts,
        }
    }

    /// A column's model, and the seasons that it knows.
    fn model(&self, first: i64, values: &[f64]) -> Option<(Model, usize)> {
        let period = self.season.period();
        let place = |local: i64| (local.div_euclid(self.season.step_ms) - first).max(0) as usize;
        if self.spec.algorithm == Algorithm::Agile {
            let shown = place(*self.blocks.first()?);
            let known = shown.saturating_sub(values.iter().position(|v| v.is_finite())?) / period;
            let expected = (known >= 2).then(|| smooth(values, period)).flatten()?;
            return Some((Model::Smooth(first, expected), known));
        }
        let mut profiles = Vec::with_capacity(self.blocks.len());
        for block in &self.blocks {
            let end = place(*block).min(values.len());
            let start = end.saturating_sub(self.season.seasons as usize * period);
            if let Some(profile) = Profile::learn(&values[start..end], &self.season.periods) {
                profiles.push((first + end as i64, profile));
            }
        }
        let seasons = profiles.iter().map(|(_, p)| p.seasons).min()?;
        Some((Model::Profiles(profiles), seasons))
    }
}

impl Session<'_> {
    pub(super) fn anomalies(
        &mut self,
        spec: &Anomalies,
        input: &Node,
        grid: Grid,
        rule: &mut StepRule,
    ) -> Result<Value> {
        let modelling = if spec.algorithm == Algorithm::Basic {
            None
        } else {
            Modelling::of(spec, grid, i64::from(self.interval_s(input, grid.data())?) * 1000)
        };
        let back = if modelling.is_some() { LINE_BACK } else { anomaly::WINDOW };
        let mut table = match self.eval(input, grid.looking_back(back), rule)? {
            Value::Table(table) => table,
            number => return Ok(number),
        };
        if spec.zero_counts {
            self.zero_counts(&mut table);
        }
        match modelling {
            Some(modelling) => {
                let span = modelling.span();
                let history = self.history(input, grid, &span, rule)?;
                self.expect(&modelling, &history, &mut table)?;
            }
            None => {
                if spec.algorithm != Algorithm::Basic {
                    let season = spec.season.word();
                    let seconds = grid.step_ms / 1000;
                    self.notes.push(format!(
                        "buckets of {seconds} s show no {season} season; the band is that of 'basic'"
                    ));
                }
                table.columns.iter_mut().for_each(|column| basic(column, spec));
            }
        }
        for column in &mut table.columns {
            column.wrap(|inner| spec.text(inner));
        }
        Ok(Value::Table(table.trimmed(back)))
    }

    fn zero_counts(&self, table: &mut Table) {
        let data = table.grid.data();
        let begun = (self.now_ms - data.start + table.grid.step_ms - 1).div_euclid(table.grid.step_ms).max(0)
            as usize;
        for column in table.columns.iter_mut().filter(|c| c.kind != Kind::Gauge) {
            column.values.iter_mut().take(begun).filter(|v| v.is_nan()).for_each(|v| *v = 0.0);
        }
    }

    /// Gives each column its band, over the buckets before the range too.
    fn expect(&mut self, modelling: &Modelling<'_>, history: &History, table: &mut Table) -> Result<()> {
        let span = modelling.span();
        let scale = calibrated(table, history, &span);
        let places = Places::of(table.grid, &span);
        let mut fewest = usize::MAX;
        for column in &mut table.columns {
            self.check_deadline()?;
            let model =
                history.columns.get(&column.group).and_then(|values| modelling.model(history.first, values));
            match model {
                Some((model, seasons)) => {
                    fewest = fewest.min(seasons);
                    let expected: Vec<Option<(f64, f64)>> =
                        places.each.iter().map(|(place, part)| model.at(*place, *part)).collect();
                    column.band = Some(laid(column, &expected, scale, modelling, places.is_finer));
                }
                None => {
                    fewest = 0;
                    basic(column, modelling.spec);
                }
            }
        }
        let season = modelling.spec.season.word();
        match fewest {
            0 if !table.columns.is_empty() => self.notes.push(format!(
                "less than two {season} seasons of history; where they lack the band is that of 'basic'"
            )),
            1 | 2 => {
                self.notes.push(format!("only two {season} seasons of history; a third makes the band surer"))
            }
            _ => {}
        }
        Ok(())
    }
}

/// Where the line's buckets lie in local buckets of the season.
struct Places {
    each: Vec<(i64, f64)>,
    is_finer: bool,
}

impl Places {
    fn of(grid: Grid, span: &Span<'_>) -> Self {
        let data = grid.data();
        let place = |i: usize| {
            let middle = span.time.of(data.start + i as i64 * grid.step_ms + grid.step_ms / 2);
            let place = middle.div_euclid(span.step_ms);
            let part = (middle - place * span.step_ms) as f64 / span.step_ms as f64 - 0.5;
            (place, part)
        };
        Self { each: (0..grid.len).map(place).collect(), is_finer: grid.step_ms < span.step_ms }
    }
}

fn basic(column: &mut Column, spec: &Anomalies) {
    column.band = Some(anomaly::basic(&column.values, spec.bounds, spec.side));
}

/// The band on the line's grid. Finer buckets scatter more than the season's: those before the range show how much.
fn laid(
    column: &Column,
    expected: &[Option<(f64, f64)>],
    scale: f64,
    modelling: &Modelling<'_>,
    is_finer: bool,
) -> Band {
    let errors: Vec<f64> = column.values[..LINE_BACK.min(column.values.len())]
        .iter()
        .zip(expected)
        .filter_map(|(value, expected)| expected.map(|(middle, _)| value - middle * scale))
        .filter(|error| error.is_finite())
        .collect();
    let own = if is_finer && errors.len() >= ERRORS_MIN { spread(&errors) } else { 0.0 };
    let mut band = Band::unknown(column.values.len(), modelling.spec.side);
    for (i, expected) in expected.iter().enumerate() {
        if let Some((middle, spread)) = expected {
            let (middle, spread) = (middle * scale, (spread * scale).max(own));
            let half = (modelling.spec.bounds * CAUTION * spread).max(anomaly::narrowest(middle));
            band.lower[i] = middle - half;
            band.upper[i] = middle + half;
        }
    }
    band
}
