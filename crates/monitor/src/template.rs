//! The language of monitor messages: conditional blocks, values, `eval`, times, handles.
//!
//! The one idea: a template never fails. What it can't understand becomes an [`Issue`] with its place, which the editor marks, and
//! stands in the text as it was written, with a mark: at 3 a.m. a blank is worse than braces. Values of the world (log lines, tags)
//! are data in it: a handle begins in the template's own text only, and [`Rendered::values`] tells a reader of markdown what not to
//! trust.
//!
//! Bounds: a template has at most [`SOURCE_BYTES_MAX`], blocks nest [`DEPTH_MAX`] deep, one value gives at most
//! [`VALUE_BYTES_MAX`] and a rendering at most [`OUTPUT_BYTES_MAX`].

mod eval;
mod number;
mod parse;
mod render;
mod tag;

pub use number::{human_bytes, number};

use crate::handle;
use oriel_model::TimeMs;
use std::ops::Range;

/// Messages of monitors in the wild have some kilobytes.
pub const SOURCE_BYTES_MAX: usize = 64 << 10;
/// A mail of this size is still read; chat programs cut far earlier.
pub const OUTPUT_BYTES_MAX: usize = 128 << 10;
/// A log line with its stack trace.
pub const VALUE_BYTES_MAX: usize = 8 << 10;
/// People nest three or four.
pub const DEPTH_MAX: usize = 16;
/// Issues of one template: an editor shows a handful.
const ISSUES_MAX: usize = 100;

/// What a message can't say, and where.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Issue {
    pub message: String,
    /// The variable nobody knows, when that is what is wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where it begins in the template, in UTF-16 units, as text fields of browsers count.
    pub position: usize,
}

/// A value by a name.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    Text(String),
    Number(f64),
    Time(TimeMs),
    /// The name is known, and has no value this time.
    Nothing,
}

/// What a template is rendered with.
pub trait Values {
    /// `None`: nobody knows the name. Names come without braces and brackets: `host.name`, `log.attributes.http.url`, `@facet.name`.
    fn value(&self, name: &str) -> Option<Fact>;

    /// Whether `is_alert` … holds; `None` when there is no such condition.
    fn holds(&self, condition: &str) -> Option<bool>;
}

/// A rendered message.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rendered {
    pub text: String,
    /// Parts of the text that came from values.
    pub values: Vec<Range<usize>>,
    pub issues: Vec<Issue>,
    /// Of `{{override_priority 'P1'}}`.
    pub priority: Option<u8>,
}

impl Rendered {
    /// Whom it tells: each handle once, in order, as written.
    pub fn handles(&self) -> Vec<String> {
        handle::scan(&self.text, &self.values).into_iter().map(|spot| spot.handle).collect()
    }

    /// The text without its handles, for presets that hide them.
    pub fn without_handles(&self) -> Self {
        let spots = handle::spots(&self.text, &self.values);
        let mut cut = Self { issues: self.issues.clone(), priority: self.priority, ..Self::default() };
        let mut from = 0;
        let keep = |cut: &mut Self, range: Range<usize>| {
            let shift = |at: usize| cut.text.len() + at.clamp(range.start, range.end) - range.start;
            let moved = self.values.iter().filter(|v| v.start < range.end && v.end > range.start);
            let moved: Vec<_> = moved.map(|v| shift(v.start)..shift(v.end)).collect();
            cut.values.extend(moved);
            cut.text.push_str(&self.text[range]);
        };
        for spot in spots {
            keep(&mut cut, from..spot.range.start);
            from = spot.range.end;
        }
        keep(&mut cut, from..self.text.len());
        cut
    }
}

/// A parsed message.
#[derive(Clone, Debug)]
pub struct Template {
    source: String,
    nodes: Vec<Node>,
    issues: Vec<Issue>,
}

#[derive(Clone, Debug)]
enum Node {
    /// As it stands in the source.
    Text(Range<usize>),
    Value {
        name: String,
        at: Range<usize>,
    },
    Call {
        call: Call,
        at: Range<usize>,
    },
    Block(Box<Block>),
}

#[derive(Clone, Debug)]
enum Call {
    Eval(eval::Expression),
    LocalTime { name: String, zone: String },
    UrlEncode(String),
    Priority(u8),
}

#[derive(Clone, Debug)]
struct Block {
    condition: Condition,
    is_negated: bool,
    then: Vec<Node>,
    otherwise: Vec<Node>,
    at: Range<usize>,
}

#[derive(Clone, Debug)]
enum Condition {
    Holds(String),
    /// `P1` … in any letters.
    Priority(Vec<u8>),
    Match {
        subject: Subject,
        words: Vec<String>,
        is_exact: bool,
    },
}

/// What `is_match` looks at.
#[derive(Clone, Debug)]
enum Subject {
    Name(String),
    Eval(eval::Expression),
}

impl Template {
    /// Reads a message; what is wrong with it is in [`Template::issues`].
    pub fn parse(source: &str) -> Self {
        parse::parse(source)
    }

    /// Faults of its form, whatever the values.
    pub fn issues(&self) -> &[Issue] {
        &self.issues
    }

    /// Faults of its form, and names that nobody knows in any of its blocks.
    pub fn check(&self, values: &dyn Values) -> Vec<Issue> {
        render::check(self, values)
    }

    pub fn render(&self, values: &dyn Values) -> Rendered {
        render::render(self, values, false)
    }

    /// Whom it may tell on this transition, whatever its matches and priorities come to.
    pub fn handles_of_any(&self, values: &dyn Values) -> Vec<String> {
        render::render(self, values, true).handles()
    }
}

/// A byte offset as browsers count.
fn utf16_at(source: &str, at: usize) -> usize {
    source.get(..at).map_or(0, |before| before.encode_utf16().count())
}

/// A text of at most so many bytes, cut between characters, with a mark when it was cut.
pub(crate) fn cut(text: &str, bytes_max: usize) -> std::borrow::Cow<'_, str> {
    if text.len() <= bytes_max {
        return text.into();
    }
    let end = text.floor_char_boundary(bytes_max);
    format!("{}…", &text[..end]).into()
}

#[cfg(test)]
mod tests;
