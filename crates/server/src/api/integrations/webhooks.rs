//! Webhooks and their variables, as Datadog's clients set them up: `payload` with its `$VARIABLES`, `custom_headers`, `encode_as`. A
//! `secret`, which is ours, signs each request and is never read back; nor is the value of a secret variable.

use crate::answer::{Answer, Failure, json, ok};
use crate::app::App;
use crate::auth::{Editor, Reader};
use crate::extract::{Path, Payload, read_json};
use crate::ui::channels::check_name;
use axum::extract::State;
use axum::http::StatusCode;
use oriel_monitor::channel::ChannelSettings;
use oriel_monitor::handle::Kind;
use oriel_state::{Document, DocumentKind};
use serde_json::{Map, Value, json as value};
use std::sync::Arc;

const WEBHOOK: DocumentKind = DocumentKind::Webhook;
const VARIABLE: DocumentKind = DocumentKind::WebhookVariable;
/// The value of a variable: a token or a name.
const VALUE_BYTES_MAX: usize = 8 << 10;

/// `GET …/webhooks`, which Datadog has not.
pub(crate) async fn list(State(app): State<Arc<App>>, reader: Reader) -> Answer {
    let all = app.state.documents(reader.org, WEBHOOK).await?;
    Ok(ok(&all.iter().map(whole).collect::<Vec<_>>()))
}

pub(crate) async fn create(State(app): State<Arc<App>>, editor: Editor, body: Payload) -> Answer {
    let given = object(&body)?;
    let name = text(&given, "name")?;
    let body = checked(given, None)?;
    check_name(&name)?;
    let made = app.state.create_document(editor.org, WEBHOOK, Some(&name), body).await?;
    Ok(json(StatusCode::CREATED, &whole(&made)))
}

pub(crate) async fn one(State(app): State<Arc<App>>, reader: Reader, Path(name): Path<String>) -> Answer {
    Ok(ok(&whole(&app.state.document(reader.org, WEBHOOK, &name).await?)))
}

/// `PUT`: fields that are not given stay. A new name moves the webhook.
pub(crate) async fn change(
    State(app): State<Arc<App>>,
    editor: Editor,
    Path(name): Path<String>,
    body: Payload,
) -> Answer {
    let old = app.state.document(editor.org, WEBHOOK, &name).await?;
    let body = checked(object(&body)?, Some(&old))?;
    let new_name = body.get("name").and_then(Value::as_str).unwrap_or(&name).to_owned();
    check_name(&new_name)?;
    if new_name == name {
        return Ok(ok(&whole(&app.state.replace_document(editor.org, WEBHOOK, &name, body).await?)));
    }
    let moved = app.state.create_document(editor.org, WEBHOOK, Some(&new_name), body).await?;
    app.state.delete_document(editor.org, WEBHOOK, &name).await?;
    Ok(ok(&whole(&moved)))
}

pub(crate) async fn delete(State(app): State<Arc<App>>, editor: Editor, Path(name): Path<String>) -> Answer {
    app.state.delete_document(editor.org, WEBHOOK, &name).await?;
    Ok(ok(&value!({})))
}

/// The document with what was given laid over it; fields that nobody here knows are kept.
fn checked(given: Map<String, Value>, old: Option<&Document>) -> Answer<Value> {
    let mut body = match old.map(|old| &old.body) {
        Some(Value::Object(body)) => body.clone(),
        _ => Map::new(),
    };
    // A secret that is read as `{"set": true}` and sent back stays.
    body.extend(given.into_iter().filter(|(name, value)| !(name == "secret" && value.is_object())));
    body.entry("encode_as").or_insert_with(|| value!("json"));
    let mut settings = Map::new();
    for field in Kind::Webhook.fields() {
        if let Some(given) = body.get(field.name) {
            settings.insert(field.name.to_owned(), given.clone());
        }
    }
    ChannelSettings::read(Kind::Webhook, &Value::Object(settings), None)?;
    Ok(Value::Object(body))
}

