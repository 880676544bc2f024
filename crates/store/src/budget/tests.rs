//! Pools, and what they refuse.

use super::*;

#[test]
fn store_35_a_query_is_refused_with_the_number_it_needed() {
    let budget = Budget::new(1000);
    let held = budget.reserve_query(100).unwrap();
    match budget.reserve_query(60) {
        Err(Error::QueryMemory { needed: 60, free: 50 }) => {}
        other => panic!("{:?}", other.err()),
    }
    drop(held);
    assert!(budget.reserve_query(150).is_ok());
    assert_eq!(budget.query.used(), 0);
}

#[test]
fn a_request_larger_than_its_pool_goes_alone() {
    let budget = Budget::new(1000);
    let alone = budget.reserve_request(5000).unwrap();
    assert!(matches!(budget.reserve_request(1), Err(Error::Busy { .. })));
    drop(alone);
    assert!(budget.reserve_request(1).is_ok());
}

#[test]
fn thirty_percent_stay_outside() {
    let budget = Budget::new(100_000);
    assert_eq!(budget.pools().iter().map(|p| p.limit).sum::<usize>(), 70_000);
    assert!(Budget::new(16 << 30).seal_bytes() == HEAD_SEAL_BYTES);
    budget.heads.set_used(25_000);
    assert!(matches!(budget.reserve_request(1), Err(Error::Busy { .. })));
}
