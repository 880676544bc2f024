//! A log's status in the product's nine words, by Datadog's rule: 0 to 7 are syslog's severities; texts count by how they
//! begin; what nobody knows is `info`.

/// Syslog's severities, by number.
pub(crate) const SEVERITIES: [&str; 8] =
    ["emergency", "alert", "critical", "error", "warn", "notice", "info", "debug"];

/// The status of a text, which may hold a number.
pub(crate) fn status_of(text: &str) -> &'static str {
    let text = text.trim();
    match text.parse::<i64>() {
        Ok(n) => status_of_number(n),
        Err(_) => status_of_word(text).unwrap_or("info"),
    }
}

/// The status of a word, if anybody knows it.
pub(crate) fn status_of_word(text: &str) -> Option<&'static str> {
    let mut start = [0; 5];
    for (to, from) in start.iter_mut().zip(text.bytes()) {
        *to = from.to_ascii_lowercase();
    }
    let status = match start {
        [b'e', b'm', b'e', b'r', b'g'] | [b'f', ..] => "emergency",
        [b'a', ..] => "alert",
        [b'c', ..] => "critical",
        [b'e', ..] => "error",
        [b'w', ..] => "warn",
        [b'n', ..] => "notice",
        [b'i', ..] => "info",
        [b'd' | b't' | b'v', ..] => "debug",
        [b'o' | b's', ..] => "ok",
        _ => return None,
    };
    Some(status)
}

/// Whether a text says no more than its status: `WARNING` is `warn`.
pub(crate) fn says_only(text: &str, status: &str) -> bool {
    let text = text.trim();
    text.eq_ignore_ascii_case(status)
        || (status == "warn" && text.eq_ignore_ascii_case("warning"))
        || (status == "error" && text.eq_ignore_ascii_case("err"))
}

pub(crate) fn status_of_number(n: i64) -> &'static str {
    usize::try_from(n).ok().and_then(|i| SEVERITIES.get(i)).copied().unwrap_or("info")
}
