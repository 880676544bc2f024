//! `/api/v1/synthetics`: tests that agents run. Each has a monitor of its own, made, changed and deleted with it.

mod patch;
pub(crate) mod results;
pub(crate) mod search;
pub(crate) mod trigger;

use crate::answer::{Answer, Failure, ok};
use crate::app::App;
use crate::auth::{Editor, Reader, Sender};
use crate::extract::{Path, Payload, Query, read_json};
use crate::iso::iso_8601;
use axum::extract::State;
use oriel_model::OrgId;
use oriel_monitor::rule::Rule;
use oriel_state::{DEFAULT_ORG, Document, DocumentKind, NewMonitor};
use oriel_wire::synthetics::{self, SyntheticTest};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A test as it is kept and as it is meant.
pub(crate) struct Kept {
    pub(crate) document: Document,
    pub(crate) test: SyntheticTest,
}

impl Kept {
    fn of(document: Document) -> Answer<Self> {
        let test = synthetics::test(&document.body).map_err(Failure::invalid_each)?;
        Ok(Self { document, test })
    }

    /// As the API answers it.
    pub(crate) fn shown(&self) -> Value {
        let mut shown = self.document.body.clone();
        let author = self.document.body["author"].as_str().unwrap_or_default().to_owned();
        if let Some(fields) = shown.as_object_mut() {
            fields.remove("author");
        }
        shown["public_id"] = json!(self.document.id);
        shown["creator"] = json!({"name": author, "handle": author, "email": author});
        shown
    }

    fn monitor(&self) -> Option<i64> {
        self.document.body["monitor_id"].as_i64()
    }
}

pub(crate) async fn all(app: &App, org: OrgId) -> Answer<Vec<Kept>> {
    let documents = app.state.documents(org, DocumentKind::SyntheticTest).await?;
    Ok(documents.into_iter().filter_map(|d| Kept::of(d).ok()).collect())
}

pub(crate) async fn one(app: &App, org: OrgId, id: &str) -> Answer<Kept> {
    Kept::of(app.state.document(org, DocumentKind::SyntheticTest, id).await?)
}

/// What the server owns is never believed; what is left out is filled in.
fn checked(mut document: Value) -> Answer<Value> {
    let Some(fields) = document.as_object_mut() else { return Err(Failure::invalid("a test is an object")) };
    for owned in ["public_id", "monitor_id", "creator", "created_at", "modified_at", "author"] {
        fields.remove(owned);
    }
    let defaults = [
        ("type", json!("api")),
        ("subtype", json!("http")),
        ("status", json!("live")),
        ("message", json!("")),
        ("tags", json!([])),
        ("locations", json!([])),
        ("options", json!({})),
    ];
    for (field, value) in defaults {
        fields.entry(field).or_insert(value);
    }
    crate::api::bounds::check(&document)?;
    synthetics::test(&document).map_err(Failure::invalid_each)?;
    let form = (document["options"].is_object(), document["config"].is_object());
    if form != (true, true) {
        return Err(Failure::invalid("config and options are objects"));
    }
    if document["options"]["tick_every"].is_null() {
        document["options"]["tick_every"] = json!(60);
    }
    if !document["config"]["assertions"].is_array() {
        document["config"]["assertions"] = json!([]);
    }
    Ok(document)
}

/// The monitor of a test. What its own monitor says beside (downtimes, handles that were added) is kept over changes.
fn monitor_of(id: &str, test: &Value, was: Option<Value>) -> Answer<Value> {
    let options = &test["options"];
    let name = test["name"].as_str().unwrap_or_default();
    let mut body = was.unwrap_or_else(|| json!({"options": {}}));
    body["type"] = json!("synthetics alert");
    body["query"] = json!("no_query");
    body["name"] = options["monitor_name"]
        .as_str()
        .filter(|n| !n.is_empty())
        .map_or_else(|| json!(format!("[Synthetics] {name}")), |n| json!(n));
    body["message"] = test["message"].clone();
    body["tags"] = test["tags"].clone();
    if let Some(priority) = options.get("monitor_priority").filter(|p| !p.is_null()) {
        body["priority"] = priority.clone();
    }
    if !body["options"].is_object() {
        body["options"] = json!({});
    }
    let own = &mut body["options"];
    own["synthetics_check_id"] = json!(id);
    for field in ["min_failure_duration", "min_location_failed"] {
        own[field] =
            options.get(field).cloned().unwrap_or_else(|| json!(u8::from(field == "min_location_failed")));
    }
    for (field, value) in options["monitor_options"].as_object().unwrap_or(&Map::new()) {
        own[field] = value.clone();
    }
    Rule::parse(&body)?;
    Ok(body)
}

