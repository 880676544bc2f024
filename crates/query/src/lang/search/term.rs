//! Terms: a word, a field's value, a comparison, a range, a network.

use super::atom::{Atom, plain, quoted};
use super::{Parser, Scope, number};
use crate::lang::{ParseError, ParseResult};
use oriel_model::{Bound, Bounds, Core, Field, Filter, Glob, GlobPart, Signal, Test, Words};

/// Networks of one `CIDR(…)`.
const NETWORKS_MAX: usize = 1_000;

impl Parser<'_> {
    /// A word or phrase of the message, `field:value`, `*:value` or `CIDR(…)`.
    pub(super) fn free_term(&mut self) -> ParseResult<Filter> {
        let at = self.cursor.at;
        if self.cursor.peek() == Some('"') {
            let phrase = quoted(&mut self.cursor)?;
            return Ok(self.full_text(phrase.words()));
        }
        let name = plain(&mut self.cursor, |c| c == ':')?;
        let text = name.text();
        if text == "CIDR" && self.cursor.peek() == Some('(') {
            return self.cidr();
        }
        if self.cursor.peek() != Some(':') || text.is_empty() {
            // A colon that follows nothing is punctuation.
            while text.is_empty() && self.cursor.peek() == Some(':') {
                self.cursor.bump();
            }
            return Ok(self.full_text(name.words()));
        }
        if text.starts_with('#') {
            let message = "there are no calculated fields here; search the field itself";
            return Err(ParseError::new(at, message, &["field:value", "@attribute:value"]));
        }
        if text == "@" {
            return Err(ParseError::new(at, "the attribute has no name", &["@attribute:value"]));
        }
        self.cursor.bump();
        let scope = match name.is_star() {
            true => Scope::Anywhere,
            false => Scope::Field(Field::parse(self.signal, &text)),
        };
        match self.cursor.peek() {
            Some('(') => self.group(&scope),
            _ => self.value(&scope),
        }
    }

    /// Free words: the message's; of events also the title's, of spans the resource's and operation's.
    fn full_text(&self, words: Words) -> Filter {
        if words.0.is_empty() {
            return Filter::All;
        }
        let also: &[Core] = match self.signal {
            Signal::Events => &[Core::Name],
            Signal::Spans => &[Core::Resource, Core::Name],
            _ => &[],
        };
        let also = also.iter().map(|core| Filter::Is(Field::Core(*core), Test::Words(words.clone())));
        let any: Vec<Filter> = std::iter::once(Filter::Words(words.clone())).chain(also).collect();
        super::join(any, Filter::Or)
    }

    /// A value of a field, or of everything.
    pub(super) fn value(&mut self, scope: &Scope) -> ParseResult<Filter> {
        let at = self.cursor.at;
        let field = match scope {
            Scope::Field(field) => field.clone(),
            Scope::Anywhere => return self.anywhere(),
            Scope::Free => return self.free_term(),
        };
        match self.cursor.peek() {
            Some('"') => {
                let value = quoted(&mut self.cursor)?;
                Ok(self.is(field, &value))
            }
            Some('>' | '<') => self.comparison(field),
            Some('[' | '{') => self.range(field),
            _ => {
                let value = plain(&mut self.cursor, |_| false)?;
                if value == Atom::Plain(Vec::new()) {
                    let message = format!("{} where a value of {field} belongs", self.cursor.found());
                    return Err(ParseError::new(at, message, VALUES));
                }
                Ok(self.is(field, &value))
            }
        }
    }

    fn anywhere(&mut self) -> ParseResult<Filter> {
        let at = self.cursor.at;
        let value = match self.cursor.peek() {
            Some('"') => quoted(&mut self.cursor)?,
            _ => plain(&mut self.cursor, |_| false)?,
        };
        if value == Atom::Plain(Vec::new()) {
            return Err(ParseError::new(at, "*: needs the word to look for", &["a word", "\"a phrase\""]));
        }
        let words = value.words();
        Ok(if words.0.is_empty() { Filter::All } else { Filter::Anywhere(words) })
    }

    /// A field equals a value, is like it, or is there.
    fn is(&self, field: Field, value: &Atom) -> Filter {
        if value.is_star() {
            return Filter::Is(field, Test::Exists);
        }
        match &field {
            Field::Core(Core::Message) => Filter::Words(value.words()),
            Field::Core(Core::Status) => Filter::Is(field, self.status(value)),
            Field::Core(Core::Name) if self.signal == Signal::Events => {
                Filter::Is(field, Test::Words(value.words()))
            }
            Field::Tag(key) if key.as_ref() == Field::BARE => bare_tag(field, value, self.signal),
            _ => Filter::Is(field.clone(), equal_or_like(&field, value)),
        }
    }

    /// Statuses are stored in small letters and under one name each.
    fn status(&self, value: &Atom) -> Test {
        if let Some(glob) = value.glob(|c| c.to_ascii_lowercase()) {
            return Test::Glob(glob);
        }
        let text = value.text().to_ascii_lowercase();
        let name = match (self.signal, text.as_str()) {
            (Signal::Logs, "err") => "error",
            (Signal::Logs, "warning") => "warn",
            (Signal::Logs, "crit") => "critical",
            (Signal::Logs, "emerg") => "emergency",
            (Signal::Logs, "information") => "info",
            (_, other) => other,
        };
        Test::Equals(name.into())
    }

    /// `>a`, `>=a`, `<a`, `<=a`.
    fn comparison(&mut self, field: Field) -> ParseResult<Filter> {
        let low = self.cursor.bump() == Some('>');
        let inclusive = self.cursor.peek() == Some('=');
        if inclusive {
            self.cursor.bump();
        }
        self.cursor.skip_blanks();
        let bound = Some(self.bound(&field, inclusive, |_| false)?);
        let bounds = match low {
            true => Bounds { low: bound, high: None },
            false => Bounds { low: None, high: bound },
        };
        Ok(Filter::Is(field, Test::Range(bounds)))
    }

    /// `[a TO b]`; a brace leaves the bound itself out.
    fn range(&mut self, field: Field) -> ParseResult<Filter> {
        let opened = self.cursor.at;
        let low_inclusive = self.cursor.bump() == Some('[');
        let ends = |c| matches!(c, ']' | '}');
        self.cursor.skip_blanks();
        let mut low = self.open_bound(&field, low_inclusive, ends)?;
        self.cursor.skip_blanks();
        if self.sees_operator("TO", "TO").is_none() {
            let message = format!("{} where the range needs TO", self.cursor.found());
            return Err(ParseError::new(self.cursor.at, message, &["TO"]));
        }
        self.cursor.at += 2;
        self.cursor.skip_blanks();
        let mut high = self.open_bound(&field, true, ends)?;
        self.cursor.skip_blanks();
        let Some(close @ (']' | '}')) = self.cursor.peek() else {
            return Err(ParseError::new(opened, "this range is never closed", &["\"]\"", "\"}\""]));
        };
        self.cursor.bump();
        if let Some(high) = &mut high {
            high.inclusive = close == ']';
        }
        // Numbers and texts have no order among each other.
        if [&low, &high].iter().any(|b| b.as_ref().is_some_and(|b| b.number.is_none())) {
            [&mut low, &mut high].into_iter().flatten().for_each(|b| b.number = None);
        }
        let test = match (&low, &high) {
            (None, None) => Test::Exists,
            _ => Test::Range(Bounds { low, high }),
        };
        Ok(Filter::Is(field, test))
    }

    /// A bound, or `*` for none.
    fn open_bound(
        &mut self,
        field: &Field,
        inclusive: bool,
        ends: impl Fn(char) -> bool,
    ) -> ParseResult<Option<Bound>> {
        let rest = self.cursor.rest();
        let next = rest.strip_prefix('*').map(|after| after.chars().next());
        if next.is_some_and(|next| next.is_none_or(|c| c.is_whitespace() || ends(c))) {
            self.cursor.bump();
            return Ok(None);
        }
        self.bound(field, inclusive, ends).map(Some)
    }

    fn bound(&mut self, field: &Field, inclusive: bool, ends: impl Fn(char) -> bool) -> ParseResult<Bound> {
        let at = self.cursor.at;
        let atom = match self.cursor.peek() {
            Some('"') => quoted(&mut self.cursor)?,
            _ => plain(&mut self.cursor, ends)?,
        };
        let text = atom.text();
        if text.is_empty() {
            let message = format!("{} where a bound belongs", self.cursor.found());
            return Err(ParseError::new(at, message, &["a number", "a duration like 20ms", "a text"]));
        }
        let number = number::bound(field, &text);
        if number.is_none() && matches!(field, Field::Core(Core::Duration | Core::Time)) {
            let message = format!("{field} is compared with numbers, and \"{text}\" is none");
            return Err(ParseError::new(at, message, &["a number", "a duration like 20ms"]));
        }
        Ok(Bound { text: text.into(), number, inclusive })
    }

    /// `CIDR(field, network, …)`, where its parenthesis stands.
    fn cidr(&mut self) -> ParseResult<Filter> {
        self.cursor.bump();
        self.cursor.skip_blanks();
        let at = self.cursor.at;
        let name = plain(&mut self.cursor, |c| c == ',')?.text();
        if name.is_empty() {
            return Err(ParseError::new(at, "CIDR needs the field to look at first", &["@attribute"]));
        }
        let mut nets = Vec::new();
        while self.cursor.eat(',') {
            self.cursor.skip_blanks();
            let at = self.cursor.at;
            let text = plain(&mut self.cursor, |c| c == ',')?.text();
            // An address alone is the network of itself.
            let alone = || text.parse::<std::net::IpAddr>().ok().map(Into::into);
            let Some(net) = text.parse().ok().or_else(alone).filter(|_| nets.len() < NETWORKS_MAX) else {
                let message = format!("\"{text}\" is no network, or one of more than 1,000");
                return Err(ParseError::new(at, message, &["13.0.0.0/8", "2001:db8::/32"]));
            };
            nets.push(net);
        }
        if nets.is_empty() {
            return Err(ParseError::new(self.cursor.at, "CIDR needs a network after the field", &["\",\""]));
        }
        self.cursor.expect(')', "CIDR")?;
        Ok(Filter::Is(Field::parse(self.signal, &name), Test::Cidr(nets)))
    }
}

