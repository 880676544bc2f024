//! Filters to matchers: template variables filled in, and literals that match as written or as the Datadog intakes write them.

use crate::Variable;
use crate::lang::{Filter, ParseError};
use oriel_store::Matcher;
use std::collections::BTreeMap;

pub(super) struct Filters<'a> {
    pub(super) variables: &'a BTreeMap<String, Variable>,
}

impl Filters<'_> {
    pub(super) fn matcher(&self, filter: &Filter) -> Result<Matcher, ParseError> {
        Ok(match filter {
            Filter::All => Matcher::All,
            Filter::Not(inner) => Matcher::Not(Box::new(self.matcher(inner)?)),
            Filter::And(parts) => Matcher::And(self.each(parts)?),
            Filter::Or(parts) => Matcher::Or(self.each(parts)?),
            Filter::In { key, values, position } => {
                let mut any = Vec::new();
                for value in values {
                    for text in self.filled(value, *position)? {
                        any.push(pair(key, &text, false));
                    }
                }
                one_of(any)
            }
            Filter::Tag { text, position, literal } => self.tag(text, *position, *literal)?,
        })
    }

    fn each(&self, parts: &[Filter]) -> Result<Vec<Matcher>, ParseError> {
        parts.iter().map(|p| self.matcher(p)).collect()
    }

    fn tag(&self, text: &str, position: usize, literal: bool) -> Result<Matcher, ParseError> {
        if literal {
            return Ok(tag(text, true));
        }
        if let Some(name) = text.strip_prefix('$')
            && !name.contains([':', '.', '$'])
        {
            let variable = self.variable(name, position)?;
            if variable.values.is_empty() || variable.values.iter().any(|v| v == "*") {
                return Ok(Matcher::All);
            }
            return Ok(one_of(
                variable
                    .values
                    .iter()
                    .map(
                        |v| {
                            if variable.key.is_empty() {
                                tag(v, false)
                            } else {
                                pair(&variable.key, v, false)
                            }
                        },
                    )
                    .collect(),
            ));
        }
        Ok(one_of(self.filled(text, position)?.iter().map(|t| tag(t, false)).collect()))
    }

    fn variable(&self, name: &str, position: usize) -> Result<&Variable, ParseError> {
        self.variables.get(name).ok_or_else(|| {
            let known: Vec<String> = self.variables.keys().map(|k| format!("${k}")).collect();
            let mut error =
                ParseError::new(position, format!("the template variable ${name} has no value here"), &[]);
            error.expected = known;
            error
        })
    }

    /// The text with each `$name` and `$name.value` replaced; one text for each value.
    pub(super) fn filled(&self, text: &str, position: usize) -> Result<Vec<String>, ParseError> {
        let mut texts = vec![String::new()];
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            texts.iter_mut().for_each(|t| t.push_str(&rest[..at]));
            rest = &rest[at + 1..];
            let len = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
            let variable = self.variable(&rest[..len], position)?;
            rest = &rest[len..];
            rest = rest.strip_prefix(".value").unwrap_or(rest);
            let star = ["*".to_owned()];
            let values = if variable.values.is_empty() { &star[..] } else { &variable.values[..] };
            if texts.len().saturating_mul(values.len()) > FILLED_MAX {
                return Err(ParseError::new(
                    position,
                    "these template variables have too many values together",
                    &[],
                ));
            }
            texts = texts.iter().flat_map(|t| values.iter().map(move |v| format!("{t}{v}"))).collect();
        }
        texts.iter_mut().for_each(|t| t.push_str(rest));
        Ok(texts)
    }
}

/// Texts that one tag with variables may become.
const FILLED_MAX: usize = 1_000;

fn one_of(mut any: Vec<Matcher>) -> Matcher {
    if any.len() == 1 { any.swap_remove(0) } else { Matcher::Or(any) }
}

/// `key:value` or a bare tag.
fn tag(text: &str, literal: bool) -> Matcher {
    match text.split_once(':') {
        Some((key, value)) => pair(key, value, literal),
        None if text == "*" => Matcher::All,
        None => {
            let normal = normalised(text);
            let written = Matcher::Bare(text.to_owned());
            if normal == text { written } else { Matcher::Or(vec![written, Matcher::Bare(normal)]) }
        }
    }
}

fn pair(key: &str, value: &str, literal: bool) -> Matcher {
    let written = one_pair(key, value, literal);
    let tag = format!("{key}:{value}");
    let normal = normalised(&tag);
    if normal == tag {
        return written;
    }
    let (key, value) = normal.split_once(':').unwrap_or((&normal, ""));
    Matcher::Or(vec![written, one_pair(key, value, literal)])
}

fn one_pair(key: &str, value: &str, literal: bool) -> Matcher {
    let (key, value) = (key.to_owned(), value.to_owned());
    if !literal && value.contains('*') {
        Matcher::Glob { key, pattern: value }
    } else {
        Matcher::Equals { key, value }
    }
}

/// A tag as the Datadog intakes keep it: lower case, other characters than letters, digits and `_-:./` an underscore
/// (wildcards stay), cut at 200 characters.
fn normalised(tag: &str) -> String {
    let keep = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | ':' | '.' | '/' | '*');
    let lower = tag.chars().flat_map(char::to_lowercase);
    lower.map(|c| if keep(c) { c } else { '_' }).take(200).collect()
}
