//! What rows are wanted: the one predicate that searches, processors, retention, deletion and the store's pruning share.
//!
//! Its meaning is defined on logical typed values of a row (STORE 30): a test takes the text or the number view by what it
//! compares with, a list passes when any element does, and a row without the field (or with null, or an empty list) passes
//! nothing but `Not`. Free words look at the message by the tokens of [`crate::text`]; a search that also wants an event's title
//! or a span's resource says so by tests on those fields.

mod check;
mod column;
mod glob;
mod required;
mod row;
mod words;

pub use check::{span_ids_meant, trace_ids_meant};
pub use column::Columns;

use crate::row::Field;
use ipnet::IpNet;
use std::sync::Arc;

/// See the module's head.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Filter {
    #[default]
    All,
    And(Vec<Filter>),
    Or(Vec<Filter>),
    Not(Box<Filter>),
    /// A field passes a test.
    Is(Field, Test),
    /// The message has these words one after the other; no words are in every row.
    Words(Words),
    /// `*:word`: the message, a core text, an attribute or a tag has these words; in a list, one of its elements.
    Anywhere(Words),
}

/// What a field's value must be.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// `@a:*`.
    Exists,
    /// Equal as written: texts byte by byte, numbers by value (`200` also finds 200.0), truth values by word, ids in any form
    /// ([`trace_ids_meant`], [`span_ids_meant`]).
    Equals(Box<str>),
    /// `*` stands for any run, `?` for one character; over the text view, case-sensitive.
    Glob(Glob),
    /// By number where the bound is one: a value without a number view is not inside then, and ids have none. By text, byte by
    /// byte, where the bound is a text.
    Range(Bounds),
    /// An address inside any of the networks.
    Cidr(Vec<IpNet>),
    Regex(Pattern),
    /// The words, one after the other, of an event's title or a span's resource; as [`Filter::Words`] asks of the message.
    Words(Words),
}

/// `[400 TO 499]`, `>100`; an absent end is open.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bounds {
    pub low: Option<Bound>,
    pub high: Option<Bound>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Bound {
    /// As written.
    pub text: Box<str>,
    /// The number it means, in the field's own unit (`20ms` of a duration is 20,000,000); `None` for a text.
    pub number: Option<f64>,
    pub inclusive: bool,
}

/// Pieces of a pattern: literal texts, and what stands between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glob {
    pub parts: Vec<GlobPart>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GlobPart {
    Literal(Box<str>),
    /// `*`: any run, also an empty one.
    Any,
    /// `?`: one character.
    One,
}

/// Words that follow each other. A quoted phrase has literal words; an unquoted one may have a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words(pub Vec<Word>);

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Word {
    /// A whole token, folded.
    Token(Box<str>),
    /// A pattern over one token, folded.
    Glob(Glob),
}

/// A regular expression that two filters can be compared by: its text says all, no option is set beside it.
#[derive(Clone, Debug)]
pub struct Pattern(pub Arc<regex::Regex>);

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}
