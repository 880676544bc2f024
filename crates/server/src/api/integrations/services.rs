//! PagerDuty's services, Opsgenie's and Slack's channels, as Datadog's clients set them up. They are channels like those of the
//! pages, `@pagerduty-NAME`, `@opsgenie-NAME`, `@slack-NAME`.

use super::webhooks::{object, text};
use crate::answer::{Answer, Failure, json, ok};
use crate::app::App;
use crate::auth::{Editor, Reader};
use crate::extract::{Path, Payload};
use crate::ui::channels::{check_name, document_body, refuse_taken};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use oriel_model::OrgId;
use oriel_monitor::channel::ChannelSettings;
use oriel_monitor::deliver::Channel;
use oriel_monitor::handle::Kind;
use oriel_state::DocumentKind;
use serde_json::{Map, Value, json as value};
use std::sync::Arc;

const CHANNEL: DocumentKind = DocumentKind::Channel;

async fn all(app: &App, org: OrgId, kind: Kind) -> Answer<Vec<Channel>> {
    let directory = app.notifier.directory(org).await?;
    Ok(directory.channels().iter().filter(|c| c.kind == kind).cloned().collect())
}

/// A channel by its name or its id.
async fn find(app: &App, org: OrgId, kind: Kind, name: &str) -> Answer<Channel> {
    let found = all(app, org, kind).await?.into_iter().find(|c| c.name == name || c.id == name);
    found.ok_or_else(|| Failure::not_found(format!("{} {name} does not exist", kind.as_str())))
}

async fn create(app: &App, org: OrgId, kind: Kind, name: &str, settings: Value) -> Answer<Channel> {
    check_name(name)?;
    let settings = ChannelSettings::read(kind, &settings, None)?;
    refuse_taken(app, org, kind, name, None).await?;
    let body = document_body(name, kind, &settings);
    let made = app.state.create_document(org, CHANNEL, None, body).await?;
    Channel::of_document(&made).ok_or_else(|| Failure::invalid("the channel can't be read"))
}

async fn change(app: &App, org: OrgId, old: &Channel, name: &str, settings: Value) -> Answer<Channel> {
    check_name(name)?;
    refuse_taken(app, org, old.kind, name, Some(&old.id)).await?;
    // What is not given stays.
    let mut merged: Map<String, Value> = old.settings.0.clone();
    if let Value::Object(given) = settings {
        merged.extend(given.into_iter().filter(|(_, value)| !value.is_null()));
    }
    let settings = ChannelSettings::read(old.kind, &Value::Object(merged), Some(&old.settings))?;
    let body = document_body(name, old.kind, &settings);
    let kept = app.state.replace_document(org, CHANNEL, &old.id, body).await?;
    Channel::of_document(&kept).ok_or_else(|| Failure::invalid("the channel can't be read"))
}

