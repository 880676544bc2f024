//! STORE 1: one canonical form.

use super::Tags;
use proptest::prelude::*;

#[test]
fn store_1_sorted_without_duplicates_both_values_kept() {
    let tags = Tags::canonical(["k:b", "a", "k:a", "k:b", "", "k", "k:"]);
    assert_eq!(tags.iter().collect::<Vec<_>>(), ["a", "k", "k:", "k:a", "k:b"]);
    assert_eq!(tags.values("k").collect::<Vec<_>>(), ["", "a", "b"]);
    assert_eq!(tags.value("a"), None);
}

proptest! {
    #[test]
    fn store_1_order_of_arrival_does_not_matter(mut list in prop::collection::vec("[a-c]{0,2}:?[a-c]{0,2}", 0..8)) {
        let forward = Tags::canonical(list.iter().map(String::as_str));
        list.reverse();
        prop_assert_eq!(&forward, &Tags::canonical(list.iter().map(String::as_str)));
        let mut bytes = Vec::new();
        forward.encode(&mut bytes);
        prop_assert_eq!(Tags::decode(&bytes), Some(forward));
    }
}
