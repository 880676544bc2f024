//! `POST /api/v1/synthetics/tests/trigger`: tests that run at once. What is triggered is told to agents with the test, which they
//! then begin anew: within seconds on the server's own host, within half a minute elsewhere.

use super::{Kept, one};
use crate::answer::{Answer, Failure, ok};
use crate::app::App;
use crate::auth::Editor;
use crate::extract::{Payload, read_json};
use axum::extract::State;
use oriel_model::{OrgId, TimeMs};
use parking_lot::Mutex;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;

/// When tests were last triggered; bounded by the tests that were there while the process lives.
#[derive(Default)]
pub(crate) struct Triggers(Mutex<HashMap<(OrgId, String), TimeMs>>);

impl Triggers {
    /// A test as agents are told of it.
    pub(super) fn told(&self, org: OrgId, kept: &Kept) -> Value {
        let mut shown = kept.shown();
        if let Some(at) = self.0.lock().get(&(org, kept.document.id.clone())) {
            shown["triggered_ms"] = json!(at);
        }
        shown
    }

    pub(super) fn forget(&self, org: OrgId, id: &str) {
        self.0.lock().remove(&(org, id.to_owned()));
    }
}

#[derive(Deserialize)]
struct Asked {
    tests: Vec<Test>,
}

#[derive(Deserialize)]
struct Test {
    public_id: String,
}

pub(crate) async fn trigger(State(app): State<Arc<App>>, editor: Editor, body: Payload) -> Answer {
    let asked: Asked = read_json(&body)?;
    let mut ids = Vec::new();
    for Test { public_id } in asked.tests {
        let kept = one(&app, editor.org, &public_id).await?;
        if kept.test.is_paused {
            return Err(Failure::invalid(format!("test {public_id} is paused; set it live first")));
        }
        ids.push(public_id);
    }
    let mut triggers = app.synthetic_results.triggers.0.lock();
    for id in &ids {
        triggers.insert((editor.org, id.clone()), app.now_ms());
    }
    // What the runs found is among the results of each test; ids of results are given by those who run them.
    Ok(ok(&json!({"triggered_check_ids": ids, "results": [], "locations": [], "batch_id": null})))
}
