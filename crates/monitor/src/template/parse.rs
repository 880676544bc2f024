//! From a message to nodes: tags are found, those alone on a line take the line with them, and blocks are closed.

use super::tag::{Word, is_name, plain_name, words};
use super::{
    Block, Call, Condition, DEPTH_MAX, ISSUES_MAX, Issue, Node, SOURCE_BYTES_MAX, Subject, Template, eval,
    utf16_at,
};
use std::ops::Range;

/// The conditions that a block may ask for by name alone.
pub(super) const CONDITIONS: [&str; 12] = [
    "is_alert",
    "is_warning",
    "is_recovery",
    "is_no_data",
    "is_no_data_recovery",
    "is_alert_recovery",
    "is_warning_recovery",
    "is_unknown_recovery",
    "is_alert_to_warning",
    "is_warning_to_alert",
    "is_unknown",
    "is_renotify",
];

/// A piece of the source.
#[derive(Debug)]
struct Token {
    at: Range<usize>,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Text,
    /// Written as it is, with its content's range; under a condition when there is one.
    Raw {
        condition: Option<Range<usize>>,
        inner: Range<usize>,
    },
    Comment,
    Open {
        is_negated: bool,
        inner: Range<usize>,
    },
    Close(Range<usize>),
    Else,
    Inline(Range<usize>),
}

/// A block that is open.
struct Frame {
    name: String,
    block: Block,
    is_else: bool,
    /// Nobody knows its condition: it is told as it was written, tags and all.
    is_loose: bool,
}

struct Parser<'a> {
    source: &'a str,
    issues: Vec<Issue>,
    frames: Vec<Frame>,
    top: Vec<Node>,
    /// Names of blocks beyond the depth, whose ends are skipped too.
    skipped: Vec<String>,
}

pub(super) fn parse(source: &str) -> Template {
    let end = source.floor_char_boundary(SOURCE_BYTES_MAX.min(source.len()));
    let source = &source[..end];
    let mut parser =
        Parser { source, issues: Vec::new(), frames: Vec::new(), top: Vec::new(), skipped: Vec::new() };
    let tokens = trim_lines(source, tokens(source, &mut parser));
    for token in tokens {
        parser.take(token);
    }
    while let Some(frame) = parser.frames.last() {
        let message = format!("{{{{#{}}}}} is not closed", frame.name);
        let at = frame.block.at.start;
        parser.issue(at, message);
        parser.close(source.len()..source.len());
    }
    Template { source: source.to_owned(), nodes: parser.top, issues: parser.issues }
}

fn tokens(source: &str, parser: &mut Parser<'_>) -> Vec<Token> {
    let mut found = Vec::new();
    let mut text_from = 0;
    let mut from = 0;
    while let Some(at) = source[from..].find("{{").map(|n| from + n) {
        let Some((end, kind)) = tag_at(source, at) else {
            parser.issue(at, "{{ is not closed by }}".to_owned());
            break;
        };
        if at > text_from {
            found.push(Token { at: text_from..at, kind: Kind::Text });
        }
        found.push(Token { at: at..end, kind });
        text_from = end;
        from = end;
    }
    if text_from < source.len() {
        found.push(Token { at: text_from..source.len(), kind: Kind::Text });
    }
    found
}

/// The tag that begins at `at`: where it ends, and what it is.
fn tag_at(source: &str, at: usize) -> Option<(usize, Kind)> {
    let rest = &source[at..];
    if rest.starts_with("{{{{")
        && let Some(found) = raw_at(source, at)
    {
        return Some(found);
    }
    if rest.starts_with("{{!--") {
        return Some((at + end_of_comment(rest)?, Kind::Comment));
    }
    if rest.starts_with("{{{") && !rest.starts_with("{{{{") {
        let end = rest.find("}}}")? + at;
        return Some((end + 3, Kind::Inline(at + 3..end)));
    }
    let end = end_of_tag(rest)? + at;
    let inner = at + 2..end;
    let text = source[inner.clone()].trim();
    let offset = |skip: usize| {
        let lead = source[inner.clone()].len() - source[inner.clone()].trim_start().len();
        inner.start + lead + skip..end
    };
    let kind = match text.as_bytes().first() {
        Some(b'!') => Kind::Comment,
        Some(b'#') => Kind::Open { is_negated: false, inner: offset(1) },
        Some(b'^') if text.len() > 1 => Kind::Open { is_negated: true, inner: offset(1) },
        Some(b'^') => Kind::Else,
        Some(b'/') => Kind::Close(offset(1)),
        _ if text == "else" => Kind::Else,
        _ => Kind::Inline(inner),
    };
    Some((end + 2, kind))
}

