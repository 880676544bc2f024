//! A template with its values: which blocks hold, what stands for each name, and a mark where there is nothing to say.

use super::parse::CONDITIONS;
use super::{
    Block, Call, Condition, Fact, ISSUES_MAX, Issue, Node, OUTPUT_BYTES_MAX, Rendered, Subject, Template,
    VALUE_BYTES_MAX, Values, cut, eval, number, utf16_at,
};
use oriel_model::TimeMs;
use std::ops::Range;

/// Before what nobody could fill in.
const MARK: &str = "⚠";

struct Renderer<'a> {
    template: &'a Template,
    values: &'a dyn Values,
    out: Rendered,
    /// Matches and priorities hold and don't, one after the other.
    both: bool,
}

pub(super) fn render(template: &Template, values: &dyn Values, both: bool) -> Rendered {
    let out = Rendered { issues: template.issues.clone(), ..Rendered::default() };
    let mut renderer = Renderer { template, values, out, both };
    renderer.nodes(&template.nodes);
    renderer.out
}

impl Renderer<'_> {
    fn nodes(&mut self, nodes: &[Node]) {
        for node in nodes {
            match node {
                Node::Text(range) => self.literal(range.clone()),
                Node::Value { name, at } => self.named(name, at),
                Node::Call { call, at } => self.call(call, at),
                Node::Block(block) if self.both && !matches!(block.condition, Condition::Holds(_)) => {
                    self.nodes(&block.then);
                    self.out.text.push(' ');
                    self.nodes(&block.otherwise);
                    self.out.text.push(' ');
                }
                Node::Block(block) if self.holds(block) => self.nodes(&block.then),
                Node::Block(block) => self.nodes(&block.otherwise),
            }
        }
    }

    fn literal(&mut self, range: Range<usize>) {
        let room = OUTPUT_BYTES_MAX.saturating_sub(self.out.text.len());
        let text = &self.template.source[range];
        self.out.text.push_str(&text[..text.floor_char_boundary(room)]);
    }

    fn value(&mut self, text: &str) {
        let room = OUTPUT_BYTES_MAX.saturating_sub(self.out.text.len()).min(VALUE_BYTES_MAX);
        if room < text.len().min(8) {
            return;
        }
        let start = self.out.text.len();
        self.out.text.push_str(&cut(text, room.saturating_sub('…'.len_utf8())));
        self.out.values.push(start..self.out.text.len());
    }

    /// The tag as it was written, with a mark.
    fn mark(&mut self, at: &Range<usize>) {
        let text = format!("{MARK}{}", &self.template.source[at.clone()]);
        self.value(&text);
    }

    fn issue(&mut self, at: usize, message: String, name: Option<&str>) {
        if self.out.issues.len() < ISSUES_MAX {
            let position = utf16_at(&self.template.source, at);
            self.out.issues.push(Issue { message, name: name.map(str::to_owned), position });
        }
    }

    fn named(&mut self, name: &str, at: &Range<usize>) {
        match self.values.value(name) {
            Some(fact) => self.value(&written(&fact)),
            None => {
                self.issue(at.start, unknown(name), Some(name));
                self.mark(at);
            }
        }
    }

    fn call(&mut self, call: &Call, at: &Range<usize>) {
        match call {
            Call::Priority(priority) => self.out.priority = Some(*priority),
            Call::Eval(expression) => match expression.result(self.values) {
                Ok(fact) => self.value(&written(&fact)),
                Err(why) => {
                    self.issue(at.start, why.message, why.unknown.as_deref());
                    self.mark(at);
                }
            },
            Call::UrlEncode(name) => match self.values.value(name) {
                Some(fact) => self.value(&url_encoded(&written(&fact))),
                None => {
                    self.issue(at.start, unknown(name), Some(name));
                    self.mark(at);
                }
            },
            Call::LocalTime { name, zone } => match self.values.value(name).map(as_time) {
                Some(Fact::Time(ms)) => self.value(&local_time(ms, zone)),
                Some(Fact::Nothing) => self.value("n/a"),
                Some(_) => {
                    self.issue(at.start, format!("{name} is not a time"), None);
                    self.mark(at);
                }
                None => {
                    self.issue(at.start, unknown(name), Some(name));
                    self.mark(at);
                }
            },
        }
    }

    fn holds(&self, block: &Block) -> bool {
        holds(&block.condition, self.values) != block.is_negated
    }
}

