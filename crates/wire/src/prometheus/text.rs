//! The text exposition: `name{label="value",…} value [ms]` a line.
//!
//! The hot path looks at a line twice: for its end, and from the end back to the `}`. What comes before the value is hashed
//! as it stands; only a series that this batch has not seen is parsed, and only then are exemplars and other rarities told.

use super::kind::{MetricMetadata, declared, kind_of};
use crate::Result;
use memchr::{memchr, memchr2, memrchr};
use oriel_model::{MetricBatchBuilder, Reason, SeriesDef, SeriesOrdinal, Tags, TimeMs};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Families whose TYPE, HELP or UNIT one body may declare; Prometheus itself exposes about 200.
const FAMILIES_MAX: usize = 100_000;

type Families<'a> = BTreeMap<&'a str, MetricMetadata>;

/// Decodes a body. Samples without a time get `now_ms`. Gives what its comments said of the metrics.
pub fn text(
    body: &[u8],
    now_ms: TimeMs,
    builder: &mut MetricBatchBuilder<'_>,
) -> Result<Vec<MetricMetadata>> {
    let mut families = Families::new();
    let mut rest = body;
    while !rest.is_empty() {
        let (line, after) = match memchr(b'\n', rest) {
            Some(end) => (&rest[..end], &rest[end + 1..]),
            None => (rest, &rest[rest.len()..]),
        };
        rest = after;
        let line = line.trim_ascii();
        match line.first() {
            None => {}
            Some(b'#') => comment(line, &mut families),
            Some(_) => {
                if let Err(reason) = sample(line, now_ms, builder, &families) {
                    builder.reject(reason, 1, || String::from_utf8_lossy(line).into_owned());
                }
            }
        }
    }
    Ok(families.into_values().collect())
}

#[inline]
fn sample(
    line: &[u8],
    now_ms: TimeMs,
    builder: &mut MetricBatchBuilder<'_>,
    families: &Families<'_>,
) -> std::result::Result<(), Reason> {
    let key_len = match memrchr(b'}', line) {
        Some(brace) => brace + 1,
        None => memchr2(b' ', b'\t', line).ok_or(Reason::BadSyntax)?,
    };
    let raw = builder.key(&line[..key_len]);
    let (series, key_len) = match builder.seen(raw) {
        Some(series) => (series, key_len),
        None => match new_series(line, builder, families)? {
            Some(found) => found,
            None => return Ok(()),
        },
    };
    let (time_ms, value) = value_and_time(&line[key_len..])?;
    if time_ms.is_none() {
        builder.note_filled_time();
    }
    builder.sample(series, time_ms.unwrap_or(now_ms), value);
    Ok(())
}

/// A series that this batch has not seen, and where its key really ends; `None` when it was refused, which is counted.
#[cold]
fn new_series(
    line: &[u8],
    builder: &mut MetricBatchBuilder<'_>,
    families: &Families<'_>,
) -> std::result::Result<Option<(SeriesOrdinal, usize)>, Reason> {
    // Only the key has to be UTF-8: what is behind an exemplar's `#` is not looked at, here as on the hot path.
    let text = match std::str::from_utf8(line) {
        Ok(text) => text,
        Err(e) => std::str::from_utf8(&line[..e.valid_up_to()]).unwrap_or_default(),
    };
    let parsed = parse_key(text).ok_or(Reason::BadSyntax)?;
    let kind =
        kind_of(&parsed.metric, |family| families.get(family).map(|m| m.kind).filter(|k| !k.is_empty()));
    let key_len = parsed.len;
    let raw = builder.key(&line[..key_len]);
    let series = builder.series(raw, kind, 0, || Ok(parsed.into_def()));
    Ok(series.map(|s| (s, key_len)))
}

/// ` value [ms]`, and maybe an exemplar behind `#`, which is left out.
#[inline]
fn value_and_time(rest: &[u8]) -> std::result::Result<(Option<TimeMs>, f64), Reason> {
    let rest = rest.trim_ascii_start();
    let value_len = memchr2(b' ', b'\t', rest).unwrap_or(rest.len());
    let value = number(&rest[..value_len])?;
    let after = rest[value_len..].trim_ascii_start();
    if after.is_empty() || after[0] == b'#' {
        return Ok((None, value));
    }
    let time_len = memchr2(b' ', b'\t', after).unwrap_or(after.len());
    let behind = after[time_len..].trim_ascii_start();
    if !behind.is_empty() && behind[0] != b'#' {
        return Err(Reason::BadSyntax);
    }
    Ok((Some(integer(&after[..time_len]).ok_or(Reason::BadTimestamp)?), value))
}

#[inline]
fn number(text: &[u8]) -> std::result::Result<f64, Reason> {
    // Small whole numbers are most of what hosts expose.
    if text.len() <= 15
        && let Some(n) = integer(text)
        && text[0] != b'-'
    {
        return Ok(n as f64);
    }
    let unsigned = match text.split_first() {
        Some((b'+', rest)) => rest,
        _ => text,
    };
    fast_float2::parse(unsigned).map_err(|_| Reason::BadValue)
}

