//! Gaps of a column: filled between two values, after a value, with zeros, or left.

use crate::lang::FillMethod;
use crate::plan::Fill;

/// Fills the gaps of `values`. `stops[i]` says that a staleness marker is the last thing in bucket `i`: nothing is filled from
/// there to the next value. A gap longer than the limit stays open for `linear`; `last` and `zero` fill its beginning.
pub(crate) fn fill_gaps(values: &mut [f64], stops: &[bool], fill: Fill, step_ms: i64) {
    let reach = (fill.limit_ms / step_ms) as usize;
    if fill.method == FillMethod::Null || reach == 0 {
        return;
    }
    let mut last: Option<usize> = None;
    let mut i = 0;
    while i < values.len() {
        if !values[i].is_nan() {
            last = Some(i);
            i += 1;
            continue;
        }
        let Some(from) = last else {
            i += 1;
            continue;
        };
        let end = (i..values.len()).find(|&k| !values[k].is_nan()).unwrap_or(values.len());
        let stop = (from..end).find(|&k| stops.get(k).copied().unwrap_or(false));
        fill_one(values, (from, end), stop, (fill.method, reach));
        i = end;
    }
}

/// One gap: after `from`, before `end` (which may be the end of the column).
fn fill_one(
    values: &mut [f64],
    (from, end): (usize, usize),
    stop: Option<usize>,
    (method, reach): (FillMethod, usize),
) {
    let open_until = stop.map_or(end, |s| s + 1).min(from + reach + 1).min(end);
    match method {
        FillMethod::Linear => {
            if end < values.len() && stop.is_none() && end - from <= reach {
                let (a, b, span) = (values[from], values[end], (end - from) as f64);
                for (k, value) in values[from + 1..end].iter_mut().enumerate() {
                    *value = a + (b - a) * (k + 1) as f64 / span;
                }
            }
        }
        FillMethod::Last => {
            let value = values[from];
            values[(from + 1).min(open_until)..open_until].fill(value);
        }
        FillMethod::Zero => values[(from + 1).min(open_until)..open_until].fill(0.0),
        FillMethod::Null => {}
    }
}
