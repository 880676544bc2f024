//! Datadog's naming rules, which its decoders apply before identity and its query language applies to literals.
//!
//! Tags: lower case; letters and digits of any script, `_ - : . /` stay, anything else becomes `_`; cut at 200 characters.
//! Metric names: ASCII letters, digits, `_` and `.` stay, anything else becomes `_`; what comes before the first letter
//! goes; the case stays. Both maps are idempotent and borrow what is already in order.

use std::borrow::Cow;

/// Datadog's longest tag, in characters; longer ones are cut.
pub const TAG_CHARS_MAX: usize = 200;

/// The tag as Datadog stores it.
pub fn normalise_tag(tag: &str) -> Cow<'_, str> {
    let plain =
        |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-' | b':' | b'.' | b'/');
    if tag.len() <= TAG_CHARS_MAX && tag.bytes().all(plain) {
        return Cow::Borrowed(tag);
    }
    let mut out = String::with_capacity(tag.len().min(TAG_CHARS_MAX * 4));
    let mapped = tag.trim().chars().flat_map(char::to_lowercase).map(|c| match c {
        '_' | '-' | ':' | '.' | '/' => c,
        // Accents and vowel signs are no letters to Unicode; keeping what is not ASCII loses none of them.
        c if c.is_alphanumeric() || (!c.is_ascii() && !c.is_whitespace() && !c.is_control()) => c,
        _ => '_',
    });
    out.extend(mapped.take(TAG_CHARS_MAX));
    Cow::Owned(out)
}

/// The metric's name as Datadog stores it; `None` when it has no letter.
pub fn normalise_metric(name: &str) -> Option<Cow<'_, str>> {
    let first = name.bytes().position(|b| b.is_ascii_alphabetic())?;
    let name = &name[first..];
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.');
    if name.bytes().all(plain) {
        return Some(Cow::Borrowed(name));
    }
    let mapped = name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '_' });
    Some(Cow::Owned(mapped.collect()))
}

#[cfg(test)]
mod tests;
