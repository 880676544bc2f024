//! The search language of monitors: words of the title, query, tags and message; `status:alert`, `type:log`, `tag:"env:prod"`, `muted:true`,
//! `notification:slack-ops` …; `AND`, `OR`, `NOT` or `-`, parentheses, `field:(a OR b)`, quotes, `*` for any run of letters and `?` for one. A monitor's id finds it.
//!
//! A field that is none of these is a tag's key: `team:blue` is `tag:"team:blue"`.

use super::catalog::Entry;
use super::live::Live;
use oriel_monitor::status::Status;

/// Terms of one search and parentheses in one another: what a person types has a handful.
const TERMS_MAX: usize = 200;
const DEPTH_MAX: usize = 20;

/// What a search asks for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Search {
    All(Vec<Search>),
    Any(Vec<Search>),
    Not(Box<Search>),
    Word(Pattern),
    Field(Field, Pattern),
}

/// What a term is about.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Field {
    Status,
    GroupStatus,
    Group,
    Kind,
    Tag,
    /// A tag by its key.
    TagKey(String),
    Muted,
    Notification,
    Creator,
    Id,
    Title,
    Message,
    Query,
    Metric,
    Scope,
    Priority,
    DraftStatus,
}

/// Small letters; `*` stands for any run of them, `?` for one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pattern {
    text: String,
    has_wildcards: bool,
}

impl Pattern {
    fn new(text: &str, quoted: bool) -> Self {
        Self { text: text.to_lowercase(), has_wildcards: !quoted && text.contains(['*', '?']) }
    }

    /// Whether it is the whole text, which is in small letters.
    fn is(&self, text: &str) -> bool {
        if self.has_wildcards { is_like(&self.text, text) } else { self.text == text }
    }

    /// Whether it is anywhere in the text, which is in small letters.
    fn is_in(&self, text: &str) -> bool {
        if self.has_wildcards {
            is_like(&format!("*{}*", self.text), text)
        } else {
            text.contains(&self.text)
        }
    }

    fn is_any_of(&self, texts: &[String]) -> bool {
        texts.iter().any(|t| self.is(&t.to_lowercase()))
    }

    fn is_in_any_of(&self, texts: &[String]) -> bool {
        texts.iter().any(|t| self.is_in(&t.to_lowercase()))
    }

    /// Letters alone: `No Data` is `no_data` and `nodata`.
    fn is_word(&self, word: &str) -> bool {
        let is_kept = |c: &char| c.is_ascii_alphanumeric() || (self.has_wildcards && matches!(c, '*' | '?'));
        let text = self.text.chars().filter(is_kept).collect();
        let word: String = word.chars().filter(char::is_ascii_alphanumeric).collect();
        Self { text, ..*self }.is(&word.to_lowercase())
    }
}

/// The newest `*` takes one more letter wherever what follows it does not fit: each letter is looked at once for each of the
/// pattern at most.
fn is_like(pattern: &str, text: &str) -> bool {
    let (mut left, mut rest) = (pattern.chars(), text.chars());
    let mut newest = None;
    loop {
        let mut ahead = left.clone();
        match (ahead.next(), rest.clone().next()) {
            (Some('*'), _) => {
                left = ahead;
                newest = Some((left.clone(), rest.clone()));
                continue;
            }
            (Some(sign), Some(letter)) if sign == '?' || sign == letter => {
                left = ahead;
                rest.next();
                continue;
            }
            (None, None) => return true,
            _ => {}
        }
        let Some((after, from)) = &mut newest else { return false };
        if from.next().is_none() {
            return false;
        }
        (left, rest) = (after.clone(), from.clone());
    }
}

