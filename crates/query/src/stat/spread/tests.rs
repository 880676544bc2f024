//! Middle and spread against sorted values.

use super::*;
use proptest::prelude::*;

#[test]
fn outliers_move_neither_middle_nor_spread() {
    let values: Vec<f64> = (0..100).map(f64::from).chain([1e9, -1e9, f64::NAN]).collect();
    assert_eq!(median(values.iter().copied()), 49.5);
    assert!((spread(&values) - 25.5 * 1.4826).abs() < 1.0, "{}", spread(&values));
    assert_eq!(spread(&[5.0; 10]), 0.0);
    assert!(spread(&[]).is_nan() && median([]).is_nan());
    let mostly_zero: Vec<f64> = (0..100).map(|i| if i % 10 == 0 { 4.0 } else { 0.0 }).collect();
    assert!(spread(&mostly_zero) > 0.4);
}

proptest! {
    #[test]
    fn median_is_the_sorted_middle(mut values in prop::collection::vec(-1e6..1e6f64, 1..50)) {
        let found = median(values.iter().copied());
        values.sort_by(f64::total_cmp);
        let n = values.len();
        let expected = if n % 2 == 1 { values[n / 2] } else { (values[n / 2 - 1] + values[n / 2]) / 2.0 };
        prop_assert!((found - expected).abs() < 1e-9);
    }
}
