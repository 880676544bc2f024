//! Nearest rank, with weights and by sketch.

use super::*;

fn of(values: impl IntoIterator<Item = (f64, f64)>) -> Quantiles {
    let mut made = Quantiles::default();
    values.into_iter().for_each(|(value, weight)| made.add(value, weight));
    made
}

#[test]
fn nearest_rank_counts_weights() {
    let plain = of((1..=10).map(|i| (f64::from(i), 1.0)));
    assert_eq!((plain.quantile(0.5), plain.quantile(0.95), plain.quantile(0.0)), (5.0, 10.0, 1.0));
    let weighted = of([(1.0, 1.0), (2.0, 8.0), (3.0, 1.0)]);
    assert_eq!((weighted.quantile(0.1), weighted.quantile(0.11), weighted.quantile(0.95)), (1.0, 2.0, 3.0));
    assert!(Quantiles::default().quantile(0.5).is_nan());
}

#[test]
fn parts_merge_and_a_sketch_stays_within_a_percent() {
    let mut left = of((0..1_000).map(|i| (f64::from(i), 1.0)));
    let mut right = of((1_000..2_000).map(|i| (f64::from(i), 1.0)));
    right.condense();
    assert!(right.is_estimate());
    left.merge(right);
    let p75 = left.quantile(0.75);
    assert!((p75 - 1_499.0).abs() < 15.0, "{p75}");
}
