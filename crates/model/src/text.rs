//! What a word is, for the index and for searches alike (STORE 33).
//!
//! A token is a run of letters, digits and `_`, folded one character to one (simple case folding); a CJK character is a token
//! by itself; a token of more than [`TOKEN_BYTES_MAX`] bytes stands as its hash. An index names [`VERSION`]; one of another
//! version is not used.

use std::borrow::Cow;
use xxhash_rust::xxh3::xxh3_128;

/// Changes when the same text would give other tokens: this code, or the Unicode version of `unicode-case-mapping` 1.0 and of
/// the compiler's character tables.
pub const VERSION: u32 = 1;

/// Longer tokens are hashed: nobody types them, and they would fill the index's dictionary.
pub const TOKEN_BYTES_MAX: usize = 64;

/// Shows each token of a text, folded, in order. `scratch` is reused from call to call.
pub fn for_each_token(text: &str, scratch: &mut String, mut visit: impl FnMut(&str)) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at].is_ascii() && !is_ascii_word(bytes[at]) {
            at += 1;
            continue;
        }
        let begin = at;
        let mut upper = false;
        while at < bytes.len() && is_ascii_word(bytes[at]) {
            upper |= bytes[at].is_ascii_uppercase();
            at += 1;
        }
        if at == bytes.len() || bytes[at].is_ascii() {
            show(&text[begin..at], upper, scratch, &mut visit);
        } else {
            at = other_run(text, begin, scratch, &mut visit);
        }
    }
}

/// The tokens of a text, as owned texts: for queries.
pub fn tokens(text: &str) -> Vec<Box<str>> {
    let mut out = Vec::new();
    for_each_token(text, &mut String::new(), |token| out.push(token.into()));
    out
}

/// What a text that holds some literal has among its tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// This token.
    Token(Box<str>),
    /// A token that has this text, folded: at its begin when `begins`, at its end when `ends`, else anywhere. A token that
    /// stands as its hash does not show it ([`may_be_hashed`]).
    Part { text: Box<str>, begins: bool, ends: bool },
}

/// The pieces of a literal: at its ends, a token of the text around it may go on.
pub fn pieces(literal: &str) -> Vec<Piece> {
    let mut out = Vec::new();
    let (mut from, mut is_cut) = (0, false);
    let mut add = |begin: usize, end: usize, (begins, ends): (bool, bool)| {
        let run = &literal[begin..end];
        match (run.is_empty(), begins && ends) {
            (true, _) => {}
            (false, true) => out.extend(tokens(run).into_iter().map(Piece::Token)),
            (false, false) => out.push(Piece::Part { text: fold(run).into(), begins, ends }),
        }
    };
    for (at, c) in literal.char_indices() {
        if is_word(c) && !is_cjk(c) {
            continue;
        }
        add(from, at, (is_cut, true));
        let end = at + c.len_utf8();
        if is_cjk(c) {
            add(at, end, (true, true));
        }
        (from, is_cut) = (end, true);
    }
    add(from, literal.len(), (is_cut, false));
    out
}

/// Whether a token has the form of a hash that stands for a long one.
pub fn is_like_hash(token: &str) -> bool {
    token.len() == 32 && token.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Whether some token of the text may stand as its hash.
pub fn may_be_hashed(text: &str) -> bool {
    let mut runs = text.as_bytes().split(|&b| b.is_ascii() && !is_ascii_word(b));
    // Folding may take two bytes to three.
    runs.any(|run| run.len() > if run.is_ascii() { TOKEN_BYTES_MAX } else { TOKEN_BYTES_MAX / 2 })
}

/// A text folded character by character, as tokens are.
pub fn fold(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|b| b.is_ascii() && !b.is_ascii_uppercase()) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(fold_char).collect())
}

/// Simple case folding: one character to one.
pub fn fold_char(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    unicode_case_mapping::case_folded(c).and_then(|n| char::from_u32(n.get())).unwrap_or(c)
}

/// Whether a character is part of a token.
pub fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn is_ascii_word(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_'
}

fn show(token: &str, upper: bool, scratch: &mut String, visit: &mut impl FnMut(&str)) {
    if !upper && token.len() <= TOKEN_BYTES_MAX {
        visit(token);
        return;
    }
    scratch.clear();
    scratch.extend(token.chars().map(fold_char));
    if scratch.len() > TOKEN_BYTES_MAX {
        let hash = xxh3_128(scratch.as_bytes());
        scratch.clear();
        scratch.push_str(&format!("{hash:032x}"));
    }
    visit(scratch);
}

/// A run that holds other than ASCII; gives the place after it.
fn other_run(text: &str, begin: usize, scratch: &mut String, visit: &mut impl FnMut(&str)) -> usize {
    let mut from = begin;
    for (i, c) in text[begin..].char_indices() {
        let at = begin + i;
        if is_word(c) && !is_cjk(c) {
            continue;
        }
        if from < at {
            show(&text[from..at], true, scratch, visit);
        }
        let end = at + c.len_utf8();
        if !is_cjk(c) {
            return end;
        }
        visit(&text[at..end]);
        from = end;
    }
    if from < text.len() {
        show(&text[from..], true, scratch, visit);
    }
    text.len()
}

/// Scripts written without blanks between words: Han, kana, Hangul.
fn is_cjk(c: char) -> bool {
    matches!(u32::from(c),
        0x1100..=0x11ff | 0x2e80..=0x2fdf | 0x3040..=0x30ff | 0x3130..=0x318f | 0x31f0..=0x31ff | 0x3400..=0x4dbf
        | 0x4e00..=0x9fff | 0xac00..=0xd7af | 0xf900..=0xfaff | 0xff66..=0xffdc | 0x2_0000..=0x3_ffff)
}

#[cfg(test)]
mod tests;
