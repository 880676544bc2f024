//! `/api/ui/channels`: where notices go. Webhooks are those of `/api/v1/integration/webhooks`; all others are kept here. Secrets are
//! written and never read: an answer says that one is set.

use crate::answer::{Answer, Failure, ok};
use crate::app::App;
use crate::auth::{Editor, Reader};
use crate::extract::{Path, Payload, Query, read_json};
use axum::extract::State;
use axum::http::StatusCode;
use oriel_model::OrgId;
use oriel_monitor::channel::{ChannelSettings, SendError};
use oriel_monitor::deliver::{Channel, Found};
use oriel_monitor::handle::Kind;
use oriel_state::{Document, DocumentKind};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// A name is the end of a handle.
const NAME_CHARS_MAX: usize = 100;
/// Ids of webhooks on this page; the others' are random.
const WEBHOOK_PREFIX: &str = "webhook:";
/// Handles that a completion offers.
const HANDLES_MAX: usize = 50;

#[derive(Deserialize)]
struct Given {
    name: String,
    kind: String,
    #[serde(default)]
    settings: Value,
}

/// `GET /api/ui/channels`.
pub(crate) async fn list(State(app): State<Arc<App>>, reader: Reader) -> Answer {
    let directory = app.notifier.directory(reader.org).await?;
    let mut channels: Vec<Value> = directory.channels().iter().map(whole).collect();
    for webhook in app.state.documents(reader.org, DocumentKind::Webhook).await? {
        channels.push(of_webhook(&webhook));
    }
    let kinds = Kind::ALL.iter().map(|kind| json!({ "kind": kind, "fields": kind.fields() }));
    Ok(ok(&json!({ "channels": channels, "kinds": kinds.collect::<Vec<_>>() })))
}

/// `POST /api/ui/channels`.
pub(crate) async fn create(State(app): State<Arc<App>>, editor: Editor, body: Payload) -> Answer {
    let (given, kind) = read(&body)?;
    let settings = ChannelSettings::read(kind, &given.settings, None)?;
    if kind == Kind::Webhook {
        let body = webhook_body(&given.name, &settings);
        let made =
            app.state.create_document(editor.org, DocumentKind::Webhook, Some(&given.name), body).await?;
        return Ok(ok(&of_webhook(&made)));
    }
    refuse_taken(&app, editor.org, kind, &given.name, None).await?;
    let body = document_body(&given.name, kind, &settings);
    let made = app.state.create_document(editor.org, DocumentKind::Channel, None, body).await?;
    tracing::info!(by = %editor.name, kind = kind.as_str(), name = given.name, "a channel was made");
    shown(&made)
}

/// `PUT /api/ui/channels/{id}`.
pub(crate) async fn replace(
    State(app): State<Arc<App>>,
    editor: Editor,
    Path(id): Path<String>,
    body: Payload,
) -> Answer {
    let (given, kind) = read(&body)?;
    if let Some(name) = id.strip_prefix(WEBHOOK_PREFIX) {
        let old = app.state.document(editor.org, DocumentKind::Webhook, name).await?;
        let settings = ChannelSettings::read(Kind::Webhook, &given.settings, Some(&webhook_settings(&old)))?;
        let body = webhook_body(name, &settings);
        let kept = app.state.replace_document(editor.org, DocumentKind::Webhook, name, body).await?;
        return Ok(ok(&of_webhook(&kept)));
    }
    let old = one(&app, editor.org, &id).await?;
    if old.kind != kind {
        return Err(Failure::invalid("kind: a channel keeps its kind; make a new one"));
    }
    refuse_taken(&app, editor.org, kind, &given.name, Some(&id)).await?;
    let settings = ChannelSettings::read(kind, &given.settings, Some(&old.settings))?;
    let body = document_body(&given.name, kind, &settings);
    shown(&app.state.replace_document(editor.org, DocumentKind::Channel, &id, body).await?)
}

/// `DELETE /api/ui/channels/{id}`.
pub(crate) async fn delete(State(app): State<Arc<App>>, editor: Editor, Path(id): Path<String>) -> Answer {
    match id.strip_prefix(WEBHOOK_PREFIX) {
        Some(name) => app.state.delete_document(editor.org, DocumentKind::Webhook, name).await?,
        None => app.state.delete_document(editor.org, DocumentKind::Channel, &id).await?,
    }
    Ok(ok(&json!({ "deleted": id })))
}

/// `POST /api/ui/channels/{id}/test`.
pub(crate) async fn test(State(app): State<Arc<App>>, editor: Editor, Path(id): Path<String>) -> Answer {
    let directory = app.notifier.directory(editor.org).await?;
    let found = match id.strip_prefix(WEBHOOK_PREFIX) {
        Some(name) => directory.resolve(&format!("@webhook-{name}")),
        None => {
            let channel = one(&app, editor.org, &id).await?;
            directory.of_channel(&channel)
        }
    };
    outcome(&app, editor.org, &id, found).await
}

/// Sends a test, and says what became of it.
pub(crate) async fn outcome(app: &App, org: OrgId, name: &str, found: Found) -> Answer {
    let error = match found.destination {
        Err(why) => Some(why),
        Ok(destination) => match app.notifier.test(org, name, &destination).await {
            Ok(()) => None,
            Err(SendError::Refused(why) | SendError::Later { why, .. }) => Some(why),
        },
    };
    let status = error.as_deref().and_then(status_in);
    Ok(ok(&json!({ "sent": error.is_none(), "error": error, "status": status })))
}

