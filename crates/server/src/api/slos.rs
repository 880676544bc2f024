//! `/api/v1/slo`: objectives in the form that people export and post.

pub(crate) mod corrections;
pub(crate) mod figures;
pub(crate) mod history;
pub(crate) mod search;
pub(crate) mod status;

use crate::answer::{Answer, Failure, json as respond, ok};
use crate::app::App;
use crate::auth::{Editor, Reader};
use crate::extract::{Pairs, Path, Payload, Query, read_json};
use axum::extract::State;
use axum::http::StatusCode;
use oriel_model::OrgId;
use oriel_monitor::slo::{Slo, merge, validate};
use oriel_state::{Document, DocumentKind};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What Datadog's list gives at most.
const PAGE: usize = 1_000;

/// An SLO as it is kept and as it is meant.
pub(crate) struct Kept {
    pub(crate) document: Document,
    pub(crate) slo: Slo,
}

impl Kept {
    fn of(document: Document) -> Answer<Self> {
        let slo = Slo::read(&document.id, &document.body)?;
        Ok(Self { document, slo })
    }

    /// As the API answers it.
    pub(crate) fn shown(&self) -> Value {
        let Document { id, body, created_ms, modified_ms } = &self.document;
        let mut shown = body.clone();
        let author = body["author"].as_str().unwrap_or_default();
        if let Some(fields) = shown.as_object_mut() {
            fields.remove("author");
        }
        shown["id"] = json!(id);
        shown["created_at"] = json!(created_ms / 1_000);
        shown["modified_at"] = json!(modified_ms / 1_000);
        shown["creator"] = json!({"name": author, "handle": author, "email": author});
        if !self.slo.monitors().is_empty() && shown.get("monitor_tags").is_none() {
            shown["monitor_tags"] = json!([]);
        }
        shown
    }
}

/// Every SLO of an org that can be read, in the order of creation.
pub(crate) async fn all(app: &App, org: OrgId) -> Answer<Vec<Kept>> {
    let documents = app.state.documents(org, DocumentKind::Slo).await?;
    Ok(documents.into_iter().filter_map(|d| Kept::of(d).ok()).collect())
}

pub(crate) async fn one(app: &App, org: OrgId, id: &str) -> Answer<Kept> {
    Kept::of(app.state.document(org, DocumentKind::Slo, id).await?)
}

pub(crate) fn parsed(body: &[u8]) -> Answer<Value> {
    read_json(body)
}

/// What an SLO says is within bounds, and the monitors that it names are there.
async fn check_monitors(app: &App, org: OrgId, body: &Value) -> Answer<()> {
    crate::api::bounds::check(body)?;
    for id in Slo::read("new", body)?.monitors() {
        app.state.monitor(org, *id).await?;
    }
    Ok(())
}

fn listed(kept: &[&Kept]) -> Value {
    json!({ "data": kept.iter().map(|k| k.shown()).collect::<Vec<_>>() })
}

/// The older client takes any answer with a key `errors` for a failure, so it is there only when there are some.
fn with_errors(mut answer: Value, errors: Value) -> Value {
    let empty = errors.as_array().is_some_and(Vec::is_empty) || errors.as_object().is_some_and(Map::is_empty);
    if !empty {
        answer["errors"] = errors;
    }
    answer
}

/// `POST /api/v1/slo`.
pub(crate) async fn create(State(app): State<Arc<App>>, editor: Editor, body: Payload) -> Answer {
    let mut body = validate(&parsed(&body)?)?;
    check_monitors(&app, editor.org, &body).await?;
    body["author"] = json!(editor.name);
    let kept = Kept::of(app.state.create_document(editor.org, DocumentKind::Slo, None, body).await?)?;
    Ok(ok(&json!({ "data": [kept.shown()] })))
}

#[derive(Default)]
struct Listed {
    ids: String,
    query: String,
    tags_query: String,
    metrics_query: String,
    limit: Option<usize>,
    offset: usize,
}

/// Parameters by name; those that came several times (`ids=a&ids=b`) with commas between them.
fn joined(pairs: Vec<(String, String)>) -> BTreeMap<String, String> {
    let mut all: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in pairs {
        let text = all.entry(name).or_default();
        if !text.is_empty() {
            text.push(',');
        }
        text.push_str(&value);
    }
    all
}

