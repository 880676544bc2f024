//! `POST /api/ui/monitors/preview`: a draft as it stands: what is wrong with it, what it measures, and what its groups would be
//! now. Errors come in the body, so that the editor shows them beside their fields.

use super::graph::{Drawing, range, shown};
use super::parsed::parsed;
use crate::answer::{Answer, ok};
use crate::app::App;
use crate::auth::Reader;
use crate::extract::{Payload, read_json};
use crate::monitoring::measuring;
use axum::extract::State;
use oriel_model::TimeMs;
use oriel_monitor::picture::Picture;
use oriel_monitor::replay::Replay;
use oriel_monitor::schedule::Cadence;
use oriel_monitor::status::Status;
use oriel_monitor::{Error, MonitorState, Rule};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// Groups that are shown, the worst first.
const GROUPS_MAX: usize = 200;

/// A draft over a range; trying takes the same.
#[derive(Deserialize)]
pub(super) struct Draft {
    pub(super) monitor: Value,
    pub(super) from_ms: TimeMs,
    pub(super) to_ms: TimeMs,
}

impl Draft {
    pub(super) fn read(body: &[u8]) -> Answer<Self> {
        read_json(body)
    }
}

pub(crate) async fn preview(State(app): State<Arc<App>>, reader: Reader, body: Payload) -> Answer {
    let draft = Draft::read(&body)?;
    let range = range(draft.from_ms, draft.to_ms)?;
    let rule = match Rule::parse(&draft.monitor) {
        Ok(rule) => Arc::new(rule),
        Err(error) => return Ok(ok(&unreadable(&error))),
    };
    let monitor = draft.monitor["id"].as_i64();
    let drawing = Drawing { rule: rule.clone(), range, as_of_ms: None, at_ms: None, group: None, monitor };
    let mut errors = Vec::new();
    let picture = drawing.picture(&app, reader.org).await.unwrap_or_else(|failure| {
        errors.push(json!({ "field": "query", "message": failure.parts().1 }));
        Picture::default()
    });
    for error in picture.lines.iter().filter_map(|o| o.result.as_ref().err()) {
        errors.push(json!({ "field": "query", "message": error.to_string() }));
    }
    let now = newest(&app, reader.org, &rule).await;
    let (groups, groups_total, at_ms) = match now {
        Ok(found) => found,
        Err(failure) => {
            let problem = json!({ "field": "query", "message": failure.parts().1 });
            if !errors.contains(&problem) {
                errors.push(problem);
            }
            (Vec::new(), 0, app.now_ms())
        }
    };
    let window = rule.window(at_ms);
    let mut answer = shown(&app, reader.org, &picture);
    answer["errors"] = json!(errors);
    answer["warnings"] = json!(rule.warnings);
    answer["parsed"] = parsed(&rule);
    answer["groups"] = json!(groups);
    answer["groups_total"] = json!(groups_total);
    answer["evaluation"] =
        json!({ "at_ms": at_ms, "window": { "from_ms": window.start, "to_ms": window.end } });
    Ok(ok(&answer))
}

/// What an evaluation now would find.
async fn newest(
    app: &Arc<App>,
    org: oriel_model::OrgId,
    rule: &Arc<Rule>,
) -> Answer<(Vec<Value>, usize, TimeMs)> {
    let now_ms = app.now_ms();
    let at_ms = match Cadence::of(rule)?.due(None, now_ms) {
        Some(at_ms) => at_ms,
        // A schedule of its own may not be due for long.
        None => now_ms.div_euclid(60_000) * 60_000,
    };
    let worker = rule.clone();
    let mut groups = measuring(app, move |world| {
        let measured = Replay::at(world, org, &worker, at_ms)?;
        let mut state = MonitorState::default();
        oriel_monitor::evaluate(&worker, &mut state, &measured);
        let status = |key: &str| state.group(key).map_or(Status::Ok, |g| g.status);
        let shown = |g: &oriel_monitor::measured::GroupMeasure| {
            (g.key.clone(), Some(g.value).filter(|v| !v.is_nan()), status(&g.key))
        };
        Ok(measured.groups.iter().map(shown).collect::<Vec<_>>())
    })
    .await?;
    groups.sort_by(|a, b| b.2.severity().cmp(&a.2.severity()).then_with(|| a.0.cmp(&b.0)));
    let total = groups.len();
    groups.truncate(GROUPS_MAX);
    let shown = groups
        .into_iter()
        .map(|(group, value, status)| json!({ "group": group, "value": value, "status": status.as_str() }));
    Ok((shown.collect(), total, at_ms))
}

/// The answer to a draft that is not a monitor yet.
fn unreadable(error: &Error) -> Value {
    let reasons = match error {
        Error::Invalid(reasons) => reasons.clone(),
        other => vec![other.to_string()],
    };
    json!({
        "errors": reasons.iter().map(|reason| problem(reason)).collect::<Vec<_>>(),
        "warnings": [],
        "parsed": null,
        "results": [],
        "raw": [],
        "states": [],
        "caption": "",
        "compared": false,
        "groups": [],
        "groups_total": 0,
        "evaluation": null,
    })
}

/// A reason with the field that it begins with, and the place that it names.
pub(super) fn problem(reason: &str) -> Value {
    let field = reason.split([' ', ':', ',']).next().unwrap_or_default();
    let known = ["name", "type", "query", "message", "tags", "priority", "options", "thresholds"];
    let root = field.split('.').next().unwrap_or_default();
    let field = if known.contains(&root) { field } else { "" };
    let position = reason
        .split_once("position ")
        .and_then(|(_, rest)| rest.split(|c: char| !c.is_ascii_digit()).next()?.parse::<usize>().ok());
    json!({ "field": field, "message": reason, "position": position })
}

#[cfg(test)]
mod tests;
