//! Literals out of SQL texts, so that a statement is one resource whatever its values are, and values are not stored.
//!
//! Strings, numbers, booleans and null become `?`; placeholders (`$1`, `:name`, `%s`) stay, for they tell nothing; comments go;
//! blanks become one; a list of nothing but `?` becomes `( ? )`. Names keep their digits. A text that a tokenizer can't follow to its end (an open string)
//! loses all from there on: what can't be told from a value is one.

/// The text without literals; `None` when it has none.
pub fn obfuscate_sql(text: &str) -> Option<String> {
    if text.bytes().all(is_calm) && !text.contains("  ") && !has_word_literal(text) {
        return None;
    }
    let mut scanner = Scanner { text, at: 0, out: String::with_capacity(text.len()) };
    scanner.run();
    let out = collapse_lists(scanner.out.trim_end());
    (out != text).then_some(out)
}

/// Bytes that can't begin a literal or a comment, and are no blank but the plain one.
fn is_calm(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'_' | b' ' | b'.' | b',' | b'*' | b'=' | b'<' | b'>' | b'?' | b';' | b'(' | b')' | b'`')
        || byte >= 0x80
}

/// Whether `true`, `false` or `null` may be in it.
fn has_word_literal(text: &str) -> bool {
    let is_literal = |w: &[u8]| [b"true", b"alse", b"null"].iter().any(|l| w.eq_ignore_ascii_case(*l));
    text.as_bytes().windows(4).any(is_literal)
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    out: String,
}

