//! `POST /api/ui/monitors/message`: what a draft's message says on one transition, whom it tells when, and what nobody knows in it.

use crate::answer::{Answer, Failure, ok};
use crate::app::App;
use crate::auth::Reader;
use axum::extract::State;
use bytes::Bytes;
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

pub(crate) async fn message(State(app): State<Arc<App>>, reader: Reader, body: Bytes) -> Answer {
    let draft: Draft = serde_json::from_slice(&body).map_err(|e| {
        Failure::invalid(format!("the body is not {{\"monitor\",\"transition\",\"group\"}}: {e}"))
    })?;
    let group = draft.group.as_deref();
    let previewed = app.notifier.preview(reader.org, &draft.monitor, &draft.transition, group).await?;
    Ok(ok(&previewed))
}