/// Digits, with a minus or without; at most 18 of them, so that it can't overflow.
#[inline]
fn integer(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text.split_first() {
        Some((b'-', rest)) => (true, rest),
        _ => (false, text),
    };
    if digits.is_empty() || digits.len() > 18 {
        return None;
    }
    let mut n = 0_i64;
    for &b in digits {
        let digit = b.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        n = n * 10 + i64::from(digit);
    }
    Some(if negative { -n } else { n })
}

/// `name{labels}` read with care.
struct Key<'a> {
    metric: Cow<'a, str>,
    labels: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    /// Bytes of the line that it takes.
    len: usize,
}

impl Key<'_> {
    fn into_def(self) -> SeriesDef {
        def(self.metric, self.labels)
    }
}

/// A definition of labels as they are: `host` fills the slot, an empty value is no label.
pub(super) fn def<'a>(metric: Cow<'a, str>, labels: Vec<(Cow<'a, str>, Cow<'a, str>)>) -> SeriesDef {
    let mut host: Box<str> = "".into();
    let mut tags: Vec<Box<str>> = Vec::with_capacity(labels.len());
    for (name, value) in labels {
        if value.is_empty() {
            continue;
        }
        if name == "host" {
            host = value.into();
        } else {
            tags.push(format!("{name}:{value}").into());
        }
    }
    SeriesDef { metric: metric.into(), host, tags: Tags::canonical(tags) }
}

fn parse_key(line: &str) -> Option<Key<'_>> {
    let name_len = line.find(['{', ' ', '\t'])?;
    if line[..name_len].contains(is_no_name) {
        return None;
    }
    let mut key = Key { metric: Cow::Borrowed(&line[..name_len]), labels: Vec::new(), len: name_len };
    let Some(inner) = line[name_len..].trim_start().strip_prefix('{') else {
        return (name_len > 0).then_some(key);
    };
    let mut rest = inner.trim_start();
    while !rest.starts_with('}') {
        let (name, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted_text(quoted)?,
            None => {
                let end = rest.find(['=', ' ', '\t', ',', '}'])?;
                (Cow::Borrowed(&rest[..end]), &rest[end..])
            }
        };
        let after = after.trim_start();
        match after.strip_prefix('=') {
            Some(value) => {
                let (value, after) = quoted_text(value.trim_start().strip_prefix('"')?)?;
                if name.is_empty() {
                    return None;
                }
                key.labels.push((name, value));
                rest = after.trim_start();
            }
            // `{"a name of any letters", …}`
            None if key.metric.is_empty() && rest.starts_with('"') => {
                key.metric = name;
                rest = after;
            }
            None => return None,
        }
        match rest.strip_prefix(',') {
            Some(after) => rest = after.trim_start(),
            None if rest.starts_with('}') => {}
            None => return None,
        }
    }
    key.len = line.len() - rest.len() + 1;
    (!key.metric.is_empty()).then_some(key)
}

/// What can't be in a name without quotes. Dots and dashes, which Prometheus itself does not write bare, are taken.
fn is_no_name(c: char) -> bool {
    c.is_ascii_control() || matches!(c, '"' | '}' | '=' | ',' | '#' | '\\')
}

/// A text up to its closing quote, escapes undone, and what comes after it.
fn quoted_text(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let end = memchr2(b'"', b'\\', text.as_bytes())?;
    if text.as_bytes()[end] == b'"' {
        return Some((Cow::Borrowed(&text[..end]), &text[end + 1..]));
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((Cow::Owned(out), &text[at + 1..])),
            '\\' => match chars.next()?.1 {
                'n' => out.push('\n'),
                c @ ('"' | '\\') => out.push(c),
                other => out.extend(['\\', other]),
            },
            c => out.push(c),
        }
    }
    None
}

/// `# TYPE name type`, `# HELP name text`, `# UNIT name unit`; other comments say nothing.
fn comment<'a>(line: &'a [u8], families: &mut Families<'a>) {
    let Ok(line) = std::str::from_utf8(line) else { return };
    let mut words = line[1..].trim_start().splitn(3, [' ', '\t']);
    let (Some(what @ ("TYPE" | "HELP" | "UNIT")), Some(name), text) =
        (words.next(), words.next(), words.next().unwrap_or("").trim())
    else {
        return;
    };
    if families.len() >= FAMILIES_MAX && !families.contains_key(name) {
        return;
    }
    let family = families
        .entry(name)
        .or_insert_with(|| MetricMetadata { metric: name.to_owned(), ..MetricMetadata::default() });
    match what {
        "TYPE" => family.kind = declared(text),
        "UNIT" if family.unit != text => family.unit = text.to_owned(),
        "HELP" if family.help != text => family.help = text.replace("\\n", "\n").replace("\\\\", "\\"),
        _ => {}
    }
}
