//! What settings show of refused rows.

use super::*;

#[test]
fn counts_by_source_and_reason_and_keeps_the_last_ten() {
    let refused = Refused::default();
    for n in 0..12 {
        let mut rejections = Rejections::default();
        rejections.add(Reason::NotFinite, 2, || format!("example {n}"));
        refused.add("v2_series", &rejections);
    }
    let lines = refused.lines();
    assert_eq!((lines.len(), lines[0].count), (1, 24));
    assert_eq!(lines[0].examples.len(), 10);
    assert_eq!((lines[0].examples[0].as_str(), lines[0].examples[9].as_str()), ("example 2", "example 11"));
    assert_eq!(refused.take_unreported(), [("v2_series", "not_finite", 24)]);
    assert_eq!(refused.take_unreported(), [("v2_series", "not_finite", 0)]);
}
