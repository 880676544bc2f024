//! Events `_e{…}` and service checks `_sc|…`.

use super::line::next_field;
use super::tags;
use memchr::memchr;
use oriel_model::{AlertType, CheckStatus, Event, Priority, Reason, ServiceCheck, TimeMs};

/// What a line means where it says nothing itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Defaults<'a> {
    pub(super) host: &'a str,
    pub(super) now_ms: TimeMs,
}

/// `_e{title length,text length}:title|text|fields`.
pub(super) fn event(line: &[u8], defaults: Defaults<'_>) -> Result<Event, Reason> {
    let header = line.strip_prefix(b"_e{").ok_or(Reason::BadSyntax)?;
    let close = memchr(b'}', header).ok_or(Reason::BadSyntax)?;
    let body = header[close + 1..].strip_prefix(b":").ok_or(Reason::BadSyntax)?;
    let (title_len, text_len) = lengths(&header[..close]).ok_or(Reason::BadSyntax)?;
    let by_bytes = cut(body, title_len, text_len);
    let cut = by_bytes.or_else(|| cut_utf16(body, title_len, text_len)).ok_or(Reason::BadSyntax)?;
    if cut.title.is_empty() {
        return Err(Reason::BadName);
    }
    let mut event = Event {
        time_ms: defaults.now_ms,
        title: unescape(cut.title),
        text: unescape(cut.text),
        ..Event::default()
    };
    let mut host = None;
    let mut tag_host = None;
    let mut fields = cut.fields;
    while let Some(field) = next_field(&mut fields) {
        match (field.get(..2), field.first()) {
            (Some(b"d:"), _) => event.time_ms = time_ms(&field[2..]).unwrap_or(event.time_ms),
            (Some(b"h:"), _) => host = Some(text(&field[2..])),
            (Some(b"k:"), _) => event.aggregation_key = text(&field[2..]),
            (Some(b"p:"), _) => event.priority = Priority::parse(&text(&field[2..])).unwrap_or_default(),
            (Some(b"s:"), _) => event.source = text(&field[2..]),
            (Some(b"t:"), _) => event.alert_type = AlertType::parse(&text(&field[2..])).unwrap_or_default(),
            (_, Some(b'#')) => {
                let read = tags::read(&field[1..]);
                (event.tags, tag_host) = (read.tags, read.host);
            }
            _ => {}
        }
    }
    event.host = host.filter(|h| !h.is_empty()).or(tag_host).unwrap_or_else(|| defaults.host.to_owned());
    Ok(event)
}

struct Cut<'a> {
    title: &'a [u8],
    text: &'a [u8],
    /// Without the leading `|`.
    fields: &'a [u8],
}

fn lengths(header: &[u8]) -> Option<(usize, usize)> {
    let header = std::str::from_utf8(header).ok()?;
    let (title, text) = header.split_once(',')?;
    Some((title.parse().ok()?, text.parse().ok()?))
}

/// The pieces, when both lengths end where a `|` or the end is.
fn cut(body: &[u8], title_len: usize, text_len: usize) -> Option<Cut<'_>> {
    let (title, rest) = body.split_at_checked(title_len)?;
    let (text, rest) = rest.strip_prefix(b"|")?.split_at_checked(text_len)?;
    let fields = if rest.is_empty() { rest } else { rest.strip_prefix(b"|")? };
    Some(Cut { title, text, fields })
}

/// hot-shots counts UTF-16 units.
fn cut_utf16(body: &[u8], title_len: usize, text_len: usize) -> Option<Cut<'_>> {
    let title_bytes = bytes_of_units(body, title_len)?;
    let rest = body.get(title_bytes + 1..)?;
    cut(body, title_bytes, bytes_of_units(rest, text_len)?)
}

/// How many bytes the first `units` UTF-16 units take; a byte that is no UTF-8 counts as one unit.
fn bytes_of_units(bytes: &[u8], units: usize) -> Option<usize> {
    let (mut at, mut seen) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            if seen >= units {
                return (seen == units).then_some(at);
            }
            seen += c.len_utf16();
            at += c.len_utf8();
        }
        for _ in chunk.invalid() {
            if seen >= units {
                return (seen == units).then_some(at);
            }
            seen += 1;
            at += 1;
        }
    }
    (seen == units).then_some(at)
}

/// `_sc|name|status|fields`; the message may hold `|`, so it reaches to the fields that may follow it.
pub(super) fn check(line: &[u8], defaults: Defaults<'_>) -> Result<ServiceCheck, Reason> {
    let mut rest = line.strip_prefix(b"_sc|").ok_or(Reason::BadSyntax)?;
    let name = text(next_field(&mut rest).ok_or(Reason::BadSyntax)?);
    if name.is_empty() {
        return Err(Reason::BadName);
    }
    let status = text(next_field(&mut rest).ok_or(Reason::BadSyntax)?);
    let status = status.parse().ok().and_then(CheckStatus::from_code).ok_or(Reason::BadValue)?;
    let mut check = ServiceCheck {
        time_ms: defaults.now_ms,
        check: name,
        host: String::new(),
        status,
        message: String::new(),
        tags: Vec::new(),
    };
    let (mut host, mut tag_host) = (None, None);
    loop {
        if let Some(message) = rest.strip_prefix(b"m:") {
            check.message = unescape(without_origin(message)).replace("m\\:", "m:");
            break;
        }
        let Some(field) = next_field(&mut rest) else { break };
        match (field.get(..2), field.first()) {
            (Some(b"d:"), _) => check.time_ms = time_ms(&field[2..]).unwrap_or(check.time_ms),
            (Some(b"h:"), _) => host = Some(text(&field[2..])),
            (_, Some(b'#')) => {
                let read = tags::read(&field[1..]);
                (check.tags, tag_host) = (read.tags, read.host);
            }
            _ => {}
        }
    }
    check.host = host.filter(|h| !h.is_empty()).or(tag_host).unwrap_or_else(|| defaults.host.to_owned());
    Ok(check)
}

/// Cuts `|c:…`, `|e:…` and `|card:…` off the end of a message.
fn without_origin(mut message: &[u8]) -> &[u8] {
    while let Some(bar) = memchr::memrchr(b'|', message) {
        let field = &message[bar + 1..];
        if ![b"c:".as_slice(), b"e:", b"card:"].iter().any(|p| field.starts_with(p)) {
            break;
        }
        message = &message[..bar];
    }
    message
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn unescape(bytes: &[u8]) -> String {
    text(bytes).replace("\\n", "\n")
}

fn time_ms(bytes: &[u8]) -> Option<TimeMs> {
    let seconds: i64 = std::str::from_utf8(bytes).ok()?.parse().ok()?;
    (seconds > 0).then_some(seconds)?.checked_mul(1000)
}
