//! Rate functions: each value against the one before it.

use crate::plan::Delta;

/// Replaces values by their change since the value before, or by their share of a second. The first value has none.
pub(crate) fn apply(delta: Delta, values: &mut [f64], step_s: f64) {
    if delta == Delta::Throughput {
        values.iter_mut().for_each(|v| *v /= step_s);
        return;
    }
    let mut before: Option<(usize, f64)> = None;
    for (i, value) in values.iter_mut().enumerate().filter(|(_, v)| !v.is_nan()) {
        let now = *value;
        *value = match before {
            None => f64::NAN,
            Some((at, earlier)) => change(delta, now - earlier, (i - at) as f64 * step_s),
        };
        before = Some((i, now));
    }
}

/// The same for values that are increases of their bucket already (cumulative series).
pub(super) fn of_increases(delta: Delta, values: &mut [f64], step_s: f64) {
    let factor = match delta {
        Delta::Diff | Delta::MonotonicDiff => 1.0,
        Delta::Rate(scale) => scale / step_s,
        Delta::Derivative => 1.0 / step_s,
        Delta::Throughput => 1.0 / step_s,
    };
    values.iter_mut().for_each(|v| *v *= factor);
}

fn change(delta: Delta, by: f64, seconds: f64) -> f64 {
    match delta {
        Delta::Diff => by,
        Delta::MonotonicDiff => {
            if by >= 0.0 {
                by
            } else {
                f64::NAN
            }
        }
        Delta::Rate(scale) => by / seconds * scale,
        Delta::Derivative => by / seconds,
        Delta::Throughput => f64::NAN,
    }
}
