//! Spans, sizes and times as people write them.

/// Milliseconds of `90s`, `15m`, `36h`, `30d`, `2w`, `15mo` (of 31 days: nothing is dropped a day early), `1y`.
pub(crate) fn span_ms(text: &str) -> Result<i64, String> {
    const DAY_MS: i64 = 24 * 3600 * 1000;
    let bad = || format!("{text:?} is not a span; expected e.g. 90s, 15m, 36h, 30d, 2w, 15mo or 1y");
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(bad)?;
    let number: i64 = text[..end].parse().map_err(|_| bad())?;
    let unit_ms = match text[end..].trim() {
        "s" => 1000,
        "m" | "min" => 60_000,
        "h" => 3_600_000,
        "d" => DAY_MS,
        "w" => 7 * DAY_MS,
        "mo" => 31 * DAY_MS,
        "y" => 366 * DAY_MS,
        _ => return Err(bad()),
    };
    number.checked_mul(unit_ms).filter(|ms| *ms > 0).ok_or_else(bad)
}

/// Bytes of `512MiB`, `4GiB`, `4GB`, `1000000`.
pub(crate) fn size_bytes(text: &str) -> Result<usize, String> {
    let bad = || format!("{text:?} is not a size; expected e.g. 512MiB or 4GiB");
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let number: usize = text[..end].parse().map_err(|_| bad())?;
    let unit = match text[end..].trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kib" => 1 << 10,
        "m" | "mib" => 1 << 20,
        "g" | "gib" => 1 << 30,
        "kb" => 1000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        _ => return Err(bad()),
    };
    number.checked_mul(unit).filter(|n| *n > 0).ok_or_else(bad)
}

/// Seconds since the epoch of `now`, `now-15m`, or a number (milliseconds when it is that long).
pub(crate) fn time_s(text: &str, now_s: i64) -> Result<i64, String> {
    let bad = || format!("{text:?} is not a time; expected now, now-15m, or seconds since the epoch");
    let text = text.trim();
    if let Some(rest) = text.strip_prefix("now") {
        let rest = rest.trim();
        return match rest.strip_prefix('-') {
            Some(span) => Ok(now_s - span_ms(span)? / 1000),
            None if rest.is_empty() => Ok(now_s),
            None => Err(bad()),
        };
    }
    let number: i64 = text.parse().map_err(|_| bad())?;
    // Seconds pass this in the year 5138.
    Ok(if number > 99_999_999_999 { number / 1000 } else { number })
}

#[cfg(test)]
mod tests;