/// `abc-def-ghi`, as Datadog's are: small letters, since tags are, and 42 random bits.
fn new_id() -> String {
    let letter = |_| char::from(b'a' + rand::random_range(0..26_u8));
    let part = |_| (0..3).map(letter).collect::<String>();
    (0..3).map(part).collect::<Vec<_>>().join("-")
}

/// `POST /api/v1/synthetics/tests/api`.
pub(crate) async fn create(State(app): State<Arc<App>>, editor: Editor, body: Payload) -> Answer {
    let mut document = checked(read_json(&body)?)?;
    monitor_of("new", &document, None)?;
    document["author"] = json!(editor.name);
    let id = new_id();
    let made = app
        .state
        .create_document(editor.org, DocumentKind::SyntheticTest, Some(&id), document.clone())
        .await?;
    let monitor = NewMonitor { id: None, body: monitor_of(&made.id, &document, None)?, author: editor.name };
    match app.state.create_monitor(editor.org, monitor).await {
        Ok(monitor) => document["monitor_id"] = json!(monitor.id),
        Err(e) => {
            app.state.delete_document(editor.org, DocumentKind::SyntheticTest, &made.id).await?;
            return Err(e.into());
        }
    }
    let kept =
        app.state.replace_document(editor.org, DocumentKind::SyntheticTest, &made.id, document).await?;
    Ok(ok(&Kept::of(kept)?.shown()))
}

/// `POST /api/v1/synthetics/tests/browser` and `…/mobile`.
pub(crate) async fn refuse(_: Editor) -> Answer {
    Err(Failure::invalid("browser and mobile tests are not supported; api tests (http, tcp, ssl) are"))
}

/// `PUT /api/v1/synthetics/tests/api/{id}`.
pub(crate) async fn replace(
    State(app): State<Arc<App>>,
    editor: Editor,
    Path(id): Path<String>,
    body: Payload,
) -> Answer {
    let was = one(&app, editor.org, &id).await?;
    put(&app, &editor, was, read_json(&body)?).await
}

/// `PATCH /api/v1/synthetics/tests/{id}`.
pub(crate) async fn change(
    State(app): State<Arc<App>>,
    editor: Editor,
    Path(id): Path<String>,
    body: Payload,
) -> Answer {
    let was = one(&app, editor.org, &id).await?;
    let asked: patch::Patch = read_json(&body)?;
    let document = patch::patched(was.document.body.clone(), asked.data).map_err(Failure::invalid)?;
    put(&app, &editor, was, document).await
}

async fn put(app: &App, editor: &Editor, was: Kept, document: Value) -> Answer {
    let id = &was.document.id;
    let mut document = checked(document)?;
    document["author"] = was.document.body["author"].clone();
    if let Some(monitor) = was.monitor() {
        document["monitor_id"] = json!(monitor);
        if let Ok(kept) = app.state.monitor(editor.org, monitor).await {
            let body = monitor_of(id, &document, Some(kept.body))?;
            app.state.replace_monitor(editor.org, monitor, body).await?;
        }
    }
    let kept = app.state.replace_document(editor.org, DocumentKind::SyntheticTest, id, document).await?;
    Ok(ok(&Kept::of(kept)?.shown()))
}

/// `GET /api/v1/synthetics/tests/{id}` and `…/tests/api/{id}`.
pub(crate) async fn read(State(app): State<Arc<App>>, reader: Reader, Path(id): Path<String>) -> Answer {
    Ok(ok(&one(&app, reader.org, &id).await?.shown()))
}

#[derive(Deserialize)]
pub(crate) struct Paged {
    #[serde(default)]
    page_size: Option<usize>,
    #[serde(default)]
    page_number: usize,
}

/// `GET /api/v1/synthetics/tests`.
pub(crate) async fn list(State(app): State<Arc<App>>, reader: Reader, Query(asked): Query<Paged>) -> Answer {
    let found = all(&app, reader.org).await?;
    let size = asked.page_size.unwrap_or(usize::MAX).max(1);
    let page = found.iter().skip(asked.page_number.saturating_mul(size)).take(size);
    Ok(ok(&json!({ "tests": page.map(Kept::shown).collect::<Vec<_>>() })))
}

