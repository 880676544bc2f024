//! What each processor did to one row, for the test bench.

use crate::process::{Action, Done, Step};
use oriel_model::{Core, Field, Row, Value};
use serde::Serialize;
use serde_json::Value as Json;

/// One processor's work.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExplainedStep {
    /// Its type; `filter` for whether a pipeline takes the row.
    pub processor: String,
    pub name: String,
    /// Whether it found what it looks for.
    pub applied: bool,
    pub changed: Vec<Change>,
    /// Why it did nothing, when that is worth saying.
    pub error: Option<String>,
}

/// A field before and after; null where it was not there.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    pub field: String,
    pub before: Json,
    pub after: Json,
}

/// The steps, and the row that came out.
#[derive(Clone, Debug, PartialEq)]
pub struct Explained {
    pub steps: Vec<ExplainedStep>,
    pub row: Row,
}

#[derive(Default)]
pub(crate) struct Recorder {
    steps: Vec<ExplainedStep>,
}

impl Recorder {
    pub(crate) fn pipeline(&mut self, name: &str, taken: bool) {
        let error = (!taken).then(|| "the filter does not take this row".to_owned());
        self.steps.push(ExplainedStep {
            processor: "filter".to_owned(),
            name: name.to_owned(),
            applied: taken,
            changed: Vec::new(),
            error,
        });
    }

    pub(crate) fn step(&mut self, step: &Step, row: &mut Row, done: &mut Done) {
        if let Action::Nested(nested) = &step.action {
            nested.explain(row, done, self);
            return;
        }
        let before = row.clone();
        let applied = step.apply(row, done);
        let error = (!applied).then(|| why_not(step).to_owned());
        self.steps.push(ExplainedStep {
            processor: step.kind_name.to_owned(),
            name: step.name.clone(),
            applied,
            changed: changes(&before, row),
            error,
        });
    }

    pub(crate) fn finish(self, row: Row) -> Explained {
        Explained { steps: self.steps, row }
    }
}

fn why_not(step: &Step) -> &'static str {
    match &step.action {
        Action::Grok(..) => "no rule matches",
        Action::Category { .. } => "no category's query matches",
        Action::Remap(_) => "no source was found, or the target is taken",
        Action::Lookup(_) => "the source is missing, or its value is not in the table",
        Action::Arithmetic { .. } | Action::Template { .. } => "an attribute is missing",
        Action::Date(_) | Action::Status(_) | Action::Service(_) | Action::Message(_) => {
            "no source was found, or an earlier remapper of this type has set it"
        }
        _ => "no source was found, or none can be read",
    }
}

/// Fields that differ, core ones first, in the order of the rows.
pub fn changes(before: &Row, after: &Row) -> Vec<Change> {
    let json = |v: Option<Value>| v.map_or(Json::Null, |v| v.to_json());
    let core = Core::ALL.into_iter().map(Field::Core);
    let old = before.attributes.iter().map(|(f, _)| f.clone());
    let new = after.attributes.iter().map(|(f, _)| f.clone()).filter(|f| before.attribute(f).is_none());
    core.chain(old)
        .chain(new)
        .filter_map(|field| {
            let (a, b) = (before.value(&field), after.value(&field));
            (a != b).then(|| Change { field: field.to_string(), before: json(a), after: json(b) })
        })
        .collect()
}