/// `{{{{raw}}}} … {{{{/raw}}}}`: what is in it stands as it was written; `{{{{is_match "host.name" "web"}}}} … {{{{/is_match}}}}`
/// likewise, under its condition.
fn raw_at(source: &str, at: usize) -> Option<(usize, Kind)> {
    const BRACES: usize = 4;
    let head = at + BRACES;
    let head_end = source[head..].find("}}}}")? + head;
    let name = source[head..head_end].split_whitespace().next()?;
    if name != "raw" && condition(&source[head..head_end]).is_err() {
        return None;
    }
    let end_tag = format!("{{{{{{{{/{name}}}}}}}}}");
    let start = head_end + BRACES;
    let end = source[start..].find(&end_tag)? + start;
    let condition = (name != "raw").then_some(head..head_end);
    Some((end + end_tag.len(), Kind::Raw { condition, inner: start..end }))
}

/// A comment ends with `--}}` and may hold tags; without one of its own, with `}}`.
fn end_of_comment(rest: &str) -> Option<usize> {
    let short = rest.find("}}")? + 2;
    match rest.find("--}}") {
        Some(long) if !rest[2..long].contains("{{!--") => Some(long + 4),
        _ => Some(short),
    }
}

/// Where `}}` ends a tag: not inside quotes, unless the quotes never close. Another tag begins in no quotes.
fn end_of_tag(rest: &str) -> Option<usize> {
    let mut quote = None;
    let bytes = rest.as_bytes();
    for at in 2..bytes.len() {
        match (quote, bytes[at]) {
            (Some(q), b) if q == b => quote = None,
            (None, b'"') => quote = Some(b'"'),
            (None, b'}') if bytes.get(at + 1) == Some(&b'}') => return Some(at),
            (_, b'\n') => break,
            (Some(_), b'{') if bytes.get(at + 1) == Some(&b'{') => break,
            _ => {}
        }
    }
    rest.find("}}")
}

/// Blocks' tags and comments that stand alone on a line take the line's blanks and its end with them.
fn trim_lines(source: &str, mut tokens: Vec<Token>) -> Vec<Token> {
    for n in 0..tokens.len() {
        let is_structure =
            matches!(tokens[n].kind, Kind::Open { .. } | Kind::Close(_) | Kind::Else | Kind::Comment);
        if !is_structure {
            continue;
        }
        let at = tokens[n].at.clone();
        let line = source[..at.start].rfind('\n').map_or(0, |p| p + 1);
        let end = source[at.end..].find('\n').map_or(source.len(), |p| at.end + p + 1);
        let is_alone =
            source[line..at.start].trim().is_empty() && source[at.end..end].trim().is_empty() && line < end;
        if !is_alone {
            continue;
        }
        if let Some(before) = n.checked_sub(1).and_then(|b| tokens.get_mut(b))
            && matches!(before.kind, Kind::Text)
        {
            before.at.end = before.at.end.min(line).max(before.at.start);
        }
        if let Some(after) = tokens.get_mut(n + 1)
            && matches!(after.kind, Kind::Text)
        {
            after.at.start = after.at.start.max(end).min(after.at.end);
        }
    }
    tokens
}

