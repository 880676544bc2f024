//! Bands of states: a line for each thing, coloured by what it was. For what is judged by states and not by numbers.

use crate::clock::Zone;
use crate::layout::TICK_SIZE;
use crate::paint::{closed, header, opened};
use crate::text::{Anchor, Style, fitted, number, put, width};
use crate::theme::{Ink, Theme};
use crate::{HEIGHT, WIDTH};
use oriel_model::{TimeMs, TimeRange};
use std::fmt::Write as _;

/// Lines that fit; of more the first are drawn and the others counted.
const ROWS_MAX: usize = 9;
const ROW_HEIGHT_MAX: f64 = 30.0;
const NAME_SIZE: f64 = 11.0;
const WORD_SIZE: f64 = 10.0;
const LEGEND: f64 = 22.0;

/// What is drawn.
#[derive(Clone, Debug)]
pub struct States<'a> {
    pub title: &'a str,
    pub subtitle: &'a str,
    pub bands: Vec<StateBand>,
    pub range: TimeRange,
    /// The moment that the drawing is about, an upright line.
    pub moment_ms: Option<TimeMs>,
    /// IANA name of the zone of the time axis; UTC when it isn't known.
    pub time_zone: &'a str,
    pub theme: Theme,
}

/// One thing's states. What no piece covers is not known.
#[derive(Clone, Debug, PartialEq)]
pub struct StateBand {
    pub name: String,
    pub pieces: Vec<(TimeRange, State)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Ok,
    Warn,
    Alert,
    NoData,
    Unknown,
}

impl State {
    const ALL: [Self; 5] = [Self::Alert, Self::Warn, Self::NoData, Self::Unknown, Self::Ok];

    fn word(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Warn => "Warn",
            Self::Alert => "Alert",
            Self::NoData => "No Data",
            Self::Unknown => "Unknown",
        }
    }

    fn colour(self, ink: &'static Ink) -> &'static str {
        match self {
            Self::Ok => ink.recovery,
            Self::Warn => ink.warning,
            Self::Alert => ink.critical,
            Self::NoData | Self::Unknown => ink.dim,
        }
    }

    /// What is well steps back.
    fn opacity(self) -> f64 {
        match self {
            Self::Ok => 0.3,
            Self::NoData | Self::Unknown => 0.55,
            Self::Warn | Self::Alert => 1.0,
        }
    }
}

/// The drawing as SVG of 600 × 240; text is escaped, and every coordinate is a number.
pub fn states_svg(states: &States<'_>) -> String {
    let ink = states.theme.ink();
    let zone = Zone::new(states.time_zone);
    let range = TimeRange::new(states.range.start, states.range.end.max(states.range.start + 1));
    let place = Place::new(states, range);
    let mut out = String::with_capacity(8 << 10);
    opened(&mut out, ink);
    header(&mut out, (states.title, states.subtitle), &zone.range(range), ink);
    ticks(&mut out, &place, &zone, ink);
    for (n, band) in states.bands.iter().take(place.rows).enumerate() {
        band_row(&mut out, band, &place, n, ink);
    }
    if states.bands.is_empty() {
        let style = Style { size: 13.0, colour: ink.dim, anchor: Anchor::Middle, outline: None };
        put(&mut out, WIDTH / 2.0, (place.top + place.bottom) / 2.0, style, "Nothing is known of this time");
    }
    if let Some(at) = states.moment_ms.filter(|at| (range.start..=range.end).contains(at)) {
        let x = place.x(at);
        let _ = write!(
            out,
            "<path d=\"M{x:.2} {:.2}V{:.2}\" stroke=\"{c}\" stroke-width=\"1\"/><path d=\"M{:.2} {:.2}h8l-4 5z\" fill=\"{c}\"/>",
            place.top - 4.0,
            place.bottom,
            x - 4.0,
            place.top - 7.0,
            c = ink.text
        );
    }
    legend(&mut out, states, &place, ink);
    closed(&mut out);
    out
}

/// Where things are.
struct Place {
    range: TimeRange,
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
    rows: usize,
    row: f64,
}

impl Place {
    fn new(states: &States<'_>, range: TimeRange) -> Self {
        let names = states.bands.iter().take(ROWS_MAX).map(|band| width(&band.name, NAME_SIZE));
        let left = (names.fold(40.0, f64::max) + 26.0).min(WIDTH * 0.36);
        let (top, bottom) = (52.0, HEIGHT - 22.0 - LEGEND);
        let rows = states.bands.len().min(ROWS_MAX);
        let row = ((bottom - top) / rows.max(1) as f64).min(ROW_HEIGHT_MAX);
        Self { range, left, right: WIDTH - 14.0, top, bottom, rows, row }
    }

