//! What stands between a metric's braces: tags, wildcards, `AND OR NOT IN`, `!`, `-`, commas, parentheses and `$variables`.
//!
//! A comma is the loosest `AND`; `NOT` binds tightest, then `AND`, then `OR`.

use super::ast::Filter;
use super::lexer::Cursor;
use super::{DEPTH_MAX, ParseError, ParseResult};

/// Tags of one filter; a template variable with every host of a cluster is the largest seen.
const TERMS_MAX: usize = 1_000;

pub(super) struct FilterParser<'c, 'a> {
    pub(super) cursor: &'c mut Cursor<'a>,
    depth: usize,
    terms: usize,
}

impl<'c, 'a> FilterParser<'c, 'a> {
    pub(super) fn new(cursor: &'c mut Cursor<'a>, depth: usize) -> Self {
        Self { cursor, depth, terms: 0 }
    }

    /// Everything up to the closing brace, which is taken too.
    pub(super) fn braces(mut self) -> ParseResult<Filter> {
        if self.cursor.eat('}') {
            return Ok(Filter::All);
        }
        let filter = self.list()?;
        if !self.cursor.eat('}') {
            return Err(ParseError::new(
                self.cursor.at,
                format!("{} inside the filter", self.cursor.found()),
                &["\"}\"", "\",\"", "AND", "OR"],
            ));
        }
        Ok(filter)
    }

    fn list(&mut self) -> ParseResult<Filter> {
        let mut parts = vec![self.any()?];
        while self.cursor.eat(',') {
            parts.push(self.any()?);
        }
        Ok(one_or(parts, Filter::And))
    }

    fn any(&mut self) -> ParseResult<Filter> {
        let mut parts = vec![self.all()?];
        while self.operator("OR") {
            parts.push(self.all()?);
        }
        Ok(one_or(parts, Filter::Or))
    }

    fn all(&mut self) -> ParseResult<Filter> {
        let mut parts = vec![self.term()?];
        while self.operator("AND") {
            parts.push(self.term()?);
        }
        Ok(one_or(parts, Filter::And))
    }

    fn term(&mut self) -> ParseResult<Filter> {
        self.depth += 1;
        self.terms += 1;
        if self.depth > DEPTH_MAX || self.terms > TERMS_MAX {
            return Err(ParseError::new(self.cursor.at, "this filter is too deep or too long", &[]));
        }
        let term = self.negated_or_plain();
        self.depth -= 1;
        term
    }

    fn negated_or_plain(&mut self) -> ParseResult<Filter> {
        if self.cursor.eat('!') || self.cursor.eat('-') || self.operator("NOT") {
            return Ok(Filter::Not(Box::new(self.term()?)));
        }
        if self.cursor.eat('(') {
            let inner = self.list()?;
            self.cursor.expect(')', "this group")?;
            return Ok(inner);
        }
        self.tag()
    }

    fn tag(&mut self) -> ParseResult<Filter> {
        self.cursor.skip_blanks();
        let position = self.cursor.at;
        let (text, literal) = self.tag_text()?;
        if text.is_empty() {
            return Err(ParseError::new(
                position,
                format!("{} where a tag belongs", self.cursor.found()),
                &["key:value", "*", "$variable", "NOT", "\"(\""],
            ));
        }
        if text == "*" && !literal {
            return Ok(Filter::All);
        }
        self.membership(text, literal, position)
    }

    /// `key IN (…)` and `key NOT IN (…)`, else the tag alone.
    fn membership(&mut self, text: String, literal: bool, position: usize) -> ParseResult<Filter> {
        let before = self.cursor.at;
        let negated = self.operator("NOT");
        if self.operator("IN") {
            let key = text.trim_end_matches(':').to_owned();
            let within = Filter::In { key, values: self.values()?, position };
            return Ok(if negated { Filter::Not(Box::new(within)) } else { within });
        }
        self.cursor.at = before;
        Ok(Filter::Tag { text, position, literal })
    }

    fn values(&mut self) -> ParseResult<Vec<String>> {
        self.cursor.expect('(', "IN")?;
        let mut values = Vec::new();
        loop {
            self.cursor.skip_blanks();
            let position = self.cursor.at;
            let (value, _) = self.tag_text()?;
            self.terms += 1;
            if value.is_empty() || self.terms > TERMS_MAX {
                return Err(ParseError::new(position, "this list needs values, at most 1,000", &["a value"]));
            }
            values.push(value);
            if !self.cursor.eat(',') {
                break;
            }
        }
        self.cursor.expect(')', "the list after IN")?;
        Ok(values)
    }

    /// A tag as written; its value may be in quotes, which then may hold anything.
    fn tag_text(&mut self) -> ParseResult<(String, bool)> {
        if let Some(value) = self.cursor.quoted()? {
            return Ok((value.to_owned(), true));
        }
        let plain = |c: char| !c.is_whitespace() && !matches!(c, ',' | '{' | '}' | '(' | ')' | '"' | '\'');
        let mut text = self.cursor.take_while(plain).to_owned();
        let mut literal = false;
        if text.ends_with(':')
            && let Some(value) = self.cursor.quoted()?
        {
            text.push_str(value);
            literal = true;
        }
        Ok((text, literal))
    }

    /// A word of the boolean language, in any case, with a blank, a parenthesis or a sign after it.
    fn operator(&mut self, word: &str) -> bool {
        let mut ahead = self.cursor.clone();
        ahead.skip_blanks();
        let rest = ahead.rest();
        let Some(head) = rest.get(..word.len()) else { return false };
        let next = rest[word.len()..].chars().next();
        let ends = next.is_none_or(|c| c.is_whitespace() || matches!(c, '(' | '!'));
        if head.eq_ignore_ascii_case(word) && ends {
            self.cursor.at = ahead.at + word.len();
            return true;
        }
        false
    }
}

fn one_or(mut parts: Vec<Filter>, many: impl FnOnce(Vec<Filter>) -> Filter) -> Filter {
    if parts.len() == 1 { parts.swap_remove(0) } else { many(parts) }
}
