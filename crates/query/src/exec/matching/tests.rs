//! Wildcards.

use super::glob;

#[test]
fn a_star_is_any_run() {
    for (pattern, text, expected) in [
        ("*", "", true),
        ("*", "abc", true),
        ("a*", "abc", true),
        ("a*", "bac", false),
        ("*c", "abc", true),
        ("*b*", "abc", true),
        ("a*c", "abc", true),
        ("a*c", "abd", false),
        ("a*bc*d", "abcbcd", true),
        ("ab*ba", "aba", false),
        ("abc", "abc", true),
        ("abc", "abcd", false),
        ("h-01*", "h-019", true),
    ] {
        assert_eq!(glob(pattern, text), expected, "{pattern} {text}");
    }
}
