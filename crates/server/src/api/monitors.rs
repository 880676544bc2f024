//! `/api/v1/monitor`: monitors in the form that people export and post, kept whole. What a monitor means is checked before it is
//! stored; each reason for refusing one names its field.

pub(crate) mod catalog;
pub(crate) mod events;
pub(crate) mod find;
pub(crate) mod form;
pub(crate) mod language;
pub(crate) mod live;
pub(crate) mod mute;
pub(crate) mod read;
pub(crate) mod resolve;
pub(crate) mod search;

use crate::answer::{Answer, Failure, ok};
use crate::app::App;
use crate::auth::Editor;
use crate::builtin::monitors as builtin;
use crate::extract::{Path, Payload, Query};
use axum::extract::State;
use oriel_model::OrgId;
use oriel_monitor::rule::{Rule, Target};
use oriel_state::{DocumentKind, NewMonitor};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// `POST /api/v1/monitor`.
pub(crate) async fn create(State(app): State<Arc<App>>, editor: Editor, body: Payload) -> Answer {
    let document = form::with_numbers(form::parse(&body)?);
    check(&app, editor.org, &document, None).await?;
    let new = NewMonitor { id: None, body: document, author: editor.name };
    let stored = app.state.create_monitor(editor.org, new).await?;
    Ok(ok(&read::shown(&app, editor.org, stored, &read::Asked::default()).await?))
}

/// `PUT /api/v1/monitor/{id}`: the fields that are given replace those that are kept.
pub(crate) async fn replace(
    State(app): State<Arc<App>>,
    editor: Editor,
    Path(id): Path<String>,
    body: Payload,
) -> Answer {
    let id = number(&id)?;
    let kept = app.state.monitor(editor.org, id).await?;
    let document = form::with_numbers(form::merged(&kept.body, form::parse(&body)?));
    check(&app, editor.org, &document, Some(id)).await?;
    let stored = app.state.replace_monitor(editor.org, id, document).await?;
    Ok(ok(&read::shown(&app, editor.org, stored, &read::Asked::default()).await?))
}

/// `POST /api/v1/monitor/validate`.
pub(crate) async fn validate(State(app): State<Arc<App>>, editor: Editor, body: Payload) -> Answer {
    let document = form::with_numbers(form::parse(&body)?);
    check(&app, editor.org, &document, None).await?;
    Ok(ok(&json!({})))
}

/// `POST /api/v1/monitor/{id}/validate`: as a change of that monitor.
pub(crate) async fn validate_change(
    State(app): State<Arc<App>>,
    editor: Editor,
    Path(id): Path<String>,
    body: Payload,
) -> Answer {
    let id = number(&id)?;
    let kept = app.state.monitor(editor.org, id).await?;
    let document = form::with_numbers(form::merged(&kept.body, form::parse(&body)?));
    check(&app, editor.org, &document, Some(id)).await?;
    Ok(ok(&json!({})))
}

#[derive(Deserialize)]
pub(crate) struct Force {
    #[serde(default)]
    force: bool,
}

/// `DELETE /api/v1/monitor/{id}`: refused with the names of what needs it, unless it is forced.
pub(crate) async fn delete(
    State(app): State<Arc<App>>,
    editor: Editor,
    Path(id): Path<String>,
    Query(force): Query<Force>,
) -> Answer {
    let id = number(&id)?;
    delete_one(&app, editor.org, id, force.force).await?;
    Ok(ok(&json!({ "deleted_monitor_id": id })))
}

pub(crate) async fn delete_one(app: &App, org: OrgId, id: i64, forced: bool) -> Answer<()> {
    app.state.monitor(org, id).await?;
    if builtin::ids(&app.state, org).await?.contains(&id) {
        return Err(Failure::invalid(format!("monitor {id} {}", builtin::STAYS)));
    }
    if !forced {
        let needed = needed_by(app, org, &[id]).await?;
        if let Some((_, reasons)) = needed.first() {
            let message = format!(
                "monitor {id} {}; delete that first, or delete with ?force=true",
                reasons.join(" and ")
            );
            return Err(Failure::invalid(message));
        }
    }
    Ok(app.state.delete_monitor(org, id).await?)
}

#[derive(Deserialize)]
pub(crate) struct Ids {
    #[serde(default)]
    monitor_ids: String,
}

