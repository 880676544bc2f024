//! Syslog: RFC 5424, RFC 3164 and the many forms that are neither, from frames to rows.

pub(crate) fn time_of_3164(_text: &str, _now_ns: i64) -> Option<(i64, usize)> {
    None
}