fn holds(condition: &Condition, values: &dyn Values) -> bool {
    match condition {
        Condition::Holds(name) => values.holds(name).unwrap_or(false),
        Condition::Priority(wanted) => {
            matches!(values.value("priority"), Some(Fact::Text(p)) if wanted.iter().any(|w| p.ends_with(&w.to_string())))
        }
        Condition::Match { subject, words, is_exact } => {
            let found = match subject {
                Subject::Name(name) => matched(name, values),
                Subject::Eval(expression) => expression.result(values).ok(),
            };
            let text = match &found {
                None | Some(Fact::Nothing) => String::new(),
                Some(fact) => written(fact),
            };
            words.iter().any(|word| match is_exact {
                true => is_same(&text, word),
                // An empty word asks whether there is anything.
                false if word.is_empty() => !text.is_empty(),
                false => text.contains(word.as_str()),
            })
        }
    }
}

/// What a match looks at: a tag's key alone means its value.
fn matched(name: &str, values: &dyn Values) -> Option<Fact> {
    values.value(name).or_else(|| values.value(&format!("{name}.name")))
}

/// Epoch milliseconds are a time, too.
fn as_time(fact: Fact) -> Fact {
    match fact {
        #[expect(clippy::cast_possible_truncation, reason = "milliseconds since the epoch, checked here")]
        Fact::Number(ms) if (1e11..1e14).contains(&ms) => Fact::Time(ms as TimeMs),
        other => other,
    }
}

/// Equal as texts, or as numbers.
fn is_same(text: &str, word: &str) -> bool {
    if text == word {
        return true;
    }
    match (text.trim().parse::<f64>(), word.trim().parse::<f64>()) {
        (Ok(a), Ok(b)) => a == b,
        _ => false,
    }
}

fn unknown(name: &str) -> String {
    format!("nobody knows the variable {name}")
}

/// A fact in a message.
pub(super) fn written(fact: &Fact) -> String {
    match fact {
        Fact::Text(text) => text.clone(),
        Fact::Number(value) => number(*value),
        Fact::Time(ms) => iso(*ms),
        Fact::Nothing => "n/a".to_owned(),
    }
}

fn iso(ms: TimeMs) -> String {
    jiff::Timestamp::from_millisecond(ms)
        .map_or_else(|_| ms.to_string(), |t| t.strftime("%Y-%m-%d %H:%M:%S UTC").to_string())
}

fn local_time(ms: TimeMs, zone: &str) -> String {
    let zone = jiff::tz::TimeZone::get(zone).unwrap_or(jiff::tz::TimeZone::UTC);
    jiff::Timestamp::from_millisecond(ms)
        .map_or_else(|_| ms.to_string(), |t| t.to_zoned(zone).strftime("%Y-%m-%d %H:%M:%S%:z").to_string())
}

fn url_encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

/// See [`Template::check`].
pub(super) fn check(template: &Template, values: &dyn Values) -> Vec<Issue> {
    let mut issues = template.issues.clone();
    let mut names = Vec::new();
    names_of(&template.nodes, &mut names);
    for (name, at, is_matched) in names {
        let found = if is_matched { matched(&name, values) } else { values.value(&name) };
        let is_known = found.is_some() || CONDITIONS.contains(&name.as_str());
        if !is_known && issues.len() < ISSUES_MAX {
            let position = utf16_at(&template.source, at);
            issues.push(Issue { message: unknown(&name), name: Some(name), position });
        }
    }
    issues.sort_by_key(|issue| issue.position);
    issues
}

/// A name, where it is asked for, and whether a match asks.
type Asked = (String, usize, bool);

/// Every name that the nodes ask for.
fn names_of(nodes: &[Node], names: &mut Vec<Asked>) {
    for node in nodes {
        match node {
            Node::Text(_) => {}
            Node::Value { name, at } => names.push((name.clone(), at.start, false)),
            Node::Call { call, at } => match call {
                Call::Eval(expression) => of_expression(expression, at.start, names),
                Call::LocalTime { name, .. } | Call::UrlEncode(name) => {
                    names.push((name.clone(), at.start, false))
                }
                Call::Priority(_) => {}
            },
            Node::Block(block) => {
                if let Condition::Match { subject, .. } = &block.condition {
                    match subject {
                        Subject::Name(name) => names.push((name.clone(), block.at.start, true)),
                        Subject::Eval(expression) => of_expression(expression, block.at.start, names),
                    }
                }
                names_of(&block.then, names);
                names_of(&block.otherwise, names);
            }
        }
    }
}

fn of_expression(expression: &eval::Expression, at: usize, names: &mut Vec<Asked>) {
    names.extend(expression.names().into_iter().map(|name| (name, at, false)));
}
