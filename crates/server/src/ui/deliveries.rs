//! What was told to whom: deliveries of a monitor or of all, one notice as it was rendered, and a second try by hand.

use crate::answer::{Answer, Failure, ok};
use crate::app::App;
use crate::auth::{Editor, Reader};
use crate::extract::{Path, Query};
use axum::extract::State;
use oriel_model::{OrgId, TimeRange};
use oriel_monitor::content::{Content, Sample};
use oriel_state::{Delivery, DeliveryQuery};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;

/// Deliveries of one answer: a page shows some hundred.
const LIST_MAX: i64 = 1_000;

#[derive(Deserialize)]
pub(crate) struct Asked {
    from_ms: Option<i64>,
    to_ms: Option<i64>,
    state: Option<String>,
}

impl Asked {
    fn query(&self, monitor: Option<i64>) -> DeliveryQuery {
        DeliveryQuery {
            monitor,
            state: self.state.clone().filter(|s| !s.is_empty() && s != "all"),
            key: None,
            range: Some(TimeRange::new(self.from_ms.unwrap_or(i64::MIN), self.to_ms.unwrap_or(i64::MAX))),
        }
    }
}

/// `GET /api/ui/deliveries`.
pub(crate) async fn list(State(app): State<Arc<App>>, reader: Reader, Query(asked): Query<Asked>) -> Answer {
    answer(&app, reader.org, asked.query(None)).await
}

/// `GET /api/ui/monitors/{id}/deliveries`.
pub(crate) async fn of_monitor(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(id): Path<i64>,
    Query(asked): Query<Asked>,
) -> Answer {
    answer(&app, reader.org, asked.query(Some(id))).await
}

async fn answer(app: &App, org: OrgId, query: DeliveryQuery) -> Answer {
    let found = app.state.deliveries(org, &query, LIST_MAX).await?;
    Ok(ok(&json!({ "deliveries": shown(app, org, &found).await? })))
}

/// Deliveries with what their notices say.
async fn shown(app: &App, org: OrgId, deliveries: &[Delivery]) -> Answer<Vec<Value>> {
    let mut contents: HashMap<&str, Option<Content>> = HashMap::new();
    let mut out = Vec::with_capacity(deliveries.len());
    for delivery in deliveries {
        if !contents.contains_key(delivery.key.as_str()) {
            let stored = app.state.notice(org, &delivery.key).await.ok();
            let content = stored.and_then(|n| serde_json::from_str(n.content.as_deref()?).ok());
            contents.insert(&delivery.key, content);
        }
        let content = contents.get(delivery.key.as_str()).and_then(Option::as_ref);
        out.push(json!({
            "key": delivery.key,
            "at_ms": delivery.at_ms,
            "monitor": delivery.monitor,
            "monitor_name": content.map(|c| c.monitor_name.as_str()),
            "group": delivery.group,
            "kind": content.map(|c| c.kind),
            "handle": delivery.handle,
            "channel": delivery.channel,
            "state": delivery.state,
            "attempts": delivery.attempts,
            "error": delivery.error,
            "next_ms": (delivery.state == "pending").then_some(delivery.next_ms),
            "sent_ms": delivery.sent_ms,
            "subject": content.map(|c| c.subject.as_str()),
        }));
    }
    Ok(out)
}

/// `GET /api/ui/notices/{key}`.
pub(crate) async fn notice(State(app): State<Arc<App>>, reader: Reader, Path(key): Path<String>) -> Answer {
    let stored = app.state.notice(reader.org, &key).await?;
    let facts: Value = serde_json::from_str(&stored.body).unwrap_or_default();
    let content = stored.content.as_deref().and_then(|text| serde_json::from_str::<Content>(text).ok());
    let Some(content) = content else {
        return Err(Failure::not_found(format!("notice {key} is not rendered yet; ask again in a moment")));
    };
    let query = DeliveryQuery { key: Some(key), ..DeliveryQuery::default() };
    let deliveries = app.state.deliveries(reader.org, &query, LIST_MAX).await?;
    let rows: Vec<Value> = content.logs.iter().enumerate().map(row).collect();
    Ok(ok(&json!({
        "notice": facts,
        "subject": content.subject,
        "text": content.text,
        "html": content.page_html(),
        "chart_url": content.chart_url,
        "deliveries": shown(&app, reader.org, &deliveries).await?,
        "logs": rows,
        "differences": content.differences,
        "link": content.link,
        "issues": content.issues,
    })))
}

/// A sample in the form of rows of searches.
fn row((n, sample): (usize, &Sample)) -> Value {
    json!({
        "id": format!("sample-{n}"),
        "time_ns": (i128::from(sample.at_ms) * 1_000_000).to_string(),
        "time_ms": sample.at_ms,
        "service": sample.service,
        "host": sample.host,
        "status": sample.status,
        "message": sample.text,
        "trace_id": sample.trace_id,
    })
}

/// `POST /api/ui/deliveries/{key}/{handle}/retry`.
pub(crate) async fn retry(
    State(app): State<Arc<App>>,
    editor: Editor,
    Path((key, handle)): Path<(String, String)>,
) -> Answer {
    app.state.retry_delivery(editor.org, &key, &handle).await?;
    app.notifier.wake();
    Ok(ok(&json!({ "key": key, "handle": handle, "state": "pending" })))
}
