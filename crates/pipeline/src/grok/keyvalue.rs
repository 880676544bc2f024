//! `a=1 b="two words"` to fields.

use super::matcher::number;
use regex::Regex;
use serde_json::{Map, Value as Json};

/// Fields kept of one text.
const FIELDS_MAX: usize = 256;
/// The pairs of quotes when none are given.
const QUOTES: [&str; 3] = ["\"\"", "''", "<>"];

/// `keyvalue([separator[, allowed characters[, quotes[, delimiter]]]])`.
pub(crate) struct KeyValue {
    regex: Regex,
    /// Opening and closing, as they stand around a value.
    quotes: Vec<(char, char)>,
}

impl KeyValue {
    pub(crate) fn compile(args: [Option<&str>; 4]) -> Result<Self, String> {
        let given = |i: usize| args[i].filter(|a| !a.is_empty());
        let separator = regex::escape(given(0).unwrap_or("="));
        let allowed = given(1).map(escape_class).unwrap_or_default();
        let quotes: Vec<(char, char)> = match given(2) {
            Some(text) => vec![pair(text)?],
            None => QUOTES.into_iter().filter_map(|q| pair(q).ok()).collect(),
        };
        let delimiter = given(3).map_or_else(|| r"[\s,;]".to_owned(), regex::escape);
        let quoted = quotes.iter().map(|&(open, close)| {
            format!(r"{}[^{}]*{}", escape(open), escape_class(&close.to_string()), escape(close))
        });
        let quoted: Vec<String> = quoted.collect();
        let quoted = quoted.join("|");
        let expression = format!(
            r"(?:\A|{delimiter})\s*(?P<key>{quoted}|[\w.\-@{allowed}]+){separator}(?P<value>{quoted}|[\w.\-@{allowed}]+)?"
        );
        let regex = Regex::new(&expression).map_err(|e| format!("keyvalue: {}", super::describe(&e)))?;
        Ok(Self { regex, quotes })
    }

    /// Numbers are numbers; a key without a value is left out.
    pub(crate) fn parse(&self, text: &str) -> Json {
        let mut out = Map::new();
        // The delimiter before a key may be the one after the last value: searching goes on at the value's end.
        let mut at = 0;
        while out.len() < FIELDS_MAX
            && let Some(found) = self.regex.captures_at(text, at)
        {
            // A key and a separator at least: every match moves on.
            at = found.get(0).map_or(text.len(), |m| m.end());
            let (Some(key), Some(value)) = (found.name("key"), found.name("value")) else { continue };
            let (key, _) = self.unquoted(key.as_str());
            let (value, was_quoted) = self.unquoted(value.as_str());
            if key.is_empty() || value.is_empty() {
                continue;
            }
            let plain = if was_quoted { None } else { number(value) };
            out.entry(key.to_owned()).or_insert_with(|| plain.unwrap_or_else(|| Json::from(value)));
        }
        Json::Object(out)
    }

    fn unquoted<'t>(&self, text: &'t str) -> (&'t str, bool) {
        let inner = |&(open, close): &(char, char)| text.strip_prefix(open)?.strip_suffix(close);
        self.quotes.iter().find_map(inner).map_or((text, false), |inner| (inner, true))
    }
}

fn pair(text: &str) -> Result<(char, char), String> {
    let mut chars = text.chars();
    match (chars.next(), chars.next(), chars.next()) {
        (Some(both), None, _) => Ok((both, both)),
        (Some(open), Some(close), None) => Ok((open, close)),
        _ => Err(format!("keyvalue: the quotes {text:?} are not one or two characters")),
    }
}

fn escape(c: char) -> String {
    regex::escape(&c.to_string())
}

/// Characters as they stand inside of a class; what is written as an escape already (`\\s`) stays.
fn escape_class(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some(n @ ('s' | 'S' | 'w' | 'd')) => out.extend(['\\', n]),
                Some(n) => out.push_str(&escape_in_class(n)),
                None => out.push_str(r"\\"),
            },
            c => out.push_str(&escape_in_class(c)),
        }
    }
    out
}

fn escape_in_class(c: char) -> String {
    if matches!(c, '\\' | '[' | ']' | '^' | '-' | '&' | '~') { format!("\\{c}") } else { c.to_string() }
}
