//! Times as clients write them.

use super::*;

#[test]
fn every_form() {
    let now = 1_763_600_000_000;
    let cases = [
        ("now", Some(now)),
        ("now-15m", Some(now - 900_000)),
        ("now - 2d", Some(now - 2 * 86_400_000)),
        ("1763600000000", Some(now)),
        ("1763600000", Some(now)),
        ("2025-11-20T00:53:20Z", Some(now)),
        ("2025-11-20T01:53:20+01:00", Some(now)),
        ("2025-11-20T00:53:20", Some(now)),
        ("yesterday", None),
        ("now-99999999999999999999d", None),
        ("now-3x", None),
    ];
    for (text, expected) in cases {
        assert_eq!(parse_time(text, now), expected, "{text}");
    }
}
