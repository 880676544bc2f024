//! `POST /api/ui/monitors/message`: what a draft's message says on one transition, whom it tells when, and what nobody knows in it.

use crate::answer::{Answer, ok};
use crate::app::App;
use crate::auth::Reader;
use crate::extract::{Payload, read_json};
use axum::extract::State;
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;

#[derive(Deserialize)]
struct Draft {
    monitor: Value,
    #[serde(default = "alert")]
    transition: String,
    #[serde(default)]
    group: Option<String>,
}

fn alert() -> String {
    "alert".to_owned()
}

pub(crate) async fn message(State(app): State<Arc<App>>, reader: Reader, body: Payload) -> Answer {
    let draft: Draft = read_json(&body)?;
    let group = draft.group.as_deref();
    let previewed = app.notifier.preview(reader.org, &draft.monitor, &draft.transition, group).await?;
    Ok(ok(&previewed))
}
