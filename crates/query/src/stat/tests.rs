//! No column, however odd, ends a statistic or makes it claim what is no number.

use super::*;
use proptest::prelude::*;

fn any_value() -> impl Strategy<Value = f64> {
    prop_oneof![
        6 => -1e3..1e3f64,
        3 => Just(f64::NAN),
        2 => Just(0.0),
        1 => Just(f64::INFINITY),
        1 => Just(1e300),
        1 => Just(-1e300),
    ]
}

proptest! {
    #[test]
    fn any_column_is_survived(values in prop::collection::vec(any_value(), 0..120), period in 0usize..30, ahead in 0i64..50) {
        if let Some(profile) = Profile::learn(&values, &[period]) {
            prop_assert!(profile.spread.is_nan() || profile.spread >= 0.0, "{}", profile.spread);
            let _ = profile.at(ahead);
        }
        if let Some(expected) = smooth(&values, period) {
            prop_assert_eq!(expected.level.len(), values.len());
            prop_assert!(expected.spread.iter().all(|s| s.is_nan() || *s >= 0.0));
        }
        for memory in [Memory::Whole, Memory::Fading, Memory::Recent] {
            if let Some(trend) = Trend::fit(&values, memory) {
                prop_assert!(trend.at(0.0).is_finite());
            }
        }
    }

    #[test]
    fn any_columns_are_compared(
        columns in prop::collection::vec(prop::collection::vec(any_value(), 0..20), 0..10),
        tolerance in 0.001..100.0f64,
        scaled in any::<bool>(),
        share in 0.01..1.0f64,
    ) {
        let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let how = Outlying { tolerance, scaled };
        prop_assert_eq!(dbscan(&columns, how).len(), columns.len());
        prop_assert_eq!(mad(&columns, how, share).len(), columns.len());
    }
}
