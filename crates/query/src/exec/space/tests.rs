//! Parts that are merged equal one whole, for every aggregator.

use super::*;
use proptest::prelude::*;

const LEN: usize = 4;

fn value() -> impl Strategy<Value = f64> {
    prop_oneof![3 => -100.0..100.0f64, 1 => Just(f64::NAN)]
}

fn columns(aggregator: Aggregator, series: &[Vec<f64>]) -> GroupColumns {
    let mut columns = GroupColumns::new(aggregator, 2, LEN);
    for (i, values) in series.iter().enumerate() {
        columns.add(i % 2, 0, values);
    }
    columns
}

proptest! {
    #[test]
    fn merged_parts_equal_the_whole(
        series in proptest::collection::vec(proptest::collection::vec(value(), LEN), 0..12),
        half in 0usize..6,
    ) {
        let cut = (half * 2).min(series.len());
        for aggregator in
            [Aggregator::Avg, Aggregator::Sum, Aggregator::Min, Aggregator::Max, Aggregator::Count, Aggregator::Stddev]
        {
            let whole = columns(aggregator, &series);
            let mut merged = columns(aggregator, &series[..cut]);
            merged.merge(&columns(aggregator, &series[cut..]));
            for group in 0..2 {
                for (a, b) in whole.column(group).iter().zip(merged.column(group)) {
                    prop_assert!(a.is_nan() && b.is_nan() || (a - b).abs() < 1e-9, "{aggregator:?}: {a} {b}");
                }
            }
        }
    }
}

#[test]
fn a_column_may_begin_later() {
    let mut columns = GroupColumns::new(Aggregator::Sum, 1, LEN);
    columns.add(0, 2, &[1.0, 2.0]);
    columns.add(0, 0, &[5.0]);
    let column = columns.column(0);
    assert!(column[1].is_nan());
    assert_eq!((column[0], column[2], column[3]), (5.0, 1.0, 2.0));
}

#[test]
fn weights_count_in_sums_and_averages() {
    let mut sum = GroupColumns::new(Aggregator::Sum, 1, 1);
    let mut avg = GroupColumns::new(Aggregator::Avg, 1, 1);
    for (value, weight) in [(10.0, 0.5), (20.0, 0.25)] {
        sum.add_weighted(0, 0, &[value], &[weight]);
        avg.add_weighted(0, 0, &[value], &[weight]);
    }
    assert_eq!((sum.column(0)[0], avg.column(0)[0]), (10.0, 10.0 / 0.75));
}