/// The status that a receiver answered with.
fn status_in(error: &str) -> Option<u16> {
    error.split_once("answered ")?.1.split(':').next()?.trim().parse().ok()
}

#[derive(Deserialize)]
pub(crate) struct Typed {
    #[serde(default)]
    text: String,
}

/// `GET /api/ui/handles?text=`: channels, webhooks, and addresses that monitors name.
pub(crate) async fn handles(
    State(app): State<Arc<App>>,
    reader: Reader,
    Query(typed): Query<Typed>,
) -> Answer {
    let directory = app.notifier.directory(reader.org).await?;
    let mut all: Vec<(String, &'static str)> =
        directory.handles().into_iter().map(|(handle, kind)| (handle, kind.as_str())).collect();
    for monitor in app.state.monitors(reader.org).await? {
        let message = monitor.body.get("message").and_then(Value::as_str).unwrap_or_default();
        for spot in oriel_monitor::handle::scan(message, &[]) {
            let is_new = !all.iter().any(|(handle, _)| *handle == spot.handle);
            if is_new
                && matches!(
                    oriel_monitor::handle::target(&spot.handle),
                    oriel_monitor::handle::Target::Email(_)
                )
            {
                all.push((spot.handle, "email"));
            }
        }
    }
    let text = typed.text.trim_start_matches('@').to_lowercase();
    all.retain(|(handle, _)| handle.to_lowercase().contains(&text));
    // What begins with the text comes first.
    all.sort_by_key(|(handle, _)| (!handle.to_lowercase()[1..].starts_with(&text), handle.clone()));
    all.truncate(HANDLES_MAX);
    let shown = all.iter().map(|(handle, channel)| json!({ "handle": handle, "channel": channel }));
    Ok(ok(&json!({ "handles": shown.collect::<Vec<_>>() })))
}

fn read(body: &[u8]) -> Answer<(Given, Kind)> {
    let mut given: Given = read_json(body)?;
    given.name = given.name.trim().to_owned();
    let kind = Kind::parse(&given.kind)
        .ok_or_else(|| Failure::invalid(format!("kind: {:?} is not a kind of channel", given.kind)))?;
    check_name(&given.name)?;
    Ok((given, kind))
}

/// A name that can end a handle.
pub(crate) fn check_name(name: &str) -> Answer<()> {
    let is_letter = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-');
    let is_good = !name.is_empty()
        && name.chars().count() <= NAME_CHARS_MAX
        && name.chars().all(is_letter)
        && name.ends_with(char::is_alphanumeric);
    if is_good {
        return Ok(());
    }
    Err(Failure::invalid(format!(
        "name: {name:?} can't end a handle; it has 1 to {NAME_CHARS_MAX} letters, digits, dots, dashes and underscores"
    )))
}

async fn one(app: &App, org: OrgId, id: &str) -> Answer<Channel> {
    let document = app.state.document(org, DocumentKind::Channel, id).await?;
    Channel::of_document(&document).ok_or_else(|| Failure::not_found(format!("channel {id} can't be read")))
}

/// Handles are unique.
pub(crate) async fn refuse_taken(
    app: &App,
    org: OrgId,
    kind: Kind,
    name: &str,
    but: Option<&str>,
) -> Answer<()> {
    let directory = app.notifier.directory(org).await?;
    let is_taken =
        |c: &&Channel| c.kind == kind && c.name.eq_ignore_ascii_case(name) && Some(c.id.as_str()) != but;
    match directory.channels().iter().find(is_taken) {
        Some(channel) => {
            Err(Failure::new(StatusCode::CONFLICT, format!("name: {} exists already", channel.handle())))
        }
        None => Ok(()),
    }
}

pub(crate) fn document_body(name: &str, kind: Kind, settings: &ChannelSettings) -> Value {
    json!({ "name": name, "kind": kind, "settings": settings.0 })
}

fn shown(document: &Document) -> Answer {
    match Channel::of_document(document) {
        Some(channel) => Ok(ok(&whole(&channel))),
        None => Err(Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "the channel can't be read")),
    }
}

fn whole(channel: &Channel) -> Value {
    json!({
        "id": channel.id, "name": channel.name, "kind": channel.kind, "handle": channel.handle(),
        "settings": channel.settings.readable(channel.kind),
    })
}

/// A webhook's document as settings of a channel.
fn webhook_settings(document: &Document) -> ChannelSettings {
    let mut settings = Map::new();
    for field in Kind::Webhook.fields() {
        if let Some(value @ Value::String(_)) = document.body.get(field.name) {
            settings.insert(field.name.to_owned(), value.clone());
        }
    }
    ChannelSettings(settings)
}

fn webhook_body(name: &str, settings: &ChannelSettings) -> Value {
    let mut body = Map::from_iter([("name".to_owned(), json!(name))]);
    body.extend(settings.0.clone());
    body.entry("encode_as").or_insert_with(|| json!("json"));
    Value::Object(body)
}

fn of_webhook(document: &Document) -> Value {
    json!({
        "id": format!("{WEBHOOK_PREFIX}{}", document.id), "name": document.id, "kind": Kind::Webhook,
        "handle": format!("@webhook-{}", document.id),
        "settings": webhook_settings(document).readable(Kind::Webhook),
    })
}
