//! `POST /api/ui/monitors/bulk`: one change to several monitors; each that fails says why and keeps none of the others back.

use crate::answer::{Answer, Failure, ok};
use crate::api::monitors::{delete_one, mute, resolve};
use crate::app::App;
use crate::auth::Editor;
use crate::extract::{Payload, read_json};
use axum::extract::State;
use oriel_model::TimeMs;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// Monitors in one request: as many as a page of the list shows.
const IDS_MAX: usize = 1000;

#[derive(Deserialize)]
struct Asked {
    ids: Vec<i64>,
    action: Action,
    #[serde(default)]
    until_ms: Option<TimeMs>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Action {
    Mute,
    Unmute,
    Delete,
    Resolve,
}

pub(crate) async fn bulk(State(app): State<Arc<App>>, editor: Editor, body: Payload) -> Answer {
    let asked: Asked = read_json(&body)?;
    if asked.ids.len() > IDS_MAX {
        let n = asked.ids.len();
        return Err(Failure::invalid(format!("ids: {n} monitors at once; at most {IDS_MAX} are changed")));
    }
    if asked.until_ms.is_some_and(|until| until <= app.now_ms()) {
        return Err(Failure::invalid("until_ms is past; it must be after now"));
    }
    let (mut done, mut failed) = (Vec::new(), Vec::<Value>::new());
    for id in &asked.ids {
        match change(&app, &editor, *id, &asked).await {
            Ok(()) => done.push(id),
            Err(failure) => failed.push(json!({ "id": id, "error": failure.parts().1 })),
        }
    }
    Ok(ok(&json!({ "done": done, "failed": failed })))
}

async fn change(app: &App, editor: &Editor, id: i64, asked: &Asked) -> Answer<()> {
    let org = editor.org;
    match asked.action {
        Action::Mute => mute::mute_one(app, editor, id, "*", asked.until_ms).await,
        Action::Unmute => mute::unmute_one(app, org, id, None).await,
        // What needs it is named in the answer; the page asks again for one that is to go all the same.
        Action::Delete => delete_one(app, org, id, false).await,
        Action::Resolve => resolve::resolve_one(app, org, id, None).await,
    }
}