    fn x(&self, at: TimeMs) -> f64 {
        let part = at.saturating_sub(self.range.start) as f64 / self.range.len_ms().max(1) as f64;
        self.left + part.clamp(0.0, 1.0) * (self.right - self.left)
    }
}

fn ticks(out: &mut String, place: &Place, zone: &Zone, ink: &'static Ink) {
    let style =
        Style { size: TICK_SIZE, colour: ink.dim, anchor: Anchor::Middle, outline: Some((ink.dim, 0.2)) };
    for tick in zone.ticks(place.range) {
        let x = place.x(tick.at_ms);
        let _ = write!(
            out,
            "<path d=\"M{x:.2} {:.2}V{:.2}\" stroke=\"{}\" stroke-width=\"1\"/>",
            place.top,
            place.bottom + 4.0,
            ink.grid
        );
        if x + width(&tick.text, TICK_SIZE) / 2.0 <= WIDTH - 4.0 {
            put(out, x, place.bottom + 16.0, style, &tick.text);
        }
    }
}

fn band_row(out: &mut String, band: &StateBand, place: &Place, n: usize, ink: &'static Ink) {
    let top = place.top + n as f64 * place.row;
    let (middle, height) = (top + place.row / 2.0, (place.row - 5.0).max(6.0));
    let name =
        Style { size: NAME_SIZE, colour: ink.text, anchor: Anchor::Start, outline: Some((ink.text, 0.25)) };
    put(out, 14.0, middle + 4.0, name, &fitted(&band.name, NAME_SIZE, place.left - 24.0));
    let _ = write!(
        out,
        "<rect x=\"{:.2}\" y=\"{:.2}\" width=\"{:.2}\" height=\"{height:.2}\" fill=\"{}\"/>",
        place.left,
        middle - height / 2.0,
        place.right - place.left,
        ink.grid
    );
    // The milder first: a minute of trouble is widened over what is well beside it.
    let mut pieces: Vec<&(TimeRange, State)> = band.pieces.iter().collect();
    pieces.sort_by_key(|(_, state)| State::ALL.iter().rev().position(|s| s == state));
    for (range, state) in pieces {
        piece(out, (*range, *state), place, (middle, height), ink);
    }
}

fn piece(
    out: &mut String,
    (range, state): (TimeRange, State),
    place: &Place,
    (middle, height): (f64, f64),
    ink: &'static Ink,
) {
    if range.end <= place.range.start || range.start >= place.range.end {
        return;
    }
    let from = place.x(range.start);
    let thinnest = if state == State::Ok { 0.0 } else { 1.5 };
    let wide = (place.x(range.end) - from).max(thinnest);
    if state != State::Ok {
        // On the panel's own ground, so that half a colour is not mixed with the band under it.
        rect(out, (from, middle - height / 2.0), (wide, height), (ink.panel, 1.0));
    }
    rect(out, (from, middle - height / 2.0), (wide, height), (state.colour(ink), state.opacity()));
    if width(state.word(), WORD_SIZE) + 10.0 <= wide {
        let colour = if state.opacity() < 1.0 { ink.text } else { ink.panel };
        let style = Style { size: WORD_SIZE, colour, anchor: Anchor::Start, outline: Some((colour, 0.2)) };
        put(out, from + 5.0, middle + 3.5, style, state.word());
    }
}

fn rect(out: &mut String, (x, y): (f64, f64), (wide, high): (f64, f64), (fill, opacity): (&str, f64)) {
    for (name, value) in [("<rect x=\"", x), ("\" y=\"", y), ("\" width=\"", wide), ("\" height=\"", high)] {
        out.push_str(name);
        number(out, value);
    }
    let _ = write!(out, "\" fill=\"{fill}\" fill-opacity=\"{opacity}\"/>");
}

/// The states that there are, and how many lines were left out.
fn legend(out: &mut String, states: &States<'_>, place: &Place, ink: &'static Ink) {
    let style =
        Style { size: TICK_SIZE, colour: ink.dim, anchor: Anchor::Start, outline: Some((ink.dim, 0.2)) };
    let (mut x, y) = (14.0, HEIGHT - 9.0);
    for state in State::ALL {
        if !states.bands.iter().flat_map(|band| &band.pieces).any(|(_, s)| *s == state) {
            continue;
        }
        rect(out, (x, y - 8.0), (10.0, 8.0), (state.colour(ink), state.opacity()));
        put(out, x + 15.0, y, style, state.word());
        x += 31.0 + width(state.word(), TICK_SIZE);
    }
    let more = states.bands.len() - place.rows;
    if more > 0 {
        put(out, x, y, style, &format!("and {more} more"));
    }
}
