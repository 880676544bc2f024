//! A filter on one whole row: for processors, live tails and retention, and as the plain statement of what it means.

use super::check::{Check, Scalar};
use super::words::Finder;
use super::{Filter, Test, Words};
use crate::row::{Core, Field, Row};

impl Filter {
    /// Whether the row is wanted.
    pub fn matches(&self, row: &Row) -> bool {
        match self {
            Self::All => true,
            Self::And(all) => all.iter().all(|f| f.matches(row)),
            Self::Or(any) => any.iter().any(|f| f.matches(row)),
            Self::Not(not) => !not.matches(row),
            Self::Is(field, test) => is(row, field, test),
            Self::Words(words) => words.are_in(row.text(Core::Message)),
            Self::Anywhere(words) => anywhere(row, words),
        }
    }
}

fn is(row: &Row, field: &Field, test: &Test) -> bool {
    let check = Check::new(test);
    let core = match field {
        Field::Core(core) => *core,
        other => {
            let value = row.attribute(other);
            return value.is_some_and(|value| Scalar::any(value, &mut |scalar| check.passes(scalar)));
        }
    };
    let (there, value) = match core {
        Core::Time => (true, Scalar::Int(row.time_ns)),
        Core::Duration => (row.duration_ns != 0, Scalar::Int(row.duration_ns)),
        Core::TraceId => (row.trace_id != 0, Scalar::TraceId(row.trace_id)),
        Core::SpanId => (row.span_id != 0, Scalar::SpanId(row.span_id)),
        Core::ParentId => (row.parent_id != 0, Scalar::SpanId(row.parent_id)),
        text => (!row.text(text).is_empty(), Scalar::Text(row.text(text))),
    };
    there && check.passes(value)
}

fn anywhere(row: &Row, words: &Words) -> bool {
    if words.0.is_empty() {
        return true;
    }
    let (finder, mut scratch) = (Finder::new(words), String::new());
    row.texts.iter().any(|text| finder.is_in(text, &mut scratch))
        || row
            .attributes
            .iter()
            .any(|(_, value)| Scalar::any(value, &mut |scalar| finder.is_in(&scalar.text(), &mut scratch)))
}