impl Search {
    /// Reads a search; a mistake says where it is.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let tokens = tokens(text)?;
        if tokens.iter().filter(|t| matches!(t, Token::Term { .. })).count() > TERMS_MAX {
            return Err(format!("the search has more than {TERMS_MAX} terms"));
        }
        let mut parser = Parser { tokens: &tokens, at: 0 };
        let search = parser.any(None, 0)?;
        match parser.peek() {
            None => Ok(search),
            Some(_) => Err("the search closes a parenthesis that it did not open".to_owned()),
        }
    }

    pub(crate) fn matches(&self, entry: &Entry, live: &Live) -> bool {
        let leaf = |leaf: &Self| match leaf {
            Self::Word(pattern) => Some(pattern.is_in(&entry.text) || pattern.is(&entry.id.to_string())),
            Self::Field(Field::Group, _) => None,
            Self::Field(field, pattern) => Some(field.matches(pattern, entry, live)),
            _ => None,
        };
        self.decide(&leaf) != Some(false)
    }

    /// Whether a group of a monitor that was found is meant: only `group_status:` and `group:` are about groups.
    pub(crate) fn matches_group(&self, key: &str, status: Status) -> bool {
        let leaf = |leaf: &Self| match leaf {
            Self::Field(Field::GroupStatus, pattern) => Some(pattern.is_word(status.as_str())),
            Self::Field(Field::Group, pattern) => Some(pattern.is_in(&key.to_lowercase())),
            _ => None,
        };
        self.decide(&leaf) != Some(false)
    }

    /// What the leaves come to; a leaf that says nothing decides nothing.
    fn decide(&self, leaf: &dyn Fn(&Self) -> Option<bool>) -> Option<bool> {
        match self {
            Self::All(parts) => {
                let mut all = None;
                for part in parts {
                    match part.decide(leaf) {
                        Some(false) => return Some(false),
                        told => all = all.or(told),
                    }
                }
                all
            }
            Self::Any(parts) => {
                let mut any = Some(false);
                for part in parts {
                    match part.decide(leaf) {
                        Some(true) => return Some(true),
                        Some(false) => {}
                        None => any = None,
                    }
                }
                any
            }
            Self::Not(part) => part.decide(leaf).map(|told| !told),
            Self::Word(_) | Self::Field(..) => leaf(self),
        }
    }
}

impl Field {
    fn of(name: &str) -> Self {
        match name.to_lowercase().as_str() {
            "status" => Self::Status,
            "group_status" => Self::GroupStatus,
            "group" => Self::Group,
            "type" => Self::Kind,
            "tag" | "tags" => Self::Tag,
            "muted" => Self::Muted,
            "notification" | "notifications" => Self::Notification,
            "creator" => Self::Creator,
            "id" => Self::Id,
            "title" | "name" => Self::Title,
            "message" => Self::Message,
            "query" => Self::Query,
            "metric" | "metrics" => Self::Metric,
            "scope" | "scopes" => Self::Scope,
            "priority" => Self::Priority,
            "draft_status" => Self::DraftStatus,
            other => Self::TagKey(other.to_owned()),
        }
    }

    fn matches(&self, pattern: &Pattern, entry: &Entry, live: &Live) -> bool {
        match self {
            Self::Status => pattern.is_word(live.status.as_str()),
            Self::GroupStatus => live.group_statuses().any(|status| pattern.is_word(status.as_str())),
            Self::Kind => entry.kinds().any(|kind| pattern.is_word(kind)),
            Self::Tag => pattern.is_any_of(&entry.tags),
            Self::TagKey(key) => entry.tags.iter().any(|tag| {
                let tag = tag.to_lowercase();
                tag.strip_prefix(key.as_str())
                    .and_then(|t| t.strip_prefix(':'))
                    .is_some_and(|v| pattern.is(v))
            }),
            Self::Muted => pattern.is(if live.muted.is_some() { "true" } else { "false" }),
            Self::Notification => {
                let named = |handle: &str| pattern.is(handle) || pattern.is(handle.trim_start_matches('@'));
                entry.handles.iter().any(|h| named(&h.to_lowercase()))
            }
            Self::Creator => pattern.is_in(&entry.creator.to_lowercase()),
            Self::Id => pattern.is(&entry.id.to_string()),
            Self::Title => pattern.is_in(&entry.name.to_lowercase()),
            Self::Message => pattern.is_in(&entry.message.to_lowercase()),
            Self::Query => pattern.is_in(&entry.query.to_lowercase()),
            Self::Metric => pattern.is_any_of(&entry.metrics),
            Self::Scope => pattern.is_in_any_of(&entry.scopes),
            Self::Priority => match entry.priority {
                Some(n) => pattern.is(&n.to_string()) || pattern.is(&format!("p{n}")),
                None => pattern.is("none"),
            },
            // About groups alone; see `Search::matches_group`.
            Self::Group => true,
            Self::DraftStatus => pattern.is(if entry.draft { "draft" } else { "published" }),
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Open,
    Close,
    And,
    Or,
    Not,
    /// `field:` right before a parenthesis or a term.
    Field(String),
    Term {
        text: String,
        quoted: bool,
    },
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        match first {
            '(' => found.push(Token::Open),
            ')' => found.push(Token::Close),
            '-' => found.push(Token::Not),
            '"' => {
                let (quoted, after) = quoted(&rest[1..])
                    .ok_or_else(|| format!("a quote is open from {rest:?} on; close it with \""))?;
                found.push(Token::Term { text: quoted, quoted: true });
                rest = after.trim_start();
                continue;
            }
            _ => {
                rest = word(rest, &mut found).trim_start();
                continue;
            }
        }
        rest = rest[1..].trim_start();
    }
    Ok(found)
}

/// One word, or a field's name when a colon follows; gives what is left.
fn word<'a>(rest: &'a str, found: &mut Vec<Token>) -> &'a str {
    let is_field = !matches!(found.last(), Some(Token::Field(_)));
    let end = rest
        .find(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '"') || (is_field && c == ':'))
        .unwrap_or(rest.len());
    let (text, after) = rest.split_at(end);
    if let Some(value) = after.strip_prefix(':').filter(|_| is_field && !text.is_empty()) {
        // `muted: true` is `muted:true`; before a blank other words keep their colon.
        let is_known = !matches!(Field::of(text), Field::TagKey(_));
        let value = if is_known { value.trim_start() } else { value };
        if starts_value(value) {
            found.push(Token::Field(text.to_owned()));
            return value;
        }
    }
    // A colon that opens no value belongs to the word.
    let end = if after.starts_with(':') { end + 1 } else { end };
    let (text, after) = rest.split_at(end);
    found.push(match text {
        "AND" => Token::And,
        "OR" => Token::Or,
        "NOT" => Token::Not,
        _ => Token::Term { text: text.to_owned(), quoted: false },
    });
    after
}

