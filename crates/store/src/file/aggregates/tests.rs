//! Aggregates of chunks that a person can add up.

use super::*;

#[test]
fn a_running_total_counts_resets_from_zero() {
    let a = of(Kind::Cumulative, &[5.0, 8.0, 2.0, 3.0]).unwrap();
    assert_eq!(
        a,
        Aggregates { count: 4, min: 2.0, max: 8.0, sum: 18.0, first: 5.0, last: 3.0, increase: 6.0 }
    );
}

#[test]
fn only_running_totals_have_an_increase() {
    assert_eq!(of(Kind::Gauge, &[1.0, 4.0]).unwrap().increase, 0.0);
}

#[test]
fn store_13_a_staleness_marker_is_in_no_aggregate() {
    let stale = f64::from_bits(STALE_BITS);
    let a = of(Kind::Cumulative, &[stale, 3.0, stale, 4.0, stale]).unwrap();
    assert_eq!((a.count, a.first, a.last, a.sum, a.increase), (2, 3.0, 4.0, 7.0, 1.0));
    assert!(of(Kind::Gauge, &[stale, stale]).is_none());
}

#[test]
fn a_chunk_with_a_nan_is_left_to_decoding() {
    assert!(of(Kind::Gauge, &[1.0, f64::NAN]).is_none());
    assert!(of(Kind::Gauge, &[f64::NAN, 1.0]).is_none());
}
