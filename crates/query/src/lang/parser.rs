//! Expressions: arithmetic with precedence, calls, metrics with their filters, groups and modifiers.

use super::ast::{Aggregator, Argument, Call, Expr, Filter, MetricQuery, Modifier, Operator, Query};
use super::filter::FilterParser;
use super::lexer::Cursor;
use super::modifier::modifier;
use super::{DEPTH_MAX, ParseError, ParseResult, TEXT_BYTES_MAX};

/// Nodes of one expression; together with the depth it bounds plan and memory.
const NODES_MAX: usize = 2_000;

/// Reads a metric query.
pub fn parse(text: &str) -> Result<Query, ParseError> {
    read(text, false)
}

/// Reads a formula: names of queries where a query has metrics (metrics are understood too).
pub fn parse_formula(text: &str) -> Result<Query, ParseError> {
    read(text, true)
}

fn read(text: &str, formula: bool) -> ParseResult<Query> {
    if text.len() > TEXT_BYTES_MAX {
        return Err(ParseError::new(TEXT_BYTES_MAX, "this query is longer than 16 KiB", &[]));
    }
    let mut parser = Parser { cursor: Cursor::new(text), formula, depth: 0, nodes: 0 };
    let root = parser.expression(0)?;
    parser.cursor.skip_blanks();
    if parser.cursor.peek().is_some() {
        let message = format!("{} after the end of the query", parser.cursor.found());
        return Err(ParseError::new(parser.cursor.at, message, &["an operator", "a modifier", "the end"]));
    }
    Ok(Query { text: text.to_owned(), root })
}

struct Parser<'a> {
    cursor: Cursor<'a>,
    formula: bool,
    depth: usize,
    nodes: usize,
}

impl<'a> Parser<'a> {
    /// Operators that bind at least as tightly as `floor`.
    fn expression(&mut self, floor: u8) -> ParseResult<Expr> {
        self.enter()?;
        let mut left = self.operand()?;
        while let Some((op, position)) = self.operator(floor) {
            self.count_node()?;
            let right = self.expression(op.precedence() + 1)?;
            left = Expr::Binary { op, left: Box::new(left), right: Box::new(right), position };
        }
        self.depth -= 1;
        Ok(left)
    }

    fn operator(&mut self, floor: u8) -> Option<(Operator, usize)> {
        self.cursor.skip_blanks();
        let op = match self.cursor.peek()? {
            '+' => Operator::Add,
            '-' => Operator::Subtract,
            '*' => Operator::Multiply,
            '/' => Operator::Divide,
            _ => return None,
        };
        let position = self.cursor.at;
        (op.precedence() >= floor.max(1)).then(|| {
            self.cursor.at += 1;
            (op, position)
        })
    }

    fn operand(&mut self) -> ParseResult<Expr> {
        self.count_node()?;
        if self.cursor.eat('-') {
            self.enter()?;
            let inner = self.operand()?;
            self.depth -= 1;
            return Ok(match inner {
                Expr::Number(n) => Expr::Number(-n),
                other => Expr::Negative(Box::new(other)),
            });
        }
        self.cursor.skip_blanks();
        let position = self.cursor.at;
        if self.cursor.eat('(') {
            let inner = self.expression(0)?;
            self.cursor.expect(')', "this parenthesis")?;
            return self.layers(inner, position);
        }
        if let Some(number) = self.cursor.number()? {
            return Ok(Expr::Number(number));
        }
        self.named(position)
    }

    /// A call, a metric, or in a formula a named query.
    fn named(&mut self, position: usize) -> ParseResult<Expr> {
        let start = self.cursor.clone();
        let dotted = self.cursor.word(|c| matches!(c, '.' | ':')).unwrap_or_default();
        if dotted.is_empty() {
            let message = format!("{} where a query belongs", self.cursor.found());
            let expected: &[&str] = if self.formula {
                &["a named query", "a function", "a number", "\"(\""]
            } else {
                &["a metric", "an aggregator", "a function", "a number", "\"(\""]
            };
            return Err(ParseError::new(position, message, expected));
        }
        self.cursor.skip_blanks();
        match self.cursor.peek() {
            Some('(') if !dotted.contains(['.', ':']) => {
                let call = self.call(dotted.to_owned(), position)?;
                let expr = self.grouped(call)?;
                self.layers(expr, position)
            }
            Some('{') => {
                self.cursor = start;
                self.metric(position)
            }
            _ if self.formula => {
                self.cursor = start;
                let name = self.cursor.word(|_| false).unwrap_or_default().to_owned();
                self.layers(Expr::Name { name, position }, position)
            }
            _ => {
                self.cursor = start;
                self.metric(position)
            }
        }
    }

