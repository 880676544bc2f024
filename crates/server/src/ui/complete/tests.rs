//! Cursors between editors and the engine.

use super::*;

#[test]
fn cursors_count_utf16_units_both_ways() {
    let text = "a\u{e9}\u{1f600}b";
    let cases = [(0, 0), (1, 1), (2, 3), (4, 7), (5, 8)];
    for (units, byte) in cases {
        assert_eq!(byte_of(text, units), byte);
        assert_eq!(unit_of(text, byte), units);
    }
    assert_eq!(byte_of(text, 99), text.len());
}
