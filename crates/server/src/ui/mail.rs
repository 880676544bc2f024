//! `/api/ui/mail`: the server that mail goes out by. Settings made here win over those of the binary (`--smtp-url`).

use crate::answer::{Answer, Failure, ok};
use crate::app::App;
use crate::auth::{Editor, Reader};
use crate::extract::{Payload, read_json};
use axum::extract::State;
use oriel_monitor::channel::MailSettings;
use oriel_monitor::deliver::MAIL_SETTING;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// `GET /api/ui/mail`: an empty object when no server is set up.
pub(crate) async fn read(State(app): State<Arc<App>>, reader: Reader) -> Answer {
    let directory = app.notifier.directory(reader.org).await?;
    Ok(ok(&directory.mail().map_or_else(|| json!({}), MailSettings::readable)))
}

/// `PUT /api/ui/mail`.
pub(crate) async fn change(State(app): State<Arc<App>>, editor: Editor, body: Payload) -> Answer {
    let given: Value = read_json(&body)?;
    let directory = app.notifier.directory(editor.org).await?;
    let settings = MailSettings::read(&given, directory.mail())?;
    let text = serde_json::to_string(&settings).map_err(|e| Failure::invalid(e.to_string()))?;
    app.state.set_setting(editor.org, MAIL_SETTING, &text).await?;
    tracing::info!(by = %editor.name, host = settings.host, "mail settings were changed");
    app.notifier.wake();
    Ok(ok(&settings.readable()))
}

#[derive(Deserialize)]
struct To {
    to: String,
}

/// `POST /api/ui/mail/test`.
pub(crate) async fn test(State(app): State<Arc<App>>, editor: Editor, body: Payload) -> Answer {
    let given: To = read_json(&body)?;
    let directory = app.notifier.directory(editor.org).await?;
    let found = directory.resolve(&format!("@{}", given.to.trim().trim_start_matches('@')));
    super::channels::outcome(&app, editor.org, "mail", found).await
}
