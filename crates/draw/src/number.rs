//! Numbers with their units as the pages write them: `1.5 GiB`, `12 ms`, `3.4k/s`, `97.2 %`.

/// The unit of a chart's values.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Unit {
    /// `bytes`, `time` …
    pub family: String,
    /// `byte`, `millisecond` …
    pub name: String,
    pub short_name: String,
    /// To the family's base unit.
    pub scale_factor: f64,
    /// `s` of a rate per second.
    pub per: Option<String>,
}

/// A value of at least `from` base units is written divided by `divide`.
#[derive(Clone, Copy, Debug)]
struct Step {
    from: f64,
    divide: f64,
    suffix: &'static str,
}

const fn step(from: f64, divide: f64, suffix: &'static str) -> Step {
    Step { from, divide, suffix }
}

static PLAIN: [Step; 6] = [
    step(0.0, 1.0, ""),
    step(1e3, 1e3, "k"),
    step(1e6, 1e6, "M"),
    step(1e9, 1e9, "G"),
    step(1e12, 1e12, "T"),
    step(1e15, 1e15, "P"),
];
static BYTES: [Step; 6] = [
    step(0.0, 1.0, "B"),
    step(1024.0, 1024.0, "KiB"),
    step(1_048_576.0, 1_048_576.0, "MiB"),
    step(1_073_741_824.0, 1_073_741_824.0, "GiB"),
    step(1_099_511_627_776.0, 1_099_511_627_776.0, "TiB"),
    step(1_125_899_906_842_624.0, 1_125_899_906_842_624.0, "PiB"),
];
static BYTES_SI: [Step; 6] = [
    step(0.0, 1.0, "B"),
    step(1e3, 1e3, "kB"),
    step(1e6, 1e6, "MB"),
    step(1e9, 1e9, "GB"),
    step(1e12, 1e12, "TB"),
    step(1e15, 1e15, "PB"),
];
static BITS: [Step; 5] = [
    step(0.0, 1.0, "bit"),
    step(1e3, 1e3, "kbit"),
    step(1e6, 1e6, "Mbit"),
    step(1e9, 1e9, "Gbit"),
    step(1e12, 1e12, "Tbit"),
];
static HERTZ: [Step; 4] =
    [step(0.0, 1.0, "Hz"), step(1e3, 1e3, "kHz"), step(1e6, 1e6, "MHz"), step(1e9, 1e9, "GHz")];
static TIME: [Step; 7] = [
    step(0.0, 1e-9, "ns"),
    step(1e-6, 1e-6, "µs"),
    step(1e-3, 1e-3, "ms"),
    step(1.0, 1.0, "s"),
    step(120.0, 60.0, "min"),
    step(7_200.0, 3_600.0, "h"),
    step(172_800.0, 86_400.0, "d"),
];
static PERCENT: [Step; 1] = [step(0.0, 1.0, "%")];

/// Sizes that the suffixes don't reach are written with an exponent.
const PLAIN_FROM: f64 = 1e-4;
const PLAIN_TO: f64 = 1e18;

/// How the values of one unit are written.
struct Ladder {
    to_base: f64,
    steps: &'static [Step],
    rate: String,
    /// A noun (`connection`): said with a value, left out on axes.
    noun: String,
}

impl Ladder {
    fn of(unit: Option<&Unit>) -> Self {
        let Some(unit) = unit.filter(|u| !u.name.is_empty()) else {
            return Self { to_base: 1.0, steps: &PLAIN, rate: String::new(), noun: String::new() };
        };
        let rate = unit.per.as_ref().map(|per| format!("/{per}")).unwrap_or_default();
        let scale = if unit.scale_factor > 0.0 { unit.scale_factor } else { 1.0 };
        let name = unit.name.trim_end_matches('s');
        let known = |to_base: f64, steps: &'static [Step]| (to_base, steps);
        let found = match name {
            "fraction" => Some(known(100.0, &PERCENT)),
            "percent" => Some(known(1.0, &PERCENT)),
            "kilobyte" | "megabyte" | "gigabyte" | "terabyte" | "petabyte" => Some(known(scale, &BYTES_SI)),
            _ if unit.family == "time" => Some(known(scale, &TIME)),
            _ if unit.short_name == "%" => Some(known(1.0, &PERCENT)),
            _ if name.ends_with("bit") => Some(known(scale, &BITS)),
            _ if name.ends_with("byte") => Some(known(scale, &BYTES)),
            _ if name == "hertz" || unit.family == "frequency" => Some(known(scale, &HERTZ)),
            _ => None,
        };
        match found {
            Some((to_base, steps)) => Self { to_base, steps, rate, noun: String::new() },
            None => {
                let noun = if unit.short_name.is_empty() { &unit.name } else { &unit.short_name };
                Self { to_base: 1.0, steps: &PLAIN, rate, noun: noun.clone() }
            }
        }
    }

