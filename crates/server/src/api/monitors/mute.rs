//! Muting: `POST /api/v1/monitor/{id}/mute` and `…/unmute`, `/monitor/mute_all` and `…/unmute_all`. A mute is a downtime of one
//! monitor; unmuting cancels it, and takes out what the monitor's own options silence.

use super::read;
use crate::answer::{Answer, Failure, ok};
use crate::api::downtimes::{self, Kept};
use crate::app::App;
use crate::auth::Editor;
use crate::extract::{Path, Payload, read_json};
use axum::extract::State;
use oriel_model::{OrgId, TimeMs};
use oriel_monitor::downtime::{Downtime, Identifier, Phase, Schedule, Scope, legacy_id, one_time, phase};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// What a downtime that is a mute says; unmuting ends these and no others that people planned.
const MESSAGE: &str = "Muted by hand";

#[derive(Debug, Default, Deserialize)]
struct Asked {
    /// A text, or what old clients send: a list, empty for everything.
    #[serde(default)]
    scope: Option<Value>,
    /// Seconds since the epoch.
    #[serde(default)]
    end: Option<Value>,
    #[serde(default)]
    all_scopes: Option<Value>,
}

impl Asked {
    /// Old clients send nothing at all.
    fn parse(body: &[u8]) -> Answer<Self> {
        if body.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self::default());
        }
        read_json(body)
    }

    fn scope(&self) -> Answer<Option<String>> {
        let texts: Vec<&str> = match &self.scope {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::String(text)) => vec![text],
            Some(Value::Array(list)) if list.iter().all(Value::is_string) => {
                list.iter().filter_map(Value::as_str).collect()
            }
            Some(other) => {
                let message =
                    format!("scope: {other} is not a text like host:web-1, or a list of such texts");
                return Err(Failure::invalid(message));
            }
        };
        Ok((!texts.is_empty()).then(|| texts.join(" AND ")))
    }

    fn end_ms(&self, now: TimeMs) -> Answer<Option<TimeMs>> {
        let seconds = match &self.end {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::Number(n)) => n.as_f64(),
            Some(Value::String(text)) => text.trim().parse().ok(),
            Some(_) => None,
        };
        let Some(seconds) = seconds.filter(|s: &f64| s.is_finite()) else {
            return Err(Failure::invalid("end must be a number of seconds since the epoch"));
        };
        let end = (seconds * 1000.0) as TimeMs;
        if end <= now {
            return Err(Failure::invalid(format!("end {seconds} is past; it must be after now")));
        }
        Ok(Some(end))
    }

    fn all_scopes(&self) -> bool {
        match &self.all_scopes {
            Some(Value::Bool(all)) => *all,
            Some(Value::String(text)) => text.eq_ignore_ascii_case("true"),
            _ => false,
        }
    }
}

/// `POST /api/v1/monitor/{id}/mute`.
pub(crate) async fn mute(
    State(app): State<Arc<App>>,
    editor: Editor,
    Path(id): Path<String>,
    body: Payload,
) -> Answer {
    let id = super::number(&id)?;
    app.state.monitor(editor.org, id).await?;
    let asked = Asked::parse(&body)?;
    let scope = asked.scope()?.unwrap_or_else(|| "*".to_owned());
    mute_one(&app, &editor, id, &scope, asked.end_ms(app.now_ms())?).await?;
    muted_monitor(&app, editor.org, id).await
}

/// Mutes a monitor, or those of its groups that a scope means, over an older mute of the same scope.
pub(crate) async fn mute_one(
    app: &App,
    editor: &Editor,
    id: i64,
    scope: &str,
    end_ms: Option<TimeMs>,
) -> Answer<()> {
    app.state.monitor(editor.org, id).await?;
    let body = one_time(Some(id), scope, app.now_ms(), end_ms, MESSAGE)?;
    let scope = Scope::parse(scope)?.to_string();
    let older = |d: &Downtime| d.message == MESSAGE && is_of(d, id) && d.scope.to_string() == scope;
    cancel(app, editor.org, older).await?;
    downtimes::store(app, editor, body).await?;
    Ok(())
}

