//! A call's arguments, taken one by one with errors that name function, place and what was expected.

use crate::lang::{Argument, Call, Expr, ParseError};
use std::collections::VecDeque;

type Taken<T> = Result<T, ParseError>;

pub(super) struct Arguments {
    function: String,
    left: VecDeque<Argument>,
    /// Where a missing argument would stand.
    end: usize,
}

impl Arguments {
    pub(super) fn of(call: &Call) -> Self {
        Self { function: call.name.clone(), left: call.arguments.clone().into(), end: call.end }
    }

    fn error(&self, position: usize, what: &str, expected: &[&str]) -> ParseError {
        ParseError::new(position, format!("{}(…) {what}", self.function), expected)
    }

    fn missing(&self, what: &str) -> ParseError {
        self.error(self.end, &format!("lacks {what}"), &[what])
    }

    pub(super) fn query(&mut self) -> Taken<Expr> {
        match self.left.pop_front() {
            Some(Argument::Expr { expr, .. }) => Ok(expr),
            Some(other) => Err(self.error(other.position(), "takes a query first", &["a query"])),
            None => Err(self.missing("a query")),
        }
    }

    pub(super) fn number(&mut self, what: &str) -> Taken<f64> {
        match self.left.pop_front() {
            Some(Argument::Expr { expr: Expr::Number(n), .. }) => Ok(n),
            Some(Argument::Text { value, position }) => value
                .parse::<f64>()
                .ok()
                .filter(|n| n.is_finite())
                .ok_or_else(|| self.error(position, &format!("takes {what} here"), &["a number"])),
            Some(other) => Err(self.error(other.position(), &format!("takes {what} here"), &["a number"])),
            None => Err(self.missing(what)),
        }
    }

    /// A whole number within bounds.
    pub(super) fn whole(&mut self, what: &str, min: i64, max: i64) -> Taken<i64> {
        let position = self.position();
        let number = self.number(what)?;
        if number.fract() != 0.0 || number < min as f64 || number > max as f64 {
            let says = format!("takes {what} as a whole number from {min} to {max}");
            return Err(self.error(position, &says, &["a whole number"]));
        }
        Ok(number as i64)
    }

    pub(super) fn text(&mut self, what: &str) -> Taken<String> {
        match self.left.pop_front() {
            Some(Argument::Text { value, .. }) => Ok(value),
            Some(other) => {
                Err(self.error(other.position(), &format!("takes {what} here"), &["a text in quotes"]))
            }
            None => Err(self.missing(what)),
        }
    }

    /// A text that `read` understands.
    pub(super) fn word<T>(
        &mut self,
        what: &str,
        read: impl Fn(&str) -> Option<T>,
        words: &[&str],
    ) -> Taken<T> {
        let position = self.position();
        let text = self.text(what)?;
        read(&text).ok_or_else(|| self.error(position, &format!("does not know {what} \"{text}\""), words))
    }

    /// Tag keys: `{a,b}`, or texts until the end.
    pub(super) fn keys(&mut self) -> Taken<Vec<String>> {
        let mut keys = Vec::new();
        while let Some(argument) = self.left.pop_front() {
            match argument {
                Argument::Keys { keys: more, .. } => keys.extend(more),
                Argument::Text { value, .. } => keys.extend(value.split(',').map(|k| k.trim().to_owned())),
                other => return Err(self.error(other.position(), "takes tag keys here", &["a tag key"])),
            }
        }
        Ok(keys)
    }

    pub(super) fn function(&self) -> &str {
        &self.function
    }

    pub(super) fn has_option(&self) -> bool {
        matches!(self.left.front(), Some(Argument::Option { .. }))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.left.is_empty()
    }

    /// Whether a text or option stands next.
    pub(super) fn position(&self) -> usize {
        self.left.front().map_or(self.end, Argument::position)
    }

    /// `name=value` pairs to the end, with their places; other names than these are errors.
    pub(super) fn options_at(&mut self, names: &[&str]) -> Taken<Vec<(String, String, usize)>> {
        let mut options = Vec::new();
        while let Some(argument) = self.left.pop_front() {
            match argument {
                Argument::Option { name, value, position } if names.contains(&name.as_str()) => {
                    options.push((name, value, position))
                }
                Argument::Option { name, position, .. } => {
                    return Err(self.error(position, &format!("has no option \"{name}\""), names));
                }
                other => return Err(self.error(other.position(), "takes only options here", names)),
            }
        }
        Ok(options)
    }

    pub(super) fn finish(&self) -> Taken<()> {
        match self.left.front() {
            None => Ok(()),
            Some(extra) => Err(self.error(extra.position(), "takes no more arguments", &["\")\""])),
        }
    }
}