fn starts_value(text: &str) -> bool {
    text.chars().next().is_some_and(|c| !c.is_whitespace() && c != ')')
}

/// Up to the closing quote; `\"` is a quote.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut out = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((out, &text[at + 1..])),
            '\\' => out.push(chars.next()?.1),
            _ => out.push(c),
        }
    }
    None
}

struct Parser<'a> {
    tokens: &'a [Token],
    at: usize,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<&'a Token> {
        self.tokens.get(self.at)
    }

    fn next(&mut self) -> Option<&'a Token> {
        let token = self.peek();
        self.at += 1;
        token
    }

    /// `a OR b`; inside `field:( … )` every term is about the field.
    fn any(&mut self, field: Option<&Field>, depth: usize) -> Result<Search, String> {
        if depth > DEPTH_MAX {
            return Err(format!("the search nests parentheses more than {DEPTH_MAX} deep"));
        }
        let mut parts = vec![self.all(field, depth)?];
        while self.peek() == Some(&Token::Or) {
            self.next();
            parts.push(self.all(field, depth)?);
        }
        Ok(one_or(parts, Search::Any))
    }

    fn all(&mut self, field: Option<&Field>, depth: usize) -> Result<Search, String> {
        let mut parts = Vec::new();
        loop {
            match self.peek() {
                None | Some(Token::Close | Token::Or) => return Ok(one_or(parts, Search::All)),
                Some(Token::And) => self.at += 1,
                Some(_) => parts.push(self.term(field, depth)?),
            }
        }
    }

    fn term(&mut self, field: Option<&Field>, depth: usize) -> Result<Search, String> {
        let mut negated = false;
        while self.peek() == Some(&Token::Not) {
            self.next();
            negated = !negated;
        }
        let part = match self.next() {
            Some(Token::Open) => {
                let inner = self.any(field, depth + 1)?;
                if self.next() != Some(&Token::Close) {
                    return Err("the search opens a parenthesis that it does not close".to_owned());
                }
                inner
            }
            Some(Token::Field(name)) => {
                if matches!(name.as_str(), "muted_left" | "muted_elapsed") {
                    return Err(format!("{name} is not searched by; muted:true is"));
                }
                // The next token is a value: `word` has looked at it.
                let field = Field::of(name);
                return self.term(Some(&field), depth).map(|part| not_if(negated, part));
            }
            Some(Token::Term { text, quoted }) => {
                let pattern = Pattern::new(text, *quoted);
                field.map_or_else(
                    || Search::Word(pattern.clone()),
                    |f| Search::Field(f.clone(), pattern.clone()),
                )
            }
            _ => return Err("the search ends where a word was expected".to_owned()),
        };
        Ok(not_if(negated, part))
    }
}

fn not_if(negated: bool, part: Search) -> Search {
    if negated { Search::Not(Box::new(part)) } else { part }
}

fn one_or(mut parts: Vec<Search>, several: fn(Vec<Search>) -> Search) -> Search {
    match parts.len() {
        1 => parts.remove(0),
        _ => several(parts),
    }
}

#[cfg(test)]
mod tests;
