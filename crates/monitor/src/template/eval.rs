//! `{{eval "…"}}`: arithmetic over values, with functions of numbers and of texts.

use super::{Fact, Values, human_bytes, render::written, tag};

/// Calls and parentheses nest this deep at most.
const DEPTH_MAX: usize = 32;
/// The text of one expression.
const BYTES_MAX: usize = 4 << 10;

/// A parsed expression.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expression {
    Number(f64),
    Text(String),
    Name(String),
    Negated(Box<Expression>),
    Binary(char, Box<Expression>, Box<Expression>),
    Call(String, Vec<Expression>),
}

/// Why there is no result.
#[derive(Debug, PartialEq)]
pub(crate) struct NoResult {
    pub(crate) message: String,
    /// The variable that nobody knows.
    pub(crate) unknown: Option<String>,
}

impl NoResult {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), unknown: None }
    }
}

const NUMBER_FUNCTIONS: [&str; 27] = [
    "abs",
    "int",
    "trunc",
    "float",
    "dec",
    "round",
    "ceil",
    "floor",
    "sgn",
    "to_bool",
    "exp",
    "log10",
    "sin",
    "sinh",
    "asin",
    "asinh",
    "cos",
    "cosh",
    "acos",
    "acosh",
    "tan",
    "tanh",
    "atan",
    "atan2",
    "atanh",
    "humanize_bytes",
    "humanize_bits",
];
const TEXT_FUNCTIONS: [&str; 4] = ["upper", "lower", "substring", "strip"];

pub(super) fn parse(text: &str) -> Result<Expression, String> {
    if text.len() > BYTES_MAX {
        return Err(format!("an expression has at most {BYTES_MAX} bytes"));
    }
    let mut parser = Parser { rest: text };
    let mut expression = parser.sum(0)?;
    // `value / 1000:2`: with so many decimals.
    if parser.take(':') {
        let decimals = parser.literal()?;
        expression = Expression::Call("round".to_owned(), vec![expression, decimals]);
    }
    match parser.rest.trim_start() {
        "" => Ok(expression),
        rest => Err(format!("eval does not understand {rest:?}")),
    }
}

struct Parser<'a> {
    rest: &'a str,
}

