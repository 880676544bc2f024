//! Numbers with units: durations are nanoseconds whatever they are written in, times too.

use oriel_model::{Core, Field};

const UNITS: [(&str, f64); 12] = [
    ("ns", 1.0),
    ("us", 1e3),
    ("µs", 1e3),
    ("μs", 1e3),
    ("ms", 1e6),
    ("s", 1e9),
    ("sec", 1e9),
    ("m", 60e9),
    ("min", 60e9),
    ("h", 3_600e9),
    ("d", 86_400e9),
    ("day", 86_400e9),
];

/// The number a bound means in the field's own unit; `None` when it is a text.
pub(super) fn bound(field: &Field, text: &str) -> Option<f64> {
    match text.parse::<f64>().ok().filter(|x| x.is_finite()) {
        Some(number) if *field == Field::Core(Core::Time) => Some(time_ns(number)),
        Some(number) => Some(number),
        None => duration_ns(text),
    }
}

/// `20ms`, `1.5s`, `-3h`.
pub(super) fn duration_ns(text: &str) -> Option<f64> {
    let split = text.rfind(|c: char| c.is_ascii_digit() || c == '.')? + 1;
    let number: f64 = text[..split].parse().ok()?;
    let (_, factor) = UNITS.iter().find(|(unit, _)| *unit == &text[split..])?;
    Some(number * factor).filter(|x| x.is_finite())
}

/// A time since the epoch in seconds, milliseconds, microseconds or nanoseconds, by how large it is.
fn time_ns(number: f64) -> f64 {
    match number.abs() {
        x if x < 1e11 => number * 1e9,
        x if x < 1e14 => number * 1e6,
        x if x < 1e17 => number * 1e3,
        _ => number,
    }
}