async fn delete(app: &App, org: OrgId, kind: Kind, name: &str) -> Answer {
    let channel = find(app, org, kind, name).await?;
    app.state.delete_document(org, CHANNEL, &channel.id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `POST /api/v1/integration/pagerduty/configuration/services`.
pub(crate) async fn create_pagerduty(State(app): State<Arc<App>>, editor: Editor, body: Payload) -> Answer {
    let given = object(&body)?;
    let name = text(&given, "service_name")?;
    let settings = value!({ "routing_key": text(&given, "service_key")? });
    let made = create(&app, editor.org, Kind::PagerDuty, &name, settings).await?;
    Ok(json(StatusCode::CREATED, &value!({ "service_name": made.name })))
}

pub(crate) async fn pagerduty(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(name): Path<String>,
) -> Answer {
    let found = find(&app, reader.org, Kind::PagerDuty, &name).await?;
    Ok(ok(&value!({ "service_name": found.name })))
}

pub(crate) async fn change_pagerduty(
    State(app): State<Arc<App>>,
    editor: Editor,
    Path(name): Path<String>,
    body: Payload,
) -> Answer {
    let given = object(&body)?;
    let old = find(&app, editor.org, Kind::PagerDuty, &name).await?;
    let settings = value!({ "routing_key": text(&given, "service_key")? });
    let kept = change(&app, editor.org, &old, &name, settings).await?;
    Ok(ok(&value!({ "service_name": kept.name })))
}

pub(crate) async fn delete_pagerduty(
    State(app): State<Arc<App>>,
    editor: Editor,
    Path(name): Path<String>,
) -> Answer {
    delete(&app, editor.org, Kind::PagerDuty, &name).await
}

/// `/api/v2/integration/opsgenie/services`.
pub(crate) async fn list_opsgenie(State(app): State<Arc<App>>, reader: Reader) -> Answer {
    let found = all(&app, reader.org, Kind::Opsgenie).await?;
    Ok(ok(&value!({ "data": found.iter().map(of_opsgenie).collect::<Vec<_>>() })))
}

pub(crate) async fn opsgenie(State(app): State<Arc<App>>, reader: Reader, Path(id): Path<String>) -> Answer {
    Ok(ok(&value!({ "data": of_opsgenie(&find(&app, reader.org, Kind::Opsgenie, &id).await?) })))
}

pub(crate) async fn create_opsgenie(State(app): State<Arc<App>>, editor: Editor, body: Payload) -> Answer {
    let given = attributes(&body)?;
    let name = text(&given, "name")?;
    let made = create(&app, editor.org, Kind::Opsgenie, &name, opsgenie_settings(&given)).await?;
    Ok(json(StatusCode::CREATED, &value!({ "data": of_opsgenie(&made) })))
}

pub(crate) async fn change_opsgenie(
    State(app): State<Arc<App>>,
    editor: Editor,
    Path(id): Path<String>,
    body: Payload,
) -> Answer {
    let given = attributes(&body)?;
    let old = find(&app, editor.org, Kind::Opsgenie, &id).await?;
    let name = given.get("name").and_then(Value::as_str).unwrap_or(&old.name).to_owned();
    let kept = change(&app, editor.org, &old, &name, opsgenie_settings(&given)).await?;
    Ok(ok(&value!({ "data": of_opsgenie(&kept) })))
}

pub(crate) async fn delete_opsgenie(
    State(app): State<Arc<App>>,
    editor: Editor,
    Path(id): Path<String>,
) -> Answer {
    delete(&app, editor.org, Kind::Opsgenie, &id).await
}

fn attributes(body: &[u8]) -> Answer<Map<String, Value>> {
    match object(body)?.get("data").and_then(|data| data.get("attributes")) {
        Some(Value::Object(attributes)) => Ok(attributes.clone()),
        _ => Err(Failure::invalid("data.attributes is missing")),
    }
}

fn opsgenie_settings(given: &Map<String, Value>) -> Value {
    let of = |name: &str| given.get(name).cloned().unwrap_or_default();
    let region = of("region");
    // A custom region is its URL.
    let region = if region == "custom" { Value::Null } else { region };
    value!({ "api_key": of("opsgenie_api_key"), "region": region, "base_url": of("custom_url") })
}

fn of_opsgenie(channel: &Channel) -> Value {
    let url = channel.settings.get("base_url");
    let region = match (url, channel.settings.get("region")) {
        ("", "") => "us",
        ("", region) => region,
        _ => "custom",
    };
    let url = if url.is_empty() { Value::Null } else { value!(url) };
    value!({
        "id": channel.id, "type": "opsgenie-service",
        "attributes": { "name": channel.name, "region": region, "custom_url": url },
    })
}

/// `/api/v1/integration/slack/configuration/accounts/{account}/channels`: channels have no accounts here.
pub(crate) async fn list_slack(State(app): State<Arc<App>>, reader: Reader, _: Path<String>) -> Answer {
    let found = all(&app, reader.org, Kind::Slack).await?;
    Ok(ok(&found.iter().map(of_slack).collect::<Vec<_>>()))
}

pub(crate) async fn slack(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path((_, name)): Path<(String, String)>,
) -> Answer {
    let name = name.trim_start_matches('#');
    Ok(ok(&of_slack(&find(&app, reader.org, Kind::Slack, name).await?)))
}

/// A channel here needs an incoming webhook, which this form has no field for. One that is set up is taken over as it is, so
/// that a configuration which names it applies; others are refused with what to do.
pub(crate) async fn create_slack(
    State(app): State<Arc<App>>,
    editor: Editor,
    _: Path<String>,
    body: Payload,
) -> Answer {
    let given = object(&body)?;
    let name = text(&given, "name")?;
    taken_over(&app, editor.org, &name, &given).await
}

pub(crate) async fn change_slack(
    State(app): State<Arc<App>>,
    editor: Editor,
    Path((_, name)): Path<(String, String)>,
    body: Payload,
) -> Answer {
    let given = object(&body)?;
    find(&app, editor.org, Kind::Slack, name.trim_start_matches('#')).await?;
    taken_over(&app, editor.org, &name, &given).await
}

async fn taken_over(app: &App, org: OrgId, name: &str, given: &Map<String, Value>) -> Answer {
    let name = name.trim_start_matches('#');
    let Some(channel) = all(app, org, Kind::Slack).await?.into_iter().find(|c| c.name == name) else {
        return Err(needs_webhook(name));
    };
    let shown = of_slack(&channel);
    if let Some(new) = given.get("name").and_then(Value::as_str).filter(|n| n.trim_start_matches('#') != name)
    {
        return Err(Failure::invalid(format!(
            "name: {new:?}; a channel is renamed under Settings, Notifications"
        )));
    }
    let display = given.get("display").and_then(Value::as_object).into_iter().flatten();
    if let Some((field, value)) =
        display.into_iter().find(|(field, value)| shown["display"][field] != **value)
    {
        return Err(Failure::invalid(format!(
            "display.{field}: {value} is not supported; what a notice shows is always {}",
            shown["display"]
        )));
    }
    Ok(ok(&shown))
}

pub(crate) async fn delete_slack(
    State(app): State<Arc<App>>,
    editor: Editor,
    Path((_, name)): Path<(String, String)>,
) -> Answer {
    delete(&app, editor.org, Kind::Slack, name.trim_start_matches('#')).await
}

fn needs_webhook(name: &str) -> Failure {
    Failure::invalid(format!(
        "name: no Slack channel {name:?} is set up; that takes its incoming webhook, under Settings, Notifications, or by POST /api/ui/channels"
    ))
}

fn of_slack(channel: &Channel) -> Value {
    let display =
        value!({ "message": true, "mute_buttons": true, "notified": false, "snapshot": true, "tags": true });
    value!({ "name": format!("#{}", channel.name), "display": display })
}
