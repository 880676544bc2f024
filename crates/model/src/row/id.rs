//! Ids of traces and spans as texts: 32 hexadecimal digits for a trace, 16 for a span; senders also write 64-bit ids in decimal.

/// 32 hexadecimal digits.
pub fn format_trace_id(id: u128) -> String {
    format!("{id:032x}")
}

/// 16 hexadecimal digits.
pub fn format_span_id(id: u64) -> String {
    format!("{id:016x}")
}

/// A trace id as senders and people write it: 32 or 16 hexadecimal digits, or a decimal 64-bit number. `None` for no id,
/// also for the `0` that a logger writes outside of a span.
pub fn parse_trace_id(text: &str) -> Option<u128> {
    let id = match text.len() {
        32 => u128::from_str_radix(text, 16).ok()?,
        _ => u128::from(parse_u64(text)?),
    };
    (id != 0).then_some(id)
}

/// A span id as senders and people write it: 16 hexadecimal digits or a decimal number. Sixteen digits that are all decimal
/// are read as decimal, which the tracers that log decimal ids mean; a caller that knows better parses for itself.
pub fn parse_span_id(text: &str) -> Option<u64> {
    parse_u64(text).filter(|&id| id != 0)
}

fn parse_u64(text: &str) -> Option<u64> {
    if text.is_empty() || text.len() > 20 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    match text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with("00") {
        true => text.parse().ok(),
        false => (text.len() <= 16).then(|| u64::from_str_radix(text, 16).ok()).flatten(),
    }
}
