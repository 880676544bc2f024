//! What stands before a message, and the priority that stands before everything.

/// user.notice: what a frame without a priority counts as (RFC 3164, 4.3.3).
const PRIORITY_DEFAULT: u8 = 13;
/// local7.debug.
const PRIORITY_MAX: u8 = 191;

/// A header, read; what is missing is empty.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Header<'a> {
    /// `None` when the frame bears no time.
    pub(super) time_ns: Option<i64>,
    pub(super) host: &'a str,
    pub(super) app: &'a str,
    pub(super) process: &'a str,
    pub(super) message_id: &'a str,
    /// Structured data: `ID.NAME` and value.
    pub(super) data: Vec<(String, String)>,
    pub(super) message: &'a str,
}

/// The number in `<…>`, and what stands behind.
pub(super) fn priority(text: &str) -> (u8, &str) {
    let read = || {
        let (digits, rest) = text.strip_prefix('<')?.split_once('>')?;
        let plain = matches!(digits.len(), 1..=3) && digits.bytes().all(|b| b.is_ascii_digit());
        let number = digits.parse().ok().filter(|&n: &u8| plain && n <= PRIORITY_MAX)?;
        Some((number, rest))
    };
    read().unwrap_or((PRIORITY_DEFAULT, text))
}
