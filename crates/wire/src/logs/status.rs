//! A log's status in the product's nine words, by Datadog's rule: 0 to 7 are syslog's severities; texts count by how they
//! begin; what nobody knows is `info`.

/// Syslog's severities, by number.
pub(crate) const SEVERITIES: [&str; 8] =
    ["emergency", "alert", "critical", "error", "warn", "notice", "info", "debug"];

/// The status of a text, which may hold a number.
pub(crate) fn status_of(text: &str) -> &'static str {
    let text = text.trim();
    if let Ok(n) = text.parse::<i64>() {
        return status_of_number(n);
    }
    let mut start = [0; 5];
    for (to, from) in start.iter_mut().zip(text.bytes()) {
        *to = from.to_ascii_lowercase();
    }
    match start {
        [b'e', b'm', b'e', b'r', b'g'] | [b'f', ..] => "emergency",
        [b'a', ..] => "alert",
        [b'c', ..] => "critical",
        [b'e', ..] => "error",
        [b'w', ..] => "warn",
        [b'n', ..] => "notice",
        [b'i', ..] => "info",
        [b'd' | b't' | b'v', ..] => "debug",
        [b'o' | b's', ..] => "ok",
        _ => "info",
    }
}

pub(crate) fn status_of_number(n: i64) -> &'static str {
    usize::try_from(n).ok().and_then(|i| SEVERITIES.get(i)).copied().unwrap_or("info")
}
