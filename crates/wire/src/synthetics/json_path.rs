//! `validatesJSONPath`: a value inside a JSON body, found by a path of RFC 9535, and what it must be.

use super::assertion::{Operator, compares};
use serde_json::Value;
use serde_json_path::JsonPath;

/// Which of the values that a path finds must be as wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Elements {
    First,
    Every,
    AtLeastOne,
    /// All of them, written as one JSON array.
    Serialization,
}

impl Elements {
    const WORDS: [(Self, &'static str); 4] = [
        (Self::First, "firstElementMatches"),
        (Self::Every, "everyElementMatches"),
        (Self::AtLeastOne, "atLeastOneElementMatches"),
        (Self::Serialization, "serializationMatches"),
    ];

    pub(super) fn read(word: &Value) -> Result<Self, String> {
        if word.is_null() {
            return Ok(Self::First);
        }
        let found = Self::WORDS.iter().find(|(_, w)| word.as_str() == Some(w)).map(|(elements, _)| *elements);
        found.ok_or_else(|| {
            let known = Self::WORDS.map(|(_, w)| w).join(", ");
            format!("target.elementsOperator {word} is not one of {known}")
        })
    }
}

/// Where to look in a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonQuery {
    pub text: String,
    pub path: JsonPath,
    pub elements: Elements,
}

/// The longest path that is read.
const PATH_BYTES_MAX: usize = 2_000;

impl JsonQuery {
    pub(super) fn read(target: &Value) -> Result<Self, String> {
        let text = target["jsonPath"].as_str().map(str::trim).filter(|t| !t.is_empty());
        let text = text.ok_or("target.jsonPath is missing")?;
        if text.len() > PATH_BYTES_MAX {
            return Err(format!("target.jsonPath has more than {PATH_BYTES_MAX} bytes"));
        }
        let path = JsonPath::parse(text).map_err(|e| {
            format!("target.jsonPath {text:?} is no JSONPath (RFC 9535, such as $.data[0].id): {e}")
        })?;
        let elements = Elements::read(&target["elementsOperator"])?;
        Ok(Self { text: text.to_owned(), path, elements })
    }

    /// What the path finds, in words, and whether that is what is wanted. An error where the body is no JSON.
    pub fn judge(&self, body: &str, wanted: &Wanted<'_>) -> Result<(String, bool), String> {
        let parsed: Value = serde_json::from_str(body).map_err(|e| format!("the body is not JSON: {e}"))?;
        let found: Vec<&Value> = self.path.query(&parsed).all();
        if wanted.operator.is_absence() {
            return Ok((found.first().map_or_else(String::new, |v| text_of(v)), found.is_empty()));
        }
        let Some(first) = found.first() else {
            return Ok(("not there".to_owned(), wanted.operator.denies()));
        };
        let holds = |value: &Value| wanted.holds_of(value);
        Ok(match self.elements {
            Elements::First => (text_of(first), holds(first)),
            Elements::Every => {
                let odd = found.iter().find(|v| !holds(v));
                (odd.map_or_else(String::new, |v| text_of(v)), odd.is_none())
            }
            Elements::AtLeastOne => (listed(&found), found.iter().any(|v| holds(v))),
            Elements::Serialization => {
                let all = listed(&found);
                let holds = wanted.holds(&all);
                (all, holds)
            }
        })
    }
}

/// What a value is compared with.
pub struct Wanted<'a> {
    pub operator: Operator,
    pub target: &'a str,
    pub number: Option<f64>,
    pub pattern: Option<&'a regex::Regex>,
}

impl Wanted<'_> {
    /// 3 is 3.0; the text "2.10" is not "2.1".
    fn holds_of(&self, value: &Value) -> bool {
        match (self.operator, value.as_f64(), self.number) {
            (Operator::Is, Some(value), Some(wanted)) => value == wanted,
            (Operator::IsNot, Some(value), Some(wanted)) => value != wanted,
            _ => self.holds(&text_of(value)),
        }
    }

    pub fn holds(&self, value: &str) -> bool {
        let matches = || self.pattern.is_some_and(|p| p.is_match(value));
        let number = || value.trim().parse::<f64>().ok().filter(|n| n.is_finite());
        match self.operator {
            Operator::Is => value == self.target,
            Operator::IsNot => value != self.target,
            Operator::Contains => value.contains(self.target),
            Operator::DoesNotContain => !value.contains(self.target),
            Operator::Matches => matches(),
            Operator::DoesNotMatch => !matches(),
            operator => number().is_some_and(|value| compares(operator, value, self.number)),
        }
    }
}

/// A text as it is, everything else as JSON.
fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn listed(found: &[&Value]) -> String {
    Value::Array(found.iter().map(|v| (*v).clone()).collect()).to_string()
}

#[cfg(test)]
mod tests;
