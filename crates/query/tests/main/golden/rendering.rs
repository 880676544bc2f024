//! An outcome as the indented text of a case file.

use oriel_model::{BandSide, Frame};
use oriel_query::Outcome;

pub(crate) fn outcome(outcome: &Outcome) -> String {
    match &outcome.result {
        Ok(frame) => render(frame),
        Err(error) => {
            let place = error.position().map_or(String::new(), |p| format!(" at {p}"));
            let expected = match error.expected() {
                [] => String::new(),
                list => format!("; expected {}", list.join(" or ")),
            };
            format!("  error{place}: {error}{expected}\n")
        }
    }
}

fn render(frame: &Frame) -> String {
    let seconds = |ms: i64| number(ms as f64 / 1000.0);
    let mut text = format!(
        "  step {} from {}",
        seconds(frame.step_ms),
        seconds(frame.times.first().copied().unwrap_or(0))
    );
    if let Some(open) = frame.incomplete_from {
        text.push_str(&format!(" incomplete from {}", seconds(open)));
    }
    text.push('\n');
    for series in &frame.series {
        let band = |name: &str, values: &[f64]| format!("    {name} {}\n", row(values));
        text.push_str(&format!("  {} = {}\n", series.expression, row(&series.values)));
        if let Some(limits) = &series.band {
            text.push_str(&band("lower", &limits.lower));
            text.push_str(&band("upper", &limits.upper));
            if limits.side != BandSide::Both {
                text.push_str(&format!("    side {:?}\n", limits.side));
            }
        }
        if let Some(outlier) = series.outlier {
            text.push_str(if outlier { "    outlier\n" } else { "    no outlier\n" });
        }
    }
    for note in &frame.notes {
        text.push_str(&format!("  note {note}\n"));
    }
    text
}

/// Values, `_` where there is none; a run of equal ones as `VALUExTIMES`.
fn row(values: &[f64]) -> String {
    let mut words: Vec<(String, usize)> = Vec::new();
    for value in values {
        let word = if value.is_nan() { "_".to_owned() } else { number(*value) };
        match words.last_mut() {
            Some((last, n)) if *last == word => *n += 1,
            _ => words.push((word, 1)),
        }
    }
    let each = words
        .into_iter()
        .map(|(word, n)| if n > 2 { format!("{word}x{n}") } else { vec![word; n].join(" ") });
    each.collect::<Vec<_>>().join(" ")
}

/// Ten significant digits, without the noise behind them.
fn number(value: f64) -> String {
    let short: f64 = format!("{value:.9e}").parse().unwrap_or(value);
    format!("{short}")
}
