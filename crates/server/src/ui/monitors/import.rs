//! `POST /api/ui/monitors/import?muted=&dry=`: many monitors at once, as `GET /api/v1/monitor` of Datadog gives them. Each is
//! taken, known already, or refused with its reasons; none keeps another back. Ids are given anew, and composites follow them.

use crate::answer::{Answer, Failure, ok};
use crate::api::monitors::{self, check, form, mute};
use crate::app::App;
use crate::auth::Editor;
use crate::extract::{Payload, Query, read_json};
use axum::extract::State;
use oriel_monitor::rule::Rule;
use oriel_state::NewMonitor;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Monitors of one request; a body holds about as many.
const MONITORS_MAX: usize = 2_000;

#[derive(Deserialize)]
pub(crate) struct Asked {
    /// Each is muted until somebody unmutes it, so that nobody is told twice while both sides run.
    #[serde(default)]
    muted: bool,
    /// Nothing is kept: what would be taken and what refused.
    #[serde(default)]
    dry: bool,
}

/// What becomes of the documents.
struct Import<'a> {
    app: &'a App,
    editor: &'a Editor,
    asked: Asked,
    /// Id there to id here.
    ids: BTreeMap<i64, i64>,
    /// Name, type and query to the id of what is here.
    known: BTreeMap<(String, String, String), i64>,
    /// Ids of what is here, and in a trial of what would be.
    here: BTreeSet<i64>,
    taken: Vec<Value>,
    present: Vec<Value>,
    refused: Vec<Value>,
}

pub(crate) async fn import(
    State(app): State<Arc<App>>,
    editor: Editor,
    Query(asked): Query<Asked>,
    body: Payload,
) -> Answer {
    let documents = documents(read_json(&body)?)?;
    let entries = app.monitor_catalog.entries(&app, editor.org).await?;
    let known = entries.values().map(|e| ((e.name.clone(), e.kind.clone(), e.query.clone()), e.id)).collect();
    let mut import = Import {
        app: &app,
        editor: &editor,
        asked,
        ids: BTreeMap::new(),
        known,
        here: entries.keys().copied().collect(),
        taken: Vec::new(),
        present: Vec::new(),
        refused: Vec::new(),
    };
    for document in in_order(documents) {
        import.take(document).await?;
    }
    Ok(ok(&json!({ "taken": import.taken, "known": import.present, "refused": import.refused })))
}

/// A list, `{"monitors": […]}`, or one monitor.
fn documents(body: Value) -> Answer<Vec<Value>> {
    let list = match body {
        Value::Array(list) => list,
        Value::Object(mut fields) => match fields.remove("monitors") {
            Some(Value::Array(list)) => list,
            _ => vec![Value::Object(fields)],
        },
        _ => return Err(Failure::invalid("the body is a list of monitors, as GET /api/v1/monitor gives it")),
    };
    if list.len() > MONITORS_MAX {
        let n = list.len();
        return Err(Failure::invalid(format!("{n} monitors at once; at most {MONITORS_MAX} are taken")));
    }
    Ok(list)
}

fn is_composite(document: &Value) -> bool {
    document["type"] == "composite"
}

/// Composites behind their members.
fn in_order(documents: Vec<Value>) -> Vec<Value> {
    let (mut waiting, mut ordered): (Vec<Value>, Vec<Value>) = documents.into_iter().partition(is_composite);
    loop {
        let ids: BTreeSet<i64> = waiting.iter().filter_map(|d| d["id"].as_i64()).collect();
        let waits =
            |d: &Value| monitors::members(d["query"].as_str().unwrap_or_default()).any(|m| ids.contains(&m));
        let (still, ready): (Vec<Value>, Vec<Value>) = waiting.into_iter().partition(waits);
        if ready.is_empty() {
            // In a ring, or none: whoever checks them says what is missing.
            ordered.extend(still);
            return ordered;
        }
        ordered.extend(ready);
        waiting = still;
    }
}

impl Import<'_> {
    async fn take(&mut self, document: Value) -> Answer<()> {
        let text = |field: &str| document[field].as_str().unwrap_or_default().to_owned();
        let (from_id, name) = (document["id"].as_i64(), text("name"));
        let refusal = if !document.is_object() {
            Some("a monitor is a JSON object".to_owned())
        } else if document["type"] == "synthetics alert" {
            Some("it belongs to a synthetic test, which makes it: post the test to /api/v1/synthetics/tests/api".to_owned())
        } else {
            None
        };
        let document = self.with_ids(form::with_numbers(document));
        let key = (name.clone(), text_of(&document, "type"), text_of(&document, "query"));
        if let (None, Some(id)) = (&refusal, self.known.get(&key).copied()) {
            self.ids.extend(from_id.map(|from| (from, id)));
            self.present.push(json!({"from_id": from_id, "id": id, "name": name}));
            return Ok(());
        }
        let rule = match refusal {
            Some(reason) => Err(Failure::invalid(reason)),
            None => self.rule(&document).await,
        };
        match rule {
            Ok(rule) => {
                let id = self.keep(document).await?;
                self.ids.extend(from_id.map(|from| (from, id.unwrap_or(from))));
                self.here.extend(id.or(from_id));
                self.known.insert(key, id.unwrap_or_default());
                self.taken
                    .push(json!({"from_id": from_id, "id": id, "name": name, "warnings": rule.warnings}));
            }
            Err(failure) if failure.is_of_client() => {
                self.refused.push(json!({"from_id": from_id, "name": name, "errors": failure.errors()}));
            }
            Err(failure) => return Err(failure),
        }
        Ok(())
    }

    /// Members that came along have other ids here.
    fn with_ids(&self, mut document: Value) -> Value {
        if is_composite(&document)
            && let Some(query) = document["query"].as_str()
        {
            document["query"] = json!(renumbered(query, &self.ids));
        }
        document
    }

    async fn rule(&self, document: &Value) -> Answer<Rule> {
        if !(self.asked.dry && is_composite(document)) {
            return check(self.app, self.editor.org, document, None).await;
        }
        let rule = Rule::parse(document)?;
        let missing = monitors::members(&rule.query).filter(|id| !self.here.contains(id));
        let missing: Vec<String> = missing.map(monitors::missing_member).collect();
        if missing.is_empty() { Ok(rule) } else { Err(Failure::invalid_each(missing)) }
    }

    /// None when nothing is to be kept.
    async fn keep(&self, document: Value) -> Answer<Option<i64>> {
        if self.asked.dry {
            return Ok(None);
        }
        let new = NewMonitor { id: None, body: document, author: self.editor.name.clone() };
        let id = self.app.state.create_monitor(self.editor.org, new).await?.id;
        if self.asked.muted {
            mute::mute_one(self.app, self.editor, id, "*", None).await?;
        }
        Ok(Some(id))
    }
}

fn text_of(document: &Value, field: &str) -> String {
    document[field].as_str().unwrap_or_default().to_owned()
}

/// A composite's query with other ids.
fn renumbered(query: &str, ids: &BTreeMap<i64, i64>) -> String {
    let mut out = String::new();
    let mut rest = query;
    while let Some(begin) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, from) = rest.split_at(begin);
        let end = from.find(|c: char| !c.is_ascii_digit()).unwrap_or(from.len());
        let (digits, after) = from.split_at(end);
        out.push_str(before);
        match digits.parse().ok().and_then(|id: i64| ids.get(&id)) {
            Some(id) => out.push_str(&id.to_string()),
            None => out.push_str(digits),
        }
        rest = after;
    }
    out + rest
}

#[cfg(test)]
mod tests;