/// `GET /api/v1/monitor/can_delete`. 409 when one of them is needed, as clients expect.
pub(crate) async fn can_delete(
    State(app): State<Arc<App>>,
    editor: Editor,
    Query(ids): Query<Ids>,
) -> Answer {
    let ids = ids
        .monitor_ids
        .split(',')
        .filter(|t| !t.trim().is_empty())
        .map(|t| number(t.trim()))
        .collect::<Answer<Vec<i64>>>()?;
    if ids.is_empty() {
        return Err(Failure::invalid("monitor_ids is missing; give ids with commas between them"));
    }
    for id in &ids {
        app.state.monitor(editor.org, *id).await?;
    }
    let needed = needed_by(&app, editor.org, &ids).await?;
    let free: Vec<i64> = ids.into_iter().filter(|id| !needed.iter().any(|(other, _)| other == id)).collect();
    if needed.is_empty() {
        return Ok(ok(&json!({ "data": { "ok": free } })));
    }
    let errors: serde_json::Map<String, Value> = needed
        .iter()
        .map(|(id, reasons)| {
            let texts: Vec<String> = reasons.iter().map(|r| format!("monitor {id} {r}")).collect();
            (id.to_string(), json!(texts))
        })
        .collect();
    let body = json!({ "data": { "ok": free }, "errors": errors });
    Ok(crate::answer::json(axum::http::StatusCode::CONFLICT, &body))
}

/// Which of these monitors something else needs, and what.
async fn needed_by(app: &App, org: OrgId, ids: &[i64]) -> Answer<Vec<(i64, Vec<String>)>> {
    let entries = app.monitor_catalog.entries(app, org).await?;
    let slos = app.state.documents(org, DocumentKind::Slo).await?;
    let stay = builtin::ids(&app.state, org).await?;
    let of_one = |id: i64| {
        let composites = entries
            .values()
            .filter(|e| e.kind == "composite" && e.id != id && members(&e.query).any(|m| m == id))
            .map(|e| format!("is part of the composite monitor {} ({})", e.id, e.name));
        let slos = slos
            .iter()
            .filter(|slo| {
                slo.body["monitor_ids"]
                    .as_array()
                    .is_some_and(|all| all.iter().any(|m| m.as_i64() == Some(id)))
            })
            .map(|slo| {
                format!(
                    "is measured by the SLO {} ({})",
                    slo.id,
                    slo.body["name"].as_str().unwrap_or_default()
                )
            });
        let own = stay.contains(&id).then(|| builtin::STAYS.to_owned());
        own.into_iter().chain(composites).chain(slos).collect::<Vec<_>>()
    };
    let all = ids.iter().map(|id| (*id, of_one(*id)));
    Ok(all.filter(|(_, reasons)| !reasons.is_empty()).collect())
}

/// Ids in the query of a composite.
pub(crate) fn members(query: &str) -> impl Iterator<Item = i64> {
    query.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse().ok())
}

pub(crate) fn missing_member(id: i64) -> String {
    format!("query: monitor {id} does not exist here; give the ids that it has here")
}

/// Whether a document is a monitor, and whether what it names is there.
pub(crate) async fn check(app: &App, org: OrgId, document: &Value, own_id: Option<i64>) -> Answer<Rule> {
    crate::api::bounds::check(document)?;
    let rule = Rule::parse(document)?;
    match &rule.target {
        Target::Composite(_) => {
            let entries = app.monitor_catalog.entries(app, org).await?;
            let missing: Vec<String> =
                members(&rule.query).filter(|id| !entries.contains_key(id)).map(missing_member).collect();
            if !missing.is_empty() {
                return Err(Failure::invalid_each(missing));
            }
            if own_id.is_some_and(|id| members(&rule.query).any(|m| m == id)) {
                return Err(Failure::invalid("query: a composite monitor can't be part of itself"));
            }
        }
        Target::Slo(_) => {
            let id = rule.query.split('"').nth(1).unwrap_or_default();
            if let Err(oriel_state::Error::NotFound { .. }) =
                app.state.document(org, DocumentKind::Slo, id).await
            {
                return Err(Failure::invalid(format!("query: SLO {id} does not exist here")));
            }
        }
        Target::Series(_) | Target::Checks(_) => {}
    }
    Ok(rule)
}

/// Ids are numbers; what isn't one can't be there.
pub(crate) fn number(text: &str) -> Answer<i64> {
    text.parse().map_err(|_| Failure::invalid(format!("monitor id {text:?} is not a number")))
}
