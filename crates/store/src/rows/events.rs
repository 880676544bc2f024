//! Events as wide rows: the one place where the two forms meet.
//!
//! Title is the name, text the message, alert type the status; what else an event has are attributes (`@evt.id`,
//! `@priority`, `@aggregation_key`). Tags come back sorted: a file keeps attributes in an order of its own.

use crate::NsRange;
use crate::parts::NS_PER_MS;
use oriel_model::{
    AlertType, Core, Event, Field, Limits, OrgId, Priority, Row, RowBatch, RowBatchBuilder, Signal,
    TimeRange, Value, ValueRef,
};

pub(crate) const ID: &str = "evt.id";
pub(crate) const PRIORITY: &str = "priority";
pub(crate) const AGGREGATION_KEY: &str = "aggregation_key";

/// The range in the wide rows' unit.
pub(crate) fn ns_range(range: TimeRange) -> NsRange {
    NsRange { start: range.start.saturating_mul(NS_PER_MS), end: range.end.saturating_mul(NS_PER_MS) }
}

/// Events as a batch. Their times were judged before: none is refused for it.
pub(crate) fn batch_of(org: OrgId, events: &[Event]) -> RowBatch {
    let mut builder = RowBatchBuilder::new(org, Signal::Events, &limits(), TimeRange::all());
    let (id, priority) = (builder.attr_key(ID), builder.attr_key(PRIORITY));
    let key = builder.attr_key(AGGREGATION_KEY);
    for event in events {
        builder.begin(event.time_ms.saturating_mul(NS_PER_MS));
        builder.set_text(Core::Name, &event.title);
        builder.set_text(Core::Message, &event.text);
        builder.set_text(Core::Status, event.alert_type.as_str());
        builder.set_text(Core::Source, &event.source);
        builder.set_text(Core::Host, &event.host);
        builder.attr(id, ValueRef::Uint(event.id));
        builder.attr(priority, ValueRef::Text(event.priority.as_str()));
        if !event.aggregation_key.is_empty() {
            builder.attr(key, ValueRef::Text(&event.aggregation_key));
        }
        event.tags.iter().for_each(|tag| builder.tag(tag));
        builder.end();
    }
    builder.finish().0
}

/// Nothing of an event that was accepted is too long for a row.
fn limits() -> Limits {
    let most = usize::MAX;
    Limits {
        message_bytes: most,
        word_bytes: most,
        tag_bytes: most,
        attribute_bytes: most,
        attributes_per_row: most,
        attribute_name_bytes: most,
        ..Limits::default()
    }
}

/// A row of events as one.
pub(crate) fn event_of(row: &Row) -> Event {
    let text = |name: &str| match row.attribute(&Field::attr(name)) {
        Some(Value::Text(text)) => text.to_string(),
        _ => String::new(),
    };
    let id = match row.attribute(&Field::attr(ID)) {
        Some(Value::Int(id)) => u64::try_from(*id).unwrap_or(0),
        Some(Value::Uint(id)) => *id,
        _ => 0,
    };
    Event {
        id,
        time_ms: row.time_ms(),
        title: row.text(Core::Name).to_owned(),
        text: row.text(Core::Message).to_owned(),
        host: row.text(Core::Host).to_owned(),
        source: row.text(Core::Source).to_owned(),
        aggregation_key: text(AGGREGATION_KEY),
        priority: Priority::parse(&text(PRIORITY)).unwrap_or_default(),
        alert_type: AlertType::parse(row.text(Core::Status)).unwrap_or_default(),
        tags: tags_of(row),
    }
}

/// Tags as they are written, sorted; `service`, `env` and `version` went to the core fields.
fn tags_of(row: &Row) -> Vec<String> {
    let mut tags = Vec::new();
    for core in [Core::Service, Core::Env, Core::Version] {
        if !row.text(core).is_empty() {
            tags.push(format!("{}:{}", core.as_str(), row.text(core)));
        }
    }
    let mut add = |key: &str, value: &Value| {
        if let Some(value) = value.text() {
            tags.push(if key == Field::BARE { value.into_owned() } else { format!("{key}:{value}") });
        }
    };
    for (field, value) in &row.attributes {
        let Field::Tag(key) = field else { continue };
        match value {
            Value::List(values) => values.iter().for_each(|value| add(key, value)),
            one => add(key, one),
        }
    }
    tags.sort();
    tags
}
