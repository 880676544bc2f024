//! Patterns with `*` and `?`, matched without going back over more than the last `*`.

use super::{Glob, GlobPart};
use std::fmt;

impl Glob {
    /// A pattern of these parts: neighbours that are literal become one, and so do stars.
    pub fn new(parts: impl IntoIterator<Item = GlobPart>) -> Self {
        let mut out: Vec<GlobPart> = Vec::new();
        for part in parts {
            match (out.last_mut(), part) {
                (_, GlobPart::Literal(text)) if text.is_empty() => {}
                (Some(GlobPart::Any), GlobPart::Any) => {}
                (Some(GlobPart::Literal(before)), GlobPart::Literal(text)) => {
                    *before = format!("{before}{text}").into()
                }
                (_, part) => out.push(part),
            }
        }
        Self { parts: out }
    }

    /// The text that it is, when nothing in it stands for something else.
    pub fn literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [GlobPart::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// What every match begins with.
    pub fn prefix(&self) -> &str {
        match self.parts.first() {
            Some(GlobPart::Literal(text)) => text,
            _ => "",
        }
    }

    /// The longest text that is in every match.
    pub fn longest_literal(&self) -> &str {
        let texts = self.parts.iter().filter_map(|part| match part {
            GlobPart::Literal(text) => Some(text.as_ref()),
            GlobPart::Any | GlobPart::One => None,
        });
        texts.max_by_key(|text| text.len()).unwrap_or("")
    }

    /// Whether the whole text is of this form.
    pub fn matches(&self, text: &str) -> bool {
        let parts = self.parts.as_slice();
        if let [GlobPart::Any, GlobPart::Literal(inner), GlobPart::Any] = parts {
            return memchr::memmem::find(text.as_bytes(), inner.as_bytes()).is_some();
        }
        let (mut rest, mut at) = (text, 0);
        // After a star: the part behind it, and the text that it has not yet tried to begin at.
        let mut retry: Option<(usize, &str)> = None;
        loop {
            match parts.get(at) {
                Some(GlobPart::Any) => {
                    at += 1;
                    if at == parts.len() {
                        return true;
                    }
                    retry = Some((at, rest));
                    continue;
                }
                Some(GlobPart::One) if !rest.is_empty() => {
                    rest = after_one(rest);
                    at += 1;
                    continue;
                }
                Some(GlobPart::Literal(text)) => {
                    if let Some(after) = rest.strip_prefix(text.as_ref()) {
                        rest = after;
                        at += 1;
                        continue;
                    }
                }
                None if rest.is_empty() => return true,
                Some(GlobPart::One) | None => {}
            }
            match retry {
                Some((back, tried)) if !tried.is_empty() => {
                    let from = self.next_try(back, after_one(tried));
                    retry = Some((back, from));
                    (at, rest) = (back, from);
                }
                _ => return false,
            }
        }
    }

    /// Where the part behind a star can begin next.
    fn next_try<'t>(&self, at: usize, rest: &'t str) -> &'t str {
        let Some(GlobPart::Literal(text)) = self.parts.get(at) else { return rest };
        let found = memchr::memmem::find(rest.as_bytes(), text.as_bytes());
        &rest[found.unwrap_or(rest.len())..]
    }
}

fn after_one(text: &str) -> &str {
    text.get(text.chars().next().map_or(0, char::len_utf8)..).unwrap_or("")
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parts.iter().try_for_each(|part| match part {
            GlobPart::Literal(text) => f.write_str(text),
            GlobPart::Any => f.write_str("*"),
            GlobPart::One => f.write_str("?"),
        })
    }
}

#[cfg(test)]
mod tests;
