//! JSON of a body: a refusal says at which field (`data.attributes.page`), not only at which column.

use serde::de::DeserializeOwned;
use serde_json::error::Category;
use std::fmt::Write as _;

/// Fields and places of a list in one another that a refusal still names.
const DEPTH_SHOWN: usize = 16;

pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err("the body is empty; send JSON".to_owned());
    }
    serde_json::from_slice(body).map_err(|error| match error.classify() {
        Category::Data => match path(body, offset(body, error.line(), error.column())) {
            path if path.is_empty() => format!("the body: {}", reason(&error)),
            path => format!("{path}: {}", reason(&error)),
        },
        Category::Eof => format!("the body is not JSON: it ends early, at {}", place(&error)),
        _ => format!("the body is not JSON: {error}"),
    })
}

fn place(error: &serde_json::Error) -> String {
    format!("line {} column {}", error.line(), error.column())
}

/// The reason without its place at the end.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text.strip_suffix(&format!(" at {}", place(error))).unwrap_or(&text);
    match text.split_once("expected struct ").or_else(|| text.split_once("expected a map")) {
        // The name of a type in here says nothing to people.
        Some((before, _)) => format!("{before}expected an object"),
        None => text.to_owned(),
    }
}

/// Where a line and a column, both from 1, are in the body.
fn offset(body: &[u8], line: usize, column: usize) -> usize {
    let mut start = 0;
    for _ in 1..line {
        match body[start..].iter().position(|b| *b == b'\n') {
            Some(end) => start += end + 1,
            None => return body.len(),
        }
    }
    (start + column).min(body.len())
}

/// A container that is open.
enum Open {
    Object { key: String, is_value: bool },
    List { index: usize },
}

/// The fields around a place of JSON that is well formed up to there.
fn path(body: &[u8], end: usize) -> String {
    let mut open: Vec<Open> = Vec::new();
    let mut at = 0;
    // What ends at the place itself is where the trouble is: its container has not gone on yet.
    while at < end {
        match body[at] {
            b'{' => open.push(Open::Object { key: String::new(), is_value: false }),
            // A list that was not wanted is itself the trouble.
            b'[' if at + 1 < end => open.push(Open::List { index: 0 }),
            b'}' | b']' => _ = open.pop(),
            b':' => {
                if let Some(Open::Object { is_value, .. }) = open.last_mut() {
                    *is_value = true;
                }
            }
            b',' => match open.last_mut() {
                Some(Open::Object { is_value, .. }) => *is_value = false,
                Some(Open::List { index }) => *index += 1,
                None => {}
            },
            b'"' => {
                let close = text_end(body, at + 1);
                if let Some(Open::Object { key, is_value: false }) = open.last_mut() {
                    *key = String::from_utf8_lossy(&body[at + 1..close]).into_owned();
                }
                at = close;
            }
            _ => {}
        }
        at += 1;
    }
    written(&open)
}

/// The quote that ends a text, or the end.
fn text_end(body: &[u8], mut at: usize) -> usize {
    while at < body.len() && body[at] != b'"' {
        at += if body[at] == b'\\' { 2 } else { 1 };
    }
    at.min(body.len())
}

fn written(open: &[Open]) -> String {
    let mut path = String::new();
    for part in open.iter().take(DEPTH_SHOWN) {
        match part {
            Open::Object { key, .. } if key.is_empty() => {}
            Open::Object { key, .. } => {
                if !path.is_empty() {
                    path.push('.');
                }
                path.extend(key.chars().take(100));
            }
            Open::List { index } => _ = write!(path, "[{index}]"),
        }
    }
    path
}
