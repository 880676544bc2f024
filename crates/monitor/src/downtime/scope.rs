//! What a downtime is about: `env:(staging OR prod) AND datacenter:us-east-1`, `*`, `host:web-* -env:dev`, `env:prod,host:a`.
//!
//! `AND` is what stands between two terms when nothing does, a comma among them; `OR` is looser, `NOT`, `-` and `!` bind
//! tightest. A value may hold `*`. A group that has no such tag does not match `key:value`.

use crate::{Error, Result};
use std::fmt;

/// Terms of one scope; the longest lists of hosts that people paste are some hundreds.
const TERMS_MAX: usize = 1_000;
/// Parentheses inside each other.
const DEPTH_MAX: usize = 32;

/// A parsed expression with its text.
#[derive(Clone, Debug)]
pub struct Scope {
    text: String,
    node: Node,
}

#[derive(Clone, Debug)]
enum Node {
    All,
    /// A key with a pattern; `*` stands for any run.
    Pair(String, String),
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
}

impl Scope {
    pub fn parse(text: &str) -> Result<Self> {
        let mut parser = Parser { rest: text.trim(), depth: 0, terms: 0 };
        let node = if parser.rest.is_empty() { Node::All } else { parser.any("")? };
        if !parser.rest.is_empty() {
            return Err(parser.unexpected("the end, AND, OR"));
        }
        Ok(Self { text: text.trim().to_owned(), node })
    }

    /// Whether a group's pairs are meant.
    pub fn matches(&self, group: &[(String, String)]) -> bool {
        self.node.matches(group)
    }

    /// Whether every group is meant.
    pub fn is_all(&self) -> bool {
        matches!(self.node, Node::All)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.text.is_empty() { "*" } else { &self.text })
    }
}

impl Node {
    fn matches(&self, group: &[(String, String)]) -> bool {
        match self {
            Self::All => true,
            Self::Pair(key, pattern) => group.iter().any(|(k, v)| k == key && glob(pattern, v)),
            Self::And(parts) => parts.iter().all(|p| p.matches(group)),
            Self::Or(parts) => parts.iter().any(|p| p.matches(group)),
            Self::Not(inner) => !inner.matches(group),
        }
    }
}

/// `*` stands for any run of characters.
pub(super) fn glob(pattern: &str, text: &str) -> bool {
    let Some((first, tail)) = pattern.split_once('*') else { return pattern == text };
    let (middle, last) = tail.rsplit_once('*').unwrap_or(("", tail));
    let Some(rest) = text.strip_prefix(first).and_then(|rest| rest.strip_suffix(last)) else { return false };
    let after = |rest: &str, part: &str| rest.find(part).map(|at| at + part.len());
    middle.split('*').try_fold(rest, |rest, part| after(rest, part).map(|at| &rest[at..])).is_some()
}

struct Parser<'a> {
    rest: &'a str,
    depth: usize,
    terms: usize,
}

impl Parser<'_> {
    fn unexpected(&self, wanted: &str) -> Error {
        let found: String = self.rest.chars().take(20).collect();
        let found = if found.is_empty() { "the end".to_owned() } else { format!("{found:?}") };
        Error::invalid(format!("scope: found {found} where {wanted} could stand"))
    }

    fn blanks(&mut self) {
        self.rest = self.rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
    }

    /// A word of the language, with a blank or a parenthesis after it.
    fn word(&mut self, word: &str) -> bool {
        self.blanks();
        let Some(head) = self.rest.get(..word.len()) else { return false };
        let after = self.rest[word.len()..].chars().next();
        let ends = after.is_none_or(|c| c.is_whitespace() || matches!(c, '(' | ')'));
        if head == word && ends {
            self.rest = &self.rest[word.len()..];
        }
        head == word && ends
    }

    fn any(&mut self, key: &str) -> Result<Node> {
        let mut parts = vec![self.all(key)?];
        while self.word("OR") {
            parts.push(self.all(key)?);
        }
        Ok(one_or(parts, Node::Or))
    }

    fn all(&mut self, key: &str) -> Result<Node> {
        let mut parts = vec![self.term(key)?];
        loop {
            let and = self.word("AND");
            let mut ahead = Parser { rest: self.rest, depth: 0, terms: 0 };
            let ends = ahead.word("OR") || ahead.rest.is_empty() || ahead.rest.starts_with(')');
            if ends && !and {
                return Ok(one_or(parts, Node::And));
            }
            parts.push(self.term(key)?);
        }
    }

    fn term(&mut self, key: &str) -> Result<Node> {
        self.terms += 1;
        self.depth += 1;
        if self.terms > TERMS_MAX || self.depth > DEPTH_MAX {
            return Err(Error::invalid(format!(
                "scope: at most {TERMS_MAX} terms and {DEPTH_MAX} parentheses inside each other"
            )));
        }
        let node = self.plain(key);
        self.depth -= 1;
        node
    }

    fn plain(&mut self, key: &str) -> Result<Node> {
        self.blanks();
        if self.word("NOT") {
            return Ok(Node::Not(Box::new(self.term(key)?)));
        }
        if let Some(rest) = self.rest.strip_prefix(['!', '-']) {
            self.rest = rest;
            return Ok(Node::Not(Box::new(self.term(key)?)));
        }
        if let Some(rest) = self.rest.strip_prefix('(') {
            self.rest = rest;
            return self.closed(key);
        }
        self.tag(key)
    }

    fn closed(&mut self, key: &str) -> Result<Node> {
        let inner = self.any(key)?;
        self.blanks();
        match self.rest.strip_prefix(')') {
            Some(rest) => {
                self.rest = rest;
                Ok(inner)
            }
            None => Err(self.unexpected("a closing parenthesis")),
        }
    }

    /// `key:value`, `key:(a OR b)`, or inside such a group the value alone.
    fn tag(&mut self, key: &str) -> Result<Node> {
        if !key.is_empty() {
            let value = self.value()?;
            return Ok(Node::Pair(key.to_owned(), value));
        }
        let end = self.rest.find(|c: char| c.is_whitespace() || matches!(c, ':' | '(' | ')' | ','));
        let (name, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        let name = name.to_owned();
        if name == "*" && !rest.starts_with(':') {
            self.rest = rest;
            return Ok(Node::All);
        }
        let Some(rest) = rest.strip_prefix(':').filter(|_| !name.is_empty()) else {
            return Err(self.unexpected("key:value or *"));
        };
        self.rest = rest;
        if let Some(rest) = self.rest.strip_prefix('(') {
            self.rest = rest;
            return self.closed(&name);
        }
        let value = self.value()?;
        Ok(Node::Pair(name, value))
    }

    fn value(&mut self) -> Result<String> {
        if let Some(rest) = self.rest.strip_prefix('"') {
            let Some((value, rest)) = rest.split_once('"') else {
                return Err(self.unexpected("a closing quote after it"));
            };
            self.rest = rest;
            return Ok(value.to_owned());
        }
        let end = self.rest.find(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | ','));
        let (value, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        if value.is_empty() {
            return Err(self.unexpected("a value"));
        }
        let value = value.to_owned();
        self.rest = rest;
        Ok(value)
    }
}

fn one_or(mut parts: Vec<Node>, many: impl FnOnce(Vec<Node>) -> Node) -> Node {
    if parts.len() == 1 { parts.swap_remove(0) } else { many(parts) }
}
