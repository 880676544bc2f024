//! A pull scanner over JSON text: borrowed strings where nothing is escaped, exact numbers, nothing allocated.
//!
//! It takes what JSON takes, and what senders write besides: raw control characters in strings, `NaN` and `Infinity`. A line end
//! is none of them: it is where the next line's object begins, if a string was never closed.

use super::escape;
use memchr::{memchr, memchr2, memchr3};
use std::borrow::Cow;

/// Lists and objects within one value; serde_json's bound too.
const DEPTH_MAX: usize = 128;

/// What is wrong, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bad {
    pub(super) at: usize,
    pub(super) what: &'static str,
}

/// Anything but an object.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Scalar<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Float(f64),
    Text(Cow<'a, str>),
    /// The text of a list or, too deep to be flattened, of an object.
    Json(&'a str),
}

/// A place in the text.
#[derive(Clone, Copy)]
pub(super) struct Scan<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scan<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    #[inline]
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    pub(super) fn bump(&mut self) {
        self.at += 1;
    }

    pub(super) fn bad<T>(&self, what: &'static str) -> Result<T, Bad> {
        Err(Bad { at: self.at, what })
    }

    #[inline]
    fn rest(&self) -> &'a [u8] {
        &self.text.as_bytes()[self.at..]
    }

    /// The next byte that is no white space.
    #[inline]
    pub(super) fn peek(&mut self) -> Option<u8> {
        loop {
            match self.byte()? {
                b' ' | b'\t' | b'\n' | b'\r' => self.at += 1,
                byte => return Some(byte),
            }
        }
    }

    /// The same between values, where commas may stand.
    pub(super) fn past_separators(&mut self, listed: bool) -> Option<u8> {
        loop {
            match self.peek()? {
                b',' => self.at += 1,
                // A list that is closed twice.
                b']' if !listed => self.at += 1,
                byte => return Some(byte),
            }
        }
    }

    /// Takes `byte`, white space before it included.
    #[inline]
    pub(super) fn expect(&mut self, byte: u8, what: &'static str) -> Result<(), Bad> {
        if self.peek() == Some(byte) {
            self.at += 1;
            return Ok(());
        }
        self.bad(what)
    }

    /// Takes the text `"name"` if it stands here.
    #[inline]
    pub(super) fn take_key(&mut self, name: &str) -> bool {
        let rest = self.rest();
        let n = name.len();
        let same =
            rest.len() > n + 1 && rest[0] == b'"' && rest[n + 1] == b'"' && &rest[1..=n] == name.as_bytes();
        if same {
            self.at += n + 2;
        }
        same
    }

    /// A string, from its opening quote.
    #[inline]
    pub(super) fn string(&mut self) -> Result<Cow<'a, str>, Bad> {
        if self.peek() != Some(b'"') {
            return self.bad("expected a string");
        }
        let begin = self.at + 1;
        let bytes = self.text.as_bytes();
        match memchr3(b'"', b'\\', b'\n', &bytes[begin..]) {
            Some(n) if bytes[begin + n] == b'"' => {
                self.at = begin + n + 1;
                Ok(Cow::Borrowed(&self.text[begin..begin + n]))
            }
            Some(n) if bytes[begin + n] == b'\\' => self.escaped(begin, begin + n),
            _ => self.bad("a string is not closed"),
        }
    }

    /// A string that begins at `begin`, with its first backslash at `escape`.
    fn escaped(&mut self, begin: usize, escape: usize) -> Result<Cow<'a, str>, Bad> {
        let end = self.string_end(escape)?;
        let mut out = String::with_capacity(end - begin);
        if !escape::unescape(&self.text[begin..end], &mut out) {
            return self.bad("a string has an escape that is none");
        }
        self.at = end + 1;
        Ok(Cow::Owned(out))
    }

    /// Where the closing quote is, looking from `from` inside of a string.
    fn string_end(&self, from: usize) -> Result<usize, Bad> {
        let bytes = self.text.as_bytes();
        let mut at = from;
        while let Some(n) = bytes.get(at..).and_then(|rest| memchr3(b'"', b'\\', b'\n', rest)) {
            match bytes[at + n] {
                b'"' => return Ok(at + n),
                b'\\' => at += n + 2,
                _ => break,
            }
        }
        self.bad("a string is not closed")
    }

    /// Anything but an object, whose first byte is `first`.
    #[inline]
    pub(super) fn scalar(&mut self, first: u8) -> Result<Scalar<'a>, Bad> {
        match first {
            b'"' => self.string().map(Scalar::Text),
            b'0'..=b'9' | b'-' => self.number(),
            b'[' => self.json().map(Scalar::Json),
            b't' => self.word("true", Scalar::Bool(true)),
            b'f' => self.word("false", Scalar::Bool(false)),
            b'n' => self.word("null", Scalar::Null),
            b'N' => self.word("NaN", Scalar::Text(Cow::Borrowed("NaN"))),
            b'I' => self.word("Infinity", Scalar::Text(Cow::Borrowed("Infinity"))),
            _ => self.bad("expected a value"),
        }
    }

    fn word(&mut self, word: &'static str, value: Scalar<'a>) -> Result<Scalar<'a>, Bad> {
        if !self.rest().starts_with(word.as_bytes()) {
            return self.bad("expected a value");
        }
        self.at += word.len();
        Ok(value)
    }

    /// A number, exact: an integer that fits 64 bits stays one.
    #[inline]
    fn number(&mut self) -> Result<Scalar<'a>, Bad> {
        let rest = self.rest();
        let negative = rest[0] == b'-';
        let digits = usize::from(negative);
        let mut n = digits;
        let mut value = 0_u64;
        while let Some(d) = rest.get(n).map(|b| b.wrapping_sub(b'0')).filter(|&d| d < 10) {
            value = value.wrapping_mul(10).wrapping_add(u64::from(d));
            n += 1;
        }
        let len = n - digits;
        let more = rest.get(n).is_some_and(|b| matches!(b, b'.' | b'e' | b'E'));
        // Nineteen digits are below 2^64; a leading zero is no JSON, and neither is a lone minus.
        if len == 0 || more || len > 19 || (len > 1 && rest[digits] == b'0') {
            return self.long_number(n);
        }
        let number = match (negative, i64::try_from(value)) {
            (true, Ok(0)) => Scalar::Float(-0.0),
            (true, Ok(n)) => Scalar::Int(-n),
            (true, Err(_)) => return self.long_number(n),
            (false, Ok(n)) => Scalar::Int(n),
            (false, Err(_)) => Scalar::Uint(value),
        };
        self.at += n;
        Ok(number)
    }

    /// A number with a fraction or an exponent, or one of many digits; `n` bytes of it are read.
    fn long_number(&mut self, mut n: usize) -> Result<Scalar<'a>, Bad> {
        let rest = self.rest();
        if rest.starts_with(b"-I") {
            self.at += 1;
            return self.word("Infinity", Scalar::Text(Cow::Borrowed("-Infinity")));
        }
        while rest.get(n).is_some_and(|b| matches!(b, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-')) {
            n += 1;
        }
        let text = &self.text[self.at..self.at + n];
        if !is_number(text.as_bytes()) {
            return self.bad("expected a number");
        }
        let integer = !text.bytes().any(|b| matches!(b, b'.' | b'e' | b'E'));
        let number = match (integer, text.parse::<i64>(), text.parse::<u64>()) {
            (true, Ok(n), _) => Scalar::Int(n),
            (true, _, Ok(n)) => Scalar::Uint(n),
            _ => match fast_float2::parse::<f64, _>(text) {
                Ok(x) if x.is_finite() => Scalar::Float(x),
                // Too large for a float: kept as written.
                _ => Scalar::Text(Cow::Borrowed(text)),
            },
        };
        self.at += n;
        Ok(number)
    }

    /// The text of the value that begins here.
    pub(super) fn json(&mut self) -> Result<&'a str, Bad> {
        let begin = self.at;
        self.skip(0)?;
        Ok(&self.text[begin..self.at])
    }

    fn skip(&mut self, depth: usize) -> Result<(), Bad> {
        if depth > DEPTH_MAX {
            return self.bad("too many lists within each other");
        }
        match self.peek() {
            Some(b'{') => self.skip_items(depth, b'}', true),
            Some(b'[') => self.skip_items(depth, b']', false),
            Some(first) => self.scalar(first).map(drop),
            None => self.bad("a value is cut off"),
        }
    }

    fn skip_items(&mut self, depth: usize, close: u8, keyed: bool) -> Result<(), Bad> {
        self.at += 1;
        if self.peek() == Some(close) {
            self.at += 1;
            return Ok(());
        }
        loop {
            if keyed {
                self.string()?;
                self.expect(b':', "expected a colon")?;
            }
            self.peek();
            self.skip(depth + 1)?;
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(byte) if byte == close => {
                    self.at += 1;
                    return Ok(());
                }
                _ => return self.bad("expected a comma or the end"),
            }
        }
    }

    /// Goes behind a value that can't be read, and gives its text: to the end of the line, or in a list to where the brackets
    /// that it opens are closed again.
    pub(super) fn past_broken(&mut self, listed: bool) -> &'a str {
        let begin = self.at;
        let rest = self.rest();
        let n = if listed { balanced(rest) } else { memchr(b'\n', rest).unwrap_or(rest.len()) };
        // A multi-byte character never begins with one of the bytes that end a value.
        self.at += n.max(1);
        while !self.text.is_char_boundary(self.at) {
            self.at += 1;
        }
        &self.text[begin..self.at]
    }
}

