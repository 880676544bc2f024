//! Functions of one value, or of the values so far: arithmetic, clamps and cut-offs, default_zero, running sums.

use crate::exec::fill_gaps;
use crate::lang::FillMethod;
use crate::plan::{Fill, Function};
use std::ops::Range;

/// One value; others than pointwise functions leave it as it is.
pub(super) fn number(function: &Function, v: f64) -> f64 {
    let value = match function {
        Function::Abs => v.abs(),
        Function::Log2 => v.log2(),
        Function::Log10 => v.log10(),
        Function::ClampMin(least) => {
            if v < *least {
                *least
            } else {
                v
            }
        }
        Function::ClampMax(most) => {
            if v > *most {
                *most
            } else {
                v
            }
        }
        Function::CutoffMin(least) => {
            if v < *least {
                f64::NAN
            } else {
                v
            }
        }
        Function::CutoffMax(most) => {
            if v > *most {
                f64::NAN
            } else {
                v
            }
        }
        _ => v,
    };
    // A logarithm of zero or less has no value.
    if value.is_finite() { value } else { f64::NAN }
}

/// Zero where there is nothing; a gauge's value holds for the 300 s of interpolation first.
pub(super) fn default_zero(values: &mut [f64], gauge: bool, step_ms: i64) {
    if gauge {
        fill_gaps(values, &[], Fill::new(FillMethod::Last, None), step_ms);
    }
    values.iter_mut().filter(|v| v.is_nan()).for_each(|v| *v = 0.0);
}

/// Running sum over the visible part.
pub(super) fn cumsum(values: &mut [f64], visible: Range<usize>) {
    values[..visible.start].fill(f64::NAN);
    let mut sum = 0.0;
    for v in &mut values[visible] {
        if !v.is_nan() {
            sum += *v;
            *v = sum;
        }
    }
}

/// Area under the line so far: for each pair of neighbouring points their mean times the seconds between them.
pub(super) fn integral(values: &mut [f64], visible: Range<usize>, step_s: f64) {
    values[..visible.start].fill(f64::NAN);
    let mut area = 0.0;
    let mut before: Option<(usize, f64)> = None;
    for (i, v) in values[visible].iter_mut().enumerate() {
        if v.is_nan() {
            continue;
        }
        if let Some((at, earlier)) = before {
            area += (earlier + *v) / 2.0 * (i - at) as f64 * step_s;
        }
        before = Some((i, *v));
        *v = area;
    }
}
