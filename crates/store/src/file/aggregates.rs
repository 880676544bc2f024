//! What a chunk knows of itself, so that a coarse rollup need not decode it (STORE 17).
//!
//! Staleness markers are in no aggregate (STORE 13). A chunk that holds another NaN, or nothing but markers, has none:
//! readers decode it.

use crate::Aggregates;
use oriel_model::Kind;

/// Prometheus' staleness marker; any other NaN is a value.
pub(crate) const STALE_BITS: u64 = 0x7ff0_0000_0000_0002;

pub(crate) fn is_stale(value: f64) -> bool {
    value.to_bits() == STALE_BITS
}

/// The aggregates of a chunk's values, in one pass.
pub(crate) fn of(kind: Kind, values: &[f64]) -> Option<Aggregates> {
    let mut live = values.iter().copied().filter(|v| !is_stale(*v));
    let first = live.next().filter(|v| !v.is_nan())?;
    let start =
        Aggregates { count: 1, min: first, max: first, sum: first, first, last: first, increase: 0.0 };
    let all = live.try_fold(start, |mut a, v| {
        if v.is_nan() {
            return None;
        }
        a.count += 1;
        a.min = a.min.min(v);
        a.max = a.max.max(v);
        a.sum += v;
        a.increase += increase(a.last, v);
        a.last = v;
        Some(a)
    })?;
    Some(if kind == Kind::Cumulative { all } else { Aggregates { increase: 0.0, ..all } })
}

/// How much a running total grew between two samples: one that fell started anew from zero.
pub(crate) fn increase(before: f64, after: f64) -> f64 {
    if after < before { after } else { after - before }
}

#[cfg(test)]
mod tests;
