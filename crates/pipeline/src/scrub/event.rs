//! Events and service checks, which travel as what they are until the store makes rows of them.

use super::Scrubber;
use oriel_model::{Core, Event, EventBatch, Field, Row, ServiceCheck, Signal, Value};

impl Scrubber {
    /// Takes out of a batch what the rules say.
    pub fn run_events(&self, batch: &mut EventBatch) {
        let applies = self.rules.iter().any(|r| r.signal.is_none_or(|s| s == Signal::Events));
        if !applies {
            return;
        }
        for event in &mut batch.events {
            self.event(event);
        }
        for check in &mut batch.checks {
            self.check(check);
        }
    }

    fn event(&self, event: &mut Event) {
        let texts = [(Core::Name, &event.title), (Core::Message, &event.text), (Core::Host, &event.host)];
        let mut row = row(event.time_ms, &texts, &event.tags);
        row.set_text(Core::Source, event.source.as_str());
        if self.apply(&mut row, Signal::Events) {
            row.text(Core::Name).clone_into(&mut event.title);
            row.text(Core::Message).clone_into(&mut event.text);
            event.tags = tags(&row);
        }
    }

    fn check(&self, check: &mut ServiceCheck) {
        let texts = [(Core::Name, &check.check), (Core::Message, &check.message), (Core::Host, &check.host)];
        let mut row = row(check.time_ms, &texts, &check.tags);
        if self.apply(&mut row, Signal::Events) {
            // The check's name is its identity, and never what somebody typed.
            row.text(Core::Message).clone_into(&mut check.message);
            check.tags = tags(&row);
        }
    }
}

fn row(time_ms: i64, texts: &[(Core, &String)], tags: &[String]) -> Row {
    let mut row = Row::new(time_ms.saturating_mul(1_000_000));
    for (core, text) in texts {
        row.set_text(*core, text.as_str());
    }
    for tag in tags {
        row.add_tag(tag);
    }
    row
}

/// The tags again as they were written.
fn tags(row: &Row) -> Vec<String> {
    let mut out = Vec::new();
    for (field, value) in &row.attributes {
        let Field::Tag(key) = field else { continue };
        let one = |value: &Value| {
            let text = value.text().unwrap_or_default();
            if **key == *Field::BARE { text.into_owned() } else { format!("{key}:{text}") }
        };
        match value {
            Value::List(list) => out.extend(list.iter().map(one)),
            value => out.push(one(value)),
        }
    }
    out
}
