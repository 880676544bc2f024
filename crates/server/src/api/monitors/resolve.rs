//! `POST /api/v1/monitor/bulk_resolve`: groups that somebody looked at become OK until the next evaluation says otherwise.

use crate::answer::{Answer, ok};
use crate::app::App;
use crate::auth::Editor;
use crate::extract::{Payload, read_json};
use axum::extract::State;
use oriel_model::OrgId;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What stands for every group of a monitor.
const ALL_GROUPS: &str = "ALL_GROUPS";

/// `{"resolve": [{"<id>": "<group>"}, {"<id>": "ALL_GROUPS"}]}`.
#[derive(Deserialize)]
struct Asked {
    resolve: Vec<BTreeMap<String, String>>,
}

pub(crate) async fn bulk(State(app): State<Arc<App>>, editor: Editor, body: Payload) -> Answer {
    let asked: Asked = read_json(&body)?;
    let mut resolved = Vec::<Value>::new();
    for (id, group) in asked.resolve.iter().flatten() {
        let group = (group != ALL_GROUPS).then_some(group.as_str());
        let id = super::number(id)?;
        resolve_one(&app, editor.org, id, group).await?;
        resolved.push(json!(id));
    }
    Ok(ok(&json!({ "resolved": resolved })))
}

/// Resolves one group of a monitor, or all.
pub(crate) async fn resolve_one(app: &App, org: OrgId, id: i64, group: Option<&str>) -> Answer<()> {
    app.state.monitor(org, id).await?;
    app.monitoring.runtime()?.resolve(org, id, group).await?;
    Ok(())
}
