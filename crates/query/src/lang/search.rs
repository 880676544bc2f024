//! The search language of logs, spans and events: text to the one [`Filter`] that the store, processors and tails share.
//!
//! `AND` is what stands between two terms when nothing does; `OR` is looser, `NOT`, `-` and `!` bind tightest. A term is a word
//! or a quoted phrase of the message, `field:value` with a value, a group of them, a comparison or a range, `*:word` for
//! everywhere, or `CIDR(field, network…)`. Fields: [`oriel_model::Field::parse`].
//!
//! Differences to what people know are all on the lenient side: characters that are special there and have no meaning where
//! they stand are taken as they are, and punctuation among free words is no term.

mod atom;
mod number;
mod term;

use super::lexer::Cursor;
use super::{DEPTH_MAX, ParseError, ParseResult, TEXT_BYTES_MAX};
use oriel_model::{Field, Filter, Signal};

/// Terms of one search; a pasted list of ids is the largest seen.
const TERMS_MAX: usize = 1_000;

/// The rows that a text asks for. Blank means all.
pub fn parse(signal: Signal, text: &str) -> ParseResult<Filter> {
    if text.len() > TEXT_BYTES_MAX {
        return Err(ParseError::new(0, "this search is longer than 16 KiB; shorten it", &[]));
    }
    let mut parser = Parser { cursor: Cursor::new(text), signal, depth: 0, terms: 0 };
    parser.cursor.skip_blanks();
    if parser.cursor.rest().is_empty() {
        return Ok(Filter::All);
    }
    let filter = parser.any(&Scope::Free)?;
    if parser.cursor.peek() == Some(')') {
        return Err(ParseError::new(
            parser.cursor.at,
            "this parenthesis closes nothing",
            &["a term", "AND", "OR"],
        ));
    }
    Ok(filter)
}

/// What a bare value is a value of.
#[derive(Clone, Debug)]
enum Scope {
    /// Words of the message, and `field:value`.
    Free,
    /// Inside `field:(…)`.
    Field(Field),
    /// Inside `*:(…)`.
    Anywhere,
}

struct Parser<'a> {
    cursor: Cursor<'a>,
    signal: Signal,
    depth: usize,
    terms: usize,
}

impl Parser<'_> {
    /// Terms joined by `OR`.
    fn any(&mut self, scope: &Scope) -> ParseResult<Filter> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(ParseError::new(
                self.cursor.at,
                "this search has too many groups inside each other",
                &[],
            ));
        }
        let mut parts = vec![self.all(scope)?];
        while self.eat_operator("OR", "||") {
            parts.push(self.all(scope)?);
        }
        self.depth -= 1;
        Ok(join(parts, Filter::Or))
    }

    /// Terms joined by `AND` or by nothing.
    fn all(&mut self, scope: &Scope) -> ParseResult<Filter> {
        let mut parts = vec![self.negated(scope)?];
        loop {
            let joined = self.eat_operator("AND", "&&");
            self.cursor.skip_blanks();
            let ends = matches!(self.cursor.peek(), None | Some(')'));
            if !joined && (ends || self.sees_operator("OR", "||").is_some()) {
                break;
            }
            parts.push(self.negated(scope)?);
        }
        // What is only punctuation means nothing among other terms.
        if parts.len() > 1 {
            parts.retain(|part| *part != Filter::All);
        }
        Ok(join(parts, Filter::And))
    }

    fn negated(&mut self, scope: &Scope) -> ParseResult<Filter> {
        let mut negated = false;
        loop {
            self.cursor.skip_blanks();
            let mut rest = self.cursor.rest().chars();
            match (rest.next(), rest.next()) {
                (Some('-' | '!'), Some(next)) if !next.is_whitespace() && next != ')' => {
                    self.cursor.bump();
                    negated = !negated;
                }
                (Some('+'), Some(next)) if !next.is_whitespace() => drop(self.cursor.bump()),
                _ if self.eat_operator("NOT", "NOT") => negated = !negated,
                _ => break,
            }
        }
        let term = self.term(scope)?;
        Ok(if negated { Filter::Not(Box::new(term)) } else { term })
    }

    fn term(&mut self, scope: &Scope) -> ParseResult<Filter> {
        self.terms += 1;
        if self.terms > TERMS_MAX {
            return Err(ParseError::new(
                self.cursor.at,
                "this search has more than 1,000 terms; shorten it",
                &[],
            ));
        }
        self.cursor.skip_blanks();
        let at = self.cursor.at;
        let operator = ["AND", "OR"].into_iter().find(|word| self.sees_operator(word, word).is_some());
        if let Some(word) = operator {
            return Err(ParseError::new(at, format!("{word} has nothing before it"), TERMS));
        }
        match self.cursor.peek() {
            None => Err(ParseError::new(at, "the search ends where a term belongs", TERMS)),
            Some(')') => Err(ParseError::new(at, "this group is empty", TERMS)),
            Some('(') => self.group(scope),
            Some(_) if matches!(scope, Scope::Free) => self.free_term(),
            Some(_) => self.value(scope),
        }
    }

    /// `( … )`, where the opening parenthesis stands.
    fn group(&mut self, scope: &Scope) -> ParseResult<Filter> {
        let opened = self.cursor.at;
        self.cursor.bump();
        let inner = self.any(scope)?;
        if !self.cursor.eat(')') {
            return Err(ParseError::new(opened, "this parenthesis is never closed", &["\")\""]));
        }
        Ok(inner)
    }

    fn eat_operator(&mut self, word: &str, sign: &str) -> bool {
        self.cursor.skip_blanks();
        let len = self.sees_operator(word, sign);
        self.cursor.at += len.unwrap_or(0);
        len.is_some()
    }

    /// The length of the operator that stands here: its sign, or its word (in capitals) with a blank, a parenthesis or the end
    /// after it.
    fn sees_operator(&self, word: &str, sign: &str) -> Option<usize> {
        let rest = self.cursor.rest();
        if sign != word && rest.starts_with(sign) {
            return Some(sign.len());
        }
        let next = rest.strip_prefix(word)?.chars().next();
        next.is_none_or(|c| c.is_whitespace() || matches!(c, '(' | ')')).then_some(word.len())
    }
}

/// What can begin a term.
const TERMS: &[&str] = &["a word", "\"a phrase\"", "field:value", "@attribute:value", "NOT", "\"(\""];

fn join(mut parts: Vec<Filter>, many: impl FnOnce(Vec<Filter>) -> Filter) -> Filter {
    match parts.len() {
        0 => Filter::All,
        1 => parts.swap_remove(0),
        _ => many(parts),
    }
}

#[cfg(test)]
mod tests;
