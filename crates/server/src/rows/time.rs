//! Times as the search APIs take them: `now`, `now-15m`, ISO 8601, or milliseconds since the epoch.

/// Milliseconds; `None` for what is no time.
pub(crate) fn parse_time(text: &str, now_ms: i64) -> Option<i64> {
    let text = text.trim();
    if let Some(rest) = text.strip_prefix("now") {
        return relative(rest.trim(), now_ms);
    }
    if let Ok(n) = text.parse::<i64>() {
        // Seconds are below this until the year 5138, milliseconds above it since 1973.
        return Some(if n.abs() < 100_000_000_000 { n.saturating_mul(1000) } else { n });
    }
    let zoned = text.parse::<jiff::Timestamp>().map(|t| t.as_millisecond());
    zoned.ok().or_else(|| {
        let civil = text.parse::<jiff::civil::DateTime>().ok()?;
        Some(civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_millisecond())
    })
}

/// `-15m`, `+1h`, or nothing.
fn relative(text: &str, now_ms: i64) -> Option<i64> {
    if text.is_empty() {
        return Some(now_ms);
    }
    let (sign, span) = match text.split_at_checked(1)? {
        ("-", span) => (-1, span.trim()),
        ("+", span) => (1, span.trim()),
        _ => return None,
    };
    let digits = span.bytes().take_while(u8::is_ascii_digit).count();
    let n: i64 = span[..digits].parse().ok()?;
    let unit_ms = match &span[digits..] {
        "ms" => 1,
        "s" | "" => 1_000,
        "m" | "min" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        "w" => 7 * 86_400_000,
        "mo" => 30 * 86_400_000,
        "y" => 365 * 86_400_000,
        _ => return None,
    };
    now_ms.checked_add(sign * n.checked_mul(unit_ms)?)
}

#[cfg(test)]
mod tests;