/// What can stand after a field's colon.
const VALUES: &[&str] = &["a value", "\"a value\"", "*", ">number", "[low TO high]", "\"(\""];

fn equal_or_like(field: &Field, value: &Atom) -> Test {
    if let Some(glob) = value.glob(|c| c) {
        return Test::Glob(glob);
    }
    let text = value.text();
    match (field, number::duration_ns(&text)) {
        (Field::Core(Core::Duration), Some(ns)) => Test::Equals(format!("{ns}").into()),
        _ => Test::Equals(text.into()),
    }
}

/// `tags:urgent`; `tags:"team:web"` is the tag `team:web`, which is kept by its key.
fn bare_tag(field: Field, value: &Atom, signal: Signal) -> Filter {
    let bare = Filter::Is(field.clone(), equal_or_like(&field, value));
    let text = value.text();
    let Some((key, rest)) =
        text.split_once(':').filter(|(key, _)| !key.is_empty() && !key.contains(['*', '?']))
    else {
        return bare;
    };
    let test = match value.glob(|c| c) {
        Some(mut glob) => {
            if let Some(GlobPart::Literal(first)) = glob.parts.first_mut() {
                *first = first.strip_prefix(&format!("{key}:")).unwrap_or("").into();
            }
            Test::Glob(Glob::new(glob.parts))
        }
        None => Test::Equals(rest.into()),
    };
    Filter::Or(vec![Filter::Is(Field::parse(signal, key), test), bare])
}
