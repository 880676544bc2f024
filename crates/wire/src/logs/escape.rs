//! JSON's string escapes undone. A lone half of a surrogate pair becomes U+FFFD.

use memchr::memchr;

/// Appends the text of a string without its quotes; `false` for an escape that JSON does not have.
pub(super) fn unescape(raw: &str, out: &mut String) -> bool {
    let mut rest = raw;
    while let Some(n) = memchr(b'\\', rest.as_bytes()) {
        out.push_str(&rest[..n]);
        let Some(&code) = rest.as_bytes().get(n + 1) else { return false };
        let plain = match code {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let Some((c, used)) = unicode(&rest[n..]) else { return false };
                out.push(c);
                rest = &rest[n + used..];
                continue;
            }
            _ => return false,
        };
        out.push(plain);
        rest = &rest[n + 2..];
    }
    out.push_str(rest);
    true
}

/// The character of `\uXXXX` at the start, or of a pair of them, and how many bytes it took.
fn unicode(text: &str) -> Option<(char, usize)> {
    let unit = |at: usize| {
        let escape = text.get(at..at + 6)?.strip_prefix("\\u")?;
        let hex = escape.bytes().all(|b| b.is_ascii_hexdigit());
        hex.then(|| u32::from_str_radix(escape, 16).ok()).flatten()
    };
    let first = unit(0)?;
    if (0xd800..0xdc00).contains(&first)
        && let Some(second) = unit(6).filter(|u| (0xdc00..0xe000).contains(u))
    {
        let code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
        return Some((char::from_u32(code)?, 12));
    }
    Some((char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER), 6))
}
