//! `anomalies`, `outliers` and `forecast`: their arguments and options, each with a meaning or an error that names it.

use super::arguments::Arguments;
use super::build::Built;
use super::node::{Function, Node};
use crate::lang::ParseError;
use crate::stat::{Memory, Outlying};
use jiff::tz::TimeZone;
use oriel_model::BandSide;

const MINUTE_S: i64 = 60;
const HOUR_S: i64 = 3_600;
const DAY_S: i64 = 86_400;

/// As far as a history may reach: six weeks.
const HISTORY_S_MAX: i64 = 42 * DAY_S;

/// Widths of bands, and tolerances, in spreads.
const WIDTH_MAX: f64 = 1_000.0;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Season {
    Hourly,
    Daily,
    Weekly,
}

/// What `anomalies()` asks for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Anomalies {
    pub(crate) algorithm: Algorithm,
    pub(crate) bounds: f64,
    pub(crate) side: BandSide,
    /// The step of the answer, as a rollup's.
    pub(crate) interval_s: Option<u32>,
    /// Missing values of counts and rates are 0.
    pub(crate) zero_counts: bool,
    pub(crate) season: Season,
    /// Whose days and weeks they are.
    pub(crate) zone: TimeZone,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    Basic,
    Agile,
    Robust,
}

/// What `outliers()` asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Outliers {
    pub(crate) how: Outlying,
    /// MAD: the part of a column's points that must lie outside; None is DBSCAN.
    pub(crate) share: Option<f64>,
}

/// What `forecast()` asks for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Forecast {
    pub(crate) kind: ForecastKind,
    pub(crate) deviations: f64,
    /// The step at which the history is read.
    pub(crate) interval_s: Option<u32>,
    pub(crate) history_s: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ForecastKind {
    Linear(Memory),
    Seasonal(Season),
}

impl Season {
    pub(crate) fn seconds(self) -> i64 {
        match self {
            Self::Hourly => HOUR_S,
            Self::Daily => DAY_S,
            Self::Weekly => 7 * DAY_S,
        }
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Hourly => "hourly",
            Self::Daily => "daily",
            Self::Weekly => "weekly",
        }
    }
}

impl Anomalies {
    /// How an answer writes it.
    pub(crate) fn text(&self, inner: &str) -> String {
        let algorithm = match self.algorithm {
            Algorithm::Basic => "basic",
            Algorithm::Agile => "agile",
            Algorithm::Robust => "robust",
        };
        format!("anomalies({inner}, '{algorithm}', {})", self.bounds)
    }
}

impl Outliers {
    pub(crate) fn text(&self, inner: &str) -> String {
        let scaled = if self.how.scaled { "scaled" } else { "" };
        let tolerance = self.how.tolerance;
        match self.share {
            None => format!("outliers({inner}, '{scaled}DBSCAN', {tolerance})"),
            Some(share) => format!("outliers({inner}, '{scaled}MAD', {tolerance}, {})", share * 100.0),
        }
    }
}

impl Forecast {
    pub(crate) fn text(&self, inner: &str) -> String {
        let kind = if matches!(self.kind, ForecastKind::Linear(_)) { "linear" } else { "seasonal" };
        format!("forecast({inner}, '{kind}', {})", self.deviations)
    }
}

