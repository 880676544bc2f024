//! Taking rows away, with a count before and a receipt after; and how long rows are kept.

use super::{Scope, parse};
use crate::answer::{Answer, Failure, ok};
use crate::app::App;
use crate::auth::{Editor, Reader};
use crate::extract::Payload;
use crate::rows;
use axum::extract::State;
use oriel_model::{OrgId, Signal};
use oriel_store::{RetentionRule, TailSampling};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;

/// Where the rules are kept in the state.
const SETTING: &str = "rows.retention";
/// STORE 28.
const RULES_MAX: usize = 8;

#[derive(Deserialize)]
struct Asked {
    #[serde(flatten)]
    scope: Scope,
    #[serde(default)]
    dry_run: bool,
}

/// `POST /api/ui/delete`.
pub(crate) async fn delete(State(app): State<Arc<App>>, editor: Editor, body: Payload) -> Answer {
    let asked: Asked = parse(&body)?;
    let wanted = match asked.scope.wanted()? {
        Ok(wanted) => wanted,
        Err(answer) => return Ok(answer),
    };
    let (range, filter) = (wanted.range, wanted.filter.clone());
    let count = rows::read_rows(&app, (editor.org, wanted.signal), move |rows, cancel| {
        Ok(rows.count(range, &filter, cancel)?)
    })
    .await?;
    if asked.dry_run {
        return Ok(ok(&json!({ "dry_run": true, "rows": count })));
    }
    tracing::info!(by = editor.name, query = asked.scope.query, rows = count, "rows are deleted");
    let what = (asked.scope.query, wanted.filter);
    let receipt = app.store.delete_rows(editor.org, wanted.signal, wanted.range, what).await?;
    Ok(ok(&receipt))
}

/// `GET /api/ui/deletions`.
pub(crate) async fn deletions(State(app): State<Arc<App>>, reader: Reader) -> Answer {
    let receipts = app.store.deletions(reader.org).await?;
    Ok(ok(&json!({ "deletions": receipts })))
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Retention {
    rules: Vec<Rule>,
    tail_sampling: Option<TailSampling>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Rule {
    name: String,
    signal: Signal,
    query: String,
    keep_ms: i64,
}

/// `GET /api/ui/retention`.
pub(crate) async fn retention(State(app): State<Arc<App>>, reader: Reader) -> Answer {
    let held: Retention = kept(&app, reader.org).await?;
    let mut body = serde_json::to_value(&held).unwrap_or_default();
    let options = &app.options;
    body["defaults"] = json!({
        "metrics_ms": options.metrics_retention_ms,
        "logs_ms": options.logs_retention_ms,
        "spans_ms": options.spans_retention_ms,
        "events_ms": options.events_retention_ms,
    });
    Ok(ok(&body))
}

/// `PUT /api/ui/retention`.
pub(crate) async fn change_retention(State(app): State<Arc<App>>, editor: Editor, body: Payload) -> Answer {
    let asked: Retention = parse(&body)?;
    if asked.rules.len() > RULES_MAX {
        return Err(Failure::invalid(format!(
            "there are {} rules; at most {RULES_MAX} are kept apart",
            asked.rules.len()
        )));
    }
    apply(&app, editor.org, &asked).await?;
    let text = serde_json::to_string(&asked).map_err(|e| Failure::invalid(e.to_string()))?;
    app.state.set_setting(editor.org, SETTING, &text).await?;
    tracing::info!(by = editor.name, "rules of retention changed");
    Ok(ok(&asked))
}

/// Tells the store, at the start and after a change.
async fn apply(app: &App, org: OrgId, retention: &Retention) -> Answer<()> {
    let mut rules = Vec::new();
    for rule in &retention.rules {
        if rule.keep_ms < 60_000 {
            return Err(Failure::invalid(format!("rule {:?} keeps rows for less than a minute", rule.name)));
        }
        rules.push(RetentionRule {
            name: rule.name.clone(),
            signal: rule.signal,
            filter: rows::filter_or_invalid(rule.signal, &rule.query)?,
            query: rule.query.clone(),
            keep_ms: rule.keep_ms,
        });
    }
    app.store.set_retention(org, rules).await?;
    app.store.set_tail_sampling(org, retention.tail_sampling);
    Ok(())
}

/// At the start: what was set before. A rule that can't be read any more is logged, and keeps nothing from starting.
pub(crate) async fn restore(app: &App) -> Result<(), oriel_state::Error> {
    for (org, text) in app.state.settings(SETTING).await? {
        let held: Retention = serde_json::from_str(&text).unwrap_or_default();
        if let Err(e) = apply(app, org, &held).await {
            tracing::error!("the rules of retention of organisation {} are not in force: {e:?}", org.0);
        }
    }
    Ok(())
}

async fn kept(app: &App, org: OrgId) -> Answer<Retention> {
    let text = app.state.setting(org, SETTING).await?;
    Ok(text.and_then(|t| serde_json::from_str(&t).ok()).unwrap_or_default())
}
