//! Texts of ids and cursors, there and back.

use super::*;

#[test]
fn ids_and_cursors_come_back() {
    let id = RowId { time_ns: -5, hash: u64::MAX - 3 };
    assert_eq!(parse_id(&id_text(id)).unwrap(), id);
    for key in
        [Value::Int(1_763_600_000_000_000_123), Value::Text("a".into()), Value::Null, Value::Float(0.5)]
    {
        let cursor = Cursor { key, id, skip: 7 };
        assert_eq!(parse_cursor(&cursor_text(&cursor)).unwrap(), cursor);
    }
}

#[test]
fn what_is_none_is_refused() {
    assert!(parse_id("abc").is_err());
    assert!(parse_cursor("%%%").is_err());
    assert!(parse_cursor(&URL_SAFE_NO_PAD.encode("[1]")).is_err());
}