pub(super) fn anomalies(_: &str, arguments: &mut Arguments, input: Node) -> Built<Node> {
    refuse_inside(&input, "anomalies", arguments.position(), &["anomalies", "outliers", "forecast"])?;
    let algorithm = arguments.word("the algorithm", algorithm, &["'basic'", "'agile'", "'robust'"])?;
    let bounds = if has_positional(arguments) { width(arguments, "bounds")? } else { 2.0 };
    let mut found = Anomalies {
        algorithm,
        bounds,
        side: BandSide::Both,
        interval_s: None,
        zero_counts: false,
        season: Season::Daily,
        zone: TimeZone::UTC,
    };
    let names = ["direction", "alert_window", "interval", "count_default_zero", "seasonality", "timezone"];
    for (name, value, position) in arguments.options_at(&names)? {
        let bad = |expected: &[&str]| bad_value(position, "anomalies", &name, &value, expected);
        match name.as_str() {
            "direction" => found.side = side(&value).ok_or_else(|| bad(&["both", "above", "below"]))?,
            // Read by monitors: the part of the evaluated time that the threshold counts in.
            "alert_window" => {
                let span = value.strip_prefix("last_").and_then(seconds);
                span.filter(|s| *s <= HISTORY_S_MAX).ok_or_else(|| bad(&["last_15m", "last_1h"]))?;
            }
            "interval" => {
                found.interval_s = Some(interval(&value).ok_or_else(|| bad(&["seconds, 1 to 86400"]))?)
            }
            "count_default_zero" => {
                found.zero_counts = truth(&value).ok_or_else(|| bad(&["true", "false"]))?
            }
            "seasonality" if algorithm == Algorithm::Basic => {
                let message = "anomalies(…) with 'basic' knows no season; 'agile' and 'robust' do";
                return Err(ParseError::new(position, message, &["'agile'", "'robust'"]));
            }
            "seasonality" => {
                found.season = season(&value).ok_or_else(|| bad(&["hourly", "daily", "weekly"]))?
            }
            _ => found.zone = zone(&value).ok_or_else(|| bad(&["UTC", "Europe/Berlin"]))?,
        }
    }
    Ok(apply(Function::Anomalies(Box::new(found)), input))
}

pub(super) fn outliers(_: &str, arguments: &mut Arguments, input: Node) -> Built<Node> {
    refuse_inside(&input, "outliers", arguments.position(), &["anomalies", "outliers", "forecast"])?;
    let words = ["'DBSCAN'", "'MAD'", "'scaledDBSCAN'", "'scaledMAD'"];
    let (is_mad, scaled) = arguments.word("the algorithm", outlier_algorithm, &words)?;
    let tolerance = if has_positional(arguments) { width(arguments, "a tolerance")? } else { 3.0 };
    let mut share = is_mad.then_some(PERCENT_DEFAULT / 100.0);
    if has_positional(arguments) {
        let position = arguments.position();
        let percent = arguments.number("a percentage")?;
        if !is_mad {
            let message =
                "outliers(…) takes a percentage with 'MAD' and 'scaledMAD' only: DBSCAN compares whole lines";
            return Err(ParseError::new(position, message, &["\")\""]));
        }
        if !(percent > 0.0 && percent <= 100.0) {
            let message = "outliers(…) takes a percentage above 0 and at most 100";
            return Err(ParseError::new(position, message, &["a percentage"]));
        }
        share = Some(percent / 100.0);
    }
    Ok(apply(Function::Outliers(Outliers { how: Outlying { tolerance, scaled }, share }), input))
}

/// Points outside that make an outlier of a column unless asked.
const PERCENT_DEFAULT: f64 = 20.0;

/// Results of these are no measurements whose future could be told.
const NOT_FORECAST: [&str; 8] = [
    "anomalies",
    "cumsum",
    "forecast",
    "integral",
    "outliers",
    "piecewise_constant",
    "robust_trend",
    "trend_line",
];

pub(super) fn forecast(_: &str, arguments: &mut Arguments, input: Node) -> Built<Node> {
    refuse_inside(&input, "forecast", arguments.position(), &NOT_FORECAST)?;
    let is_linear = arguments.word("the algorithm", linear, &["'linear'", "'seasonal'"])?;
    let deviations = width(arguments, "deviations")?;
    let kind =
        if is_linear { ForecastKind::Linear(Memory::Fading) } else { ForecastKind::Seasonal(Season::Daily) };
    let mut found = Forecast { kind, deviations, interval_s: None, history_s: None };
    for (name, value, position) in arguments.options_at(&["interval", "history", "model", "seasonality"])? {
        let bad = |expected: &[&str]| bad_value(position, "forecast", &name, &value, expected);
        match (name.as_str(), is_linear) {
            ("interval", _) => found.interval_s = Some(interval(&value).ok_or_else(|| bad(&["60m", "1h"]))?),
            ("history", _) => {
                let known = seconds(&value).filter(|s| *s <= HISTORY_S_MAX);
                found.history_s = Some(known.ok_or_else(|| bad(&["1w", "3d", "at most 6w"]))? as u32);
            }
            ("model", true) => {
                let memory = memory(&value).ok_or_else(|| bad(&["default", "simple", "reactive"]))?;
                found.kind = ForecastKind::Linear(memory);
            }
            ("seasonality", false) => {
                let season = season(&value).ok_or_else(|| bad(&["hourly", "daily", "weekly"]))?;
                found.kind = ForecastKind::Seasonal(season);
            }
            (name, _) => {
                let other = if is_linear { "seasonal" } else { "linear" };
                let message = format!("forecast(…) has the option \"{name}\" with '{other}' only");
                return Err(ParseError::new(position, message, &["interval", "history"]));
            }
        }
    }
    Ok(apply(Function::Forecast(Box::new(found)), input))
}