    /// The step for values as large as this one, in base units.
    fn step_for(&self, size: f64) -> Step {
        // Zero is written in the unit it came in: `0 s`, not `0 ns`.
        let size = if size == 0.0 && self.steps.len() == TIME.len() { self.to_base } else { size };
        let mut chosen = self.steps[0];
        for step in self.steps.iter().filter(|step| size >= step.from * 0.9995) {
            chosen = *step;
        }
        chosen
    }
}

/// A value with its unit; `–` for no value.
pub fn value_text(value: f64, unit: Option<&Unit>) -> String {
    let ladder = Ladder::of(unit);
    let base = value * ladder.to_base;
    if !base.is_finite() {
        return "–".to_owned();
    }
    let step = ladder.step_for(base.abs());
    let shown = base / step.divide;
    let noun = if ladder.noun.is_empty() { String::new() } else { format!(" {}", ladder.noun) };
    if needs_exponent(shown) && ladder.steps[0].suffix.is_empty() {
        return join(&format!("{base:.2e}"), &format!("{noun}{}", ladder.rate));
    }
    let number = if needs_exponent(shown) { format!("{shown:.2e}") } else { digits(shown) };
    join(&number, &format!("{}{noun}{}", step.suffix, ladder.rate))
}

fn needs_exponent(shown: f64) -> bool {
    let size = shown.abs();
    size > 0.0 && !(PLAIN_FROM..1e6).contains(&size)
}

fn digits(value: f64) -> String {
    let size = value.abs();
    let decimals = match size {
        _ if size >= 100.0 => 0,
        _ if size >= 10.0 => 1,
        _ if size >= 1.0 => 2,
        _ if size >= 0.001 => 3,
        _ => 5,
    };
    trim_zeros(&format!("{value:.decimals$}"))
}

fn trim_zeros(text: &str) -> String {
    let trimmed = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text };
    if trimmed == "-0" { "0".to_owned() } else { trimmed.to_owned() }
}

/// `k`, `M` stand right at the number; units keep their distance.
fn join(number: &str, suffix: &str) -> String {
    let close = suffix.starts_with('/')
        || matches!(
            suffix.as_bytes(),
            [b'k' | b'M' | b'G' | b'T' | b'P'] | [b'k' | b'M' | b'G' | b'T' | b'P', b' ' | b'/', ..]
        );
    match suffix.trim_start() {
        "" => number.to_owned(),
        _ if close => format!("{number}{suffix}"),
        suffix => format!("{number} {suffix}"),
    }
}

/// One axis' way to write its values: all in one step.
pub(crate) struct AxisText {
    /// From values to what is written.
    pub(crate) factor: f64,
    suffix: String,
    exponent: bool,
}

impl AxisText {
    /// For values as large as `top`.
    pub(crate) fn new(unit: Option<&Unit>, top: f64) -> Self {
        let ladder = Ladder::of(unit);
        let base = top.abs() * ladder.to_base;
        let exponent =
            base > 0.0 && !(PLAIN_FROM..PLAIN_TO).contains(&base) && ladder.steps.len() != TIME.len();
        if exponent {
            return Self { factor: 1.0, suffix: String::new(), exponent };
        }
        let step = ladder.step_for(base);
        let suffix = if ladder.noun.is_empty() {
            format!("{}{}", step.suffix, ladder.rate)
        } else {
            step.suffix.to_owned()
        };
        Self { factor: ladder.to_base / step.divide, suffix, exponent }
    }

    /// The tick at `shown` (already multiplied by the factor), with as many decimals as its neighbours need.
    pub(crate) fn tick(&self, shown: f64, gap: f64) -> String {
        if shown == 0.0 || shown.abs() < gap * 1e-6 {
            return "0".to_owned();
        }
        if self.exponent {
            let text = format!("{shown:.1e}");
            return text.replace(".0e", "e");
        }
        let number = trim_zeros(&format!("{shown:.*}", decimals(gap)));
        join(&number, &self.suffix)
    }
}

/// The fewest decimals that write the gap exactly, at most 9.
fn decimals(gap: f64) -> usize {
    (0..9)
        .find(|d| {
            let scaled = gap * 10f64.powi(*d);
            scaled > 0.5 && (scaled - scaled.round()).abs() < 1e-6 * scaled.max(1.0)
        })
        .unwrap_or(9) as usize
}

#[cfg(test)]
mod tests;
