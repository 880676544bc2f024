//! Spans, sizes and times as people write them.

use super::*;

#[test]
fn spans() {
    let cases = [
        ("90s", 90_000),
        ("15m", 900_000),
        ("36h", 129_600_000),
        ("30d", 2_592_000_000),
        ("15mo", 40_176_000_000),
    ];
    for (text, ms) in cases {
        assert_eq!(span_ms(text), Ok(ms), "{text}");
    }
    for bad in ["", "15", "d", "-1d", "0s", "1.5h", "99999999999999999y", "3 apples"] {
        assert!(span_ms(bad).is_err(), "{bad}");
    }
}

#[test]
fn sizes() {
    assert_eq!(size_bytes("512MiB"), Ok(512 << 20));
    assert_eq!(size_bytes("4 GiB"), Ok(4 << 30));
    assert_eq!(size_bytes("2gb"), Ok(2_000_000_000));
    assert_eq!(size_bytes("1000"), Ok(1000));
    assert!(size_bytes("lots").is_err() && size_bytes("0").is_err());
}

#[test]
fn times() {
    assert_eq!(time_s("now", 100), Ok(100));
    assert_eq!(time_s("now-1m", 100), Ok(40));
    assert_eq!(time_s("1700000000", 100), Ok(1_700_000_000));
    assert_eq!(time_s("1700000000000", 100), Ok(1_700_000_000));
    assert!(time_s("yesterday", 100).is_err() && time_s("now+1h", 100).is_err());
}