impl Parser<'_> {
    fn peek(&mut self) -> Option<char> {
        self.rest = self.rest.trim_start();
        self.rest.chars().next()
    }

    fn take(&mut self, wanted: char) -> bool {
        let is_there = self.peek() == Some(wanted);
        if is_there {
            self.rest = &self.rest[wanted.len_utf8()..];
        }
        is_there
    }

    fn sum(&mut self, depth: usize) -> Result<Expression, String> {
        if depth > DEPTH_MAX {
            return Err(format!("an expression nests at most {DEPTH_MAX} deep"));
        }
        let mut left = self.product(depth)?;
        while let Some(sign @ ('+' | '-')) = self.peek() {
            self.take(sign);
            left = Expression::Binary(sign, Box::new(left), Box::new(self.product(depth)?));
        }
        Ok(left)
    }

    fn product(&mut self, depth: usize) -> Result<Expression, String> {
        let mut left = self.power(depth)?;
        while let Some(sign @ ('*' | '/' | '%')) = self.peek() {
            self.take(sign);
            left = Expression::Binary(sign, Box::new(left), Box::new(self.power(depth)?));
        }
        Ok(left)
    }

    fn power(&mut self, depth: usize) -> Result<Expression, String> {
        if self.take('-') {
            return self.deeper(depth).map(|inner| Expression::Negated(Box::new(inner)));
        }
        let base = self.atom(depth)?;
        match self.take('^') {
            true => Ok(Expression::Binary('^', Box::new(base), Box::new(self.deeper(depth)?))),
            false => Ok(base),
        }
    }

    fn deeper(&mut self, depth: usize) -> Result<Expression, String> {
        if depth > DEPTH_MAX {
            return Err(format!("an expression nests at most {DEPTH_MAX} deep"));
        }
        self.power(depth + 1)
    }

    fn atom(&mut self, depth: usize) -> Result<Expression, String> {
        if self.take('(') {
            let inner = self.sum(depth + 1)?;
            return if self.take(')') { Ok(inner) } else { Err("a parenthesis is not closed".to_owned()) };
        }
        match self.peek() {
            Some(quote @ ('\'' | '"')) => {
                let inner = &self.rest[1..];
                let end = inner.find(quote).ok_or("a quote is not closed")?;
                self.rest = &inner[end + 1..];
                Ok(Expression::Text(inner[..end].to_owned()))
            }
            Some(c) if c.is_ascii_digit() || c == '.' => self.literal(),
            Some(c) if c.is_alphabetic() || matches!(c, '_' | '@' | '[') => self.name(depth),
            Some(c) => Err(format!("eval does not understand {c:?}")),
            None => Err("the expression ends too early".to_owned()),
        }
    }

    fn literal(&mut self) -> Result<Expression, String> {
        let end = self.rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(self.rest.len());
        let text = &self.rest[..end];
        let value = text.parse().map_err(|_| format!("{text:?} is not a number"))?;
        self.rest = &self.rest[end..];
        Ok(Expression::Number(value))
    }

    fn name(&mut self, depth: usize) -> Result<Expression, String> {
        let mut is_in_brackets = false;
        let end = self.rest.char_indices().find(|(_, c)| {
            match c {
                '[' => is_in_brackets = true,
                ']' => is_in_brackets = false,
                _ => {}
            }
            !(is_in_brackets || c.is_alphanumeric() || matches!(c, '_' | '.' | '@' | '[' | ']'))
        });
        let end = end.map_or(self.rest.len(), |(at, _)| at);
        let name = self.rest[..end].to_owned();
        self.rest = &self.rest[end..];
        if !self.take('(') {
            return Ok(Expression::Name(tag::plain_name(&name)));
        }
        if !NUMBER_FUNCTIONS.contains(&name.as_str()) && !TEXT_FUNCTIONS.contains(&name.as_str()) {
            return Err(format!("eval knows no function {name}"));
        }
        let mut arguments = vec![self.sum(depth + 1)?];
        while self.take(',') {
            arguments.push(self.sum(depth + 1)?);
        }
        if !self.take(')') {
            return Err(format!("{name}( is not closed"));
        }
        let most = match name.as_str() {
            "substring" => 3,
            "round" | "atan2" | "strip" => 2,
            _ => 1,
        };
        if arguments.len() > most {
            return Err(format!("{name} takes at most {most} values"));
        }
        Ok(Expression::Call(name, arguments))
    }
}

impl Expression {
    pub(super) fn result(&self, values: &dyn Values) -> Result<Fact, NoResult> {
        match self {
            Self::Number(value) => Ok(Fact::Number(*value)),
            Self::Text(text) => Ok(Fact::Text(text.clone())),
            Self::Name(name) => values.value(name).ok_or_else(|| NoResult {
                message: format!("nobody knows the variable {name}"),
                unknown: Some(name.clone()),
            }),
            Self::Negated(inner) => Ok(Fact::Number(-inner.number(values)?)),
            Self::Binary(sign, left, right) => {
                let (a, b) = (left.number(values)?, right.number(values)?);
                Ok(Fact::Number(match sign {
                    '+' => a + b,
                    '-' => a - b,
                    '*' => a * b,
                    '/' => a / b,
                    '%' => a % b,
                    _ => a.powf(b),
                }))
            }
            Self::Call(name, arguments) if TEXT_FUNCTIONS.contains(&name.as_str()) => {
                text_function(name, arguments, values)
            }
            Self::Call(name, arguments) => number_function(name, arguments, values),
        }
    }

    fn number(&self, values: &dyn Values) -> Result<f64, NoResult> {
        match self.result(values)? {
            Fact::Number(value) => Ok(value),
            #[expect(clippy::cast_precision_loss, reason = "milliseconds since the epoch are below 2^53")]
            Fact::Time(ms) => Ok(ms as f64),
            Fact::Nothing => Ok(f64::NAN),
            Fact::Text(text) => {
                text.trim().parse().map_err(|_| NoResult::new(format!("{text:?} is not a number")))
            }
        }
    }