fn whole(document: &Document) -> Value {
    let mut body = document.body.clone();
    if let Some(fields) = body.as_object_mut() {
        fields.insert("name".to_owned(), value!(document.id));
        for name in ["payload", "custom_headers"] {
            fields.entry(name).or_insert(Value::Null);
        }
        if fields.contains_key("secret") {
            fields.insert("secret".to_owned(), value!({ "set": true }));
        }
    }
    body
}

pub(crate) async fn create_variable(State(app): State<Arc<App>>, editor: Editor, body: Payload) -> Answer {
    let given = object(&body)?;
    let name = text(&given, "name")?;
    let body = checked_variable(&name, given, None)?;
    let made = app.state.create_document(editor.org, VARIABLE, Some(&name), body).await?;
    Ok(json(StatusCode::CREATED, &whole_variable(&made)))
}

pub(crate) async fn variable(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(name): Path<String>,
) -> Answer {
    Ok(ok(&whole_variable(&app.state.document(reader.org, VARIABLE, &name).await?)))
}

pub(crate) async fn change_variable(
    State(app): State<Arc<App>>,
    editor: Editor,
    Path(name): Path<String>,
    body: Payload,
) -> Answer {
    let old = app.state.document(editor.org, VARIABLE, &name).await?;
    let given = object(&body)?;
    let new_name = given.get("name").and_then(Value::as_str).unwrap_or(&name).to_owned();
    let body = checked_variable(&new_name, given, Some(&old))?;
    if new_name == name {
        return Ok(ok(&whole_variable(
            &app.state.replace_document(editor.org, VARIABLE, &name, body).await?,
        )));
    }
    let moved = app.state.create_document(editor.org, VARIABLE, Some(&new_name), body).await?;
    app.state.delete_document(editor.org, VARIABLE, &name).await?;
    Ok(ok(&whole_variable(&moved)))
}

pub(crate) async fn delete_variable(
    State(app): State<Arc<App>>,
    editor: Editor,
    Path(name): Path<String>,
) -> Answer {
    app.state.delete_document(editor.org, VARIABLE, &name).await?;
    Ok(ok(&value!({})))
}

fn checked_variable(name: &str, given: Map<String, Value>, old: Option<&Document>) -> Answer<Value> {
    let is_letter = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    if name.is_empty() || name.len() > 100 || !name.chars().all(is_letter) {
        return Err(Failure::invalid(format!(
            "name: {name:?} has other signs than upper-case letters, digits and underscores"
        )));
    }
    let mut body = match old.map(|old| &old.body) {
        Some(Value::Object(body)) => body.clone(),
        _ => Map::new(),
    };
    body.extend(given);
    body.insert("name".to_owned(), value!(name));
    let is_text = body.get("value").and_then(Value::as_str).is_some_and(|v| v.len() <= VALUE_BYTES_MAX);
    if !is_text {
        return Err(Failure::invalid(format!("value: is a text of at most {VALUE_BYTES_MAX} bytes")));
    }
    if !body.entry("is_secret").or_insert(Value::Bool(false)).is_boolean() {
        return Err(Failure::invalid("is_secret: is true or false"));
    }
    Ok(Value::Object(body))
}

fn whole_variable(document: &Document) -> Value {
    let mut body = document.body.clone();
    if let Some(fields) = body.as_object_mut()
        && fields.get("is_secret").and_then(Value::as_bool) == Some(true)
    {
        fields.remove("value");
    }
    body
}

pub(super) fn object(body: &[u8]) -> Answer<Map<String, Value>> {
    read_json(body)
}

pub(super) fn text(given: &Map<String, Value>, name: &str) -> Answer<String> {
    let found = given.get(name).and_then(Value::as_str).map(str::trim).filter(|t| !t.is_empty());
    found.map(str::to_owned).ok_or_else(|| Failure::invalid(format!("{name} is missing")))
}
