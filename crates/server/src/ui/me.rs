//! Who is logged in, where, and whether anything has arrived yet.

use crate::answer::{Answer, ok};
use crate::api::metrics::recent;
use crate::app::App;
use crate::auth::Person;
use crate::query::read;
use axum::extract::State;
use oriel_model::OrgId;
use serde_json::json;
use std::sync::Arc;

pub(crate) async fn me(State(app): State<Arc<App>>, person: Person) -> Answer {
    let user = &person.session.user;
    Ok(ok(&json!({
        "user": { "name": user.name },
        "org": { "name": user.org_name },
        "version": crate::VERSION,
        "hostname": app.options.hostname,
        "first_run": is_first_run(&app, user.org).await?,
        "now_ms": app.now_ms(),
    })))
}

/// Nothing has come from outside: the only metrics are Oriel's own.
pub(crate) async fn is_first_run(app: &Arc<App>, org: OrgId) -> Answer<bool> {
    let range = recent(app);
    let names = read(app, move |app| app.store.metrics(org).metrics(range)).await?;
    Ok(names.iter().all(|n| n.starts_with("oriel.")))
}
