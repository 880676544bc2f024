//! Bodies within their bounds, and times as texts.

use super::*;

#[test]
fn times_as_texts() {
    assert_eq!(rfc_3339(0), "1970-01-01T00:00:00.000000000Z");
    assert_eq!(rfc_3339(1_709_211_731_500_000_001), "2024-02-29T13:02:11.500000001Z");
    assert_eq!(rfc_3339(1_735_689_599_999_999_999), "2024-12-31T23:59:59.999999999Z");
}

#[test]
fn stamps_only_go_forward() {
    let mut stamps = Stamps::default();
    let first = stamps.next(1_000);
    assert_eq!(first, 1_000_000_000);
    assert_eq!(stamps.next(1_000), first + 1_000);
    assert_eq!(stamps.next(999), first + 2_000, "also when the clock is set back");
}

#[test]
fn bodies_are_bounded_by_rows_and_bytes() {
    let record = |bytes: usize| Record { message: "x".repeat(bytes), ..Record::default() };
    let many = bodies((0..2_500).map(|_| record(1)).collect(), "h");
    assert_eq!(many.iter().map(|(n, _)| *n).collect::<Vec<_>>(), [1_000, 1_000, 500]);
    let large = bodies((0..9).map(|_| record(1_000_000)).collect(), "h");
    assert_eq!(large.iter().map(|(n, _)| *n).collect::<Vec<_>>(), [4, 4, 1]);
}
