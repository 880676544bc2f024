//! A cursor over a query's text: the few character classes that both halves of the language (expressions and filters) read.
//!
//! The language has no tokens that hold everywhere (`-` is a sign, an operator, a negation and a letter of tag values), so each
//! half asks the cursor for what can stand at its place.

use super::{ParseError, ParseResult};

#[derive(Clone)]
pub(super) struct Cursor<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn bump(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    pub(super) fn skip_blanks(&mut self) {
        self.take_while(char::is_whitespace);
    }

    /// Skips blanks and takes `c` when it stands there.
    pub(super) fn eat(&mut self, c: char) -> bool {
        self.skip_blanks();
        if self.peek() == Some(c) {
            self.at += c.len_utf8();
            return true;
        }
        false
    }

    pub(super) fn expect(&mut self, c: char, what: &str) -> ParseResult<()> {
        if self.eat(c) {
            return Ok(());
        }
        let expected = format!("\"{c}\"");
        Err(ParseError::new(self.at, format!("{} where {what} needs {expected}", self.found()), &[&expected]))
    }

    pub(super) fn take_while(&mut self, accept: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let len = rest.find(|c| !accept(c)).unwrap_or(rest.len());
        self.at += len;
        &rest[..len]
    }

    /// What stands here, for messages.
    pub(super) fn found(&self) -> String {
        match self.peek() {
            None => "the query ends".to_owned(),
            Some(c) => format!("there is \"{c}\""),
        }
    }

    /// A word of an expression: a function, a named query, a metric without blanks.
    pub(super) fn word(&mut self, inner: impl Fn(char) -> bool) -> Option<&'a str> {
        if !self.peek()?.is_ascii_alphabetic() && self.peek() != Some('_') {
            return None;
        }
        Some(self.take_while(|c| c.is_ascii_alphanumeric() || c == '_' || inner(c)))
    }

    /// `'…'` or `"…"`; the other quote may stand inside.
    pub(super) fn quoted(&mut self) -> ParseResult<Option<&'a str>> {
        let Some(quote @ ('\'' | '"')) = self.peek() else { return Ok(None) };
        let opened = self.at;
        self.at += 1;
        let value = self.take_while(|c| c != quote);
        if self.bump().is_none() {
            return Err(ParseError::new(opened, "this quote is never closed", &[&quote.to_string()]));
        }
        Ok(Some(value))
    }

    /// An unsigned decimal number: `5`, `.5`, `1e3`.
    pub(super) fn number(&mut self) -> ParseResult<Option<f64>> {
        let start = self.at;
        self.take_while(|c| c.is_ascii_digit());
        if self.peek() == Some('.') && self.text.as_bytes().get(self.at + 1).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
            self.take_while(|c| c.is_ascii_digit());
        }
        if self.at == start {
            return Ok(None);
        }
        self.exponent();
        if self.peek().is_some_and(|c| c.is_alphabetic() || c == '_') {
            return Err(ParseError::new(start, "this is neither a number nor a name", &["a number"]));
        }
        match self.text[start..self.at].parse::<f64>() {
            Ok(v) if v.is_finite() => Ok(Some(v)),
            _ => Err(ParseError::new(start, "this number is too large", &["a finite number"])),
        }
    }

    fn exponent(&mut self) {
        let bytes = self.rest().as_bytes();
        if !matches!(bytes.first(), Some(b'e' | b'E')) {
            return;
        }
        let sign = usize::from(matches!(bytes.get(1), Some(b'+' | b'-')));
        if bytes.get(1 + sign).is_some_and(u8::is_ascii_digit) {
            self.at += 1 + sign;
            self.take_while(|c| c.is_ascii_digit());
        }
    }
}