impl Scanner<'_> {
    fn run(&mut self) {
        let bytes = self.text.as_bytes();
        while let Some(&byte) = bytes.get(self.at) {
            let next = bytes.get(self.at + 1).copied().unwrap_or_default();
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' => self.blank(),
                b'\'' => self.string(b'\''),
                b'-' if next == b'-' => self.comment("\n"),
                b'#' if next == b' ' || self.at == 0 => self.comment("\n"),
                b'/' if next == b'*' => self.comment("*/"),
                b'"' | b'`' => self.quoted_name(byte),
                b'0'..=b'9' => self.number(),
                b'.' if next.is_ascii_digit() && !self.follows_name() => self.number(),
                b'$' | b':' if next.is_ascii_alphanumeric() => self.placeholder(),
                b'$' if next == b'$' => self.dollar_string(),
                _ if byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80 => self.word(),
                _ => {
                    self.out.push(char::from(byte));
                    self.at += 1;
                }
            }
        }
    }

    fn blank(&mut self) {
        self.at += 1;
        if !self.out.ends_with(' ') && !self.out.is_empty() {
            self.out.push(' ');
        }
    }

    /// After a quote doubled or escaped the string goes on.
    fn string(&mut self, quote: u8) {
        let bytes = self.text.as_bytes();
        self.at += 1;
        while let Some(&byte) = bytes.get(self.at) {
            self.at += 1;
            if byte == b'\\' {
                self.at += 1;
            } else if byte == quote {
                if bytes.get(self.at) != Some(&quote) {
                    break;
                }
                self.at += 1;
            }
        }
        self.at = self.at.min(bytes.len());
        self.out.push('?');
    }

    /// PostgreSQL's `$$text$$`.
    fn dollar_string(&mut self) {
        let body = self.at + 2;
        let end = self.text.get(body..).and_then(|t| t.find("$$")).map(|i| body + i + 2);
        self.at = end.unwrap_or(self.text.len());
        self.out.push('?');
    }

    fn comment(&mut self, end: &str) {
        let found = self.text.get(self.at..).and_then(|t| t.find(end));
        self.at = found.map_or(self.text.len(), |i| self.at + i + end.len());
        if !self.out.ends_with(' ') && !self.out.is_empty() {
            self.out.push(' ');
        }
    }

    /// A name in quotes stays as it is. MySQL has texts in double quotes: one with blanks or digits first is taken for one.
    fn quoted_name(&mut self, quote: u8) {
        let begin = self.at;
        let rest = &self.text.as_bytes()[begin + 1..];
        let Some(len) = rest.iter().position(|&b| b == quote) else {
            self.at = self.text.len();
            self.out.push('?');
            return;
        };
        let inner = &rest[..len];
        let is_name =
            inner.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'$' | b'-'))
                && inner.first().is_some_and(|b| !b.is_ascii_digit());
        if quote == b'`' || (is_name && !self.follows_comparison()) {
            self.out.push_str(self.text.get(begin..begin + len + 2).unwrap_or_default());
            self.at = begin + len + 2;
        } else {
            self.string(quote);
        }
    }

    fn follows_comparison(&self) -> bool {
        self.out.trim_end().ends_with(['=', '<', '>', '(', ','])
    }

    fn number(&mut self) {
        let bytes = self.text.as_bytes();
        self.at += 1;
        while let Some(&byte) = bytes.get(self.at) {
            let signed = matches!(byte, b'+' | b'-') && matches!(bytes[self.at - 1], b'e' | b'E');
            if !(byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'_' || signed) {
                break;
            }
            self.at += 1;
        }
        // A sign in front belongs to it.
        if self.out.ends_with('-') && self.out.len() > 1 {
            let before = self.out[..self.out.len() - 1].trim_end();
            if before.ends_with(['=', '(', ',', '<', '>']) {
                self.out.pop();
            }
        }
        self.out.push('?');
    }

    /// `$1` and `:name`, and PostgreSQL's `$tag$text$tag$`.
    fn placeholder(&mut self) {
        let bytes = self.text.as_bytes();
        let begin = self.at;
        self.at += 1;
        while bytes.get(self.at).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_') {
            self.at += 1;
        }
        if bytes[begin] == b'$' && bytes.get(self.at) == Some(&b'$') {
            let tag = &self.text[begin..=self.at];
            let body = self.at + 1;
            let end = self.text.get(body..).and_then(|t| t.find(tag)).map(|i| body + i + tag.len());
            self.at = end.unwrap_or(self.text.len());
            return self.out.push('?');
        }
        self.out.push_str(&self.text[begin..self.at]);
    }

    fn word(&mut self) {
        let bytes = self.text.as_bytes();
        let begin = self.at;
        while bytes
            .get(self.at)
            .is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'$') || *b >= 0x80)
        {
            self.at += 1;
        }
        let word = &self.text[begin..self.at];
        let is_literal = ["true", "false", "null"].iter().any(|l| word.eq_ignore_ascii_case(l))
            && !self.is_null_test(word);
        // `E'…'`, `N'…'`, `X'…'` are strings.
        if word.len() == 1 && bytes.get(self.at) == Some(&b'\'') {
            return;
        }
        self.out.push_str(if is_literal { "?" } else { word });
    }

    /// `IS NULL` and `NOT NULL` are no values.
    fn is_null_test(&self, word: &str) -> bool {
        let before = self.out.trim_end();
        let is_after = |name: &str| {
            before.len() >= name.len()
                && before.is_char_boundary(before.len() - name.len())
                && before[before.len() - name.len()..].eq_ignore_ascii_case(name)
        };
        word.eq_ignore_ascii_case("null") && (is_after("is") || is_after("not"))
    }

    fn follows_name(&self) -> bool {
        self.out.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '"' | '`' | ')'))
    }
}

/// `(?, ?, ?)` becomes `( ? )`, and several such in a row one.
fn collapse_lists(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('(') {
        out.push_str(&rest[..open]);
        let Some(close) = list_end(&rest[open..]) else {
            out.push('(');
            rest = &rest[open + 1..];
            continue;
        };
        rest = &rest[open + close..];
        // The next one of `VALUES (?), (?)` says nothing more.
        if !out.trim_end().ends_with("( ? ),") {
            out.push_str("( ? )");
        } else {
            out.truncate(out.trim_end().len() - 1);
        }
    }
    out.push_str(rest);
    out
}

/// Where a list of two or more `?` ends, at the start of a text.
fn list_end(text: &str) -> Option<usize> {
    let mut marks = 0;
    for (i, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            b'?' => marks += 1,
            b',' | b' ' => {}
            b')' if marks > 1 => return Some(i + 1),
            _ => return None,
        }
    }
    None
}
