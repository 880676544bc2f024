//! The arithmetic processor's formulas: `+ - * /`, parentheses, numbers and attributes.
//!
//! A `-` is part of a name unless blanks surround it, as in the product people know.

use oriel_model::Value;

/// Longest formula, and so the deepest nesting of what it is made of.
const BYTES_MAX: usize = 2_000;
const DEPTH_MAX: usize = 50;

#[derive(Debug)]
pub(crate) enum Expression {
    Number(f64),
    Attribute(String),
    Negative(Box<Expression>),
    Binary(Box<Expression>, u8, Box<Expression>),
}

impl Expression {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if text.len() > BYTES_MAX {
            return Err(format!("the formula has {} bytes; at most {BYTES_MAX} are read", text.len()));
        }
        let mut parser = Parser { text, at: 0, depth: 0 };
        let expression = parser.sum()?;
        parser.blanks();
        match parser.text[parser.at..].chars().next() {
            None => Ok(expression),
            Some(c) => {
                Err(format!("the formula has {c:?} at position {} where an operator should be", parser.at))
            }
        }
    }

    /// The result, rounded to nine decimals; `None` when an attribute is missing, or the result is no number.
    pub(crate) fn evaluate(
        &self,
        read: &dyn Fn(&str) -> Option<f64>,
        replace_missing: bool,
    ) -> Option<Value> {
        let x = self.number(read, replace_missing)?;
        if !x.is_finite() {
            return None;
        }
        let scaled = x * 1e9;
        let rounded = if scaled.is_finite() { scaled.round() / 1e9 } else { x };
        // Whole numbers below 2^53 are exact as integers.
        let whole = rounded.fract() == 0.0 && rounded.abs() < 9_007_199_254_740_992.0;
        Some(if whole { Value::Int(rounded as i64) } else { Value::Float(rounded) })
    }

    fn number(&self, read: &dyn Fn(&str) -> Option<f64>, replace_missing: bool) -> Option<f64> {
        match self {
            Self::Number(x) => Some(*x),
            Self::Attribute(path) => read(path).or(replace_missing.then_some(0.0)),
            Self::Negative(inner) => inner.number(read, replace_missing).map(|x| -x),
            Self::Binary(a, operator, b) => {
                let (a, b) = (a.number(read, replace_missing)?, b.number(read, replace_missing)?);
                Some(match operator {
                    b'+' => a + b,
                    b'-' => a - b,
                    b'*' => a * b,
                    _ => a / b,
                })
            }
        }
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(|b| b.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    fn sum(&mut self) -> Result<Expression, String> {
        let mut left = self.product()?;
        loop {
            self.blanks();
            let Some(operator @ (b'+' | b'-')) = self.peek() else { return Ok(left) };
            self.at += 1;
            left = Expression::Binary(Box::new(left), operator, Box::new(self.product()?));
        }
    }

    fn product(&mut self) -> Result<Expression, String> {
        let mut left = self.atom()?;
        loop {
            self.blanks();
            let Some(operator @ (b'*' | b'/')) = self.peek() else { return Ok(left) };
            self.at += 1;
            left = Expression::Binary(Box::new(left), operator, Box::new(self.atom()?));
        }
    }

    fn atom(&mut self) -> Result<Expression, String> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(format!("the formula is nested more than {DEPTH_MAX} deep"));
        }
        self.blanks();
        let atom = match self.peek() {
            Some(b'(') => {
                self.at += 1;
                let inner = self.sum()?;
                self.blanks();
                if self.peek() != Some(b')') {
                    return Err(format!("a ) is missing at position {}", self.at));
                }
                self.at += 1;
                inner
            }
            Some(b'-') => {
                self.at += 1;
                Expression::Negative(Box::new(self.atom()?))
            }
            Some(_) => self.name_or_number()?,
            None => return Err("the formula ends where a number or an attribute should be".to_owned()),
        };
        self.depth -= 1;
        Ok(atom)
    }

    fn name_or_number(&mut self) -> Result<Expression, String> {
        let rest = &self.text[self.at..];
        let ends = |c: char| c.is_whitespace() || matches!(c, '+' | '*' | '/' | '(' | ')');
        let word = &rest[..rest.find(ends).unwrap_or(rest.len())];
        if word.is_empty() {
            return Err(format!(
                "an operator stands at position {} where a number or an attribute should be",
                self.at
            ));
        }
        self.at += word.len();
        let is_number = word.starts_with(|c: char| c.is_ascii_digit() || c == '.');
        match word.parse::<f64>() {
            Ok(x) if is_number => Ok(Expression::Number(x)),
            _ => Ok(Expression::Attribute(word.to_owned())),
        }
    }
}
