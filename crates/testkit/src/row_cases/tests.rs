//! A filter means the same on a row and on the columns of a block.

use super::*;
use proptest::strategy::ValueTree;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn store_30_a_filter_selects_the_rows_it_matches(rows in rows(20), filter in filter()) {
        let selected: Vec<bool> = filter.select(&RowColumns(&rows)).values().iter().collect();
        let matched: Vec<bool> = rows.iter().map(|row| filter.matches(row)).collect();
        prop_assert_eq!(selected, matched);
    }
}

#[test]
fn random_filters_tell_rows_apart() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut telling = 0;
    for _ in 0..200 {
        let case = (rows(20), filter()).new_tree(&mut runner).expect("a case").current();
        let wanted = case.0.iter().filter(|row| case.1.matches(row)).count();
        telling += u32::from(wanted > 0 && wanted < case.0.len());
    }
    assert!(telling > 40, "only {telling} of 200 filters find some rows and not others");
}