impl Listed {
    fn of(pairs: Vec<(String, String)>) -> Answer<Self> {
        let mut all = joined(pairs);
        let mut take = |name: &str| all.remove(name).unwrap_or_default();
        let number = |name: &str, text: String| match text.is_empty() {
            true => Ok(None),
            false => text
                .parse::<usize>()
                .map(Some)
                .map_err(|_| Failure::invalid(format!("{name}: {text:?} is not a whole number"))),
        };
        Ok(Self {
            ids: take("ids"),
            query: take("query"),
            tags_query: take("tags_query"),
            metrics_query: take("metrics_query"),
            limit: number("limit", take("limit"))?,
            offset: number("offset", take("offset"))?.unwrap_or(0),
        })
    }

    fn wants(&self, kept: &Kept) -> bool {
        let contains =
            |text: &str, part: &str| part.is_empty() || text.to_lowercase().contains(&part.to_lowercase());
        let ids: Vec<&str> = self.ids.split(',').map(str::trim).filter(|i| !i.is_empty()).collect();
        let queries =
            json!([kept.document.body["query"], kept.document.body["sli_specification"]]).to_string();
        (ids.is_empty() || ids.contains(&kept.document.id.as_str()))
            && contains(&kept.slo.name, &self.query)
            && (self.tags_query.is_empty() || kept.slo.tags.contains(&self.tags_query))
            && contains(&queries, &self.metrics_query)
    }
}

/// `GET /api/v1/slo`.
pub(crate) async fn list(State(app): State<Arc<App>>, reader: Reader, Pairs(asked): Pairs) -> Answer {
    let asked = Listed::of(asked)?;
    let mut found = all(&app, reader.org).await?;
    found.retain(|k| asked.wants(k));
    let total = found.len();
    let limit = asked.limit.unwrap_or(PAGE).clamp(1, PAGE);
    let page: Vec<&Kept> = found.iter().skip(asked.offset).take(limit).collect();
    let mut answer = listed(&page);
    answer["metadata"] = json!({"page": {"total_count": total, "total_filtered_count": total}});
    Ok(ok(&answer))
}

#[derive(Deserialize)]
pub(crate) struct AskedOne {
    #[serde(default)]
    with_configured_alert_ids: bool,
}

/// `GET /api/v1/slo/{id}`.
pub(crate) async fn read(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(id): Path<String>,
    Query(asked): Query<AskedOne>,
) -> Answer {
    let mut shown = one(&app, reader.org, &id).await?.shown();
    if asked.with_configured_alert_ids {
        shown["configured_alert_ids"] = json!(alerts(&app, reader.org, &id).await?);
    }
    Ok(ok(&json!({ "data": shown })))
}

/// Monitors that alert on an SLO.
async fn alerts(app: &App, org: OrgId, id: &str) -> Answer<Vec<i64>> {
    let entries = app.monitor_catalog.entries(app, org).await?;
    let named = format!("(\"{id}\")");
    Ok(entries.values().filter(|e| e.kind == "slo alert" && e.query.contains(&named)).map(|e| e.id).collect())
}

/// `PUT /api/v1/slo/{id}`.
pub(crate) async fn replace(
    State(app): State<Arc<App>>,
    editor: Editor,
    Path(id): Path<String>,
    body: Payload,
) -> Answer {
    let was = one(&app, editor.org, &id).await?;
    let mut body = merge(&was.document.body, &parsed(&body)?)?;
    check_monitors(&app, editor.org, &body).await?;
    body["author"] = was.document.body["author"].clone();
    let kept = Kept::of(app.state.replace_document(editor.org, DocumentKind::Slo, &id, body).await?)?;
    Ok(ok(&listed(&[&kept])))
}

