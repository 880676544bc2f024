//! A test on one scalar: what "equal", "inside" and "like" mean for each type, once for rows and for columns.

use super::words::Finder;
use super::{Bound, Bounds, Test};
use crate::row::{Value, format_span_id, format_trace_id, parse_span_id, parse_trace_id};
use std::borrow::Cow;
use std::net::IpAddr;

/// One value that is no list.
#[derive(Clone, Copy, Debug)]
pub(super) enum Scalar<'a> {
    Text(&'a str),
    Int(i64),
    Uint(u64),
    Float(f64),
    Bool(bool),
    TraceId(u128),
    SpanId(u64),
}

impl<'a> Scalar<'a> {
    /// The scalars of a value: none of null, each element of a list.
    pub(super) fn any(value: &'a Value, passes: &mut impl FnMut(Self) -> bool) -> bool {
        match value {
            Value::Null => false,
            Value::Bool(b) => passes(Self::Bool(*b)),
            Value::Int(n) => passes(Self::Int(*n)),
            Value::Uint(n) => passes(Self::Uint(*n)),
            Value::Float(x) => passes(Self::Float(*x)),
            Value::Text(t) => passes(Self::Text(t)),
            Value::List(list) => list.iter().any(|value| Self::any(value, passes)),
        }
    }

    /// The number view. Ids are names: they have none, whatever their digits.
    fn number(self) -> Option<f64> {
        match self {
            Self::Int(n) => Some(n as f64),
            Self::Uint(n) => Some(n as f64),
            Self::Float(x) => Some(x),
            Self::Text(t) => t.trim().parse().ok().filter(|x: &f64| x.is_finite()),
            Self::Bool(_) | Self::TraceId(_) | Self::SpanId(_) => None,
        }
    }

    pub(super) fn text(self) -> Cow<'a, str> {
        match self {
            Self::Text(t) => Cow::Borrowed(t),
            Self::Bool(b) => Cow::Borrowed(if b { "true" } else { "false" }),
            Self::Int(n) => Cow::Owned(n.to_string()),
            Self::Uint(n) => Cow::Owned(n.to_string()),
            Self::Float(x) => Cow::Owned(x.to_string()),
            Self::TraceId(id) => Cow::Owned(format_trace_id(id)),
            Self::SpanId(id) => Cow::Owned(format_span_id(id)),
        }
    }
}

