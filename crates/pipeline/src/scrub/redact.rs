//! One expression, and what takes the place of its matches.

use super::preset::luhn;
use crate::{Error, Result};
use regex::{Captures, Regex, RegexBuilder};
use sha2::{Digest, Sha256};
use std::borrow::Cow;

/// A compiled expression; larger ones are made of repetitions that nobody needs.
const COMPILED_BYTES_MAX: usize = 4 << 20;
/// What is left after a replacement may match again (its ends come together): looked at so often, then the text goes as a whole.
const ROUNDS_MAX: usize = 8;
/// The group whose text is what a match is about.
const SECRET: &str = "secret";
/// Around hashes, so that one is known as such.
const HASH: (&str, &str) = ("[hash:", "]");

pub(super) enum Action {
    Redact(String),
    Hash,
    DropField,
}

pub(super) struct Redaction {
    regex: Regex,
    luhn: bool,
    action: Action,
}

impl Redaction {
    pub(super) fn compile(of: &str, pattern: &str, luhn: bool, action: Action) -> Result<Self> {
        if pattern.is_empty() {
            return Err(Error::pattern(of, "it has neither a pattern nor a preset; give one"));
        }
        let regex = RegexBuilder::new(pattern)
            .size_limit(COMPILED_BYTES_MAX)
            .dfa_size_limit(COMPILED_BYTES_MAX)
            .build()
            .map_err(|e| Error::pattern(of, format!("the pattern {pattern:?}: {e}")))?;
        if regex.is_match("") {
            return Err(Error::pattern(
                of,
                format!("the pattern {pattern:?} matches the empty text; ask for more"),
            ));
        }
        let redaction = Self { regex, luhn, action };
        if let Action::Redact(replacement) = &redaction.action
            && redaction.first_secret(replacement).is_some()
        {
            let why = format!("the replacement {replacement:?} is itself a match; take another one");
            return Err(Error::pattern(of, why));
        }
        Ok(redaction)
    }

    pub(super) fn is_match(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }

    pub(super) fn pattern(&self) -> &str {
        self.regex.as_str()
    }

    /// The text without its matches, and how many there were; no text to drop the field, nothing without a match.
    pub(super) fn text(&self, text: &str) -> Option<(Option<String>, u64)> {
        self.first_secret(text)?;
        if matches!(self.action, Action::DropField) {
            return Some((None, 1));
        }
        let (mut out, mut found) = (text.to_owned(), 0);
        for _ in 0..ROUNDS_MAX {
            let (next, n) = self.round(&out);
            found += n;
            out = next;
            if self.first_secret(&out).is_none() {
                return Some((Some(out), found));
            }
        }
        let whole = match &self.action {
            Action::Redact(replacement) => replacement.clone(),
            Action::Hash | Action::DropField => hash(text),
        };
        Some((Some(whole), found))
    }

    /// Replaces every match once.
    fn round(&self, text: &str) -> (String, u64) {
        let mut out = String::with_capacity(text.len());
        let (mut at, mut found) = (0, 0);
        for captures in self.regex.captures_iter(text) {
            let Some((begin, end)) = self.secret(&captures) else { continue };
            out.push_str(&text[at..begin]);
            out.push_str(&self.place(&text[begin..end]));
            at = end;
            found += 1;
        }
        out.push_str(&text[at..]);
        (out, found)
    }

    fn place<'a>(&'a self, secret: &str) -> Cow<'a, str> {
        match &self.action {
            Action::Redact(replacement) => Cow::Borrowed(replacement),
            Action::Hash | Action::DropField => Cow::Owned(hash(secret)),
        }
    }

    fn first_secret(&self, text: &str) -> Option<(usize, usize)> {
        if !self.regex.is_match(text) {
            return None;
        }
        self.regex.captures_iter(text).find_map(|captures| self.secret(&captures))
    }

    /// Where the secret of a match is; nothing when it is none, or what was put in place before.
    fn secret(&self, captures: &Captures<'_>) -> Option<(usize, usize)> {
        let found = captures.name(SECRET).or_else(|| captures.get(0))?;
        let text = found.as_str();
        let is_placed = match &self.action {
            Action::Redact(replacement) => text == replacement,
            Action::Hash | Action::DropField => is_hash(text),
        };
        let is_secret = !text.is_empty() && !is_placed && (!self.luhn || luhn(text));
        is_secret.then(|| (found.start(), found.end()))
    }
}

/// The same for equal texts, so that rows can still be told apart: the first 64 bits of SHA-256.
fn hash(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    let digits: String = digest.iter().take(8).map(|b| format!("{b:02x}")).collect();
    format!("{}{digits}{}", HASH.0, HASH.1)
}

fn is_hash(text: &str) -> bool {
    text.strip_prefix(HASH.0).and_then(|t| t.strip_suffix(HASH.1)).is_some_and(|t| t.len() == 16)
}