    fn metric(&mut self, position: usize) -> ParseResult<Expr> {
        let aggregator = self.aggregator()?;
        let metric_position = self.cursor.at;
        let metric = self.metric_name(aggregator.is_some())?;
        self.cursor.skip_blanks();
        let opened = self.cursor.at;
        if !self.cursor.eat('{') {
            let message = format!("{} where the filter of {metric} belongs", self.cursor.found());
            return Err(ParseError::new(opened, message, &["\"{\""]));
        }
        let filter = FilterParser::new(&mut self.cursor, self.depth).braces()?;
        let filter_text = self.cursor.text[opened + 1..self.cursor.at - 1].trim().to_owned();
        let by = self.by()?.unwrap_or_default();
        let query = MetricQuery {
            aggregator: aggregator.unwrap_or(Aggregator::Avg),
            metric,
            filter_text: if matches!(filter, Filter::All) { "*".to_owned() } else { filter_text },
            filter,
            by,
            modifiers: Vec::new(),
            position,
            metric_position,
        };
        self.layers(Expr::Metric(Box::new(query)), position)
    }

    /// `avg:`; a word before a colon that is no aggregator may be a metric's own (`job:up`).
    fn aggregator(&mut self) -> ParseResult<Option<Aggregator>> {
        let rest = self.cursor.rest();
        let Some(colon) = rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.'))) else {
            return Ok(None);
        };
        if !rest[colon..].starts_with(':') {
            return Ok(None);
        }
        let aggregator = Aggregator::from_word(&rest[..colon]);
        if aggregator.is_some() {
            self.cursor.at += colon + 1;
            self.cursor.skip_blanks();
        }
        Ok(aggregator)
    }

    /// Behind an aggregator a name may hold signs that would else be operators; without one it may not.
    fn metric_name(&mut self, after_aggregator: bool) -> ParseResult<String> {
        let at = self.cursor.at;
        let inner = |c: char| matches!(c, '.' | ':') || (after_aggregator && matches!(c, '-' | '/'));
        match self.cursor.word(inner) {
            Some(name) => Ok(name.to_owned()),
            None => {
                let message = format!("{} where a metric belongs", self.cursor.found());
                Err(ParseError::new(at, message, &["a metric"]))
            }
        }
    }

    /// `by {a, b}`, when it is there.
    fn by(&mut self) -> ParseResult<Option<Vec<String>>> {
        self.cursor.skip_blanks();
        let rest = self.cursor.rest();
        let is_by = rest.get(..2).is_some_and(|w| w.eq_ignore_ascii_case("by"))
            && rest[2..].chars().next().is_none_or(|c| c.is_whitespace() || c == '{');
        if !is_by {
            return Ok(None);
        }
        self.cursor.at += 2;
        self.cursor.expect('{', "by")?;
        Ok(Some(self.keys()?))
    }

    /// Tag keys up to the closing brace.
    fn keys(&mut self) -> ParseResult<Vec<String>> {
        let mut keys: Vec<String> = Vec::new();
        if self.cursor.eat('}') {
            return Ok(keys);
        }
        loop {
            self.cursor.skip_blanks();
            let at = self.cursor.at;
            let key =
                self.cursor.take_while(|c| !c.is_whitespace() && !matches!(c, ',' | '{' | '}' | '(' | ')'));
            if key.is_empty() {
                let message = format!("{} where a tag key belongs", self.cursor.found());
                return Err(ParseError::new(at, message, &["a tag key"]));
            }
            if key != "*" && !keys.iter().any(|k| k == key) {
                keys.push(key.to_owned());
            }
            if !self.cursor.eat(',') {
                break;
            }
        }
        self.cursor.expect('}', "the list of tag keys")?;
        Ok(keys)
    }

    /// `max(…) by {env}`.
    fn grouped(&mut self, call: Call) -> ParseResult<Expr> {
        let Some(by) = self.by()? else { return Ok(Expr::Call(call)) };
        let position = call.position;
        let Some(aggregator) = Aggregator::from_word(&call.name) else {
            return Err(ParseError::new(
                position,
                format!("{}() takes no \"by\"", call.name),
                &["an aggregator"],
            ));
        };
        let mut arguments = call.arguments.into_iter();
        match (arguments.next(), arguments.next()) {
            (Some(Argument::Expr { expr, .. }), None) => {
                Ok(Expr::Grouped { input: Box::new(expr), aggregator, by, position })
            }
            _ => Err(ParseError::new(
                position,
                format!("{}(…) by {{…}} takes one query", call.name),
                &["a query"],
            )),
        }
    }

    /// Modifiers after an operand. The first of each goes to a metric itself; a further rollup is a layer around it.
    fn layers(&mut self, mut expr: Expr, position: usize) -> ParseResult<Expr> {
        while self.cursor.eat('.') {
            let dot = self.cursor.at - 1;
            self.count_node()?;
            let modifier = modifier(&mut self.cursor, dot)?;
            expr = match expr {
                Expr::Metric(mut query) if !has(&query.modifiers, &modifier) => {
                    query.modifiers.push(modifier);
                    Expr::Metric(query)
                }
                input => Expr::Modified { input: Box::new(input), modifier, position: dot },
            };
        }
        if let Expr::Metric(query) = &expr {
            check_own_rollup(query, position)?;
        }
        Ok(expr)
    }

    fn call(&mut self, name: String, position: usize) -> ParseResult<Call> {
        self.enter()?;
        self.cursor.expect('(', "a function")?;
        let mut arguments = Vec::new();
        if !self.cursor.eat(')') {
            loop {
                self.count_node()?;
                arguments.push(self.argument()?);
                if !self.cursor.eat(',') {
                    break;
                }
            }
            self.cursor.expect(')', &format!("{name}(…)"))?;
        }
        self.depth -= 1;
        Ok(Call { name, arguments, position, end: self.cursor.at - 1 })
    }

    fn argument(&mut self) -> ParseResult<Argument> {
        self.cursor.skip_blanks();
        let position = self.cursor.at;
        if let Some(value) = self.cursor.quoted()? {
            return Ok(Argument::Text { value: value.to_owned(), position });
        }
        if self.cursor.eat('{') {
            return Ok(Argument::Keys { keys: self.keys()?, position });
        }
        let start = self.cursor.clone();
        if let Some(word) = self.cursor.word(|c| c == '.') {
            self.cursor.skip_blanks();
            match self.cursor.peek() {
                Some('=') => {
                    self.cursor.at += 1;
                    let value = self.option_value()?;
                    return Ok(Argument::Option { name: word.to_owned(), value, position });
                }
                Some(',' | ')') if !self.formula || is_setting(word) => {
                    return Ok(Argument::Text { value: word.to_owned(), position });
                }
                _ => self.cursor = start,
            }
        }
        Ok(Argument::Expr { expr: self.expression(0)?, position })
    }

    fn option_value(&mut self) -> ParseResult<String> {
        self.cursor.skip_blanks();
        if let Some(value) = self.cursor.quoted()? {
            return Ok(value.to_owned());
        }
        let at = self.cursor.at;
        let value =
            self.cursor.take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | '+'));
        if value.is_empty() {
            return Err(ParseError::new(at, format!("{} after \"=\"", self.cursor.found()), &["a value"]));
        }
        Ok(value.to_owned())
    }

    fn enter(&mut self) -> ParseResult<()> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(ParseError::new(
                self.cursor.at,
                "this query is nested more than 64 levels deep",
                &[],
            ));
        }
        Ok(())
    }

    fn count_node(&mut self) -> ParseResult<()> {
        self.nodes += 1;
        if self.nodes > NODES_MAX {
            return Err(ParseError::new(self.cursor.at, "this query has more than 2,000 parts", &[]));
        }
        Ok(())
    }
}

/// Words that functions take without quotes, told from named queries in a formula.
fn is_setting(word: &str) -> bool {
    Aggregator::from_word(word).is_some()
        || ["linear", "last", "zero", "null", "mean", "median", "asc", "desc", "area", "l2norm"]
            .contains(&word)
}

fn has(modifiers: &[Modifier], new: &Modifier) -> bool {
    modifiers.iter().any(|m| std::mem::discriminant(m) == std::mem::discriminant(new))
}

/// A metric's own rollup knows five ways; the others are for further layers.
fn check_own_rollup(query: &MetricQuery, position: usize) -> ParseResult<()> {
    for modifier in &query.modifiers {
        if let Modifier::Rollup {
            method: Some(method @ (Aggregator::Stddev | Aggregator::Percentile(_))),
            ..
        } = modifier
        {
            return Err(ParseError::new(
                position,
                format!("the first rollup of a metric can't be {}; it can in a second one", method.word()),
                &["avg", "sum", "min", "max", "count"],
            ));
        }
    }
    Ok(())
}