fn apply(function: Function, input: Node) -> Node {
    Node::Apply { function, input: Box::new(input) }
}

fn has_positional(arguments: &Arguments) -> bool {
    !arguments.is_empty() && !arguments.has_option()
}

fn width(arguments: &mut Arguments, what: &str) -> Built<f64> {
    let position = arguments.position();
    let number = arguments.number(what)?;
    if number > 0.0 && number <= WIDTH_MAX {
        return Ok(number);
    }
    let message = format!("{}(…) takes {what} above 0 and at most 1,000", arguments.function());
    Err(ParseError::new(position, message, &[what]))
}

fn bad_value(position: usize, function: &str, name: &str, value: &str, expected: &[&str]) -> ParseError {
    ParseError::new(position, format!("{function}(…) does not know {name} \"{value}\""), expected)
}

/// An error when one of these functions stands anywhere inside.
fn refuse_inside(input: &Node, outer: &str, position: usize, refused: &[&str]) -> Built<()> {
    let mut found = None;
    input.functions(&mut |function| {
        let name = function.statistic();
        found = found.or(name.filter(|name| refused.contains(name)));
    });
    match found {
        Some(inner) => {
            Err(ParseError::new(position, format!("{outer}(…) can't be put around {inner}(…)"), &[]))
        }
        None => Ok(()),
    }
}

fn algorithm(word: &str) -> Option<Algorithm> {
    Some(match word {
        "basic" => Algorithm::Basic,
        "agile" => Algorithm::Agile,
        "robust" => Algorithm::Robust,
        _ => return None,
    })
}

/// Whether it is MAD, and whether it is scaled.
fn outlier_algorithm(word: &str) -> Option<(bool, bool)> {
    Some(match word.to_ascii_lowercase().as_str() {
        "dbscan" => (false, false),
        "mad" => (true, false),
        "scaleddbscan" => (false, true),
        "scaledmad" => (true, true),
        _ => return None,
    })
}

fn linear(word: &str) -> Option<bool> {
    match word {
        "linear" => Some(true),
        "seasonal" => Some(false),
        _ => None,
    }
}

fn memory(word: &str) -> Option<Memory> {
    Some(match word {
        "default" => Memory::Fading,
        "simple" => Memory::Whole,
        "reactive" => Memory::Recent,
        _ => return None,
    })
}

fn side(word: &str) -> Option<BandSide> {
    Some(match word {
        "both" => BandSide::Both,
        "above" => BandSide::Above,
        "below" => BandSide::Below,
        _ => return None,
    })
}

fn season(word: &str) -> Option<Season> {
    Some(match word {
        "hourly" => Season::Hourly,
        "daily" => Season::Daily,
        "weekly" => Season::Weekly,
        _ => return None,
    })
}

fn truth(word: &str) -> Option<bool> {
    match word {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

fn zone(name: &str) -> Option<TimeZone> {
    if name.eq_ignore_ascii_case("utc") { Some(TimeZone::UTC) } else { TimeZone::get(name).ok() }
}

fn interval(text: &str) -> Option<u32> {
    let found = text.parse::<i64>().ok().or_else(|| seconds(text))?;
    u32::try_from(found).ok().filter(|s| (1..=DAY_S as u32).contains(s))
}

/// `60m`, `1w`, `1mo` (28 days), above zero.
fn seconds(text: &str) -> Option<i64> {
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let number: i64 = text[..text.len() - unit.len()].parse().ok().filter(|n| (1..=1_000_000).contains(n))?;
    let scale = match unit {
        "s" => 1,
        "m" => MINUTE_S,
        "h" => HOUR_S,
        "d" => DAY_S,
        "w" => 7 * DAY_S,
        "mo" => 28 * DAY_S,
        _ => return None,
    };
    Some(number * scale)
}
