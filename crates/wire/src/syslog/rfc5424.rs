//! RFC 5424: `1 TIME HOST APP PROCID MSGID DATA [MESSAGE]`, each `-` when there is none.

use super::header::Header;
use crate::logs::iso;

/// Parameters kept of one frame; more are left in the message's stead nowhere, and real ones have under 20.
const PARAMETERS_MAX: usize = 256;

/// The header behind the priority; `None` for a text that is not of this form.
pub(super) fn header(text: &str) -> Option<Header<'_>> {
    let text = text.trim_start().strip_prefix("1 ")?;
    let mut rest = text;
    let mut word = || {
        let (word, behind) = rest.split_once(' ').unwrap_or((rest, ""));
        rest = behind;
        if word == "-" { "" } else { word }
    };
    let time = word();
    let time_ns = match time {
        "" => None,
        time => Some(iso_or_none(time)?),
    };
    let (host, app, process, message_id) = (word(), word(), word(), word());
    let (data, rest) = structured(rest);
    let message = rest.strip_prefix(' ').unwrap_or(rest);
    let message = message.strip_prefix('\u{feff}').unwrap_or(message);
    // rsyslog hands on the blank that stood behind the tag of the message it was given.
    let message = message.strip_prefix(' ').unwrap_or(message);

    Some(Header { time_ns, host, app, process, message_id, data, message })
}

fn iso_or_none(time: &str) -> Option<i64> {
    (time.len() > 10 && time.is_ascii()).then(|| iso(time.as_bytes())).flatten()
}

/// `-`, or elements `[id name="value" …]`. A text that is neither is the message.
fn structured(text: &str) -> (Vec<(String, String)>, &str) {
    if let Some(rest) = text.strip_prefix('-') {
        return (Vec::new(), rest);
    }
    let mut data = Vec::new();
    let mut rest = text;
    while rest.starts_with('[') {
        match element(rest, &mut data) {
            Some(behind) => rest = behind,
            None => return (Vec::new(), text),
        }
    }
    (data, rest)
}

fn element<'a>(text: &'a str, data: &mut Vec<(String, String)>) -> Option<&'a str> {
    let inner = text.strip_prefix('[')?;
    let end = inner.find([' ', ']'])?;
    let id = &inner[..end];
    if id.is_empty() || id.contains(['"', '=']) {
        return None;
    }
    let mut rest = &inner[end..];
    loop {
        rest = rest.trim_start_matches(' ');
        if let Some(behind) = rest.strip_prefix(']') {
            return Some(behind);
        }
        let (name, behind) = rest.split_once("=\"")?;
        if name.is_empty() || name.contains([' ', ']', '"']) {
            return None;
        }
        let (value, behind) = quoted(behind)?;
        if data.len() < PARAMETERS_MAX {
            data.push((format!("{id}.{name}"), value));
        }
        rest = behind;
    }
}

/// A value up to its closing quote; `\"`, `\\` and `\]` are escapes, any other backslash is itself.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut rest = text;
    loop {
        let at = rest.find(['"', '\\'])?;
        value.push_str(&rest[..at]);
        let behind = &rest[at + 1..];
        if rest.as_bytes()[at] == b'"' {
            return Some((value, behind));
        }
        match behind.as_bytes().first() {
            Some(&escaped @ (b'"' | b'\\' | b']')) => {
                value.push(char::from(escaped));
                rest = &behind[1..];
            }
            _ => {
                value.push('\\');
                rest = behind;
            }
        }
    }
}
