//! A Frame as SVG and PNG, for snapshots and mails.
//!
//! One drawing, two forms: the SVG is the drawing, the PNG is that SVG rasterised, so that they can't differ. Fonts are part of the
//! program: a mail looks alike from every machine.
//!
//! Never here: queries, files, sockets.

mod axis;
mod clock;
mod layout;
mod legend;
mod marks;
mod number;
mod paint;
mod path;
mod pixels;
mod states;
mod text;
mod theme;

pub use number::{Unit, value_text};
pub use paint::svg;
pub use pixels::{png, states_png};
pub use states::{State, StateBand, States, states_svg};
pub use theme::Theme;

use oriel_model::{Frame, TimeMs, TimeRange};

/// Logical size; a PNG has twice as many pixels each way.
pub const WIDTH: f64 = 600.0;
pub const HEIGHT: f64 = 240.0;

/// What is drawn. Make it by [`Drawing::of`] and set what else there is to show.
#[derive(Clone, Debug)]
pub struct Drawing<'a> {
    pub frame: &'a Frame,
    pub title: &'a str,
    /// What the values are, where the title does not say it.
    pub subtitle: &'a str,
    pub shape: Shape,
    pub unit: Option<Unit>,
    /// Lines across, and the side beyond them shaded.
    pub thresholds: Vec<Threshold>,
    /// The window that was evaluated, shaded from top to bottom.
    pub window: Option<TimeRange>,
    /// The moment that the drawing is about, an upright line.
    pub moment_ms: Option<TimeMs>,
    /// From here on lines are dashed: they are a forecast.
    pub forecast_from_ms: Option<TimeMs>,
    /// The one series that the drawing is about, by its place in the frame; the others step back.
    pub focus: Option<usize>,
    /// IANA name of the zone of the time axis; UTC when it isn't known.
    pub time_zone: &'a str,
    pub theme: Theme,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shape {
    #[default]
    Lines,
    /// Stacked from zero, for counts.
    Bars,
}

/// A threshold line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Threshold {
    pub value: f64,
    pub level: Level,
    pub beyond: Beyond,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    Critical,
    Warning,
    /// Either level's recovery threshold.
    Recovery,
}

/// The side of a threshold that is bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beyond {
    Above,
    Below,
    /// Only a line.
    Neither,
}

impl<'a> Drawing<'a> {
    /// Light lines in UTC, without marks.
    pub fn of(frame: &'a Frame, title: &'a str) -> Self {
        Self {
            frame,
            title,
            subtitle: "",
            shape: Shape::Lines,
            unit: None,
            thresholds: Vec::new(),
            window: None,
            moment_ms: None,
            forecast_from_ms: None,
            focus: None,
            time_zone: "UTC",
            theme: Theme::Light,
        }
    }
}

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the drawing is not an SVG that can be read: {0}")]
    Svg(String),
    #[error("the drawing can't be written as PNG: {0}")]
    Png(String),
}

pub type Result<T> = std::result::Result<T, Error>;

#[cfg(test)]
mod tests;
