//! Wide rows: logs, spans and events, whose core columns are fixed and whose attributes are whatever a sender wrote.
//!
//! One idea: a row's meaning is its *logical typed values* (STORE 30), wherever it lies. A [`RowBatch`] is how rows travel from a
//! decoder to the log and the head; a [`Column`] is one field of many rows, as queries read it; a [`Row`] is one whole row, for
//! answers and processors. Whatever form it takes, a field has the same value.

mod batch;
mod builder;
mod column;
mod field;
mod id;
mod identity;
mod value;

pub use batch::{EntryKind, KeyId, RowBatch, TextColumn, WordColumn};
pub use builder::RowBatchBuilder;
pub use column::Column;
pub use field::{Core, Field};
pub use id::{format_span_id, format_trace_id, parse_span_id, parse_trace_id};
pub use value::{Value, ValueRef};

use crate::TimeMs;

/// One whole row. Absent texts are empty, absent ids 0.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    /// Nanoseconds since the epoch.
    pub time_ns: i64,
    /// The core texts, by [`Core::text_index`].
    pub texts: [String; Core::TEXTS],
    pub trace_id: u128,
    pub span_id: u64,
    pub parent_id: u64,
    pub duration_ns: i64,
    /// How many rows this one stands for since others like it were sampled away; 1 when none were.
    pub weight: f32,
    /// Attributes and tags in the order they came; each field once.
    pub attributes: Vec<(Field, Value)>,
}

impl Row {
    pub fn new(time_ns: i64) -> Self {
        Self { time_ns, weight: 1.0, ..Self::default() }
    }

    pub fn time_ms(&self) -> TimeMs {
        self.time_ns.div_euclid(1_000_000)
    }

    /// A core text; empty for the core fields that are no texts.
    pub fn text(&self, core: Core) -> &str {
        core.text_index().map_or("", |i| &self.texts[i])
    }

    /// Sets a core text; nothing for the core fields that are no texts.
    pub fn set_text(&mut self, core: Core, text: impl Into<String>) {
        if let Some(i) = core.text_index() {
            self.texts[i] = text.into();
        }
    }

    /// An attribute's or tag's value.
    pub fn attribute(&self, field: &Field) -> Option<&Value> {
        self.attributes.iter().find(|(f, _)| f == field).map(|(_, v)| v)
    }

    /// Any field's logical value; `None` when the row has none.
    pub fn value(&self, field: &Field) -> Option<Value> {
        let Field::Core(core) = field else { return self.attribute(field).cloned() };
        let some = |present: bool, value: Value| present.then_some(value);
        match core {
            Core::Time => Some(Value::Int(self.time_ns)),
            Core::Duration => some(self.duration_ns != 0, Value::Int(self.duration_ns)),
            Core::TraceId => some(self.trace_id != 0, Value::Text(format_trace_id(self.trace_id).into())),
            Core::SpanId => some(self.span_id != 0, Value::Text(format_span_id(self.span_id).into())),
            Core::ParentId => some(self.parent_id != 0, Value::Text(format_span_id(self.parent_id).into())),
            text => some(!self.text(*text).is_empty(), Value::Text(self.text(*text).into())),
        }
    }

    /// Sets an attribute or tag, in its old place when it was there.
    pub fn set_attribute(&mut self, field: Field, value: Value) {
        match self.attributes.iter_mut().find(|(f, _)| *f == field) {
            Some((_, old)) => *old = value,
            None => self.attributes.push((field, value)),
        }
    }

    /// Takes an attribute or tag away.
    pub fn remove_attribute(&mut self, field: &Field) -> Option<Value> {
        let at = self.attributes.iter().position(|(f, _)| f == field)?;
        Some(self.attributes.remove(at).1)
    }

    /// Adds a tag `key:value`, or a bare one; a second value of a key makes a list, an equal one nothing.
    pub fn add_tag(&mut self, tag: &str) {
        let (key, value) = Field::of_tag(tag);
        let value = Value::Text(value.into());
        match self.attributes.iter_mut().find(|(f, _)| *f == key) {
            None => self.attributes.push((key, value)),
            Some((_, Value::List(list))) if !list.contains(&value) => list.push(value),
            Some((_, Value::List(_))) => {}
            Some((_, old)) if *old == value => {}
            Some((_, old)) => *old = Value::List(vec![std::mem::replace(old, Value::Null), value]),
        }
    }
}

#[cfg(test)]
mod tests;
