//! Retries are told from new requests, within bounds of time and number.

use super::*;
use oriel_model::ManualClock;

fn table(at: TimeMs) -> (Arc<ManualClock>, Arc<Digests>) {
    let clock = Arc::new(ManualClock::at(at));
    (clock.clone(), Digests::new(clock))
}

fn store(digests: &Arc<Digests>, digest: u128) {
    match digests.begin(digest).unwrap() {
        Known::New(entry) => entry.stored(),
        Known::Repeated => panic!("{digest} is known"),
    }
}

#[test]
fn store_12_one_of_two_equal_requests_at_once_is_told_to_come_again() {
    let (_, digests) = table(0);
    let Known::New(first) = digests.begin(9).unwrap() else { panic!("known") };
    assert!(matches!(digests.begin(9), Err(Error::Busy { .. })));
    drop(first);
    let Known::New(again) = digests.begin(9).unwrap() else { panic!("a request that failed is new") };
    again.stored();
    assert!(matches!(digests.begin(9), Ok(Known::Repeated)));
}

#[test]
fn the_table_is_bounded_and_forgets_the_oldest() {
    let (_, digests) = table(0);
    for digest in 1..=REQUESTS_MAX as u128 + 10 {
        store(&digests, digest);
    }
    assert_eq!(digests.len(), REQUESTS_MAX);
    store(&digests, 1);
    assert_eq!(digests.export().len(), SEALED_MAX * 24);
}

#[test]
fn what_is_exported_comes_back_with_its_time() {
    let (clock, digests) = table(1000);
    store(&digests, 5);
    clock.advance(1000);
    store(&digests, 6);
    let (later, other) = table(1000 + MEMORY_MS + 500);
    other.import(&digests.export());
    assert!(matches!(other.begin(6), Ok(Known::Repeated)));
    assert!(matches!(other.begin(5), Ok(Known::New(_))), "older than ten minutes");
    later.advance(1000);
    assert!(matches!(other.begin(6), Ok(Known::New(_))));
    other.import(&[1, 2, 3]);
}