/// Deletes one with its corrections. Refused while a monitor alerts on it, unless it is forced.
async fn delete_one(app: &App, org: OrgId, id: &str, forced: bool) -> Answer<()> {
    one(app, org, id).await?;
    let alerts = alerts(app, org, id).await?;
    if !forced && !alerts.is_empty() {
        return Err(Failure::new(
            StatusCode::CONFLICT,
            format!("SLO {id} is used by the monitors {alerts:?}; delete them, or send ?force=true"),
        ));
    }
    for correction in corrections::of_slo(app, org, id).await? {
        app.state.delete_document(org, DocumentKind::SloCorrection, &correction.id).await?;
    }
    Ok(app.state.delete_document(org, DocumentKind::Slo, id).await?)
}

#[derive(Deserialize)]
pub(crate) struct AskedDelete {
    #[serde(default)]
    force: bool,
}

/// `DELETE /api/v1/slo/{id}`.
pub(crate) async fn delete(
    State(app): State<Arc<App>>,
    editor: Editor,
    Path(id): Path<String>,
    Query(asked): Query<AskedDelete>,
) -> Answer {
    delete_one(&app, editor.org, &id, asked.force).await?;
    Ok(ok(&json!({ "data": [id] })))
}

/// `DELETE /api/v1/slo`: several at once.
pub(crate) async fn delete_several(State(app): State<Arc<App>>, editor: Editor, body: Payload) -> Answer {
    let body = parsed(&body)?;
    let ids = body["ids"].as_array().ok_or_else(|| Failure::invalid("ids is missing: a list of SLOs"))?;
    let (mut deleted, mut errors) = (Vec::new(), Map::new());
    for id in ids.iter().filter_map(Value::as_str) {
        match delete_one(&app, editor.org, id, false).await {
            Ok(()) => deleted.push(id),
            Err(e) => drop(errors.insert(id.to_owned(), json!(e.parts().1))),
        }
    }
    Ok(ok(&with_errors(json!({ "data": deleted }), json!(errors))))
}

/// `POST /api/v1/slo/bulk_delete`: time frames of several SLOs; one that has none left is deleted.
pub(crate) async fn bulk_delete(State(app): State<Arc<App>>, editor: Editor, body: Payload) -> Answer {
    let asked: BTreeMap<String, Vec<String>> = read_json(&body)?;
    let (mut deleted, mut updated, mut errors) = (Vec::new(), Vec::new(), Vec::new());
    for (id, frames) in asked {
        match without_frames(&app, editor.org, &id, &frames).await {
            Ok(true) => deleted.push(id),
            Ok(false) => updated.push(id),
            Err(e) => {
                let frame = frames.first().map_or("all", String::as_str);
                errors.push(json!({"id": id, "message": e.parts().1, "timeframe": frame}));
            }
        }
    }
    let data = json!({ "data": {"deleted": deleted, "updated": updated} });
    Ok(ok(&with_errors(data, json!(errors))))
}

/// Whether nothing was left.
async fn without_frames(app: &App, org: OrgId, id: &str, frames: &[String]) -> Answer<bool> {
    let mut kept = one(app, org, id).await?;
    let all = frames.iter().any(|f| f == "all");
    let Some(list) = kept.document.body["thresholds"].as_array_mut() else { return Ok(false) };
    list.retain(|t| !all && !frames.iter().any(|f| t["timeframe"] == f.as_str()));
    if list.is_empty() {
        delete_one(app, org, id, false).await?;
        return Ok(true);
    }
    app.state.replace_document(org, DocumentKind::Slo, id, kept.document.body).await?;
    Ok(false)
}

/// `GET /api/v1/slo/can_delete`.
pub(crate) async fn can_delete(State(app): State<Arc<App>>, reader: Reader, Pairs(asked): Pairs) -> Answer {
    let (mut fine, mut errors) = (Vec::new(), Map::new());
    let asked = joined(asked);
    for id in asked.get("ids").into_iter().flat_map(|ids| ids.split(',')).map(str::trim) {
        let alerts = alerts(&app, reader.org, id).await?;
        if alerts.is_empty() {
            fine.push(id.to_owned());
        } else {
            errors.insert(id.to_owned(), json!(format!("used by the monitors {alerts:?}")));
        }
    }
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::CONFLICT };
    Ok(respond(status, &with_errors(json!({ "data": {"ok": fine} }), json!(errors))))
}
