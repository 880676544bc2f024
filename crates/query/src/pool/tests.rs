//! Every part is done once, with and without helpers, also when one panics.

use super::*;
use std::sync::atomic::AtomicU64;

#[test]
fn each_index_is_worked_once() {
    for threads in [1, 2, 4] {
        let pool = Pool::new(threads);
        let sum = Arc::new(AtomicU64::new(0));
        let inner = Arc::clone(&sum);
        pool.each(1_000, move |i| {
            inner.fetch_add(i as u64, Ordering::Relaxed);
        });
        assert_eq!(sum.load(Ordering::Relaxed), 499_500, "{threads} threads");
    }
}

#[test]
fn a_panicking_part_keeps_nobody_waiting() {
    let pool = Pool::new(2);
    let done = Arc::new(AtomicU64::new(0));
    let inner = Arc::clone(&done);
    pool.each(10, move |i| {
        assert!(i != 3, "a part that fails");
        inner.fetch_add(1, Ordering::Relaxed);
    });
    assert_eq!(done.load(Ordering::Relaxed), 9);
    pool.each(0, |_| {});
}