impl Parser<'_> {
    fn issue(&mut self, at: usize, message: String) {
        if self.issues.len() < ISSUES_MAX {
            self.issues.push(Issue { message, name: None, position: utf16_at(self.source, at) });
        }
    }

    fn push(&mut self, node: Node) {
        match self.frames.last_mut() {
            Some(frame) if frame.is_else => frame.block.otherwise.push(node),
            Some(frame) => frame.block.then.push(node),
            None => self.top.push(node),
        }
    }

    /// Closes the newest block; `end` is its closing tag.
    fn close(&mut self, end: Range<usize>) {
        let Some(frame) = self.frames.pop() else { return };
        if !frame.is_loose {
            return self.push(Node::Block(Box::new(frame.block)));
        }
        let Block { at, then, .. } = frame.block;
        let parts = [Node::Text(at)].into_iter().chain(then).chain([Node::Text(end)]);
        for node in parts {
            self.push(node);
        }
    }

    fn take(&mut self, token: Token) {
        let at = token.at;
        match token.kind {
            Kind::Text if at.is_empty() => {}
            Kind::Text => self.push(Node::Text(at)),
            Kind::Raw { condition, inner } => self.raw(at, condition, inner),
            Kind::Comment => {}
            Kind::Else => match self.frames.last_mut() {
                Some(frame) if frame.is_loose => frame.block.then.push(Node::Text(at)),
                Some(frame) if !frame.is_else => frame.is_else = true,
                _ => self.refuse(at, "{{else}} belongs to no block".to_owned()),
            },
            Kind::Close(inner) => self.end(at, inner),
            Kind::Open { is_negated, inner } => self.open(at, is_negated, inner),
            Kind::Inline(inner) => match inline(&self.source[inner]) {
                Ok(Inline::Value(name)) => self.push(Node::Value { name, at }),
                Ok(Inline::Call(call)) => self.push(Node::Call { call, at }),
                Err(why) => self.refuse(at, why),
            },
        }
    }

    fn raw(&mut self, at: Range<usize>, head: Option<Range<usize>>, inner: Range<usize>) {
        let condition = head.and_then(|head| condition(&self.source[head]).ok());
        let Some(condition) = condition else { return self.push(Node::Text(inner)) };
        let block =
            Block { condition, is_negated: false, then: vec![Node::Text(inner)], otherwise: Vec::new(), at };
        self.push(Node::Block(Box::new(block)));
    }

    /// A tag that nobody understands stands as it was written.
    fn refuse(&mut self, at: Range<usize>, why: String) {
        self.issue(at.start, why);
        self.push(Node::Text(at));
    }

    fn open(&mut self, at: Range<usize>, is_negated: bool, inner: Range<usize>) {
        let text = &self.source[inner];
        let name = text.split_whitespace().next().unwrap_or_default().to_owned();
        if self.frames.len() == DEPTH_MAX {
            self.issue(at.start, format!("blocks nest at most {DEPTH_MAX} deep"));
            self.skipped.push(name);
            return;
        }
        let (condition, is_loose) = match condition(text) {
            Ok(condition) => (condition, false),
            Err(why) => {
                self.issue(at.start, why);
                (Condition::Holds(name.clone()), true)
            }
        };
        let block = Block { condition, is_negated, then: Vec::new(), otherwise: Vec::new(), at };
        self.frames.push(Frame { name, block, is_else: false, is_loose });
    }

    fn end(&mut self, at: Range<usize>, inner: Range<usize>) {
        let name = self.source[inner].trim().to_owned();
        if self.skipped.last() == Some(&name) {
            self.skipped.pop();
            return;
        }
        if !self.frames.iter().any(|f| f.name == name) {
            self.refuse(at, format!("{{{{/{name}}}}} closes nothing"));
            return;
        }
        while let Some(frame) = self.frames.last() {
            if frame.name == name {
                return self.close(at);
            }
            let message = format!("{{{{#{}}}}} is not closed before {{{{/{name}}}}}", frame.name);
            let open = frame.block.at.start;
            self.issue(open, message);
            self.close(at.start..at.start);
        }
    }
}

