//! Syslog: RFC 5424, RFC 3164 and the many forms that are neither.
//!
//! [`Framer`] cuts a stream into frames, whatever framing each has; [`Decoder`] writes a frame as one log. Nothing is refused for
//! its form: what can't be told stays in the message.

mod frame;
mod header;
mod rfc3164;
mod rfc5424;

pub use frame::Framer;

pub(crate) use rfc3164::time_of_3164;

use crate::logs::{Defaults, Head, RowReader, SEVERITIES};
use header::{Header, priority};
use oriel_model::{RowBatchBuilder, ValueRef};

/// What facilities are called, by number.
const FACILITIES: [&str; 24] = [
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp",
    "ntp", "audit", "alert", "clock", "local0", "local1", "local2", "local3", "local4", "local5", "local6",
    "local7",
];

/// What a listener knows of a frame besides its bytes.
#[derive(Clone, Copy, Debug)]
pub struct Received<'a> {
    pub now_ns: i64,
    /// The host of frames that name none.
    pub host: &'a str,
    /// Seconds east of UTC of times without a zone.
    pub offset_s: i32,
}

/// Writes frames as rows. One for each batch.
pub struct Decoder<'b> {
    reader: RowReader<'b>,
}

impl<'b> Decoder<'b> {
    pub fn new(defaults: &'b Defaults, builder: &'b mut RowBatchBuilder) -> Self {
        Self { reader: RowReader::new(defaults, builder) }
    }

    /// One frame, which is one log. An empty one is none.
    pub fn frame(&mut self, frame: &[u8], received: &Received<'_>) {
        let text = String::from_utf8_lossy(trim_end(frame));
        if text.trim().is_empty() {
            return;
        }
        let (pri, rest) = priority(&text);
        let header = rfc5424::header(rest).unwrap_or_else(|| rfc3164::header(rest, received));
        let host = if header.host.is_empty() { received.host } else { header.host };
        let head = Head {
            time_ns: header.time_ns.or(Some(received.now_ns)),
            status: SEVERITIES[usize::from(pri & 7)],
            service: header.app,
            host,
            source: "syslog",
            message: header.message,
        };
        let facility = FACILITIES.get(usize::from(pri >> 3)).copied().unwrap_or("local7");
        self.reader.with_head(&head, |builder| attributes(builder, facility, &header));
    }
}

fn attributes(builder: &mut RowBatchBuilder, facility: &str, header: &Header<'_>) {
    for (name, text) in [
        ("syslog.facility", facility),
        ("syslog.procid", header.process),
        ("syslog.msgid", header.message_id),
    ] {
        if text.is_empty() {
            continue;
        }
        let key = builder.attr_key(name);
        match text.parse::<i64>() {
            Ok(n) => builder.attr(key, ValueRef::Int(n)),
            Err(_) => builder.attr(key, ValueRef::Text(text)),
        }
    }
    for (name, value) in &header.data {
        let key = builder.attr_key(&format!("syslog.{name}"));
        crate::cut::attribute(builder, key, value);
    }
}

/// Without the line ends and NULs that end a frame.
fn trim_end(frame: &[u8]) -> &[u8] {
    let end = frame.iter().rposition(|b| !matches!(b, b'\n' | b'\r' | 0)).map_or(0, |i| i + 1);
    &frame[..end]
}

#[cfg(test)]
mod tests;
