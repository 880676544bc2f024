//! Percent-encoded text to what it stands for.

use std::borrow::Cow;

/// Decodes `%20` and the like; what is no valid code stays as it is, bytes that are no UTF-8 become the replacement character.
pub(crate) fn decode(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let code = (bytes[at] == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        match code.filter(|c| c.bytes().all(|b| b.is_ascii_hexdigit())).map(|c| u8::from_str_radix(c, 16)) {
            Some(Ok(byte)) => {
                out.push(byte);
                at += 3;
            }
            _ => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    Cow::Owned(String::from_utf8_lossy(&out).into_owned())
}