fn condition(text: &str) -> Result<Condition, String> {
    let words = words(text)?;
    let Some((Word::Name(name), rest)) = words.split_first() else {
        return Err("a block needs a condition, as {{#is_alert}}".to_owned());
    };
    match name.as_str() {
        "is_priority" => {
            let all = rest.iter().map(|word| priority_of(&text_of(word)));
            match all.collect::<Option<Vec<u8>>>() {
                Some(all) if !all.is_empty() => Ok(Condition::Priority(all)),
                _ => Err("is_priority needs 'P1' to 'P5'".to_owned()),
            }
        }
        "is_match" | "is_exact_match" => {
            let Some((subject, words)) = rest.split_first() else {
                return Err(format!("{name} needs a variable and what it is compared with"));
            };
            if words.is_empty() {
                return Err(format!("{name} needs a text that it is compared with"));
            }
            let subject = match subject {
                Word::Nested(text) => Subject::Eval(eval_in(text)?),
                other => Subject::Name(plain_name(&text_of(other))),
            };
            let words = words.iter().map(text_of).collect();
            Ok(Condition::Match { subject, words, is_exact: name == "is_exact_match" })
        }
        name if CONDITIONS.contains(&name) && rest.is_empty() => Ok(Condition::Holds(name.to_owned())),
        name if CONDITIONS.contains(&name) => Err(format!("{name} takes nothing beside it")),
        other => Err(format!("{other} is not a condition; is_alert, is_recovery, is_match … are")),
    }
}

fn text_of(word: &Word) -> String {
    match word {
        Word::Name(text) | Word::Quoted(text) | Word::Nested(text) => text.clone(),
    }
}

/// `eval "…"` inside parentheses.
fn eval_in(text: &str) -> Result<eval::Expression, String> {
    match words(text)?.as_slice() {
        [Word::Name(name), Word::Quoted(expression)] if name == "eval" => eval::parse(expression),
        _ => Err("parentheses hold (eval \"…\")".to_owned()),
    }
}

/// `P1` to `P5`.
fn priority_of(text: &str) -> Option<u8> {
    let digit = text.trim().strip_prefix(['P', 'p'])?.parse::<u8>().ok()?;
    (1..=5).contains(&digit).then_some(digit)
}

enum Inline {
    Value(String),
    Call(Call),
}

fn inline(text: &str) -> Result<Inline, String> {
    let whole = text.trim();
    // An expression whose last quote is forgotten ends with its tag.
    let is_open = whole.starts_with("eval") && whole.matches('"').count() == 1;
    let words = if is_open { words(&format!("{whole}\""))? } else { words(whole)? };
    let call = match words.as_slice() {
        [] => return Err("the braces are empty".to_owned()),
        [Word::Name(name), Word::Quoted(expression)] if name == "eval" => {
            Call::Eval(eval::parse(expression)?)
        }
        [Word::Name(name), value, zone] if name == "local_time" => {
            let zone = text_of(zone);
            if jiff::tz::TimeZone::get(&zone).is_err() {
                return Err(format!("{zone} is not a time zone; write one as 'Europe/Paris'"));
            }
            Call::LocalTime { name: plain_name(&text_of(value)), zone }
        }
        [Word::Name(name), value] if name == "urlencode" => Call::UrlEncode(plain_name(&text_of(value))),
        [Word::Name(name), priority] if name == "override_priority" => {
            Call::Priority(priority_of(&text_of(priority)).ok_or("override_priority needs 'P1' to 'P5'")?)
        }
        [Word::Name(name), ..]
            if matches!(name.as_str(), "eval" | "local_time" | "urlencode" | "override_priority") =>
        {
            return Err(format!(
                "{name} is written {}",
                match name.as_str() {
                    "eval" => "{{eval \"value*100\"}}",
                    "local_time" => "{{local_time 'last_triggered_at' 'Europe/Paris'}}",
                    "urlencode" => "{{urlencode \"host.name\"}}",
                    _ => "{{override_priority 'P1'}}",
                }
            ));
        }
        _ if is_name(whole) => return Ok(Inline::Value(plain_name(whole))),
        _ => return Err(format!("{whole:?} is not a variable")),
    };
    Ok(Inline::Call(call))
}