/// How many bytes of a broken element go until its brackets are closed, or a comma stands outside of them.
fn balanced(bytes: &[u8]) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < bytes.len() {
        match bytes[at] {
            b'"' => {
                let mut end = at + 1;
                while let Some(n) = bytes.get(end..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
                    end += n;
                    if bytes[end] == b'"' {
                        break;
                    }
                    end += 2;
                }
                at = end;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth == 0 => return at,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            b',' if depth == 0 => return at,
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

/// By JSON's grammar: `-? (0|[1-9][0-9]*) (\.[0-9]+)? ([eE][+-]?[0-9]+)?`.
fn is_number(text: &[u8]) -> bool {
    let digits = |text: &[u8]| text.iter().take_while(|b| b.is_ascii_digit()).count();
    let mut rest = text.strip_prefix(b"-").unwrap_or(text);
    let whole = digits(rest);
    if whole == 0 || (whole > 1 && rest[0] == b'0') {
        return false;
    }
    rest = &rest[whole..];
    if let Some(fraction) = rest.strip_prefix(b".") {
        let n = digits(fraction);
        if n == 0 {
            return false;
        }
        rest = &fraction[n..];
    }
    if let Some(exponent) = rest.strip_prefix(b"e").or_else(|| rest.strip_prefix(b"E")) {
        let exponent =
            exponent.strip_prefix(b"+").or_else(|| exponent.strip_prefix(b"-")).unwrap_or(exponent);
        let n = digits(exponent);
        if n == 0 {
            return false;
        }
        rest = &exponent[n..];
    }
    rest.is_empty()
}