    fn text(&self, values: &dyn Values) -> Result<String, NoResult> {
        match self.result(values)? {
            Fact::Nothing => Ok(String::new()),
            fact => Ok(written(&fact)),
        }
    }

    /// Every variable it asks for.
    pub(super) fn names(&self) -> Vec<String> {
        match self {
            Self::Number(_) | Self::Text(_) => Vec::new(),
            Self::Name(name) => vec![name.clone()],
            Self::Negated(inner) => inner.names(),
            Self::Binary(_, a, b) => a.names().into_iter().chain(b.names()).collect(),
            Self::Call(_, arguments) => arguments.iter().flat_map(Self::names).collect(),
        }
    }
}

fn number_function(name: &str, arguments: &[Expression], values: &dyn Values) -> Result<Fact, NoResult> {
    let argument = |n: usize| arguments.get(n).map(|a| a.number(values)).transpose();
    let x = argument(0)?.unwrap_or(f64::NAN);
    let second = argument(1)?;
    Ok(Fact::Number(match name {
        "humanize_bytes" => return Ok(Fact::Text(human_bytes(x, false))),
        "humanize_bits" => return Ok(Fact::Text(human_bytes(x, true))),
        "to_bool" if x == 1.0 => return Ok(Fact::Text("true".to_owned())),
        "to_bool" if x == 0.0 => return Ok(Fact::Text("false".to_owned())),
        "to_bool" => return Err(NoResult::new("to_bool takes 0 or 1")),
        "abs" => x.abs(),
        "int" | "trunc" => x.trunc(),
        "float" => x,
        "dec" => x - x.trunc(),
        "round" => {
            let scale = 10_f64.powf(second.unwrap_or(0.0).round().clamp(-15.0, 15.0));
            (x * scale).round() / scale
        }
        "ceil" => x.ceil(),
        "floor" => x.floor(),
        "sgn" if x == 0.0 => 0.0,
        "sgn" => x.signum(),
        "exp" => x.exp(),
        "log10" => x.log10(),
        "sin" => x.sin(),
        "sinh" => x.sinh(),
        "asin" => x.asin(),
        "asinh" => x.asinh(),
        "cos" => x.cos(),
        "cosh" => x.cosh(),
        "acos" => x.acos(),
        "acosh" => x.acosh(),
        "tan" => x.tan(),
        "tanh" => x.tanh(),
        "atan" => x.atan(),
        "atan2" => x.atan2(second.ok_or_else(|| NoResult::new("atan2 takes two values"))?),
        "atanh" => x.atanh(),
        other => return Err(NoResult::new(format!("eval knows no function {other}"))),
    }))
}

fn text_function(name: &str, arguments: &[Expression], values: &dyn Values) -> Result<Fact, NoResult> {
    let text = arguments.first().map(|a| a.text(values)).transpose()?.unwrap_or_default();
    let place = |n: usize| -> Result<Option<usize>, NoResult> {
        let Some(argument) = arguments.get(n) else { return Ok(None) };
        let value = argument.number(values)?;
        if !(0.0..=1e9).contains(&value) {
            return Err(NoResult::new("substring counts characters from 0"));
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "0 to 1e9, checked above"
        )]
        Ok(Some(value as usize))
    };
    Ok(Fact::Text(match name {
        "upper" => text.to_uppercase(),
        "lower" => text.to_lowercase(),
        "substring" => {
            let start = place(1)?.ok_or_else(|| NoResult::new("substring takes a text and a start"))?;
            let end = place(2)?.unwrap_or(usize::MAX);
            text.chars().take(end).skip(start).collect()
        }
        _ => match arguments.get(1) {
            Some(signs) => {
                let signs = signs.text(values)?;
                text.trim_matches(|c| signs.contains(c)).to_owned()
            }
            None => text.trim().to_owned(),
        },
    }))
}