/// `POST /api/v1/monitor/{id}/unmute`: the scope that is named, else every one.
pub(crate) async fn unmute(
    State(app): State<Arc<App>>,
    editor: Editor,
    Path(id): Path<String>,
    body: Payload,
) -> Answer {
    let id = super::number(&id)?;
    let asked = Asked::parse(&body)?;
    let scope = asked.scope()?.filter(|_| !asked.all_scopes());
    unmute_one(&app, editor.org, id, scope.as_deref()).await?;
    muted_monitor(&app, editor.org, id).await
}

/// Ends the mutes of a monitor: those of one scope, or all.
pub(crate) async fn unmute_one(app: &App, org: OrgId, id: i64, scope: Option<&str>) -> Answer<()> {
    let monitor = app.state.monitor(org, id).await?;
    let scope = scope.map(Scope::parse).transpose()?.map(|s| s.to_string());
    let meant = |d: &Downtime| {
        // A repeating downtime was planned: it is ended where it was made.
        is_of(d, id)
            && matches!(d.schedule, Schedule::Once(_))
            && scope.as_ref().is_none_or(|s| d.scope.to_string() == *s)
    };
    cancel(app, org, meant).await?;
    let mut body = monitor.body;
    let Some(silenced) = body.pointer_mut("/options/silenced").and_then(Value::as_object_mut) else {
        return Ok(());
    };
    let before = silenced.len();
    silenced.retain(|name, _| scope.as_ref().is_some_and(|s| name != s));
    if silenced.len() != before {
        app.state.replace_monitor(org, id, body).await?;
    }
    Ok(())
}

/// `POST /api/v1/monitor/mute_all`: one downtime of everything.
pub(crate) async fn mute_all(State(app): State<Arc<App>>, editor: Editor) -> Answer {
    let body = one_time(None, "*", app.now_ms(), None, MESSAGE)?;
    cancel(&app, editor.org, is_everything).await?;
    let made = downtimes::store(&app, &editor, body).await?;
    Ok(ok(&json!({
        "id": legacy_id(&made.document.id), "active": true, "disabled": false, "scope": ["*"], "message": MESSAGE,
        "start": app.now_ms() / 1000, "end": Value::Null,
    })))
}

/// `POST /api/v1/monitor/unmute_all`: ends that; mutes of single monitors stay.
pub(crate) async fn unmute_all(State(app): State<Arc<App>>, editor: Editor) -> Answer {
    cancel(&app, editor.org, is_everything).await?;
    Ok(ok(&json!({})))
}

fn is_of(downtime: &Downtime, id: i64) -> bool {
    matches!(downtime.monitor, Identifier::Monitor(of) if of == id)
}

fn is_everything(downtime: &Downtime) -> bool {
    let all = matches!(&downtime.monitor, Identifier::Tags(tags) if tags.iter().any(|t| t == "*"));
    all && downtime.scope.is_all() && downtime.message == MESSAGE
}

/// Cancels downtimes that are under way or still to come.
async fn cancel(app: &App, org: OrgId, meant: impl Fn(&Downtime) -> bool) -> Answer<()> {
    let now = app.now_ms();
    for kept in downtimes::all(app, org).await? {
        let ahead = matches!(phase(&kept.downtime, now), Phase::Active | Phase::Scheduled);
        if ahead && meant(&kept.downtime) {
            downtimes::cancel_one(app, org, kept).await?;
        }
    }
    Ok(())
}

/// The monitor with `options.silenced` as old clients look at it: each muted scope and its end.
async fn muted_monitor(app: &App, org: OrgId, id: i64) -> Answer {
    let now = app.now_ms();
    let monitor = app.state.monitor(org, id).await?;
    let mut shown = read::shown(app, org, monitor, &read::Asked::default()).await?;
    let mut silenced =
        shown.pointer("/options/silenced").and_then(Value::as_object).cloned().unwrap_or_default();
    for Kept { downtime, .. } in downtimes::all(app, org).await? {
        if let Some(span) = downtime.span_at(now).filter(|_| is_of(&downtime, id)) {
            silenced.insert(downtime.scope.to_string(), json!(span.end_ms.map(|ms| ms / 1000)));
        }
    }
    if !shown["options"].is_object() {
        shown["options"] = json!({});
    }
    shown["options"]["silenced"] = json!(silenced);
    Ok(ok(&shown))
}
