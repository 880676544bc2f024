//! `GET` and `POST /api/ui/monitors/own`: whom the monitors on Oriel itself tell. A fresh install has nobody: the page asks.

use crate::answer::{Answer, Failure, ok};
use crate::app::App;
use crate::auth::{Editor, Reader};
use crate::builtin::monitors as builtin;
use crate::extract::{Payload, read_json};
use axum::extract::State;
use oriel_model::OrgId;
use oriel_monitor::handle::scan;
use oriel_state::Monitor;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// Handles that are set at once.
const HANDLES_MAX: usize = 20;

async fn own(app: &App, org: OrgId) -> Answer<Vec<Monitor>> {
    let mut found = Vec::new();
    for id in builtin::ids(&app.state, org).await? {
        match app.state.monitor(org, id).await {
            Ok(monitor) => found.push(monitor),
            Err(oriel_state::Error::NotFound { .. }) => {}
            Err(e) => return Err(e.into()),
        }
    }
    Ok(found)
}

fn message(monitor: &Monitor) -> &str {
    monitor.body["message"].as_str().unwrap_or_default()
}

fn handles(text: &str) -> Vec<String> {
    scan(text, &[]).into_iter().map(|spot| spot.handle).collect()
}

fn shown(monitors: &[Monitor]) -> Value {
    let each =
        monitors.iter().map(|m| json!({"id": m.id, "name": m.body["name"], "handles": handles(message(m))}));
    json!({ "monitors": each.collect::<Vec<_>>() })
}

pub(crate) async fn read(State(app): State<Arc<App>>, reader: Reader) -> Answer {
    Ok(ok(&shown(&own(&app, reader.org).await?)))
}

#[derive(Deserialize)]
struct Asked {
    handles: Vec<String>,
}

/// Adds the handles to the messages of those that tell nobody.
pub(crate) async fn tell(State(app): State<Arc<App>>, editor: Editor, body: Payload) -> Answer {
    let asked: Asked = read_json(&body)?;
    if asked.handles.is_empty() || asked.handles.len() > HANDLES_MAX {
        return Err(Failure::invalid(format!("handles: 1 to {HANDLES_MAX}, such as @ada@example.com")));
    }
    for given in &asked.handles {
        if handles(given) != [given.clone()] {
            return Err(Failure::invalid(format!(
                "handles: {given:?} is no handle such as @ada@example.com or @slack-ops"
            )));
        }
    }
    for monitor in own(&app, editor.org).await? {
        if handles(message(&monitor)).is_empty() {
            let mut body = monitor.body.clone();
            body["message"] = json!(format!("{}\n\n{}", message(&monitor), asked.handles.join(" ")));
            app.state.replace_monitor(editor.org, monitor.id, body).await?;
        }
    }
    Ok(ok(&shown(&own(&app, editor.org).await?)))
}