#[derive(Deserialize)]
pub(crate) struct NewStatus {
    new_status: String,
}

/// `PUT /api/v1/synthetics/tests/{id}/status`.
pub(crate) async fn set_status(
    State(app): State<Arc<App>>,
    editor: Editor,
    Path(id): Path<String>,
    body: Payload,
) -> Answer {
    let asked: NewStatus = read_json(&body)?;
    let mut document = one(&app, editor.org, &id).await?.document.body;
    document["status"] = json!(asked.new_status);
    synthetics::test(&document).map_err(Failure::invalid_each)?;
    app.state.replace_document(editor.org, DocumentKind::SyntheticTest, &id, document).await?;
    Ok(ok(&true))
}

#[derive(Deserialize)]
pub(crate) struct Deleted {
    public_ids: Vec<String>,
}

/// `POST /api/v1/synthetics/tests/delete`.
pub(crate) async fn delete(State(app): State<Arc<App>>, editor: Editor, body: Payload) -> Answer {
    let asked: Deleted = read_json(&body)?;
    let mut deleted = Vec::new();
    for id in asked.public_ids {
        let kept = one(&app, editor.org, &id).await?;
        app.state.delete_document(editor.org, DocumentKind::SyntheticTest, &id).await?;
        app.synthetic_results.triggers.forget(editor.org, &id);
        if let Some(monitor) = kept.monitor() {
            match app.state.delete_monitor(editor.org, monitor).await {
                // Somebody deleted it before.
                Ok(()) | Err(oriel_state::Error::NotFound { .. }) => {}
                Err(e) => return Err(e.into()),
            }
        }
        deleted.push(json!({"public_id": id, "deleted_at": iso_8601(app.now_ms())}));
    }
    Ok(ok(&json!({ "deleted_tests": deleted })))
}

/// `GET /api/v1/synthetics/locations`: the hosts that are known here.
pub(crate) async fn locations(State(app): State<Arc<App>>, reader: Reader) -> Answer {
    let hosts = app.state.hosts(reader.org).await?;
    let found: Vec<Value> = hosts.iter().map(|h| json!({"id": h.name, "name": h.name})).collect();
    Ok(ok(&json!({ "locations": found })))
}

/// The tests of one host, each with its `public_id`. A test runs at the locations that it names; where it names none, or none
/// that is a host known here (an exported test names a cloud's places), the agent of the server itself runs it.
pub(crate) async fn of_location(app: &App, org: OrgId, location: &str) -> Answer<Vec<Value>> {
    let tests = all(app, org).await?;
    if tests.is_empty() {
        return Ok(Vec::new());
    }
    let hosts: BTreeSet<String> = app.state.hosts(org).await?.into_iter().map(|h| h.name).collect();
    let own = location == app.options.hostname;
    let runs = |test: &SyntheticTest| {
        let named = |l: &String| l == location || l == "*" || l == "all";
        let elsewhere = |l: &String| named(l) || hosts.contains(l);
        test.locations.iter().any(named) || own && !test.locations.iter().any(elsewhere)
    };
    let told = |kept: &Kept| app.synthetic_results.triggers.told(org, kept);
    Ok(tests.iter().filter(|k| !k.test.is_paused && runs(&k.test)).map(told).collect())
}

/// The tests of an agent that lives in the server's process.
pub struct LocalTests(pub(crate) Arc<App>);

impl LocalTests {
    /// Id and document of each test that this host runs.
    pub async fn tests(&self) -> Result<Vec<(String, Value)>, String> {
        let found = of_location(&self.0, DEFAULT_ORG, &self.0.options.hostname).await;
        let tests = found.map_err(|e| e.parts().1)?;
        Ok(tests.into_iter().filter_map(|t| Some((t["public_id"].as_str()?.to_owned(), t))).collect())
    }
}

#[derive(Deserialize)]
pub(crate) struct Located {
    location: String,
}

/// `GET /api/v1/oriel/synthetics?location=HOST`: what a lone agent asks.
pub(crate) async fn for_agent(
    State(app): State<Arc<App>>,
    sender: Sender,
    Query(asked): Query<Located>,
) -> Answer {
    Ok(ok(&json!({ "tests": of_location(&app, sender.org, &asked.location).await? })))
}