/// A test made ready for many values.
pub(super) enum Check<'a> {
    Exists,
    Equals(Wanted<'a>),
    /// Over numbers alone: every bound that there is, is one.
    Numbers(&'a Bounds),
    Words(Finder<'a>),
    Other(&'a Test),
}

/// What a literal means to each type.
pub(super) struct Wanted<'a> {
    pub(super) text: &'a str,
    pub(super) int: Option<i128>,
    pub(super) number: Option<f64>,
    pub(super) trace_ids: [u128; 2],
    pub(super) span_ids: [u64; 2],
}

impl<'a> Wanted<'a> {
    fn new(text: &'a str) -> Self {
        let number = text.parse().ok().filter(|x: &f64| x.is_finite());
        Self {
            text,
            int: text.parse().ok(),
            number,
            trace_ids: trace_ids_meant(text),
            span_ids: span_ids_meant(text),
        }
    }

    fn is(&self, value: Scalar<'_>) -> bool {
        match value {
            Scalar::Text(t) => t == self.text,
            Scalar::Bool(b) => self.text == if b { "true" } else { "false" },
            Scalar::Int(n) => self.is_int(i128::from(n), n as f64),
            Scalar::Uint(n) => self.is_int(i128::from(n), n as f64),
            Scalar::Float(x) => self.number == Some(x),
            Scalar::TraceId(id) => id != 0 && self.trace_ids.contains(&id),
            Scalar::SpanId(id) => id != 0 && self.span_ids.contains(&id),
        }
    }

    /// Whole numbers are compared as such: 64-bit ids differ where their nearest floats do not.
    fn is_int(&self, n: i128, x: f64) -> bool {
        match self.int {
            Some(int) => int == n,
            None => self.number == Some(x),
        }
    }
}

/// The trace ids that a text may mean, as 32 or 16 hexadecimal digits or in decimal; 0 where there is none.
pub fn trace_ids_meant(text: &str) -> [u128; 2] {
    let [short, other] = span_ids_meant(text);
    let first = parse_trace_id(text).unwrap_or_else(|| u128::from(short));
    [first, if u128::from(short) == first { u128::from(other) } else { u128::from(short) }]
}

/// The span ids that a text may mean: sixteen digits may be hexadecimal or decimal. 0 where there is none.
pub fn span_ids_meant(text: &str) -> [u64; 2] {
    let hex = || (text.len() == 16).then(|| u64::from_str_radix(text, 16).ok()).flatten();
    [hex().unwrap_or(0), parse_span_id(text).unwrap_or(0)]
}

impl<'a> Check<'a> {
    pub(super) fn new(test: &'a Test) -> Self {
        match test {
            Test::Exists => Self::Exists,
            Test::Equals(text) => Self::Equals(Wanted::new(text)),
            Test::Words(words) => Self::Words(Finder::new(words)),
            Test::Range(bounds) if bounds.are_numbers() => Self::Numbers(bounds),
            other => Self::Other(other),
        }
    }

    pub(super) fn passes(&self, value: Scalar<'_>) -> bool {
        match self {
            Self::Exists => true,
            Self::Equals(wanted) => wanted.is(value),
            Self::Numbers(bounds) => value.number().is_some_and(|x| bounds.hold(x)),
            Self::Words(finder) => finder.is_in(&value.text(), &mut String::new()),
            Self::Other(test) => passes_slowly(test, value),
        }
    }
}

fn passes_slowly(test: &Test, value: Scalar<'_>) -> bool {
    match test {
        Test::Glob(glob) => glob.matches(&value.text()),
        Test::Regex(pattern) => pattern.0.is_match(&value.text()),
        Test::Cidr(nets) => match value {
            Scalar::Text(text) => {
                text.parse::<IpAddr>().is_ok_and(|address| nets.iter().any(|net| net.contains(&address)))
            }
            _ => false,
        },
        Test::Range(bounds) => {
            bounds.low.as_ref().is_none_or(|b| b.allows(value, true))
                && bounds.high.as_ref().is_none_or(|b| b.allows(value, false))
        }
        Test::Exists => true,
        Test::Words(words) => words.are_in(&value.text()),
        Test::Equals(text) => Wanted::new(text).is(value),
    }
}

impl Bounds {
    /// Whether it has a bound, and each is a number: then only numbers are inside.
    pub fn are_numbers(&self) -> bool {
        let numeric = |bound: &Option<Bound>| bound.as_ref().is_none_or(|b| b.number.is_some());
        (self.low.is_some() || self.high.is_some()) && numeric(&self.low) && numeric(&self.high)
    }

    /// Whether a number is inside of bounds that are numbers.
    pub fn hold(&self, x: f64) -> bool {
        let above = |b: &Bound| b.number.is_some_and(|n| x > n || (b.inclusive && x == n));
        let below = |b: &Bound| b.number.is_some_and(|n| x < n || (b.inclusive && x == n));
        self.low.as_ref().is_none_or(above) && self.high.as_ref().is_none_or(below)
    }
}

impl Bound {
    fn allows(&self, value: Scalar<'_>, low: bool) -> bool {
        let order = match self.number {
            Some(number) => value.number().and_then(|x| x.partial_cmp(&number)),
            None => Some(value.text().as_ref().cmp(self.text.as_ref())),
        };
        order.is_some_and(|order| match order {
            std::cmp::Ordering::Equal => self.inclusive,
            std::cmp::Ordering::Greater => low,
            std::cmp::Ordering::Less => !low,
        })
    }
}

#[cfg(test)]
mod tests;
