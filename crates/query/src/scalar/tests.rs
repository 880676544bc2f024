//! Reducers over columns with gaps.

use super::*;

#[test]
fn reducers_leave_gaps_out() {
    let values = [f64::NAN, 3.0, 4.0, f64::NAN, 1.0, f64::NAN];
    let of = |word: &str| Reducer::from_word(word).expect("a reducer").reduce(&values, 10_000);
    assert_eq!(of("avg"), 8.0 / 3.0);
    assert_eq!((of("min"), of("max"), of("sum"), of("last")), (1.0, 4.0, 8.0, 1.0));
    assert_eq!(of("area"), 80.0);
    assert_eq!(of("l2norm"), 26f64.sqrt());
    assert_eq!((of("percentile"), of("p1"), of("p100")), (3.0, 1.0, 4.0));
    assert!(Reducer::from_word("mode").is_none());
}

#[test]
fn a_column_without_values_has_no_number() {
    for word in ["avg", "min", "max", "sum", "last", "area", "l2norm", "p95"] {
        assert!(Reducer::from_word(word).expect("a reducer").reduce(&[f64::NAN; 3], 1000).is_nan(), "{word}");
    }
}
