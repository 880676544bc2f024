//! Pieces of text as written: words with escapes and wildcards, and quoted phrases.

use crate::lang::lexer::Cursor;
use crate::lang::{ParseError, ParseResult};
use oriel_model::{Glob, GlobPart, Word, Words, text};

/// One character of an unquoted word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// A character that stands for itself; `\` may have made it one.
    Char(char),
    Any,
    One,
}

/// A value as written.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Atom {
    Quoted(String),
    Plain(Vec<Piece>),
}

impl Atom {
    /// The text, wildcards as they were written.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Quoted(text) => text.clone(),
            Self::Plain(pieces) => pieces
                .iter()
                .map(|piece| match piece {
                    Piece::Char(c) => *c,
                    Piece::Any => '*',
                    Piece::One => '?',
                })
                .collect(),
        }
    }

    /// `*` alone.
    pub(super) fn is_star(&self) -> bool {
        matches!(self, Self::Plain(pieces) if pieces.iter().all(|p| *p == Piece::Any) && !pieces.is_empty())
    }

    /// The pattern, when it has wildcards.
    pub(super) fn glob(&self, change: impl Fn(char) -> char) -> Option<Glob> {
        let Self::Plain(pieces) = self else { return None };
        if pieces.iter().all(|piece| matches!(piece, Piece::Char(_))) {
            return None;
        }
        Some(glob(pieces, change))
    }

    /// The words it means in a full text.
    pub(super) fn words(&self) -> Words {
        match self {
            Self::Quoted(phrase) => Words(text::tokens(phrase).into_iter().map(Word::Token).collect()),
            Self::Plain(pieces) => plain_words(pieces),
        }
    }
}

fn glob(pieces: &[Piece], change: impl Fn(char) -> char) -> Glob {
    Glob::new(pieces.iter().map(|piece| match piece {
        Piece::Char(c) => GlobPart::Literal(change(*c).to_string().into()),
        Piece::Any => GlobPart::Any,
        Piece::One => GlobPart::One,
    }))
}

/// Punctuation ends a word, as it does in the message. Stars that stand alone at an end ask for nothing.
fn plain_words(pieces: &[Piece]) -> Words {
    let is_end = |piece: &Piece| matches!(piece, Piece::Char(c) if !text::is_word(*c));
    let mut words = Vec::new();
    for run in pieces.split(is_end).filter(|run| !run.is_empty()) {
        if run.iter().all(|piece| matches!(piece, Piece::Char(_))) {
            let word = Atom::Plain(run.to_vec()).text();
            words.extend(text::tokens(&word).into_iter().map(Word::Token));
        } else {
            words.push(Word::Glob(glob(run, text::fold_char)));
        }
    }
    let lone = |word: Option<&Word>| matches!(word, Some(Word::Glob(g)) if g.parts == [GlobPart::Any]);
    while lone(words.last()) {
        words.pop();
    }
    let first = words.iter().position(|word| !lone(Some(word))).unwrap_or(words.len());
    words.drain(..first);
    Words(words)
}

/// `"…"`, where the quote stands; a backslash takes a quote or a backslash into the text and is itself before anything else.
pub(super) fn quoted(cursor: &mut Cursor<'_>) -> ParseResult<Atom> {
    let opened = cursor.at;
    cursor.bump();
    let mut text = String::new();
    loop {
        match cursor.bump() {
            None => return Err(ParseError::new(opened, "this quote is never closed", &["\"\\\"\""])),
            Some('"') => return Ok(Atom::Quoted(text)),
            Some('\\') if matches!(cursor.peek(), Some('"' | '\\')) => text.extend(cursor.bump()),
            Some(c) => text.push(c),
        }
    }
}

/// Characters up to a blank, a parenthesis, a quote or one that `ends` it.
pub(super) fn plain(cursor: &mut Cursor<'_>, ends: impl Fn(char) -> bool) -> ParseResult<Atom> {
    let mut pieces = Vec::new();
    while let Some(c) = cursor.peek() {
        if c.is_whitespace() || matches!(c, '(' | ')' | '"') || ends(c) {
            break;
        }
        let at = cursor.at;
        cursor.bump();
        pieces.push(match c {
            '*' => Piece::Any,
            '?' => Piece::One,
            '\\' => match cursor.bump() {
                Some(escaped) => Piece::Char(escaped),
                None => {
                    return Err(ParseError::new(
                        at,
                        "a backslash ends the search; write \\\\ for one",
                        &["a character"],
                    ));
                }
            },
            c => Piece::Char(c),
        });
    }
    Ok(Atom::Plain(pieces))
}
