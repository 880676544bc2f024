//! JSON as clients really write it: bare `NaN`, numbers as texts, tags as a list or one text, null for nothing.
//!
//! Points are read from the raw text by our own scanner: serde_json's floats may be off in the last bit, and stored values
//! are bit-exact (STORE 13).

use crate::{Error, Result};
use oriel_model::MetricBatchBuilder;
use serde::de::{Deserialize, Deserializer, IgnoredAny, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// Parses a body. Python writes `NaN` and `Infinity`, which are no JSON: they are quoted and the body is tried again.
/// `then` must fail before it does anything that can't be done twice.
pub(super) fn parse<T>(body: &[u8], mut then: impl FnMut(&[u8]) -> serde_json::Result<T>) -> Result<T> {
    let error = match then(body) {
        Ok(parsed) => return Ok(parsed),
        Err(e) => e,
    };
    match quote_non_finite(body) {
        Some(repaired) => then(&repaired).map_err(|e| syntax(&e)),
        None => Err(syntax(&error)),
    }
}

pub(super) fn syntax(e: &dyn fmt::Display) -> Error {
    Error::Syntax { format: "JSON", detail: e.to_string() }
}

/// The body with bare `NaN`, `Infinity` and `-Infinity` in quotes; `None` when it has none.
fn quote_non_finite(body: &[u8]) -> Option<Vec<u8>> {
    const TOKENS: [&[u8]; 3] = [b"NaN", b"Infinity", b"-Infinity"];
    let mut out = Vec::with_capacity(body.len() + 64);
    let (mut at, mut found) = (0, false);
    while at < body.len() {
        if body[at] == b'"' {
            let end = string_end(body, at);
            out.extend_from_slice(&body[at..end]);
            at = end;
            continue;
        }
        match TOKENS.iter().find(|t| body[at..].starts_with(t)) {
            Some(token) => {
                out.push(b'"');
                out.extend_from_slice(token);
                out.push(b'"');
                at += token.len();
                found = true;
            }
            None => {
                out.push(body[at]);
                at += 1;
            }
        }
    }
    found.then_some(out)
}

/// Just past the string that begins at `at`; the end of the text for one that is not closed.
fn string_end(text: &[u8], at: usize) -> usize {
    let mut i = at + 1;
    while i < text.len() {
        match text[i] {
            b'\\' => i += 2,
            b'"' => return i + 1,
            _ => i += 1,
        }
    }
    text.len()
}

/// The elements of an array, as texts. The text must be valid JSON, which a `RawValue` is; one that is no array has none.
#[derive(Clone, Debug)]
pub(super) struct Elements<'a> {
    rest: &'a str,
}

pub(super) fn elements(array: &str) -> Elements<'_> {
    let inner = array.trim().strip_prefix('[').and_then(|a| a.strip_suffix(']'));
    Elements { rest: inner.unwrap_or("").trim() }
}

impl<'a> Iterator for Elements<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        if self.rest.is_empty() {
            return None;
        }
        let text = self.rest.as_bytes();
        let (mut depth, mut i) = (0_usize, 0);
        while i < text.len() {
            match text[i] {
                b'"' => {
                    i = string_end(text, i);
                    continue;
                }
                b'[' | b'{' => depth += 1,
                b']' | b'}' => depth = depth.saturating_sub(1),
                b',' if depth == 0 => break,
                _ => {}
            }
            i += 1;
        }
        let i = i.min(text.len());
        let element = self.rest[..i].trim();
        self.rest = self.rest.get(i + 1..).unwrap_or("").trim_start();
        Some(element)
    }
}

/// A number, or a text that holds one; exact to the bit.
pub(super) fn number(element: &str) -> Option<f64> {
    let text = element.strip_prefix('"').and_then(|t| t.strip_suffix('"')).unwrap_or(element);
    fast_float2::parse(text.trim()).ok()
}

/// Seconds since the epoch, with a fraction or without, as milliseconds. Missing or null is now.
pub(super) fn time_ms(element: Option<&str>, now_ms: i64) -> Option<i64> {
    if is_absent(element) { Some(now_ms) } else { element.and_then(seconds) }
}

/// [`time_ms`] for a row of a batch, which has to know whether its rows bore their own times.
pub(super) fn row_time_ms(
    element: Option<&str>,
    now_ms: i64,
    builder: &mut MetricBatchBuilder<'_>,
) -> Option<i64> {
    if is_absent(element) {
        builder.note_filled_time();
    }
    time_ms(element, now_ms)
}

fn is_absent(element: Option<&str>) -> bool {
    matches!(element, None | Some("null"))
}

fn seconds(text: &str) -> Option<i64> {
    match text.parse::<i64>() {
        Ok(seconds) => seconds.checked_mul(1000),
        Err(_) => number(text).and_then(seconds_to_ms),
    }
}

fn seconds_to_ms(seconds: f64) -> Option<i64> {
    let ms = (seconds * 1000.0).round();
    (ms.is_finite() && ms.abs() < 9e15).then_some(ms as i64)
}

/// A text; null and missing are empty, numbers and truth values are taken as they are written.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Text<'a>(pub(super) Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> std::result::Result<Self, D::Error> {
        d.deserialize_any(TextVisitor)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_borrowed_str<E>(self, v: &'de str) -> std::result::Result<Self::Value, E> {
        Ok(Text(Cow::Borrowed(v)))
    }

    fn visit_str<E>(self, v: &str) -> std::result::Result<Self::Value, E> {
        Ok(Text(Cow::Owned(v.to_owned())))
    }

    fn visit_unit<E>(self) -> std::result::Result<Self::Value, E> {
        Ok(Text::default())
    }

    fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E> {
        Ok(Text(Cow::Owned(v.to_string())))
    }

    fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E> {
        Ok(Text(Cow::Owned(v.to_string())))
    }

    fn visit_f64<E>(self, v: f64) -> std::result::Result<Self::Value, E> {
        Ok(Text(Cow::Owned(v.to_string())))
    }

    fn visit_bool<E>(self, v: bool) -> std::result::Result<Self::Value, E> {
        Ok(Text(Cow::Owned(v.to_string())))
    }
}

/// Tags: a list of texts, one text with commas, or null.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct TagList<'a>(pub(super) Vec<Cow<'a, str>>);

impl<'de: 'a, 'a> Deserialize<'de> for TagList<'a> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> std::result::Result<Self, D::Error> {
        d.deserialize_any(TagVisitor)
    }
}

struct TagVisitor;

impl<'de> Visitor<'de> for TagVisitor {
    type Value = TagList<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of tags")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> std::result::Result<Self::Value, A::Error> {
        let mut tags = Vec::new();
        while let Some(Text(tag)) = seq.next_element()? {
            tags.push(tag);
        }
        Ok(TagList(tags))
    }

    fn visit_borrowed_str<E>(self, v: &'de str) -> std::result::Result<Self::Value, E> {
        Ok(TagList(v.split(',').map(Cow::Borrowed).collect()))
    }

    fn visit_str<E>(self, v: &str) -> std::result::Result<Self::Value, E> {
        Ok(TagList(v.split(',').map(|t| Cow::Owned(t.to_owned())).collect()))
    }

    fn visit_unit<E>(self) -> std::result::Result<Self::Value, E> {
        Ok(TagList::default())
    }

    fn visit_map<A: serde::de::MapAccess<'de>>(
        self,
        mut map: A,
    ) -> std::result::Result<Self::Value, A::Error> {
        // An empty PHP array is written as an object.
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(TagList::default())
    }
}
